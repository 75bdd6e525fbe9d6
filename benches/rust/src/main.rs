// SPDX-License-Identifier: MIT OR Apache-2.0
//! `runner_rust`: Rust's channels under the workloads of `ronbus bench`. It answers requests on its
//! standard input; docs/BENCHMARKS.md has the protocol.

mod allocations;
mod conditions;
mod crew;
mod histogram;
mod message;
mod protocol;
mod systems;
mod workloads;

use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::{env, thread};

use conditions::{Conditions, Processors};
use protocol::{error, parse, response, Metrics, Parameters, Quoted, Refusal, Request, Run};
use systems::async_broadcast::AsyncBroadcast;
use systems::async_channel::AsyncChannel;
use systems::fanout::Fanout;
use systems::flume::Flume;
use systems::one_queue::OneQueue;
use systems::tokio::Tokio;
use workloads::Complete;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

/// What the program knows of a system.
struct Entry {
    name: &'static str,
    label: &'static str,
    package: &'static str,
    workloads: Vec<&'static str>,
    run: fn(&str, &Conditions, &mut Parameters) -> Result<Metrics, Refusal>,
}

fn entry<S: Complete>() -> Entry {
    Entry {
        name: S::NAME,
        label: S::LABEL,
        package: S::PACKAGE,
        workloads: workloads::of::<S>(),
        run: workloads::run::<S>,
    }
}

fn systems() -> Vec<Entry> {
    vec![
        entry::<Tokio>(),
        entry::<AsyncBroadcast>(),
        entry::<OneQueue<Flume>>(),
        entry::<Fanout<Flume>>(),
        entry::<OneQueue<AsyncChannel>>(),
        entry::<Fanout<AsyncChannel>>(),
    ]
}

/// The version of a package that this program was built with.
fn version_of(package: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next().and_then(|line| line.strip_prefix("version = "));
    version.unwrap_or("unknown").trim_matches('"')
}

fn list(systems: &[Entry]) -> String {
    let describe = |system: &Entry| {
        let workloads: Vec<_> =
            system.workloads.iter().map(|name| Quoted(name).to_string()).collect();
        format!(
            "{{\"name\": {}, \"label\": {}, \"version\": {}, \"workloads\": [{}]}}",
            Quoted(system.name),
            Quoted(system.label),
            Quoted(version_of(system.package)),
            workloads.join(", ")
        )
    };
    let descriptions: Vec<_> = systems.iter().map(describe).collect();
    format!("{{\"runner\": \"rust\", \"systems\": [{}]}}", descriptions.join(", "))
}

fn run(systems: &[Entry], processors: &Processors, mut run: Run) -> Result<Metrics, Refusal> {
    let system = match systems.iter().find(|system| system.name == run.system) {
        Some(system) => system.run,
        None => {
            let names: Vec<_> = systems.iter().map(|system| system.name).collect();
            return Err(error(format!(
                "unknown system '{}'; there are {}",
                run.system,
                names.join(", ")
            )));
        }
    };
    let conditions =
        Conditions { duration: run.duration, processors: processors.clone(), pin: run.pin };
    // On a thread of its own, so that its pinning ends with it.
    let worker = thread::spawn(move || system(&run.workload, &conditions, &mut run.parameters));
    worker.join().expect("a run ends")
}

/// Answers requests until `quit` or the end of the input.
fn serve() -> io::Result<()> {
    let systems = systems();
    let processors = Processors::of_this_process();
    let mut out = io::stdout();
    for line in io::stdin().lock().lines() {
        let answer = match parse(&line?) {
            Ok(Request::List) => list(&systems),
            Ok(Request::Run(request)) => response(&run(&systems, &processors, request)),
            Ok(Request::Quit) => break,
            Err(refusal) => response(&Err(refusal)),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn main() -> ExitCode {
    if let Some(argument) = env::args_os().nth(1) {
        eprintln!(
            "runner_rust: {argument:?}: no argument is allowed; requests come on standard input"
        );
        return ExitCode::from(2);
    }
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("runner_rust: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_lock_file() {
        for system in systems() {
            assert!(
                version_of(system.package).starts_with(|first: char| first.is_ascii_digit()),
                "{}",
                system.name
            );
        }
        assert_eq!(version_of("nonsense"), "unknown");
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests, one line of words each, and responses, one JSON object on a line each.

use std::fmt::{self, Write};
use std::ops::RangeInclusive;
use std::time::Duration;

pub enum Request {
    List,
    Run(Run),
    Quit,
}

pub struct Run {
    pub system: String,
    pub workload: String,
    pub duration: Duration,
    pub pin: bool,
    pub parameters: Parameters,
}

/// The words of a request that are the workload's own.
#[derive(Default)]
pub struct Parameters {
    words: Vec<(String, String)>,
}

/// Why there are no metrics.
#[derive(Debug, PartialEq)]
pub enum Refusal {
    Unsupported(String),
    Error(String),
}

pub fn unsupported(why: &str) -> Refusal {
    Refusal::Unsupported(why.to_owned())
}
pub fn error(what: impl Into<String>) -> Refusal {
    Refusal::Error(what.into())
}

/// Names and values in the order in which they are reported.
pub type Metrics = Vec<(&'static str, f64)>;

pub fn parse(line: &str) -> Result<Request, Refusal> {
    let mut words = line.split_whitespace();
    let request = match words.next() {
        Some("list") => Request::List,
        Some("quit") => Request::Quit,
        Some("run") => return parse_run(words).map(Request::Run),
        Some(other) => {
            return Err(error(format!("unknown request '{other}'; list, run and quit are known")))
        }
        None => return Err(error("an empty request; list, run and quit are known")),
    };
    match words.next() {
        None => Ok(request),
        Some(word) => Err(error(format!("'{word}' follows a request that takes nothing"))),
    }
}

fn parse_run<'a>(words: impl Iterator<Item = &'a str>) -> Result<Run, Refusal> {
    let mut parameters = Parameters::default();
    for word in words {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => (name, value),
            _ => return Err(error(format!("'{word}' is not of the form name=value"))),
        };
        if parameters.words.iter().any(|(known, _)| known == name) {
            return Err(error(format!("'{name}' is given twice")));
        }
        parameters.words.push((name.to_owned(), value.to_owned()));
    }
    Ok(Run {
        system: parameters.take("system").ok_or_else(|| error("system= is missing"))?,
        workload: parameters.take("workload").ok_or_else(|| error("workload= is missing"))?,
        duration: Duration::from_millis(parameters.number("millis", 100, 1..=600_000)?),
        pin: parameters.flag("pin")?,
        parameters,
    })
}

impl Parameters {
    fn take(&mut self, name: &str) -> Option<String> {
        let index = self.words.iter().position(|(known, _)| known == name)?;
        Some(self.words.swap_remove(index).1)
    }

    pub fn number(
        &mut self,
        name: &str,
        default: u64,
        allowed: RangeInclusive<u64>,
    ) -> Result<u64, Refusal> {
        let value = match self.take(name) {
            None => return Ok(default),
            Some(value) => value,
        };
        match value.parse() {
            Ok(number) if allowed.contains(&number) => Ok(number),
            _ => Err(error(format!(
                "{name}={value}: a whole number from {} to {} is wanted",
                allowed.start(),
                allowed.end()
            ))),
        }
    }

    pub fn count(
        &mut self,
        name: &str,
        default: usize,
        allowed: RangeInclusive<usize>,
    ) -> Result<usize, Refusal> {
        let allowed = *allowed.start() as u64..=*allowed.end() as u64;
        Ok(self.number(name, default as u64, allowed)? as usize)
    }

    pub fn flag(&mut self, name: &str) -> Result<bool, Refusal> {
        Ok(self.number(name, 0, 0..=1)? == 1)
    }

    /// One of several values, by its name; the first if none is given.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Result<T, Refusal> {
        let value = match self.take(name) {
            None => return Ok(choices[0].1),
            Some(value) => value,
        };
        match choices.iter().find(|(known, _)| *known == value) {
            Some((_, choice)) => Ok(*choice),
            None => {
                let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
                Err(error(format!("{name}={value}: one of {} is wanted", names.join(", "))))
            }
        }
    }

    /// To be called when a workload has taken all it knows.
    pub fn finish(&self, workload: &str) -> Result<(), Refusal> {
        match self.words.first() {
            None => Ok(()),
            Some((name, value)) => {
                Err(error(format!("'{name}={value}': {workload} has no parameter '{name}'")))
            }
        }
    }
}

/// A string as JSON has it.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(out, "\\{character}")?,
                c if c < ' ' => write!(out, "\\u{:04x}", c as u32)?,
                c => out.write_char(c)?,
            }
        }
        out.write_char('"')
    }
}

pub fn response(outcome: &Result<Metrics, Refusal>) -> String {
    match outcome {
        Ok(metrics) => match metrics.iter().find(|(_, value)| !value.is_finite()) {
            Some((name, value)) => response(&Err(error(format!("{name} came out as {value}")))),
            None => {
                let fields: Vec<_> = metrics
                    .iter()
                    .map(|(name, value)| format!("{}: {value}", Quoted(name)))
                    .collect();
                format!("{{\"ok\": true, \"metrics\": {{{}}}}}", fields.join(", "))
            }
        },
        Err(Refusal::Unsupported(why)) => {
            format!("{{\"ok\": false, \"unsupported\": {}}}", Quoted(why))
        }
        Err(Refusal::Error(what)) => format!("{{\"ok\": false, \"error\": {}}}", Quoted(what)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Run {
        match parse(line) {
            Ok(Request::Run(run)) => run,
            Ok(_) => panic!("not a run"),
            Err(refusal) => panic!("{refusal:?}"),
        }
    }

    fn complaint<T>(result: Result<T, Refusal>) -> String {
        match result {
            Err(Refusal::Error(what)) => what,
            Err(Refusal::Unsupported(why)) => panic!("unsupported: {why}"),
            Ok(_) => panic!("accepted"),
        }
    }

    #[test]
    fn words_come_in_any_order() {
        let mut run = run("run millis=7 subscribers=3 workload=gated pin=1 system=tokio");
        assert_eq!((run.system.as_str(), run.workload.as_str()), ("tokio", "gated"));
        assert_eq!((run.duration, run.pin), (Duration::from_millis(7), true));
        assert_eq!(run.parameters.count("subscribers", 1, 1..=64), Ok(3));
        assert_eq!(run.parameters.finish("gated"), Ok(()));
    }

    #[test]
    fn what_is_not_given_has_its_default() {
        let mut run = run("run workload=gated system=tokio");
        assert_eq!((run.duration, run.pin), (Duration::from_millis(100), false));
        assert_eq!(run.parameters.number("capacity", 1024, 2..=65536), Ok(1024));
        assert_eq!(run.parameters.choice("kind", &[("idle", 1), ("churn", 2)]), Ok(1));
    }

    #[test]
    fn list_and_quit_take_nothing() {
        assert!(matches!(parse("list"), Ok(Request::List)));
        assert!(matches!(parse(" quit "), Ok(Request::Quit)));
        assert!(complaint(parse("list all")).contains("'all'"));
    }

    #[test]
    fn complaints_name_the_word() {
        assert!(complaint(parse("")).contains("list, run and quit"));
        assert!(complaint(parse("walk")).contains("'walk'"));
        assert!(complaint(parse("run fast")).contains("'fast'"));
        assert!(complaint(parse("run =3")).contains("'=3'"));
        assert!(complaint(parse("run millis=1 millis=2")).contains("'millis'"));
        assert!(complaint(parse("run workload=gated")).contains("system="));
        assert!(complaint(parse("run system=tokio")).contains("workload="));
        assert!(complaint(parse("run system=a workload=b millis=0"))
            .contains("millis=0: a whole number from 1"));
        assert!(complaint(parse("run system=a workload=b pin=2")).contains("pin=2"));
    }

    #[test]
    fn complaints_of_parameters_name_value_and_what_is_allowed() {
        let mut parameters =
            run("run system=a workload=b capacity=1 kind=odd subscribers=-1 more=1").parameters;
        assert_eq!(
            complaint(parameters.number("capacity", 64, 2..=9)),
            "capacity=1: a whole number from 2 to 9 is wanted"
        );
        assert!(complaint(parameters.count("subscribers", 1, 0..=9)).contains("subscribers=-1"));
        assert_eq!(
            complaint(parameters.choice("kind", &[("idle", 1), ("churn", 2)])),
            "kind=odd: one of idle, churn is wanted"
        );
        assert!(complaint(parameters.finish("b")).contains("'more=1'"));
    }

    #[test]
    fn responses_are_json() {
        assert_eq!(
            response(&Ok(vec![("a", 1.5), ("b", 1e7)])),
            r#"{"ok": true, "metrics": {"a": 1.5, "b": 10000000}}"#
        );
        assert_eq!(response(&Err(unsupported("no"))), r#"{"ok": false, "unsupported": "no"}"#);
        assert_eq!(
            response(&Err(error("a \"b\\c\"\n"))),
            r#"{"ok": false, "error": "a \"b\\c\"\u000a"}"#
        );
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert_eq!(
            response(&Ok(vec![("a", f64::NAN)])),
            r#"{"ok": false, "error": "a came out as NaN"}"#
        );
    }
}

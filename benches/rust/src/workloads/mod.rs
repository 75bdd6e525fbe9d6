// SPDX-License-Identifier: MIT OR Apache-2.0
//! The workloads, one file each; docs/BENCHMARKS.md says what they do.

mod ab_compare;
mod bus_publish;
mod construct;
mod fanout_scaling;
mod gated;
mod latency;
mod latency_service;
mod overflow;
mod payloads;
mod throughput;

use std::ops::RangeInclusive;

use crate::conditions::Conditions;
use crate::message::{Account, Number};
use crate::protocol::{error, Metrics, Parameters, Refusal};
use crate::systems::{Carries, Nothing, Subscriber};
use payloads::{Bytes1024, Bytes64, Event, Shared64k};

/// A system that carries what the workloads send.
pub trait Complete:
    Carries<Number> + Carries<Bytes64> + Carries<Bytes1024> + Carries<Event> + Carries<Shared64k>
{
}
impl<S> Complete for S where
    S: Carries<Number>
        + Carries<Bytes64>
        + Carries<Bytes1024>
        + Carries<Event>
        + Carries<Shared64k>
{
}

const CAPACITIES: RangeInclusive<usize> = 2..=65536;
const SUBSCRIBERS: RangeInclusive<usize> = 0..=4096;

type Workload = fn(&Conditions, &mut Parameters) -> Result<Metrics, Refusal>;

/// All workloads, by their names.
fn all<S: Complete>() -> [(&'static str, Workload); 11] {
    [
        ("throughput", throughput::run::<S>),
        ("latency_service", latency_service::run::<S>),
        ("latency", latency::run::<S>),
        ("slo", latency::run_slo::<S>),
        ("overflow", overflow::run::<S>),
        ("bus_publish", bus_publish::run::<S>),
        ("ab_compare", ab_compare::run::<S>),
        ("gated", gated::run::<S>),
        ("fanout_scaling", fanout_scaling::run::<S>),
        ("payloads", payloads::run::<S>),
        ("construct", construct::run::<S>),
    ]
}

/// The names of those that the system takes part in.
pub fn of<S: Complete>() -> Vec<&'static str> {
    let takes_part = |name| name != "gated" || S::never_waits(1).is_none();
    all::<S>().iter().map(|(name, _)| *name).filter(|name| takes_part(*name)).collect()
}

pub fn run<S: Complete>(
    name: &str,
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let workloads = all::<S>();
    match workloads.iter().find(|(known, _)| *known == name) {
        Some((_, workload)) => workload(conditions, parameters),
        None => {
            let names: Vec<_> = workloads.iter().map(|(name, _)| *name).collect();
            Err(error(format!("unknown workload '{name}'; there are {}", names.join(", "))))
        }
    }
}

/// Receives on this thread what is there, until closed.
fn drain<S: Carries<Number>>(
    subscriber: &mut S::Subscriber,
    account: &mut Account,
) -> Result<(), Refusal> {
    loop {
        match subscriber.try_recv() {
            Ok(received) => account.take(received),
            Err(Nothing::Closed) => return Ok(()),
            Err(Nothing::Empty) => return Err(error("a bus without publishers is not closed")),
        }
    }
}

/// Every account with what was dropped in front of its subscriber.
fn with_dropped<S: Carries<Number>>(
    receivers: &[(S::Subscriber, Account)],
) -> Vec<(&Account, u64)> {
    receivers.iter().map(|(subscriber, account)| (account, subscriber.dropped())).collect()
}

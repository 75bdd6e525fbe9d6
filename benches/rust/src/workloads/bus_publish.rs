// SPDX-License-Identifier: MIT OR Apache-2.0
//! Publishers send burst after burst while the subscribers drain; what these miss is lost.

use std::thread;

use super::{with_dropped, CAPACITIES};
use crate::conditions::Conditions;
use crate::crew::{perform, Reader, Stage};
use crate::message::{first_of, settle, Account, Number};
use crate::protocol::{unsupported, Metrics, Parameters, Refusal};
use crate::systems::{Carries, Policy, Publisher, Received, Receiving};

pub fn run<S: Carries<Number>>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let subscribers = parameters.count("subscribers", 1, 1..=64)?;
    let burst = parameters.number("burst", 1, 1..=65536)?;
    let capacity = parameters.count("capacity", 1024, CAPACITIES)?;
    let batched = parameters.flag("batched")?;
    let epoch_yield = parameters.flag("epoch_yield")?;
    let flush = parameters.number("flush", 0, 0..=65536)?;
    let modes = [("classic", true), ("batched", false), ("edge", false), ("edge-batched", false)];
    let classic = parameters.choice("mode", &modes)?;
    parameters.finish("bus_publish")?;
    if !classic {
        return Err(unsupported("has one way to publish and to wait"));
    }
    if batched {
        return Err(unsupported("has no way to publish several messages at once"));
    }
    if flush != 0 {
        return Err(unsupported("has no flush threshold"));
    }
    measure::<S>(conditions, 1, subscribers, capacity, Bursts { burst, epoch_yield })
}

#[derive(Clone, Copy)]
pub struct Bursts {
    pub burst: u64,
    pub epoch_yield: bool,
}

impl Reader<Number> for Account {
    #[inline]
    fn take(&mut self, received: Received<Number>) {
        Account::take(self, received);
    }
}

pub fn measure<S: Carries<Number>>(
    conditions: &Conditions,
    publishers: usize,
    subscribers: usize,
    capacity: usize,
    bursts: Bursts,
) -> Result<Metrics, Refusal> {
    let bus = S::bus(capacity, Policy::Lossy);
    let receivers = (0..subscribers).map(|_| (S::subscribe(&bus), Account::lossy())).collect();
    let workers = (0..publishers)
        .map(|owner| {
            let publisher = S::publisher(&bus);
            move |stage: &Stage| publish::<S>(publisher, owner, bursts, stage)
        })
        .collect();
    drop(bus);
    let outcome = perform::<S, Number, _, _, _>(
        conditions,
        Receiving::best_for(subscribers),
        workers,
        receivers,
    );

    let published = outcome.publishers.iter().sum();
    let totals = settle::<S>(&with_dropped::<S>(&outcome.receivers), published)?;
    Ok(vec![
        ("publishes_per_s", published as f64 / outcome.seconds),
        ("deliveries_per_s", totals.received as f64 / outcome.seconds),
        ("lost_share", totals.lost_share()),
    ])
}

/// Returns how many messages it has published.
fn publish<S: Carries<Number>>(
    mut publisher: S::Publisher,
    owner: usize,
    bursts: Bursts,
    stage: &Stage,
) -> u64 {
    let first = first_of(owner);
    let mut published = 0;
    while published == 0 || !stage.over() {
        for _ in 0..bursts.burst {
            published += 1;
            publisher.publish(first + published);
        }
        if bursts.epoch_yield {
            thread::yield_now();
        }
    }
    published
}

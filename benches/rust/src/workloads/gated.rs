// SPDX-License-Identifier: MIT OR Apache-2.0
//! All publish and receive as fast as they can, and nothing is lost.

use super::{with_dropped, CAPACITIES};
use crate::conditions::Conditions;
use crate::crew::{perform, Stage};
use crate::message::{first_of, settle, Account, Number, MOST_PUBLISHERS};
use crate::protocol::{error, unsupported, Metrics, Parameters, Refusal};
use crate::systems::{Carries, Policy, Publisher, Receiving};

/// Publishes between two looks at the flag that ends the run.
const STRIDE: u64 = 64;

pub fn run<S: Carries<Number>>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let publishers = parameters.count("publishers", 1, 1..=MOST_PUBLISHERS)?;
    let subscribers = parameters.count("subscribers", 1, 1..=64)?;
    let batch = parameters.count("batch", 1, 1..=65536)?;
    let capacity = parameters.count("capacity", 1024, CAPACITIES)?;
    parameters.finish("gated")?;
    if let Some(why) = S::never_waits(subscribers) {
        return Err(unsupported(why));
    }
    if batch > 1 {
        return Err(unsupported("has no way to publish several messages at once"));
    }

    let bus = S::bus(capacity, Policy::Gated);
    let receivers = (0..subscribers).map(|_| (S::subscribe(&bus), Account::gapless())).collect();
    let workers = (0..publishers)
        .map(|owner| {
            let publisher = S::publisher(&bus);
            move |stage: &Stage| publish::<S>(publisher, owner, stage)
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
    if totals.missed != 0 {
        return Err(error(format!("{} messages were lost", totals.missed)));
    }
    Ok(vec![
        ("publishes_per_s", published as f64 / outcome.seconds),
        ("deliveries_per_s", totals.received as f64 / outcome.seconds),
    ])
}

/// Returns how many messages it has published.
fn publish<S: Carries<Number>>(mut publisher: S::Publisher, owner: usize, stage: &Stage) -> u64 {
    let first = first_of(owner);
    let mut published = 0;
    while published == 0 || !stage.over() {
        for _ in 0..STRIDE {
            published += 1;
            publisher.publish_surely(first + published, &stage.runtime);
        }
    }
    published
}

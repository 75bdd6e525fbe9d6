// SPDX-License-Identifier: MIT OR Apache-2.0
//! One thread fills the ring and drains it; the draining is timed.

use std::time::{Duration, Instant};

use super::{with_dropped, CAPACITIES};
use crate::conditions::Conditions;
use crate::message::{settle, Account, Number};
use crate::protocol::{Metrics, Parameters, Refusal};
use crate::systems::{Carries, Policy, Publisher, Subscriber};

pub fn run<S: Carries<Number>>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let capacity = parameters.count("capacity", 1024, CAPACITIES)?;
    parameters.finish("latency_service")?;

    conditions.begin_worker(0);
    let bus = S::bus(capacity, Policy::Lossy);
    let mut subscriber = S::subscribe(&bus);
    let mut publisher = S::publisher(&bus);
    let mut account = Account::gapless();
    let mut published = 0;
    let mut draining = Duration::ZERO;
    let begin = Instant::now();
    while begin.elapsed() < conditions.duration {
        for _ in 0..capacity {
            published += 1;
            publisher.publish(published);
        }
        let begin = Instant::now();
        while let Ok(received) = subscriber.try_recv() {
            account.take(received);
        }
        draining += begin.elapsed();
    }
    settle::<S>(&with_dropped::<S>(&[(subscriber, account)]), published)?;
    Ok(vec![("ns_per_receive", draining.as_nanos() as f64 / published as f64)])
}

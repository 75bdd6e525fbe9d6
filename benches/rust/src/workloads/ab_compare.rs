// SPDX-License-Identifier: MIT OR Apache-2.0
//! 10 000 messages an iteration, which ends when every subscriber has accounted for all of them.
//!
//! The last message of an iteration reaches every subscriber: where the newest is dropped instead
//! of the oldest, the publisher waits for room for it. Who has it, has accounted for the iteration.
//! Where subscribers share the messages, one of them gets it, and all before it are taken.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::CAPACITIES;
use crate::conditions::Conditions;
use crate::crew::{perform, Reader, Stage};
use crate::message::{settle, Account, Number};
use crate::protocol::{Metrics, Parameters, Refusal};
use crate::systems::{Carries, Policy, Publisher, Received, Receiving, Subscriber};

const MESSAGES: u64 = 10_000;

struct IterationReader {
    account: Account,
    /// How often a subscriber was done with an iteration.
    done: Arc<AtomicU64>,
}

impl Reader<Number> for IterationReader {
    #[inline]
    fn take(&mut self, received: Received<Number>) {
        let last = matches!(received, Received::Message(number) if number % MESSAGES == 0);
        self.account.take(received);
        if last {
            self.done.fetch_add(1, Ordering::Release);
        }
    }
}

struct Published {
    iterations: u64,
    publishing: Duration,
    iterating: Duration,
}

pub fn run<S: Carries<Number>>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let subscribers = parameters.count("subscribers", 1, 1..=64)?;
    let capacity = parameters.count("capacity", 1024, CAPACITIES)?;
    parameters.finish("ab_compare")?;

    let done = Arc::new(AtomicU64::new(0));
    let done_each = if S::BROADCAST { subscribers as u64 } else { 1 };
    let bus = S::bus(capacity, Policy::Lossy);
    let receivers = (0..subscribers)
        .map(|_| {
            (S::subscribe(&bus), IterationReader { account: Account::lossy(), done: done.clone() })
        })
        .collect();
    let publisher = S::publisher(&bus);
    drop(bus);
    let worker = move |stage: &Stage| publish::<S>(publisher, stage, &done, done_each);
    let mut outcome = perform::<S, Number, _, _, _>(
        conditions,
        Receiving::best_for(subscribers),
        vec![worker],
        receivers,
    );

    let found = outcome.publishers.remove(0);
    let published = found.iterations * MESSAGES;
    let accounts: Vec<_> = outcome
        .receivers
        .iter()
        .map(|(subscriber, reader)| (&reader.account, subscriber.dropped()))
        .collect();
    let totals = settle::<S>(&accounts, published)?;
    Ok(vec![
        ("publishes_per_s", (published - found.iterations) as f64 / found.publishing.as_secs_f64()),
        ("deliveries_per_s", totals.received as f64 / found.iterating.as_secs_f64()),
        ("lost_share", totals.lost_share()),
    ])
}

fn publish<S: Carries<Number>>(
    mut publisher: S::Publisher,
    stage: &Stage,
    done: &AtomicU64,
    done_each: u64,
) -> Published {
    let mut found =
        Published { iterations: 0, publishing: Duration::ZERO, iterating: Duration::ZERO };
    while found.iterations == 0 || !stage.over() {
        let first = found.iterations * MESSAGES + 1;
        found.iterations += 1;
        let begin = Instant::now();
        for number in first..first + MESSAGES - 1 {
            publisher.publish(number);
        }
        found.publishing += begin.elapsed();
        publisher.publish_surely(first + MESSAGES - 1, &stage.runtime);
        while done.load(Ordering::Acquire) < found.iterations * done_each {
            thread::yield_now();
        }
        found.iterating += begin.elapsed();
    }
    found
}

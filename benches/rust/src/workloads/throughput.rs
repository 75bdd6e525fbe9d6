// SPDX-License-Identifier: MIT OR Apache-2.0
//! One thread publishes; nobody reads meanwhile, or one reads slowly.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{drain, with_dropped, CAPACITIES, SUBSCRIBERS};
use crate::conditions::Conditions;
use crate::message::{settle, Account, Number};
use crate::protocol::{Metrics, Parameters, Refusal};
use crate::systems::{Carries, Policy, Publisher, Subscriber};

/// Publishes between two looks at the clock.
const STRIDE: u64 = 256;

pub fn run<S: Carries<Number>>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let subscribers = parameters.count("subscribers", 1, SUBSCRIBERS)?;
    let slow = parameters.flag("slow")?;
    let capacity = parameters.count("capacity", 1024, CAPACITIES)?;
    parameters.finish("throughput")?;
    measure::<S>(conditions, subscribers, slow, capacity)
}

pub fn measure<S: Carries<Number>>(
    conditions: &Conditions,
    subscribers: usize,
    slow: bool,
    capacity: usize,
) -> Result<Metrics, Refusal> {
    conditions.begin_worker(0);
    let bus = S::bus(capacity, Policy::Lossy);
    let mut receivers: Vec<_> =
        (0..subscribers).map(|_| (S::subscribe(&bus), Account::lossy())).collect();
    let over = Arc::new(AtomicBool::new(false));
    let slow_reader = slow.then(|| {
        let (subscriber, over, conditions) = (S::subscribe(&bus), over.clone(), conditions.clone());
        thread::spawn(move || {
            conditions.begin_worker(1);
            read_slowly::<S>(subscriber, &over)
        })
    });
    let mut publisher = S::publisher(&bus);

    let mut published = 0;
    let begin = Instant::now();
    let elapsed = loop {
        for _ in 0..STRIDE {
            published += 1;
            publisher.publish(published);
        }
        let elapsed = begin.elapsed();
        if elapsed >= conditions.duration {
            break elapsed;
        }
    };

    over.store(true, Ordering::Relaxed);
    receivers.extend(slow_reader.map(|thread| thread.join().expect("the slow reader ends")));
    drop((publisher, bus));
    for (subscriber, account) in &mut receivers {
        drain::<S>(subscriber, account)?;
    }
    if !receivers.is_empty() {
        settle::<S>(&with_dropped::<S>(&receivers), published)?;
    }
    Ok(vec![("ns_per_publish", elapsed.as_nanos() as f64 / published as f64)])
}

/// Receives once a millisecond.
fn read_slowly<S: Carries<Number>>(
    mut subscriber: S::Subscriber,
    over: &AtomicBool,
) -> (S::Subscriber, Account) {
    let mut account = Account::lossy();
    while !over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(1));
        if let Ok(received) = subscriber.try_recv() {
            account.take(received);
        }
    }
    (subscriber, account)
}

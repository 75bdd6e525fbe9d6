// SPDX-License-Identifier: MIT OR Apache-2.0
//! A bus and one subscriber are made and destroyed; heap memory is counted.

use std::time::Instant;

use super::CAPACITIES;
use crate::allocations;
use crate::conditions::Conditions;
use crate::message::Number;
use crate::protocol::{error, Metrics, Parameters, Refusal};
use crate::systems::{Carries, Policy, Publisher, Subscriber};

/// Buses made between two looks at the clock.
const STRIDE: u64 = 16;
const MESSAGES: Number = 10_000;

pub fn run<S: Carries<Number>>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let capacity = parameters.count("capacity", 256, CAPACITIES)?;
    parameters.finish("construct")?;

    conditions.begin_worker(0);
    let with_one = heap_bytes::<S>(capacity, 1);
    let per_subscriber = heap_bytes::<S>(capacity, 2) - with_one;
    let allocations_per_message = allocations_per_message::<S>(capacity)?;

    let mut made = 0;
    let begin = Instant::now();
    let elapsed = loop {
        for _ in 0..STRIDE {
            let bus = S::bus(capacity, Policy::Lossy);
            drop(S::subscribe(&bus));
        }
        made += STRIDE;
        let elapsed = begin.elapsed();
        if elapsed >= conditions.duration {
            break elapsed;
        }
    };
    Ok(vec![
        ("ns_per_construct", elapsed.as_nanos() as f64 / made as f64),
        ("bytes_per_bus", (with_one - per_subscriber) as f64),
        ("bytes_per_subscriber", per_subscriber as f64),
        ("allocations_per_message", allocations_per_message),
    ])
}

/// What a bus with so many subscribers occupies once it has been full: some queues grow as they
/// fill.
fn heap_bytes<S: Carries<Number>>(capacity: usize, subscribers: usize) -> i64 {
    let before = allocations::live_bytes_of_this_thread();
    let bus = S::bus(capacity, Policy::Lossy);
    let mut subscribers: Vec<_> = (0..subscribers).map(|_| S::subscribe(&bus)).collect();
    let handles = subscribers.capacity() * std::mem::size_of::<S::Subscriber>();
    let mut publisher = S::publisher(&bus);
    (0..capacity as Number).for_each(|number| publisher.publish(number));
    for subscriber in &mut subscribers {
        while subscriber.try_recv().is_ok() {}
    }
    allocations::live_bytes_of_this_thread() - before - handles as i64
}

fn allocations_per_message<S: Carries<Number>>(capacity: usize) -> Result<f64, Refusal> {
    let bus = S::bus(capacity, Policy::Lossy);
    let mut subscriber = S::subscribe(&bus);
    let mut publisher = S::publisher(&bus);
    let mut send_and_receive = |number| {
        publisher.publish(number);
        subscriber.try_recv().is_ok()
    };
    let mut arrived = (0..2 * capacity as Number).all(&mut send_and_receive);
    let before = allocations::of_this_thread();
    arrived &= (0..MESSAGES).all(&mut send_and_receive);
    let allocations = allocations::of_this_thread() - before;
    if !arrived {
        return Err(error("a message did not arrive"));
    }
    Ok(allocations as f64 / MESSAGES as f64)
}

// SPDX-License-Identifier: MIT OR Apache-2.0
//! One thread publishes what nobody reads, then learns how much it missed.

use std::time::{Duration, Instant};

use super::{with_dropped, CAPACITIES};
use crate::conditions::Conditions;
use crate::message::{settle, Account, Number};
use crate::protocol::{error, Metrics, Parameters, Refusal};
use crate::systems::{Carries, Policy, Publisher, Received, Subscriber};

/// So many buses take turns, so that the clock is read once for that many receives.
const BUSES: usize = 16;

pub fn run<S: Carries<Number>>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let capacity = parameters.count("capacity", 64, CAPACITIES)?;
    parameters.finish("overflow")?;

    conditions.begin_worker(0);
    let buses: Vec<_> = (0..BUSES).map(|_| S::bus(capacity, Policy::Lossy)).collect();
    let mut publishers: Vec<_> = buses.iter().map(S::publisher).collect();
    let mut receivers: Vec<_> =
        buses.iter().map(|bus| (S::subscribe(bus), Account::lossy())).collect();
    let (mut publishing, mut lagging) = (Duration::ZERO, Duration::ZERO);
    let mut rounds = 0;
    let mut published = 0;
    let begin = Instant::now();
    while begin.elapsed() < conditions.duration {
        let first = published + 1;
        let begin = Instant::now();
        for publisher in &mut publishers {
            for number in first..first + 4 * capacity as Number {
                publisher.publish(number);
            }
        }
        let middle = Instant::now();
        publishing += middle - begin;
        published += 4 * capacity as Number;
        if S::TELLS_MISSED {
            let mut told = [0; BUSES];
            for ((subscriber, _), told) in receivers.iter_mut().zip(&mut told) {
                if let Ok(Received::Missed(count)) = subscriber.try_recv() {
                    *told = count;
                }
            }
            lagging += middle.elapsed();
            for ((subscriber, account), told) in receivers.iter_mut().zip(told) {
                account.missed += told;
                match subscriber.try_recv() {
                    Ok(Received::Message(number)) if told > 0 && number == first + told => {
                        account.message(number)
                    }
                    _ => return Err(error("a receiver was not told exactly what it missed")),
                }
            }
        }
        for (subscriber, account) in &mut receivers {
            while let Ok(received) = subscriber.try_recv() {
                account.take(received);
            }
        }
        rounds += BUSES;
    }
    for receiver in receivers {
        settle::<S>(&with_dropped::<S>(&[receiver]), published)?;
    }
    let each = |time: Duration, count: usize| time.as_nanos() as f64 / count as f64;
    let mut metrics = vec![("ns_per_publish", each(publishing, rounds * 4 * capacity))];
    if S::TELLS_MISSED {
        metrics.push(("ns_per_lagged", each(lagging, rounds)));
    }
    Ok(metrics)
}

// SPDX-License-Identifier: MIT OR Apache-2.0
//! A paced publisher sends its time stamp; receivers take the difference.

use std::time::{Duration, Instant};

use super::CAPACITIES;
use crate::conditions::Conditions;
use crate::crew::{perform, Reader};
use crate::histogram::Histogram;
use crate::protocol::{error, Metrics, Parameters, Refusal};
use crate::systems::{Carries, Policy, Publisher, Received, Receiving, Subscriber};

/// Nanoseconds since the run was prepared.
type Stamp = u64;

pub fn run<S: Carries<Stamp>>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let choices = [
        ("polling", Receiving::Polling),
        ("sleeping", Receiving::Sleeping),
        ("async", Receiving::Tasks),
    ];
    let interval = Duration::from_micros(parameters.number("interval_us", 10, 1..=1_000_000)?);
    let receiving = parameters.choice("receiver", &choices)?;
    let capacity = parameters.count("capacity", 1024, CAPACITIES)?;
    parameters.finish("latency")?;

    let found = measure::<S>(conditions, interval, receiving, 1, capacity)?;
    let mut metrics = percentiles(&found.histogram, &["p50_ns", "p90_ns", "p99_ns", "p999_ns"]);
    metrics.push(("max_ns", found.histogram.max() as f64));
    metrics.push(("count", found.histogram.count() as f64));
    Ok(metrics)
}

pub fn run_slo<S: Carries<Stamp>>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let rate = parameters.number("rate", 1_000_000, 1..=100_000_000)?;
    let subscribers = parameters.count("subscribers", 4, 1..=64)?;
    let capacity = parameters.count("capacity", 4096, CAPACITIES)?;
    parameters.finish("slo")?;

    let interval = Duration::from_nanos(1_000_000_000 / rate);
    let found = measure::<S>(
        conditions,
        interval,
        Receiving::best_for(subscribers),
        subscribers,
        capacity,
    )?;
    let mut metrics =
        percentiles(&found.histogram, &["p50_ns", "p90_ns", "p95_ns", "p99_ns", "p999_ns"]);
    let received = found.histogram.count() as f64;
    metrics.push(("max_ns", found.histogram.max() as f64));
    metrics.push(("count", received));
    metrics.push(("deliveries_per_s", received / found.seconds));
    metrics.push(("lost_share", found.missed as f64 / (received + found.missed as f64)));
    Ok(metrics)
}

fn percentiles(histogram: &Histogram, names: &[&'static str]) -> Metrics {
    let percent = |name| match name {
        "p50_ns" => 50.0,
        "p90_ns" => 90.0,
        "p95_ns" => 95.0,
        "p99_ns" => 99.0,
        _ => 99.9,
    };
    names.iter().map(|name| (*name, histogram.percentile(percent(*name)) as f64)).collect()
}

struct Found {
    histogram: Histogram,
    missed: u64,
    seconds: f64,
}

struct StampReader {
    epoch: Instant,
    last: Stamp,
    in_order: bool,
    missed: u64,
    histogram: Histogram,
}

impl Reader<Stamp> for StampReader {
    #[inline]
    fn take(&mut self, received: Received<Stamp>) {
        match received {
            Received::Message(stamp) => {
                let now = since(self.epoch);
                self.in_order &= self.last < stamp && stamp <= now;
                self.last = stamp;
                self.histogram.record(now.wrapping_sub(stamp));
            }
            Received::Missed(count) => self.missed += count,
        }
    }
}

#[inline]
fn since(epoch: Instant) -> Stamp {
    epoch.elapsed().as_nanos() as Stamp
}

fn measure<S: Carries<Stamp>>(
    conditions: &Conditions,
    interval: Duration,
    receiving: Receiving,
    subscribers: usize,
    capacity: usize,
) -> Result<Found, Refusal> {
    let epoch = Instant::now();
    let bus = S::bus(capacity, Policy::Lossy);
    let receivers = (0..subscribers)
        .map(|_| {
            let reader = StampReader {
                epoch,
                last: 0,
                in_order: true,
                missed: 0,
                histogram: Histogram::new(),
            };
            (S::subscribe(&bus), reader)
        })
        .collect();
    let mut publisher = S::publisher(&bus);
    drop(bus);
    let interval = interval.as_nanos() as Stamp;

    let outcome = perform::<S, Stamp, _, _, _>(
        conditions,
        receiving,
        vec![move |stage: &crate::crew::Stage| {
            let mut published = 0;
            let mut now = since(epoch);
            let mut due = now;
            while published == 0 || !stage.over() {
                // What is overdue because this thread was not running is left out, not caught up
                // with.
                due = now.max(due + interval);
                now = since(epoch);
                while now < due {
                    now = since(epoch);
                }
                publisher.publish(now);
                published += 1;
            }
            published
        }],
        receivers,
    );

    let published: u64 = outcome.publishers[0];
    let mut found = Found { histogram: Histogram::new(), missed: 0, seconds: outcome.seconds };
    let mut dropped_by_all = 0;
    for (subscriber, reader) in &outcome.receivers {
        if !reader.in_order {
            return Err(error("stamps are out of order, or the clocks of two processors disagree"));
        }
        let missed = reader.missed + subscriber.dropped();
        if S::BROADCAST && reader.histogram.count() + missed != published {
            return Err(error("received + missed is not what was published"));
        }
        found.missed += missed;
        dropped_by_all = missed;
        found.histogram.add(&reader.histogram);
    }
    if !S::BROADCAST {
        found.missed = dropped_by_all;
        if found.histogram.count() + found.missed != published {
            return Err(error("received by all + dropped is not what was published"));
        }
    }
    if found.histogram.count() == 0 {
        return Err(error("nothing arrived"));
    }
    Ok(found)
}

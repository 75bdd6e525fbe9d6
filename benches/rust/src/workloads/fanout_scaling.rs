// SPDX-License-Identifier: MIT OR Apache-2.0
//! What more subscribers, more publishers, and subscribers that come and go cost.

use std::thread;
use std::time::{Duration, Instant};

use super::bus_publish::{self, Bursts};
use super::{drain, throughput, with_dropped, CAPACITIES, SUBSCRIBERS};
use crate::conditions::Conditions;
use crate::crew::{perform, Stage};
use crate::message::{first_of, settle, Account, Number, MOST_PUBLISHERS};
use crate::protocol::{Metrics, Parameters, Refusal};
use crate::systems::{Carries, Nothing, Policy, Publisher, Received, Receiving, Subscriber};

/// Publishes between two looks at the flag that ends the run.
const STRIDE: u64 = 64;

#[derive(Clone, Copy)]
enum Kind {
    Idle,
    Draining,
    Churn,
    Publishers,
}

pub fn run<S: Carries<Number>>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    let kinds = [
        ("idle", Kind::Idle),
        ("draining", Kind::Draining),
        ("churn", Kind::Churn),
        ("publishers", Kind::Publishers),
    ];
    let kind = parameters.choice("kind", &kinds)?;
    let subscribers = parameters.count("subscribers", 1, SUBSCRIBERS)?;
    let publishers = parameters.count("publishers", 1, 1..=MOST_PUBLISHERS)?;
    let churn_hz = parameters.number("churn_hz", 0, 0..=1_000_000)?;
    let capacity = parameters.count("capacity", 1024, CAPACITIES)?;
    parameters.finish("fanout_scaling")?;
    match kind {
        Kind::Idle => throughput::measure::<S>(conditions, subscribers, false, capacity),
        Kind::Draining => {
            let steady = Bursts { burst: STRIDE, epoch_yield: false };
            bus_publish::measure::<S>(conditions, publishers, subscribers, capacity, steady)
        }
        Kind::Churn => unread::<S>(conditions, 1, subscribers, capacity, Some(churn_hz)),
        Kind::Publishers => unread::<S>(conditions, publishers, subscribers, capacity, None),
    }
}

/// What a worker did: published, or subscribed and received.
enum Done {
    Published(u64),
    Churned(Box<Account>),
}

type Worker = Box<dyn FnOnce(&Stage) -> Done + Send>;

/// Publishers publish what nobody reads until the end, but for one thread that comes and goes, if
/// its frequency is given.
fn unread<S: Carries<Number>>(
    conditions: &Conditions,
    publishers: usize,
    subscribers: usize,
    capacity: usize,
    churn_hz: Option<u64>,
) -> Result<Metrics, Refusal> {
    let bus = S::bus(capacity, Policy::Lossy);
    let mut receivers: Vec<_> =
        (0..subscribers).map(|_| (S::subscribe(&bus), Account::lossy())).collect();
    let mut workers: Vec<Worker> = Vec::new();
    for owner in 0..publishers {
        let publisher = S::publisher(&bus);
        workers.push(Box::new(move |stage| Done::Published(publish::<S>(publisher, owner, stage))));
    }
    // What nobody has subscribed to is left in the one queue of those that share it.
    let leftover = (!S::BROADCAST).then(|| (S::subscribe(&bus), Account::lossy()));
    match churn_hz {
        Some(hz) => {
            workers.push(Box::new(move |stage| Done::Churned(Box::new(churn::<S>(bus, hz, stage)))))
        }
        None => drop(bus),
    }
    let outcome = perform::<S, Number, _, _, Account>(
        conditions,
        Receiving::best_for(0),
        workers,
        Vec::new(),
    );

    receivers.extend(leftover);
    for (subscriber, account) in &mut receivers {
        drain::<S>(subscriber, account)?;
    }
    let mut published = 0;
    let mut churned = None;
    for done in outcome.publishers {
        match done {
            Done::Published(count) => published += count,
            Done::Churned(account) => churned = Some(account),
        }
    }
    let mut accounts = with_dropped::<S>(&receivers);
    if let (false, Some(account)) = (S::BROADCAST, &churned) {
        let dropped = accounts[0].1;
        accounts.push((&**account, dropped));
    }
    settle::<S>(&accounts, published)?;
    let mut metrics = vec![("publishes_per_s", published as f64 / outcome.seconds)];
    if let Some(account) = churned {
        account.check_order()?;
        metrics.push(("churns_per_s", account.received as f64 / outcome.seconds));
    }
    Ok(metrics)
}

/// Returns how many messages it has published.
fn publish<S: Carries<Number>>(mut publisher: S::Publisher, owner: usize, stage: &Stage) -> u64 {
    let first = first_of(owner);
    let mut published = 0;
    while published == 0 || !stage.over() {
        for _ in 0..STRIDE {
            published += 1;
            publisher.publish(first + published);
        }
    }
    published
}

/// Subscribes, receives one message and unsubscribes, so many times a second; 0 is without a pause.
fn churn<S: Carries<Number>>(bus: S::Bus, hz: u64, stage: &Stage) -> Account {
    let mut account = Account::lossy();
    let interval = Duration::from_nanos(1_000_000_000_u64.checked_div(hz).unwrap_or(0));
    let mut due = Instant::now();
    while !stage.over() {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        due = (due + interval).max(Instant::now());
        let mut subscriber = S::subscribe(&bus);
        while !stage.over() {
            match subscriber.try_recv() {
                Ok(Received::Message(number)) => {
                    account.message(number);
                    break;
                }
                // It has missed what it could have missed only by being slow here.
                Ok(Received::Missed(_)) => {}
                Err(Nothing::Empty) => std::hint::spin_loop(),
                Err(Nothing::Closed) => break,
            }
        }
    }
    account
}

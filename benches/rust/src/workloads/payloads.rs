// SPDX-License-Identifier: MIT OR Apache-2.0
//! Messages of several kinds, published and received by value in turns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Complete;
use crate::conditions::Conditions;
use crate::message::Number;
use crate::protocol::{error, Metrics, Parameters, Refusal};
use crate::systems::{Carries, Policy, Publisher, Received, Subscriber};

/// Messages in a turn.
const TURN: u64 = 64;
const CAPACITY: usize = 1024;

pub type Bytes64 = [u64; 8];
pub type Bytes1024 = [u64; 128];
pub type Shared64k = Arc<[u8]>;

#[derive(Clone, PartialEq)]
pub enum Event {
    Health { service: String, ok: bool },
    ConfigUpdated { version: u64 },
    ServiceCrashed { service: String, reason: String },
    Shutdown,
}

/// What can be published again and again.
pub trait Payload: Clone + Send + Sync + 'static {
    /// What messages are copies of.
    fn originals() -> Vec<Self>;
    /// Whether this message is a copy of that original.
    fn equals(&self, original: &Self) -> bool;
}

impl Payload for Number {
    fn originals() -> Vec<Self> {
        (1..=TURN).collect()
    }
    fn equals(&self, original: &Self) -> bool {
        self == original
    }
}

impl<const N: usize> Payload for [u64; N] {
    fn originals() -> Vec<Self> {
        (1..=TURN).map(|number| [number; N]).collect()
    }
    fn equals(&self, original: &Self) -> bool {
        (self[0], self[N - 1]) == (original[0], original[N - 1])
    }
}

impl Payload for Event {
    fn originals() -> Vec<Self> {
        let service = || "a service, 24 characters".to_owned();
        let reason = || "the reason of a crash, in 40 characters.".to_owned();
        vec![
            Event::Health { service: service(), ok: true },
            Event::ConfigUpdated { version: 7 },
            Event::ServiceCrashed { service: service(), reason: reason() },
            Event::Shutdown,
        ]
    }
    fn equals(&self, original: &Self) -> bool {
        self == original
    }
}

impl Payload for Shared64k {
    fn originals() -> Vec<Self> {
        vec![vec![7; 64 << 10].into()]
    }
    fn equals(&self, original: &Self) -> bool {
        Arc::ptr_eq(self, original)
    }
}

pub fn run<S: Complete>(
    conditions: &Conditions,
    parameters: &mut Parameters,
) -> Result<Metrics, Refusal> {
    type Measure = fn(&Conditions) -> Result<Metrics, Refusal>;
    let payloads: [(&str, Measure); 5] = [
        ("u64", measure::<S, Number>),
        ("bytes64", measure::<S, Bytes64>),
        ("bytes1024", measure::<S, Bytes1024>),
        ("event", measure::<S, Event>),
        ("shared64k", measure::<S, Shared64k>),
    ];
    let measure = parameters.choice("payload", &payloads)?;
    parameters.finish("payloads")?;
    measure(conditions)
}

fn measure<S: Carries<T>, T: Payload>(conditions: &Conditions) -> Result<Metrics, Refusal> {
    conditions.begin_worker(0);
    let bus = S::bus(CAPACITY, Policy::Lossy);
    let mut subscriber = S::subscribe(&bus);
    let mut publisher = S::publisher(&bus);
    let originals = T::originals();
    let (mut publishing, mut receiving) = (Duration::ZERO, Duration::ZERO);
    let mut messages = 0;
    let mut begin = Instant::now();
    while publishing + receiving < conditions.duration {
        for original in originals.iter().cycle().take(TURN as usize) {
            publisher.publish(original.clone());
        }
        let middle = Instant::now();
        let mut right = 0;
        for original in originals.iter().cycle().take(TURN as usize) {
            if let Ok(Received::Message(message)) = subscriber.try_recv() {
                right += u64::from(message.equals(original));
            }
        }
        let end = Instant::now();
        publishing += middle - begin;
        receiving += end - middle;
        begin = end;
        messages += TURN;
        if right != TURN {
            return Err(error(format!(
                "{} of {TURN} messages did not arrive as they were sent",
                TURN - right
            )));
        }
    }
    if subscriber.try_recv().is_ok() || subscriber.dropped() != 0 {
        return Err(error("what was received is not what was published"));
    }
    let each = |time: Duration| time.as_nanos() as f64 / messages as f64;
    Ok(vec![("ns_per_publish", each(publishing)), ("ns_per_receive", each(receiving))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_strings_of_24_and_40_characters() {
        match &Event::originals()[2] {
            Event::ServiceCrashed { service, reason } => {
                assert_eq!((service.len(), reason.len()), (24, 40))
            }
            _ => panic!("the third is a crash"),
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
//! Publishers on threads and receivers where the system wants them, all let go at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::conditions::Conditions;
use crate::systems::{Carries, Received, Receiving, Subscriber};

/// What a receiver does with what it gets.
pub trait Reader<T>: Send + 'static {
    fn take(&mut self, received: Received<T>);
}

/// What a publisher knows of the run.
pub struct Stage {
    missing: AtomicUsize,
    /// Publishers that do not run yet.
    waiting: AtomicUsize,
    stop: AtomicBool,
    pub runtime: Handle,
}

impl Stage {
    /// Whether it is time to stop; to be asked now and then.
    #[inline]
    pub fn over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn arrive(&self) {
        self.missing.fetch_sub(1, Ordering::AcqRel);
    }
    /// Publishers wait awake, so that each is on a processor already.
    fn arrive_and_wait_for_all(&self) {
        self.arrive();
        until_zero(&self.missing);
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }
    fn end_after(&self, duration: Duration) {
        until_zero(&self.waiting);
        thread::sleep(duration);
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn until_zero(count: &AtomicUsize) {
    while count.load(Ordering::Acquire) != 0 {
        thread::yield_now();
    }
}

pub struct Outcome<P, S, R> {
    /// What each publisher returned.
    pub publishers: Vec<P>,
    pub receivers: Vec<(S, R)>,
    /// From the first that began to the last that was done.
    pub seconds: f64,
}

enum Running<S, R> {
    Thread(thread::JoinHandle<(S, R, Instant)>),
    Task(tokio::task::JoinHandle<(S, R, Instant)>),
}

/// Runs all until the publishers have seen the end of the time, or ended earlier, and the
/// receivers the end of the messages. A publisher must give up its handle when it ends.
pub fn perform<S, T, P, W, R>(
    conditions: &Conditions,
    receiving: Receiving,
    publishers: Vec<W>,
    receivers: Vec<(S::Subscriber, R)>,
) -> Outcome<P, S::Subscriber, R>
where
    S: Carries<T>,
    T: Send + 'static,
    P: Send + 'static,
    W: FnOnce(&Stage) -> P + Send + 'static,
    R: Reader<T>,
{
    let runtime = conditions.runtime(publishers.len());
    let stage = Arc::new(Stage {
        missing: AtomicUsize::new(publishers.len() + receivers.len()),
        waiting: AtomicUsize::new(publishers.len()),
        stop: AtomicBool::new(false),
        runtime: runtime.handle().clone(),
    });
    let first_receiver = publishers.len();

    let publishing: Vec<_> = publishers
        .into_iter()
        .enumerate()
        .map(|(index, work)| {
            let (stage, conditions) = (stage.clone(), conditions.clone());
            thread::spawn(move || {
                conditions.begin_worker(index);
                stage.arrive_and_wait_for_all();
                let begin = Instant::now();
                (work(&stage), begin, Instant::now())
            })
        })
        .collect();
    let running: Vec<_> = receivers
        .into_iter()
        .enumerate()
        .map(|(index, (mut subscriber, mut reader))| {
            let (stage, conditions) = (stage.clone(), conditions.clone());
            if receiving == Receiving::Tasks {
                return Running::Task(runtime.spawn(async move {
                    stage.arrive();
                    subscriber.receive(|received| reader.take(received)).await;
                    (subscriber, reader, Instant::now())
                }));
            }
            Running::Thread(thread::spawn(move || {
                conditions.begin_worker(first_receiver + index);
                stage.arrive();
                let take = |received| reader.take(received);
                match receiving {
                    Receiving::Polling => subscriber.receive_polling(take),
                    _ => subscriber.receive_sleeping(&stage.runtime, take),
                }
                (subscriber, reader, Instant::now())
            }))
        })
        .collect();

    stage.end_after(conditions.duration);

    let mut outcome = Outcome { publishers: Vec::new(), receivers: Vec::new(), seconds: 0.0 };
    let mut span: Option<(Instant, Instant)> = None;
    for thread in publishing {
        let (result, begin, end) = thread.join().expect("a publisher ends");
        outcome.publishers.push(result);
        let (first, last) = span.unwrap_or((begin, end));
        span = Some((first.min(begin), last.max(end)));
    }
    let (first, mut last) = span.expect("somebody publishes");
    for receiver in running {
        let (subscriber, reader, end) = match receiver {
            Running::Thread(thread) => thread.join().expect("a receiver ends"),
            Running::Task(task) => runtime.block_on(task).expect("a receiver ends"),
        };
        last = last.max(end);
        outcome.receivers.push((subscriber, reader));
    }
    outcome.seconds = (last - first).as_secs_f64();
    outcome
}

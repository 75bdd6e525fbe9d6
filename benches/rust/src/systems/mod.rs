// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the workloads need of a system; one file an adapter.

pub mod async_broadcast;
pub mod async_channel;
pub mod fanout;
pub mod flume;
pub mod one_queue;
pub mod tokio;

use std::future::Future;
use std::pin::Pin;

use ::tokio::runtime::Handle;

/// What a publisher does when there is no room.
#[derive(Clone, Copy, PartialEq)]
pub enum Policy {
    /// Something is lost: the oldest message, or the new one.
    Lossy,
    /// It waits.
    Gated,
}

/// Where receivers run.
#[derive(Clone, Copy, PartialEq)]
pub enum Receiving {
    /// On threads that ask again and again.
    Polling,
    /// On threads that sleep.
    Sleeping,
    /// As tasks of tokio's runtime.
    Tasks,
}

impl Receiving {
    /// What serves every system here best: several receivers are tasks, a sole one has a thread.
    pub fn best_for(receivers: usize) -> Self {
        if receivers == 1 {
            Self::Sleeping
        } else {
            Self::Tasks
        }
    }
}

pub enum Received<T> {
    Message(T),
    /// So many messages were overwritten before they could be received.
    Missed(u64),
}

#[derive(Debug, PartialEq)]
pub enum Nothing {
    Empty,
    Closed,
}

pub trait System: 'static {
    const NAME: &'static str;
    const LABEL: &'static str;
    /// The package that the version is of.
    const PACKAGE: &'static str;
    /// Whether every receiver gets every message; otherwise they share them.
    const BROADCAST: bool;
    /// Whether a receiver is told what it missed; otherwise only the publisher knows.
    const TELLS_MISSED: bool;
    /// Why nothing can be gated, if nothing can, among so many receivers.
    fn never_waits(receivers: usize) -> Option<&'static str>;
}

/// A system that carries messages of type T. It is closed when the bus and all publishers are gone.
pub trait Carries<T>: System + Sized {
    type Bus: Send;
    type Publisher: Publisher<T>;
    type Subscriber: Subscriber<T>;

    fn bus(capacity: usize, policy: Policy) -> Self::Bus;
    fn publisher(bus: &Self::Bus) -> Self::Publisher;
    fn subscribe(bus: &Self::Bus) -> Self::Subscriber;
}

pub trait Publisher<T>: Send + 'static {
    /// Returns at once, whether there is room or not.
    fn publish(&mut self, message: T);
    /// Nobody misses this message, unless a later one overwrites it.
    fn publish_surely(&mut self, message: T, runtime: &Handle);
}

pub type Receive<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

pub trait Subscriber<T>: Send + 'static {
    fn try_recv(&mut self) -> Result<Received<T>, Nothing>;

    /// Receives until closed, as a task.
    fn receive<'a, F: FnMut(Received<T>) + Send + 'a>(&'a mut self, take: F) -> Receive<'a>;

    /// Receives until closed, on a thread that sleeps while there is nothing.
    fn receive_sleeping<F: FnMut(Received<T>) + Send>(&mut self, runtime: &Handle, take: F) {
        runtime.block_on(self.receive(take));
    }

    /// Receives until closed, on a thread that never sleeps.
    fn receive_polling<F: FnMut(Received<T>)>(&mut self, mut take: F) {
        loop {
            match self.try_recv() {
                Ok(received) => take(received),
                Err(Nothing::Empty) => std::hint::spin_loop(),
                Err(Nothing::Closed) => return,
            }
        }
    }

    /// How many messages the publishers could not put in front of this subscriber. Where
    /// subscribers share messages: in front of all of them.
    fn dropped(&self) -> u64 {
        0
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
//! One bounded queue whose receivers share the messages: each message reaches one of them. A
//! message that finds no room is dropped.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use tokio::runtime::Handle;

use super::{Carries, Nothing, Policy, Publisher, Receive, Received, Subscriber, System};

/// A kind of queue, used as it is or as a fan-out.
pub trait Queue: 'static {
    const NAME: &'static str;
    const LABEL: &'static str;
    const FANOUT_NAME: &'static str;
    const FANOUT_LABEL: &'static str;
    const PACKAGE: &'static str;
}

/// A queue of messages of type T. It is closed when all senders are gone.
pub trait QueueOf<T>: Queue {
    type Sender: Clone + Send + 'static;
    type Receiver: Clone + Send + Sync + 'static;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver);
    /// Whether the message was taken.
    fn try_send(sender: &Self::Sender, message: T) -> bool;
    /// Waits for room.
    fn send(sender: &Self::Sender, message: T);
    fn try_recv(receiver: &Self::Receiver) -> Result<T, Nothing>;
    fn receive<'a, F: FnMut(T) + Send + 'a>(receiver: &'a Self::Receiver, take: F) -> Receive<'a>;
    fn receive_sleeping<F: FnMut(T)>(receiver: &Self::Receiver, runtime: &Handle, take: F);
}

/// A count that does not share its cache line.
#[derive(Default)]
#[repr(align(128))]
pub struct Count(AtomicU64);

impl Count {
    #[inline]
    pub fn one_more(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The receiving end of one queue.
pub struct QueueSubscriber<Q: QueueOf<T>, T> {
    pub receiver: Q::Receiver,
    pub dropped: Arc<Count>,
}

impl<Q: QueueOf<T>, T: Send + 'static> Subscriber<T> for QueueSubscriber<Q, T> {
    #[inline]
    fn try_recv(&mut self) -> Result<Received<T>, Nothing> {
        Q::try_recv(&self.receiver).map(Received::Message)
    }
    fn receive<'a, F: FnMut(Received<T>) + Send + 'a>(&'a mut self, mut take: F) -> Receive<'a> {
        Q::receive(&self.receiver, move |message| take(Received::Message(message)))
    }
    fn receive_sleeping<F: FnMut(Received<T>) + Send>(&mut self, runtime: &Handle, mut take: F) {
        Q::receive_sleeping(&self.receiver, runtime, |message| take(Received::Message(message)))
    }
    fn dropped(&self) -> u64 {
        self.dropped.get()
    }
}

pub struct OneQueue<Q>(PhantomData<Q>);

impl<Q: Queue> System for OneQueue<Q> {
    const NAME: &'static str = Q::NAME;
    const LABEL: &'static str = Q::LABEL;
    const PACKAGE: &'static str = Q::PACKAGE;
    const BROADCAST: bool = false;
    const TELLS_MISSED: bool = false;

    fn never_waits(receivers: usize) -> Option<&'static str> {
        if receivers == 1 {
            None
        } else {
            Some("a queue, no broadcast: its receivers share the messages")
        }
    }
}

pub struct OneQueueBus<Q: QueueOf<T>, T> {
    sender: Q::Sender,
    /// Keeps the queue open while nobody subscribes.
    receiver: Q::Receiver,
    dropped: Arc<Count>,
}

pub struct OneQueuePublisher<Q: QueueOf<T>, T> {
    sender: Q::Sender,
    dropped: Arc<Count>,
}

impl<Q: QueueOf<T>, T: Send + 'static> Carries<T> for OneQueue<Q> {
    type Bus = OneQueueBus<Q, T>;
    type Publisher = OneQueuePublisher<Q, T>;
    type Subscriber = QueueSubscriber<Q, T>;

    fn bus(capacity: usize, _policy: Policy) -> Self::Bus {
        let (sender, receiver) = Q::bounded(capacity);
        OneQueueBus { sender, receiver, dropped: Arc::default() }
    }
    fn publisher(bus: &Self::Bus) -> Self::Publisher {
        OneQueuePublisher { sender: bus.sender.clone(), dropped: bus.dropped.clone() }
    }
    fn subscribe(bus: &Self::Bus) -> Self::Subscriber {
        QueueSubscriber { receiver: bus.receiver.clone(), dropped: bus.dropped.clone() }
    }
}

impl<Q: QueueOf<T>, T: Send + 'static> Publisher<T> for OneQueuePublisher<Q, T> {
    #[inline]
    fn publish(&mut self, message: T) {
        if !Q::try_send(&self.sender, message) {
            self.dropped.one_more();
        }
    }
    #[inline]
    fn publish_surely(&mut self, message: T, _runtime: &Handle) {
        Q::send(&self.sender, message);
    }
}

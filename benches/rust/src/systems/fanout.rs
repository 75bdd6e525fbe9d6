// SPDX-License-Identifier: MIT OR Apache-2.0
//! A fan-out: one bounded queue per subscriber, and publishers that put every message into each. A
//! message that finds no room is dropped, and counted, for that subscriber.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tokio::runtime::Handle;

use super::one_queue::{Count, Queue, QueueOf, QueueSubscriber};
use super::{Carries, Nothing, Policy, Publisher, Receive, Received, Subscriber, System};

pub struct Fanout<Q>(PhantomData<Q>);

impl<Q: Queue> System for Fanout<Q> {
    const NAME: &'static str = Q::FANOUT_NAME;
    const LABEL: &'static str = Q::FANOUT_LABEL;
    const PACKAGE: &'static str = Q::PACKAGE;
    const BROADCAST: bool = true;
    const TELLS_MISSED: bool = false;

    fn never_waits(_receivers: usize) -> Option<&'static str> {
        None
    }
}

struct Outlet<Q: QueueOf<T>, T> {
    sender: Q::Sender,
    dropped: Arc<Count>,
}

impl<Q: QueueOf<T>, T> Clone for Outlet<Q, T> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), dropped: self.dropped.clone() }
    }
}

/// Who subscribes. Publishers have a copy of the list, and take a new one when the version rises.
struct Register<Q: QueueOf<T>, T> {
    version: AtomicU64,
    outlets: Mutex<Vec<Outlet<Q, T>>>,
}

impl<Q: QueueOf<T>, T> Register<Q, T> {
    fn change(&self, change: impl FnOnce(&mut Vec<Outlet<Q, T>>)) {
        let mut outlets = self.outlets.lock().unwrap();
        change(&mut outlets);
        self.version.fetch_add(1, Ordering::Release);
    }
}

pub struct FanoutBus<Q: QueueOf<T>, T> {
    register: Arc<Register<Q, T>>,
    capacity: usize,
}

impl<Q: QueueOf<T>, T: Clone + Send + 'static> Carries<T> for Fanout<Q> {
    type Bus = FanoutBus<Q, T>;
    type Publisher = FanoutPublisher<Q, T>;
    type Subscriber = FanoutSubscriber<Q, T>;

    fn bus(capacity: usize, _policy: Policy) -> Self::Bus {
        let register = Register { version: AtomicU64::new(0), outlets: Mutex::default() };
        FanoutBus { register: Arc::new(register), capacity }
    }
    fn publisher(bus: &Self::Bus) -> Self::Publisher {
        let mut publisher =
            FanoutPublisher { register: bus.register.clone(), version: 0, outlets: Vec::new() };
        publisher.refresh();
        publisher
    }
    fn subscribe(bus: &Self::Bus) -> Self::Subscriber {
        let (sender, receiver) = Q::bounded(bus.capacity);
        let dropped = Arc::<Count>::default();
        let outlet = Outlet { sender, dropped: dropped.clone() };
        bus.register.change(|outlets| outlets.push(outlet));
        FanoutSubscriber {
            queue: QueueSubscriber { receiver, dropped },
            register: Arc::downgrade(&bus.register),
        }
    }
}

pub struct FanoutPublisher<Q: QueueOf<T>, T> {
    register: Arc<Register<Q, T>>,
    version: u64,
    outlets: Vec<Outlet<Q, T>>,
}

impl<Q: QueueOf<T>, T: Clone> FanoutPublisher<Q, T> {
    #[cold]
    fn refresh(&mut self) {
        let outlets = self.register.outlets.lock().unwrap();
        self.outlets.clone_from(&outlets);
        self.version = self.register.version.load(Ordering::Relaxed);
    }

    #[inline]
    fn put_into_each(&mut self, message: T, put: impl Fn(&Outlet<Q, T>, T)) {
        if self.register.version.load(Ordering::Acquire) != self.version {
            self.refresh();
        }
        if let Some((last, others)) = self.outlets.split_last() {
            for outlet in others {
                put(outlet, message.clone());
            }
            put(last, message);
        }
    }
}

impl<Q: QueueOf<T>, T: Clone + Send + 'static> Publisher<T> for FanoutPublisher<Q, T> {
    #[inline]
    fn publish(&mut self, message: T) {
        self.put_into_each(message, |outlet, message| {
            if !Q::try_send(&outlet.sender, message) {
                outlet.dropped.one_more();
            }
        });
    }
    #[inline]
    fn publish_surely(&mut self, message: T, _runtime: &Handle) {
        self.put_into_each(message, |outlet, message| Q::send(&outlet.sender, message));
    }
}

pub struct FanoutSubscriber<Q: QueueOf<T>, T> {
    queue: QueueSubscriber<Q, T>,
    register: Weak<Register<Q, T>>,
}

impl<Q: QueueOf<T>, T> Drop for FanoutSubscriber<Q, T> {
    fn drop(&mut self) {
        if let Some(register) = self.register.upgrade() {
            let mine = &self.queue.dropped;
            register.change(|outlets| outlets.retain(|outlet| !Arc::ptr_eq(&outlet.dropped, mine)));
        }
    }
}

impl<Q: QueueOf<T>, T: Clone + Send + 'static> Subscriber<T> for FanoutSubscriber<Q, T> {
    #[inline]
    fn try_recv(&mut self) -> Result<Received<T>, Nothing> {
        self.queue.try_recv()
    }
    fn receive<'a, F: FnMut(Received<T>) + Send + 'a>(&'a mut self, take: F) -> Receive<'a> {
        self.queue.receive(take)
    }
    fn receive_sleeping<F: FnMut(Received<T>) + Send>(&mut self, runtime: &Handle, take: F) {
        self.queue.receive_sleeping(runtime, take);
    }
    fn dropped(&self) -> u64 {
        self.queue.dropped()
    }
}

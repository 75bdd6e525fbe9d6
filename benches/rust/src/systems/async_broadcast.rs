// SPDX-License-Identifier: MIT OR Apache-2.0
//! `async_broadcast`, with overflow where messages may be lost.

use async_broadcast::{InactiveReceiver, Receiver, RecvError, Sender, TryRecvError, TrySendError};
use tokio::runtime::Handle;

use super::{Carries, Nothing, Policy, Publisher, Receive, Received, Subscriber, System};

pub struct AsyncBroadcast;

impl System for AsyncBroadcast {
    const NAME: &'static str = "async-broadcast";
    const LABEL: &'static str = "async_broadcast, set_overflow(true)";
    const PACKAGE: &'static str = "async-broadcast";
    const BROADCAST: bool = true;
    const TELLS_MISSED: bool = true;

    fn never_waits(_receivers: usize) -> Option<&'static str> {
        None
    }
}

pub struct Bus<T> {
    sender: Sender<T>,
    /// Keeps the channel open while nobody subscribes.
    _open: InactiveReceiver<T>,
}

impl<T: Clone + Send + Sync + 'static> Carries<T> for AsyncBroadcast {
    type Bus = Bus<T>;
    type Publisher = Sender<T>;
    type Subscriber = Receiver<T>;

    fn bus(capacity: usize, policy: Policy) -> Self::Bus {
        let (mut sender, receiver) = async_broadcast::broadcast(capacity);
        sender.set_overflow(policy == Policy::Lossy);
        Bus { sender, _open: receiver.deactivate() }
    }
    fn publisher(bus: &Self::Bus) -> Self::Publisher {
        bus.sender.clone()
    }
    fn subscribe(bus: &Self::Bus) -> Self::Subscriber {
        bus.sender.new_receiver()
    }
}

impl<T: Clone + Send + Sync + 'static> Publisher<T> for Sender<T> {
    #[inline]
    fn publish(&mut self, message: T) {
        // Fails only while nobody subscribes.
        let _ = self.try_broadcast(message);
    }
    #[inline]
    fn publish_surely(&mut self, message: T, runtime: &Handle) {
        if let Err(TrySendError::Full(message)) = self.try_broadcast(message) {
            let _ = runtime.block_on(self.broadcast(message));
        }
    }
}

impl<T: Clone + Send + Sync + 'static> Subscriber<T> for Receiver<T> {
    #[inline]
    fn try_recv(&mut self) -> Result<Received<T>, Nothing> {
        match Receiver::try_recv(self) {
            Ok(message) => Ok(Received::Message(message)),
            Err(TryRecvError::Overflowed(count)) => Ok(Received::Missed(count)),
            Err(TryRecvError::Empty) => Err(Nothing::Empty),
            Err(TryRecvError::Closed) => Err(Nothing::Closed),
        }
    }

    fn receive<'a, F: FnMut(Received<T>) + Send + 'a>(&'a mut self, mut take: F) -> Receive<'a> {
        Box::pin(async move {
            loop {
                match self.recv().await {
                    Ok(message) => take(Received::Message(message)),
                    Err(RecvError::Overflowed(count)) => take(Received::Missed(count)),
                    Err(RecvError::Closed) => return,
                }
            }
        })
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tokio::sync::broadcast`.
//!
//! A receiver asks `try_recv` first and awaits only where there is nothing: the future of `recv`
//! takes the lock of all senders when it is dropped, once per message.

use tokio::runtime::Handle;
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};

use super::{Carries, Nothing, Policy, Publisher, Receive, Received, Subscriber, System};

pub struct Tokio;

impl System for Tokio {
    const NAME: &'static str = "tokio";
    const LABEL: &'static str = "tokio::sync::broadcast";
    const PACKAGE: &'static str = "tokio";
    const BROADCAST: bool = true;
    const TELLS_MISSED: bool = true;

    fn never_waits(_receivers: usize) -> Option<&'static str> {
        Some("a sender never waits for its receivers")
    }
}

impl<T: Clone + Send + Sync + 'static> Carries<T> for Tokio {
    type Bus = broadcast::Sender<T>;
    type Publisher = broadcast::Sender<T>;
    type Subscriber = broadcast::Receiver<T>;

    fn bus(capacity: usize, _policy: Policy) -> Self::Bus {
        broadcast::channel(capacity).0
    }
    fn publisher(bus: &Self::Bus) -> Self::Publisher {
        bus.clone()
    }
    fn subscribe(bus: &Self::Bus) -> Self::Subscriber {
        bus.subscribe()
    }
}

impl<T: Clone + Send + Sync + 'static> Publisher<T> for broadcast::Sender<T> {
    #[inline]
    fn publish(&mut self, message: T) {
        // Fails only while nobody subscribes.
        let _ = self.send(message);
    }
    fn publish_surely(&mut self, message: T, _runtime: &Handle) {
        self.publish(message);
    }
}

impl<T: Clone + Send + Sync + 'static> Subscriber<T> for broadcast::Receiver<T> {
    #[inline]
    fn try_recv(&mut self) -> Result<Received<T>, Nothing> {
        match broadcast::Receiver::try_recv(self) {
            Ok(message) => Ok(Received::Message(message)),
            Err(TryRecvError::Lagged(count)) => Ok(Received::Missed(count)),
            Err(TryRecvError::Empty) => Err(Nothing::Empty),
            Err(TryRecvError::Closed) => Err(Nothing::Closed),
        }
    }

    fn receive<'a, F: FnMut(Received<T>) + Send + 'a>(&'a mut self, mut take: F) -> Receive<'a> {
        Box::pin(async move {
            loop {
                match Subscriber::try_recv(self) {
                    Ok(received) => take(received),
                    Err(Nothing::Closed) => return,
                    Err(Nothing::Empty) => match self.recv().await {
                        Ok(message) => take(Received::Message(message)),
                        Err(RecvError::Lagged(count)) => take(Received::Missed(count)),
                        Err(RecvError::Closed) => return,
                    },
                }
            }
        })
    }
}

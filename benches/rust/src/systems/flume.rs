// SPDX-License-Identifier: MIT OR Apache-2.0
//! The bounded channel of `flume`.

use flume::{Receiver, Sender, TryRecvError};
use tokio::runtime::Handle;

use super::one_queue::{Queue, QueueOf};
use super::{Nothing, Receive};

pub struct Flume;

impl Queue for Flume {
    const NAME: &'static str = "flume";
    const LABEL: &'static str = "flume::bounded";
    const FANOUT_NAME: &'static str = "flume-fanout";
    const FANOUT_LABEL: &'static str = "flume::bounded, one per subscriber";
    const PACKAGE: &'static str = "flume";
}

impl<T: Send + 'static> QueueOf<T> for Flume {
    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    fn bounded(capacity: usize) -> (Sender<T>, Receiver<T>) {
        flume::bounded(capacity)
    }
    #[inline]
    fn try_send(sender: &Sender<T>, message: T) -> bool {
        sender.try_send(message).is_ok()
    }
    #[inline]
    fn send(sender: &Sender<T>, message: T) {
        // Fails only when nobody receives any more.
        let _ = sender.send(message);
    }
    #[inline]
    fn try_recv(receiver: &Receiver<T>) -> Result<T, Nothing> {
        receiver.try_recv().map_err(|nothing| match nothing {
            TryRecvError::Empty => Nothing::Empty,
            TryRecvError::Disconnected => Nothing::Closed,
        })
    }
    fn receive<'a, F: FnMut(T) + Send + 'a>(receiver: &'a Receiver<T>, mut take: F) -> Receive<'a> {
        Box::pin(async move {
            while let Ok(message) = receiver.recv_async().await {
                take(message);
            }
        })
    }
    fn receive_sleeping<F: FnMut(T)>(receiver: &Receiver<T>, _runtime: &Handle, mut take: F) {
        while let Ok(message) = receiver.recv() {
            take(message);
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
//! The bounded channel of `async_channel`.

use async_channel::{Receiver, Sender, TryRecvError};
use tokio::runtime::Handle;

use super::one_queue::{Queue, QueueOf};
use super::{Nothing, Receive};

pub struct AsyncChannel;

impl Queue for AsyncChannel {
    const NAME: &'static str = "async-channel";
    const LABEL: &'static str = "async_channel::bounded";
    const FANOUT_NAME: &'static str = "async-channel-fanout";
    const FANOUT_LABEL: &'static str = "async_channel::bounded, one per subscriber";
    const PACKAGE: &'static str = "async-channel";
}

impl<T: Send + 'static> QueueOf<T> for AsyncChannel {
    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    fn bounded(capacity: usize) -> (Sender<T>, Receiver<T>) {
        async_channel::bounded(capacity)
    }
    #[inline]
    fn try_send(sender: &Sender<T>, message: T) -> bool {
        sender.try_send(message).is_ok()
    }
    #[inline]
    fn send(sender: &Sender<T>, message: T) {
        // Fails only when nobody receives any more.
        let _ = sender.send_blocking(message);
    }
    #[inline]
    fn try_recv(receiver: &Receiver<T>) -> Result<T, Nothing> {
        receiver.try_recv().map_err(|nothing| match nothing {
            TryRecvError::Empty => Nothing::Empty,
            TryRecvError::Closed => Nothing::Closed,
        })
    }
    fn receive<'a, F: FnMut(T) + Send + 'a>(receiver: &'a Receiver<T>, mut take: F) -> Receive<'a> {
        Box::pin(async move {
            while let Ok(message) = receiver.recv().await {
                take(message);
            }
        })
    }
    fn receive_sleeping<F: FnMut(T)>(receiver: &Receiver<T>, _runtime: &Handle, mut take: F) {
        while let Ok(message) = receiver.recv_blocking() {
            take(message);
        }
    }
}

//! Waking many connections of one worker at once.
//!
//! A waker called from another thread interrupts the worker each time it has nothing to do, which is after every single
//! event. So wakers are gathered and handed to the worker, which calls them itself.

use std::sync::Arc;
use std::task::Waker;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The way to the connections of one worker.
#[derive(Debug)]
pub struct Doorbell(UnboundedSender<Vec<Waker>>);

/// What a worker waits for.
#[derive(Debug)]
pub struct Ringing(UnboundedReceiver<Vec<Waker>>);

impl Doorbell {
    /// A doorbell, and what its worker is to run for as long as it runs ([`Ringing::answer`]).
    pub fn new() -> (Arc<Self>, Ringing) {
        let (sender, receiver) = unbounded_channel();
        (Arc::new(Self(sender)), Ringing(receiver))
    }

    fn ring(&self, wakers: Vec<Waker>) {
        // A worker that is gone has no connections.
        let _ = self.0.send(wakers);
    }
}

impl Ringing {
    /// Wakes the connections of this worker, until their doorbell is gone.
    pub async fn answer(mut self) {
        while let Some(wakers) = self.0.recv().await {
            wakers.into_iter().for_each(Waker::wake);
        }
    }
}

/// Connections that have something to send, by worker; woken when this is dropped, in whatever way that comes about.
#[derive(Debug, Default)]
pub(super) struct Wakes(Vec<(Arc<Doorbell>, Vec<Waker>)>);

impl Wakes {
    pub(super) fn add(&mut self, doorbell: &Arc<Doorbell>, waker: Waker) {
        match self.0.iter_mut().find(|(known, _)| Arc::ptr_eq(known, doorbell)) {
            Some((_, wakers)) => wakers.push(waker),
            None => self.0.push((Arc::clone(doorbell), vec![waker])),
        }
    }
}

impl Drop for Wakes {
    /// Wakes them all.
    fn drop(&mut self) {
        for (doorbell, wakers) in self.0.drain(..) {
            doorbell.ring(wakers);
        }
    }
}

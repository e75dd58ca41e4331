//! Numbers about realtime.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::outbox::Pushed;
use super::replay::Sent;

/// What happened since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Events queued for clients.
    pub(super) events: AtomicU64,
    /// Queues dropped because a client read too slowly.
    pub(super) overflows: AtomicU64,
    /// Clients told to load afresh for other reasons.
    pub(super) resyncs: AtomicU64,
    /// Connections refused.
    pub(super) refused: AtomicU64,
}

impl Counts {
    pub(super) fn note(&self, pushed: Pushed) {
        if pushed == Pushed::Overflowed {
            self.overflows.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn sent(&self, sent: Sent) {
        self.events.fetch_add(sent.events as u64, Ordering::Relaxed);
        self.resyncs.fetch_add(sent.resyncs as u64, Ordering::Relaxed);
    }

    pub(super) fn status(&self, connections: usize, subscriptions: usize, lag: i64) -> Status {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let overflows = count(&self.overflows);
        Status {
            connections,
            subscriptions,
            events: count(&self.events),
            overflows,
            resyncs: overflows + count(&self.resyncs),
            refused: count(&self.refused),
            lag,
        }
    }
}

/// How realtime goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Open connections.
    pub connections: usize,
    /// Topics of all of them.
    pub subscriptions: usize,
    /// Events sent since the start.
    pub events: u64,
    /// Times a client read so slowly that what waited for it was dropped.
    pub overflows: u64,
    /// Times a client was told to load afresh, for that or another reason.
    pub resyncs: u64,
    /// Connections refused since the start.
    pub refused: u64,
    /// Changes committed but not told yet.
    pub lag: i64,
}

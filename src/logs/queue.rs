//! Entries on their way to the database: a list of bounded length that is emptied by one thread.
//!
//! Adding an entry costs a request a lock and a copy; the thread is woken twice for each batch, not for each entry.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use super::entry::Entry;
use super::error::LogsError;

/// Entries from which a batch is written without waiting for more.
const BATCH: usize = 200;

/// How long an entry waits for others.
const MAX_DELAY: Duration = Duration::from_secs(1);

/// Most entries that wait.
pub(super) const MAX_ENTRIES: usize = 20_000;

/// Most memory their texts take, in bytes.
const MAX_BYTES: usize = 16 << 20;

/// What the thread is asked to do, after writing what came before.
#[derive(Debug)]
pub(super) enum Command {
    /// Nothing more.
    Flush(oneshot::Sender<()>),
    /// Remove what the settings say is not kept. `is_thorough`: by level too, which means looking at every entry.
    Prune { is_thorough: bool, done: oneshot::Sender<()> },
    /// Remove everything.
    Truncate(oneshot::Sender<Result<(), LogsError>>),
}

/// What the thread takes at a time.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) entries: Vec<Entry>,
    /// Entries there was no room for.
    pub(super) dropped: u64,
    pub(super) commands: Vec<Command>,
    /// Nothing more will come.
    pub(super) is_closed: bool,
}

/// The list; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    work: Work,
    /// Of the entries' texts.
    bytes: usize,
    /// When the first of the entries came.
    since: Option<Instant>,
    /// Whether the thread has something of its own to do.
    is_busy: bool,
}

impl Queue {
    /// Adds an entry, or counts it if there is no room. Never waits for the thread.
    pub(super) fn push(&self, entry: Entry) {
        let mut state = self.inner.state.lock();
        if state.work.is_closed {
            return;
        }
        let bytes = entry.size();
        if state.work.entries.len() >= MAX_ENTRIES || state.bytes + bytes > MAX_BYTES {
            state.work.dropped += 1;
            return;
        }
        state.bytes += bytes;
        state.work.entries.push(entry);
        let count = state.work.entries.len();
        if count == 1 {
            state.since = Some(Instant::now());
        }
        if count == 1 || count == BATCH {
            self.inner.wake.notify_one();
        }
    }

    /// Asks the thread for something; false if it has ended.
    pub(super) fn command(&self, command: Command) -> bool {
        let mut state = self.inner.state.lock();
        if state.work.is_closed {
            return false;
        }
        state.work.commands.push(command);
        self.inner.wake.notify_one();
        true
    }

    /// Says that nothing more will come; what is there is still written.
    pub(super) fn close(&self) {
        self.inner.state.lock().work.is_closed = true;
        self.inner.wake.notify_one();
    }

    /// Makes the next [`take`](Self::take) yield what is there, without waiting.
    pub(super) fn wake(&self) {
        self.inner.state.lock().is_busy = true;
    }

    /// Waits for a batch, the end of an entry's patience, a command or the end. `spent` is an empty list to be filled next.
    pub(super) fn take(&self, spent: Vec<Entry>) -> Work {
        let mut state = self.inner.state.lock();
        loop {
            let work = &state.work;
            if state.is_busy || work.is_closed || !work.commands.is_empty() || work.entries.len() >= BATCH {
                break;
            }
            match state.since.map(|since| since + MAX_DELAY) {
                None => self.inner.wake.wait(&mut state),
                Some(end) => {
                    if self.inner.wake.wait_until(&mut state, end).timed_out() {
                        break;
                    }
                }
            }
        }
        state.bytes = 0;
        state.is_busy = false;
        state.since = None;
        let is_closed = state.work.is_closed;
        std::mem::replace(&mut state.work, Work { entries: spent, is_closed, ..Work::default() })
    }
}

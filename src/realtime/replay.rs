//! What a client missed: the feed read again for it alone, from where it left off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::backlog::Backlog;
use super::client::Client;
use super::people::Person;
use super::tell::{Answer, Stages, Telling};
use super::topic::Topic;
use crate::db::{Change, DbError, ReadTx, changes_after, last_seq, oldest_seq};
use crate::query::Catalog;
use crate::records::{Hearing, RecordError};

/// Bytes of payload after which a page ends.
const PAGE_BYTES: usize = 256 * 1024;

/// Most bytes of payload that one change may take by all topics of a client.
const MAX_CHANGE_BYTES: usize = 16 << 20;

/// Who missed something, and what of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listener<'l> {
    pub(super) topics: &'l [Arc<Topic>],
    pub(super) person: &'l Person,
    /// What it has not been told of.
    pub(super) backlog: &'l Backlog,
}

/// How much is read at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort<'e> {
    /// Most changes.
    limit: i64,
    /// When it ends, however few they were.
    end: Instant,
    /// Longest time that one change may take by all topics of a client.
    change_time: Duration,
    is_stopping: &'e AtomicBool,
}

impl<'e> Effort<'e> {
    pub(super) fn new(limit: i64, time: Duration, change_time: Duration, is_stopping: &'e AtomicBool) -> Self {
        Self { limit, end: Instant::now() + time, change_time, is_stopping }
    }

    fn is_spent(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed) || Instant::now() >= self.end
    }
}

/// A part of what was missed.
#[derive(Debug)]
pub(super) struct Page {
    told: Vec<Told>,
    /// The last change that was looked at.
    pub(super) until: i64,
    /// Whether there was no later one.
    pub(super) is_last: bool,
}

#[derive(Debug)]
enum Told {
    Event {
        topic: Arc<str>,
        data: Arc<[u8]>,
        seq: i64,
    },
    /// Whether it could hear of this change is not known any more.
    Doubt {
        seq: i64,
    },
}

/// What became of a page.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    pub(super) events: usize,
    pub(super) resyncs: usize,
}

impl Page {
    /// Whether something in it could not be told.
    pub(super) fn has_doubts(&self) -> bool {
        self.told.iter().any(|told| matches!(told, Told::Doubt { .. }))
    }

    /// Queues the events.
    pub(super) fn push_to(&self, client: &Client) -> Sent {
        let mut sent = Sent::default();
        for told in &self.told {
            match told {
                Told::Event { topic, data, seq } => {
                    client.push(topic, data, *seq);
                    sent.events += 1;
                }
                Told::Doubt { seq } => {
                    client.push_resync(*seq);
                    sent.resyncs += 1;
                }
            }
        }
        sent
    }
}

/// The next changes of the listener's backlog, as it hears of them; nothing if some of them are not in the feed any more.
/// `now_ms` is Unix time in milliseconds.
///
/// # Errors
/// Only if the store fails.
pub(super) fn replay(
    tx: &ReadTx<'_>,
    catalog: &Arc<Catalog>,
    now_ms: i64,
    listener: Listener<'_>,
    effort: Effort<'_>,
) -> Result<Option<Page>, RecordError> {
    let from = listener.backlog.from;
    if !is_kept(tx, from)? {
        return Ok(None);
    }
    let reader = Reader { tx, catalog, now_ms, listener, effort };
    let mut told = Vec::new();
    if listener.backlog.is_asked {
        for change in changes_after(tx, from.saturating_sub(1), 1)?.iter().filter(|change| change.seq == from) {
            reader.read(change, &mut told)?;
        }
        if told.len() < 2 {
            told.clear();
        }
    }
    let changes = changes_after(tx, from, effort.limit)?;
    let is_last = i64::try_from(changes.len()).is_ok_and(|count| count < effort.limit);
    let (mut bytes, mut until) = (0, from);
    for change in &changes {
        // At least one, or it would never end.
        if bytes > PAGE_BYTES || (until > from && effort.is_spent()) {
            return Ok(Some(Page { told, until, is_last: false }));
        }
        bytes += reader.read(change, &mut told)?;
        until = change.seq;
    }
    Ok(Some(Page { told, until, is_last }))
}

/// Whether every change after this one is still in the feed. One greater than the last is of another life of this folder.
fn is_kept(tx: &ReadTx<'_>, from: i64) -> Result<bool, DbError> {
    let last = last_seq(tx)?;
    Ok(from == last || (from < last && oldest_seq(tx)?.is_some_and(|oldest| oldest <= from.saturating_add(1))))
}

struct Reader<'r> {
    tx: &'r ReadTx<'r>,
    catalog: &'r Arc<Catalog>,
    now_ms: i64,
    listener: Listener<'r>,
    effort: Effort<'r>,
}

impl Reader<'_> {
    /// Tells of one change; yields the size of what it tells.
    fn read(&self, change: &Change, told: &mut Vec<Told>) -> Result<usize, RecordError> {
        let Listener { topics, person, .. } = self.listener;
        let concerned: Vec<&Arc<Topic>> = topics.iter().filter(|topic| self.is_concerned(topic, change)).collect();
        let end = Instant::now() + self.effort.change_time;
        if concerned.is_empty() {
            return Ok(0);
        }
        let Some(mut telling) = Telling::of(self.tx, self.catalog, change)? else { return Ok(0) };
        let stages = Stages { now: self.tx, catalog: self.catalog, before: None };
        let (mut bytes, mut is_doubtful) = (0, false);
        for (index, topic) in concerned.into_iter().enumerate() {
            // At least one: on a busy machine the time may have passed with nothing done.
            if index > 0 && (Instant::now() >= end || bytes > MAX_CHANGE_BYTES) {
                is_doubtful = true;
                break;
            }
            let heard = match telling.hear(self.catalog, topic, person, self.now_ms) {
                Hearing::Nothing => None,
                Hearing::Record(extent) => Some(telling.payload(self.catalog, topic, person, extent)?),
                Hearing::AskStore => match telling.ask(stages, topic, person, self.now_ms)? {
                    Answer::Nothing => None,
                    Answer::Payload(payload) => Some(payload),
                    Answer::Unknown => {
                        is_doubtful = true;
                        None
                    }
                },
            };
            if let Some(data) = heard {
                bytes += data.len();
                told.push(Told::Event { topic: Arc::clone(&topic.text), data, seq: change.seq });
            }
        }
        if is_doubtful {
            told.push(Told::Doubt { seq: change.seq });
        }
        Ok(bytes)
    }

    fn is_concerned(&self, topic: &Topic, change: &Change) -> bool {
        let Some(subject) = &topic.subject else { return false };
        let is_wanted = |plan: &Arc<crate::query::Plan>| plan.collection().id == change.collection;
        subject.record.as_ref().is_none_or(|wanted| *wanted == change.record)
            && self.listener.backlog.includes(topic, change.seq)
            && self.catalog.find(&subject.collection).is_some_and(is_wanted)
    }
}

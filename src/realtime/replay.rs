//! What a client missed: the feed read again for it alone, from where it left off.

use std::sync::Arc;

use super::client::Client;
use super::people::Person;
use super::tell::{Answer, Heard, Stages, Telling};
use super::topic::Topic;
use crate::db::{Change, DbError, ReadTx, changes_after, last_seq, oldest_seq};
use crate::query::Catalog;
use crate::records::RecordError;

/// Bytes of payload after which a page ends.
const PAGE_BYTES: usize = 256 * 1024;

/// Who missed something, and what of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listener<'l> {
    pub(super) topics: &'l [Arc<Topic>],
    pub(super) person: &'l Person,
}

/// What is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// The last change the client has been told of.
    pub(super) from: i64,
    /// Most changes.
    pub(super) limit: i64,
    /// Whether `from` is what the client says it got: of a change that it hears of by several topics it may have got only
    /// some events.
    pub(super) is_asked: bool,
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
        client.set_since(self.until);
        sent
    }
}

/// The next changes after `span.from`, as the listener hears of them; nothing if some of them are not in the feed any more.
/// `now_ms` is Unix time in milliseconds.
///
/// # Errors
/// Only if the store fails.
pub(super) fn replay(
    tx: &ReadTx<'_>,
    catalog: &Arc<Catalog>,
    now_ms: i64,
    listener: Listener<'_>,
    span: Span,
) -> Result<Option<Page>, RecordError> {
    if !is_kept(tx, span.from)? {
        return Ok(None);
    }
    let reader = Reader { tx, catalog, now_ms, listener };
    let mut told = Vec::new();
    if span.is_asked {
        for change in changes_after(tx, span.from.saturating_sub(1), 1)?.iter().filter(|change| change.seq == span.from)
        {
            reader.read(change, &mut told)?;
        }
        if told.len() < 2 {
            told.clear();
        }
    }
    let changes = changes_after(tx, span.from, span.limit)?;
    let is_last = i64::try_from(changes.len()).is_ok_and(|count| count < span.limit);
    let (mut bytes, mut until) = (0, span.from);
    for change in &changes {
        if bytes > PAGE_BYTES {
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
}

impl Reader<'_> {
    /// Tells of one change; yields the size of what it tells.
    fn read(&self, change: &Change, told: &mut Vec<Told>) -> Result<usize, RecordError> {
        let Listener { topics, person } = self.listener;
        let concerned: Vec<&Arc<Topic>> = topics.iter().filter(|topic| self.is_concerned(topic, change)).collect();
        if concerned.is_empty() {
            return Ok(0);
        }
        let Some(mut telling) = Telling::of(self.tx, self.catalog, change)? else { return Ok(0) };
        let stages = Stages { now: self.tx, catalog: self.catalog, before: None };
        let (mut bytes, mut is_doubtful) = (0, false);
        for topic in concerned {
            let heard = match telling.tell(self.catalog, topic, person, self.now_ms)? {
                Heard::Nothing => None,
                Heard::Payload(payload) => Some(payload),
                Heard::AskStore => match telling.ask(stages, topic, person, self.now_ms)? {
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
            && self.catalog.find(&subject.collection).is_some_and(is_wanted)
    }
}

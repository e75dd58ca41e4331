//! What a client missed: the feed read again for it alone, from where it left off.

use std::sync::Arc;

use super::client::Client;
use super::people::Person;
use super::tell::{Heard, Stages, Telling};
use super::topic::Topic;
use crate::db::{ChangeAction, DbError, ReadTx, changes_after, last_seq, oldest_seq};
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

/// Whether something may have been missed that can no longer be told.
///
/// Whether a deleted record could be seen may depend on related ones. If those are gone as well, nobody knows any more.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Doubts {
    /// Changes left out although their rule may have let them through.
    undecided: usize,
    /// All deletions.
    deletions: usize,
    /// Changes that are known to be missing.
    missing: bool,
}

impl Doubts {
    /// A record whose rule denies it now although nothing else was deleted was never to be seen.
    pub(super) fn are_grave(self) -> bool {
        self.missing || (self.undecided > 0 && self.deletions > 1)
    }

    pub(super) fn something_is_missing(&mut self) {
        self.missing = true;
    }
}

/// A part of what was missed.
#[derive(Debug)]
pub(super) struct Page {
    /// Topic, payload and number of each event.
    events: Vec<(Arc<str>, Arc<[u8]>, i64)>,
    /// The last change that was looked at.
    pub(super) until: i64,
    /// Whether there was no later one.
    pub(super) is_last: bool,
}

impl Page {
    /// Queues the events; yields how many.
    pub(super) fn push_to(&self, client: &Client) -> usize {
        for (topic, data, seq) in &self.events {
            client.push(topic, data, *seq);
        }
        client.set_since(self.until);
        self.events.len()
    }
}

/// Whether every change after this one is still in the feed.
///
/// # Errors
/// Only if the store fails.
pub(super) fn is_kept(tx: &ReadTx<'_>, from: i64) -> Result<bool, DbError> {
    let last = last_seq(tx)?;
    // One greater than the last is of another life of this folder.
    Ok(from == last || (from < last && oldest_seq(tx)?.is_some_and(|oldest| oldest <= from.saturating_add(1))))
}

/// The next changes after `from`, `limit` at most, as the listener hears of them. `now_ms` is Unix time in milliseconds.
///
/// # Errors
/// Only if the store fails.
pub(super) fn replay(
    tx: &ReadTx<'_>,
    catalog: &Arc<Catalog>,
    now_ms: i64,
    listener: Listener<'_>,
    (from, limit): (i64, i64),
    doubts: &mut Doubts,
) -> Result<Page, RecordError> {
    if !is_kept(tx, from)? {
        doubts.something_is_missing();
    }
    let changes = changes_after(tx, from, limit)?;
    let is_last = i64::try_from(changes.len()).is_ok_and(|count| count < limit);
    let mut page = Page { events: Vec::new(), until: from, is_last };
    let mut bytes = 0;
    for change in &changes {
        if bytes > PAGE_BYTES {
            page.is_last = false;
            return Ok(page);
        }
        page.until = change.seq;
        doubts.deletions += usize::from(change.action == ChangeAction::Delete);
        let concerned: Vec<&Arc<Topic>> = listener
            .topics
            .iter()
            .filter(|topic| is_concerned(topic, catalog, &change.collection, &change.record))
            .collect();
        if concerned.is_empty() {
            continue;
        }
        let Some(mut telling) = Telling::of(tx, catalog, change)? else { continue };
        for topic in concerned {
            let heard = match telling.tell(catalog, topic, listener.person, now_ms)? {
                Heard::Nothing => None,
                Heard::Payload(payload) => Some(payload),
                Heard::AskStore => {
                    let stages = Stages { now: tx, catalog, before: None };
                    let heard = telling.ask(stages, topic, listener.person, now_ms)?;
                    doubts.undecided += usize::from(heard.is_none() && telling.is_deletion());
                    heard
                }
            };
            if let Some(payload) = heard {
                bytes += payload.len();
                page.events.push((Arc::clone(&topic.text), payload, change.seq));
            }
        }
    }
    Ok(page)
}

fn is_concerned(topic: &Topic, catalog: &Catalog, collection: &str, record: &str) -> bool {
    let Some(subject) = &topic.subject else { return false };
    subject.record.as_ref().is_none_or(|wanted| wanted == record)
        && catalog.find(&subject.collection).is_some_and(|plan| plan.collection().id == collection)
}

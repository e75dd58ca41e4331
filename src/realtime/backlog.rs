//! What a client has not been told of yet.

use std::collections::HashSet;
use std::sync::Arc;

use super::client::ClientState;
use super::topic::Topic;

/// Where a client is in the feed, while it is told of what it missed.
#[derive(Debug, Clone)]
pub(super) struct Backlog {
    /// It has been told of everything up to this change.
    pub(super) from: i64,
    /// Up to this change it has been told before, but for the topics in `added`.
    told: i64,
    added: HashSet<Arc<str>>,
    /// Whether `from` is what the client says it got: of a change that it hears of by several topics it may have got only
    /// some events.
    pub(super) is_asked: bool,
    /// Whether it waits to be told that it has been told of all it missed.
    pub(super) is_awaited: bool,
    /// Whether some of what it missed cannot be told any more.
    pub(super) is_lost: bool,
}

impl Backlog {
    /// Of a client that has been told of everything up to this change.
    pub(super) fn after(seq: i64) -> Self {
        Self { from: seq, told: seq, added: HashSet::new(), is_asked: false, is_awaited: false, is_lost: false }
    }

    /// Of a client that gets another set of topics. `asked`: the last change it says it heard of; `told`: the last one the
    /// asking lane told it of, if it is in that lane; `last`: the feed's last.
    pub(super) fn of(
        state: &ClientState,
        topics: &[Arc<Topic>],
        asked: Option<i64>,
        told: Option<i64>,
        last: i64,
    ) -> Option<Self> {
        let is_lost = asked.is_some_and(|asked| asked > last);
        if state.topics.is_empty() {
            // Nobody told it of anything, and it hears of what comes from now on wherever it is told.
            let Some(from) = asked else { return Some(Self::after(last)) };
            return Some(Self { told: i64::MIN, is_asked: true, is_awaited: true, is_lost, ..Self::after(from) });
        }
        let earlier = match (&state.backlog, told) {
            (Some(pending), _) => Some(pending.clone()),
            (None, Some(told)) => Some(Self::after(told)),
            // The other lane knows.
            (None, None) => asked.map(|_| Self::after(i64::MAX)),
        };
        let mut backlog = earlier?;
        let wanted: HashSet<&Arc<str>> = topics.iter().map(|topic| &topic.text).collect();
        backlog.added.retain(|text| wanted.contains(text));
        if let Some(asked) = asked {
            backlog.is_awaited = true;
            backlog.is_lost |= is_lost;
            let known: HashSet<&str> = state.topics.iter().map(|topic| &*topic.text).collect();
            let added = topics.iter().map(|topic| &topic.text).filter(|text| !known.contains(&***text));
            let added: Vec<Arc<str>> = added.cloned().collect();
            if !added.is_empty() && asked < backlog.from.max(backlog.told) {
                // What the others have been told of already they are not told again.
                backlog.told = backlog.told.max(backlog.from);
                backlog.from = backlog.from.min(asked);
                backlog.added.extend(added);
            }
        }
        Some(backlog)
    }

    /// The same for a client that a lane has told of everything up to this change.
    pub(super) fn capped(mut self, position: i64) -> Self {
        self.from = self.from.min(position);
        self.told = self.told.min(position);
        self
    }

    /// Whether an event of this change is still to be told.
    pub(super) fn includes(&self, topic: &Topic, seq: i64) -> bool {
        seq > self.told || self.added.contains(&topic.text)
    }

    /// It has been told of everything up to this change.
    pub(super) fn advance(&mut self, until: i64) {
        self.from = until;
        self.is_asked = false;
    }
}

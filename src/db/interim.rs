//! What changed between two moments of the store, kept small: of each collection the earliest changes alone, which answer
//! whether anything changed until some change in between.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{Change, ChangeAction, DbError, changes_after};

/// Changes read at a time.
const PAGE: i64 = 500;

/// A record: the ids of its collection and its own.
pub type RecordKey<'k> = (&'k str, &'k str);

/// What changed after a moment.
#[derive(Debug, Default)]
pub struct Interim {
    any: Earliest,
    /// By collection id.
    collections: HashMap<String, OfCollection>,
}

#[derive(Debug, Default)]
struct OfCollection {
    saved: Earliest,
    deleted: Earliest,
}

/// The earliest change, and the earliest of another record than that.
#[derive(Debug, Default)]
struct Earliest {
    first: Option<Change>,
    of_another: Option<i64>,
}

impl Earliest {
    fn note(&mut self, change: &Change) {
        match &self.first {
            None => self.first = Some(change.clone()),
            Some(first) if self.of_another.is_none() && !is_of(first, (&change.collection, &change.record)) => {
                self.of_another = Some(change.seq);
            }
            Some(_) => {}
        }
    }

    fn is_within(&self, until: i64, but: Option<RecordKey<'_>>) -> bool {
        let seq = match (&self.first, but) {
            (Some(first), Some(but)) if is_of(first, but) => self.of_another,
            (first, _) => first.as_ref().map(|first| first.seq),
        };
        seq.is_some_and(|seq| seq <= until)
    }
}

fn is_of(change: &Change, key: RecordKey<'_>) -> bool {
    (change.collection.as_str(), change.record.as_str()) == key
}

impl Interim {
    /// Reads what changed after the change `after`.
    ///
    /// # Errors
    /// If the feed cannot be read.
    pub fn read(conn: &Connection, mut after: i64) -> Result<Self, DbError> {
        let mut interim = Self::default();
        loop {
            let changes = changes_after(conn, after, PAGE)?;
            let Some(last) = changes.last() else { return Ok(interim) };
            after = last.seq;
            for change in &changes {
                interim.note(change);
            }
        }
    }

    fn note(&mut self, change: &Change) {
        self.any.note(change);
        if !self.collections.contains_key(&change.collection) {
            self.collections.insert(change.collection.clone(), OfCollection::default());
        }
        if let Some(of) = self.collections.get_mut(&change.collection) {
            let kind = if change.action == ChangeAction::Delete { &mut of.deleted } else { &mut of.saved };
            kind.note(change);
        }
    }

    /// Whether anything changed up to the change `until`, but for one record.
    pub fn is_any(&self, until: i64, but: Option<RecordKey<'_>>) -> bool {
        self.any.is_within(until, but)
    }

    /// Whether records of a collection were created or updated up to the change `until`, but for one record.
    pub fn has_saved(&self, collection_id: &str, until: i64, but: Option<RecordKey<'_>>) -> bool {
        self.collections.get(collection_id).is_some_and(|of| of.saved.is_within(until, but))
    }

    /// Whether records of a collection were deleted up to the change `until`, but for one record.
    pub fn has_deleted(&self, collection_id: &str, until: i64, but: Option<RecordKey<'_>>) -> bool {
        self.collections.get(collection_id).is_some_and(|of| of.deleted.is_within(until, but))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interim(changes: &[(&str, &str, ChangeAction)]) -> Interim {
        let mut interim = Interim::default();
        for (n, (collection, record, action)) in changes.iter().enumerate() {
            let seq = i64::try_from(n).unwrap() + 1;
            let (collection, record) = ((*collection).to_owned(), (*record).to_owned());
            interim.note(&Change { seq, collection, record, action: *action });
        }
        interim
    }

    #[test]
    fn changes_count_from_their_number_on_and_by_kind() {
        let interim = interim(&[
            ("a", "1", ChangeAction::Update),
            ("b", "1", ChangeAction::Delete),
            ("a", "2", ChangeAction::Create),
        ]);
        let told = |until| {
            let saved = ["a", "b", "c"].map(|id| interim.has_saved(id, until, None));
            let deleted = ["a", "b", "c"].map(|id| interim.has_deleted(id, until, None));
            (interim.is_any(until, None), saved, deleted)
        };
        assert_eq!(told(0), (false, [false; 3], [false; 3]));
        assert_eq!(told(1), (true, [true, false, false], [false; 3]));
        assert_eq!(told(2), (true, [true, false, false], [false, true, false]));
    }

    /// Records of different collections may have the same id.
    #[test]
    fn one_record_is_left_out() {
        let interim = interim(&[
            ("a", "1", ChangeAction::Update),
            ("a", "1", ChangeAction::Update),
            ("b", "1", ChangeAction::Update),
            ("a", "2", ChangeAction::Update),
        ]);
        for (until, but, any, saved) in [
            (2, ("a", "1"), false, false),
            (3, ("a", "1"), true, false),
            (4, ("a", "1"), true, true),
            (1, ("b", "1"), true, true),
            (1, ("a", "2"), true, true),
        ] {
            let told = (interim.is_any(until, Some(but)), interim.has_saved("a", until, Some(but)));
            assert_eq!(told, (any, saved), "until {until} but {but:?}");
        }
    }
}

//! How an index stands to what a read sees. It is always a little behind, or may have missed something; what it still holds of
//! before must not be matched for somebody whose permission is of now.

use std::collections::HashSet;

use super::sight::Sight;
use super::{NotSearchable, SearchFailure, Searchable};
use crate::db::{ReadTx, changed_records, has_other_deletions_after, last_seq, oldest_seq};
use crate::query::{Plan, Rule};
use crate::records::Request;

/// Most changes, of all collections, that an index may be behind when somebody asks who may not see everything: each such
/// question looks at them all.
const MAX_BEHIND: i64 = 50_000;

/// How an index stands to what a read sees, and to the caller.
pub(super) struct Standing {
    /// Whether the caller may list some records and not others.
    pub(super) is_guarded: bool,
    /// Whether the index has exactly the records that the read sees, with the texts of then or of now.
    mirrors: bool,
    /// Records that are left out: the index has texts of theirs that the caller may never have been allowed to see. They
    /// come back once the index has followed.
    changed: HashSet<String>,
}

impl Standing {
    /// # Errors
    /// [`NotSearchable::Building`] if nobody can tell what the index has missed and the caller may not see everything;
    /// [`SearchFailure::Early`] if the index knows of changes that the read does not see.
    pub(super) fn new(
        tx: &ReadTx<'_>,
        request: Request<'_>,
        plan: &Plan,
        index: &Searchable,
        sight: &Sight,
    ) -> Result<Self, SearchFailure> {
        let is_guarded = !request.caller.is_superuser() && matches!(plan.rules().list(), Rule::Expression(_));
        // Who may see everything now was perhaps not allowed to see what the index still has of before.
        let is_careful = is_guarded || (index.was_opened && !request.caller.is_superuser());
        let (last, position) = (last_seq(tx)?, index.position);
        let is_current = position == last;
        let follows = is_current || oldest_seq(tx)?.is_some_and(|oldest| oldest <= position + 1);
        if index.is_doubtful || (position < last && !follows) {
            // Another index is being made, or is about to be.
            if is_careful || sight.hides_something() {
                return Err(NotSearchable::Building.into());
            }
            return Ok(Self { is_guarded, mirrors: false, changed: HashSet::new() });
        }
        if index.as_of.max(index.snapshot.seq()) > last {
            return Err(SearchFailure::Early);
        }
        let id = &plan.collection().id;
        let mut changed = HashSet::new();
        if is_careful && !is_current {
            if last - position > MAX_BEHIND {
                return Err(NotSearchable::Building.into());
            }
            changed.extend(changed_records(tx, position, id)?.into_iter().map(|change| change.record));
        }
        let mirrors = is_current || (changed.is_empty() && !has_other_deletions_after(tx, position, id, "")?);
        Ok(Self { is_guarded, mirrors, changed })
    }

    /// Whether the index alone can say how many records there are.
    pub(super) fn mirrors(&self) -> bool {
        self.mirrors
    }

    /// Whether a record may be a candidate.
    pub(super) fn admits(&self, id: &str) -> bool {
        !self.changed.contains(id)
    }
}

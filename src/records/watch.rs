//! Who may hear of a change of a record, and what they hear: the rules of reading, asked of one record at a time.
//!
//! Most conditions need only the record and the caller and are decided in memory. What takes the store to tell is for
//! whoever has the time.

use std::sync::Arc;

use rusqlite::Connection;

use super::access::{Access, check_rule, deny, manage_rule, yields_row};
use super::serialize::{Extent, Visibility, write_record};
use super::show::{ShowOptions, show};
use super::{Action, Record, RecordError, Request, Stored};
use crate::db::{Deletion, Interim, ReadTx, RecordKey, has_other_deletions_after, oldest_seq, was_deleted_after};
use crate::query::{Condition, ConditionError, ParsedRule, Plan, SubscriptionQuery};
use crate::schema::FieldOptions;

/// What somebody wants to hear of.
#[derive(Debug, Clone, Copy)]
pub struct Watch<'a> {
    /// Who, and what rules can ask about.
    pub request: Request<'a>,
    /// Whose rule applies: [`Action::List`] or [`Action::View`].
    pub action: Action,
    /// A condition of the subscriber's own.
    pub filter: Option<&'a ParsedRule>,
    /// What is to be expanded.
    pub expand: &'a str,
    /// The caller's own record.
    pub own: Option<&'a Stored>,
}

/// What somebody may hear of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// Nothing.
    Nothing,
    /// The record, to this extent.
    Record(Extent),
    /// Only the store can tell.
    AskStore,
}

impl Watch<'_> {
    /// Whether [`hear`](Self::hear) can decide by itself for records of this collection.
    pub fn is_local(&self, plan: &Arc<Plan>) -> bool {
        if !self.expand.is_empty() {
            return false;
        }
        let manages = manage_rule(self.request, plan).is_none_or(|rule| {
            let condition = Condition::of_stored(self.request.catalog, self.request.info, plan, rule);
            condition.is_ok_and(|condition| condition.is_local())
        });
        // A condition that cannot be compiled lets nobody through, for which it takes no store.
        manages && self.condition(plan, true).is_none_or(|asked| asked.is_local())
    }

    /// What the caller may hear of a record, as far as the record and the caller tell.
    pub fn hear(&self, stored: &Stored, record: &Record) -> Hearing {
        let plan = stored.plan();
        let own = self.own.and_then(Stored::operands);
        let decide = |condition: Condition<'_>| condition.matches(stored.operands()?, own);
        match self.condition(plan, true) {
            Some(Asked::Denied) => return Hearing::Nothing,
            Some(Asked::Condition(condition)) => match decide(condition) {
                Some(true) => {}
                Some(false) => return Hearing::Nothing,
                None => return Hearing::AskStore,
            },
            None => {}
        }
        if !self.expand.is_empty() {
            return Hearing::AskStore;
        }
        let manages = match manage_rule(self.request, plan) {
            None => Some(false),
            Some(rule) => match Condition::of_stored(self.request.catalog, self.request.info, plan, rule) {
                Ok(condition) => decide(condition),
                Err(error) => Some(deny(rule, &error)),
            },
        };
        match manages {
            Some(manages) => Hearing::Record(Visibility::managing(self.request.caller, manages).extent(record)),
            None => Hearing::AskStore,
        }
    }

    /// Whether the caller may hear of a record, asked of the store. `is_there`: whether the store has the record; if not,
    /// it is judged by its values alone, beside whatever else the store has now.
    ///
    /// # Errors
    /// Only if the store fails.
    pub fn may_hear(&self, conn: &Connection, stored: &Stored, is_there: bool) -> Result<bool, RecordError> {
        let plan = stored.plan();
        let statement = match self.condition(plan, is_there) {
            None => return Ok(true),
            Some(Asked::Denied) => return Ok(false),
            Some(Asked::Condition(condition)) => {
                let own = self.own.and_then(Stored::operands);
                match stored.operands().and_then(|values| condition.matches(values, own)) {
                    Some(answer) => return Ok(answer),
                    None if is_there => condition.select_match(stored.record().id()),
                    None => condition.select_candidate(stored.nearest_operands()),
                }
            }
        };
        yields_row(conn, &statement)
    }

    /// Whether what the caller may hear of a record may have been changed in the meantime, up to the change `until`. That
    /// records it names were deleted does not count: it names them no more, or went with them. `but`: a record that is
    /// known to be the same.
    pub fn depends_on(&self, plan: &Arc<Plan>, interim: &Interim, until: i64, but: Option<RecordKey<'_>>) -> bool {
        let Some(Asked::Condition(condition)) = self.condition(plan, false) else { return false };
        // A view may show anything.
        let is_saved = |read: &Arc<Plan>| {
            if read.is_view() {
                interim.is_any(until, but)
            } else {
                interim.has_saved(&read.collection().id, until, but)
            }
        };
        condition.read_collections().any(is_saved)
            || condition.searched_collections().any(|collection| interim.has_deleted(collection, until, but))
    }

    /// Whether the store may say something else about a deleted record now than it would have said then, because what the
    /// answer depends on was deleted with it or later. Everything else is as it is today.
    ///
    /// # Errors
    /// Only if the store fails.
    pub fn is_doubtful(&self, conn: &Connection, stored: &Stored, deletion: &Deletion) -> Result<bool, RecordError> {
        let Some(Asked::Condition(condition)) = self.condition(stored.plan(), false) else { return Ok(false) };
        let reads = |id: &str| condition.read_collections().any(|plan| plan.collection().id == id);
        let reads_views = condition.read_collections().any(|plan| plan.is_view());
        // Of a write whose beginning is not kept any more, nobody knows what else it deleted.
        let is_cut = || oldest_seq(conn).map(|oldest| oldest.is_none_or(|oldest| oldest > deletion.since + 1));
        if reads_views || (condition.read_collections().next().is_some() && is_cut()?) {
            return Ok(true);
        }
        let record = stored.record();
        for (field, value) in record.collection().fields.iter().zip(record.values()) {
            let FieldOptions::Relation(options) = &field.options else { continue };
            if !reads(&options.collection_id) {
                continue;
            }
            for id in value.entries() {
                // Even if there is one again: it is another one.
                if was_deleted_after(conn, deletion.since, &options.collection_id, id)? {
                    return Ok(true);
                }
            }
        }
        for collection in condition.searched_collections() {
            if has_other_deletions_after(conn, deletion.since, collection, record.id())? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Appends the record's JSON as the caller sees it, without what is to be expanded; `extent` is what
    /// [`hear`](Self::hear) said.
    ///
    /// # Errors
    /// If a value cannot be written.
    pub fn write(&self, record: &Record, extent: Extent, out: &mut Vec<u8>) -> Result<(), RecordError> {
        let caller = self.request.caller;
        let manages = Visibility::managing(caller, true);
        // Who sees the address by managing the record gets it by that; it is never more than `hear` said.
        let visibility = if manages.extent(record) == extent { manages } else { Visibility::of(caller) };
        write_record(record, visibility, out)
    }

    /// Appends the record's JSON as the caller sees it, with what is to be expanded.
    ///
    /// # Errors
    /// [`RecordError::TooLarge`], or the store's.
    pub fn show(&self, tx: &ReadTx<'_>, record: Record, out: &mut Vec<u8>) -> Result<(), RecordError> {
        show(tx, self.request, record, ShowOptions { expand: self.expand, is_own: false }, out)
    }

    /// What is asked of records of this collection; nothing where the caller may hear of all.
    fn condition<'p>(&'p self, plan: &'p Arc<Plan>, is_stored: bool) -> Option<Asked<'p>> {
        let rule = match check_rule(self.request, plan, self.action) {
            Ok(Access::All) => None,
            Ok(Access::If(rule)) => Some(rule),
            Err(_) => return Some(Asked::Denied),
        };
        if rule.is_none() && self.filter.is_none() {
            return None;
        }
        let Request { catalog, info, caller } = self.request;
        let wanted = SubscriptionQuery { rule, filter: self.filter, is_superuser: caller.is_superuser() };
        Some(match Condition::of_subscription(catalog, info, plan, &wanted, is_stored) {
            Ok(condition) => Asked::Condition(condition),
            Err(error) => Asked::denied(&error),
        })
    }
}

/// What is asked of a record.
enum Asked<'p> {
    /// Nobody gets an answer.
    Denied,
    /// Whether this holds.
    Condition(Condition<'p>),
}

impl Asked<'_> {
    fn denied(error: &ConditionError) -> Self {
        tracing::debug!(%error, "a subscription cannot be evaluated");
        Self::Denied
    }

    fn is_local(&self) -> bool {
        match self {
            Self::Denied => true,
            Self::Condition(condition) => condition.is_local(),
        }
    }
}

/// A caller's own record, as conditions read it.
///
/// # Errors
/// Only if the store fails.
pub fn own_record(conn: &Connection, request: Request<'_>) -> Result<Option<Stored>, RecordError> {
    let Some(record) = request.caller.record() else { return Ok(None) };
    let Some(plan) = request.catalog.find(&record.collection.id) else { return Ok(None) };
    Ok(Stored::find(conn, plan, &record.id)?)
}

//! Records as answers: with what is expanded in them, and the e-mail addresses their manager sees.

use super::access::{limit_time, may_manage};
use super::expand::{ExpandTree, Expanded, expand};
use super::serialize::write_expanded;
use super::{Record, RecordError, Request, Visibility, write_record};
use crate::db::ReadTx;
use crate::identity::Caller;
use crate::query::{Catalog, RequestInfo};

/// How a record is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShowOptions<'a> {
    /// The `expand` parameter.
    pub expand: &'a str,
    /// Whether the record sees itself, just signed in.
    pub is_own: bool,
}

/// Appends a record's JSON.
///
/// # Errors
/// [`RecordError::TooLarge`], or the store's.
pub fn show(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    record: Record,
    options: ShowOptions<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RecordError> {
    for shown in expand_records(tx, request, vec![record], options.expand)? {
        let visibility = if options.is_own { Visibility::own(request.caller) } else { Visibility::of(request.caller) };
        write_expanded(tx, &shown, visibility, out)?;
    }
    Ok(())
}

/// A record just saved.
#[derive(Debug, Clone)]
pub struct Saved {
    /// As stored.
    pub record: Record,
    /// The request as the rules of the save saw it: what is shown is judged by the same body.
    pub(super) info: RequestInfo,
}

/// The answer to a save. Looking up other records for it is nothing for the writing thread: that happens once the save
/// is committed.
#[derive(Debug)]
pub enum Answer {
    /// The record's JSON.
    Ready(Vec<u8>),
    /// What it takes to make it in a read.
    Pending(Box<PendingAnswer>),
}

/// A saved record for whose answer others have to be read.
#[derive(Debug)]
pub struct PendingAnswer {
    saved: Saved,
    caller: Caller,
    expand: String,
}

impl Saved {
    /// The answer to the save. `expand` is the parameter.
    ///
    /// # Errors
    /// Only if a value cannot be written.
    pub fn into_answer(self, request: Request<'_>, expand: &str) -> Result<Answer, RecordError> {
        if expand.is_empty() && !may_manage(request, self.record.plan()) {
            return Ok(Answer::Ready(plain(&self.record, request.caller)?));
        }
        let caller = request.caller.clone();
        Ok(Answer::Pending(Box::new(PendingAnswer { saved: self, caller, expand: expand.to_owned() })))
    }
}

impl PendingAnswer {
    /// The record's JSON. If what is to be expanded is too much, it is left out: the record is saved all the same.
    ///
    /// # Errors
    /// If the read has to move to another thread, or a value cannot be written.
    pub fn make(&self, tx: &ReadTx<'_>, catalog: &Catalog) -> Result<Vec<u8>, RecordError> {
        let request = Request { catalog, caller: &self.caller, info: &self.saved.info };
        let options = ShowOptions { expand: &self.expand, is_own: false };
        limit_time(tx, &self.caller);
        let mut out = Vec::with_capacity(1024);
        match show(tx, request, self.saved.record.clone(), options, &mut out) {
            Ok(()) => Ok(out),
            Err(error) => {
                // On the asking thread it may just have taken too long.
                tx.leave_worker()?;
                tracing::warn!(%error, "the answer to a save is sent without related records");
                self.make_plain()
            }
        }
    }

    /// The record's JSON without what is to be expanded.
    ///
    /// # Errors
    /// Only if a value cannot be written.
    pub fn make_plain(&self) -> Result<Vec<u8>, RecordError> {
        plain(&self.saved.record, &self.caller)
    }
}

fn plain(record: &Record, caller: &Caller) -> Result<Vec<u8>, RecordError> {
    let mut out = Vec::with_capacity(1024);
    write_record(record, Visibility::of(caller), &mut out)?;
    Ok(out)
}

/// Loads what is to be shown in records of one collection.
pub(super) fn expand_records(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    records: Vec<Record>,
    parameter: &str,
) -> Result<Vec<Expanded>, RecordError> {
    let Some(first) = records.first() else { return Ok(Vec::new()) };
    let plan = first.plan().clone();
    expand(tx, request, &plan, records, &ExpandTree::parse(parameter))
}

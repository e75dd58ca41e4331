//! Records as answers: with what is expanded in them, and the e-mail addresses their manager sees.

use rusqlite::Connection;

use super::expand::{ExpandTree, Expanded, expand};
use super::serialize::write_expanded;
use super::{Record, RecordError, Request, Visibility};
use crate::query::RequestInfo;

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
    conn: &Connection,
    request: Request<'_>,
    record: Record,
    options: ShowOptions<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RecordError> {
    for shown in expand_records(conn, request, vec![record], options.expand)? {
        let visibility = if options.is_own { Visibility::own(request.caller) } else { Visibility::of(request.caller) };
        write_expanded(&shown, visibility, out)?;
    }
    Ok(())
}

/// A record just saved, and the request as the rules of the save saw it: what is shown of the record is judged by the
/// same body.
#[derive(Debug)]
pub struct Saved {
    /// As stored.
    pub record: Record,
    pub(super) info: RequestInfo,
}

impl Saved {
    /// Appends the record's JSON. `expand` is the parameter.
    ///
    /// # Errors
    /// As [`show`].
    pub fn show(
        self,
        conn: &Connection,
        request: Request<'_>,
        expand: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError> {
        let request = Request { info: &self.info, ..request };
        show(conn, request, self.record, ShowOptions { expand, is_own: false }, out)
    }
}

/// Loads what is to be shown in records of one collection.
pub(super) fn expand_records(
    conn: &Connection,
    request: Request<'_>,
    records: Vec<Record>,
    parameter: &str,
) -> Result<Vec<Expanded>, RecordError> {
    let Some(first) = records.first() else { return Ok(Vec::new()) };
    let plan = first.plan().clone();
    expand(conn, request, &plan, records, &ExpandTree::parse(parameter))
}

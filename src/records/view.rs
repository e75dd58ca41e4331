//! Viewing one record.

use rusqlite::OptionalExtension;

use super::access::{Access, may_manage, satisfies};
use super::show::{ShowOptions, show};
use super::{Action, Record, RecordError, Request, Visibility, check_rule, write_stored};
use crate::db::ReadTx;

/// The record as JSON.
///
/// # Errors
/// [`RecordError::NotFound`] also if the rule hides it.
pub fn view(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    collection: &str,
    id: &str,
    expand: &str,
) -> Result<Vec<u8>, RecordError> {
    let plan = request.catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    if let Access::If(rule) = check_rule(request, plan, Action::View)?
        && !satisfies(tx, request, plan, rule, id)?
    {
        return Err(RecordError::NotFound);
    }
    let mut out = Vec::with_capacity(1024);
    if !expand.is_empty() || may_manage(request, plan) {
        let record = Record::find(tx, plan, id)?.ok_or(RecordError::NotFound)?;
        show(tx, request, record, ShowOptions { expand, is_own: false }, &mut out)?;
        return Ok(out);
    }
    let mut query = tx.prepare_cached(plan.select_by_id())?;
    let found = query
        .query_row([id], |row| Ok(write_stored(plan, row, Visibility::of(request.caller), &mut out)))
        .optional()?
        .ok_or(RecordError::NotFound)?;
    found?;
    Ok(out)
}

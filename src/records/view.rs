//! Viewing one record.

use rusqlite::{Connection, OptionalExtension};

use super::access::Access;
use super::{Action, RecordError, Visibility, check_rule, write_stored};
use crate::identity::Caller;
use crate::query::Catalog;

/// The record as JSON.
///
/// # Errors
/// [`RecordError::NotFound`] also if the rule hides it.
pub fn view(
    conn: &Connection,
    catalog: &Catalog,
    caller: &Caller,
    collection: &str,
    id: &str,
) -> Result<Vec<u8>, RecordError> {
    let plan = catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    if check_rule(&plan.collection().rules, Action::View, caller)? == Access::Nothing {
        return Err(RecordError::NotFound);
    }
    let mut query = conn.prepare_cached(plan.select_by_id())?;
    let mut out = Vec::with_capacity(1024);
    let found = query
        .query_row([id], |row| Ok(write_stored(plan, row, Visibility::of(caller), &mut out)))
        .optional()?
        .ok_or(RecordError::NotFound)?;
    found?;
    Ok(out)
}

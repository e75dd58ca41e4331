//! Whether a record names a file.

use rusqlite::Connection;

use super::place::FileKey;
use crate::db::DbError;
use crate::query::{Catalog, Plan};
use crate::schema::{Field, FieldOptions};

/// Whether the record has the name in one of its file fields, as the database is at this moment.
pub(super) fn names_file(conn: &Connection, catalog: &Catalog, key: &FileKey) -> Result<bool, DbError> {
    let plan = catalog.find(&key.collection).filter(|plan| plan.collection().id == key.collection && !plan.is_view());
    Ok(match plan {
        Some(plan) => naming_field(conn, plan, &key.record, &key.name)?.is_some(),
        None => false,
    })
}

/// The field of the record that has the name; `None` if there is no such record or none of its fields has it.
///
/// # Errors
/// SQLite's.
pub fn naming_field<'p>(
    conn: &Connection,
    plan: &'p Plan,
    record: &str,
    name: &str,
) -> Result<Option<&'p Field>, DbError> {
    if !plan.has_files() {
        return Ok(None);
    }
    let mut query = conn.prepare_cached(plan.select_by_id())?;
    let mut rows = query.query([record])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    for (index, field) in plan.collection().fields.iter().enumerate() {
        if matches!(field.options, FieldOptions::File(_))
            && field.read(row.get_ref(index)?).entries().iter().any(|entry| entry == name)
        {
            return Ok(Some(field));
        }
    }
    Ok(None)
}

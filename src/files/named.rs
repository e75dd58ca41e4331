//! Whether a record names a file.

use rusqlite::Connection;

use super::place::FileKey;
use crate::db::DbError;
use crate::query::Catalog;
use crate::schema::FieldOptions;

/// Whether the record has the name in one of its file fields, as the database is at this moment.
pub(super) fn names_file(conn: &Connection, catalog: &Catalog, key: &FileKey) -> Result<bool, DbError> {
    let Some(collection) = catalog.schema().find_by_id(&key.collection) else { return Ok(false) };
    let Some(plan) = catalog.find(&collection.id) else { return Ok(false) };
    if plan.is_view() || !plan.has_files() {
        return Ok(false);
    }
    let mut query = conn.prepare_cached(plan.select_by_id())?;
    let mut rows = query.query([&key.record])?;
    let Some(row) = rows.next()? else { return Ok(false) };
    for (index, field) in collection.fields.iter().enumerate() {
        if matches!(field.options, FieldOptions::File(_))
            && field.read(row.get_ref(index)?).entries().contains(&key.name)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

//! Files whose names go when columns or tables do.

use rusqlite::Connection;

use super::error::CollectionError;
use crate::db::drop_files;
use crate::query::quote_identifier;
use crate::schema::{Collection, Field, FieldOptions};

/// Notes all files that records of the collection name. One by one: a collection of the same name, made anew, has the same
/// id, and its files are in the same folder.
pub(super) fn of_collection(conn: &Connection, collection: &Collection) -> Result<(), CollectionError> {
    collection.fields.iter().try_for_each(|field| of_field(conn, collection, field))
}

/// Notes the files of a field, before its column goes or loses values. Those that are named all the same stay.
pub(super) fn of_field(conn: &Connection, collection: &Collection, field: &Field) -> Result<(), CollectionError> {
    if !matches!(field.options, FieldOptions::File(_)) {
        return Ok(());
    }
    let (table, column) = (quote_identifier(&collection.name), quote_identifier(&field.name));
    let names = if field.is_multiple() {
        format!(
            "SELECT ?1, b.`id`, each.value FROM {table} AS b JOIN json_each(\
             iif(json_valid(b.{column}), b.{column}, json_array(b.{column}))) AS each \
             WHERE typeof(each.value) = 'text' AND each.value <> ''"
        )
    } else {
        format!("SELECT ?1, `id`, {column} FROM {table} WHERE typeof({column}) = 'text' AND {column} <> ''")
    };
    drop_files(conn, &names, [&collection.id]).map_err(CollectionError::from_statement)
}

//! Brings a collection's table in line with its definition (reference part 1, section 12.5).

use std::collections::HashMap;

use rusqlite::Connection;

use super::error::CollectionError;
use super::view::catalogue;
use super::{dropped_files, guarded};
use crate::query::{IndexDefinition, quote_identifier};
use crate::schema::{Collection, Field, ids};
use crate::validation::Issue;

/// Creates the table of a new collection, with its indexes.
pub(super) fn create_table(conn: &Connection, collection: &Collection) -> Result<(), CollectionError> {
    let mut fields: Vec<&Field> = collection.fields.iter().collect();
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    let columns: Vec<String> = fields.into_iter().map(column).collect();
    let sql = format!("CREATE TABLE {} ({})", quote_identifier(&collection.name), columns.join(", "));
    execute(conn, &sql)?;
    create_indexes(conn, collection)
}

/// Changes the table of `old` into the one `new` needs; columns are matched by field id.
pub(super) fn alter_table(conn: &Connection, old: &Collection, new: &Collection) -> Result<(), CollectionError> {
    if old.name == new.name && old.fields == new.fields && old.indexes == new.indexes {
        return Ok(());
    }
    for field in &old.fields {
        let after = new.fields.iter().find(|other| other.id == field.id);
        if after.is_none_or(|after| field.is_multiple() && !after.is_multiple()) {
            dropped_files::of_field(conn, old, field)?;
        }
    }
    let broken_views = catalogue::drop_broken(conn)?;
    drop_indexes(conn, old)?;
    if !old.name.eq_ignore_ascii_case(&new.name) {
        let (from, to) = (quote_identifier(&old.name), quote_identifier(&new.name));
        execute(conn, &format!("ALTER TABLE {from} RENAME TO {to}"))?;
    }
    alter_columns(conn, old, new)?;
    catalogue::restore(conn, &broken_views)?;
    create_indexes(conn, new)
}

fn alter_columns(conn: &Connection, old: &Collection, new: &Collection) -> Result<(), CollectionError> {
    let table = quote_identifier(&new.name);
    let kept: HashMap<&str, &Field> = old.fields.iter().map(|field| (field.id.as_str(), field)).collect();

    for field in &old.fields {
        if !new.fields.iter().any(|other| other.id == field.id) {
            execute(conn, &format!("ALTER TABLE {table} DROP COLUMN {}", quote_identifier(&field.name)))?;
        }
    }
    // New and renamed columns pass through a temporary name, so that names can be swapped and reused.
    let mut renames = Vec::new();
    let mut conversions = Vec::new();
    for field in &new.fields {
        match kept.get(field.id.as_str()) {
            None => {
                let temporary = temporary_name(&field.name);
                let definition = field.column_type_sql();
                execute(
                    conn,
                    &format!("ALTER TABLE {table} ADD COLUMN {} {definition}", quote_identifier(&temporary)),
                )?;
                renames.push((temporary, field));
            }
            Some(before) => {
                if before.name != field.name {
                    let temporary = temporary_name(&field.name);
                    rename_column(conn, &table, &before.name, &temporary)?;
                    renames.push((temporary, field));
                }
                if before.is_multiple() != field.is_multiple() {
                    conversions.push(field);
                }
            }
        }
    }
    for (temporary, field) in renames {
        rename_column(conn, &table, &temporary, &field.name)?;
    }
    if conversions.is_empty() {
        return Ok(());
    }
    // SQLite checks every view when a column goes, and the converted column is missing for a moment.
    let views = catalogue::drop_all(conn)?;
    for field in conversions {
        convert_column(conn, &table, field)?;
    }
    catalogue::restore(conn, &views)
}

/// Moves a column's values into a new one of the other shape: single value to list, or list to its last value.
fn convert_column(conn: &Connection, table: &str, field: &Field) -> Result<(), CollectionError> {
    let old_name = temporary_name(&field.name);
    rename_column(conn, table, &field.name, &old_name)?;
    let (old, new) = (quote_identifier(&old_name), quote_identifier(&field.name));
    execute(conn, &format!("ALTER TABLE {table} ADD COLUMN {new} {}", field.column_type_sql()))?;
    // CAST: a bare number in a column of NUMERIC affinity is still the text it was written as.
    let value = if field.is_multiple() {
        format!(
            "CASE WHEN COALESCE({old}, '') = '' THEN '[]' \
             WHEN json_valid({old}) AND json_type({old}) = 'array' THEN {old} \
             ELSE json_array(CAST({old} AS TEXT)) END"
        )
    } else {
        format!(
            "CASE WHEN COALESCE({old}, '[]') = '[]' THEN '' \
             WHEN json_valid({old}) AND json_type({old}) = 'array' THEN COALESCE(json_extract({old}, '$[#-1]'), '') \
             ELSE CAST({old} AS TEXT) END"
        )
    };
    execute(conn, &format!("UPDATE {table} SET {new} = {value}"))?;
    execute(conn, &format!("ALTER TABLE {table} DROP COLUMN {old}"))
}

/// Drops the table with its indexes.
pub(super) fn drop_table(conn: &Connection, name: &str) -> Result<(), CollectionError> {
    execute(conn, &format!("DROP TABLE IF EXISTS {}", quote_identifier(name)))
}

/// Drops the stored indexes; one that belongs to another table is left alone.
fn drop_indexes(conn: &Connection, collection: &Collection) -> Result<(), CollectionError> {
    let mut owner = conn.prepare_cached(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND name = ?1 COLLATE NOCASE AND tbl_name = ?2 COLLATE NOCASE",
    )?;
    for index in collection.indexes.iter().filter_map(|sql| IndexDefinition::parse(sql)) {
        let names = owner.query_map([&index.name, &collection.name], |row| row.get::<_, String>(0))?;
        for name in names.collect::<Result<Vec<_>, _>>()? {
            execute(conn, &format!("DROP INDEX IF EXISTS {}", quote_identifier(&name)))?;
        }
    }
    Ok(())
}

/// Creates the stored indexes, in their canonical form and under the guard.
fn create_indexes(conn: &Connection, collection: &Collection) -> Result<(), CollectionError> {
    for (position, sql) in collection.indexes.iter().enumerate() {
        let path = format!("indexes.{position}");
        let Some(mut index) = IndexDefinition::parse(sql) else {
            let issue = Issue::new("validation_invalid_index_expression", "This is not a CREATE INDEX statement.");
            return Err(CollectionError::invalid(&path, issue));
        };
        index.table.clone_from(&collection.name);
        if let Err(error) = guarded::create_index(conn, &index) {
            return Err(match error {
                CollectionError::Rejected(reason) => {
                    let message = format!("Failed to create index {} - {reason}.", index.name);
                    CollectionError::invalid(&path, Issue::new("validation_invalid_index_expression", message))
                }
                other => other,
            });
        }
    }
    Ok(())
}

fn column(field: &Field) -> String {
    format!("{} {}", quote_identifier(&field.name), field.column_type_sql())
}

fn rename_column(conn: &Connection, table: &str, from: &str, to: &str) -> Result<(), CollectionError> {
    execute(conn, &format!("ALTER TABLE {table} RENAME COLUMN {} TO {}", quote_identifier(from), quote_identifier(to)))
}

fn temporary_name(name: &str) -> String {
    format!("{name}{}", ids::random_string(5, ids::ALPHANUMERIC))
}

/// Runs one statement built from a definition.
pub(super) fn execute(conn: &Connection, sql: &str) -> Result<(), CollectionError> {
    conn.execute(sql, []).map(drop).map_err(CollectionError::from_statement)
}

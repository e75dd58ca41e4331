//! Rows of `_collections`.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use crate::db::DbError;
use crate::schema::{Collection, Rules, StoredCollection};

const COLUMNS: &str = "id, system, type, name, fields, indexes, listRule, viewRule, createRule, updateRule, \
                       deleteRule, options, created, updated";

/// Loads all collections in stored order.
///
/// # Errors
/// SQLite's, or [`DbError::Incompatible`] naming the collection that this version does not understand.
pub fn load_all(conn: &Connection) -> Result<Vec<Collection>, DbError> {
    let mut query = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM _collections ORDER BY rowid"))?;
    let rows = query.query_map([], read_row)?.collect::<Result<Vec<_>, _>>()?;
    rows.into_iter().map(understand).collect()
}

/// Loads one collection by id (exact) or name (any case).
pub(super) fn find(conn: &Connection, id_or_name: &str) -> Result<Option<Collection>, DbError> {
    let mut query = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM _collections WHERE id = :key OR name = :key COLLATE NOCASE ORDER BY id = :key DESC LIMIT 1"
    ))?;
    query.query_row(named_params! {":key": id_or_name}, read_row).optional()?.map(understand).transpose()
}

/// Whether the folder has no collections yet.
pub(super) fn is_empty(conn: &Connection) -> Result<bool, DbError> {
    Ok(conn.query_row("SELECT NOT EXISTS (SELECT 1 FROM _collections)", [], |row| row.get(0))?)
}

/// Stores a new collection.
pub(super) fn insert(conn: &Connection, collection: &Collection) -> Result<(), rusqlite::Error> {
    write(
        conn,
        collection,
        "INSERT INTO _collections (id, system, type, name, fields, indexes, listRule, viewRule, createRule, \
         updateRule, deleteRule, options, created, updated) VALUES (:id, :system, :type, :name, :fields, :indexes, \
         :listRule, :viewRule, :createRule, :updateRule, :deleteRule, :options, :created, :updated)",
    )
}

/// Stores a changed collection under its id.
pub(super) fn update(conn: &Connection, collection: &Collection) -> Result<(), rusqlite::Error> {
    write(
        conn,
        collection,
        "UPDATE _collections SET system = :system, type = :type, name = :name, fields = :fields, indexes = :indexes, \
         listRule = :listRule, viewRule = :viewRule, createRule = :createRule, updateRule = :updateRule, \
         deleteRule = :deleteRule, options = :options, created = :created, updated = :updated WHERE id = :id",
    )
}

/// Removes a collection's row.
pub(super) fn delete(conn: &Connection, id: &str) -> Result<(), DbError> {
    conn.prepare_cached("DELETE FROM _collections WHERE id = ?1")?.execute(params![id])?;
    Ok(())
}

fn write(conn: &Connection, collection: &Collection, sql: &str) -> Result<(), rusqlite::Error> {
    let row = collection.to_stored();
    conn.prepare_cached(sql)?.execute(named_params! {
        ":id": row.id,
        ":system": row.system,
        ":type": row.kind,
        ":name": row.name,
        ":fields": row.fields,
        ":indexes": row.indexes,
        ":listRule": row.rules.list,
        ":viewRule": row.rules.view,
        ":createRule": row.rules.create,
        ":updateRule": row.rules.update,
        ":deleteRule": row.rules.delete,
        ":options": row.options,
        ":created": row.created,
        ":updated": row.updated,
    })?;
    Ok(())
}

/// Reads a row; columns of older folders may be NULL where ours cannot.
fn read_row(row: &Row<'_>) -> Result<StoredCollection, rusqlite::Error> {
    let text = |column: &str, default: &str| -> Result<String, rusqlite::Error> {
        Ok(row.get::<_, Option<String>>(column)?.unwrap_or_else(|| default.to_owned()))
    };
    Ok(StoredCollection {
        id: row.get("id")?,
        system: row.get::<_, Option<bool>>("system")?.unwrap_or_default(),
        kind: row.get("type")?,
        name: row.get("name")?,
        fields: text("fields", "[]")?,
        indexes: text("indexes", "[]")?,
        rules: Rules {
            list: row.get("listRule")?,
            view: row.get("viewRule")?,
            create: row.get("createRule")?,
            update: row.get("updateRule")?,
            delete: row.get("deleteRule")?,
        },
        options: text("options", "{}")?,
        created: text("created", "")?,
        updated: text("updated", "")?,
    })
}

fn understand(row: StoredCollection) -> Result<Collection, DbError> {
    row.into_collection().map_err(|error| DbError::Incompatible(error.to_string()))
}

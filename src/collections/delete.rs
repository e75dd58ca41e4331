//! Deleting a collection (reference part 1, section 8).

use rusqlite::Connection;

use super::error::CollectionError;
use super::view::catalogue;
use super::{dropped_files, store, table_sync};
use crate::query::quote_identifier;
use crate::schema::{Collection, FieldOptions};

/// Tables whose rows belong to a record of an auth collection.
const REFERENCE_TABLES: [&str; 4] = ["_mfas", "_otps", "_externalAuths", "_authOrigins"];

/// What was deleted; its files are removed later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// Collection id.
    pub id: String,
    /// Collection name.
    pub name: String,
    /// Whether it was a view, which has no files of its own.
    pub is_view: bool,
}

/// Deletes the collection of this id or name with all its records.
///
/// # Errors
/// [`CollectionError::NotFound`]; [`CollectionError::System`]; [`CollectionError::Referenced`] by a relation field of
/// another collection; [`CollectionError::UsedByViews`] that would not work any more.
pub fn delete(conn: &Connection, id_or_name: &str) -> Result<Deleted, CollectionError> {
    let collection = store::find(conn, id_or_name)?.ok_or(CollectionError::NotFound)?;
    if collection.system {
        return Err(CollectionError::System(collection.name));
    }
    let references: Vec<String> = store::load_all(conn)?
        .into_iter()
        .filter(|other| other.id != collection.id && has_relation_to(other, &collection.id))
        .map(|other| other.name)
        .collect();
    if !references.is_empty() {
        return Err(CollectionError::Referenced(references));
    }
    let mut broken = catalogue::working(conn)?;
    let deleted = remove(conn, collection)?;
    let working = catalogue::working(conn)?;
    broken.retain(|name| !working.contains(name) && *name != deleted.name);
    if broken.is_empty() { Ok(deleted) } else { Err(CollectionError::UsedByViews(broken)) }
}

/// Removes a collection without asking what depends on it.
pub(super) fn remove(conn: &Connection, collection: Collection) -> Result<Deleted, CollectionError> {
    let is_view = collection.is_view();
    if is_view {
        catalogue::drop_view(conn, &collection.name)?;
    } else {
        dropped_files::of_collection(conn, &collection)?;
        table_sync::drop_table(conn, &collection.name)?;
    }
    if collection.is_auth() {
        for table in REFERENCE_TABLES {
            let sql = format!("DELETE FROM {} WHERE collectionRef = ?1", quote_identifier(table));
            conn.execute(&sql, [&collection.id])?;
        }
    }
    store::delete(conn, &collection.id)?;
    Ok(Deleted { id: collection.id, name: collection.name, is_view })
}

fn has_relation_to(collection: &Collection, id: &str) -> bool {
    let targets = |field: &crate::schema::Field| matches!(&field.options, FieldOptions::Relation(options) if options.collection_id == id);
    collection.fields.iter().any(targets)
}

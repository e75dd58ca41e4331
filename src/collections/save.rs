//! Writing a checked definition: its row, and its table or view.

use rusqlite::Connection;

use super::error::CollectionError;
use super::store;
use super::table_sync::{alter_table, create_table};
use super::view::{InspectedQuery, RowCheck, catalogue, inspect};
use crate::schema::{Collection, CollectionKind};

/// Inspects the query of a view that has no view in the database (any more), and gives the collection its fields.
pub(super) fn inspect_new_view(
    conn: &Connection,
    collection: &mut Collection,
    stored: &[Collection],
) -> Result<Option<InspectedQuery>, CollectionError> {
    let CollectionKind::View { query } = &collection.kind else { return Ok(None) };
    let inspected = inspect(conn, query, stored, &collection.fields, RowCheck::FirstRows)?;
    collection.fields.clone_from(&inspected.fields);
    Ok(Some(inspected))
}

/// Stores a new collection; `view` is its inspected query.
pub(super) fn insert(
    conn: &Connection,
    collection: &Collection,
    view: Option<&InspectedQuery>,
) -> Result<(), CollectionError> {
    if let Some(view) = view {
        catalogue::create(conn, &collection.name, &view.select)?;
    }
    store::insert(conn, collection).map_err(CollectionError::from_statement)?;
    if view.is_none() {
        create_table(conn, collection)?;
    }
    Ok(())
}

/// Stores a changed collection; `view` is its inspected query, whose old view is gone already.
pub(super) fn replace(
    conn: &Connection,
    old: &Collection,
    new: &Collection,
    view: Option<&InspectedQuery>,
) -> Result<(), CollectionError> {
    if let Some(view) = view {
        catalogue::create(conn, &new.name, &view.select)?;
    }
    store::update(conn, new).map_err(CollectionError::from_statement)?;
    if !new.is_view() {
        alter_table(conn, old, new)?;
    }
    Ok(())
}

//! Views in SQLite's catalogue.

use rusqlite::Connection;

use crate::collections::error::CollectionError;
use crate::collections::guarded;
use crate::collections::table_sync::execute;
use crate::query::quote_identifier;

/// A view as SQLite knows it.
pub(in crate::collections) struct CatalogueView {
    name: String,
    sql: String,
}

/// Creates the view of a collection.
pub(in crate::collections) fn create(conn: &Connection, name: &str, select: &str) -> Result<(), CollectionError> {
    guarded::create_view(conn, name, select)
}

/// Drops a view if there is one.
pub(in crate::collections) fn drop_view(conn: &Connection, name: &str) -> Result<(), CollectionError> {
    execute(conn, &format!("DROP VIEW IF EXISTS {}", quote_identifier(name)))
}

/// All views, oldest first.
fn list(conn: &Connection) -> Result<Vec<CatalogueView>, CollectionError> {
    let mut query = conn.prepare_cached("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")?;
    let views = query.query_map([], |row| Ok(CatalogueView { name: row.get(0)?, sql: row.get(1)? }))?;
    Ok(views.collect::<Result<_, _>>()?)
}

/// Drops every view and returns what [`restore`] needs.
pub(in crate::collections) fn drop_all(conn: &Connection) -> Result<Vec<CatalogueView>, CollectionError> {
    let views = list(conn)?;
    views.iter().try_for_each(|view| drop_view(conn, &view.name))?;
    Ok(views)
}

/// Creates dropped views again, word for word.
pub(in crate::collections) fn restore(conn: &Connection, views: &[CatalogueView]) -> Result<(), CollectionError> {
    views.iter().try_for_each(|view| execute(conn, &view.sql))
}

/// Drops the views that SQLite cannot compile, and returns what [`restore`] needs. One such view is enough for SQLite to
/// refuse renaming and dropping columns of any table.
pub(in crate::collections) fn drop_broken(conn: &Connection) -> Result<Vec<CatalogueView>, CollectionError> {
    let working = working(conn)?;
    let mut views = list(conn)?;
    views.retain(|view| !working.contains(&view.name));
    views.iter().try_for_each(|view| drop_view(conn, &view.name))?;
    Ok(views)
}

/// Names of the views that SQLite can compile.
pub(in crate::collections) fn working(conn: &Connection) -> Result<Vec<String>, CollectionError> {
    let mut names: Vec<String> = list(conn)?.into_iter().map(|view| view.name).collect();
    names.retain(|name| conn.prepare(&format!("SELECT 1 FROM {} LIMIT 0", quote_identifier(name))).is_ok());
    Ok(names)
}

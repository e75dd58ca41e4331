//! Changing a collection.

use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use super::complete::complete;
use super::decode::{Purpose, apply_body};
use super::error::CollectionError;
use super::rules::FutureCatalog;
use super::save::{inspect_new_view, replace};
use super::store;
use super::validate::{Subject, validate};
use super::view::{InspectedQuery, RowCheck, catalogue, inspect, refresh_dependents};
use crate::schema::{Collection, CollectionKind};

/// Applies a request body to the collection of this id or name.
///
/// # Errors
/// As [`create`](super::create()), and [`CollectionError::NotFound`].
pub fn update(
    conn: &Connection,
    now: &str,
    id_or_name: &str,
    body: &Map<String, Json>,
) -> Result<Collection, CollectionError> {
    let old = store::find(conn, id_or_name)?.ok_or(CollectionError::NotFound)?;
    let stored = store::load_all(conn)?;
    let mut new = old.clone();
    let requested = apply_body(&mut new, body, Purpose::Update)?;
    now.clone_into(&mut new.updated);
    complete(&mut new, Some(&old));
    let inspected = inspect_changed_view(conn, &old, &mut new, &stored)?;
    let catalog = FutureCatalog::new();
    let subject = Subject {
        conn,
        new: &new,
        old: Some(&old),
        stored: &stored,
        requested: &requested,
        view_problem: inspected.as_ref().and_then(|view| view.problem.as_deref()),
        catalog: &catalog,
        is_import: false,
    };
    validate(&subject)?.into_result()?;
    replace(conn, &old, &new, inspected.as_ref())?;
    refresh_dependents(conn, now, Some(&new.id))?;
    Ok(new)
}

/// Inspects a view's query and drops its old view, so that it cannot select from itself.
///
/// A view whose query and name stay is left as it is in SQLite's catalogue: SQLite keeps that text in step with renamed
/// columns, the stored query may be behind. `None` then, and for other collections.
pub(super) fn inspect_changed_view(
    conn: &Connection,
    old: &Collection,
    new: &mut Collection,
    stored: &[Collection],
) -> Result<Option<InspectedQuery>, CollectionError> {
    let CollectionKind::View { query } = &new.kind else { return Ok(None) };
    if old.kind == new.kind && old.name == new.name {
        let inspected = inspect(conn, query, stored, &old.fields, RowCheck::None)?;
        if inspected.problem.is_none() {
            new.fields = inspected.fields;
        }
        return Ok(None);
    }
    catalogue::drop_view(conn, &old.name)?;
    inspect_new_view(conn, new, stored)
}

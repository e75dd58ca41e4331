//! Keeps the fields of views in step with the collections they read (reference part 1, section 7.5).

use rusqlite::Connection;

use super::catalogue;
use super::inspect::{InspectedQuery, RowCheck, inspect};
use crate::collections::error::CollectionError;
use crate::collections::store;
use crate::schema::{Collection, CollectionKind, Field};

/// Views over views are followed this far.
const MAX_PASSES: usize = 10;

/// Derives the fields of every view but `changed` again, and saves those that came out different.
///
/// A view whose query does not work any more is left alone and logged.
///
/// # Errors
/// The store's. A view that cannot be saved is no error of the change that made it stale.
pub(in crate::collections) fn refresh_dependents(
    conn: &Connection,
    now: &str,
    changed: Option<&str>,
) -> Result<(), CollectionError> {
    for _ in 0..MAX_PASSES {
        let stored = store::load_all(conn)?;
        let mut is_stable = true;
        for view in stored.iter().filter(|other| changed != Some(other.id.as_str())) {
            let CollectionKind::View { query } = &view.kind else { continue };
            let inspected = inspect(conn, query, &stored, &view.fields, RowCheck::None)?;
            if let Some(reason) = &inspected.problem {
                tracing::warn!(collection.name = view.name, reason, "a view's query does not work any more");
            } else if !is_same(&inspected.fields, &view.fields) && save(conn, now, view, inspected)? {
                is_stable = false;
            }
        }
        if is_stable {
            return Ok(());
        }
    }
    Ok(())
}

/// Saves the view with its new fields, in a savepoint of its own; `false` if SQLite refused.
fn save(conn: &Connection, now: &str, view: &Collection, inspected: InspectedQuery) -> Result<bool, CollectionError> {
    conn.execute_batch("SAVEPOINT refresh_view")?;
    let saved = (|| {
        let new = Collection { fields: inspected.fields, updated: now.to_owned(), ..view.clone() };
        catalogue::drop_view(conn, &view.name)?;
        catalogue::create(conn, &view.name, &inspected.select)?;
        store::update(conn, &new).map_err(CollectionError::from_statement)
    })();
    match saved {
        Ok(()) => {
            conn.execute_batch("RELEASE refresh_view")?;
            Ok(true)
        }
        Err(CollectionError::Rejected(reason)) => {
            conn.execute_batch("ROLLBACK TO refresh_view; RELEASE refresh_view")?;
            tracing::warn!(collection.name = view.name, reason, "a view could not be refreshed");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Whether the fields are equal but for their ids.
fn is_same(a: &[Field], b: &[Field]) -> bool {
    let without_id = |field: &Field| Field { id: String::new(), ..field.clone() };
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| without_id(a) == without_id(b))
}

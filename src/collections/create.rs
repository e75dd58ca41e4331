//! Making a collection.

use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use super::complete::complete;
use super::decode::{Purpose, Requested, apply_body};
use super::error::CollectionError;
use super::fields::with_free_number;
use super::merge::Merge;
use super::rules::FutureCatalog;
use super::save::{insert, inspect_new_view};
use super::scaffold::scaffold_of;
use super::store;
use super::validate::{Subject, validate};
use super::view::refresh_dependents;
use crate::schema::{Collection, ids};

/// Creates a collection from a request body: the scaffold of its type with the submitted keys on top.
///
/// # Errors
/// [`CollectionError::Invalid`] with everything wrong with the definition, [`CollectionError::Rejected`] when SQLite
/// refuses the table, [`CollectionError::MalformedType`] and [`CollectionError::Malformed`] for wrong JSON types.
pub fn create(conn: &Connection, now: &str, body: &Map<String, Json>) -> Result<Collection, CollectionError> {
    let stored = store::load_all(conn)?;
    let (mut collection, requested) = decode_new(now, body)?;
    if collection.id.is_empty() {
        collection.id = free_id(&collection, |id| stored.iter().any(|other| other.id == id));
    }
    complete(&mut collection, None);
    let inspected = inspect_new_view(conn, &mut collection, &stored)?;
    let catalog = FutureCatalog::new();
    let subject = Subject {
        conn,
        new: &collection,
        old: None,
        stored: &stored,
        requested: &requested,
        view_problem: inspected.as_ref().and_then(|view| view.problem.as_deref()),
        catalog: &catalog,
        is_import: false,
    };
    validate(&subject)?.into_result()?;
    insert(conn, &collection, inspected.as_ref())?;
    refresh_dependents(conn, now, Some(&collection.id))?;
    Ok(collection)
}

/// Decodes the body over the scaffold; an unknown type is decoded as base and refused later.
pub(super) fn decode_new(now: &str, body: &Map<String, Json>) -> Result<(Collection, Requested), CollectionError> {
    let mut type_name = String::new();
    for (key, value) in body {
        let is_type = key.eq_ignore_ascii_case("type");
        if is_type || key.eq_ignore_ascii_case("name") {
            let mut text = String::new();
            text.merge(value).map_err(|_| CollectionError::MalformedType)?;
            if is_type {
                type_name = text;
            }
        }
    }
    let mut collection = scaffold_of(&type_name).or_else(|| scaffold_of("base")).ok_or(CollectionError::Malformed)?;
    let requested = apply_body(&mut collection, body, Purpose::Create)?;
    collection.id = requested.id.clone().unwrap_or_default();
    now.clone_into(&mut collection.created);
    now.clone_into(&mut collection.updated);
    Ok((collection, requested))
}

/// The id derived from type and name, if need be with a number behind it.
pub(super) fn free_id(collection: &Collection, is_taken: impl Fn(&str) -> bool) -> String {
    with_free_number(&ids::collection_id(collection.type_name(), &collection.name), is_taken)
}

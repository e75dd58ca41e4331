//! Importing many collections at once, all or nothing (reference part 1, section 8.1).

use std::borrow::Cow;

use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use super::complete::complete;
use super::create::{decode_new, free_id};
use super::decode::{Purpose, Requested, apply_body};
use super::delete::{Deleted, remove};
use super::error::CollectionError;
use super::fields::add_field;
use super::merge::Merge;
use super::rules::FutureCatalog;
use super::save::{insert, inspect_new_view, replace};
use super::store;
use super::update::inspect_changed_view;
use super::validate::{Subject, validate};
use super::view::{InspectedQuery, refresh_dependents};
use crate::schema::Collection;
use crate::validation::Issue;

/// What an import did besides creating and changing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Collections that were deleted because the import does not hold them.
    pub deleted: Vec<Deleted>,
}

/// One collection of the import, decoded.
struct Item {
    old: Option<Collection>,
    new: Collection,
    requested: Requested,
}

/// Imports `{"collections": […], "deleteMissing": false}`.
///
/// # Errors
/// [`CollectionError::Malformed`] if the body is not of this shape; [`CollectionError::Invalid`] if the list is empty or
/// SQLite refuses an index; [`CollectionError::Import`] for every other fault of the request.
pub fn import(conn: &Connection, now: &str, body: &Map<String, Json>) -> Result<Imported, CollectionError> {
    let (items, delete_missing) = decode_request(body)?;
    if items.is_empty() {
        return Err(CollectionError::invalid("collections", Issue::required()));
    }
    import_items(conn, now, &items, delete_missing).map_err(|error| match error {
        // SQLite's objections to an index keep their place in the list.
        CollectionError::Db(_) | CollectionError::Import(_) | CollectionError::Invalid(_) => error,
        other => CollectionError::Import(other.to_string()),
    })
}

/// The submitted collections, and whether missing ones are deleted.
type Request<'a> = (Vec<Cow<'a, Map<String, Json>>>, bool);

fn decode_request(body: &Map<String, Json>) -> Result<Request<'_>, CollectionError> {
    let mut items = Vec::new();
    let mut delete_missing = false;
    for (key, value) in body {
        match (key.to_ascii_lowercase().as_str(), value) {
            ("deletemissing", value) => delete_missing.merge(value)?,
            ("collections", Json::Null) => items.clear(),
            ("collections", Json::Array(list)) => {
                let decode = |item| match item {
                    // Nothing is no collection, and fails as one without a name.
                    &Json::Null => Ok(Cow::Owned(Map::new())),
                    Json::Object(item) => Ok(Cow::Borrowed(item)),
                    _ => Err(CollectionError::Malformed),
                };
                items = list.iter().map(decode).collect::<Result<_, _>>()?;
            }
            ("collections", _) => return Err(CollectionError::Malformed),
            _ => {}
        }
    }
    Ok((items, delete_missing))
}

fn import_items(
    conn: &Connection,
    now: &str,
    bodies: &[Cow<'_, Map<String, Json>>],
    delete_missing: bool,
) -> Result<Imported, CollectionError> {
    let stored = store::load_all(conn)?;
    let mut items: Vec<Item> = Vec::with_capacity(bodies.len());
    for body in bodies {
        let item = decode_item(now, body, &stored, &items, delete_missing)?;
        items.push(item);
    }
    let mut imported = Imported::default();
    if delete_missing {
        for collection in &stored {
            let is_listed = items.iter().any(|item| item.new.id == collection.id);
            if !collection.system && !is_listed {
                imported.deleted.push(remove(conn, collection.clone())?);
            }
        }
    }
    // Tables before views, since views read from them.
    items.sort_by(|a, b| {
        let key = |item: &Item| (item.new.is_view(), item.new.created.clone(), item.new.updated.clone());
        key(a).cmp(&key(b))
    });
    save_all(conn, &mut items)?;
    validate_all(conn, &items)?;
    refresh_dependents(conn, now, None)?;
    Ok(imported)
}

fn decode_item(
    now: &str,
    body: &Map<String, Json>,
    stored: &[Collection],
    earlier: &[Item],
    delete_missing: bool,
) -> Result<Item, CollectionError> {
    let text = |wanted: &str| {
        let value = body.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
        value.and_then(Json::as_str).filter(|text| !text.is_empty())
    };
    let key = text("id").or_else(|| text("name")).unwrap_or_default();
    let old = stored
        .iter()
        .find(|collection| collection.id == key)
        .or_else(|| stored.iter().find(|collection| collection.name.eq_ignore_ascii_case(key)));
    let Some(old) = old else {
        let (mut new, requested) = decode_new(now, body)?;
        if new.id.is_empty() {
            let is_taken =
                |id: &str| stored.iter().any(|other| other.id == id) || earlier.iter().any(|other| other.new.id == id);
            new.id = free_id(&new, is_taken);
        }
        complete(&mut new, None);
        return Ok(Item { old: None, new, requested });
    };
    let mut new = old.clone();
    if delete_missing && !body.keys().any(|key| key.eq_ignore_ascii_case("fields")) && !new.is_view() {
        new.fields.clear();
    }
    let requested = apply_body(&mut new, body, Purpose::Update)?;
    now.clone_into(&mut new.updated);
    if !new.is_view() {
        keep_stored_fields(&mut new, old, delete_missing);
    }
    complete(&mut new, Some(old));
    Ok(Item { old: Some(old.clone()), new, requested })
}

/// Puts stored fields back that the import lacks. An imported field of the same name and type but another id takes over
/// the column; its options only count where missing fields are deleted, otherwise the stored ones stay, as in the reference.
fn keep_stored_fields(new: &mut Collection, old: &Collection, delete_missing: bool) {
    for stored in &old.fields {
        if new.fields.iter().any(|field| field.id == stored.id) {
            continue;
        }
        let twin =
            new.fields.iter_mut().find(|field| field.name == stored.name && field.type_name() == stored.type_name());
        if let Some(twin) = twin {
            twin.id.clone_from(&stored.id);
        }
        if stored.system || !delete_missing {
            add_field(&mut new.fields, stored.clone());
        }
    }
}

/// Saves without checks, so that the collections of one import may refer to each other in any order.
fn save_all(conn: &Connection, items: &mut [Item]) -> Result<(), CollectionError> {
    for item in items {
        let inspected = prepare_view(conn, item)?;
        match &item.old {
            None => insert(conn, &item.new, inspected.as_ref())?,
            Some(old) => replace(conn, old, &item.new, inspected.as_ref())?,
        }
    }
    Ok(())
}

/// Inspects a view's query; what is wrong with that ends the import.
fn prepare_view(conn: &Connection, item: &mut Item) -> Result<Option<InspectedQuery>, CollectionError> {
    if !item.new.is_view() {
        return Ok(None);
    }
    let stored = store::load_all(conn)?;
    let inspected = match &item.old {
        None => inspect_new_view(conn, &mut item.new, &stored)?,
        Some(old) => inspect_changed_view(conn, old, &mut item.new, &stored)?,
    };
    match inspected.as_ref().and_then(|view| view.problem.as_ref()) {
        None => Ok(inspected),
        Some(problem) => Err(refused(&item.new, &format!("viewQuery: {problem}"))),
    }
}

/// The import ends because of this collection.
fn refused(collection: &Collection, reason: &str) -> CollectionError {
    CollectionError::Import(format!("collection \"{}\" ({}): {reason}", collection.name, collection.id))
}

fn validate_all(conn: &Connection, items: &[Item]) -> Result<(), CollectionError> {
    let stored = store::load_all(conn)?;
    // Everything is stored already, so the items share it.
    let catalog = FutureCatalog::new();
    for item in items {
        let subject = Subject {
            conn,
            new: &item.new,
            old: item.old.as_ref(),
            stored: &stored,
            requested: &item.requested,
            view_problem: None,
            catalog: &catalog,
            is_import: true,
        };
        let errors = validate(&subject)?;
        if !errors.is_empty() {
            return Err(refused(&item.new, &errors.to_json().to_string()));
        }
    }
    Ok(())
}

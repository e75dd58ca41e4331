//! Decoding a request body over a collection.

use serde_json::{Map, Value as Json};

use super::fields::decode_fields;
use super::merge::{Malformed, Merge};
use crate::schema::auth_options::AuthOptions;
use crate::schema::{Collection, CollectionKind, SearchOptions, dates};

/// What a body asks for that a [`Collection`] cannot hold, because it must not change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Requested {
    /// Submitted id.
    pub(super) id: Option<String>,
    /// Submitted type; an empty one is as good as none.
    pub(super) type_name: Option<String>,
}

/// Whether the body makes a collection or changes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Create,
    Update,
}

/// An object without members says, as `null` does, that nothing is searched; keys that are not sent stay.
fn merge_search(search: &mut Option<SearchOptions>, value: &Json) -> Result<(), Malformed> {
    if value.as_object().is_some_and(Map::is_empty) {
        *search = None;
        return Ok(());
    }
    search.merge(value)
}

/// Takes over all keys of the body; those of other types than the collection's are checked for their JSON type only.
pub(super) fn apply_body(
    collection: &mut Collection,
    body: &Map<String, Json>,
    purpose: Purpose,
) -> Result<Requested, Malformed> {
    let mut requested = Requested::default();
    for (key, value) in body {
        match key.to_ascii_lowercase().as_str() {
            "id" => requested.id.merge(value)?,
            "type" => requested.type_name.merge(value)?,
            "name" => collection.name.merge(value)?,
            "listrule" => collection.rules.list.merge(value)?,
            "viewrule" => collection.rules.view.merge(value)?,
            "createrule" => collection.rules.create.merge(value)?,
            "updaterule" => collection.rules.update.merge(value)?,
            "deleterule" => collection.rules.delete.merge(value)?,
            "system" => collection.system.merge(value)?,
            "indexes" => collection.indexes.merge(value)?,
            "fields" => {
                let fields = decode_fields(value)?;
                if !collection.is_view() {
                    collection.fields = fields;
                }
            }
            "created" => {
                let mut date: Option<String> = None;
                date.merge(value)?;
                // As in the reference, text that is no date takes the date away.
                if let Some(date) = date.filter(|_| purpose == Purpose::Update) {
                    collection.created = dates::parse(&date);
                }
            }
            "updated" => String::new().merge(value)?,
            "search" => merge_search(&mut collection.search, value)?,
            "viewquery" => match &mut collection.kind {
                CollectionKind::View { query } => query.merge(value)?,
                CollectionKind::Base | CollectionKind::Auth(_) => String::new().merge(value)?,
            },
            _ => {}
        }
    }
    let body = Json::Object(body.clone());
    match &mut collection.kind {
        CollectionKind::Auth(options) => options.merge(&body)?,
        CollectionKind::Base | CollectionKind::View { .. } => AuthOptions::default().merge(&body)?,
    }
    requested.type_name = requested.type_name.filter(|name| !name.is_empty());
    Ok(requested)
}

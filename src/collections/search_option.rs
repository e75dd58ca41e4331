//! Keeping the option `search` in step with the fields it names.

use crate::schema::{Collection, Field, SearchOptions};

/// Renames and removes what fields were renamed and removed, and notes whether an index of before is still right.
///
/// Clients that do not know the option leave it out, or send it back as they got it: then it follows the ids of the
/// fields. One that was changed means what it says, but for names that were fields until now.
pub(super) fn settle(collection: &mut Collection, old: Option<&Collection>) {
    let Some(mut search) = collection.search.take() else { return };
    let old_search = old.and_then(|old| old.search.as_ref());
    let is_unchanged = old_search == Some(&search);
    if let Some(old) = old {
        let is_old_news = |name: &str| old.find_field(name).is_some();
        let renamed = |name: &str| -> Option<String> {
            let is_there = collection.find_field(name).is_some();
            if !is_old_news(name) || (is_there && !is_unchanged) {
                // What never was a field is an error of the request's, and refused as one.
                return Some(name.to_owned());
            }
            let id = &old.find_field(name)?.id;
            collection.fields.iter().find(|field| field.id == *id).map(|field| field.name.clone())
        };
        search.fields.retain_mut(|field| match renamed(&field.name) {
            Some(name) => {
                field.name = name;
                true
            }
            None => false,
        });
        search.facets = search.facets.iter().filter_map(|name| renamed(name)).collect();
    }
    if search.fields.is_empty() {
        return;
    }
    let is_same = |old: &Collection| {
        old.search.as_ref().is_some_and(|o| !o.generation.is_empty() && shape(old, o) == shape(collection, &search))
    };
    if !old.is_some_and(is_same) {
        search.renew_generation();
    }
    collection.search = Some(search);
}

/// Everything an index depends on, beside the records.
fn shape<'a>(collection: &'a Collection, search: &'a SearchOptions) -> (Vec<Column<'a>>, Vec<Column<'a>>, &'a str) {
    let column = |name: &str| {
        let field = collection.find_field(name);
        field.map(|field: &Field| (field.id.as_str(), field.name.as_str(), field.type_name(), field.is_multiple()))
    };
    let fields = search.fields.iter().map(|field| column(&field.name)).collect();
    let facets = search.facets.iter().map(|name| column(name)).collect();
    (fields, facets, &search.language)
}

/// Id, name, type, and whether there may be several values.
type Column<'a> = Option<(&'a str, &'a str, &'a str, bool)>;

//! The option `search`.

use super::Subject;
use crate::schema::{Collection, Field, SearchOptions};
use crate::validation::{Issue, ValidationErrors};

/// Most fields that are searched, and most facets.
const MAX_NAMES: usize = 32;

/// Least and greatest weight of a field.
const WEIGHTS: (f64, f64) = (0.1, 100.0);

pub(super) fn check_search(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    let collection = subject.new;
    let Some(search) = &collection.search else { return };
    if collection.is_view() || collection.system {
        let text = "Only base and auth collections that are not part of the system can be searched.";
        errors.add("search", Issue::new("validation_search_unsupported", text));
        return;
    }
    check_fields(collection, search, errors);
    check_facets(collection, search, errors);
    if !search.language.is_empty() && search.known_language().is_none() {
        errors.add("search.language", Issue::new("validation_in_invalid", "This language is not known."));
    }
}

fn check_fields(collection: &Collection, search: &SearchOptions, errors: &mut ValidationErrors) {
    if search.fields.len() > MAX_NAMES {
        errors.add("search.fields", too_many(1));
        return;
    }
    let is_secret = |field: &Field| collection.is_auth() && field.name == "tokenKey";
    for (position, field) in search.fields.iter().enumerate() {
        let is_twice = search.fields[..position].iter().any(|other| other.name == field.name);
        let issue = check_name(collection, &field.name, is_twice, |field| field.is_searchable() && !is_secret(field));
        if let Some(issue) = issue {
            errors.add(&format!("search.fields.{position}.name"), issue);
        }
        let (min, max) = WEIGHTS;
        if !(field.weight >= min && field.weight <= max) {
            let issue = Issue::new("validation_length_out_of_range", format!("Must be from {min} to {max}."));
            errors.add(&format!("search.fields.{position}.weight"), issue.with("min", min).with("max", max));
        }
    }
}

fn check_facets(collection: &Collection, search: &SearchOptions, errors: &mut ValidationErrors) {
    if search.facets.len() > MAX_NAMES {
        errors.add("search.facets", too_many(0));
        return;
    }
    for (position, name) in search.facets.iter().enumerate() {
        let is_twice = search.facets[..position].contains(name);
        if let Some(issue) = check_name(collection, name, is_twice, Field::is_facetable) {
            errors.add(&format!("search.facets.{position}"), issue);
        }
    }
}

fn check_name(
    collection: &Collection,
    name: &str,
    is_twice: bool,
    is_usable: impl Fn(&Field) -> bool,
) -> Option<Issue> {
    let issue = if name.is_empty() {
        return Some(Issue::required());
    } else if is_twice {
        Issue::new("validation_duplicated_field_name", format!("{name} is there twice."))
    } else {
        match collection.find_field(name) {
            None => Issue::new("validation_missing_field", format!("There is no field {name}.")),
            Some(field) if !is_usable(field) => {
                let message = format!("Fields of the type {} cannot be used here.", field.type_name());
                Issue::new("validation_unsupported_field", message)
            }
            Some(_) => return None,
        }
    };
    Some(issue.with("fieldName", name))
}

fn too_many(min: usize) -> Issue {
    let issue = Issue::new("validation_length_out_of_range", format!("At most {MAX_NAMES} are possible."));
    issue.with("min", min).with("max", MAX_NAMES)
}

//! Everything a definition must satisfy before it is stored (reference part 1, section 5.2).
//!
//! The keys are checked independently and all their errors reported; within a key the first failed check wins.

mod auth;
pub(super) mod fields;
mod name;
mod rules;
mod search;

use rusqlite::Connection;

use super::decode::Requested;
use super::error::CollectionError;
use super::index_validate::validate_indexes;
use super::rules::FutureCatalog;
use crate::schema::{Collection, CollectionKind, is_word};
use crate::validation::{Issue, ValidationErrors};

/// A definition and what it is checked against.
pub(super) struct Subject<'a> {
    pub(super) conn: &'a Connection,
    pub(super) new: &'a Collection,
    /// The stored collection, if this is a change.
    pub(super) old: Option<&'a Collection>,
    /// All stored collections.
    pub(super) stored: &'a [Collection],
    pub(super) requested: &'a Requested,
    /// Why the view's query is refused.
    pub(super) view_problem: Option<&'a str>,
    /// For the checks of rules.
    pub(super) catalog: &'a FutureCatalog,
    /// An import is checked after everything was written, so a new collection finds itself stored.
    pub(super) is_import: bool,
}

/// Checks everything.
pub(super) fn validate(subject: &Subject<'_>) -> Result<ValidationErrors, CollectionError> {
    let mut errors = ValidationErrors::new();
    check_id(subject, &mut errors);
    check_type(subject, &mut errors);
    if let Some(issue) = name::check_name(subject)? {
        errors.add("name", issue);
    }
    if subject.old.is_some_and(|old| old.system != subject.new.system) {
        let text = "Whether a collection is a system one cannot be changed.";
        errors.add("system", Issue::new("validation_collection_system_flag_change", text));
    }
    rules::check_rules(subject, &mut errors);
    fields::check_fields(subject, &mut errors);
    validate_indexes(subject, &mut errors)?;
    search::check_search(subject, &mut errors);
    match &subject.new.kind {
        CollectionKind::Base => {}
        CollectionKind::Auth(options) => auth::check_options(subject, options, &mut errors),
        CollectionKind::View { query } => check_view_query(subject, query, &mut errors),
    }
    Ok(errors)
}

impl<'a> Subject<'a> {
    /// The stored collections but this one.
    pub(super) fn others(&self) -> impl Iterator<Item = &'a Collection> {
        // A new one whose id is taken has nothing of its own among them.
        let own = (self.old.is_some() || self.is_import).then_some(&self.new.id);
        self.stored.iter().filter(move |other| own != Some(&other.id))
    }
}

fn check_id(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    let id = &subject.new.id;
    let issue = match subject.old {
        Some(old) => {
            let is_other = subject.requested.id.as_ref().is_some_and(|id| *id != old.id);
            is_other.then(|| Issue::new("validation_values_mismatch", "The id cannot be changed."))
        }
        None if id.is_empty() || id.len() > 100 => Some(length_issue(1, 100)),
        None if !is_word(id) => Some(format_issue()),
        None if !subject.is_import && subject.stored.iter().any(|other| other.id == *id) => {
            Some(Issue::new("validation_invalid_or_existing_id", "This id is taken."))
        }
        None => None,
    };
    if let Some(issue) = issue {
        errors.add("id", issue);
    }
}

fn check_type(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    let Some(requested) = subject.requested.type_name.as_deref() else { return };
    if !matches!(requested, "base" | "auth" | "view") {
        errors.add("type", Issue::new("validation_in_invalid", "Must be one of base, auth and view."));
    } else if requested != subject.new.type_name() {
        errors.add("type", Issue::new("validation_collection_type_change", "The type cannot be changed."));
    }
}

fn check_view_query(subject: &Subject<'_>, query: &str, errors: &mut ValidationErrors) {
    if query.trim().is_empty() {
        errors.add("viewQuery", Issue::required());
    } else if let Some(problem) = subject.view_problem {
        let message = format!("Invalid query - {problem}.");
        errors.add("viewQuery", Issue::new("validation_invalid_view_query", message));
    }
}

fn length_issue(min: usize, max: usize) -> Issue {
    let message = format!("Must be {min} to {max} characters long.");
    Issue::new("validation_length_out_of_range", message).with("min", min).with("max", max)
}

fn format_issue() -> Issue {
    Issue::new("validation_match_invalid", "Only letters a-z, digits and underscores are allowed.")
}

//! The field list (reference part 1, section 5.2).

use std::collections::HashSet;

use super::Subject;
use crate::collections::fields::MAX_FIELDS;
use crate::schema::defaults::system_fields;
use crate::schema::fields::AutodateOptions;
use crate::schema::{Collection, Field, FieldOptions, OptionsContext, TargetKind};
use crate::validation::{Issue, ValidationErrors};

/// Names that the sign-up form uses itself.
const RESERVED_AUTH_NAMES: [&str; 2] = ["passwordConfirm", "oldPassword"];

/// Checks the list step by step; a step with errors is the last one.
pub(super) fn check_fields(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    let steps = [
        check_size,
        check_duplicates,
        check_minimum,
        check_system_fields,
        check_types,
        check_reserved_names,
        check_each,
    ];
    for step in steps {
        let mut found = ValidationErrors::new();
        step(subject, &mut found);
        if !found.is_empty() {
            errors.merge("", found);
            return;
        }
    }
}

fn check_size(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    if subject.new.fields.len() > MAX_FIELDS {
        let issue = Issue::new("validation_length_out_of_range", format!("At most {MAX_FIELDS} fields are possible."));
        errors.add("fields", issue.with("min", 1).with("max", MAX_FIELDS));
    }
}

fn check_duplicates(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    let mut ids = HashSet::new();
    let mut names = HashSet::new();
    for (position, field) in subject.new.fields.iter().enumerate() {
        if !ids.insert(field.id.as_str()) {
            let issue = Issue::new("validation_duplicated_field_id", "Another field has this id.");
            errors.add(&format!("fields.{position}.id"), issue.with("fieldName", field.name.as_str()));
        }
        if !names.insert(field.name.to_lowercase()) {
            let issue = Issue::new("validation_duplicated_field_name", "Another field has this name.");
            errors.add(&format!("fields.{position}.name"), issue.with("fieldName", field.name.as_str()));
        }
    }
}

fn check_minimum(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    let new = subject.new;
    if new.fields.is_empty() {
        errors.add("fields", Issue::required());
        return;
    }
    let id = new.find_field("id");
    if !id.is_some_and(Field::is_primary_key) {
        errors.add("fields", Issue::new("validation_missing_primary_key", "The field `id` is missing."));
        return;
    }
    if !new.is_auth() {
        return;
    }
    for default in system_fields(&new.kind).into_iter().skip(1) {
        let name = &default.name;
        let field = new.find_field(name).filter(|field| field.type_name() == default.type_name());
        let Some(field) = field else {
            let code = format!("validation_missing_{name}_field");
            errors.add("fields", Issue::new(code, format!("The field `{name}` is missing.")));
            continue;
        };
        if default.hidden && !(field.system && field.hidden) {
            let message = format!("`{name}` must be a hidden system field.");
            errors.add("fields", Issue::new("validation_must_be_system_and_hidden", message));
        } else if !field.system {
            errors.add("fields", Issue::new("validation_must_be_system", format!("`{name}` must be a system field.")));
        }
    }
}

/// System fields keep their id and name. A view's fields follow from its query instead.
fn check_system_fields(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    let Some(old) = subject.old.filter(|old| !old.is_view()) else { return };
    let is_kept = |field: &Field| subject.new.fields.iter().any(|new| new.id == field.id && new.name == field.name);
    if old.fields.iter().any(|field| field.system && !is_kept(field)) {
        let text = "System fields can be neither removed nor renamed.";
        errors.add("fields", Issue::new("validation_system_field_change", text));
    }
}

fn check_types(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    let Some(old) = subject.old.filter(|old| !old.is_view()) else { return };
    for (position, field) in subject.new.fields.iter().enumerate() {
        if find_by_id(old, &field.id).is_some_and(|old| old.type_name() != field.type_name()) {
            let issue = Issue::new("validation_field_type_change", "The type of a field cannot be changed.");
            errors.add(&format!("fields.{position}"), issue);
        }
    }
}

fn check_reserved_names(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    if !subject.new.is_auth() {
        return;
    }
    for (position, field) in subject.new.fields.iter().enumerate() {
        if RESERVED_AUTH_NAMES.contains(&field.name.as_str()) {
            let issue = Issue::new("validation_reserved_field_name", "Sign-up forms use this name themselves.");
            errors.add(&format!("fields.{position}.name"), issue);
        }
    }
}

fn check_each(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    let new = subject.new;
    let find_collection = |id: &str| target_kind(subject.stored, id);
    let primary_keys = new.fields.iter().filter(|field| field.is_primary_key()).count();
    for (position, field) in new.fields.iter().enumerate() {
        let stored = subject.old.filter(|old| !old.is_view()).and_then(|old| find_by_id(old, &field.id));
        let context =
            OptionsContext { find_collection: &find_collection, owner_is_view: new.is_view(), stored, primary_keys };
        let mut found = field.validate_options(&context);
        if let FieldOptions::Autodate(options) = &field.options
            && let Some(FieldOptions::Autodate(old)) = stored.map(|stored| &stored.options)
            && field.system
        {
            check_system_autodate(options, old, &mut found);
        }
        errors.merge(&format!("fields.{position}"), found);
    }
}

/// What a relation to this collection points to.
pub(in crate::collections) fn target_kind(collections: &[Collection], id: &str) -> Option<TargetKind> {
    let collection = collections.iter().find(|collection| collection.id == id)?;
    Some(if collection.is_view() { TargetKind::View } else { TargetKind::Table })
}

fn check_system_autodate(options: &AutodateOptions, old: &AutodateOptions, errors: &mut ValidationErrors) {
    for (key, is_changed) in
        [("onCreate", options.on_create != old.on_create), ("onUpdate", options.on_update != old.on_update)]
    {
        if is_changed {
            let text = "Cannot be changed in a system field.";
            errors.add(key, Issue::new("validation_values_mismatch", text));
        }
    }
}

fn find_by_id<'a>(collection: &'a Collection, id: &str) -> Option<&'a Field> {
    collection.fields.iter().find(|field| field.id == id)
}

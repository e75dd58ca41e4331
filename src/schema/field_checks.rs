//! Checks of a field's definition that need no database (reference part 1, sections 9 and 10).

use super::fields::TargetKind;
use super::{Field, FieldOptions};
use crate::validation::{Issue, ValidationErrors};

/// What the checks of a field need to know about its surroundings.
pub struct OptionsContext<'a> {
    /// What the collection with this id is, if there is one (the owner itself included).
    pub find_collection: &'a dyn Fn(&str) -> Option<TargetKind>,
    /// Whether the field belongs to a view.
    pub owner_is_view: bool,
    /// The stored field of the same id.
    pub stored: Option<&'a Field>,
    /// Number of fields of the list that are primary keys.
    pub primary_keys: usize,
}

/// Names that mean something else in filters and records.
const RESERVED_NAMES: [&str; 7] = ["null", "true", "false", "_rowid_", "collectionId", "collectionName", "expand"];

/// Adds an issue when the length in bytes lies outside `min..=max`; empty text passes.
fn check_length(errors: &mut ValidationErrors, key: &str, text: &str, min: usize, max: usize) {
    if !text.is_empty() && !(min..=max).contains(&text.len()) {
        let issue = Issue::new("validation_length_out_of_range", format!("Must have {min} to {max} bytes."));
        errors.add(key, issue.with("min", min).with("max", max));
    }
}

/// Whether the text is one or more ASCII letters, digits and underscores.
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether the text holds `_via_` in any case, which paths of back-relations use.
pub fn has_via(text: &str) -> bool {
    text.to_ascii_lowercase().contains("_via_")
}

impl Field {
    /// Checks the definition of the field; keys are those of its JSON object.
    ///
    /// What concerns the whole list (repeated ids and names, system fields) is checked by `collections`.
    pub fn validate_options(&self, context: &OptionsContext<'_>) -> ValidationErrors {
        let mut errors = ValidationErrors::new();
        if self.id.is_empty() {
            errors.add("id", Issue::required());
        }
        check_length(&mut errors, "id", &self.id, 1, 100);
        check_length(&mut errors, "help", &self.help, 1, 300);
        self.check_name(&mut errors);
        match &self.options {
            FieldOptions::Text(options) => {
                if options.primary_key {
                    self.check_primary_key(context, &mut errors);
                }
                options.check_options(self.required, &mut errors);
            }
            FieldOptions::Editor(options) => options.check_options(&mut errors),
            FieldOptions::Number(options) => options.check_options(&mut errors),
            FieldOptions::Email(options) | FieldOptions::Url(options) => options.check_options(&mut errors),
            FieldOptions::Autodate(options) => options.check_options(&mut errors),
            FieldOptions::Select(options) => options.check_options(&mut errors),
            FieldOptions::Relation(options) => options.check_options(context, &mut errors),
            FieldOptions::File(options) => options.check_options(&mut errors),
            FieldOptions::Password(options) => options.check_options(&mut errors),
            FieldOptions::Json(options) => options.check_options(&mut errors),
            FieldOptions::Bool | FieldOptions::Date(_) | FieldOptions::GeoPoint => {}
        }
        errors
    }

    fn check_name(&self, errors: &mut ValidationErrors) {
        let name = self.name.as_str();
        if name.is_empty() {
            errors.add("name", Issue::required());
            return;
        }
        // The first issue of a key wins, so the order is that of the contract.
        check_length(errors, "name", name, 1, 100);
        if !is_word(name) {
            errors.add("name", Issue::new("validation_match_invalid", "Only letters, digits and underscores."));
        }
        if RESERVED_NAMES.contains(&name) {
            errors.add("name", Issue::new("validation_not_in_invalid", "This name is reserved."));
        }
        if has_via(name) {
            errors.add("name", Issue::new("validation_found_via", "Must not contain \"_via_\"."));
        }
    }

    fn check_primary_key(&self, context: &OptionsContext<'_>, errors: &mut ValidationErrors) {
        if self.name != "id" {
            errors.add("name", Issue::new("validation_in_invalid", "A primary key must be called \"id\"."));
        }
        if context.primary_keys > 1 {
            let issue = Issue::new("validation_unsupported_composite_pk", "A collection has one primary key.");
            errors.add("primaryKey", issue);
        }
        if self.hidden {
            errors.add("hidden", Issue::new("validation_empty", "A primary key cannot be hidden."));
        }
        if !self.required {
            errors.add("required", Issue::required());
        }
    }
}

#[cfg(test)]
#[path = "field_checks_tests.rs"]
mod tests;

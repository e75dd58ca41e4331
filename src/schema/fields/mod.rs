//! The field types: one file each, with its options, checks, casts and storage form.
//!
//! The serde form of each options struct is its part of the field's JSON object.

mod autodate;
pub(super) mod bool;
pub(super) mod date;
mod domain;
mod editor;
mod file;
pub(super) mod geo_point;
pub(super) mod json;
pub(super) mod number;
mod password;
mod relation;
pub(super) mod select;
mod text;

use crate::validation::{Issue, ValidationErrors};

pub use autodate::AutodateOptions;
pub use date::DateOptions;
pub use domain::{DomainOptions, is_domain, is_email, is_url};
pub use editor::{DEFAULT_MAX_EDITOR_BYTES, EditorOptions};
pub use file::{DEFAULT_MAX_FILE_BYTES, FileOptions};
pub use json::{DEFAULT_MAX_JSON_BYTES, JsonOptions};
pub use number::NumberOptions;
pub use password::PasswordOptions;
pub use relation::{RelationOptions, TargetKind};
pub use select::SelectOptions;
pub use text::TextOptions;

pub(super) use text::KEY_COLUMN;

/// Largest integer option: the largest that JavaScript counts exactly.
pub const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// Column of types that hold text.
pub(super) const TEXT_COLUMN: &str = "TEXT DEFAULT '' NOT NULL";

/// Adds an issue when an integer option lies outside its range; 0 means unset and passes.
fn check_range(errors: &mut ValidationErrors, key: &str, value: i64, min: i64, max: i64) {
    if value == 0 {
        return;
    }
    if value < min {
        let issue = Issue::new("validation_min_greater_equal_than_required", format!("Must be {min} or more."));
        errors.add(key, issue.with("threshold", min));
    } else if value > max {
        let issue = Issue::new("validation_max_less_equal_than_required", format!("Must be {max} or less."));
        errors.add(key, issue.with("threshold", max));
    }
}

/// Adds an issue when a pattern option does not compile.
fn check_pattern(errors: &mut ValidationErrors, key: &str, pattern: &str) {
    if !pattern.is_empty() && !super::pattern::is_valid(pattern) {
        errors.add(key, Issue::new("validation_invalid_regex", "Must be a valid regular expression."));
    }
}

/// Number of characters, as the limits of text count.
fn length(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// Number of bytes, as the limits of sizes count.
fn byte_length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

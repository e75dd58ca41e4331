//! Checks of auth records that look at the body rather than at values (reference part 2, section 12). If one fails,
//! nothing else is reported.

use serde_json::{Map, Value as Json};

use super::{PasswordWork, Record};
use crate::schema::cast;
use crate::validation::{Issue, ValidationErrors};

/// A key of the body as text, cast as a password field casts it: forms turn `12345678` into a number. Absent, `null`
/// and empty are alike.
pub(super) fn text(body: &Map<String, Json>, key: &str) -> String {
    body.get(key).map(cast::text).unwrap_or_default()
}

fn mismatch() -> Issue {
    Issue::new("validation_values_mismatch", "Values don't match.")
}

/// Checks a save of an auth record: `stored` before (none on create), `record` after the body was applied.
/// `is_elevated`: the caller is a superuser or manages the record.
pub(super) fn check(
    stored: Option<&Record>,
    record: &Record,
    body: &Map<String, Json>,
    is_elevated: bool,
    passwords: &PasswordWork,
) -> Result<(), ValidationErrors> {
    let mut errors = ValidationErrors::new();
    if !is_elevated {
        if stored.is_some_and(|s| s.text("email") != record.text("email")) {
            errors.add("email", mismatch());
        }
        if stored.is_some_and(|s| s.flag("verified")) != record.flag("verified") {
            errors.add("verified", mismatch());
        }
    }
    let (password, confirm, old) = (text(body, "password"), text(body, "passwordConfirm"), text(body, "oldPassword"));
    let has_generated = password.is_empty() && confirm.is_empty() && passwords.generated().is_some();
    let is_create = stored.is_none() && !has_generated;
    let touches_password = !password.is_empty() || !confirm.is_empty() || !old.is_empty();
    let clears_password = !is_create && body.contains_key("password") && password.is_empty();
    if password.is_empty() && (is_create || touches_password || clears_password) {
        errors.add("password", Issue::required());
    }
    if is_create || touches_password {
        if confirm.is_empty() && (is_create || !password.is_empty() || !old.is_empty()) {
            errors.add("passwordConfirm", Issue::required());
        } else if confirm != password {
            errors.add("passwordConfirm", mismatch());
        }
    }
    if let Some(stored) = stored
        && !is_elevated
        && (!password.is_empty() || !confirm.is_empty())
    {
        if old.is_empty() {
            errors.add("oldPassword", Issue::required());
        } else if !passwords.old_password_fits(stored.text("password")) {
            errors.add("oldPassword", Issue::new("validation_invalid_old_password", "Wrong or missing old password."));
        }
    }
    errors.into_result()
}

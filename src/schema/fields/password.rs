//! Password hashes. Hashing itself is the business of `auth`.

use serde::{Deserialize, Serialize};

use super::{check_pattern, check_range, length};
use crate::schema::field_json::Source;
use crate::schema::{FieldDecodeError, pattern};
use crate::validation::{Issue, ValidationErrors};

/// Most characters of a password without `max`.
const DEFAULT_MAX: i64 = 71;

/// Options of password fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordOptions {
    /// Fewest characters; 0 = no limit.
    pub min: i64,
    /// Most characters; 0 = 71.
    pub max: i64,
    /// Regular expression searched for in the plain value.
    pub pattern: String,
    /// bcrypt cost of the reference; kept for export, new hashes are Argon2id.
    pub cost: i64,
}

impl PasswordOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self {
            min: source.integer("min")?,
            max: source.integer("max")?,
            pattern: source.text("pattern")?,
            cost: source.integer("cost")?,
        })
    }

    pub(in crate::schema) fn check_options(&self, errors: &mut ValidationErrors) {
        check_range(errors, "min", self.min, 1, DEFAULT_MAX);
        check_range(errors, "max", self.max, self.min, DEFAULT_MAX);
        check_range(errors, "cost", self.cost, 4, 31);
        check_pattern(errors, "pattern", &self.pattern);
    }

    /// Checks a newly submitted password before it is hashed.
    ///
    /// # Errors
    /// The issue of the first check that fails; it never repeats the password.
    pub fn validate_plain(&self, plain: &str, required: bool) -> Result<(), Issue> {
        if plain.is_empty() {
            return if required { Err(Issue::required()) } else { Ok(()) };
        }
        let max = if self.max > 0 { self.max } else { DEFAULT_MAX };
        if length(plain) < self.min {
            let message = format!("Must have at least {} characters.", self.min);
            return Err(Issue::new("validation_min_text_constraint", message));
        }
        if length(plain) > max {
            return Err(Issue::new("validation_max_text_constraint", format!("Must have at most {max} characters.")));
        }
        if !self.pattern.is_empty() && !pattern::is_match(&self.pattern, plain) {
            return Err(Issue::new("validation_invalid_format", "Does not have the expected format."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values() {
        let options = PasswordOptions { min: 4, max: 0, pattern: "[0-9]".into(), cost: 0 };
        for (plain, required, want) in [
            ("abc1", true, None),
            ("", false, None),
            ("", true, Some("validation_required")),
            ("ab1", true, Some("validation_min_text_constraint")),
            ("abcd", true, Some("validation_invalid_format")),
            (&"1".repeat(71), true, None),
            (&"1".repeat(72), true, Some("validation_max_text_constraint")),
            (&format!("{}1", "é".repeat(70)), true, None),
        ] {
            let code = options.validate_plain(plain, required).err().map(|issue| issue.code.into_owned());
            assert_eq!(code.as_deref(), want, "{plain}");
        }
    }
}

//! Plain text, and the primary key.

use serde::{Deserialize, Serialize};

use super::{MAX_SAFE_INTEGER, byte_length, check_pattern, check_range, length};
use crate::schema::defaults::ID_PATTERN;
use crate::schema::field_json::Source;
use crate::schema::generate::{GenerateError, IdOrder, generate};
use crate::schema::{FieldDecodeError, pattern};
use crate::validation::{Issue, ValidationErrors};

/// Most characters of a text without `max`.
const DEFAULT_MAX: i64 = 5000;

/// Generated samples that must pass a field's own checks.
const SAMPLES: usize = 10;

/// Options of text fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TextOptions {
    /// Fewest characters; 0 = no limit.
    pub min: i64,
    /// Most characters; 0 = 5000.
    pub max: i64,
    /// Regular expression searched for in the value.
    pub pattern: String,
    /// Regular expression that values are generated from.
    pub autogenerate_pattern: String,
    /// The collection's key.
    pub primary_key: bool,
}

/// Column of a primary key.
pub(in crate::schema) const KEY_COLUMN: &str = "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL";

impl TextOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self {
            min: source.integer("min")?,
            max: source.integer("max")?,
            pattern: source.text("pattern")?,
            autogenerate_pattern: source.text("autogeneratePattern")?,
            primary_key: source.boolean("primaryKey")?,
        })
    }

    pub(in crate::schema) fn check_options(&self, required: bool, errors: &mut ValidationErrors) {
        check_range(errors, "min", self.min, 0, MAX_SAFE_INTEGER);
        check_range(errors, "max", self.max, self.min, MAX_SAFE_INTEGER);
        if self.primary_key && self.pattern.is_empty() {
            errors.add("pattern", Issue::required());
        }
        check_pattern(errors, "pattern", &self.pattern);
        check_pattern(errors, "autogeneratePattern", &self.autogenerate_pattern);
        if self.autogenerate_pattern.is_empty() || errors.has("autogeneratePattern") || errors.has("pattern") {
            return;
        }
        let sample_passes = || match generate(&self.autogenerate_pattern, 0, IdOrder::Random) {
            Ok(sample) => Ok(if sample.is_empty() { !required } else { self.check_value(&sample).is_ok() }),
            Err(GenerateError::TooLong) => Ok(false),
            Err(GenerateError::Syntax | GenerateError::Unsupported) => Err(()),
        };
        for _ in 0..SAMPLES {
            let issue = match sample_passes() {
                Ok(true) => continue,
                Ok(false) => Issue::new(
                    "validation_invalid_autogenerate_pattern_value",
                    "The pattern generates values that this field does not accept.",
                ),
                Err(()) => Issue::new(
                    "validation_invalid_autogenerate_pattern",
                    "The pattern holds something that cannot be generated.",
                ),
            };
            errors.add("autogeneratePattern", issue);
            return;
        }
    }

    /// Checks a value that is not empty: length and pattern.
    ///
    /// # Errors
    /// The issue of the first check that fails.
    pub fn check_value(&self, value: &str) -> Result<(), Issue> {
        let max = if self.max > 0 { self.max } else { DEFAULT_MAX };
        if self.min > 0 && length(value) < self.min {
            let message = format!("Must have at least {} characters.", self.min);
            return Err(Issue::new("validation_min_text_constraint", message).with("min", self.min));
        }
        if byte_length(value) > max && length(value) > max {
            let message = format!("Must have at most {max} characters.");
            return Err(Issue::new("validation_max_text_constraint", message).with("max", max));
        }
        if !self.pattern.is_empty() && !pattern::is_match(&self.pattern, value) {
            return Err(Issue::new("validation_invalid_format", "Does not have the expected format."));
        }
        Ok(())
    }

    /// Checks a new primary key beyond what [`check_value`](Self::check_value) looks at: characters and names that file
    /// systems and paths choke on. Keys of the default pattern cannot hold any. Whether it is taken is not asked here.
    ///
    /// # Errors
    /// `validation_forbidden_pk_character` or `validation_reserved_pk`.
    pub fn check_new_key(&self, value: &str) -> Result<(), Issue> {
        const FORBIDDEN: &str = "./\\|\"'`<>:?*%$\0\t\n\r ";
        const RESERVED: &[&str] = &[
            "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "LPT1",
            "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
        ];
        if self.pattern == ID_PATTERN {
            return Ok(());
        }
        if let Some(ch) = FORBIDDEN.chars().find(|ch| value.contains(*ch)) {
            let message = format!("An id cannot contain {ch:?}.");
            return Err(Issue::new("validation_forbidden_pk_character", message).with("ch", ch.to_string()));
        }
        if let Some(name) = RESERVED.iter().find(|name| name.eq_ignore_ascii_case(value)) {
            let issue = Issue::new("validation_reserved_pk", format!("The id {name} is reserved."));
            return Err(issue.with("reserved", *name));
        }
        Ok(())
    }

    /// `prefix` and a generated text; `None` without a pattern or when the pattern yields nothing.
    pub fn autogenerate(&self, prefix: &str, now_ms: i64, order: IdOrder) -> Option<String> {
        if self.autogenerate_pattern.is_empty() {
            return None;
        }
        let generated = generate(&self.autogenerate_pattern, now_ms, order).ok()?;
        Some(if prefix.is_empty() { generated } else { format!("{prefix}{generated}") })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values() {
        let key = TextOptions { pattern: "^[A-Z ]*$".into(), min: 2, max: 4, ..TextOptions::default() };
        for (options, value, want) in [
            (&key, "AB", None),
            (&key, "A", Some("validation_min_text_constraint")),
            (&key, "ABCDE", Some("validation_max_text_constraint")),
            (&key, "éééé", Some("validation_invalid_format")),
            (&key, "ééééé", Some("validation_max_text_constraint")),
            (&key, "    ", None),
            (&TextOptions::default(), &"é".repeat(5000), None),
            (&TextOptions::default(), &"é".repeat(5001), Some("validation_max_text_constraint")),
        ] {
            let code = options.check_value(value).err().map(|issue| issue.code.into_owned());
            assert_eq!(code.as_deref(), want, "{value}");
        }
    }

    #[test]
    fn keys_of_free_patterns_stay_safe_for_paths() {
        let key = TextOptions { pattern: ".*".into(), ..TextOptions::default() };
        for (value, want) in [
            ("a-b_c", None),
            ("a.b", Some(("validation_forbidden_pk_character", json!({"ch": "."})))),
            ("a b", Some(("validation_forbidden_pk_character", json!({"ch": " "})))),
            ("a\u{0}b", Some(("validation_forbidden_pk_character", json!({"ch": "\u{0}"})))),
            ("lpt9", Some(("validation_reserved_pk", json!({"reserved": "LPT9"})))),
            ("lpt10", None),
        ] {
            let found = key.check_new_key(value).err().map(|issue| (issue.code, json!(issue.params)));
            assert_eq!(found.as_ref().map(|(code, params)| (code.as_ref(), params.clone())), want, "{value}");
        }
        let default = TextOptions { pattern: ID_PATTERN.into(), ..TextOptions::default() };
        assert!(default.check_new_key("nul").is_ok());
    }

    #[test]
    fn autogenerate_keeps_the_prefix() {
        let options = TextOptions { autogenerate_pattern: "[0-9]{3}".into(), ..TextOptions::default() };
        let value = options.autogenerate("abc-", 0, IdOrder::Time).unwrap();
        assert!(pattern::is_match("^abc-[0-9]{3}$", &value), "{value}");
        assert_eq!(TextOptions::default().autogenerate("abc-", 0, IdOrder::Time), None);
    }
}

//! HTML, stored as it came.

use serde::{Deserialize, Serialize};

use super::{MAX_SAFE_INTEGER, byte_length, check_range};
use crate::schema::FieldDecodeError;
use crate::schema::field_json::Source;
use crate::validation::{Issue, ValidationErrors};

/// Most bytes of an editor field without `maxSize`.
pub const DEFAULT_MAX_EDITOR_BYTES: i64 = 5 << 20;

/// Options of editor fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EditorOptions {
    /// Bytes; 0 = 5 MiB.
    pub max_size: i64,
    /// Dashboard hint.
    #[serde(rename = "convertURLs")]
    pub convert_urls: bool,
}

impl EditorOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self { max_size: source.integer("maxSize")?, convert_urls: source.boolean("convertURLs")? })
    }

    pub(in crate::schema) fn check_options(&self, errors: &mut ValidationErrors) {
        check_range(errors, "maxSize", self.max_size, 0, MAX_SAFE_INTEGER);
    }

    /// The limit in force, in bytes.
    pub fn max_bytes(&self) -> i64 {
        if self.max_size > 0 { self.max_size } else { DEFAULT_MAX_EDITOR_BYTES }
    }

    pub(in crate::schema) fn check_value(&self, value: &str) -> Result<(), Issue> {
        let max = self.max_bytes();
        if byte_length(value) > max {
            let message = format!("Must not be larger than {max} bytes.");
            return Err(Issue::new("validation_content_size_limit", message).with("maxSize", max));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_count_bytes() {
        let options = EditorOptions { max_size: 3, convert_urls: false };
        for (value, want) in [("abc", true), ("éa", true), ("éé", false)] {
            assert_eq!(options.check_value(value).is_ok(), want, "{value}");
        }
        assert_eq!(EditorOptions::default().max_bytes(), 5_242_880);
    }
}

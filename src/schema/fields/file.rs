//! Names of uploaded files. The files themselves, and the checks of uploads, are the business of `files`.

use serde::{Deserialize, Serialize};

use super::{MAX_SAFE_INTEGER, check_range};
use crate::schema::field_json::Source;
use crate::schema::{FieldDecodeError, Value};
use crate::validation::{Issue, ValidationErrors};

/// Most bytes of one file without `maxSize`.
pub const DEFAULT_MAX_FILE_BYTES: i64 = 5 << 20;

/// Options of file fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileOptions {
    /// Most files; up to 1 = a single value.
    pub max_select: i64,
    /// Bytes for each file; 0 = 5 MiB.
    pub max_size: i64,
    /// Accepted content types; `None` or empty = any.
    pub mime_types: Option<Vec<String>>,
    /// Thumbnail sizes.
    pub thumbs: Option<Vec<String>>,
    /// Needs a file token to download.
    pub protected: bool,
}

impl FileOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self {
            max_select: source.integer("maxSelect")?,
            max_size: source.integer("maxSize")?,
            mime_types: source.texts("mimeTypes")?,
            thumbs: source.texts("thumbs")?,
            protected: source.boolean("protected")?,
        })
    }

    pub(in crate::schema) fn check_options(&self, errors: &mut ValidationErrors) {
        check_range(errors, "maxSelect", self.max_select, 0, MAX_SAFE_INTEGER);
        check_range(errors, "maxSize", self.max_size, 0, MAX_SAFE_INTEGER);
        for (i, thumb) in self.thumbs.iter().flatten().enumerate() {
            let issue = if matches!(thumb.as_str(), "0x0" | "0x0t" | "0x0b" | "0x0f") {
                Issue::new("validation_not_in_invalid", "Width and height cannot both be 0.")
            } else if thumb.is_empty() || is_thumb_size(thumb) {
                continue;
            } else {
                Issue::new("validation_match_invalid", "Must look like 100x50, with an optional t, b or f behind.")
            };
            errors.add(&format!("thumbs.{i}"), issue);
        }
    }

    /// The limit of one file in force, in bytes.
    pub fn max_bytes(&self) -> i64 {
        if self.max_size > 0 { self.max_size } else { DEFAULT_MAX_FILE_BYTES }
    }

    /// Checks names: all must be among the stored ones.
    pub(in crate::schema) fn check_value(&self, entries: &[String], original: Option<&Value>) -> Result<(), Issue> {
        Self::check_known(entries, original)?;
        self.check_count(entries.len())
    }

    /// Refuses names that are not among the stored ones.
    ///
    /// # Errors
    /// `validation_invalid_file`.
    pub fn check_known<'a>(
        entries: impl IntoIterator<Item = &'a String>,
        original: Option<&Value>,
    ) -> Result<(), Issue> {
        /// Bytes of a name that an issue repeats.
        const SHOWN: usize = 250;
        let known = original.map(Value::entries).unwrap_or_default();
        let unknown: Vec<_> = entries.into_iter().filter(|name| !known.contains(name)).collect();
        if !unknown.is_empty() {
            let shown: Vec<_> = unknown.iter().map(|name| &name[..name.floor_char_boundary(SHOWN)]).collect();
            let issue = Issue::new("validation_invalid_file", "Only uploads and files of this record are accepted.");
            return Err(issue.with("invalidFiles", shown));
        }
        Ok(())
    }

    /// Refuses more files than `maxSelect` (at least one).
    ///
    /// # Errors
    /// `validation_too_many_files`.
    pub fn check_count(&self, count: usize) -> Result<(), Issue> {
        let max = self.max_select.max(1);
        if i64::try_from(count).is_ok_and(|count| count <= max) {
            return Ok(());
        }
        Err(Issue::new("validation_too_many_files", format!("At most {max} files are accepted."))
            .with("maxSelect", max))
    }
}

/// `^\d+x\d+[tbf]?$`
fn is_thumb_size(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let size = text.strip_suffix(['t', 'b', 'f']).unwrap_or(text);
    size.split_once('x').is_some_and(|(width, height)| is_number(width) && is_number(height))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn thumb_sizes() {
        let thumbs = ["1x1", "0x0", "0x0t", "axb", "1x1z", "01x0f", "", "1x", "1x2x3", "100x50b"];
        let options = FileOptions { thumbs: Some(thumbs.map(String::from).to_vec()), ..FileOptions::default() };
        let mut errors = ValidationErrors::new();
        options.check_options(&mut errors);
        let found = errors.to_json();
        let wrong: Vec<_> = found["thumbs"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(i, e)| (i.as_str(), e["code"].as_str().unwrap()))
            .collect();
        let (pattern, list) = ("validation_match_invalid", "validation_not_in_invalid");
        assert_eq!(wrong, [("1", list), ("2", list), ("3", pattern), ("4", pattern), ("7", pattern), ("8", pattern)]);
    }

    #[test]
    fn only_stored_names_pass() {
        let options = FileOptions { max_select: 2, ..FileOptions::default() };
        let stored = Value::List(vec!["a.png".into(), "b.png".into(), "c.png".into()]);
        let names = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(options.check_value(&names(&["b.png", "a.png"]), Some(&stored)).is_ok());
        let issue = options.check_value(&names(&["a.png", "x", &"é".repeat(200)]), Some(&stored)).unwrap_err();
        assert_eq!(issue.code, "validation_invalid_file");
        assert_eq!(issue.params["invalidFiles"], json!(["x", "é".repeat(125)]));
        let issue = options.check_value(&names(&["a.png", "b.png", "c.png"]), Some(&stored)).unwrap_err();
        assert_eq!(issue.to_json()["params"], json!({"maxSelect": 2}));
        assert_eq!(options.check_value(&names(&["a.png"]), None).unwrap_err().code, "validation_invalid_file");
    }
}

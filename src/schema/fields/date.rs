//! Instants given by the client, and the storage form that autodate fields share.

use std::borrow::Cow;

use rusqlite::types::ValueRef;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::schema::field_json::Source;
use crate::schema::{FieldDecodeError, dates};
use crate::validation::Issue;

/// Options of date fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DateOptions {
    /// Date text, or empty.
    pub min: String,
    /// Date text, or empty.
    pub max: String,
}

impl DateOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self { min: dates::parse(&source.text("min")?), max: dates::parse(&source.text("max")?) })
    }

    /// Checks date text that is not empty.
    pub(in crate::schema) fn check_value(&self, value: &str) -> Result<(), Issue> {
        // Date text sorts by time.
        if !self.min.is_empty() && value < self.min.as_str() {
            let issue = Issue::new(
                "validation_min_greater_equal_than_required",
                format!("Must not be earlier than {}.", self.min),
            );
            return Err(issue.with("threshold", dates::to_rfc3339(&self.min)));
        }
        if !self.max.is_empty() && value > self.max.as_str() {
            let issue =
                Issue::new("validation_max_less_equal_than_required", format!("Must not be later than {}.", self.max));
            return Err(issue.with("threshold", dates::to_rfc3339(&self.max)));
        }
        Ok(())
    }
}

/// **date**: strings of any known layout, else the zero date.
pub(in crate::schema) fn cast(value: &Json) -> String {
    value.as_str().map(dates::parse).unwrap_or_default()
}

/// A stored column as date text.
pub(in crate::schema) fn read(value: ValueRef<'_>) -> Cow<'_, str> {
    let (ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = value else { return Cow::Borrowed("") };
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_empty() || dates::is_canonical(bytes) => Cow::Borrowed(text),
        Ok(text) => Cow::Owned(dates::parse(text)),
        Err(_) => Cow::Borrowed(""),
    }
}

pub(in crate::schema) fn write_json(value: ValueRef<'_>, out: &mut Vec<u8>) {
    out.push(b'"');
    // Date text holds nothing that needs escaping.
    out.extend_from_slice(read(value).as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bounds_are_inclusive() {
        let options = DateOptions { min: "2024-01-01 00:00:00.000Z".into(), max: "2024-12-31 23:59:59.500Z".into() };
        for (value, want) in [
            ("2024-01-01 00:00:00.000Z", None),
            ("2024-12-31 23:59:59.500Z", None),
            ("2023-12-31 23:59:59.999Z", Some(("validation_min_greater_equal_than_required", "2024-01-01T00:00:00Z"))),
            ("2024-12-31 23:59:59.501Z", Some(("validation_max_less_equal_than_required", "2024-12-31T23:59:59.5Z"))),
        ] {
            let found = options.check_value(value).err();
            let found = found.as_ref().map(|issue| (issue.code.as_ref(), issue.params["threshold"].as_str().unwrap()));
            assert_eq!(found, want, "{value}");
        }
    }

    #[test]
    fn only_strings_are_dates() {
        for (value, want) in [
            (json!("2024-01-15"), "2024-01-15 00:00:00.000Z"),
            (json!(1_705_312_800), ""),
            (json!(null), ""),
            (json!({}), ""),
            (json!("nonsense"), ""),
        ] {
            assert_eq!(cast(&value), want, "{value}");
        }
    }

    #[test]
    fn stored_forms() {
        for (stored, want) in [
            (ValueRef::Text(b"2024-01-15 10:00:00.000Z"), "\"2024-01-15 10:00:00.000Z\""),
            (ValueRef::Text(b"2024-01-15T10:00:00"), "\"2024-01-15 10:00:00.000Z\""),
            (ValueRef::Text(b"\"><script>............."), "\"\""),
            (ValueRef::Text(b""), "\"\""),
            (ValueRef::Integer(5), "\"\""),
            (ValueRef::Null, "\"\""),
        ] {
            let mut out = Vec::new();
            write_json(stored, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), want, "{stored:?}");
        }
    }
}

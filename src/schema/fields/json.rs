//! Any JSON, kept as compact text.

use rusqlite::types::ValueRef;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{MAX_SAFE_INTEGER, byte_length, check_range};
use crate::schema::field_json::Source;
use crate::schema::{FieldDecodeError, json_text, storage};
use crate::validation::{Issue, ValidationErrors};

/// Most bytes of a json field without `maxSize`.
pub const DEFAULT_MAX_JSON_BYTES: i64 = 1 << 20;

/// Options of json fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JsonOptions {
    /// Bytes; 0 = 1 MiB.
    pub max_size: i64,
}

pub(in crate::schema) const COLUMN: &str = "JSON DEFAULT NULL";

impl JsonOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self { max_size: source.integer("maxSize")? })
    }

    pub(in crate::schema) fn check_options(&self, errors: &mut ValidationErrors) {
        check_range(errors, "maxSize", self.max_size, 0, MAX_SAFE_INTEGER);
    }

    /// The limit in force, in bytes.
    pub fn max_bytes(&self) -> i64 {
        if self.max_size > 0 { self.max_size } else { DEFAULT_MAX_JSON_BYTES }
    }

    pub(in crate::schema) fn check_value(&self, text: &str, required: bool) -> Result<(), Issue> {
        let max = self.max_bytes();
        if byte_length(text) > max {
            let message = format!("Must not be larger than {max} bytes.");
            return Err(Issue::new("validation_json_size_limit", message).with("maxSize", max));
        }
        if required && is_empty(text) {
            return Err(Issue::required());
        }
        Ok(())
    }
}

/// Whether compact JSON says nothing: `null`, `""`, `[]`, `{}`.
pub(in crate::schema) fn is_empty(text: &str) -> bool {
    matches!(text, "" | "null" | r#""""# | "[]" | "{}")
}

/// Canonical text of what a client sent.
pub(in crate::schema) fn cast(value: &Json) -> String {
    let mut out = Vec::new();
    match value {
        Json::String(text) => write_normalised(text, &mut out),
        other => json_text::write_value(&mut out, other),
    }
    String::from_utf8(out).unwrap_or_else(|_| "null".to_owned())
}

/// Writes a string as the JSON it spells, or as a JSON string if it spells none.
///
/// Only text that begins like JSON is taken for it: leading space makes it a string.
fn write_normalised(text: &str, out: &mut Vec<u8>) {
    let is_json = match text.as_bytes() {
        b"null" | b"true" | b"false" => {
            out.extend_from_slice(text.as_bytes());
            true
        }
        [b'0'..=b'9' | b'-' | b'"' | b'[' | b'{', ..] => json_text::write_compact(out, text),
        _ => false,
    };
    if !is_json {
        json_text::write_string(out, text);
    }
}

/// Writes a stored column. Numbers lie in the column as such, because its type has numeric affinity.
pub(in crate::schema) fn write_json(value: ValueRef<'_>, out: &mut Vec<u8>) {
    match value {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Integer(integer) => json_text::write_integer(out, integer),
        ValueRef::Real(real) if real.is_infinite() => {
            // The digits were too many for a float; JSON has no infinity.
            out.extend_from_slice(if real > 0.0 { br#""+Inf""# } else { br#""-Inf""# });
        }
        ValueRef::Real(real) => json_text::write_number(out, real),
        text @ (ValueRef::Text(_) | ValueRef::Blob(_)) => write_normalised(&storage::text(text), out),
    }
}

/// Canonical text of a stored column.
pub(in crate::schema) fn read(value: ValueRef<'_>) -> String {
    let mut out = Vec::new();
    write_json(value, &mut out);
    String::from_utf8(out).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn clients_may_send_json_or_its_text() {
        for (value, want) in [
            (json!({"b": 1, "a": "<&>"}), r#"{"a":"\u003c\u0026\u003e","b":1}"#),
            (json!(r#"{"b":1, "a":"<"}"#), r#"{"b":1,"a":"\u003c"}"#),
            (json!(1.0), "1"),
            (json!(u64::MAX), "18446744073709552000"),
            (json!("1.50"), "1.50"),
            (json!(""), r#""""#),
            (json!(null), "null"),
            (json!("null"), "null"),
            (json!("true"), "true"),
            (json!(" true"), r#"" true""#),
            (json!("True"), r#""True""#),
            (json!(" {}"), r#"" {}""#),
            (json!("{} "), "{}"),
            (json!("[1, 2 ] \n"), "[1,2]"),
            (json!("0123"), r#""0123""#),
            (json!("-"), r#""-""#),
            (json!("+1"), r#""+1""#),
            (json!(r#""x""#), r#""x""#),
            (json!("{bad"), r#""{bad""#),
            (json!({"z": [1.0, {"y": null, "x": 1e100}]}), r#"{"z":[1,{"x":1e+100,"y":null}]}"#),
        ] {
            assert_eq!(cast(&value), want, "{value}");
        }
    }

    #[test]
    fn stored_forms() {
        for (stored, want) in [
            (ValueRef::Null, "null"),
            (ValueRef::Integer(i64::MAX), "9223372036854775807"),
            (ValueRef::Real(1.5), "1.5"),
            (ValueRef::Real(f64::INFINITY), r#""+Inf""#),
            (ValueRef::Text(br#"{"b":1, "a":"<"}"#), r#"{"b":1,"a":"\u003c"}"#),
            (ValueRef::Text(b""), r#""""#),
            (ValueRef::Text(b"plain"), r#""plain""#),
            (ValueRef::Text(b"null"), "null"),
            (ValueRef::Text(b"[\xff]"), "\"[\u{fffd}]\""),
            (ValueRef::Blob(b"[1]"), "[1]"),
        ] {
            assert_eq!(read(stored), want, "{stored:?}");
        }
    }

    #[test]
    fn values() {
        let options = JsonOptions { max_size: 5 };
        for (text, required, want) in [
            ("12345", true, None),
            ("123456", false, Some("validation_json_size_limit")),
            ("null", false, None),
            ("null", true, Some("validation_required")),
            (r#""""#, true, Some("validation_required")),
            ("[]", true, Some("validation_required")),
            ("{}", true, Some("validation_required")),
            ("0", true, None),
            ("false", true, None),
        ] {
            let code = options.check_value(text, required).err().map(|issue| issue.code.into_owned());
            assert_eq!(code.as_deref(), want, "{text} {required}");
        }
    }
}

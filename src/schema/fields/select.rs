//! One or several of fixed values, and the value model that relation and file fields share.

use std::borrow::Cow;

use rusqlite::types::ValueRef;
use serde::{Deserialize, Serialize};

use super::check_range;
use crate::schema::field_json::Source;
use crate::schema::{FieldDecodeError, Modifier, Value, cast, json_text, storage};
use crate::validation::{Issue, ValidationErrors};

/// Options of select fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SelectOptions {
    /// Allowed values.
    pub values: Vec<String>,
    /// Most values; up to 1 = a single value.
    pub max_select: i64,
}

/// Column of a field that holds several values.
pub(in crate::schema) const MULTIPLE_COLUMN: &str = "JSON DEFAULT '[]' NOT NULL";

impl SelectOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self { values: source.texts("values")?.unwrap_or_default(), max_select: source.integer("maxSelect")? })
    }

    pub(in crate::schema) fn check_options(&self, errors: &mut ValidationErrors) {
        if self.values.is_empty() {
            errors.add("values", Issue::required());
        }
        let count = i64::try_from(self.values.len()).unwrap_or(i64::MAX);
        check_range(errors, "maxSelect", self.max_select, 0, count.max(1));
    }

    pub(in crate::schema) fn check_value(&self, entries: &[String]) -> Result<(), Issue> {
        check_count(entries, self.max_select)?;
        match entries.iter().find(|entry| !self.values.contains(entry)) {
            Some(entry) => {
                let message = format!("{entry:?} is not one of the values.");
                Err(Issue::new("validation_invalid_value", message).with("value", entry.as_str()))
            }
            None => Ok(()),
        }
    }
}

/// Refuses more entries than `max_select` (at least one).
pub(super) fn check_count(entries: &[String], max_select: i64) -> Result<(), Issue> {
    let max = max_select.max(1);
    if i64::try_from(entries.len()).is_ok_and(|count| count <= max) {
        return Ok(());
    }
    let issue = Issue::new("validation_too_many_values", format!("Select at most {max}."));
    Err(issue.with("maxSelect", max))
}

/// The value of entries that are unique already: a single field keeps the last.
pub(in crate::schema) fn value_of(mut entries: Vec<String>, is_multiple: bool) -> Value {
    if is_multiple { Value::List(entries) } else { Value::Text(entries.pop().unwrap_or_default()) }
}

/// Adds or takes away entries.
pub(in crate::schema) fn apply(modifier: Modifier, current: &Value, operand: Vec<String>, is_multiple: bool) -> Value {
    let stored = current.entries();
    let entries = match modifier {
        Modifier::Append => stored.iter().cloned().chain(operand).collect(),
        Modifier::Prepend => operand.into_iter().chain(stored.iter().cloned()).collect(),
        Modifier::Remove => {
            let gone: std::collections::HashSet<_> = operand.into_iter().collect();
            stored.iter().filter(|entry| !gone.contains(*entry)).cloned().collect()
        }
        Modifier::Autogenerate => stored.to_vec(),
    };
    value_of(cast::unique(entries), is_multiple)
}

/// A stored column of several values, or of one if `is_multiple` is false.
pub(in crate::schema) fn read(value: ValueRef<'_>, is_multiple: bool) -> Value {
    match storage::text(value) {
        Cow::Borrowed(text) if !is_multiple && !text.contains('[') => Value::Text(text.to_owned()),
        text => value_of(cast::list_of_text(&text), is_multiple),
    }
}

/// Writes a stored column of one value.
pub(in crate::schema) fn write_single(value: ValueRef<'_>, out: &mut Vec<u8>) {
    let text = storage::text(value);
    if text.contains('[') {
        let entries = cast::list_of_text(&text);
        json_text::write_string(out, entries.last().map_or("", String::as_str));
    } else {
        json_text::write_string(out, &text);
    }
}

/// Writes a stored column of several values.
pub(in crate::schema) fn write_multiple(value: ValueRef<'_>, out: &mut Vec<u8>) {
    if let ValueRef::Text(bytes) = value
        && is_plain_list(bytes)
    {
        out.extend_from_slice(bytes);
    } else {
        json_text::write_strings(out, &cast::list_of_text(&storage::text(value)));
    }
}

/// Whether stored text is a compact JSON array of a few distinct strings without anything that the wire escapes: the
/// usual case, which is copied as it is.
fn is_plain_list(bytes: &[u8]) -> bool {
    const MOST: usize = 24;
    let Some(inside) = bytes.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")) else { return false };
    if inside.is_empty() {
        return true;
    }
    let mut seen: [&[u8]; MOST] = [&[]; MOST];
    let mut count = 0;
    let mut rest = inside;
    loop {
        let Some(tail) = rest.strip_prefix(b"\"") else { return false };
        let Some(end) = tail.iter().position(|&b| b == b'"') else { return false };
        let (entry, tail) = (&tail[..end], &tail[end + 1..]);
        // ASCII only: ids, file names and most values; it spares the UTF-8 check.
        let is_plain = |&b: &u8| (0x20..0x7F).contains(&b) && !matches!(b, b'\\' | b'<' | b'>' | b'&');
        if entry.is_empty() || count == MOST || !entry.iter().all(is_plain) || seen[..count].contains(&entry) {
            return false;
        }
        seen[count] = entry;
        count += 1;
        match tail {
            [] => return true,
            [b',', more @ ..] => rest = more,
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn multiple(stored: &[u8]) -> String {
        let mut out = Vec::new();
        write_multiple(ValueRef::Text(stored), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values() {
        let options = SelectOptions { values: vec!["a".into(), "b".into()], max_select: 2 };
        let entries = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (list, want) in [
            (&["a", "b"][..], None),
            (&[], None),
            (&["a", "b", "x"], Some("validation_too_many_values")),
            (&["a", "x"], Some("validation_invalid_value")),
        ] {
            let code = options.check_value(&entries(list)).err().map(|issue| issue.code.into_owned());
            assert_eq!(code.as_deref(), want, "{list:?}");
        }
    }

    #[test]
    fn options() {
        for (values, max_select, want) in [
            (&["a", "b"][..], 2, json!({})),
            (&["a"], 2, json!({"maxSelect": 1})),
            (&[], 0, json!({"values": null})),
            (&[], 1, json!({"values": null})),
            (&[], 2, json!({"values": null, "maxSelect": 1})),
        ] {
            let mut errors = ValidationErrors::new();
            let values = values.iter().map(ToString::to_string).collect();
            SelectOptions { values, max_select }.check_options(&mut errors);
            let mut found = errors.to_json();
            for issue in found.as_object_mut().unwrap().values_mut() {
                *issue = issue["params"]["threshold"].take();
            }
            assert_eq!(found, want, "{max_select}");
        }
    }

    #[test]
    fn stored_lists_are_normalised() {
        for (stored, want) in [
            (r#"["a","b"]"#, r#"["a","b"]"#),
            ("[]", "[]"),
            ("", "[]"),
            ("a", r#"["a"]"#),
            (r#"[ "a", "b" ]"#, r#"["a","b"]"#),
            (r#"["a","a","","b"]"#, r#"["a","b"]"#),
            (r#"["a",1]"#, r#"["[\"a\",1]"]"#),
            ("[null]", "[]"),
            (r#"["<é>"]"#, r#"["\u003cé\u003e"]"#),
            (r#"["a"]]"#, r#"["[\"a\"]]"]"#),
            (r#"["a",]"#, r#"["[\"a\",]"]"#),
        ] {
            assert_eq!(multiple(stored.as_bytes()), want, "{stored}");
        }
        assert_eq!(multiple(b"\xff"), "[\"\u{fffd}\"]");
    }

    #[test]
    fn single_columns_keep_the_last_entry() {
        for (stored, want) in [
            (ValueRef::Text(b"a"), "\"a\""),
            (ValueRef::Text(br#"["a","b"]"#), "\"b\""),
            (ValueRef::Text(b"[]"), "\"\""),
            (ValueRef::Text(b"[x"), "\"[x\""),
            (ValueRef::Integer(5), "\"5\""),
            (ValueRef::Null, "\"\""),
        ] {
            let mut out = Vec::new();
            write_single(stored, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), want, "{stored:?}");
        }
    }

    #[test]
    fn modifiers() {
        let list = |entries: &[&str]| Value::List(entries.iter().map(ToString::to_string).collect());
        for (modifier, operand, want) in [
            (Modifier::Append, vec!["c", "a"], list(&["a", "b", "c"])),
            (Modifier::Prepend, vec!["c", "b"], list(&["c", "b", "a"])),
            (Modifier::Remove, vec!["a", "x"], list(&["b"])),
        ] {
            let operand = operand.into_iter().map(String::from).collect();
            assert_eq!(apply(modifier, &list(&["a", "b"]), operand, true), want, "{modifier:?}");
        }
        let filled = Value::Text("a".into());
        let apply_single = |modifier, entry: &str| apply(modifier, &filled, vec![entry.into()], false);
        assert_eq!(apply_single(Modifier::Append, "b"), Value::Text("b".into()));
        assert_eq!(apply_single(Modifier::Prepend, "b"), Value::Text("a".into()));
        assert_eq!(apply_single(Modifier::Remove, "a"), Value::Text(String::new()));
    }

    proptest! {
        /// Copying is only a shortcut: the answer is that of the cast.
        #[test]
        fn the_short_cut_changes_nothing(stored in "\\[(\"[a-c<é\\\\]{0,2}\",?){0,4}\\]|[\\[\\]\", a]{0,8}") {
            let mut slow = Vec::new();
            json_text::write_strings(&mut slow, &cast::list_of_text(&stored));
            prop_assert_eq!(multiple(stored.as_bytes()), String::from_utf8(slow)?);
        }
    }
}

//! What of a field's value is searched and counted.

use serde_json::Value as Json;

use crate::fields_picker::plain_text;
use crate::fulltext::{FacetKind, FacetValue};
use crate::schema::{Field, FieldOptions, Value, dates, json_text};

/// The texts of a value, as they are searched and shown: HTML without its markup, the strings of JSON, the entries of a
/// list. Nothing for fields that cannot be searched.
pub fn texts(field: &Field, value: &Value) -> Vec<String> {
    match (&field.options, value) {
        (FieldOptions::Editor(_), Value::Text(html)) => {
            Some(plain_text(html)).filter(|t| !t.is_empty()).into_iter().collect()
        }
        (FieldOptions::Text(_) | FieldOptions::Email(_) | FieldOptions::Url(_) | FieldOptions::Select(_), value) => {
            value.entries().to_vec()
        }
        (FieldOptions::Number(_), Value::Number(number)) => {
            let mut text = Vec::new();
            json_text::write_number(&mut text, *number);
            String::from_utf8(text).into_iter().collect()
        }
        (FieldOptions::Json(_), Value::Json(text)) => {
            let mut strings = Vec::new();
            if let Ok(json) = serde_json::from_str(text) {
                collect_strings(json, &mut strings);
            }
            strings
        }
        _ => Vec::new(),
    }
}

/// As deep as the parser goes, which is not far.
fn collect_strings(json: Json, strings: &mut Vec<String>) {
    match json {
        Json::String(text) => strings.extend(Some(text).filter(|t| !t.is_empty())),
        Json::Array(items) => items.into_iter().for_each(|item| collect_strings(item, strings)),
        Json::Object(members) => members.into_iter().for_each(|(_, member)| collect_strings(member, strings)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// What the values of a facet of this field are; `None` for fields that cannot be one.
pub(super) fn facet_kind(field: &Field) -> Option<FacetKind> {
    Some(match field.options {
        FieldOptions::Select(_) | FieldOptions::Relation(_) => FacetKind::Text,
        FieldOptions::Bool => FacetKind::Bool,
        FieldOptions::Number(_) => FacetKind::Number,
        FieldOptions::Date(_) | FieldOptions::Autodate(_) => FacetKind::Date,
        _ => return None,
    })
}

/// The values that count for a facet.
pub(super) fn facet_values(field: &Field, value: &Value) -> Vec<FacetValue> {
    match (facet_kind(field), value) {
        (Some(FacetKind::Text), value) => value.entries().iter().cloned().map(FacetValue::Text).collect(),
        (Some(FacetKind::Bool), Value::Bool(flag)) => vec![FacetValue::Bool(*flag)],
        (Some(FacetKind::Number), Value::Number(number)) => vec![FacetValue::Number(*number)],
        (Some(FacetKind::Date), Value::Text(date)) => {
            dates::parse_millis(date).map(FacetValue::Date).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(type_name: &str) -> Field {
        Field::new("f", FieldOptions::new(type_name).unwrap())
    }

    #[test]
    fn texts_are_what_people_read() {
        for (type_name, value, want) in [
            ("text", json!("Hello <b>"), vec!["Hello <b>"]),
            ("text", json!(""), vec![]),
            ("editor", json!("<p>one</p><script>x</script><p>tw&ouml;</p>"), vec!["one twö"]),
            ("editor", json!("<p></p>"), vec![]),
            ("email", json!("ann@example.com"), vec!["ann@example.com"]),
            ("url", json!("https://example.com"), vec!["https://example.com"]),
            ("select", json!("red"), vec!["red"]),
            ("number", json!(12.5), vec!["12.5"]),
            ("number", json!(1_000_000), vec!["1000000"]),
            ("json", json!({"key": ["a", {"b": "c"}, 1, null, ""]}), vec!["a", "c"]),
            ("json", json!("plain"), vec!["plain"]),
            ("bool", json!(true), vec![]),
            ("password", json!("secret"), vec![]),
            ("relation", json!("aaaaaaaaaaaaaaa"), vec![]),
        ] {
            let field = field(type_name);
            assert_eq!(texts(&field, &field.cast(&value)), want, "{type_name}: {value}");
        }
    }

    #[test]
    fn facets_have_values_of_their_kind() {
        for (type_name, value, want) in [
            ("select", json!("red"), vec![FacetValue::Text("red".into())]),
            ("select", json!(""), vec![]),
            ("relation", json!("aaaaaaaaaaaaaaa"), vec![FacetValue::Text("aaaaaaaaaaaaaaa".into())]),
            ("bool", json!(true), vec![FacetValue::Bool(true)]),
            ("number", json!(2), vec![FacetValue::Number(2.0)]),
            ("date", json!("2026-01-01 00:00:00.000Z"), vec![FacetValue::Date(1_767_225_600_000)]),
            ("date", json!(""), vec![]),
            ("text", json!("red"), vec![]),
        ] {
            let field = field(type_name);
            assert_eq!(facet_values(&field, &field.cast(&value)), want, "{type_name}: {value}");
        }
    }
}

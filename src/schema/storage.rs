//! Values on their way into and out of SQLite columns.
//!
//! Columns are read by the field's type, not by the declared one: upgraded and imported folders hold NULLs, bare strings
//! where lists belong, and worse.

use std::borrow::Cow;

use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};

use super::fields::{bool as boolean, date, geo_point, json, number, select};
use super::{Field, FieldOptions, Value, cast, json_text};

/// A stored column as text; NULL is empty, numbers are decimals.
pub(super) fn text(value: ValueRef<'_>) -> Cow<'_, str> {
    match value {
        ValueRef::Null => Cow::Borrowed(""),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes),
        ValueRef::Integer(integer) => Cow::Owned(integer.to_string()),
        ValueRef::Real(real) => Cow::Owned(cast::text_of_number(real)),
    }
}

impl Value {
    /// The value as a statement's parameter; text is borrowed.
    pub fn to_parameter(&self) -> ToSqlOutput<'_> {
        match self {
            Self::Json(text) if text == "null" => ToSqlOutput::Owned(SqlValue::Null),
            Self::Text(text) | Self::Json(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Number(number) => ToSqlOutput::Owned(SqlValue::Real(*number)),
            Self::Bool(flag) => ToSqlOutput::Owned(SqlValue::Integer(i64::from(*flag))),
            Self::List(items) if items.is_empty() => ToSqlOutput::Borrowed(ValueRef::Text(b"[]")),
            Self::List(_) | Self::Geo(_) => {
                let mut out = Vec::new();
                self.write_json(&mut out);
                ToSqlOutput::Owned(SqlValue::Text(String::from_utf8(out).unwrap_or_default()))
            }
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_parameter())
    }
}

impl Field {
    /// What follows the column's name in DDL.
    pub fn column_type_sql(&self) -> &'static str {
        use super::fields::{KEY_COLUMN, TEXT_COLUMN};
        match &self.options {
            FieldOptions::Text(options) if options.primary_key => KEY_COLUMN,
            FieldOptions::Text(_)
            | FieldOptions::Editor(_)
            | FieldOptions::Email(_)
            | FieldOptions::Url(_)
            | FieldOptions::Date(_)
            | FieldOptions::Autodate(_)
            | FieldOptions::Password(_) => TEXT_COLUMN,
            FieldOptions::Number(_) => number::COLUMN,
            FieldOptions::Bool => boolean::COLUMN,
            FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_) => {
                if self.is_multiple() {
                    select::MULTIPLE_COLUMN
                } else {
                    TEXT_COLUMN
                }
            }
            FieldOptions::Json(_) => json::COLUMN,
            FieldOptions::GeoPoint => geo_point::COLUMN,
        }
    }

    /// The value as a statement's parameter; text is borrowed.
    pub fn bind<'a>(&self, value: &'a Value) -> ToSqlOutput<'a> {
        value.to_parameter()
    }

    /// The value of a stored column. Never fails: garbage is the zero value.
    pub fn read(&self, stored: ValueRef<'_>) -> Value {
        match &self.options {
            FieldOptions::Text(_)
            | FieldOptions::Editor(_)
            | FieldOptions::Email(_)
            | FieldOptions::Url(_)
            | FieldOptions::Password(_) => Value::Text(text(stored).into_owned()),
            FieldOptions::Date(_) | FieldOptions::Autodate(_) => Value::Text(date::read(stored).into_owned()),
            FieldOptions::Number(_) => Value::Number(number::read(stored)),
            FieldOptions::Bool => Value::Bool(boolean::read(stored)),
            FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_) => {
                select::read(stored, self.is_multiple())
            }
            FieldOptions::Json(_) => Value::Json(json::read(stored)),
            FieldOptions::GeoPoint => Value::Geo(geo_point::read(stored)),
        }
    }

    /// Writes the API's JSON of a stored column: [`read`](Self::read) and [`write_value`](Self::write_value) in one
    /// step, without making a value of ordinary content.
    pub fn write_json(&self, stored: ValueRef<'_>, out: &mut Vec<u8>) {
        match &self.options {
            FieldOptions::Text(_) | FieldOptions::Editor(_) | FieldOptions::Email(_) | FieldOptions::Url(_) => {
                json_text::write_string(out, &text(stored));
            }
            FieldOptions::Number(_) => number::write_json(stored, out),
            FieldOptions::Bool => out.extend_from_slice(if boolean::read(stored) { b"true" } else { b"false" }),
            FieldOptions::Date(_) | FieldOptions::Autodate(_) => date::write_json(stored, out),
            FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_) => {
                if self.is_multiple() {
                    select::write_multiple(stored, out);
                } else {
                    select::write_single(stored, out);
                }
            }
            FieldOptions::Json(_) => json::write_json(stored, out),
            FieldOptions::GeoPoint => geo_point::write_json(stored, out),
            FieldOptions::Password(_) => out.extend_from_slice(b"\"\""),
        }
    }

    /// Writes the API's JSON of a value of this field; a password is always empty.
    pub fn write_value(&self, value: &Value, out: &mut Vec<u8>) {
        match self.options {
            FieldOptions::Password(_) => out.extend_from_slice(b"\"\""),
            _ => value.write_json(out),
        }
    }
}

#[cfg(test)]
#[path = "storage_tests.rs"]
mod tests;

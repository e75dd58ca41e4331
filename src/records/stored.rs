//! A record as its table has it, and the image of it that the change feed keeps when it is deleted.
//!
//! An image is a JSON object of stored values, keyed by field id, so that it can still be read when fields were renamed,
//! added or removed since. Secrets (passwords, the `tokenKey`) are never in it.

use std::sync::{Arc, OnceLock};

use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, Row};
use serde_json::{Map, Value as Json, json};

use super::Record;
use crate::db::DbError;
use crate::query::{self, Plan};
use crate::schema::{Collection, CollectionKind, Field, FieldOptions, json_text};

/// A record of a collection, its columns in field order as SQLite stores them.
#[derive(Clone)]
pub struct Stored {
    plan: Arc<Plan>,
    values: Vec<SqlValue>,
    /// Of `values`, once it was asked for.
    operands: OnceLock<Option<Vec<query::SqlValue>>>,
}

impl std::fmt::Debug for Stored {
    // Values may be secrets, which must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stored").field("collection", &self.plan.collection().name).finish_non_exhaustive()
    }
}

impl Stored {
    fn new(plan: Arc<Plan>, values: Vec<SqlValue>) -> Self {
        Self { plan, values, operands: OnceLock::new() }
    }

    /// Loads a record.
    pub fn find(conn: &Connection, plan: &Arc<Plan>, id: &str) -> Result<Option<Self>, DbError> {
        let mut query = conn.prepare_cached(plan.select_by_id())?;
        let mut rows = query.query([id])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let columns = 0..plan.collection().fields.len();
        let values = columns.map(|i| Ok(to_owned(row.get_ref(i)?))).collect::<Result<_, DbError>>()?;
        Ok(Some(Self::new(Arc::clone(plan), values)))
    }

    /// Reads an [`image`](Self::image). What it lacks, and any secret, is NULL. `None` if it is not an image.
    pub fn from_image(plan: &Arc<Plan>, image: &str) -> Option<Self> {
        let mut columns: Map<String, Json> = serde_json::from_str(image).ok()?;
        let collection = plan.collection();
        let column = |field: &Field| match columns.remove(&field.id) {
            Some(value) if !is_secret(collection, field) => from_json(value),
            _ => Some(SqlValue::Null),
        };
        let values = collection.fields.iter().map(column).collect::<Option<_>>()?;
        Some(Self::new(Arc::clone(plan), values))
    }

    /// The plan of its collection.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Columns in field order. Secrets are among them, unless it was made of an image.
    pub fn values(&self) -> &[SqlValue] {
        &self.values
    }

    /// Columns in field order, for conditions that are evaluated in memory; nothing if one of them is a blob, about which
    /// only the store can tell.
    pub(super) fn operands(&self) -> Option<&[query::SqlValue]> {
        let convert = || self.values.iter().map(|value| query::SqlValue::from_column(ValueRef::from(value))).collect();
        self.operands.get_or_init(convert).as_deref()
    }

    /// As [`operands`](Self::operands), with the text nearest to a blob.
    pub(super) fn nearest_operands(&self) -> Vec<query::SqlValue> {
        self.values.iter().map(|value| ValueRef::from(value).into()).collect()
    }

    /// The record as its fields' types read it.
    pub fn record(&self) -> Record {
        Record::from_stored(&self.plan, &self.values)
    }

    /// Its image.
    pub fn image(&self) -> String {
        let mut writer = ImageWriter::new(self.plan.collection());
        for (field, value) in self.plan.collection().fields.iter().zip(&self.values) {
            writer.write(field, ValueRef::from(value));
        }
        writer.finish()
    }
}

/// The image of a row of the plan's select list.
pub(super) fn image_of(plan: &Plan, row: &Row<'_>) -> Result<String, DbError> {
    let mut writer = ImageWriter::new(plan.collection());
    for (i, field) in plan.collection().fields.iter().enumerate() {
        writer.write(field, row.get_ref(i)?);
    }
    Ok(writer.finish())
}

/// Whether a field must not leave its table.
fn is_secret(collection: &Collection, field: &Field) -> bool {
    let is_credential =
        matches!(collection.kind, CollectionKind::Auth(_)) && ["password", "tokenKey"].contains(&field.name.as_str());
    is_credential || matches!(field.options, FieldOptions::Password(_))
}

/// Text that is not UTF-8 is repaired, as [`Field::read`] does.
fn to_owned(value: ValueRef<'_>) -> SqlValue {
    match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(integer) => SqlValue::Integer(integer),
        ValueRef::Real(real) => SqlValue::Real(real),
        ValueRef::Text(text) => SqlValue::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(blob) => SqlValue::Blob(blob.to_vec()),
    }
}

struct ImageWriter<'a> {
    collection: &'a Collection,
    out: Vec<u8>,
}

impl<'a> ImageWriter<'a> {
    fn new(collection: &'a Collection) -> Self {
        Self { collection, out: vec![b'{'] }
    }

    fn write(&mut self, field: &Field, value: ValueRef<'_>) {
        if is_secret(self.collection, field) {
            return;
        }
        if self.out.len() > 1 {
            self.out.push(b',');
        }
        json_text::write_string(&mut self.out, &field.id);
        self.out.push(b':');
        write_json(&mut self.out, value);
    }

    fn finish(mut self) -> String {
        self.out.push(b'}');
        // JSON text is UTF-8.
        String::from_utf8(self.out).unwrap_or_default()
    }
}

/// Key of a number that JSON has no literal for.
const REAL: &str = "real";

/// Key of the bytes of a blob, which an imported folder may hold.
const BLOB: &str = "blob";

/// Writes a column so that its storage class can be told: an integer has no point and no exponent, a real has one.
fn write_json(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Integer(integer) => json_text::write_integer(out, integer),
        ValueRef::Real(real) if real.is_finite() => {
            out.extend_from_slice(ryu::Buffer::new().format_finite(real).as_bytes());
        }
        ValueRef::Real(real) => json_text::write_value(out, &json!({REAL: real.to_string()})),
        ValueRef::Text(text) => json_text::write_string(out, &String::from_utf8_lossy(text)),
        ValueRef::Blob(blob) => json_text::write_value(out, &json!({BLOB: blob})),
    }
}

/// What [`write_json`] wrote; `None` for anything else.
fn from_json(value: Json) -> Option<SqlValue> {
    Some(match value {
        Json::Null => SqlValue::Null,
        Json::Number(number) => match number.as_i64() {
            Some(integer) => SqlValue::Integer(integer),
            None => SqlValue::Real(number.as_f64()?),
        },
        Json::String(text) => SqlValue::Text(text),
        Json::Object(mut tagged) => match (tagged.remove(REAL), tagged.remove(BLOB)) {
            (Some(Json::String(real)), None) => SqlValue::Real(real.parse().ok()?),
            (None, Some(blob)) => SqlValue::Blob(serde_json::from_value(blob).ok()?),
            _ => return None,
        },
        Json::Bool(_) | Json::Array(_) => return None,
    })
}

#[cfg(test)]
#[path = "stored_tests.rs"]
mod tests;

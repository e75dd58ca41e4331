//! Files of records: uploads that come with a body, and names that are dropped.

use rusqlite::{Connection, Row};
use serde_json::{Map, Value as Json};

use super::{Record, SaveOptions};
use crate::db::{DbError, drop_file};
use crate::files::{Upload, Uploads, accepts};
use crate::query::Plan;
use crate::schema::fields::FileOptions;
use crate::schema::{Field, FieldOptions, IdOrder, Modifier, Value, resolve_body_key};
use crate::validation::Issue;

/// Longest name of a stored file, in bytes.
const MAX_NAME_BYTES: usize = 150;

/// The most bytes of a file that come to be stored if it is sent under this key; `None` if the collection has no file field
/// of that name.
pub fn max_upload_bytes(plan: &Plan, key: &str) -> Option<u64> {
    let (field, modifier) = resolve_body_key(&plan.collection().fields, key)?;
    match (&field.options, modifier) {
        (FieldOptions::File(options), None | Some(Modifier::Append | Modifier::Prepend)) => {
            u64::try_from(options.max_bytes()).ok()
        }
        _ => None,
    }
}

/// The id that a create request with this body is going to have, so that its files can be stored before its row:
/// the one it names, or a generated one that it is to be created with. A body that asks for a generated id names it from
/// here on. `None` if the collection's ids are the client's business and it names none.
pub fn settle_id(plan: &Plan, body: &mut Map<String, Json>, now_ms: i64, options: SaveOptions) -> Option<String> {
    const ID: &str = "id";
    let field = &plan.collection().fields[plan.id_field()];
    if let Some(prefix) = body.remove("id:autogenerate") {
        let id = field.apply_modifier(Modifier::Autogenerate, &Value::Text(String::new()), &prefix);
        body.insert(ID.to_owned(), id.as_text().unwrap_or_default().into());
    }
    if let Some(Value::Text(named)) = body.get(ID).map(|id| field.cast(id))
        && !named.is_empty()
    {
        return Some(named);
    }
    generated_id(field, now_ms, options.id_order)
}

fn generated_id(field: &Field, now_ms: i64, order: IdOrder) -> Option<String> {
    match &field.options {
        FieldOptions::Text(options) if !options.autogenerate_pattern.is_empty() => {
            options.autogenerate("", now_ms, order)
        }
        _ => None,
    }
}

/// Gives a record that has no id yet this one.
pub(super) fn propose_id(record: &mut Record, id: &str) {
    if record.id().is_empty() {
        let position = record.plan().id_field();
        record.set(position, Value::Text(id.to_owned()));
    }
}

/// Names of all files of a record.
pub fn file_names(record: &Record) -> impl Iterator<Item = &String> {
    file_values(record.plan(), record.values()).flat_map(|(_, value)| value.entries())
}

/// The file fields with their values.
fn file_values<'a>(plan: &'a Plan, values: &'a [Value]) -> impl Iterator<Item = (usize, &'a Value)> {
    let fields = plan.collection().fields.iter().zip(values).enumerate();
    fields.filter(|(_, (field, _))| matches!(field.options, FieldOptions::File(_))).map(|(i, (_, value))| (i, value))
}

/// Checks the names a record is to have: those it has, and those of uploads that fit.
pub(super) fn check(
    field: &Field,
    options: &FileOptions,
    value: &Value,
    stored: Option<&Value>,
    uploads: &Uploads,
) -> Result<(), Issue> {
    let entries = value.entries();
    if entries.is_empty() || field.is_zero(value) {
        return field.validate_value(value, stored);
    }
    FileOptions::check_known(entries.iter().filter(|name| uploads.find(name).is_none()), stored)?;
    options.check_count(entries.len())?;
    entries.iter().filter_map(|name| uploads.find(name)).try_for_each(|upload| check_upload(options, upload))
}

/// Whether a file fits the field it was fetched for.
///
/// # Errors
/// Why it does not.
pub fn check_picture(plan: &Plan, upload: &Upload) -> Result<(), Issue> {
    let field = resolve_body_key(&plan.collection().fields, &upload.key);
    match field.map(|(field, _)| &field.options) {
        Some(FieldOptions::File(options)) => check_upload(options, upload),
        _ => Err(Issue::new("validation_invalid_file", "The field takes no files.")),
    }
}

fn check_upload(options: &FileOptions, upload: &Upload) -> Result<(), Issue> {
    if upload.name.is_empty() || upload.name.len() > MAX_NAME_BYTES {
        let issue = Issue::new("validation_length_out_of_range", "The name of the file has a wrong length.");
        return Err(issue.with("min", 1).with("max", MAX_NAME_BYTES));
    }
    let max = options.max_bytes();
    if i64::try_from(upload.size).map_or(true, |size| size > max) {
        let message = format!("The file is larger than {max} bytes.");
        let issue = Issue::new("validation_file_size_limit", message);
        return Err(issue.with("file", upload.original_name.as_str()).with("maxSize", max));
    }
    if !accepts(options.mime_types.as_deref(), &upload.content_type) {
        let issue = Issue::new("validation_invalid_mime_type", "Files of this type are not accepted.");
        return Err(issue.with("file", upload.original_name.as_str()));
    }
    Ok(())
}

/// Notes the files that `record` does not name any more.
pub(super) fn drop_replaced(conn: &Connection, stored: &Record, record: &Record) -> Result<(), DbError> {
    if !record.plan().has_files() {
        return Ok(());
    }
    for (index, before) in file_values(stored.plan(), stored.values()) {
        let after = record.values()[index].entries();
        for name in before.entries().iter().filter(|name| !name.is_empty() && !after.contains(name)) {
            drop_file(conn, &record.collection().id, record.id(), name)?;
        }
    }
    Ok(())
}

/// Notes the uploads that the saved record does not name: of several files for a single value only the last stays, and some
/// fields are not everybody's to write.
pub(super) fn drop_unused(conn: &Connection, record: &Record, uploads: &Uploads) -> Result<(), DbError> {
    for upload in uploads.all() {
        if !file_names(record).any(|name| *name == upload.name) {
            drop_file(conn, &record.collection().id, record.id(), &upload.name)?;
        }
    }
    Ok(())
}

/// Notes all files of a deleted record, given its row of the plan's select list.
pub(super) fn drop_all(conn: &Connection, plan: &Plan, id: &str, row: &Row<'_>) -> Result<(), DbError> {
    if !plan.has_files() {
        return Ok(());
    }
    for (index, field) in plan.collection().fields.iter().enumerate() {
        if !matches!(field.options, FieldOptions::File(_)) {
            continue;
        }
        for name in field.read(row.get_ref(index)?).entries().iter().filter(|name| !name.is_empty()) {
            drop_file(conn, &plan.collection().id, id, name)?;
        }
    }
    Ok(())
}

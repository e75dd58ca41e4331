//! Writing a record's row: what the server fills in, the statement, and what a refusal of the table means.

use rusqlite::{ErrorCode, params_from_iter};

use super::body::Submitted;
use super::{Action, PasswordWork, Record, RecordError, files};
use crate::db::{ChangeAction, WriteTx, record_change};
use crate::query::{Catalog, quote_identifier};
use crate::schema::{CollectionKind, FieldOptions, IdOrder, Value};
use crate::validation::{Issue, ValidationErrors};

/// What the machine's configuration says about saves.
#[derive(Debug, Clone, Copy, Default)]
pub struct SaveOptions {
    /// How default ids are generated.
    pub id_order: IdOrder,
}

/// Fills in the hashes of submitted passwords.
pub(super) fn complete(record: &mut Record, submitted: &Submitted, passwords: &PasswordWork) {
    let plan = record.plan().clone();
    for (index, plain) in submitted.passwords() {
        let name = &plan.collection().fields[*index].name;
        let hash = match passwords.hash(name) {
            Some(hash) if !plain.is_empty() => hash.0.clone(),
            _ => String::new(),
        };
        record.set(*index, Value::Text(hash));
    }
}

/// Fills in what a new record lacks. `now_ms` is Unix time in milliseconds.
pub(super) fn complete_new(
    now_ms: i64,
    record: &mut Record,
    submitted: &Submitted,
    passwords: &PasswordWork,
    options: SaveOptions,
) {
    complete(record, submitted, passwords);
    let plan = record.plan().clone();
    if let (Some(hash), Some(position)) = (passwords.generated(), record.position("password"))
        && record.text("password").is_empty()
    {
        record.set(position, Value::Text(hash.0.clone()));
    }
    for (index, field) in plan.collection().fields.iter().enumerate() {
        let FieldOptions::Text(text) = &field.options else { continue };
        if text.autogenerate_pattern.is_empty() || !field.is_zero(&record.values()[index]) {
            continue;
        }
        let order = if text.primary_key { options.id_order } else { IdOrder::Random };
        // A pattern that cannot generate leaves the value empty, which validation then reports.
        let value = text.autogenerate("", now_ms, order).unwrap_or_default();
        record.set(index, Value::Text(value));
    }
}

/// Stamps the autodate fields of this event; yields their positions.
pub(super) fn stamp(record: &mut Record, now: &str, is_create: bool) -> Vec<usize> {
    let plan = record.plan().clone();
    let mut stamped = Vec::new();
    for (index, field) in plan.collection().fields.iter().enumerate() {
        if let FieldOptions::Autodate(options) = &field.options
            && ((is_create && options.on_create) || (!is_create && options.on_update))
        {
            record.set(index, Value::Text(now.to_owned()));
            stamped.push(index);
        }
    }
    stamped
}

/// Inserts the row and appends the change.
pub(super) fn insert(tx: &WriteTx<'_>, catalog: &Catalog, record: &Record) -> Result<(), RecordError> {
    check_auth_id(tx, catalog, record)?;
    let fields = &record.collection().fields;
    let values = fields.iter().zip(record.values()).map(|(field, value)| field.bind(value));
    let inserted = tx.prepare_cached(record.plan().insert())?.execute(params_from_iter(values));
    inserted.map_err(|error| refusal(Action::Create, record, error))?;
    Ok(record_change(tx, &record.collection().id, record.id(), ChangeAction::Create)?)
}

/// Writes the fields in which `record` differs from `stored`, and the stamped ones, and appends the change.
pub(super) fn update(tx: &WriteTx<'_>, stored: &Record, record: &Record, stamped: &[usize]) -> Result<(), RecordError> {
    files::drop_replaced(tx, stored, record)?;
    let fields = &record.collection().fields;
    let changed: Vec<usize> =
        (0..fields.len()).filter(|i| stored.values()[*i] != record.values()[*i] || stamped.contains(i)).collect();
    if !changed.is_empty() {
        let id = rusqlite::types::ToSqlOutput::from(stored.id());
        let values = changed.iter().map(|&i| fields[i].bind(&record.values()[i]));
        let mut statement = tx.prepare_cached(&record.plan().update(&changed))?;
        statement
            .execute(params_from_iter(std::iter::once(id).chain(values)))
            .map_err(|error| refusal(Action::Update, record, error))?;
    }
    Ok(record_change(tx, &record.collection().id, record.id(), ChangeAction::Update)?)
}

/// The id of an auth record must be unused in every other auth collection: tokens of one must never fit another.
fn check_auth_id(tx: &WriteTx<'_>, catalog: &Catalog, record: &Record) -> Result<(), RecordError> {
    if !matches!(record.collection().kind, CollectionKind::Auth(_)) {
        return Ok(());
    }
    let is_other = |c: &&std::sync::Arc<crate::schema::Collection>| {
        c.id != record.collection().id && matches!(c.kind, CollectionKind::Auth(_))
    };
    for other in catalog.schema().all().iter().filter(is_other) {
        let table = quote_identifier(&other.name);
        let mut query = tx.prepare_cached(&format!("SELECT 1 FROM {table} WHERE `id` = ?1"))?;
        if query.exists([record.id()])? {
            let issue =
                Issue::new("validation_invalid_auth_id", "The id is taken by a record of another auth collection.");
            return Err(RecordError::Invalid(Action::Create, ValidationErrors::of("id", issue)));
        }
    }
    Ok(())
}

/// What a failed statement means: a unique constraint names its columns.
fn refusal(action: Action, record: &Record, error: rusqlite::Error) -> RecordError {
    let rusqlite::Error::SqliteFailure(code, Some(message)) = &error else { return error.into() };
    if code.code != ErrorCode::ConstraintViolation {
        return error.into();
    }
    let Some(columns) = message.strip_prefix("UNIQUE constraint failed: ") else {
        return RecordError::Constraint(action, message.clone());
    };
    let mut errors = ValidationErrors::new();
    for column in columns.split(", ") {
        let name = column.rsplit_once('.').map_or("", |(_, name)| name);
        if record.collection().fields.iter().any(|f| f.name == name) {
            errors.add(name, Issue::new("validation_not_unique", "Value must be unique."));
        }
    }
    if errors.is_empty() {
        RecordError::Constraint(action, message.clone())
    } else {
        RecordError::Invalid(action, errors)
    }
}

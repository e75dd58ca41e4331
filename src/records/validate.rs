//! Checks of a record's values: those of its fields, and those that need the store.

use rusqlite::{Connection, OptionalExtension};

use super::body::Submitted;
use super::{Record, files};
use crate::db::DbError;
use crate::files::Uploads;
use crate::query::{Catalog, Plan, quote_identifier};
use crate::schema::fields::TextOptions;
use crate::schema::{CollectionKind, Field, FieldOptions, Value, defaults};
use crate::validation::{Issue, ValidationErrors};

/// Checks all values; `stored` is the record before, none on create.
///
/// # Errors
/// `Err` if the store fails; the inner errors are the caller's to send.
pub(super) fn check(
    conn: &Connection,
    catalog: &Catalog,
    stored: Option<&Record>,
    record: &Record,
    submitted: &Submitted,
    uploads: &Uploads,
) -> Result<ValidationErrors, DbError> {
    let mut errors = ValidationErrors::new();
    for (index, field) in record.collection().fields.iter().enumerate() {
        let checked = match &field.options {
            FieldOptions::File(options) => {
                let before = stored.map(|s| &s.values()[index]);
                files::check(field, options, &record.values()[index], before, uploads)
            }
            _ => check_field(conn, catalog, stored, record, submitted, index, field)?,
        };
        if let Err(issue) = checked {
            errors.add(&field.name, issue);
        }
    }
    check_references(conn, catalog, record, &mut errors)?;
    Ok(errors)
}

fn check_field(
    conn: &Connection,
    catalog: &Catalog,
    stored: Option<&Record>,
    record: &Record,
    submitted: &Submitted,
    index: usize,
    field: &Field,
) -> Result<Result<(), Issue>, DbError> {
    let value = &record.values()[index];
    match &field.options {
        FieldOptions::Text(options) if options.primary_key => check_key(conn, stored, record, value, field, options),
        FieldOptions::Password(options) => {
            let plain = submitted.passwords().iter().rev().find(|(i, _)| *i == index).map(|(_, p)| p.as_str());
            Ok(match plain {
                Some(plain) if !plain.is_empty() => {
                    options.validate_plain(plain, field.required).and_then(|()| check_hashed(field, value))
                }
                _ => field.validate_value(value, None),
            })
        }
        FieldOptions::Relation(options) => {
            let shape = field.validate_value(value, stored.map(|s| &s.values()[index]));
            if shape.is_err() || field.is_zero(value) {
                return Ok(shape);
            }
            check_targets(conn, catalog.find(&options.collection_id).map(AsRef::as_ref), value)
        }
        _ => Ok(field.validate_value(value, stored.map(|s| &s.values()[index]))),
    }
}

/// A password whose hash was not made: the collection changed between the read that planned the hashing and this write.
/// Storing it would leave an account that nobody can sign in to.
fn check_hashed(field: &Field, hash: &Value) -> Result<(), Issue> {
    if field.is_zero(hash) {
        return Err(Issue::new("validation_invalid_value", "The collection has just changed, please try again."));
    }
    Ok(())
}

/// The primary key: unchangeable; unusual ids must not collide with others but for the case, nor be awkward file names.
fn check_key(
    conn: &Connection,
    stored: Option<&Record>,
    record: &Record,
    value: &Value,
    field: &Field,
    options: &TextOptions,
) -> Result<Result<(), Issue>, DbError> {
    let Value::Text(id) = value else { return Ok(Ok(())) };
    if let Some(stored) = stored {
        let unchanged = stored.id() == id;
        return Ok(if unchanged {
            Ok(())
        } else {
            Err(Issue::new("validation_pk_change", "The record id cannot be changed."))
        });
    }
    if let Err(issue) = field.validate_value(value, None) {
        return Ok(Err(issue));
    }
    if options.pattern == defaults::ID_PATTERN {
        return Ok(Ok(()));
    }
    let table = quote_identifier(&record.collection().name);
    let mut query = conn.prepare_cached(&format!("SELECT 1 FROM {table} WHERE `id` = ?1 COLLATE NOCASE"))?;
    let taken = query.query_row([id], |_| Ok(())).optional()?.is_some();
    Ok(if taken {
        Err(Issue::new("validation_pk_invalid", "The record id is taken or differs from another one by case only."))
    } else {
        Ok(())
    })
}

/// Whether every id of a relation is a record of its collection.
fn check_targets(conn: &Connection, target: Option<&Plan>, value: &Value) -> Result<Result<(), Issue>, DbError> {
    let Some(target) = target else {
        return Ok(Err(Issue::new("validation_missing_rel_collection", "The relation's collection does not exist.")));
    };
    let ids: &[String] = match value {
        Value::Text(id) => std::slice::from_ref(id),
        Value::List(ids) => ids,
        _ => &[],
    };
    let table = quote_identifier(&target.collection().name);
    let mut query = conn.prepare_cached(&format!("SELECT 1 FROM {table} WHERE `id` = ?1"))?;
    for id in ids {
        if query.query_row([id], |_| Ok(())).optional()?.is_none() {
            let issue =
                Issue::new("validation_missing_rel_records", "The relation names a record that does not exist.");
            return Ok(Err(issue));
        }
    }
    Ok(Ok(()))
}

/// Collections whose rows belong to an auth record, which they name by collection and record id.
pub(super) const REFERENCE_COLLECTIONS: [&str; 4] = ["_mfas", "_otps", "_externalAuths", "_authOrigins"];

/// `collectionRef` and `recordRef` of those collections must name an auth record.
fn check_references(
    conn: &Connection,
    catalog: &Catalog,
    record: &Record,
    errors: &mut ValidationErrors,
) -> Result<(), DbError> {
    if !REFERENCE_COLLECTIONS.contains(&record.collection().name.as_str()) {
        return Ok(());
    }
    let invalid = |code: &'static str| Issue::new(code, "It must name an existing auth record.");
    if errors.has("collectionRef") {
        return Ok(());
    }
    let Some(plan) = catalog.schema().find_by_id(record.text("collectionRef")) else {
        errors.add("collectionRef", invalid("validation_invalid_collection_id"));
        return Ok(());
    };
    if !matches!(plan.kind, CollectionKind::Auth(_)) {
        errors.add("collectionRef", invalid("validation_invalid_collection_type"));
        return Ok(());
    }
    let table = quote_identifier(&plan.name);
    let mut query = conn.prepare_cached(&format!("SELECT 1 FROM {table} WHERE `id` = ?1"))?;
    if query.query_row([record.text("recordRef")], |_| Ok(())).optional()?.is_none() {
        errors.add("recordRef", invalid("validation_invalid_record"));
    }
    if record.collection().name == "_externalAuths" && !crate::oauth2::is_known_provider(record.text("provider")) {
        errors.add("provider", Issue::new("validation_in_invalid", "Unknown provider."));
    }
    Ok(())
}

//! Signing in with a password.
//!
//! In three steps, because hashing must not happen in a transaction: find the account ([`find_candidate`]), verify the
//! password (`Hasher`, the same work whether there is an account or not), then check the rule and issue the token
//! ([`finish_sign_in`]).

use rusqlite::{Connection, OptionalExtension};

use super::AuthError;
use super::sign_in::{answer, auth_options, check_auth_rule, token};
use crate::db::ReadTx;
use crate::identity::{PasswordHash, TokenKind};
use crate::query::{Catalog, quote_identifier, single_column_unique_index};
use crate::records::{Record, Request};
use crate::schema::Collection;
use crate::validation::{Issue, ValidationErrors};

/// Longest identity and password, in bytes.
const MAX_TEXT: usize = 255;

/// What a client sends to sign in.
#[derive(Debug, Clone, Default)]
pub struct PasswordForm {
    /// E-mail or another identity field's value.
    pub identity: String,
    /// Plain password.
    pub password: String,
    /// The identity field meant; empty = any.
    pub identity_field: String,
}

/// The account an identity names, and the hash to verify.
#[derive(Debug)]
pub struct Candidate {
    /// Its collection's id.
    pub collection: String,
    /// The record's id and its stored hash; none if there is no such account.
    pub found: Option<(String, PasswordHash)>,
}

/// Finds the account.
///
/// # Errors
/// [`AuthError`] for a collection without password sign-in and for unusable fields; an unknown account is not an error
/// yet.
pub fn find_candidate(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    form: &PasswordForm,
) -> Result<Candidate, AuthError> {
    let plan = catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    let collection = plan.collection();
    let options = auth_options(collection)?;
    if !options.password_auth.enabled {
        return Err(AuthError::PasswordAuthDisabled);
    }
    check_form(form, &options.password_auth.identity_fields)?;
    let mut fields: Vec<&str> = options.password_auth.identity_fields.iter().map(String::as_str).collect();
    if form.identity_field.is_empty() {
        fields.sort_by_key(|f| *f != "email");
        fields.retain(|f| *f != "email" || form.identity.contains('@'));
    } else {
        fields.retain(|f| *f == form.identity_field);
    }
    let mut found = None;
    for field in fields {
        found = find_by(conn, collection, field, &form.identity)?;
        if found.is_some() {
            break;
        }
    }
    Ok(Candidate { collection: collection.id.clone(), found })
}

fn find_by(
    conn: &Connection,
    collection: &Collection,
    field: &str,
    identity: &str,
) -> Result<Option<(String, PasswordHash)>, AuthError> {
    // Without a unique index the identity could name several records.
    let Some(index) = single_column_unique_index(collection, field) else { return Ok(None) };
    let collation = if index.ignores_case { " COLLATE NOCASE" } else { "" };
    let (table, column) = (quote_identifier(&collection.name), quote_identifier(field));
    // The default e-mail index leaves out empty values; saying so lets SQLite use it.
    let sql = format!("SELECT `id`, `password` FROM {table} WHERE {column} = ?1{collation} AND {column} != '' LIMIT 1");
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, PasswordHash(row.get(1)?)));
    Ok(conn.prepare_cached(&sql)?.query_row([identity], row).optional()?)
}

fn check_form(form: &PasswordForm, identity_fields: &[String]) -> Result<(), AuthError> {
    let mut errors = ValidationErrors::new();
    for (key, value) in [("identity", &form.identity), ("password", &form.password)] {
        if value.is_empty() {
            errors.add(key, Issue::required());
        } else if value.len() > MAX_TEXT {
            let issue = Issue::new("validation_length_out_of_range", "The value is too long.");
            errors.add(key, issue.with("min", 1).with("max", MAX_TEXT));
        }
    }
    if !form.identity_field.is_empty() && !identity_fields.contains(&form.identity_field) {
        errors.add("identityField", Issue::new("validation_in_invalid", "Not an identity field of the collection."));
    }
    errors.into_result().map_err(AuthError::Invalid)
}

/// Issues the token for a verified candidate and returns the answer; `now` is Unix time in seconds.
///
/// # Errors
/// [`AuthError::Failed`] if the account changed since its password was verified.
pub fn finish_sign_in(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    collection: &str,
    id: &str,
    verified: &PasswordHash,
    now: i64,
) -> Result<Vec<u8>, AuthError> {
    let plan = request.catalog.find(collection).ok_or(AuthError::Failed)?;
    let options = auth_options(plan.collection())?;
    let record = Record::find(tx, plan, id)?.ok_or(AuthError::Failed)?;
    if record.text("password") != verified.0 {
        return Err(AuthError::Failed);
    }
    check_auth_rule(tx, request, &record)?;
    // Letting someone in with one factor where the collection asks for two would be a hole.
    if options.mfa.enabled {
        return Err(AuthError::SecondFactorUnavailable);
    }
    let token = token(&record, TokenKind::Auth, now, true)?;
    answer(tx, request, record, &token)
}

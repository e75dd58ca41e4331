//! Finding the record somebody says to be.

use rusqlite::{Connection, OptionalExtension};

use super::AuthError;
use crate::identity::PasswordHash;
use crate::query::{Plan, quote_identifier, single_column_unique_index};
use crate::records::Record;
use crate::schema::Collection;
use crate::schema::fields::is_email;
use crate::validation::{Issue, ValidationErrors};
use std::sync::Arc;

/// Longest e-mail address, in bytes.
const MAX_EMAIL_BYTES: usize = 255;

/// What signing in with a password needs of a record.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) id: String,
    pub(super) hash: PasswordHash,
    pub(super) token_key: String,
}

/// The record whose field has this value.
pub(super) fn find_by(
    conn: &Connection,
    collection: &Collection,
    field: &str,
    value: &str,
) -> Result<Option<Credentials>, AuthError> {
    // Without a unique index the value could name several records.
    let Some(index) = single_column_unique_index(collection, field) else { return Ok(None) };
    let collation = if index.ignores_case { " COLLATE NOCASE" } else { "" };
    let (table, column) = (quote_identifier(&collection.name), quote_identifier(field));
    // The default e-mail index leaves out empty values; saying so lets SQLite use it.
    let sql = format!(
        "SELECT `id`, `password`, `tokenKey` FROM {table} WHERE {column} = ?1{collation} AND {column} != '' LIMIT 1"
    );
    let row = |row: &rusqlite::Row<'_>| {
        // Folders of older versions of the reference may hold NULL, which counts as empty.
        let text = |at| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(at)?.unwrap_or_default());
        Ok(Credentials { id: text(0)?, hash: PasswordHash(text(1)?), token_key: text(2)? })
    };
    Ok(conn.prepare_cached(&sql)?.query_row([value], row).optional()?)
}

/// The record with this e-mail address.
pub(super) fn find_by_email(conn: &Connection, plan: &Arc<Plan>, email: &str) -> Result<Option<Record>, AuthError> {
    // The same statements whether there is one or not.
    let id = find_by(conn, plan.collection(), "email", email)?.map(|found| found.id).unwrap_or_default();
    Ok(Record::find(conn, plan, &id)?)
}

/// Checks an address that a client sent.
pub(super) fn check_email(key: &str, email: &str, errors: &mut ValidationErrors) {
    if email.is_empty() {
        errors.add(key, Issue::required());
    } else if email.len() > MAX_EMAIL_BYTES {
        let issue = Issue::new("validation_length_out_of_range", "The address is too long.");
        errors.add(key, issue.with("min", 1).with("max", MAX_EMAIL_BYTES));
    } else if !is_email(email) {
        errors.add(key, Issue::new("validation_is_email", "Must be an e-mail address."));
    }
}

//! Exchanging a token for a fresh one.

use rusqlite::Connection;

use super::AuthError;
use super::sign_in::{answer, auth_options, check_auth_rule, token};
use crate::identity::{Caller, TokenKind};
use crate::query::Catalog;
use crate::records::Record;

/// The record and a new token, or the same one if it may not be renewed; `presented` is the request's token and `now`
/// Unix time in seconds.
///
/// # Errors
/// [`AuthError`] if the token is missing or of another collection.
pub fn refresh(
    conn: &Connection,
    catalog: &Catalog,
    caller: &Caller,
    collection: &str,
    presented: &str,
    now: i64,
) -> Result<Vec<u8>, AuthError> {
    let plan = catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    let options = auth_options(plan.collection())?;
    let owner = caller.record().ok_or(AuthError::TokenRequired)?;
    if owner.collection.id != plan.collection().id {
        return Err(AuthError::OtherCollection(owner.collection.name.clone()));
    }
    let record = Record::find(conn, plan, &owner.id)?.ok_or(AuthError::TokenRequired)?;
    check_auth_rule(options, caller)?;
    if owner.refreshable {
        answer(&record, &token(&record, TokenKind::Auth, now, true)?)
    } else {
        answer(&record, presented)
    }
}

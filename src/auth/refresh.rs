//! Exchanging a token for a fresh one.

use super::AuthError;
use super::sign_in::{answer, check_auth_rule, token};
use crate::db::ReadTx;
use crate::identity::TokenKind;
use crate::records::{Record, Request};

/// The record and a new token, or the same one if it may not be renewed; `presented` is the request's token and `now`
/// Unix time in seconds.
///
/// # Errors
/// [`AuthError`] if the token is missing or of another collection.
pub fn refresh(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    collection: &str,
    presented: &str,
    now: i64,
) -> Result<Vec<u8>, AuthError> {
    let plan = request.catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    let owner = request.caller.record().ok_or(AuthError::TokenRequired)?;
    if owner.collection.id != plan.collection().id {
        return Err(AuthError::OtherCollection(owner.collection.name.clone()));
    }
    let record = Record::find(tx, plan, &owner.id)?.ok_or(AuthError::TokenRequired)?;
    check_auth_rule(tx, request, &record)?;
    if owner.refreshable {
        let token = token(&record, TokenKind::Auth, now, true)?;
        answer(tx, request, record, &token, None)
    } else {
        answer(tx, request, record, presented, None)
    }
}

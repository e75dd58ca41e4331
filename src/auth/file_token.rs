//! Tokens that open protected files.

use serde_json::json;

use super::AuthError;
use super::sign_in::token;
use crate::db::ReadTx;
use crate::identity::TokenKind;
use crate::records::{Record, Request};

/// `{"token": …}`, a token for downloads by whoever is calling. `now` is Unix time in seconds.
///
/// # Errors
/// [`AuthError::TokenRequired`] for guests.
pub fn file_token(tx: &ReadTx<'_>, request: Request<'_>, now: i64) -> Result<Vec<u8>, AuthError> {
    let owner = request.caller.record().ok_or(AuthError::TokenRequired)?;
    let plan = request.catalog.find(&owner.collection.id).ok_or(AuthError::TokenRequired)?;
    let record = Record::find(tx, plan, &owner.id)?.ok_or(AuthError::TokenRequired)?;
    let token = token(&record, TokenKind::File, now, false)?;
    Ok(json!({"token": token}).to_string().into_bytes())
}

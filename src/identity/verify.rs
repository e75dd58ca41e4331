//! From a token to the caller it stands for.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rusqlite::{Connection, OptionalExtension};

use super::token::{MAX_TOKEN_BYTES, signing_key};
use super::{AuthRecord, Caller, Claims, TokenKind};
use crate::db::DbError;
use crate::query::{Catalog, quote_identifier};
use crate::schema::CollectionKind;

/// The caller a token of this kind stands for; a guest if it is missing, forged, expired, of another kind, or its record
/// is gone. `now` is Unix time in seconds.
///
/// # Errors
/// Only if the store fails.
pub fn verify(
    conn: &Connection,
    catalog: &Catalog,
    token: Option<&str>,
    kind: TokenKind,
    now: i64,
) -> Result<Caller, DbError> {
    let Some(token) = token.filter(|t| !t.is_empty() && t.len() <= MAX_TOKEN_BYTES) else { return Ok(Caller::Guest) };
    // Before the signature can be checked, the record whose key signed it has to be known.
    let Ok(claims) = jsonwebtoken::dangerous::insecure_decode_claims::<Claims>(token) else { return Ok(Caller::Guest) };
    let expired = claims.exp <= now;
    let premature = claims.nbf.is_some_and(|t| t > now) || claims.iat.is_some_and(|t| t > now);
    if claims.kind != kind || expired || premature {
        return Ok(Caller::Guest);
    }
    let Some(plan) = catalog.find(&claims.collection_id) else { return Ok(Caller::Guest) };
    let collection = plan.collection();
    let CollectionKind::Auth(options) = &collection.kind else { return Ok(Caller::Guest) };
    let table = quote_identifier(&collection.name);
    let mut query = conn.prepare_cached(&format!("SELECT `tokenKey` FROM {table} WHERE `id` = ?1"))?;
    let token_key: Option<String> = query.query_row([&claims.id], |row| row.get(0)).optional()?;
    let Some(token_key) = token_key.filter(|k| !k.is_empty()) else { return Ok(Caller::Guest) };
    let key = DecodingKey::from_secret(&signing_key(&token_key, &kind.options(options).secret));
    if jsonwebtoken::decode::<Claims>(token, &key, &validation()).is_err() {
        return Ok(Caller::Guest);
    }
    let refreshable = claims.refreshable.unwrap_or(false);
    Ok(Caller::of(AuthRecord { collection: Arc::clone(collection), id: claims.id, refreshable }))
}

/// Only HS256; times were checked against our own clock.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

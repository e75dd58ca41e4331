//! From a token to the caller it stands for.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, TokenData, crypto};
use rusqlite::{Connection, OptionalExtension};

use super::token::{MAX_TOKEN_BYTES, signing_key};
use super::{AuthRecord, Caller, Claims, TokenKind};
use crate::collections::SUPERUSERS;
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
    let proven = token.map_or(Ok(None), |token| prove(conn, catalog, token, kind, now))?;
    Ok(proven.map_or(Caller::Guest, |proven| Caller::of(proven.record)))
}

/// A token whose signature fits its record.
#[derive(Debug)]
pub struct Proven {
    /// The record it was made for.
    pub record: AuthRecord,
    /// What it says.
    pub claims: Claims,
}

/// What a token of this kind proves; nothing if it is forged, expired, of another kind, or its record is gone. `now` is
/// Unix time in seconds.
///
/// # Errors
/// Only if the store fails.
pub fn prove(
    conn: &Connection,
    catalog: &Catalog,
    token: &str,
    kind: TokenKind,
    now: i64,
) -> Result<Option<Proven>, DbError> {
    let Some(claims) = unproven_claims(token, kind, now) else { return Ok(None) };
    let Some(found) = find_keyed(conn, catalog, &claims.collection_id, &claims.id, kind)? else { return Ok(None) };
    let KeyedRecord { mut record, key } = found;
    if !is_signed_with(token, &DecodingKey::from_secret(&key)) {
        return Ok(None);
    }
    record.refreshable = claims.refreshable.unwrap_or(false);
    Ok(Some(Proven { record, claims }))
}

/// An auth record with the key that signs its tokens.
pub(super) struct KeyedRecord {
    pub(super) record: AuthRecord,
    pub(super) key: Vec<u8>,
}

/// The record of an auth collection with the key that signs its tokens of this kind; nothing if it has none.
pub(super) fn find_keyed(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    id: &str,
    kind: TokenKind,
) -> Result<Option<KeyedRecord>, DbError> {
    let Some(plan) = catalog.find(collection) else { return Ok(None) };
    let collection = plan.collection();
    let CollectionKind::Auth(options) = &collection.kind else { return Ok(None) };
    let table = quote_identifier(&collection.name);
    let mut query = conn.prepare_cached(&format!(
        "SELECT `tokenKey`,`email`,`emailVisibility`,`verified` FROM {table} WHERE `id` = ?1"
    ))?;
    let found = query
        .query_row([id], |row| {
            let text =
                |at| row.get_ref(at).map(|value| value.as_str_or_null().ok().flatten().unwrap_or_default().to_owned());
            let flag = |at| row.get_ref(at).map(|value| value.as_i64_or_null().ok().flatten() == Some(1));
            Ok((text(0)?, text(1)?, flag(2)?, flag(3)?))
        })
        .optional()?;
    let Some((token_key, email, email_visibility, verified)) = found.filter(|(key, ..)| !key.is_empty()) else {
        return Ok(None);
    };
    let key = signing_key(&token_key, &kind.options(options).secret);
    let (collection, id) = (Arc::clone(collection), id.to_owned());
    let record = AuthRecord { collection, id, refreshable: false, email, email_visibility, verified };
    Ok(Some(KeyedRecord { record, key }))
}

/// What a text that may be a token says, without any proof.
pub fn claims_without_proof(token: &str) -> Option<Claims> {
    decode(token).map(|parsed| parsed.claims)
}

/// What a token claims, without any proof; nothing if it could not be valid whoever signed it.
fn unproven_claims(token: &str, kind: TokenKind, now: i64) -> Option<Claims> {
    let parsed = decode(token)?;
    let claims = parsed.claims;
    let premature = claims.nbf.is_some_and(|t| t > now) || claims.iat.is_some_and(|t| t > now);
    let is_possible = parsed.header.alg == Algorithm::HS256 && claims.kind == kind && claims.exp > now && !premature;
    is_possible.then_some(claims)
}

/// Whether a token of this kind says that it is a superuser's. Anybody can make one that does: good for refusing, never for
/// allowing. What this does not say so of, [`verify`] never takes for a superuser's.
pub fn names_superuser(catalog: &Catalog, token: &str, kind: TokenKind) -> bool {
    let claims = claims_without_proof(token).filter(|claims| claims.kind == kind);
    let plan = claims.and_then(|claims| catalog.find(&claims.collection_id));
    plan.is_some_and(|plan| plan.collection().name == SUPERUSERS)
}

/// The parts of a token. Before its signature can be checked, the record whose key signed it has to be known.
fn decode(token: &str) -> Option<TokenData<Claims>> {
    if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    jsonwebtoken::dangerous::insecure_decode::<Claims>(token).ok()
}

/// Whether the token's signature is that of the key. Only the signature is left to check: parsing the token a second
/// time would cost more than all the rest.
fn is_signed_with(token: &str, key: &DecodingKey) -> bool {
    let Some((message, signature)) = token.rsplit_once('.') else { return false };
    crypto::verify(signature, message.as_bytes(), key, Algorithm::HS256).unwrap_or(false)
}

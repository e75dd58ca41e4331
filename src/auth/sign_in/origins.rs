//! Where sign-ins come from, and the mail about a new place (reference part 3, section 8.15).

use std::net::IpAddr;

use md5::{Digest, Md5};
use rusqlite::{Connection, OptionalExtension, named_params};
use serde_json::{Map, json};

use super::{AuthError, Proof};
use crate::auth::mails::{Mail, compose};
use crate::clock::date_text;
use crate::db::{ReadTx, WriteTx};
use crate::files::Uploads;
use crate::mail::Message;
use crate::query::{Catalog, RequestInfo};
use crate::records::{
    CreateRequest, PasswordWork, Record, RecordError, SaveOptions, UpdateRequest, as_larder, create, delete_unchecked,
    update,
};
use crate::schema::dates;
use crate::settings::Meta;

/// Collection of the places.
const ORIGINS: &str = "_authOrigins";

/// Places remembered for each record; the oldest make room for new ones.
const MAX_ORIGINS: usize = 5;

/// How old the note of a known place may get before it is refreshed, in milliseconds: a storm of sign-ins from one place
/// must not become a storm of writes.
const REFRESH_MS: i64 = 60_000;

/// Bytes of the user agent that count.
const MAX_USER_AGENT_BYTES: usize = 200;

/// What is known of the place a sign-in comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginState {
    /// It was noted a moment ago: nothing to do.
    Fresh,
    /// It has to be noted.
    ToNote,
}

/// A place that was not known before.
#[derive(Debug)]
pub struct NewOrigin {
    /// Id of its note.
    pub id: String,
    /// Whether the record was known from other places: its owner should hear of this one.
    pub is_alarming: bool,
}

/// What tells places apart: lower-case hex MD5 of address and user agent, as the reference stores it. It hides nothing
/// and protects nothing, so the weakness of MD5 does not matter. `address` is the text the reference would print.
pub fn fingerprint(address: &str, user_agent: &str) -> String {
    let hash = Md5::digest(format!("{address}{}", shortened(user_agent)).as_bytes());
    format!("{:032x}", u128::from_be_bytes(hash.into()))
}

fn shortened(user_agent: &str) -> String {
    if user_agent.len() <= MAX_USER_AGENT_BYTES {
        return user_agent.to_owned();
    }
    format!("{}...", &user_agent[..user_agent.floor_char_boundary(MAX_USER_AGENT_BYTES)])
}

/// Looks the place up.
pub(super) fn find(tx: &ReadTx<'_>, record: &Record, fingerprint: &str, now_ms: i64) -> Result<OriginState, AuthError> {
    let found = find_note(tx, &record.collection().id, record.id(), fingerprint)?;
    let is_fresh = found
        .and_then(|(_, updated)| dates::parse_millis(&updated))
        .is_some_and(|updated| now_ms - updated < REFRESH_MS);
    Ok(if is_fresh { OriginState::Fresh } else { OriginState::ToNote })
}

fn find_note(
    conn: &Connection,
    collection: &str,
    record: &str,
    fingerprint: &str,
) -> Result<Option<(String, String)>, AuthError> {
    let mut query = conn.prepare_cached(
        "SELECT `id`, `updated` FROM `_authOrigins` \
         WHERE `collectionRef` = :collection AND `recordRef` = :record AND `fingerprint` = :fingerprint",
    )?;
    let keys = named_params! {":collection": collection, ":record": record, ":fingerprint": fingerprint};
    Ok(query.query_row(keys, |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// Notes that the record signed in from a place; tells if it is new.
///
/// # Errors
/// If the store fails.
pub fn note_origin(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    proof: &Proof,
    fingerprint: &str,
    options: SaveOptions,
) -> Result<Option<NewOrigin>, AuthError> {
    proof.find(tx, catalog)?;
    let (info, passwords) = (RequestInfo::default(), PasswordWork::default());
    if let Some((id, _)) = find_note(tx, &proof.collection, &proof.record, fingerprint)? {
        let what = UpdateRequest {
            collection: ORIGINS,
            id: &id,
            body: &Map::new(),
            passwords: &passwords,
            uploads: Uploads::NONE,
        };
        update(tx, as_larder(catalog, &info), &what)?;
        return Ok(None);
    }
    let known = known_origins(tx, proof)?;
    let surplus = (known.len() + 1).saturating_sub(MAX_ORIGINS);
    for id in known.iter().take(surplus) {
        delete_unchecked(tx, catalog, ORIGINS, id)?;
    }
    let mut body = Map::new();
    body.insert("collectionRef".into(), json!(proof.collection));
    body.insert("recordRef".into(), json!(proof.record));
    body.insert("fingerprint".into(), json!(fingerprint));
    let what =
        CreateRequest { collection: ORIGINS, body: &body, passwords: &passwords, uploads: Uploads::NONE, options };
    let saved = create(tx, as_larder(catalog, &info), &what)?;
    Ok(Some(NewOrigin { id: saved.record.id().to_owned(), is_alarming: !known.is_empty() }))
}

/// Ids of the record's places, oldest first.
fn known_origins(conn: &Connection, proof: &Proof) -> Result<Vec<String>, AuthError> {
    let mut query = conn.prepare_cached(
        "SELECT `id` FROM `_authOrigins` WHERE `collectionRef` = :collection AND `recordRef` = :record \
         ORDER BY `created`, rowid",
    )?;
    let keys = named_params! {":collection": proof.collection, ":record": proof.record};
    Ok(query.query_map(keys, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Forgets a place whose mail could not be sent, so that the next sign-in from there tries again.
///
/// # Errors
/// If the store fails.
pub fn forget_origin(tx: &mut WriteTx<'_>, catalog: &Catalog, id: &str) -> Result<(), AuthError> {
    match delete_unchecked(tx, catalog, ORIGINS, id) {
        Ok(()) | Err(RecordError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The mail about a sign-in from a new place; none for a record without an address.
///
/// # Errors
/// If the record is gone.
pub fn login_alert(
    tx: &ReadTx<'_>,
    catalog: &Catalog,
    meta: &Meta,
    proof: &Proof,
    address: IpAddr,
    user_agent: &str,
    now_ms: i64,
) -> Result<Option<Message>, AuthError> {
    let record = proof.find(tx, catalog)?;
    let to = record.text("email");
    if to.is_empty() {
        return Ok(None);
    }
    let info = format!("{} - {address} {}", date_text(now_ms), shortened(user_agent));
    compose(meta, &record, to, &Mail::LoginAlert { info: &info }).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_those_of_the_reference() {
        for (address, user_agent, want) in [
            ("127.0.0.1", String::new(), "f528764d624db129b32c21fbca0cb8d6"),
            ("127.0.0.1", "curl/8".to_owned(), "b13cc138e9f01b7bdbe0c10cda2c1ca4"),
            ("192.0.2.1", "x".repeat(200), "5c31e59b129a0a133cda048de2dac15d"),
            ("192.0.2.1", "x".repeat(201), "595ef0bbe20c0bdd3549ab9a12809f88"),
        ] {
            assert_eq!(fingerprint(address, &user_agent), want);
        }
        // A character that does not fit is left out as a whole.
        assert!(shortened(&"é".repeat(150)).ends_with("é..."));
        assert_eq!(shortened(&format!("x{}", "é".repeat(150))).len(), 199 + 3);
    }
}

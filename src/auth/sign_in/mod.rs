//! What every way of signing in ends with.
//!
//! In steps, because some of them write and the last one may read a lot: rules and what else is needed ([`accept`]), a
//! second factor ([`open_mfa`], [`close_mfa`]), where the sign-in came from ([`note_origin`]), and the answer with a
//! token ([`finish`]).

mod answer;
mod mfa;
mod origins;

use rusqlite::Connection;
use serde_json::Value as Json;

pub(super) use answer::{answer, token, token_lasting};
pub(super) use mfa::is_older;
pub use mfa::{close_mfa, open_mfa};
pub use origins::{NewOrigin, OriginState, fingerprint, forget_origin, login_alert, note_origin};

use super::AuthError;
use crate::db::ReadTx;
use crate::identity::TokenKind;
use crate::query::{Catalog, Rule};
use crate::records::{Record, Request, satisfies};
use crate::schema::{AuthOptions, Collection, CollectionKind};

/// A way of signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A password.
    Password,
    /// Another service.
    OAuth2,
    /// A one-time code from a mail.
    Otp,
}

impl Method {
    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::OAuth2 => "oauth2",
            Self::Otp => "otp",
        }
    }
}

/// Somebody proved to be a record.
#[derive(Clone)]
pub struct Proof {
    /// Id of its collection.
    pub collection: String,
    /// Its id.
    pub record: String,
    /// Its `tokenKey` at that moment: a sign-in must not survive a change of credentials that happens meanwhile.
    pub token_key: String,
    /// How.
    pub method: Method,
}

impl Proof {
    /// What a sign-in as this record by this way proves.
    pub(super) fn of(record: &Record, method: Method) -> Self {
        Self {
            collection: record.collection().id.clone(),
            record: record.id().to_owned(),
            token_key: record.text("tokenKey").to_owned(),
            method,
        }
    }

    /// The record, if its credentials are still the same.
    fn find(&self, conn: &Connection, catalog: &Catalog) -> Result<Record, AuthError> {
        let plan = catalog.find(&self.collection).ok_or(AuthError::Failed)?;
        let record = Record::find(conn, plan, &self.record)?;
        record.filter(|record| record.text("tokenKey") == self.token_key).ok_or(AuthError::Failed)
    }
}

/// What is left to do for somebody whose sign-in the rules allow.
#[derive(Debug)]
pub struct Accepted {
    /// Whether the collection asks for a second factor.
    pub needs_second_factor: bool,
    /// What is known of where it came from; `None` if the collection does not care.
    pub origin: Option<OriginState>,
}

/// Asks the rules. `fingerprint` is that of the client, see [`origins::fingerprint`].
///
/// # Errors
/// [`AuthError::RuleDenied`], [`AuthError::Failed`].
pub fn accept(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    proof: &Proof,
    fingerprint: &str,
    now_ms: i64,
) -> Result<Accepted, AuthError> {
    let record = proof.find(tx, request.catalog)?;
    check_auth_rule(tx, request, &record)?;
    let options = auth_options(record.collection())?;
    let needs_second_factor = mfa::is_needed(tx, request, &record)?;
    let watched = options.auth_alert.enabled;
    let origin = if watched { Some(origins::find(tx, &record, fingerprint, now_ms)?) } else { None };
    Ok(Accepted { needs_second_factor, origin })
}

/// The answer to a completed sign-in. `meta` is what OAuth2 adds; `now` is Unix time in seconds.
///
/// # Errors
/// [`AuthError::Failed`] if credentials changed meanwhile.
pub fn finish(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    proof: &Proof,
    meta: Option<&Json>,
    now: i64,
) -> Result<Vec<u8>, AuthError> {
    let record = proof.find(tx, request.catalog)?;
    let token = token(&record, TokenKind::Auth, now, true)?;
    answer(tx, request, record, &token, meta)
}

/// The auth options of a collection.
pub(super) fn auth_options(collection: &Collection) -> Result<&AuthOptions, AuthError> {
    match &collection.kind {
        CollectionKind::Auth(options) => Ok(options),
        _ => Err(AuthError::NotAuthCollection),
    }
}

/// Whether the auth rule lets the record sign in. A request that carries a superuser's token bypasses it.
pub(super) fn check_auth_rule(conn: &Connection, request: Request<'_>, record: &Record) -> Result<(), AuthError> {
    let is_allowed = match record.plan().rules().auth() {
        Rule::Open => true,
        _ if request.caller.is_superuser() => true,
        Rule::Locked => false,
        Rule::Expression(rule) => satisfies(conn, request, record.plan(), rule, record.id())?,
    };
    if is_allowed { Ok(()) } else { Err(AuthError::RuleDenied) }
}

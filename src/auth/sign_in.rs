//! What every way of signing in ends with: the auth rule, a token, and the answer.

use std::sync::Arc;

use rusqlite::Connection;

use super::AuthError;
use crate::db::ReadTx;
use crate::identity::{AuthRecord, Caller, Claims, TokenKind, issue_token};
use crate::query::{RequestInfo, Rule};
use crate::records::{Record, Request, ShowOptions, auth_info, satisfies, show};
use crate::schema::{AuthOptions, Collection, CollectionKind};

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

/// A token for the record that lasts as long as its collection says. `now` is Unix time in seconds.
pub(super) fn token(record: &Record, kind: TokenKind, now: i64, refreshable: bool) -> Result<String, AuthError> {
    let options = kind.options(auth_options(record.collection())?);
    Ok(token_lasting(record, kind, now + options.duration, refreshable, &options.secret))
}

/// A token for the record that expires at `exp`, Unix time in seconds.
pub(super) fn token_lasting(record: &Record, kind: TokenKind, exp: i64, refreshable: bool, secret: &str) -> String {
    let claims = Claims {
        collection_id: record.collection().id.clone(),
        email: None,
        exp,
        new_email: None,
        id: record.id().to_owned(),
        refreshable: (kind == TokenKind::Auth).then_some(refreshable),
        kind,
        nbf: None,
        iat: None,
    };
    issue_token(&claims, record.text("tokenKey"), secret)
}

/// `{"record": …, "token": …}`; the record sees its own e-mail, a superuser its hidden fields. What is expanded is
/// judged by what the record may see once it is signed in.
pub(super) fn answer(tx: &ReadTx<'_>, request: Request<'_>, record: Record, token: &str) -> Result<Vec<u8>, AuthError> {
    let viewer = if record.collection().name == "_superusers" {
        Caller::System
    } else {
        Caller::Record(AuthRecord {
            collection: Arc::clone(record.plan().collection()),
            id: record.id().to_owned(),
            refreshable: false,
            email: record.text("email").to_owned(),
            email_visibility: record.flag("emailVisibility"),
            verified: record.flag("verified"),
        })
    };
    let info = RequestInfo { auth: auth_info(request.catalog, &viewer), ..request.info.clone() };
    let expand = info.head.query.iter().find(|(key, _)| key == "expand").map_or("", |(_, value)| value);
    let mut out = b"{\"record\":".to_vec();
    let request = Request { caller: &viewer, info: &info, ..request };
    show(tx, request, record, ShowOptions { expand, is_own: true }, &mut out)?;
    out.extend_from_slice(b",\"token\":\"");
    out.extend_from_slice(token.as_bytes());
    out.extend_from_slice(b"\"}");
    Ok(out)
}

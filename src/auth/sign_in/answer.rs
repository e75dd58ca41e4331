//! The token, and the answer it is part of.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{AuthError, auth_options};
use crate::db::ReadTx;
use crate::identity::{AuthRecord, Caller, Claims, TokenKind, issue_token};
use crate::query::RequestInfo;
use crate::records::{Record, Request, ShowOptions, auth_info, show};

/// A token for the record that lasts as long as its collection says. `now` is Unix time in seconds.
pub(in crate::auth) fn token(
    record: &Record,
    kind: TokenKind,
    now: i64,
    refreshable: bool,
) -> Result<String, AuthError> {
    let options = kind.options(auth_options(record.collection())?);
    Ok(token_lasting(record, kind, now + options.duration, refreshable, &options.secret))
}

/// A token for the record that expires at `exp`, Unix time in seconds.
pub(in crate::auth) fn token_lasting(
    record: &Record,
    kind: TokenKind,
    exp: i64,
    refreshable: bool,
    secret: &str,
) -> String {
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

/// `{["meta": …,] "record": …, "token": …}`; the record sees its own e-mail, a superuser its hidden fields. What is
/// expanded is judged by what the record may see once it is signed in.
pub(in crate::auth) fn answer(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    record: Record,
    token: &str,
    meta: Option<&Json>,
) -> Result<Vec<u8>, AuthError> {
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
    let mut out = b"{".to_vec();
    if let Some(meta) = meta {
        out.extend_from_slice(b"\"meta\":");
        out.extend_from_slice(meta.to_string().as_bytes());
        out.push(b',');
    }
    out.extend_from_slice(b"\"record\":");
    let request = Request { caller: &viewer, info: &info, ..request };
    show(tx, request, record, ShowOptions { expand, is_own: true }, &mut out)?;
    out.extend_from_slice(b",\"token\":\"");
    out.extend_from_slice(token.as_bytes());
    out.extend_from_slice(b"\"}");
    Ok(out)
}

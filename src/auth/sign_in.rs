//! What every way of signing in ends with: the auth rule, a token, and the answer.

use super::AuthError;
use crate::identity::{Caller, Claims, TokenKind, issue_token};
use crate::records::{Record, Visibility, write_record};
use crate::schema::{AuthOptions, Collection, CollectionKind};

/// The auth options of a collection.
pub(super) fn auth_options(collection: &Collection) -> Result<&AuthOptions, AuthError> {
    match &collection.kind {
        CollectionKind::Auth(options) => Ok(options),
        _ => Err(AuthError::NotAuthCollection),
    }
}

/// Whether the auth rule lets the record sign in. A request that carries a superuser's token bypasses it; until the rule
/// language is evaluated, an expression lets nobody else in.
pub(super) fn check_auth_rule(options: &AuthOptions, caller: &Caller) -> Result<(), AuthError> {
    match options.auth_rule.as_deref() {
        Some("") => Ok(()),
        _ if caller.is_superuser() => Ok(()),
        _ => Err(AuthError::RuleDenied),
    }
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
        exp,
        id: record.id().to_owned(),
        refreshable: (kind == TokenKind::Auth).then_some(refreshable),
        kind,
        nbf: None,
        iat: None,
    };
    issue_token(&claims, record.text("tokenKey"), secret)
}

/// `{"record": …, "token": …}`; the record sees its own e-mail, a superuser its hidden fields.
pub(super) fn answer(record: &Record, token: &str) -> Result<Vec<u8>, AuthError> {
    let viewer = if record.collection().name == "_superusers" { Caller::System } else { Caller::Guest };
    let mut out = b"{\"record\":".to_vec();
    write_record(record, Visibility::own(&viewer), &mut out)?;
    out.extend_from_slice(b",\"token\":\"");
    out.extend_from_slice(token.as_bytes());
    out.extend_from_slice(b"\"}");
    Ok(out)
}

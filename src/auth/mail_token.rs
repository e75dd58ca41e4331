//! Tokens that travel in mails: they prove that somebody reads the mailbox of an address.

use rusqlite::Connection;

use super::AuthError;
use super::sign_in::auth_options;
use crate::identity::{Claims, TokenKind, claims_without_proof, issue_token, prove};
use crate::query::Catalog;
use crate::records::Record;
use crate::validation::{Issue, ValidationErrors};

/// A token for a mail to the record; `new_email` is set in those of an e-mail change. `now` is Unix time in seconds.
pub(super) fn issue(record: &Record, kind: TokenKind, new_email: Option<&str>, now: i64) -> Result<String, AuthError> {
    let options = kind.options(auth_options(record.collection())?);
    let claims = Claims {
        collection_id: record.collection().id.clone(),
        email: Some(record.text("email").to_owned()),
        exp: now + options.duration,
        id: record.id().to_owned(),
        new_email: new_email.map(str::to_owned),
        refreshable: None,
        kind,
        nbf: None,
        iat: None,
    };
    Ok(issue_token(&claims, record.text("tokenKey"), &options.secret))
}

/// What a token of a mail proves.
#[derive(Debug)]
pub(super) struct MailToken {
    /// The record it was made for.
    pub(super) record: Record,
    /// The record's address when it was made.
    pub(super) email: String,
    /// The address of an e-mail change.
    pub(super) new_email: String,
}

/// Checks a token of a mail to a record of this collection. The outer error is the store's, the inner one what is wrong
/// with the token.
pub(super) fn check(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    token: &str,
    kind: TokenKind,
    now: i64,
) -> Result<Result<MailToken, Issue>, AuthError> {
    if token.is_empty() {
        return Ok(Err(Issue::required()));
    }
    // Told apart from other invalid tokens because clients of the reference do.
    let claimed = claims_without_proof(token);
    let (lacks, code) = match kind {
        TokenKind::Verification => {
            (claimed.is_none_or(|c| c.email.unwrap_or_default().is_empty()), "validation_invalid_token_claims")
        }
        TokenKind::EmailChange => {
            (claimed.is_none_or(|c| c.new_email.unwrap_or_default().is_empty()), "validation_invalid_token_payload")
        }
        _ => (false, ""),
    };
    if lacks {
        return Ok(Err(Issue::new(code, "This is not a token of such a mail.")));
    }
    let Some(proven) = prove(conn, catalog, token, kind, now)? else {
        return Ok(Err(Issue::new("validation_invalid_token", "The token is invalid, used or expired.")));
    };
    let plan = catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    // The record's, for the claim may as well be a name.
    if proven.record.collection.id != plan.collection().id {
        let issue = Issue::new("validation_token_collection_mismatch", "The token is of another collection.");
        return Ok(Err(issue));
    }
    let record = Record::find(conn, plan, &proven.record.id)?.ok_or(AuthError::Failed)?;
    let (email, new_email) = (proven.claims.email.unwrap_or_default(), proven.claims.new_email.unwrap_or_default());
    Ok(Ok(MailToken { record, email, new_email }))
}

/// An error of the `token` key.
pub(super) fn refused(issue: Issue) -> AuthError {
    AuthError::Invalid(ValidationErrors::of("token", issue))
}

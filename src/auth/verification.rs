//! Confirming that an e-mail address is the record's (reference part 3, section 8.12).

use rusqlite::Connection;

use super::AuthError;
use super::lookup::{check_email, find_by_email};
use super::mail_token;
use super::mails::{Mail, compose};
use super::sign_in::auth_options;
use crate::collections::SUPERUSERS;
use crate::db::WriteTx;
use crate::identity::{PasswordHash, TokenKind};
use crate::mail::Message;
use crate::query::{Catalog, Plan};
use crate::records::{CredentialChange, Record, change_credentials};
use crate::settings::Meta;
use crate::validation::{Issue, ValidationErrors};
use std::sync::Arc;

/// The collection, if its records have anything to verify.
fn verifiable<'c>(catalog: &'c Catalog, collection: &str) -> Result<&'c Arc<Plan>, AuthError> {
    let plan = catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    auth_options(plan.collection())?;
    if plan.collection().name == SUPERUSERS {
        return Err(AuthError::Refused("Superusers are always verified."));
    }
    Ok(plan)
}

/// The record that may be sent a verification mail: none if there is no such account or it is verified. The client must
/// not learn which.
///
/// # Errors
/// [`AuthError::Invalid`] for what is no address.
pub fn find_unverified(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    email: &str,
) -> Result<Option<Record>, AuthError> {
    let plan = verifiable(catalog, collection)?;
    let mut errors = ValidationErrors::new();
    check_email("email", email, &mut errors);
    errors.into_result().map_err(AuthError::Invalid)?;
    Ok(find_by_email(conn, plan, email)?.filter(|record| !record.flag("verified")))
}

/// The mail with the link. `now` is Unix time in seconds.
///
/// # Errors
/// If the record's collection has changed.
pub fn verification_mail(meta: &Meta, record: &Record, now: i64) -> Result<Message, AuthError> {
    let token = mail_token::issue(record, TokenKind::Verification, None, now)?;
    compose(meta, record, record.text("email"), &Mail::Verification { token: &token })
}

/// What confirming an address will need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// It is verified already.
    Nothing,
    /// Just a write.
    Verify,
    /// A write that also sets a password nobody knows: whoever made the account must not keep the one they chose, and
    /// nobody can sign in with it anyway.
    VerifyWithPassword,
}

/// Checks the token of a link.
///
/// # Errors
/// [`AuthError::Invalid`] with the key `token`.
pub fn check_verification(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    token: &str,
    now: i64,
) -> Result<(Record, Confirmation), AuthError> {
    let plan = verifiable(catalog, collection)?;
    let proven = mail_token::check(conn, catalog, collection, token, TokenKind::Verification, now)?
        .map_err(mail_token::refused)?;
    if proven.email != proven.record.text("email") {
        let issue = Issue::new("validation_token_email_mismatch", "The address of the account has changed since.");
        return Err(mail_token::refused(issue));
    }
    let what = if proven.record.flag("verified") {
        Confirmation::Nothing
    } else if auth_options(plan.collection())?.password_auth.enabled {
        Confirmation::Verify
    } else {
        Confirmation::VerifyWithPassword
    };
    Ok((proven.record, what))
}

/// Marks the record as verified; `password` is the hash of a random one where [`check_verification`] asked for it.
///
/// # Errors
/// As [`check_verification`].
pub fn confirm_verification(
    tx: &WriteTx<'_>,
    catalog: &Catalog,
    collection: &str,
    token: &str,
    password: Option<PasswordHash>,
    now: i64,
) -> Result<(), AuthError> {
    let (record, what) = check_verification(tx, catalog, collection, token, now)?;
    if what != Confirmation::Nothing {
        let change = CredentialChange { password, becomes_verified: true, ..CredentialChange::default() };
        change_credentials(tx, catalog, &record, change)?;
    }
    Ok(())
}

//! A new e-mail address, confirmed by who reads its mailbox and knows the password (reference part 3, section 8.14).

use std::sync::Arc;

use rusqlite::Connection;

use super::AuthError;
use super::lookup::{check_email, find_by};
use super::mail_token::{self, MailToken};
use super::mails::{Mail, compose};
use super::sign_in::auth_options;
use crate::collections::SUPERUSERS;
use crate::db::{ReadTx, WriteTx};
use crate::identity::{PasswordHash, TokenKind};
use crate::mail::Message;
use crate::query::{Catalog, Plan};
use crate::records::{CredentialChange, Record, Request, change_credentials};
use crate::settings::Meta;
use crate::validation::{Issue, ValidationErrors};

fn changeable<'c>(catalog: &'c Catalog, collection: &str) -> Result<&'c Arc<Plan>, AuthError> {
    let plan = catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    auth_options(plan.collection())?;
    if plan.collection().name == SUPERUSERS {
        return Err(AuthError::Refused("Superusers change their address by editing their record."));
    }
    Ok(plan)
}

/// Id of the record that may ask for another address: the one that is signed in.
///
/// # Errors
/// [`AuthError::TokenRequired`], [`AuthError::OtherCollection`].
pub fn email_change_owner(request: Request<'_>, collection: &str) -> Result<String, AuthError> {
    let found = request.catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    let owner = request.caller.record().ok_or(AuthError::TokenRequired)?;
    if owner.collection.id != found.collection().id {
        return Err(AuthError::OtherCollection(owner.collection.name.clone()));
    }
    Ok(owner.id.clone())
}

/// The mail with the link, to the new address. `now` is Unix time in seconds.
///
/// # Errors
/// As [`email_change_owner`]; [`AuthError::Invalid`] for an address that is no good.
pub fn email_change_mail(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    meta: &Meta,
    collection: &str,
    new_email: &str,
    now: i64,
) -> Result<Message, AuthError> {
    let owner = email_change_owner(request, collection)?;
    let plan = changeable(request.catalog, collection)?;
    let record = Record::find(tx, plan, &owner)?.ok_or(AuthError::TokenRequired)?;
    let mut errors = ValidationErrors::new();
    check_email("newEmail", new_email, &mut errors);
    if errors.is_empty() && new_email == record.text("email") {
        errors.add("newEmail", Issue::new("validation_not_in_invalid", "It is the current address."));
    } else if errors.is_empty() && is_taken(tx, plan, new_email)? {
        errors.add("newEmail", Issue::new("validation_invalid_new_email", "The address cannot be used."));
    }
    errors.into_result().map_err(AuthError::Invalid)?;
    let token = mail_token::issue(&record, TokenKind::EmailChange, Some(new_email), now)?;
    compose(meta, &record, new_email, &Mail::EmailChange { token: &token })
}

fn is_taken(conn: &Connection, plan: &Plan, email: &str) -> Result<bool, AuthError> {
    Ok(find_by(conn, plan.collection(), "email", email)?.is_some())
}

/// Whose password has to be verified to confirm a change.
#[derive(Debug, Clone)]
pub struct EmailChangeOwner {
    /// Id of the record.
    pub id: String,
    /// Its stored hash.
    pub hash: PasswordHash,
}

/// Checks the token of a link.
///
/// # Errors
/// [`AuthError::Invalid`] with the key `token`.
pub fn check_email_change(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    token: &str,
    now: i64,
) -> Result<EmailChangeOwner, AuthError> {
    let proven = check(conn, catalog, collection, token, now)?;
    let hash = PasswordHash(proven.record.text("password").to_owned());
    Ok(EmailChangeOwner { id: proven.record.id().to_owned(), hash })
}

fn check(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    token: &str,
    now: i64,
) -> Result<MailToken, AuthError> {
    let plan = changeable(catalog, collection)?;
    let proven = mail_token::check(conn, catalog, collection, token, TokenKind::EmailChange, now)?
        .map_err(mail_token::refused)?;
    if is_taken(conn, plan, &proven.new_email)? {
        let issue = Issue::new("validation_invalid_token_email", "The address cannot be used any more.");
        return Err(mail_token::refused(issue));
    }
    Ok(proven)
}

/// Changes the address; `verified` is the hash that the sent password was found to fit.
///
/// # Errors
/// As [`check_email_change`]; [`AuthError::Failed`] if the password changed meanwhile.
pub fn confirm_email_change(
    tx: &WriteTx<'_>,
    catalog: &Catalog,
    collection: &str,
    token: &str,
    verified: &PasswordHash,
    now: i64,
) -> Result<(), AuthError> {
    let proven = check(tx, catalog, collection, token, now)?;
    if proven.record.text("password") != verified.0 {
        return Err(AuthError::Failed);
    }
    let becomes_verified = !proven.record.flag("verified");
    let change = CredentialChange { email: Some(proven.new_email), becomes_verified, password: None };
    change_credentials(tx, catalog, &proven.record, change)?;
    Ok(())
}

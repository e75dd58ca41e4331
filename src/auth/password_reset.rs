//! A new password for who forgot the old one (reference part 3, section 8.13).

use std::sync::Arc;

use rusqlite::Connection;

use super::AuthError;
use super::lookup::{check_email, find_by_email};
use super::mail_token::{self, MailToken};
use super::mails::{Mail, compose};
use super::sign_in::auth_options;
use crate::db::WriteTx;
use crate::identity::{PasswordHash, TokenKind};
use crate::mail::Message;
use crate::query::{Catalog, Plan};
use crate::records::{CredentialChange, INSTALLER_EMAIL, Record, change_credentials};
use crate::schema::FieldOptions;
use crate::settings::Meta;
use crate::validation::{Issue, ValidationErrors};

/// Most characters of a password, whatever the field says.
const MAX_PASSWORD: usize = 255;

/// What a client sends to set a new password.
#[derive(Clone, Default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct PasswordResetForm {
    pub token: String,
    pub password: String,
    pub password_confirm: String,
}

fn resettable<'c>(catalog: &'c Catalog, collection: &str) -> Result<&'c Arc<Plan>, AuthError> {
    let plan = catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    if !auth_options(plan.collection())?.password_auth.enabled {
        return Err(AuthError::Refused("This collection does not allow signing in with a password."));
    }
    Ok(plan)
}

/// The record that may be sent a mail to reset its password; the client must not learn whether there is one.
///
/// # Errors
/// [`AuthError::Invalid`] for what is no address.
pub fn find_resettable(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    email: &str,
) -> Result<Option<Record>, AuthError> {
    let plan = resettable(catalog, collection)?;
    let mut errors = ValidationErrors::new();
    check_email("email", email, &mut errors);
    errors.into_result().map_err(AuthError::Invalid)?;
    // The account behind the set-up link has an address that is nobody's.
    Ok(find_by_email(conn, plan, email)?.filter(|record| record.text("email") != INSTALLER_EMAIL))
}

/// The mail with the link. `now` is Unix time in seconds.
///
/// # Errors
/// If the record's collection has changed.
pub fn password_reset_mail(meta: &Meta, record: &Record, now: i64) -> Result<Message, AuthError> {
    let token = mail_token::issue(record, TokenKind::PasswordReset, None, now)?;
    compose(meta, record, record.text("email"), &Mail::PasswordReset { token: &token })
}

/// Checks everything that can be known before the password is hashed.
///
/// # Errors
/// [`AuthError::Invalid`].
pub fn check_password_reset(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    form: &PasswordResetForm,
    now: i64,
) -> Result<(), AuthError> {
    check(conn, catalog, collection, form, now).map(|_| ())
}

fn check(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    form: &PasswordResetForm,
    now: i64,
) -> Result<MailToken, AuthError> {
    let plan = resettable(catalog, collection)?;
    let mut errors = ValidationErrors::new();
    if let Err(issue) = check_password(plan, &form.password) {
        errors.add("password", issue);
    }
    if form.password_confirm.is_empty() {
        errors.add("passwordConfirm", Issue::required());
    } else if form.password_confirm != form.password {
        errors.add("passwordConfirm", Issue::new("validation_values_mismatch", "Values don't match."));
    }
    match mail_token::check(conn, catalog, collection, &form.token, TokenKind::PasswordReset, now)? {
        Ok(proven) => {
            errors.into_result().map_err(AuthError::Invalid)?;
            Ok(proven)
        }
        Err(issue) => {
            errors.add("token", issue);
            Err(AuthError::Invalid(errors))
        }
    }
}

fn check_password(plan: &Plan, password: &str) -> Result<(), Issue> {
    let field = plan.collection().fields.iter().find(|field| field.name == "password");
    let Some((field, FieldOptions::Password(options))) = field.map(|field| (field, &field.options)) else {
        return Err(Issue::new("validation_invalid_value", "The collection has no passwords."));
    };
    if password.is_empty() {
        return Err(Issue::required());
    }
    let (min, length) = (options.min.max(1), password.chars().count());
    if length > MAX_PASSWORD || i64::try_from(length).is_ok_and(|length| length < min) {
        let message = format!("Must have from {min} to {MAX_PASSWORD} characters.");
        return Err(Issue::new("validation_length_out_of_range", message).with("min", min).with("max", MAX_PASSWORD));
    }
    options.validate_plain(password, field.required)
}

/// Sets the password. Whoever reads the mailbox the link went to has shown that the address is theirs.
///
/// # Errors
/// As [`check_password_reset`].
pub fn confirm_password_reset(
    tx: &WriteTx<'_>,
    catalog: &Catalog,
    collection: &str,
    form: &PasswordResetForm,
    hash: PasswordHash,
    now: i64,
) -> Result<Record, AuthError> {
    let proven = check(tx, catalog, collection, form, now)?;
    let owns_address = !proven.email.is_empty() && proven.email == proven.record.text("email");
    let becomes_verified = owns_address && !proven.record.flag("verified");
    let change = CredentialChange { password: Some(hash), becomes_verified, ..CredentialChange::default() };
    Ok(change_credentials(tx, catalog, &proven.record, change)?.record)
}

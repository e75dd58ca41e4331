//! Making a code.
//!
//! A client must not learn whether an address has an account: for an unknown one the same work is done and an id is
//! answered that fits no code.

use rusqlite::Connection;
use serde_json::{Map, json};

use super::{OTPS, enabled};
use crate::auth::AuthError;
use crate::auth::lookup::{check_email, find_by_email};
use crate::auth::mails::{Mail, compose};
use crate::collections::SUPERUSERS;
use crate::db::WriteTx;
use crate::files::Uploads;
use crate::identity::PasswordHash;
use crate::mail::Message;
use crate::query::{Catalog, RequestInfo};
use crate::records::{
    CreateRequest, PasswordWork, Record, RecordError, SaveOptions, as_larder, create, delete_unchecked,
};
use crate::schema::ids;
use crate::settings::Meta;
use crate::validation::ValidationErrors;

/// Length of a code's id.
const ID_LENGTH: usize = 15;

/// A code on its way.
#[derive(Clone)]
pub struct NewOtp {
    /// Its id, which the client gets.
    pub id: String,
    /// The digits, which only the mailbox gets.
    pub password: String,
}

impl NewOtp {
    /// A random code of so many digits.
    pub fn generate(digits: i64) -> Self {
        let digits = usize::try_from(digits).unwrap_or_default().clamp(4, 71);
        Self {
            id: ids::random_string(ID_LENGTH, ids::LOWER_ALPHANUMERIC),
            password: ids::random_string(digits, b"0123456789"),
        }
    }
}

/// Whom a code is asked for.
#[derive(Debug)]
pub struct OtpOwner {
    /// Id of the collection.
    pub collection: String,
    /// Digits of its codes.
    pub length: i64,
    /// How long they are valid, in seconds.
    pub duration: i64,
    /// The account, if there is one.
    pub record: Option<Record>,
}

/// Finds the account of an address; the client must not learn whether there is one.
///
/// # Errors
/// [`AuthError::OtpAuthDisabled`], [`AuthError::Invalid`] for what is no address.
pub fn find_otp_owner(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    email: &str,
) -> Result<OtpOwner, AuthError> {
    let (plan, options) = enabled(catalog, collection)?;
    let mut errors = ValidationErrors::new();
    check_email("email", email, &mut errors);
    errors.into_result().map_err(AuthError::Invalid)?;
    Ok(OtpOwner {
        collection: plan.collection().id.clone(),
        length: options.length,
        duration: options.duration,
        record: find_by_email(conn, plan, email)?,
    })
}

/// Stores a code; `hash` is that of its digits.
///
/// # Errors
/// [`AuthError::Failed`] if the record or its credentials changed since it was looked up: the code must not go to a mailbox
/// that is no longer theirs.
pub fn store_otp(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    owner: &Record,
    otp: &NewOtp,
    hash: PasswordHash,
    options: SaveOptions,
) -> Result<(), AuthError> {
    let current = Record::find(tx, owner.plan(), owner.id())?;
    if current.is_none_or(|current| current.text("tokenKey") != owner.text("tokenKey")) {
        return Err(AuthError::Failed);
    }
    let mut body = Map::new();
    body.insert("id".into(), json!(otp.id));
    body.insert("collectionRef".into(), json!(owner.collection().id));
    body.insert("recordRef".into(), json!(owner.id()));
    body.insert("password".into(), json!(otp.password));
    // Where it is about to be sent: the row goes if that fails. Setting it afterwards would leave a moment in which the
    // code from the mail does not count as proof of the address.
    body.insert("sentTo".into(), json!(owner.text("email")));
    let passwords = PasswordWork::of("password", hash);
    let what = CreateRequest { collection: OTPS, body: &body, passwords: &passwords, uploads: Uploads::NONE, options };
    create(tx, as_larder(catalog, &RequestInfo::default()), &what)?;
    Ok(())
}

/// Removes a code whose mail could not be sent.
///
/// # Errors
/// If the store fails.
pub fn forget_otp(tx: &mut WriteTx<'_>, catalog: &Catalog, id: &str) -> Result<(), AuthError> {
    match delete_unchecked(tx, catalog, OTPS, id) {
        Ok(()) | Err(RecordError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The mail with the digits.
///
/// # Errors
/// If the record's collection has changed.
pub fn otp_mail(meta: &Meta, record: &Record, otp: &NewOtp) -> Result<Message, AuthError> {
    compose(meta, record, record.text("email"), &Mail::Otp { id: &otp.id, password: &otp.password })
}

/// A code for a superuser, as the command line makes it; returns how long it is valid, in seconds. `hash` is that of its
/// digits, which [`superuser_otp_length`] says the number of.
///
/// # Errors
/// [`AuthError::SuperuserNotFound`], [`AuthError::OtpAuthDisabled`].
pub fn create_superuser_otp(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    email: &str,
    otp: &NewOtp,
    hash: PasswordHash,
) -> Result<i64, AuthError> {
    let (plan, options) = enabled(catalog, SUPERUSERS)?;
    let owner = find_by_email(tx, plan, email)?.ok_or_else(|| AuthError::SuperuserNotFound(email.to_owned()))?;
    store_otp(tx, catalog, &owner, otp, hash, SaveOptions::default())?;
    Ok(options.duration)
}

/// Digits of a superuser's code.
///
/// # Errors
/// [`AuthError::OtpAuthDisabled`].
pub fn superuser_otp_length(catalog: &Catalog) -> Result<i64, AuthError> {
    Ok(enabled(catalog, SUPERUSERS)?.1.length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_digits_asked_for() {
        for (asked, length) in [(8, 8), (4, 4), (0, 4), (-5, 4), (1000, 71)] {
            let otp = NewOtp::generate(asked);
            assert_eq!(otp.password.len(), length);
            assert!(otp.password.bytes().all(|b| b.is_ascii_digit()));
            assert_eq!(otp.id.len(), ID_LENGTH);
        }
    }
}

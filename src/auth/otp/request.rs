//! Making a code.
//!
//! A client must not learn whether an address has an account: for an unknown one the same work is done and an id is
//! answered that fits no code.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, json};

use super::{OTPS, enabled};
use crate::auth::AuthError;
use crate::auth::lookup::{check_email, find_by_email};
use crate::auth::mails::{Mail, compose};
use crate::collections::SUPERUSERS;
use crate::db::{ReadTx, WriteTx};
use crate::identity::PasswordHash;
use crate::mail::Message;
use crate::query::{Catalog, RequestInfo};
use crate::records::{
    CreateRequest, PasswordWork, Record, RecordError, SaveOptions, as_larder, create, delete_unchecked,
};
use crate::schema::ids;
use crate::settings::Meta;
use crate::validation::ValidationErrors;

/// Codes of one address that are valid at the same time before no more are sent.
const MAX_UNEXPIRED: usize = 10;

/// Addresses whose codes are counted at the same time; beyond it the oldest are forgotten.
const MAX_ADDRESSES: usize = 10_000;

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

/// Codes asked for of late, of accounts and of others alike.
#[derive(Debug, Default)]
pub struct OtpRequests(Mutex<HashMap<Mailbox, Vec<Asked>>>);

/// A collection and an address.
type Mailbox = (String, String);

/// When a code was asked for, in Unix milliseconds, and its id.
type Asked = (i64, String);

impl OtpRequests {
    /// Notes that a code is asked for. If enough of them are still valid, the id of the newest one is returned instead, and
    /// no other is to be made. `duration` is in seconds.
    pub fn note(&self, collection: &str, email: &str, id: &str, duration: i64, now_ms: i64) -> Option<String> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= MAX_ADDRESSES {
            let newest = |codes: &Vec<Asked>| codes.last().map_or(0, |(at, _)| *at);
            let mut times: Vec<i64> = asked.values().map(newest).collect();
            times.sort_unstable();
            let median = times.get(times.len() / 2).copied().unwrap_or_default();
            asked.retain(|_, codes| newest(codes) > median);
        }
        let codes = asked.entry((collection.to_owned(), email.to_owned())).or_default();
        codes.retain(|(at, _)| now_ms - at < duration.saturating_mul(1000));
        if codes.len() >= MAX_UNEXPIRED {
            return codes.last().map(|(_, id)| id.clone());
        }
        codes.push((now_ms, id.to_owned()));
        None
    }

    /// Forgets the codes of an address, because one of them was used.
    pub fn clear(&self, collection: &str, email: &str) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.remove(&(collection.to_owned(), email.to_owned()));
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
    tx: &ReadTx<'_>,
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
        record: find_by_email(tx, plan, email)?,
    })
}

/// Stores a code; `hash` is that of its digits.
///
/// # Errors
/// If the record is gone or the store fails.
pub fn store_otp(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    owner: &Record,
    otp: &NewOtp,
    hash: PasswordHash,
    options: SaveOptions,
) -> Result<(), AuthError> {
    let mut body = Map::new();
    body.insert("id".into(), json!(otp.id));
    body.insert("collectionRef".into(), json!(owner.collection().id));
    body.insert("recordRef".into(), json!(owner.id()));
    body.insert("password".into(), json!(otp.password));
    // Where it is about to be sent: the row goes if that fails. Setting it afterwards would leave a moment in which the
    // code from the mail does not count as proof of the address.
    body.insert("sentTo".into(), json!(owner.text("email")));
    let passwords = PasswordWork::of("password", hash);
    let what = CreateRequest { collection: OTPS, body: &body, passwords: &passwords, options };
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
    fn a_mailbox_is_not_flooded_and_unknown_addresses_look_the_same() {
        let requests = OtpRequests::default();
        let ask = |email: &str, n: usize, now| requests.note("users", email, &format!("id{n}"), 180, now);
        for email in ["known@example.com", "unknown@example.com"] {
            let answers: Vec<_> = (0..12).map(|n| ask(email, n, 1000)).collect();
            assert!(answers[..10].iter().all(Option::is_none));
            assert_eq!(answers[10..], [Some("id9".to_owned()), Some("id9".to_owned())]);
            assert_eq!(ask(email, 12, 182_000), None);
        }
        for n in 0..30_000_i64 {
            requests.note("users", &format!("{n}@example.com"), "id", 180, n);
        }
        assert!(requests.0.lock().unwrap().len() <= MAX_ADDRESSES);
    }

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

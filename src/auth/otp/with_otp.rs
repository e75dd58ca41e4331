//! Signing in with a code.

use std::sync::Arc;

use rusqlite::Connection;

use super::{OTPS, enabled};
use crate::auth::AuthError;
use crate::auth::sign_in::{Method, Proof, auth_options, is_older};
use crate::db::WriteTx;
use crate::identity::PasswordHash;
use crate::query::{Catalog, Plan};
use crate::records::{CredentialChange, Record, change_credentials, delete_unchecked};
use crate::validation::{Issue, ValidationErrors};

/// Longest id and longest code, in characters.
const MAX_ID: usize = 255;
const MAX_PASSWORD: usize = 71;

/// What a client sends to sign in.
#[derive(Clone, Default)]
pub struct OtpForm {
    /// Id of the code.
    pub otp_id: String,
    /// Its digits.
    pub password: String,
}

/// The code an id names.
#[derive(Clone)]
pub struct OtpCandidate {
    /// Id of the collection.
    pub collection: String,
    /// Id of the code.
    pub otp_id: String,
    /// The account it was made for.
    pub record: Record,
    /// The hash the digits have to fit.
    pub hash: PasswordHash,
    /// Whether the account gets a password nobody knows: it was not verified until now, so somebody else may have made it.
    pub needs_password: bool,
}

/// What is found by the id of a code.
pub struct OtpLookup {
    /// Id of the collection.
    pub collection: String,
    /// How long its codes are valid, in seconds.
    pub lifetime: i64,
    /// The code; none if it does not exist, is of another collection or expired.
    pub candidate: Option<OtpCandidate>,
}

/// Finds the code.
///
/// # Errors
/// [`AuthError::OtpAuthDisabled`], [`AuthError::Invalid`].
pub fn find_otp(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    form: &OtpForm,
    now_ms: i64,
) -> Result<OtpLookup, AuthError> {
    let (plan, options) = enabled(catalog, collection)?;
    check_form(form)?;
    Ok(OtpLookup {
        collection: plan.collection().id.clone(),
        lifetime: options.duration,
        candidate: find_candidate(conn, catalog, plan, options.duration, form, now_ms)?,
    })
}

fn find_candidate(
    conn: &Connection,
    catalog: &Catalog,
    plan: &Arc<Plan>,
    duration: i64,
    form: &OtpForm,
    now_ms: i64,
) -> Result<Option<OtpCandidate>, AuthError> {
    let otps = catalog.find(OTPS).ok_or(AuthError::CollectionNotFound)?;
    let Some(otp) = Record::find(conn, otps, &form.otp_id)? else { return Ok(None) };
    if otp.text("collectionRef") != plan.collection().id || is_older(otp.text("created"), duration, now_ms) {
        return Ok(None);
    }
    let Some(record) = Record::find(conn, plan, otp.text("recordRef"))? else { return Ok(None) };
    let proves_address = becomes_verified(&record, otp.text("sentTo"));
    Ok(Some(OtpCandidate {
        collection: plan.collection().id.clone(),
        otp_id: form.otp_id.clone(),
        hash: PasswordHash(otp.text("password").to_owned()),
        needs_password: proves_address && !auth_options(plan.collection())?.mfa.enabled,
        record,
    }))
}

fn becomes_verified(record: &Record, sent_to: &str) -> bool {
    !record.flag("verified") && !sent_to.is_empty() && record.text("email") == sent_to
}

fn check_form(form: &OtpForm) -> Result<(), AuthError> {
    let mut errors = ValidationErrors::new();
    for (key, value, max) in [("otpId", &form.otp_id, MAX_ID), ("password", &form.password, MAX_PASSWORD)] {
        if value.is_empty() {
            errors.add(key, Issue::required());
        } else if value.chars().count() > max {
            let issue = Issue::new("validation_length_out_of_range", "The value is too long.");
            errors.add(key, issue.with("min", 1).with("max", max));
        }
    }
    errors.into_result().map_err(AuthError::Invalid)
}

/// Uses up the code whose digits were found to fit. `password` is the hash of a random password where the candidate needs
/// one.
///
/// # Errors
/// [`AuthError::InvalidOtp`] if the code was used or changed meanwhile.
pub fn consume_otp(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    form: &OtpForm,
    candidate: &OtpCandidate,
    password: Option<PasswordHash>,
) -> Result<Proof, AuthError> {
    let found = find_otp(tx, catalog, &candidate.collection, form, tx.now_millis())?.candidate;
    let current = found.filter(|found| found.hash == candidate.hash).ok_or(AuthError::InvalidOtp)?;
    if current.needs_password && password.is_none() {
        return Err(AuthError::InvalidOtp);
    }
    let otps = catalog.find(OTPS).ok_or(AuthError::CollectionNotFound)?;
    let otp = Record::find(tx, otps, &form.otp_id)?.ok_or(AuthError::InvalidOtp)?;
    delete_unchecked(tx, catalog, OTPS, &form.otp_id)?;
    let record = if becomes_verified(&current.record, otp.text("sentTo")) {
        let password = password.filter(|_| current.needs_password);
        let change = CredentialChange { password, becomes_verified: true, email: None };
        change_credentials(tx, catalog, &current.record, change)?.record
    } else {
        current.record
    };
    Ok(Proof::of(&record, Method::Otp))
}

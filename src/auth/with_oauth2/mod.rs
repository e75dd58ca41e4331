//! Signing in through another service (reference part 3, section 8.4).
//!
//! The service is asked outside of any transaction; then a read finds out what has to be hashed ([`plan_oauth2`]) and a
//! write finds or makes the record and links it ([`sign_in_with_oauth2`]).

mod apple_names;
mod create;
mod form;
mod link;
mod resolve;

pub use apple_names::AppleNames;
pub use form::{OAuth2Form, find_provider};

use serde_json::{Map, Value as Json, json};

use super::AuthError;
use super::sign_in::{Method, Proof};
use crate::db::{ReadTx, WriteTx};
use crate::files::Uploads;
use crate::identity::PasswordHash;
use crate::oauth2::OAuth2User;
use crate::records::{Action, PasswordPlan, PasswordWork, Request, SaveOptions, Sent, plan_passwords};
use resolve::resolve;

/// Who the service says it is, and what the client wants of a new record.
#[derive(Debug)]
pub struct OAuth2SignIn<'a> {
    /// Collection id or name.
    pub collection: &'a str,
    /// Name of the service.
    pub provider: &'a str,
    /// The service's user.
    pub user: &'a OAuth2User,
    /// Fields of a new record.
    pub create_data: &'a Map<String, Json>,
    /// The user's picture, for a new record.
    pub uploads: &'a Uploads,
}

/// What has to be hashed before a sign-in.
pub struct OAuth2Plan {
    /// Passwords of the data for a new record.
    pub passwords: PasswordPlan,
    /// Whether the record gets a password nobody knows.
    pub needs_random: bool,
    /// What has to be fetched, for a new record with a place for it.
    pub picture: Option<WantedPicture>,
}

/// A picture that a new record is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPicture {
    /// Collection id.
    pub collection: String,
    /// The id the record will have.
    pub record: String,
    /// Its field.
    pub field: String,
    /// Where the service has it. It came from outside.
    pub url: String,
}

/// Finds out what has to be hashed and fetched. `now_ms` is Unix time in milliseconds.
///
/// # Errors
/// As [`sign_in_with_oauth2`], as far as it can be known.
pub fn plan_oauth2(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    what: &OAuth2SignIn<'_>,
    now_ms: i64,
    options: SaveOptions,
) -> Result<OAuth2Plan, AuthError> {
    let plan = request.catalog.find(what.collection).ok_or(AuthError::CollectionNotFound)?;
    if let Some(found) = resolve(tx, request, plan, what)? {
        let needs_random = link::needs_password(request, &found.record);
        return Ok(OAuth2Plan { passwords: PasswordPlan::default(), needs_random, picture: None });
    }
    let body = create::payload(tx, plan, what)?;
    let sent = Sent { body: &body, uploads: what.uploads };
    let passwords = plan_passwords(tx, request, Action::Create, &plan.collection().id, "", sent)?;
    let picture = create::picture(plan, what, now_ms, options)?;
    Ok(OAuth2Plan { passwords, needs_random: !create::has_password(&body), picture })
}

/// Finds or makes the record of a service's user and links them. `random` is the hash of a password nobody knows, where
/// the plan asked for one.
///
/// An account that was never verified may have been made by somebody who is waiting for the owner of its address: whoever
/// made it loses their password, sessions and links.
///
/// # Errors
/// [`AuthError::Record`] if the record cannot be made, [`AuthError::Failed`] if the plan does not fit any more; nothing is
/// written then.
pub fn sign_in_with_oauth2(
    tx: &mut WriteTx<'_>,
    request: Request<'_>,
    what: &OAuth2SignIn<'_>,
    passwords: PasswordWork,
    random: Option<PasswordHash>,
    options: SaveOptions,
) -> Result<(Proof, bool), AuthError> {
    let plan = request.catalog.find(what.collection).ok_or(AuthError::CollectionNotFound)?;
    if let Some(found) = resolve(tx, request, plan, what)? {
        let record = link::take_over(tx, request, what, found, random, options)?;
        return Ok((Proof::of(&record, Method::OAuth2), false));
    }
    let record = create::create_record(tx, request, plan, what, passwords, random, options)?;
    link::add(tx, request.catalog, &record, what, options)?;
    Ok((Proof::of(&record, Method::OAuth2), true))
}

/// What the answer says of the service's user.
pub fn oauth2_meta(user: &OAuth2User, is_new: bool) -> Json {
    json!({
        "accessToken": user.access_token, "avatarURL": user.avatar_url, "avatarUrl": user.avatar_url,
        "email": user.email, "expiry": user.expiry, "id": user.id, "isNew": is_new, "name": user.name,
        "rawUser": user.raw_user, "refreshToken": user.refresh_token, "username": user.username,
    })
}

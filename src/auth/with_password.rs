//! Signing in with a password.
//!
//! Hashing must not happen in a transaction: find the account ([`find_candidate`]), verify the password (`Hasher`, the
//! same work whether there is an account or not), then go on as every sign-in does.

use rusqlite::Connection;

use super::AuthError;
use super::lookup::find_by;
use super::sign_in::{Method, Proof, auth_options};
use crate::identity::PasswordHash;
use crate::query::Catalog;
use crate::validation::{Issue, ValidationErrors};

/// Longest identity and password, in characters.
const MAX_TEXT: usize = 255;

/// What a client sends to sign in.
#[derive(Clone, Default)]
pub struct PasswordForm {
    /// E-mail or another identity field's value.
    pub identity: String,
    /// Plain password.
    pub password: String,
    /// The identity field meant; empty = any.
    pub identity_field: String,
}

/// The account an identity names, and the hash to verify.
pub struct Candidate {
    /// Its collection's id.
    pub collection: String,
    /// What a right password proves, and the stored hash; none if there is no such account.
    pub found: Option<(Proof, PasswordHash)>,
}

/// Finds the account.
///
/// # Errors
/// [`AuthError`] for a collection without password sign-in and for unusable fields; an unknown account is not an error
/// yet.
pub fn find_candidate(
    conn: &Connection,
    catalog: &Catalog,
    collection: &str,
    form: &PasswordForm,
) -> Result<Candidate, AuthError> {
    let plan = catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    let collection = plan.collection();
    let options = auth_options(collection)?;
    if !options.password_auth.enabled {
        return Err(AuthError::PasswordAuthDisabled);
    }
    check_form(form, &options.password_auth.identity_fields)?;
    let mut fields: Vec<&str> = options.password_auth.identity_fields.iter().map(String::as_str).collect();
    if form.identity_field.is_empty() {
        fields.sort_by_key(|f| *f != "email");
        fields.retain(|f| *f != "email" || form.identity.contains('@'));
    } else {
        fields.retain(|f| *f == form.identity_field);
    }
    let mut found = None;
    for field in fields {
        found = find_by(conn, collection, field, &form.identity)?;
        if found.is_some() {
            break;
        }
    }
    let found = found.map(|found| {
        let (record, token_key) = (found.id, found.token_key);
        (Proof { collection: collection.id.clone(), record, token_key, method: Method::Password }, found.hash)
    });
    Ok(Candidate { collection: collection.id.clone(), found })
}

fn check_form(form: &PasswordForm, identity_fields: &[String]) -> Result<(), AuthError> {
    let mut errors = ValidationErrors::new();
    for (key, value) in [("identity", &form.identity), ("password", &form.password)] {
        if value.is_empty() {
            errors.add(key, Issue::required());
        } else if is_too_long(value) {
            errors.add(key, too_long());
        }
    }
    if is_too_long(&form.identity_field) {
        errors.add("identityField", too_long());
    } else if !form.identity_field.is_empty() && !identity_fields.contains(&form.identity_field) {
        errors.add("identityField", Issue::new("validation_in_invalid", "Not an identity field of the collection."));
    }
    errors.into_result().map_err(AuthError::Invalid)
}

fn is_too_long(value: &str) -> bool {
    value.chars().count() > MAX_TEXT
}

fn too_long() -> Issue {
    Issue::new("validation_length_out_of_range", "The value is too long.").with("min", 1).with("max", MAX_TEXT)
}

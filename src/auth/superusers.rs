//! Superusers as the command line makes and removes them.

use serde_json::{Map, Value as Json, json};

use super::AuthError;
use crate::collections::SUPERUSERS;
use crate::db::WriteTx;
use crate::files::Uploads;
use crate::identity::PasswordHash;
use crate::query::{Catalog, RequestInfo, quote_identifier};
use crate::records::{
    CreateRequest, PasswordWork, SaveOptions, UpdateRequest, as_larder, create, delete_unchecked, update,
};

/// What became of a superuser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuperuserChange {
    /// It is new.
    Created,
    /// It has a new password.
    Updated,
    /// It is gone.
    Deleted,
    /// There was none.
    Missing,
}

fn body(email: Option<&str>, password: &str) -> Map<String, Json> {
    let mut body = Map::new();
    if let Some(email) = email {
        body.insert("email".into(), json!(email));
    }
    body.insert("password".into(), json!(password));
    body.insert("passwordConfirm".into(), json!(password));
    body
}

fn find_id(tx: &WriteTx<'_>, email: &str) -> Result<Option<String>, AuthError> {
    use rusqlite::OptionalExtension as _;
    let sql = format!("SELECT `id` FROM {} WHERE `email` = ?1", quote_identifier(SUPERUSERS));
    Ok(tx.prepare_cached(&sql)?.query_row([email], |row| row.get(0)).optional()?)
}

/// Makes a superuser; `hash` is the hash of `password`, which is needed for its checks.
///
/// # Errors
/// [`AuthError`], validation errors among them.
pub fn create_superuser(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    email: &str,
    password: &str,
    hash: PasswordHash,
) -> Result<SuperuserChange, AuthError> {
    let request = CreateRequest {
        collection: SUPERUSERS,
        body: &body(Some(email), password),
        passwords: &PasswordWork::of("password", hash),
        uploads: Uploads::NONE,
        options: SaveOptions::default(),
    };
    create(tx, as_larder(catalog, &RequestInfo::default()), &request)?;
    Ok(SuperuserChange::Created)
}

/// Gives a superuser a new password; its tokens end.
///
/// # Errors
/// [`AuthError::SuperuserNotFound`], validation errors.
pub fn update_superuser(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    email: &str,
    password: &str,
    hash: PasswordHash,
) -> Result<SuperuserChange, AuthError> {
    let id = find_id(tx, email)?.ok_or_else(|| AuthError::SuperuserNotFound(email.to_owned()))?;
    let request = UpdateRequest {
        collection: SUPERUSERS,
        id: &id,
        body: &body(None, password),
        passwords: &PasswordWork::of("password", hash),
        uploads: Uploads::NONE,
    };
    update(tx, as_larder(catalog, &RequestInfo::default()), &request)?;
    Ok(SuperuserChange::Updated)
}

/// Makes a superuser, or gives the existing one a new password.
///
/// # Errors
/// [`AuthError`], validation errors among them.
pub fn upsert_superuser(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    email: &str,
    password: &str,
    hash: PasswordHash,
) -> Result<SuperuserChange, AuthError> {
    match find_id(tx, email)? {
        Some(_) => update_superuser(tx, catalog, email, password, hash),
        None => create_superuser(tx, catalog, email, password, hash),
    }
}

/// Removes a superuser; a missing one is no error.
///
/// # Errors
/// [`crate::records::RecordError::LastSuperuser`] if none would be left.
pub fn delete_superuser(tx: &mut WriteTx<'_>, catalog: &Catalog, email: &str) -> Result<SuperuserChange, AuthError> {
    let Some(id) = find_id(tx, email)? else { return Ok(SuperuserChange::Missing) };
    delete_unchecked(tx, catalog, SUPERUSERS, &id)?;
    Ok(SuperuserChange::Deleted)
}

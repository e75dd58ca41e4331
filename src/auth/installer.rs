//! The account behind the one-time set-up link (reference part 3, section 18). It exists only while there is no
//! superuser; making the first one deletes it, and with it the link.

use rusqlite::Connection;
use serde_json::{Map, json};

use super::AuthError;
use super::sign_in::{auth_options, token_lasting};
use crate::db::{DbError, WriteTx};
use crate::files::Uploads;
use crate::identity::{PasswordHash, TokenKind};
use crate::query::{Catalog, RequestInfo, quote_identifier};
use crate::records::{CreateRequest, INSTALLER_EMAIL, PasswordWork, Record, SaveOptions, as_larder, create};

/// How long the set-up link works, in seconds.
pub const INSTALLER_TTL_SECONDS: i64 = 1800;

/// Whether someone can administer the server already.
///
/// # Errors
/// If the store fails.
pub fn has_superuser(conn: &Connection) -> Result<bool, DbError> {
    let sql = format!("SELECT 1 FROM {} WHERE `email` <> ?1 LIMIT 1", quote_identifier("_superusers"));
    Ok(conn.prepare(&sql)?.exists([INSTALLER_EMAIL])?)
}

/// A token for the set-up page, or `None` if there is a superuser already. `password` is random and `hash` its hash;
/// nobody ever learns it. `now` is Unix time in seconds.
///
/// # Errors
/// [`AuthError`] if the account cannot be made.
pub fn installer_token(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    password: &str,
    hash: PasswordHash,
    now: i64,
) -> Result<Option<String>, AuthError> {
    let plan = catalog.find("_superusers").ok_or(AuthError::CollectionNotFound)?;
    let table = quote_identifier("_superusers");
    let accounts: Vec<(String, String)> = tx
        .prepare(&format!("SELECT `id`, `email` FROM {table} ORDER BY `email` = ?1 LIMIT 2"))?
        .query_map([INSTALLER_EMAIL], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let record = match accounts.first() {
        Some((id, email)) if email == INSTALLER_EMAIL => {
            Record::find(tx, plan, id)?.ok_or(AuthError::CollectionNotFound)?
        }
        Some(_) => return Ok(None),
        None => {
            let mut body = Map::new();
            body.insert("email".into(), json!(INSTALLER_EMAIL));
            body.insert("password".into(), json!(password));
            body.insert("passwordConfirm".into(), json!(password));
            let request = CreateRequest {
                collection: "_superusers",
                body: &body,
                passwords: &PasswordWork::of("password", hash),
                uploads: Uploads::NONE,
                options: SaveOptions::default(),
            };
            create(tx, as_larder(catalog, &RequestInfo::default()), &request)?.record
        }
    };
    let secret = &auth_options(plan.collection())?.auth_token.secret;
    Ok(Some(token_lasting(&record, TokenKind::Auth, now + INSTALLER_TTL_SECONDS, false, secret)))
}

//! Links between records and users of services.

use rusqlite::{Connection, named_params};
use serde_json::{Map, json};

use super::OAuth2SignIn;
use super::resolve::Found;
use crate::auth::AuthError;
use crate::auth::lookup::find_by_email;
use crate::db::WriteTx;
use crate::files::Uploads;
use crate::identity::PasswordHash;
use crate::query::{Catalog, RequestInfo};
use crate::records::{
    CreateRequest, CredentialChange, PasswordWork, Record, Request, SaveOptions, as_larder, change_credentials, create,
    delete_unchecked,
};

/// Collection of the links.
const LINKS: &str = "_externalAuths";

/// Adds the link.
pub(super) fn add(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    record: &Record,
    what: &OAuth2SignIn<'_>,
    options: SaveOptions,
) -> Result<(), AuthError> {
    let mut body = Map::new();
    body.insert("collectionRef".into(), json!(record.collection().id));
    body.insert("recordRef".into(), json!(record.id()));
    body.insert("provider".into(), json!(what.provider));
    body.insert("providerId".into(), json!(what.user.id));
    let what = CreateRequest {
        collection: LINKS,
        body: &body,
        passwords: &PasswordWork::default(),
        uploads: Uploads::NONE,
        options,
    };
    create(tx, as_larder(catalog, &RequestInfo::default()), &what)?;
    Ok(())
}

/// Whether whoever made the record must not keep the password they chose: it was never verified, and it is not the
/// caller's own.
pub(super) fn needs_password(request: Request<'_>, record: &Record) -> bool {
    !record.flag("verified") && !request.caller.is(&record.collection().id, record.id())
}

/// Lets the service's user into a record that exists, after everybody else who may have prepared it was thrown out
/// (reference part 3, section 8.4).
pub(super) fn take_over(
    tx: &mut WriteTx<'_>,
    request: Request<'_>,
    what: &OAuth2SignIn<'_>,
    found: Found,
    random: Option<PasswordHash>,
    options: SaveOptions,
) -> Result<Record, AuthError> {
    let Found { mut record, mut is_linked } = found;
    let (user, was_verified) = (what.user, record.flag("verified"));
    let mut change = CredentialChange::default();
    if !was_verified {
        // Also the link just used: whose it was before is not known.
        for id in links_of(tx, &record)? {
            delete_unchecked(tx, request.catalog, LINKS, &id)?;
        }
        is_linked = false;
        if needs_password(request, &record) {
            change.password = Some(random.ok_or(AuthError::Failed)?);
        }
        change.becomes_verified = record.text("email").is_empty() || record.text("email") == user.email;
    }
    if record.text("email").is_empty()
        && !user.email.is_empty()
        && find_by_email(tx, record.plan(), &user.email)?.is_none()
    {
        change.email = Some(user.email.clone());
    }
    if change.password.is_some() || change.email.is_some() || change.becomes_verified {
        record = change_credentials(tx, request.catalog, &record, change)?.record;
    }
    if !is_linked {
        add(tx, request.catalog, &record, what, options)?;
    }
    Ok(record)
}

fn links_of(conn: &Connection, record: &Record) -> Result<Vec<String>, AuthError> {
    let mut query = conn.prepare_cached(
        "SELECT `id` FROM `_externalAuths` WHERE `collectionRef` = :collection AND `recordRef` = :record",
    )?;
    let keys = named_params! {":collection": record.collection().id, ":record": record.id()};
    Ok(query.query_map(keys, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

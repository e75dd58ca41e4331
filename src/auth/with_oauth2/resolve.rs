//! Which record a service's user is.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, named_params};

use super::OAuth2SignIn;
use crate::auth::AuthError;
use crate::auth::lookup::find_by_email;
use crate::query::Plan;
use crate::records::{Record, Request};

/// A record, and whether the link to it is there already.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) record: Record,
    pub(super) is_linked: bool,
}

/// The first of: the record that is linked, the one that is signed in, the one with the verified address.
pub(super) fn resolve(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    what: &OAuth2SignIn<'_>,
) -> Result<Option<Found>, AuthError> {
    let collection = &plan.collection().id;
    let mut query = conn.prepare_cached(
        "SELECT `recordRef` FROM `_externalAuths` \
         WHERE `collectionRef` = :collection AND `provider` = :provider AND `providerId` = :id",
    )?;
    let keys = named_params! {":collection": collection, ":provider": what.provider, ":id": what.user.id};
    let linked: Option<String> = query.query_row(keys, |row| row.get(0)).optional()?;
    if let Some(id) = linked
        && let Some(record) = Record::find(conn, plan, &id)?
    {
        return Ok(Some(Found { record, is_linked: true }));
    }
    if let Some(signed_in) = request.caller.record()
        && signed_in.collection.id == *collection
        && let Some(record) = Record::find(conn, plan, &signed_in.id)?
    {
        return Ok(Some(Found { record, is_linked: false }));
    }
    if what.user.email.is_empty() {
        return Ok(None);
    }
    Ok(find_by_email(conn, plan, &what.user.email)?.map(|record| Found { record, is_linked: false }))
}

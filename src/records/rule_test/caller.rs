//! Who is said to be calling. Nobody gets a token here, and no proof of being a superuser.

use std::sync::Arc;

use rusqlite::Connection;

use super::RuleTestError;
use crate::collections::SUPERUSERS;
use crate::identity::{AuthRecord, Caller};
use crate::query::Catalog;
use crate::records::Record;
use crate::schema::CollectionKind;

/// Who is said to be calling.
pub(super) enum TestedCaller {
    /// A superuser: no rule applies.
    Superuser,
    /// A guest or a record of another collection.
    Other(Caller),
}

/// Looks up the record of a collection and id; `None` is a guest.
pub(super) fn find_caller(
    conn: &Connection,
    catalog: &Catalog,
    caller: Option<(&str, &str)>,
) -> Result<TestedCaller, RuleTestError> {
    let Some((collection, id)) = caller else { return Ok(TestedCaller::Other(Caller::Guest)) };
    let unknown = |key: &str, message: &str| RuleTestError::invalid(key, "validation_invalid_record", message);
    let plan = catalog.find(collection).filter(|plan| matches!(plan.collection().kind, CollectionKind::Auth(_)));
    let plan = plan.ok_or_else(|| unknown("caller.collection", "There is no such auth collection."))?;
    let record = Record::find(conn, plan, id)?;
    let record = record.ok_or_else(|| unknown("caller.id", "The collection has no such record."))?;
    if plan.collection().name == SUPERUSERS {
        return Ok(TestedCaller::Superuser);
    }
    Ok(TestedCaller::Other(Caller::Record(AuthRecord {
        collection: Arc::clone(plan.collection()),
        id: record.id().to_owned(),
        refreshable: true,
        email: record.text("email").to_owned(),
        email_visibility: record.flag("emailVisibility"),
        verified: record.flag("verified"),
    })))
}

//! Creating a record.

use serde_json::{Map, Value as Json};

use super::access::Access;
use super::{
    Action, PasswordWork, Record, RecordError, SaveOptions, auth_form, body, check_rule, save, upkeep, validate,
};
use crate::db::WriteTx;
use crate::identity::Caller;
use crate::query::Catalog;
use crate::schema::CollectionKind;

/// What to create.
#[derive(Debug)]
pub struct CreateRequest<'a> {
    /// Collection id or name.
    pub collection: &'a str,
    /// The body as sent.
    pub body: &'a Map<String, Json>,
    /// Hashes of its passwords.
    pub passwords: &'a PasswordWork,
    /// Configuration.
    pub options: SaveOptions,
}

/// Creates a record and returns it as stored.
///
/// # Errors
/// [`RecordError`]; nothing is written then.
pub fn create(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    caller: &Caller,
    request: &CreateRequest<'_>,
) -> Result<Record, RecordError> {
    let plan = catalog.find(request.collection).ok_or(RecordError::CollectionNotFound)?;
    if plan.is_view() {
        return Err(RecordError::ViewIsReadOnly);
    }
    if check_rule(&plan.collection().rules, Action::Create, caller)? == Access::Nothing {
        return Err(RecordError::RuleDenied);
    }
    let mut record = Record::empty(plan.clone());
    let submitted = body::apply(&mut record, request.body, caller);
    let invalid = |errors| RecordError::Invalid(Action::Create, errors);
    if matches!(plan.collection().kind, CollectionKind::Auth(_)) {
        auth_form::check(None, &record, request.body, caller, request.passwords).map_err(invalid)?;
        upkeep::before_save(&mut record);
    }
    save::complete(tx, &mut record, true, &submitted, request.passwords, request.options);
    validate::check(tx, catalog, None, &record, &submitted)?.into_result().map_err(invalid)?;
    let now = tx.now();
    save::stamp(&mut record, &now, true);
    save::insert(tx, catalog, &record)?;
    upkeep::after_create(tx, catalog, &record)?;
    Ok(record)
}

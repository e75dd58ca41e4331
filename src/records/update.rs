//! Updating a record.

use serde_json::{Map, Value as Json};

use super::access::Access;
use super::{
    Action, PasswordWork, Record, RecordError, SaveOptions, auth_form, body, check_rule, save, upkeep, validate,
};
use crate::db::WriteTx;
use crate::identity::Caller;
use crate::query::Catalog;
use crate::schema::CollectionKind;

/// What to update.
#[derive(Debug)]
pub struct UpdateRequest<'a> {
    /// Collection id or name.
    pub collection: &'a str,
    /// Record id.
    pub id: &'a str,
    /// The body as sent.
    pub body: &'a Map<String, Json>,
    /// Hashes of its passwords.
    pub passwords: &'a PasswordWork,
    /// Configuration.
    pub options: SaveOptions,
}

/// Updates a record and returns it as stored.
///
/// # Errors
/// [`RecordError`]; nothing is written then.
pub fn update(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    caller: &Caller,
    request: &UpdateRequest<'_>,
) -> Result<Record, RecordError> {
    let plan = catalog.find(request.collection).ok_or(RecordError::CollectionNotFound)?;
    if plan.is_view() {
        return Err(RecordError::ViewIsReadOnly);
    }
    if check_rule(&plan.collection().rules, Action::Update, caller)? == Access::Nothing {
        return Err(RecordError::NotFound);
    }
    let stored = Record::find(tx, plan, request.id)?.ok_or(RecordError::NotFound)?;
    let mut record = stored.clone();
    let submitted = body::apply(&mut record, request.body, caller);
    let invalid = |errors| RecordError::Invalid(Action::Update, errors);
    let is_auth = matches!(plan.collection().kind, CollectionKind::Auth(_));
    if is_auth {
        auth_form::check(Some(&stored), &record, request.body, caller, request.passwords).map_err(invalid)?;
        upkeep::before_save(&mut record);
    }
    save::complete(tx, &mut record, false, &submitted, request.passwords, request.options);
    validate::check(tx, catalog, Some(&stored), &record, &submitted)?.into_result().map_err(invalid)?;
    if is_auth {
        upkeep::before_update(tx, &stored, &mut record, &submitted)?;
    }
    let stamped = save::stamp(&mut record, &tx.now(), false);
    save::update(tx, &stored, &record, &stamped)?;
    Ok(record)
}

//! Updating a record.

use serde_json::{Map, Value as Json};

use super::access::{Access, managed, may_manage, satisfies};
use super::{
    Action, PasswordWork, Record, RecordError, Request, SaveOptions, Saved, auth_form, body, check_rule, save, upkeep,
    validate,
};
use crate::db::WriteTx;
use crate::query::RequestInfo;
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
pub fn update(tx: &mut WriteTx<'_>, request: Request<'_>, what: &UpdateRequest<'_>) -> Result<Saved, RecordError> {
    let plan = request.catalog.find(what.collection).ok_or(RecordError::CollectionNotFound)?;
    if plan.is_view() {
        return Err(RecordError::ViewIsReadOnly);
    }
    let access = check_rule(request, plan, Action::Update)?;
    let stored = Record::find(tx, plan, what.id)?.ok_or(RecordError::NotFound)?;
    let mut record = stored.clone();
    let submitted = body::apply(&mut record, what.body, request.caller);
    let may_be_manager = may_manage(request, plan);
    let is_seen = matches!(access, Access::If(_)) || may_be_manager || request.shows_by_body();
    let info = if is_seen { info_for_rules(request, &record, what.body) } else { request.info.clone() };
    let seen = Request { info: &info, ..request };
    if let Access::If(rule) = access
        && !satisfies(tx, seen, plan, rule, what.id)?
    {
        return Err(RecordError::NotFound);
    }
    let is_manager = may_be_manager && !managed(tx, seen, plan, &[what.id])?.is_empty();
    let invalid = |errors| RecordError::Invalid(Action::Update, errors);
    let is_auth = matches!(plan.collection().kind, CollectionKind::Auth(_));
    if is_auth {
        let is_elevated = is_manager || request.caller.is_superuser();
        auth_form::check(Some(&stored), &record, what.body, is_elevated, what.passwords).map_err(invalid)?;
        upkeep::before_save(&mut record);
    }
    save::complete(tx, &mut record, false, &submitted, what.passwords, what.options);
    validate::check(tx, request.catalog, Some(&stored), &record, &submitted)?.into_result().map_err(invalid)?;
    if is_auth {
        upkeep::before_update(tx, request.catalog, &stored, &mut record, &submitted)?;
    }
    let stamped = save::stamp(&mut record, &tx.now(), false);
    save::update(tx, &stored, &record, &stamped)?;
    Ok(Saved { record, info })
}

/// The request as the rules of an update see it; `record` is the stored one with the body applied.
pub(super) fn info_for_rules(request: Request<'_>, record: &Record, sent: &Map<String, Json>) -> RequestInfo {
    let seen = body::as_seen_by_rules(record, sent, request.caller);
    request.info.with_cast_body(seen)
}

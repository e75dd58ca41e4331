//! Updating a record.

use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use super::access::{Access, managed, may_manage, satisfies};
use super::body::{Sent, Submitted};
use super::{
    Action, PasswordWork, Record, RecordError, Request, Saved, auth_form, body, check_rule, files, save, upkeep,
    validate,
};
use crate::db::WriteTx;
use crate::files::Uploads;
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
    /// Files that came with it.
    pub uploads: &'a Uploads,
}

impl<'a> UpdateRequest<'a> {
    fn sent(&self) -> Sent<'a> {
        Sent { body: self.body, uploads: self.uploads }
    }
}

/// Updates a record and returns it as stored.
///
/// # Errors
/// [`RecordError`]; nothing is written then.
pub fn update(tx: &mut WriteTx<'_>, request: Request<'_>, what: &UpdateRequest<'_>) -> Result<Saved, RecordError> {
    let Prepared { stored, mut record, submitted, info } = prepare(tx, request, what)?;
    tx.check_room()?;
    if matches!(record.collection().kind, CollectionKind::Auth(_)) {
        upkeep::before_update(tx, request.catalog, &stored, &mut record, &submitted)?;
    }
    let stamped = save::stamp(&mut record, &tx.now(), false);
    save::update(tx, &stored, &record, &stamped)?;
    files::drop_unused(tx, &record, what.uploads)?;
    Ok(Saved { record, info })
}

/// The record that [`update`] would store: for what has to happen before the write.
///
/// # Errors
/// What [`update`] would fail with, but for what only the table knows.
pub fn rehearse_update(
    conn: &Connection,
    request: Request<'_>,
    what: &UpdateRequest<'_>,
) -> Result<Record, RecordError> {
    prepare(conn, request, what).map(|prepared| prepared.record)
}

/// What is to be written.
struct Prepared {
    stored: Record,
    record: Record,
    submitted: Submitted,
    /// The request as rules saw it.
    info: RequestInfo,
}

fn prepare(conn: &Connection, request: Request<'_>, what: &UpdateRequest<'_>) -> Result<Prepared, RecordError> {
    let plan = request.catalog.find(what.collection).ok_or(RecordError::CollectionNotFound)?;
    if plan.is_view() {
        return Err(RecordError::ViewIsReadOnly);
    }
    let access = check_rule(request, plan, Action::Update)?;
    let stored = Record::find(conn, plan, what.id)?.ok_or(RecordError::NotFound)?;
    let mut record = stored.clone();
    let submitted = body::apply(&mut record, what.body, request.caller);
    let may_be_manager = may_manage(request, plan);
    let is_seen = matches!(access, Access::If(_)) || may_be_manager || request.shows_by_body();
    let info = if is_seen { info_for_rules(request, &record, what.sent()) } else { request.info.clone() };
    let seen = Request { info: &info, ..request };
    if let Access::If(rule) = access
        && !satisfies(conn, seen, plan, rule, what.id)?
    {
        return Err(RecordError::NotFound);
    }
    let is_manager = may_be_manager && !managed(conn, seen, plan, &[what.id])?.is_empty();
    let invalid = |errors| RecordError::Invalid(Action::Update, errors);
    if matches!(plan.collection().kind, CollectionKind::Auth(_)) {
        let is_elevated = is_manager || request.caller.is_superuser();
        auth_form::check(Some(&stored), &record, what.body, is_elevated, what.passwords).map_err(invalid)?;
        upkeep::before_save(&mut record);
    }
    save::complete(&mut record, &submitted, what.passwords);
    if !what.uploads.fit(&plan.collection().id, stored.id()) {
        return Err(RecordError::UploadsElsewhere);
    }
    let errors = validate::check(conn, request.catalog, Some(&stored), &record, &submitted, what.uploads)?;
    errors.into_result().map_err(invalid)?;
    Ok(Prepared { stored, record, submitted, info })
}

/// The request as the rules of an update see it; `record` is the stored one with the body applied.
pub(super) fn info_for_rules(request: Request<'_>, record: &Record, sent: Sent<'_>) -> RequestInfo {
    let seen = body::as_seen_by_rules(record, sent, request.caller);
    request.info.with_cast_body(seen)
}

//! Creating a record.

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use super::access::{Access, candidate_satisfies, candidate_values, manages_candidate};
use super::body::{Sent, Submitted};
use super::{
    Action, PasswordWork, Record, RecordError, Request, SaveOptions, Saved, auth_form, body, check_rule, files, save,
    upkeep, validate,
};
use crate::db::WriteTx;
use crate::files::Uploads;
use crate::query::{Plan, RequestInfo, SqlValue};
use crate::schema::{CollectionKind, FieldOptions, IdOrder, Value};

/// What to create.
#[derive(Debug)]
pub struct CreateRequest<'a> {
    /// Collection id or name.
    pub collection: &'a str,
    /// The body as sent.
    pub body: &'a Map<String, Json>,
    /// Hashes of its passwords.
    pub passwords: &'a PasswordWork,
    /// Files that came with it.
    pub uploads: &'a Uploads,
    /// Configuration.
    pub options: SaveOptions,
}

impl<'a> CreateRequest<'a> {
    fn sent(&self) -> Sent<'a> {
        Sent { body: self.body, uploads: self.uploads }
    }
}

/// Creates a record and returns it as stored.
///
/// # Errors
/// [`RecordError`]; nothing is written then.
pub fn create(tx: &mut WriteTx<'_>, request: Request<'_>, what: &CreateRequest<'_>) -> Result<Saved, RecordError> {
    let (mut record, info) = prepare(tx, tx.now_millis(), request, what)?;
    tx.check_room()?;
    let now = tx.now();
    save::stamp(&mut record, &now, true);
    save::insert(tx, request.catalog, &record)?;
    files::drop_unused(tx, &record, what.uploads)?;
    upkeep::after_create(tx, request.catalog, &record)?;
    Ok(Saved { record, info })
}

/// The record that [`create`] would store: for what has to happen before the write. `now_ms` is Unix time in milliseconds.
///
/// # Errors
/// What [`create`] would fail with, but for what only the table knows.
pub fn rehearse_create(
    conn: &Connection,
    now_ms: i64,
    request: Request<'_>,
    what: &CreateRequest<'_>,
) -> Result<Record, RecordError> {
    prepare(conn, now_ms, request, what).map(|(record, _)| record)
}

/// The record with everything but its dates, and the request as rules saw it.
fn prepare(
    conn: &Connection,
    now_ms: i64,
    request: Request<'_>,
    what: &CreateRequest<'_>,
) -> Result<(Record, RequestInfo), RecordError> {
    let plan = request.catalog.find(what.collection).ok_or(RecordError::CollectionNotFound)?;
    let Admitted { mut record, submitted, info, is_manager } = admit(conn, request, plan, what.sent(), what.passwords)?;
    let invalid = |errors| RecordError::Invalid(Action::Create, errors);
    if matches!(plan.collection().kind, CollectionKind::Auth(_)) {
        let is_elevated = is_manager || request.caller.is_superuser();
        auth_form::check(None, &record, what.body, is_elevated, what.passwords).map_err(invalid)?;
        upkeep::before_save(&mut record);
    }
    if let Some(id) = what.uploads.record_id() {
        files::propose_id(&mut record, id);
    }
    save::complete_new(now_ms, &mut record, &submitted, what.passwords, what.options);
    if !what.uploads.fit(&plan.collection().id, record.id()) {
        return Err(RecordError::UploadsElsewhere);
    }
    let errors = validate::check(conn, request.catalog, None, &record, &submitted, what.uploads)?;
    errors.into_result().map_err(invalid)?;
    Ok((record, info))
}

/// A record that the rule lets through, with the body applied and nothing generated yet.
pub(super) struct Admitted {
    record: Record,
    submitted: Submitted,
    /// The request with the body as rules see it.
    info: RequestInfo,
    is_manager: bool,
}

/// Applies the body to an empty record and asks the rules about it.
pub(super) fn admit(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    sent: Sent<'_>,
    passwords: &PasswordWork,
) -> Result<Admitted, RecordError> {
    if plan.is_view() {
        return Err(RecordError::ViewIsReadOnly);
    }
    let access = check_rule(request, plan, Action::Create)?;
    let may_be_manager = super::access::may_manage(request, plan);
    if matches!(access, Access::All) && !may_be_manager && !request.shows_by_body() {
        let mut record = Record::empty(plan.clone());
        let submitted = body::apply(&mut record, sent.body, request.caller);
        return Ok(Admitted { record, submitted, info: request.info.clone(), is_manager: false });
    }
    let Applicant { record, submitted, info, values } = Applicant::of(request, plan, sent, passwords);
    let request = Request { info: &info, ..request };
    if let Access::If(rule) = access
        && !candidate_satisfies(conn, request, plan, rule, &values)?
    {
        return Err(RecordError::RuleDenied);
    }
    let is_manager = manages_candidate(conn, request, plan, &values)?;
    Ok(Admitted { record, submitted, info, is_manager })
}

/// What rules are asked about before a record is created.
pub(super) struct Applicant {
    /// The record with the body applied.
    record: Record,
    submitted: Submitted,
    /// The request with the body as rules see it.
    pub(super) info: RequestInfo,
    /// The record's values as rules see them.
    pub(super) values: Vec<SqlValue>,
}

impl Applicant {
    /// Applies the body to an empty record.
    pub(super) fn of(request: Request<'_>, plan: &Arc<Plan>, sent: Sent<'_>, passwords: &PasswordWork) -> Self {
        let mut record = Record::empty(plan.clone());
        let submitted = body::apply(&mut record, sent.body, request.caller);
        let seen = body::as_seen_by_rules(&record, sent, request.caller);
        let info = request.info.with_cast_body(seen);
        let values = candidate_values(&candidate(&record, &submitted, passwords));
        Self { record, submitted, info, values }
    }
}

/// The record as rules see it before it is stored (reference part 2, section 7.3): with an id, never verified, with
/// the hash of its password, and nothing else that is generated.
fn candidate(record: &Record, submitted: &Submitted, passwords: &PasswordWork) -> Record {
    let mut candidate = record.clone();
    let collection = record.plan().clone();
    let collection = collection.collection();
    for (index, plain) in submitted.passwords() {
        let hash = match passwords.hash(&collection.fields[*index].name) {
            _ if plain.is_empty() => String::new(),
            Some(hash) => hash.0.clone(),
            // Asked before it is hashed: whatever the hash is going to be, it is not empty.
            None => "pending".to_owned(),
        };
        candidate.set(*index, Value::Text(hash));
    }
    if let (Some(hash), Some(position)) = (passwords.generated(), record.position("password"))
        && candidate.text("password").is_empty()
    {
        candidate.set(position, Value::Text(hash.0.clone()));
    }
    if matches!(collection.kind, CollectionKind::Auth(_))
        && let Some(verified) = record.position("verified")
    {
        candidate.set(verified, Value::Bool(false));
    }
    let id = record.plan().id_field();
    if record.id().is_empty()
        && let FieldOptions::Text(options) = &collection.fields[id].options
    {
        let generated = options.autogenerate("", 0, IdOrder::Random);
        candidate.set(id, Value::Text(generated.unwrap_or_else(|| "new".to_owned())));
    }
    candidate
}

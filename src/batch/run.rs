//! Running a batch in its transaction.

use rusqlite::{Connection, OptionalExtension};

use super::{BatchError, BatchItem, ItemError, Target};
use crate::db::{DbError, WriteTx};
use crate::query::{Catalog, Plan, quote_identifier};
use crate::records::{self, Answer, CreateRequest, PasswordWork, RecordError, Request, SaveOptions, UpdateRequest};

/// Most bytes of answers: an update answers with the whole record, however small the change.
const MAX_ANSWER_BYTES: usize = 256 << 20;

/// What to run.
#[derive(Debug)]
pub struct BatchRequest<'a> {
    /// The items, in order.
    pub items: &'a [BatchItem],
    /// Hashes of each item's passwords.
    pub passwords: &'a [PasswordWork],
    /// Configuration.
    pub options: SaveOptions,
}

/// The answer to a create or an update; nothing after a delete.
pub type ItemAnswer = Option<Answer>;

/// Runs the items one after the other and returns their answers. `may_go_on` is asked before each and at the end: the
/// transaction holds up every other write, so it must be able to end.
///
/// # Errors
/// [`BatchError`]; the job that runs this must fail with it, which undoes everything.
pub fn run(
    tx: &mut WriteTx<'_>,
    outer: Request<'_>,
    request: &BatchRequest<'_>,
    may_go_on: impl Fn() -> bool,
) -> Result<Vec<ItemAnswer>, BatchError> {
    let nothing_hashed = PasswordWork::default();
    let mut answers = Vec::with_capacity(request.items.len());
    let mut bytes = 0;
    for (index, item) in request.items.iter().enumerate() {
        if !may_go_on() {
            return Err(BatchError::Stopped);
        }
        let passwords = request.passwords.get(index).unwrap_or(&nothing_hashed);
        let failed = |error| BatchError::Item { index, error };
        let answer = run_item(tx, outer, item, passwords, request.options).map_err(failed)?;
        if let Some(Answer::Ready(body)) = &answer {
            bytes += body.len();
        }
        if bytes > MAX_ANSWER_BYTES {
            return Err(failed(RecordError::TooLarge.into()));
        }
        answers.push(answer);
    }
    if may_go_on() { Ok(answers) } else { Err(BatchError::Stopped) }
}

fn run_item(
    tx: &mut WriteTx<'_>,
    outer: Request<'_>,
    item: &BatchItem,
    passwords: &PasswordWork,
    options: SaveOptions,
) -> Result<ItemAnswer, ItemError> {
    let target = item.target.as_ref().ok_or(ItemError::Unsupported)?;
    let (body, body_id, uploads) = (&item.body, item.body_id(), &item.uploads);
    // What an upsert comes to shows only now.
    let updated = match target {
        Target::Update { id, .. } => Some(id),
        Target::Upsert { collection } => match outer.catalog.find(collection) {
            Some(plan) => exists(tx, plan, &body_id).map_err(RecordError::Db)?.then_some(&body_id),
            None => None,
        },
        Target::Create { .. } | Target::Delete { .. } => None,
    };
    let method = match target {
        Target::Delete { .. } => "DELETE",
        _ if updated.is_some() => "PATCH",
        _ => "POST",
    };
    let info = item.info(outer.info, method);
    let request = Request { info: &info, ..outer };
    let collection = target.collection();
    let saved = match (target, updated) {
        (Target::Delete { id, .. }, _) => {
            records::delete(tx, request, collection, id)?;
            return Ok(None);
        }
        (_, Some(id)) => records::update(tx, request, &UpdateRequest { collection, id, body, passwords, uploads })?,
        (_, None) => records::create(tx, request, &CreateRequest { collection, body, passwords, uploads, options })?,
    };
    Ok(Some(saved.into_answer(request, item.parameter("expand"))?))
}

/// What an item comes to: the single request that does the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// `POST`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// The collection's id or name, as sent.
    pub collection: String,
    /// The record's id, unless it is to be made.
    pub id: Option<String>,
}

/// What the items come to as things stand; `None` for one that a batch cannot do. An upsert of a record that an earlier
/// item makes counts as another creation.
///
/// # Errors
/// Only if the store fails.
pub fn effects(conn: &Connection, catalog: &Catalog, items: &[BatchItem]) -> Result<Vec<Option<Effect>>, DbError> {
    let effect = |item: &BatchItem| {
        let Some(target) = item.target.as_ref() else { return Ok(None) };
        let (method, id) = match target {
            Target::Create { .. } => ("POST", None),
            Target::Update { id, .. } => ("PATCH", Some(id.clone())),
            Target::Delete { id, .. } => ("DELETE", Some(id.clone())),
            Target::Upsert { collection } => match (catalog.find(collection), item.body_id()) {
                (Some(plan), id) if exists(conn, plan, &id)? => ("PATCH", Some(id)),
                _ => ("POST", None),
            },
        };
        Ok(Some(Effect { method, collection: target.collection().to_owned(), id }))
    };
    items.iter().map(effect).collect()
}

/// Whether the collection's table has a record of this id.
pub(super) fn exists(conn: &Connection, plan: &Plan, id: &str) -> Result<bool, DbError> {
    if plan.is_view() || id.is_empty() {
        return Ok(false);
    }
    let sql = format!("SELECT 1 FROM {} WHERE `id` = ?1", quote_identifier(&plan.collection().name));
    Ok(conn.prepare_cached(&sql)?.query_row([id], |_| Ok(())).optional()?.is_some())
}

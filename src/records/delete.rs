//! Deleting a record, and what refers to it.

use std::collections::HashSet;
use std::sync::Arc;

use super::access::{Access, satisfies};
use super::stored::image_of;
use super::{Action, Record, RecordError, Request, check_rule, files, save, upkeep};
use crate::db::{WriteTx, record_deletion};
use crate::query::{Catalog, Plan, Reference};
use crate::schema::{CollectionKind, Value};

/// Referring records loaded at a time, so that memory does not grow with their number.
const BATCH: i64 = 500;

/// Deletes a record with everything that cascades from it.
///
/// # Errors
/// [`RecordError`]; nothing is deleted then.
pub fn delete(tx: &mut WriteTx<'_>, request: Request<'_>, collection: &str, id: &str) -> Result<(), RecordError> {
    let plan = request.catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    if plan.is_view() {
        return Err(RecordError::ViewIsReadOnly);
    }
    if let Access::If(rule) = check_rule(request, plan, Action::Delete)?
        && !satisfies(tx, request, plan, rule, id)?
    {
        return Err(RecordError::NotFound);
    }
    delete_unchecked(tx, request.catalog, collection, id)
}

/// Deletes without asking the rule; for what Larder itself removes.
///
/// # Errors
/// [`RecordError`]; nothing is deleted then.
pub fn delete_unchecked(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    collection: &str,
    id: &str,
) -> Result<(), RecordError> {
    let plan = catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    // Depth first with a list of our own: chains of records can be longer than the stack is deep.
    let mut pending = vec![(Arc::clone(plan), id.to_owned())];
    // What is on the list counts as gone already: its other relations neither hold anything up nor need saving.
    let mut doomed = HashSet::from([(plan.collection().id.clone(), id.to_owned())]);
    let mut is_first = true;
    while let Some((plan, id)) = pending.pop() {
        let deleted = delete_row(tx, catalog, &plan, &id)?;
        if is_first && !deleted {
            return Err(RecordError::NotFound);
        }
        is_first = false;
        if deleted {
            for reference in catalog.references_to(&plan.collection().id) {
                release(tx, reference, &id, &mut pending, &mut doomed)?;
            }
        }
    }
    Ok(())
}

/// Deletes one row, whose image goes to the change feed; false if there is none.
fn delete_row(tx: &WriteTx<'_>, catalog: &Catalog, plan: &Arc<Plan>, id: &str) -> Result<bool, RecordError> {
    let (image, account) = {
        let mut statement = tx.prepare_cached(plan.delete())?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let is_auth = matches!(plan.collection().kind, CollectionKind::Auth(_));
        let account = if is_auth { Some(Record::from_row(plan, row)?) } else { None };
        files::drop_all(tx, plan, id, row)?;
        (image_of(plan, row)?, account)
    };
    if let Some(account) = account {
        // The error brings the row back, with everything else.
        if upkeep::is_last_superuser(tx, &account)? {
            return Err(RecordError::LastSuperuser);
        }
        upkeep::after_delete(tx, catalog, &account)?;
    }
    record_deletion(tx, &plan.collection().id, id, &image)?;
    Ok(true)
}

/// Takes a deleted id out of the relation field of every record that holds it: what must go with it is put on
/// `pending`, the rest is saved without validation (reference part 1, section 11.5).
fn release(
    tx: &WriteTx<'_>,
    reference: &Reference,
    id: &str,
    pending: &mut Vec<(Arc<Plan>, String)>,
    doomed: &mut HashSet<(String, String)>,
) -> Result<(), RecordError> {
    let plan = &reference.plan;
    let field = &plan.collection().fields[reference.field];
    let crate::schema::FieldOptions::Relation(options) = &field.options else { return Ok(()) };
    let mut after = i64::MIN;
    loop {
        let batch = referring(tx, reference, id, after)?;
        let Some((last, _)) = batch.last() else { return Ok(()) };
        after = *last;
        for (_, stored) in batch {
            let key = (plan.collection().id.clone(), stored.id().to_owned());
            if doomed.contains(&key) {
                continue;
            }
            let mut record = stored.clone();
            let left = match &stored.values()[reference.field] {
                Value::List(ids) => Value::List(ids.iter().filter(|i| *i != id).cloned().collect()),
                _ => Value::Text(String::new()),
            };
            let is_empty = field.is_zero(&left);
            if is_empty && options.cascade_delete {
                doomed.insert(key);
                pending.push((Arc::clone(plan), stored.id().to_owned()));
                continue;
            }
            if is_empty && field.required {
                return Err(RecordError::RequiredReference { collection: plan.collection().name.clone() });
            }
            record.set(reference.field, left);
            let stamped = save::stamp(&mut record, &tx.now(), false);
            save::update(tx, &stored, &record, &stamped)?;
        }
    }
}

/// The next records, by rowid, whose relation field holds the id.
fn referring(tx: &WriteTx<'_>, reference: &Reference, id: &str, after: i64) -> Result<Vec<(i64, Record)>, RecordError> {
    let plan = &reference.plan;
    let mut query = tx.prepare_cached(&plan.select_referring(reference.field))?;
    let rowid_column = plan.collection().fields.len();
    let mut rows = query.query(rusqlite::params![id, after, BATCH])?;
    let mut batch = Vec::new();
    while let Some(row) = rows.next()? {
        batch.push((row.get(rowid_column)?, Record::from_row(plan, row)?));
    }
    Ok(batch)
}

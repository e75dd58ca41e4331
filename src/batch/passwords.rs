//! What the items of a batch have to hash, found out before the transaction.

use std::collections::HashSet;

use rusqlite::Connection;

use super::run::exists;
use super::{BatchItem, Target};
use crate::db::DbError;
use crate::query::Catalog;
use crate::records::{self, Action, PasswordPlan, RecordError, Request, Sent, concerns_passwords};

/// Most items of a batch that are hashed for although their rule turns them away as things stand: an earlier item may
/// make it let them through.
const MAX_ON_TRUST: usize = 5;

/// What finds out what to hash, with or without asking the rule.
type PlanPasswords = fn(&Connection, Request<'_>, Action, &str, &str, Sent<'_>) -> Result<PasswordPlan, RecordError>;

/// What each item has to hash and verify.
///
/// An item that changes a record which an earlier one creates is hashed for as well. Its old password cannot be verified,
/// because there is no hash yet: it counts as wrong. So does one that an earlier item of the batch has changed.
///
/// # Errors
/// Only if the store fails: whatever else is wrong with an item shows when it runs.
pub fn plan_passwords(
    conn: &Connection,
    request: Request<'_>,
    items: &[BatchItem],
) -> Result<Vec<PasswordPlan>, DbError> {
    // Records that do not exist yet but will, by collection id and id.
    let mut announced = HashSet::new();
    let mut plans = Vec::with_capacity(items.len());
    let mut on_trust = MAX_ON_TRUST;
    for (index, item) in items.iter().enumerate() {
        let plan = |ask: PlanPasswords| match plan_item(conn, request, item, &announced, ask) {
            Ok(planned) => Ok(planned),
            Err(RecordError::Db(error)) => Err(error),
            Err(_) => Ok(PasswordPlan::default()),
        };
        let mut planned = plan(records::plan_passwords)?;
        if planned.is_empty() && index > 0 && on_trust > 0 {
            planned = plan(records::plan_allowed_passwords)?;
            on_trust -= usize::from(!planned.is_empty());
        }
        plans.push(planned);
        if let Some(Target::Create { collection } | Target::Upsert { collection }) = &item.target
            && let Some(plan) = request.catalog.find(collection)
        {
            announced.insert((plan.collection().id.clone(), item.body_id()));
        }
    }
    Ok(plans)
}

/// Whether any item concerns passwords, so that other batches skip the extra read.
pub fn concern_passwords(catalog: &Catalog, items: &[BatchItem]) -> bool {
    items.iter().any(|item| {
        let plan = item.target.as_ref().and_then(|target| catalog.find(target.collection()));
        plan.is_some_and(|plan| concerns_passwords(plan, &item.body))
    })
}

fn plan_item(
    conn: &Connection,
    request: Request<'_>,
    item: &BatchItem,
    announced: &HashSet<(String, String)>,
    plan_passwords: PlanPasswords,
) -> Result<PasswordPlan, RecordError> {
    let nothing = Ok(PasswordPlan::default());
    let Some(target) = &item.target else { return nothing };
    let Some(plan) = request.catalog.find(target.collection()).filter(|plan| concerns_passwords(plan, &item.body))
    else {
        return nothing;
    };
    let info = item.info(request.info, &item.method);
    let request = Request { info: &info, ..request };
    let sent = Sent { body: &item.body, uploads: &item.uploads };
    let plan_for = |action, id: &str| plan_passwords(conn, request, action, target.collection(), id, sent);
    let will_exist = |id: &str| {
        let is_announced = announced.contains(&(plan.collection().id.clone(), id.to_owned()));
        Ok::<_, DbError>(is_announced || exists(conn, plan, id)?)
    };
    match target {
        Target::Create { .. } => plan_for(Action::Create, ""),
        // Nobody makes the server hash for a record that is not there.
        Target::Update { id, .. } if will_exist(id)? => plan_for(Action::Update, id),
        Target::Update { .. } | Target::Delete { .. } => nothing,
        Target::Upsert { .. } => {
            let id = item.body_id();
            if will_exist(&id)?
                && let Ok(planned) = plan_for(Action::Update, &id)
                && !planned.is_empty()
            {
                return Ok(planned);
            }
            // An earlier item may delete the record.
            plan_for(Action::Create, "")
        }
    }
}

//! Rule checks: the one place where it is decided whether a caller may do something to records.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, params_from_iter};

use super::{Record, RecordError, Request};
use crate::db::{ReadTx, guard};
use crate::identity::Caller;
use crate::query::{Condition, ConditionError, ParsedRule, Plan, PlanRules, Rule, SqlValue, Statement};
use crate::schema::CollectionKind;

/// Virtual machine instructions a rule may take on the writing connection: about half a second on an idle machine, in
/// which no other write can happen. Readers are limited by time.
const MAX_RULE_STEPS: u64 = 25_000_000;

/// Longest the statements of a client's read may run. Superusers have the time every slow read has.
const CLIENT_TIME_LIMIT: Duration = Duration::from_secs(5);

/// Limits the time a caller's read may take.
pub fn limit_time(tx: &ReadTx<'_>, caller: &Caller) {
    if !caller.is_superuser() {
        tx.limit_time(CLIENT_TIME_LIMIT);
    }
}

/// What is done to records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Action {
    List,
    View,
    Create,
    Update,
    Delete,
}

impl Action {
    /// The word for messages.
    pub fn verb(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::View => "view",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    fn rule(self, rules: &PlanRules) -> Rule<'_> {
        match self {
            Self::List => rules.list(),
            Self::View => rules.view(),
            Self::Create => rules.create(),
            Self::Update => rules.update(),
            Self::Delete => rules.delete(),
        }
    }
}

/// What a rule lets through.
#[derive(Debug, Clone, Copy)]
pub enum Access<'r> {
    /// Every record.
    All,
    /// Records that satisfy the condition.
    If(&'r ParsedRule),
}

/// Which records the caller may act on.
///
/// # Errors
/// [`RecordError::SuperuserOnly`] if the rule is locked, whatever the record.
pub fn check_rule<'p>(request: Request<'_>, plan: &'p Plan, action: Action) -> Result<Access<'p>, RecordError> {
    if request.caller.is_superuser() {
        return Ok(Access::All);
    }
    match action.rule(plan.rules()) {
        Rule::Locked => Err(RecordError::SuperuserOnly(action)),
        Rule::Open => Ok(Access::All),
        Rule::Expression(rule) => Ok(Access::If(rule)),
    }
}

/// Whether it is worth reading a request's body: fails as the action itself would if the caller may act on no record.
///
/// # Errors
/// What the action fails with.
pub fn admit(request: Request<'_>, action: Action, collection: &str) -> Result<(), RecordError> {
    let plan = request.catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    if plan.is_view() && !matches!(action, Action::List | Action::View) {
        return Err(RecordError::ViewIsReadOnly);
    }
    check_rule(request, plan, action).map(|_| ())
}

/// Whether the stored record of this id satisfies a rule. A rule that cannot be evaluated lets nobody through.
///
/// # Errors
/// Only if the store fails.
pub fn satisfies(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    rule: &ParsedRule,
    id: &str,
) -> Result<bool, RecordError> {
    match Condition::of_stored(request.catalog, request.info, plan, rule) {
        Ok(condition) => yields_row(conn, &condition.select_match(id)),
        Err(error) => Ok(deny(rule, &error)),
    }
}

/// As [`satisfies`], but a rule that cannot be evaluated is an error: for rules that ask for more rather than let through.
///
/// # Errors
/// [`RecordError::BadQuery`], or the store's.
pub fn satisfies_surely(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    rule: &ParsedRule,
    id: &str,
) -> Result<bool, RecordError> {
    Ok(!load_satisfying(conn, request, plan, rule, &[id])?.is_empty())
}

/// Whether a record that is not stored yet satisfies a rule; `values` in field order. Most rules are decided without the
/// store.
///
/// # Errors
/// Only if the store fails.
pub fn candidate_satisfies(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    rule: &ParsedRule,
    values: &[SqlValue],
) -> Result<bool, RecordError> {
    match Condition::of_candidate(request.catalog, request.info, plan, rule) {
        Ok(condition) => match condition.matches(values, None) {
            Some(answer) => Ok(answer),
            None => yields_row(conn, &condition.select_candidate(values.to_vec())),
        },
        Err(error) => Ok(deny(rule, &error)),
    }
}

pub(super) fn deny(rule: &ParsedRule, error: &ConditionError) -> bool {
    tracing::debug!(rule = rule.text, %error, "a rule cannot be evaluated");
    false
}

/// Whether a rule's statement yields a row. One that fails for what it computes lets nobody through.
pub(super) fn yields_row(conn: &Connection, statement: &Statement) -> Result<bool, RecordError> {
    let found = guard::run_limited(MAX_RULE_STEPS, || {
        conn.prepare_cached(&statement.sql)?.exists(params_from_iter(&statement.values))
    });
    match found.map_err(RecordError::of_statement) {
        Err(RecordError::BadQuery(_)) => Ok(false),
        other => other,
    }
}

/// Records of these ids that the caller may view, in no particular order.
///
/// # Errors
/// [`RecordError::SuperuserOnly`], [`RecordError::BadQuery`] if the rule cannot be evaluated, or the store's.
pub(super) fn load_visible(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    ids: &[&str],
) -> Result<Vec<Record>, RecordError> {
    match check_rule(request, plan, Action::View)? {
        Access::All => load(conn, plan, &crate::query::select_by_ids(plan, ids)),
        Access::If(rule) => load_satisfying(conn, request, plan, rule, ids),
    }
}

fn load_satisfying(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    rule: &ParsedRule,
    ids: &[&str],
) -> Result<Vec<Record>, RecordError> {
    let condition = Condition::of_stored(request.catalog, request.info, plan, rule)
        .map_err(|error| RecordError::BadQuery(error.to_string()))?;
    load(conn, plan, &condition.select_by_ids(ids))
}

/// Runs a statement whose rows are records of a collection.
fn load(conn: &Connection, plan: &Arc<Plan>, statement: &Statement) -> Result<Vec<Record>, RecordError> {
    guard::run_limited(MAX_RULE_STEPS, || {
        let mut query = conn.prepare_cached(&statement.sql).map_err(RecordError::of_statement)?;
        let mut rows = query.query(params_from_iter(&statement.values)).map_err(RecordError::of_statement)?;
        let mut records = Vec::new();
        while let Some(row) = rows.next().map_err(RecordError::of_statement)? {
            records.push(Record::from_row(plan, row)?);
        }
        Ok(records)
    })
}

/// The manage rule that applies to the caller's requests on a collection: never for guests, and superusers need none.
pub(super) fn manage_rule<'p>(request: Request<'_>, plan: &'p Plan) -> Option<&'p ParsedRule> {
    if request.caller.is_superuser() || request.caller.record().is_none() {
        return None;
    }
    match plan.rules().manage() {
        Rule::Expression(rule) => Some(rule),
        Rule::Locked | Rule::Open => None,
    }
}

/// Whether [`managed`] can find anything.
pub(super) fn may_manage(request: Request<'_>, plan: &Plan) -> bool {
    manage_rule(request, plan).is_some()
}

/// Those of the stored records that the caller manages.
///
/// # Errors
/// Only if the store fails.
pub(super) fn managed(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    ids: &[&str],
) -> Result<HashSet<String>, RecordError> {
    let Some(rule) = manage_rule(request, plan) else { return Ok(HashSet::new()) };
    match load_satisfying(conn, request, plan, rule, ids) {
        Ok(records) => Ok(records.into_iter().map(|record| record.id().to_owned()).collect()),
        Err(RecordError::BadQuery(_)) => Ok(HashSet::new()),
        Err(error) => Err(error),
    }
}

/// Whether the caller manages a record that is not stored yet.
///
/// # Errors
/// Only if the store fails.
pub(super) fn manages_candidate(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    values: &[SqlValue],
) -> Result<bool, RecordError> {
    match manage_rule(request, plan) {
        Some(rule) if matches!(plan.collection().kind, CollectionKind::Auth(_)) => {
            candidate_satisfies(conn, request, plan, rule, values)
        }
        _ => Ok(false),
    }
}

/// A record's values as rules see those of one that is not stored yet.
pub(super) fn candidate_values(record: &Record) -> Vec<SqlValue> {
    let fields = record.collection().fields.iter().zip(record.values());
    fields.map(|(field, value)| sql_value(&field.bind(value))).collect()
}

fn sql_value(bound: &rusqlite::types::ToSqlOutput<'_>) -> SqlValue {
    use rusqlite::types::{ToSqlOutput, ValueRef};
    let value = match bound {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => ValueRef::from(value),
        _ => ValueRef::Null,
    };
    match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(integer) => SqlValue::Integer(integer),
        ValueRef::Real(real) => SqlValue::Real(real),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => SqlValue::Text(String::from_utf8_lossy(bytes).into_owned()),
    }
}

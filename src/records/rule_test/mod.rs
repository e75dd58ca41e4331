//! The rule tester: what a rule says to a request that is only described, and why. An addition of Larder.
//!
//! It asks the very code that guards the real actions, on a reading transaction; nothing is ever written. `subject`
//! builds the request and the record a rule sees, `explain` takes the rule apart.

mod caller;
mod error;
mod explain;
mod subject;
mod verdict;

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use super::access::{candidate_satisfies, satisfies};
use super::{RecordError, Request};
use crate::identity::Superuser;
use crate::query::{Catalog, Condition, ConditionError, Context, ParsedRule, Plan, Subject};
use crate::schema::CollectionKind;

use self::caller::{TestedCaller, find_caller};
use self::explain::Explainer;
use self::subject::Prepared;

pub use error::RuleTestError;
pub use verdict::{Node, NodeKind, OperandValue, Outcome, Reason, Values, Verdict};

/// A rule of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TestedAction {
    List,
    View,
    Create,
    Update,
    Delete,
    Manage,
    Auth,
}

/// Which rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TestedRule {
    /// The collection's own.
    #[default]
    Stored,
    /// A draft; `None` for locked.
    Draft(Option<String>),
}

/// A request that is described instead of made.
#[derive(Debug)]
pub struct RuleTest<'a> {
    /// Collection id or name.
    pub collection: &'a str,
    /// The rule's action.
    pub action: TestedAction,
    /// Its text.
    pub rule: &'a TestedRule,
    /// Collection and id of who is calling; `None` for a guest.
    pub caller: Option<(&'a str, &'a str)>,
    /// Id of the record; empty for one that is not stored yet.
    pub record: &'a str,
    /// The body as sent.
    pub body: &'a Map<String, Json>,
    /// Query parameters.
    pub query: &'a [(String, String)],
    /// Headers, named as they are sent.
    pub headers: &'a [(String, String)],
    /// HTTP method; empty for that of the action.
    pub method: &'a str,
    /// `@request.context`
    pub context: Context,
    /// Unix time in milliseconds.
    pub now_ms: i64,
}

/// Tests a rule.
///
/// # Errors
/// [`RuleTestError`] for a test that makes no sense. A rule that cannot be evaluated is an answer, not an error.
pub fn test_rule(
    conn: &Connection,
    _: &Superuser,
    catalog: &Catalog,
    test: &RuleTest<'_>,
) -> Result<Verdict, RuleTestError> {
    let plan = catalog.find(test.collection).ok_or(RuleTestError::CollectionNotFound)?;
    check_kind(plan, test)?;
    let found = find_caller(conn, catalog, test.caller)?;
    let caller = match &found {
        TestedCaller::Superuser => {
            subject::check_record(conn, plan, test)?;
            return Ok(Verdict::of(true, Reason::Superuser));
        }
        TestedCaller::Other(caller) => caller,
    };
    let prepared = Prepared::new(conn, catalog, caller, plan, test)?;
    let request = Request { catalog, caller, info: prepared.info() };
    let rule = match rule_of(plan, test) {
        None => return Ok(Verdict::of(false, Reason::Locked)),
        // Such a rule cannot be saved.
        Some("") if test.action == TestedAction::Manage => {
            return Ok(Verdict::invalid("a manage rule cannot be open to everyone".to_owned(), None));
        }
        Some("") => return Ok(Verdict::of(true, Reason::Open)),
        Some(rule) => ParsedRule::new(rule),
    };
    if test.action == TestedAction::Manage && caller.record().is_none() {
        return Ok(Verdict { note: Some("guests never manage records"), ..Verdict::of(false, Reason::Rule) });
    }
    judge(conn, request, plan, &rule, &prepared)
}

/// Refuses rules that do not exist: those of sign-in outside of auth collections, those of writes for views.
fn check_kind(plan: &Plan, test: &RuleTest<'_>) -> Result<(), RuleTestError> {
    use TestedAction::{Auth, Create, Delete, List, Manage, Update, View};
    match test.action {
        Create | Update | Delete if plan.is_view() => Err(RuleTestError::Record(RecordError::ViewIsReadOnly)),
        Manage | Auth if !matches!(plan.collection().kind, CollectionKind::Auth(_)) => {
            Err(RuleTestError::invalid("action", "validation_in_invalid", "Only auth collections have it."))
        }
        List | View | Create | Update | Delete | Manage | Auth => Ok(()),
    }
}

/// The rule's text; `None` for locked.
fn rule_of<'t>(plan: &'t Plan, test: &'t RuleTest<'_>) -> Option<&'t str> {
    if let TestedRule::Draft(text) = test.rule {
        return text.as_deref();
    }
    let collection = plan.collection();
    let rules = &collection.rules;
    let auth = match &collection.kind {
        CollectionKind::Auth(options) => Some(options),
        _ => None,
    };
    match test.action {
        TestedAction::List => rules.list.as_deref(),
        TestedAction::View => rules.view.as_deref(),
        TestedAction::Create => rules.create.as_deref(),
        TestedAction::Update => rules.update.as_deref(),
        TestedAction::Delete => rules.delete.as_deref(),
        TestedAction::Manage => auth.and_then(|auth| auth.manage_rule.as_deref()).filter(|rule| !rule.is_empty()),
        TestedAction::Auth => auth.and_then(|auth| auth.auth_rule.as_deref()),
    }
}

/// Evaluates a rule and explains it.
fn judge(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    rule: &ParsedRule,
    prepared: &Prepared,
) -> Result<Verdict, RuleTestError> {
    let subject = prepared.subject();
    let explainer = Explainer { conn, request, plan, rule, subject };
    if let Err(error) = compiles(request, plan, rule, subject) {
        return Ok(Verdict::invalid(error.to_string(), explainer.explain()?));
    }
    let is_allowed = match subject {
        Subject::Stored(id) => satisfies(conn, request, plan, rule, id)?,
        Subject::Candidate(values) => candidate_satisfies(conn, request, plan, rule, values)?,
    };
    let explanation = explainer.explain()?;
    if let Some(root) = &explanation
        && root.result == Outcome::Error
    {
        let error = root.first_error().unwrap_or("the rule cannot be evaluated").to_owned();
        return Ok(Verdict { is_allowed, ..Verdict::invalid(error, explanation) });
    }
    Ok(Verdict { explanation, ..Verdict::of(is_allowed, Reason::Rule) })
}

fn compiles(
    request: Request<'_>,
    plan: &Arc<Plan>,
    rule: &ParsedRule,
    subject: Subject<'_>,
) -> Result<(), ConditionError> {
    let compiled = match subject {
        Subject::Stored(_) => Condition::of_stored(request.catalog, request.info, plan, rule),
        Subject::Candidate(_) => Condition::of_candidate(request.catalog, request.info, plan, rule),
    };
    compiled.map(|_| ())
}

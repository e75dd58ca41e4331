//! A rule as the statement that asks whether a record satisfies it.

use std::sync::Arc;

use super::compile::{compile, compile_rule};
use super::evaluate::evaluate;
use super::expr::{Expr, Row};
use super::paths::Viewpoint;
use super::print::{Printer, Reach};
use super::quantify::quantify;
use super::related::list_conditions;
use super::scope::{Join, JoinKind, Scope};
use super::sqlite::SqlValue;
use super::{Catalog, ConditionError, ParsedRule, Plan, RequestInfo, quote_identifier};
use crate::filter::{self, MAX_FILTER_BYTES};

/// SQL and the values it binds, from `?1` on.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// The values.
    pub values: Vec<SqlValue>,
}

/// What a subscription asks of records.
#[derive(Debug, Clone, Copy)]
pub struct SubscriptionQuery<'q> {
    /// The rule they must satisfy; none if the subscriber may hear of all.
    pub rule: Option<&'q ParsedRule>,
    /// The subscriber's own filter.
    pub filter: Option<&'q ParsedRule>,
    /// Whether the filter may use everything.
    pub is_superuser: bool,
}

/// A rule compiled for one request.
#[derive(Debug)]
pub struct Condition<'a> {
    scope: Scope<'a>,
    expr: Expr,
}

impl<'a> Condition<'a> {
    /// Compiles a rule of a collection for its stored records.
    ///
    /// # Errors
    /// [`ConditionError`] if it names what is not there.
    pub fn of_stored(
        catalog: &'a Catalog,
        request: &'a RequestInfo,
        plan: &'a Arc<Plan>,
        rule: &ParsedRule,
    ) -> Result<Self, ConditionError> {
        Self::new(Scope::new(catalog, request, plan, false), rule)
    }

    /// Compiles a rule for a record that is not stored yet.
    ///
    /// # Errors
    /// [`ConditionError`] if it names what is not there.
    pub fn of_candidate(
        catalog: &'a Catalog,
        request: &'a RequestInfo,
        plan: &'a Arc<Plan>,
        rule: &ParsedRule,
    ) -> Result<Self, ConditionError> {
        Self::new(Scope::new(catalog, request, plan, true), rule)
    }

    /// Compiles what a subscription asks of a record: the rule, and the subscriber's own filter. `is_stored`: whether the
    /// record is in its table.
    ///
    /// # Errors
    /// [`ConditionError`] if either names what is not there, or not for this subscriber.
    pub fn of_subscription(
        catalog: &'a Catalog,
        request: &'a RequestInfo,
        plan: &'a Arc<Plan>,
        wanted: &SubscriptionQuery<'_>,
        is_stored: bool,
    ) -> Result<Self, ConditionError> {
        let mut scope = Scope::new(catalog, request, plan, !is_stored);
        let mut conjuncts = Vec::new();
        if let Some(rule) = wanted.rule {
            conjuncts.push(compile_rule(&mut scope, &Viewpoint::rule(), rule)?);
        }
        if let Some(filter) = wanted.filter {
            if filter.text.len() > MAX_FILTER_BYTES {
                return Err(ConditionError::TooLong(MAX_FILTER_BYTES));
            }
            conjuncts.push(compile_rule(&mut scope, &Viewpoint::subscription(wanted.is_superuser), filter)?);
            conjuncts.extend(list_conditions(&mut scope).map_err(|error| ConditionError::of(error, "", 1))?);
        }
        let expr = quantify(&scope, Expr::and(conjuncts), &[]);
        Ok(Self { scope, expr })
    }

    /// Whether [`matches`](Self::matches) has all it takes if it is given the caller's record: no other table is read and
    /// nothing is asked that only SQLite does.
    pub fn is_local(&self) -> bool {
        let is_known = |join: &Join| matches!(join.kind, JoinKind::Elements(_) | JoinKind::ById(_));
        self.scope.joins.iter().all(is_known) && self.expr.is_evaluable()
    }

    /// Ids of the collections of which it reads records that the base row does not name: whoever refers to it, or all.
    pub fn searched_collections(&self) -> impl Iterator<Item = &str> {
        let is_searched = |join: &&Join| {
            matches!(
                join.kind,
                JoinKind::Back { .. } | JoinKind::BackInList { .. } | JoinKind::All | JoinKind::ByIds(_)
            )
        };
        let searched = self.scope.joins.iter().filter(is_searched);
        searched.filter_map(|join| join.plan.as_ref().map(|plan| plan.collection().id.as_str()))
    }

    /// The collections of which it reads records beside the base row.
    pub fn read_collections(&self) -> impl Iterator<Item = &Arc<Plan>> {
        self.scope.joins.iter().filter_map(|join| join.plan.as_ref())
    }

    fn new(mut scope: Scope<'a>, rule: &ParsedRule) -> Result<Self, ConditionError> {
        let expr = compile_rule(&mut scope, &Viewpoint::rule(), rule)?;
        let expr = quantify(&scope, expr, &[]);
        Ok(Self { scope, expr })
    }

    /// Whether a record satisfies the rule, worked out in memory with the answer SQLite would give; `None` if it takes
    /// SQLite to tell.
    ///
    /// `values` are the record's in field order: of a candidate as they are going to be bound, of a stored record as
    /// its table has them ([`Plan::stored_values`]). `caller` is the row of the caller's own record as its table has
    /// it, if it is at hand.
    pub fn matches(&self, values: &[SqlValue], caller: Option<&[SqlValue]>) -> Option<bool> {
        evaluate(&self.scope, &self.expr, values, caller)
    }

    /// Yields a row if the stored record of this id satisfies the rule.
    pub fn select_match(&self, id: &str) -> Statement {
        let mut printer = Printer::new(&self.scope, Reach::One);
        printer.push("SELECT 1 FROM ");
        printer.push(&base_table(self.scope.base));
        self.joins_and_id(&mut printer, |printer| {
            printer.push(" = ");
            printer.bind(SqlValue::Text(id.to_owned()));
        });
        finish(printer)
    }

    /// Selects all fields, in field order, of the records of these ids that satisfy the rule.
    pub fn select_by_ids(&self, ids: &[&str]) -> Statement {
        let mut printer = Printer::new(&self.scope, Reach::One);
        printer.push("SELECT ");
        printer.push(self.scope.base.qualified_select_list());
        printer.push(" FROM ");
        printer.push(&base_table(self.scope.base));
        self.joins_and_id(&mut printer, |printer| bind_ids(printer, ids));
        finish(printer)
    }

    /// Yields a row if the candidate with these values, in field order, satisfies the rule. Its values have no column
    /// and so no affinity, as in the reference.
    pub fn select_candidate(&self, values: Vec<SqlValue>) -> Statement {
        let mut printer = Printer::new(&self.scope, Reach::One);
        printer.push("SELECT 1 FROM ");
        candidate_table(&mut printer, self.scope.base, values);
        printer.single_joins(&self.scope.free_joins(&self.expr), &self.expr);
        printer.push(" WHERE ");
        printer.expr(&self.expr);
        finish(printer)
    }

    fn joins_and_id(&self, printer: &mut Printer<'_>, id_is: impl FnOnce(&mut Printer<'_>)) {
        printer.single_joins(&self.scope.free_joins(&self.expr), &self.expr);
        printer.push(" WHERE ");
        printer.expr(&Expr::Column(Row::Base, self.scope.base.id_field()));
        id_is(printer);
        printer.push(" AND ");
        printer.expr(&self.expr);
    }
}

/// Selects the ids of a table's rows that satisfy a filter. Its names are those of the table's fields: nothing below
/// `@request` and `@collection` is there.
///
/// # Errors
/// [`ConditionError`]: what is wrong with the filter.
pub fn select_ids(
    catalog: &Catalog,
    table: &Arc<Plan>,
    filter: &str,
    now_ms: i64,
) -> Result<Statement, ConditionError> {
    if filter.len() > MAX_FILTER_BYTES {
        return Err(ConditionError::TooLong(MAX_FILTER_BYTES));
    }
    let request = RequestInfo { now_ms, ..RequestInfo::default() };
    let mut scope = Scope::new(catalog, &request, table, false);
    let view = Viewpoint { sees_request: false, ..Viewpoint::rule() };
    let expr = compile(&mut scope, &view, &filter::parse(filter)?, filter)?;
    let mut printer = Printer::new(&scope, Reach::Many);
    printer.push("SELECT ");
    printer.expr(&Expr::Column(Row::Base, table.id_field()));
    printer.push(" FROM ");
    printer.push(&base_table(table));
    printer.push(" WHERE ");
    printer.expr(&expr);
    Ok(finish(printer))
}

/// Checks that a rule of a collection can be compiled, as for a guest's empty request.
///
/// # Errors
/// [`ConditionError`]: what is wrong with it.
pub fn check_rule(catalog: &Catalog, plan: &Arc<Plan>, rule: &str) -> Result<(), ConditionError> {
    let request = RequestInfo::default();
    Condition::of_stored(catalog, &request, plan, &ParsedRule::new(rule)).map(|_| ())
}

/// Selects all fields, in field order, of the records of these ids.
pub fn select_by_ids(plan: &Plan, ids: &[&str]) -> Statement {
    let ids = serde_json::Value::from(ids).to_string();
    let sql = format!(
        "SELECT {} FROM {} WHERE b.{} IN (SELECT value FROM json_each(?1))",
        plan.qualified_select_list(),
        base_table(plan),
        quote_identifier(&plan.collection().fields[plan.id_field()].name),
    );
    Statement { sql, values: vec![SqlValue::Text(ids)] }
}

fn bind_ids(printer: &mut Printer<'_>, ids: &[&str]) {
    printer.push(" IN (SELECT value FROM json_each(");
    printer.bind(SqlValue::Text(serde_json::Value::from(ids).to_string()));
    printer.push("))");
}

/// The table with the alias of base rows.
pub(super) fn base_table(plan: &Plan) -> String {
    format!("{} AS b", quote_identifier(&plan.collection().name))
}

/// A table of one row, the candidate, with the alias of base rows.
pub(super) fn candidate_table(printer: &mut Printer<'_>, plan: &Plan, values: Vec<SqlValue>) {
    printer.push("(SELECT ");
    for (n, (value, field)) in values.into_iter().zip(&plan.collection().fields).enumerate() {
        if n > 0 {
            printer.push(",");
        }
        printer.bind(value);
        printer.push(" AS ");
        printer.push(&quote_identifier(&field.name));
    }
    printer.push(") AS b");
}

pub(super) fn finish(printer: Printer<'_>) -> Statement {
    Statement { sql: printer.sql, values: printer.values }
}

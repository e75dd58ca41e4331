//! The statements of a list: which records, in which order, and how many.

use std::sync::Arc;

use super::compile::{compile, compile_rule};
use super::condition::{Statement, base_table, finish};
use super::expr::{Expr, Literal, Row};
use super::paths::Viewpoint;
use super::print::{Printer, Reach};
use super::quantify::quantify;
use super::related::list_conditions;
use super::scope::Scope;
use super::sets::with_sets;
use super::sort::{SortKey, SortValue, compile_sort};
use super::sqlite::SqlValue;
use super::{Catalog, ConditionError, ParsedRule, Plan, RequestInfo};
use crate::filter::{self, MAX_FILTER_BYTES};
use crate::schema::FieldOptions;

/// What is to be listed.
#[derive(Debug, Clone, Copy)]
pub struct SelectionQuery<'q> {
    /// The rule the records must satisfy; none if the caller may list all.
    pub rule: Option<&'q ParsedRule>,
    /// The client's filter; empty for none.
    pub filter: &'q str,
    /// The client's sort; empty for none.
    pub sort: &'q str,
    /// Whether filter and sort may use everything.
    pub is_superuser: bool,
}

/// A compiled list.
#[derive(Debug)]
pub struct Selection<'a> {
    scope: Scope<'a>,
    condition: Option<Expr>,
    keys: Vec<SortKey>,
    among: Option<Kept>,
}

/// The only records that are looked at.
#[derive(Debug)]
struct Kept {
    /// Their ids, as a JSON array.
    ids: String,
    count: usize,
}

/// Rows from which on it is worth making sets of what related records say, instead of looking those up.
const WORTH_SETS: usize = 500;

/// Which records of a selection.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// Most records.
    pub limit: i64,
    /// Records left out at the start.
    pub offset: i64,
    /// Only records behind the one with these sort values, in the order of the keys.
    pub after: Option<Vec<SqlValue>>,
}

impl<'a> Selection<'a> {
    /// Compiles a list.
    ///
    /// # Errors
    /// [`ConditionError`]: what is wrong with the filter, the sort or the rule.
    pub fn compile(
        catalog: &'a Catalog,
        request: &'a RequestInfo,
        plan: &'a Arc<Plan>,
        query: &SelectionQuery<'_>,
    ) -> Result<Self, ConditionError> {
        let mut scope = Scope::new(catalog, request, plan, false);
        let mut conjuncts = Vec::new();
        if let Some(rule) = query.rule {
            let compiled = compile_rule(&mut scope, &Viewpoint::rule(), rule);
            // What a rule says is not for everybody it applies to.
            conjuncts.push(compiled.map_err(|error| {
                tracing::debug!(rule = rule.text, %error, "a list rule cannot be evaluated");
                ConditionError::ListRule
            })?);
        }
        let client = Viewpoint::client(query.is_superuser);
        if !query.filter.is_empty() {
            if query.filter.len() > MAX_FILTER_BYTES {
                return Err(ConditionError::TooLong(MAX_FILTER_BYTES));
            }
            let expression = filter::parse(query.filter)?;
            conjuncts.push(compile(&mut scope, &client, &expression, query.filter)?);
        }
        let mut keys = compile_sort(&mut scope, &client, query.sort)?;
        if client.is_restricted {
            conjuncts.extend(list_conditions(&mut scope).map_err(|error| ConditionError::of(error, "", 1))?);
        }
        let conjuncts = match Expr::and(conjuncts) {
            Expr::And(parts) => parts,
            Expr::Literal(Literal::One) => Vec::new(),
            other => vec![other],
        };
        for key in &mut keys {
            if let SortValue::Expr(value) = &mut key.value {
                let each = std::mem::replace(value, Expr::NULL);
                *value = first_of(&scope, each, &conjuncts);
            }
        }
        let condition = (!conjuncts.is_empty()).then(|| quantify(&scope, Expr::and(conjuncts), &[]));
        Ok(Self { scope, condition, keys, among: None })
    }

    /// Whether every record of the collection is listed.
    pub fn is_unconditional(&self) -> bool {
        self.condition.is_none()
    }

    /// The number of joins: how much there is to plan.
    pub fn joins(&self) -> usize {
        self.scope.joins.len()
    }

    /// Whether rows have to be looked at before the first one can be given.
    pub fn is_sorted(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether the order is different each time.
    pub fn is_random(&self) -> bool {
        self.keys.iter().any(|key| key.value == SortValue::Random)
    }

    /// For each sort key, whether it descends.
    pub fn descending(&self) -> Vec<bool> {
        self.keys.iter().map(|key| key.is_descending).collect()
    }

    /// Keeps only records of these ids.
    pub fn keep_only(&mut self, ids: &[String]) {
        self.among = Some(Kept { ids: serde_json::Value::from(ids).to_string(), count: ids.len() });
    }

    /// After [`keep_only`](Self::keep_only): for each of the ids that is listed its place among them, from 0 on, and the
    /// record's position in the table; in no order.
    pub fn select_kept(&self) -> Statement {
        let mut printer = self.printer();
        printer.push("SELECT kept.key,b.`_rowid_`");
        let is_many = self.among.as_ref().is_none_or(|kept| kept.count >= WORTH_SETS);
        self.push_from_where(&mut printer, None, is_many, false);
        finish(printer)
    }

    /// Adds the key that makes every order complete: the id. It goes the way of the key before it.
    pub fn order_completely(&mut self) {
        let value = SortValue::Expr(Expr::Column(Row::Base, self.scope.base.id_field()));
        let is_descending = self.keys.last().is_some_and(|key| key.is_descending);
        self.keys.push(SortKey { value, is_descending });
    }

    /// All fields of a page's records in field order, followed by the values of the sort keys if `with_keys`.
    pub fn select_page(&self, window: &Window, with_keys: bool) -> Statement {
        let mut printer = self.printer();
        printer.push("SELECT ");
        printer.push(self.scope.base.qualified_select_list());
        if with_keys {
            self.push_keys(&mut printer);
        }
        self.push_rows(&mut printer, window.after.as_deref(), false);
        if !self.keys.is_empty() {
            printer.push(" ORDER BY ");
            for (n, key) in self.keys.iter().enumerate() {
                if n > 0 {
                    printer.push(",");
                }
                match &key.value {
                    SortValue::Random => printer.push("RANDOM()"),
                    SortValue::Expr(value) => printer.expr(value),
                }
                printer.push(if key.is_descending { " DESC" } else { " ASC" });
            }
        }
        printer.push(" LIMIT ");
        printer.bind(SqlValue::Integer(window.limit));
        printer.push(" OFFSET ");
        printer.bind(SqlValue::Integer(window.offset));
        finish(printer)
    }

    /// The number of records; up to `cap` if given.
    pub fn select_count(&self, cap: Option<i64>) -> Statement {
        let mut printer = self.printer();
        if let Some(cap) = cap {
            printer.push("SELECT COUNT(*) FROM (SELECT 1");
            self.push_rows(&mut printer, None, true);
            printer.push(" LIMIT ");
            printer.bind(SqlValue::Integer(cap));
            printer.push(")");
        } else {
            printer.push("SELECT COUNT(*)");
            self.push_rows(&mut printer, None, true);
        }
        finish(printer)
    }

    /// The position in the table of every record, in no order, followed by the values of its sort keys.
    pub fn select_positions(&self) -> Statement {
        let mut printer = self.printer();
        printer.push("SELECT b.`_rowid_`");
        self.push_keys(&mut printer);
        self.push_rows(&mut printer, None, true);
        finish(printer)
    }

    fn printer(&self) -> Printer<'_> {
        Printer::new(&self.scope, Reach::Many)
    }

    fn push_keys(&self, printer: &mut Printer<'_>) {
        for key in &self.keys {
            printer.push(",");
            match &key.value {
                SortValue::Random => printer.push("RANDOM()"),
                SortValue::Expr(value) => printer.expr(value),
            }
        }
    }

    /// `FROM … WHERE …`. `all`: every record is going to be looked at, so that sets are worth making.
    fn push_rows(&self, printer: &mut Printer<'_>, after: Option<&[SqlValue]>, all: bool) {
        self.push_from_where(printer, after, all, true);
    }

    /// As [`push_rows`](Self::push_rows). `with_keys`: what is sorted by is joined, too.
    fn push_from_where(&self, printer: &mut Printer<'_>, after: Option<&[SqlValue]>, all: bool, with_keys: bool) {
        let mut conditions: Vec<Expr> = self.condition.clone().into_iter().collect();
        if all {
            conditions = conditions.into_iter().map(|condition| with_sets(&self.scope, condition)).collect();
        }
        let condition = Expr::and(conditions);
        let mut joins = self.scope.free_joins(&condition);
        for key in self.keys.iter().filter(|_| with_keys) {
            if let SortValue::Expr(value) = &key.value {
                joins.extend(self.scope.free_joins(value));
            }
        }
        joins.sort_unstable();
        joins.dedup();
        printer.push(" FROM ");
        if let Some(kept) = &self.among {
            // In this order: the ids are few, and the table need not be.
            printer.push("json_each(");
            printer.bind(SqlValue::Text(kept.ids.clone()));
            printer.push(") AS kept CROSS JOIN ");
        }
        printer.push(&base_table(self.scope.base));
        if self.among.is_some() {
            printer.push(" ON ");
            printer.expr(&Expr::Column(Row::Base, self.scope.base.id_field()));
            printer.push(" = kept.value");
        }
        printer.single_joins(&joins, &condition);
        let has_condition = condition != Expr::TRUE;
        if has_condition {
            printer.push(" WHERE ");
            printer.expr(&condition);
        }
        if let Some(after) = after {
            printer.push(if has_condition { " AND " } else { " WHERE " });
            self.push_after(printer, after);
        }
    }

    /// Rows behind the one with these sort values: behind it in the first key, or equal there and behind it in the rest.
    fn push_after(&self, printer: &mut Printer<'_>, after: &[SqlValue]) {
        self.push_bound(printer, after);
        let mut open = 0;
        for (n, (key, value)) in self.keys.iter().zip(after).enumerate() {
            let SortValue::Expr(expr) = &key.value else { continue };
            let is_last = n + 1 == after.len();
            printer.push("(");
            open += 1;
            Self::push_beyond(printer, expr, key.is_descending, value);
            if !is_last {
                printer.push(" OR (");
                open += 1;
                printer.expr(expr);
                printer.push(" IS ");
                printer.bind(value.clone());
                printer.push(" AND ");
            }
        }
        for _ in 0..open {
            printer.push(")");
        }
    }

    /// The first key alone, not before the row's: it adds nothing, but an index can begin there.
    fn push_bound(&self, printer: &mut Printer<'_>, after: &[SqlValue]) {
        let (Some(SortKey { value: SortValue::Expr(expr), is_descending }), [value, _, ..]) =
            (self.keys.first(), after)
        else {
            return;
        };
        if *value == SqlValue::Null || (*is_descending && !self.is_never_null(expr)) {
            return;
        }
        printer.expr(expr);
        printer.push(if *is_descending { " <= " } else { " >= " });
        printer.bind(value.clone());
        printer.push(" AND ");
    }

    /// Whether it is a column of the base table that cannot hold NULL.
    fn is_never_null(&self, expr: &Expr) -> bool {
        match expr {
            Expr::RowId => true,
            Expr::Column(Row::Base, field) => {
                let field = &self.scope.base.collection().fields[*field];
                !self.scope.base.is_view() && !matches!(field.options, FieldOptions::Json(_))
            }
            _ => false,
        }
    }

    /// NULL comes first in ascending order, last in descending.
    fn push_beyond(printer: &mut Printer<'_>, expr: &Expr, is_descending: bool, value: &SqlValue) {
        match (value, is_descending) {
            (SqlValue::Null, true) => printer.push("0"),
            (SqlValue::Null, false) => {
                printer.expr(expr);
                printer.push(" IS NOT NULL");
            }
            (value, false) => {
                printer.expr(expr);
                printer.push(" > ");
                printer.bind(value.clone());
            }
            (value, true) => {
                printer.push("(");
                printer.expr(expr);
                printer.push(" < ");
                printer.bind(value.clone());
                printer.push(" OR ");
                printer.expr(expr);
                printer.push(" IS NULL)");
            }
        }
    }
}

/// A sort value on rows of which there may be several is that of the first joined row that satisfies the conditions
/// which read the same rows: what is left of the reference's `DISTINCT` (part 2, section 8).
fn first_of(scope: &Scope<'_>, value: Expr, conjuncts: &[Expr]) -> Expr {
    let mut joins = scope.varying_joins(&value);
    if joins.is_empty() {
        return value;
    }
    let mut related: Vec<&Expr> = Vec::new();
    let mut rest: Vec<&Expr> = conjuncts.iter().collect();
    loop {
        let shares = |part: &&Expr| scope.varying_joins(part).iter().any(|at| joins.contains(at));
        let (more, others): (Vec<&Expr>, Vec<&Expr>) = rest.into_iter().partition(shares);
        if more.is_empty() {
            break;
        }
        joins.extend(more.iter().flat_map(|part| scope.varying_joins(part)));
        related.extend(more);
        rest = others;
    }
    joins.sort_unstable();
    joins.dedup();
    let condition = Expr::and(related.into_iter().cloned());
    Expr::First { value: Box::new(value), joins, condition: Box::new(condition) }
}

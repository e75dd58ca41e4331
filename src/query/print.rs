//! Writes expressions as SQL: names quoted, values bound.

use std::fmt::Write as _;

use super::expr::{Comparator, Expr, Literal, MAX_PATTERN_CHARACTERS, Parameter, Row};
use super::nulls::rejects_nulls;
use super::scope::{JoinKind, Scope};
use super::sqlite::SqlValue;
use super::{quote_identifier, quote_text};

/// The alias of the base row.
pub(super) const BASE: &str = "b";

/// How many base rows a statement is going to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The one of an id.
    One,
    /// All of them.
    Many,
}

/// SQL text and the values it binds, in the making.
#[derive(Debug)]
pub(super) struct Printer<'s> {
    scope: &'s Scope<'s>,
    reach: Reach,
    pub(super) sql: String,
    pub(super) values: Vec<SqlValue>,
}

impl<'s> Printer<'s> {
    pub(super) fn new(scope: &'s Scope<'s>, reach: Reach) -> Self {
        Self { scope, reach, sql: String::with_capacity(512), values: Vec::new() }
    }

    /// Appends text.
    pub(super) fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    /// Appends a bound value.
    pub(super) fn bind(&mut self, value: SqlValue) {
        self.values.push(value);
        let _ = write!(self.sql, "?{}", self.values.len());
    }

    fn bind_parameter(&mut self, parameter: &Parameter) {
        self.bind(parameter.to_sql_value());
    }

    /// Appends the `LEFT JOIN`s of rows of which there is one for each base row.
    pub(super) fn single_joins(&mut self, joins: &[usize], condition: &Expr) {
        let is_inner = self.inner_joins(joins, condition);
        for (at, is_inner) in joins.iter().zip(is_inner) {
            // Not a plain JOIN: SQLite must not make the joined table the outer loop, for the order of the rows is that
            // of the base table.
            self.push(if is_inner { " CROSS JOIN " } else { " LEFT JOIN " });
            self.join(*at, true);
        }
    }

    /// Appends an expression.
    pub(super) fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(row, field) => self.column(*row, *field),
            Expr::RowId => self.push("b.`_rowid_`"),
            // Only as the member of a set, which joins the elements.
            Expr::Elements(..) => self.push("e.value"),
            Expr::Element(row) => {
                self.alias(*row);
                self.push(".value");
            }
            Expr::Parameter(parameter) => self.bind_parameter(parameter),
            Expr::Literal(literal) => self.push(match literal {
                Literal::Null => "NULL",
                Literal::EmptyText => "''",
                Literal::One => "1",
                Literal::Zero => "0",
                Literal::True => "TRUE",
                Literal::False => "FALSE",
            }),
            Expr::JsonExtract(inner, path) => self.json_extract(inner, path),
            Expr::JsonLength(inner) => self.json_length(inner),
            Expr::Lower(inner) => self.call("LOWER", std::slice::from_ref(inner)),
            Expr::OrEmpty(inner) => {
                self.push("COALESCE(");
                self.expr(inner);
                self.push(",'')");
            }
            Expr::Surround(inner) => {
                // SQLite refuses longer patterns with an error, by which the presence of a row could be told.
                self.push("('%' || substr(");
                self.expr(inner);
                let _ = write!(self.sql, ",1,{MAX_PATTERN_CHARACTERS}) || '%')");
            }
            Expr::Strftime(arguments) => self.call("strftime", arguments),
            Expr::GeoDistance(arguments) => self.geo_distance(arguments),
            Expr::Compare(comparator, left, right) => self.compare(*comparator, left, right),
            Expr::Like { negated, text, pattern } => {
                self.push("(");
                self.expr(text);
                self.push(if *negated { " NOT LIKE " } else { " LIKE " });
                self.expr(pattern);
                self.push(" ESCAPE '\\')");
            }
            Expr::And(parts) => self.list(parts, " AND "),
            Expr::Or(parts) => self.list(parts, " OR "),
            Expr::Not(inner) => {
                // A NULL among the members must not make the answer unknown.
                let is_set = matches!(**inner, Expr::InSet { .. });
                self.push(if is_set { "(" } else { "(NOT " });
                self.expr(inner);
                self.push(if is_set { " IS NOT TRUE)" } else { ")" });
            }
            Expr::Exists { joins, condition } => self.exists(joins, condition),
            Expr::InSet { key, member, joins, condition } => self.in_set(key, member, joins, condition),
            Expr::First { value, joins, condition } => {
                self.push("(SELECT ");
                self.expr(value);
                self.push(" FROM (SELECT 1)");
                for at in joins {
                    self.push(" LEFT JOIN ");
                    self.join(*at, true);
                }
                self.push(" WHERE ");
                self.expr(condition);
                self.push(" LIMIT 1)");
            }
            Expr::If { condition, value } => {
                self.push("(CASE WHEN ");
                self.expr(condition);
                self.push(" THEN ");
                self.expr(value);
                self.push(" ELSE '' END)");
            }
        }
    }

    fn list(&mut self, parts: &[Expr], between: &str) {
        self.push("(");
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                self.push(between);
            }
            self.expr(part);
        }
        self.push(")");
    }

    fn call<'e>(&mut self, name: &str, arguments: impl IntoIterator<Item = &'e (impl AsRef<Expr> + 'e)>) {
        self.push(name);
        self.push("(");
        for (n, argument) in arguments.into_iter().enumerate() {
            if n > 0 {
                self.push(",");
            }
            self.expr(argument.as_ref());
        }
        self.push(")");
    }

    fn compare(&mut self, comparator: Comparator, left: &Expr, right: &Expr) {
        self.push("(");
        self.expr(left);
        self.push(match comparator {
            Comparator::Equal => " = ",
            Comparator::Is => " IS ",
            Comparator::IsNot => " IS NOT ",
            Comparator::Greater => " > ",
            Comparator::GreaterOrEqual => " >= ",
            Comparator::Less => " < ",
            Comparator::LessOrEqual => " <= ",
        });
        self.expr(right);
        self.push(")");
    }

    fn alias(&mut self, row: Row) {
        match row {
            Row::Base => self.push(BASE),
            Row::Join(at) => {
                let _ = write!(self.sql, "j{at}");
            }
        }
    }

    fn column(&mut self, row: Row, field: usize) {
        self.alias(row);
        let name = quote_identifier(&self.scope.plan_of(row).collection().fields[field].name);
        let _ = write!(self.sql, ".{name}");
    }

    fn id_of(&mut self, row: Row) {
        self.column(row, self.scope.plan_of(row).id_field());
    }

    /// Text that is not JSON counts as a JSON string, as in the reference.
    fn json_extract(&mut self, column: &Expr, path: &str) {
        self.push("(CASE WHEN json_valid(");
        self.expr(column);
        self.push(") THEN json_extract(");
        self.expr(column);
        let _ = write!(self.sql, ",{}", quote_text(&format!("${path}")));
        self.push(") ELSE json_extract(json_object('pb',");
        self.expr(column);
        let _ = write!(self.sql, "),{}", quote_text(&format!("$.pb{path}")));
        self.push(") END)");
    }

    fn json_length(&mut self, column: &Expr) {
        self.push("json_array_length(CASE WHEN ");
        self.is_array(column);
        self.push(" THEN ");
        self.expr(column);
        self.push(" WHEN ");
        self.expr(column);
        self.push(" = '' OR ");
        self.expr(column);
        self.push(" IS NULL THEN '[]' ELSE json_array(");
        self.expr(column);
        self.push(") END)");
    }

    fn is_array(&mut self, column: &Expr) {
        self.push("iif(json_valid(");
        self.expr(column);
        self.push("),json_type(");
        self.expr(column);
        self.push(")='array',0)");
    }

    /// `json_each` of a list; what is no list is the one element of one.
    fn elements(&mut self, list: &Expr) {
        self.push("json_each(");
        if matches!(list, Expr::Parameter(_)) {
            self.expr(list);
        } else {
            self.push("CASE WHEN ");
            self.is_array(list);
            self.push(" THEN ");
            self.expr(list);
            self.push(" ELSE json_array(");
            self.expr(list);
            self.push(") END");
        }
        self.push(")");
    }

    fn geo_distance(&mut self, [lon_a, lat_a, lon_b, lat_b]: &[Expr; 4]) {
        for (before, expr) in [
            ("(6371 * acos(cos(radians(", lat_a),
            (")) * cos(radians(", lat_b),
            (")) * cos(radians(", lon_b),
            (") - radians(", lon_a),
            (")) + sin(radians(", lat_a),
            (")) * sin(radians(", lat_b),
        ] {
            self.push(before);
            self.expr(expr);
        }
        self.push("))))");
    }

    /// Which of these joins must yield a real row for the condition to be true.
    fn inner_joins(&self, joins: &[usize], condition: &Expr) -> Vec<bool> {
        let mut inner = vec![false; joins.len()];
        for n in (0..joins.len()).rev() {
            let row = Row::Join(joins[n]);
            let needed_by_child = (n + 1..joins.len())
                .any(|child| inner[child] && self.scope.joins[joins[child]].kind.parent() == Some(row));
            inner[n] = needed_by_child || rejects_nulls(condition, row);
        }
        inner
    }

    fn exists(&mut self, joins: &[usize], condition: &Expr) {
        let inner = self.inner_joins(joins, condition);
        self.push("EXISTS (SELECT 1");
        let mut conditions = Vec::new();
        for (n, (at, is_inner)) in joins.iter().zip(&inner).enumerate() {
            let is_table = !matches!(self.scope.joins[*at].kind, JoinKind::Elements(_));
            if n == 0 && *is_inner && (self.reach == Reach::One || !is_table) {
                self.push(" FROM ");
                self.join(*at, false);
                conditions.push(*at);
                continue;
            }
            if n == 0 {
                // Behind a constant row SQLite makes an index for the whole statement where the table has none.
                self.push(" FROM (SELECT 1)");
            }
            self.push(if *is_inner { " JOIN " } else { " LEFT JOIN " });
            self.join(*at, true);
        }
        self.push(" WHERE ");
        for at in conditions {
            if self.join_condition(at, "") {
                self.push(" AND ");
            }
        }
        self.expr(condition);
        self.push(")");
    }

    fn in_set(&mut self, key: &Expr, member: &Expr, joins: &[usize], condition: &Expr) {
        let inner = self.inner_joins(joins, condition);
        self.push("(");
        self.expr(key);
        self.push(" IN (SELECT ");
        self.expr(member);
        for (n, at) in joins.iter().enumerate() {
            // The first is the table the members are of; what hangs on it follows.
            self.push(match (n, inner[n] || matches!(self.scope.joins[*at].kind, JoinKind::Elements(_))) {
                (0, _) => " FROM ",
                (_, true) => " JOIN ",
                (_, false) => " LEFT JOIN ",
            });
            self.join(*at, n > 0);
        }
        if let Expr::Elements(row, field) = member {
            self.push(" JOIN ");
            self.elements(&Expr::Column(*row, *field));
            self.push(" AS e");
        }
        self.push(" WHERE ");
        self.expr(condition);
        self.push(" AND ");
        self.expr(member);
        self.push(" IS NOT NULL))");
    }

    /// The table of a join with its alias, and its condition if wanted.
    fn join(&mut self, at: usize, with_condition: bool) {
        let join = &self.scope.joins[at];
        match (&join.kind, &join.plan) {
            (JoinKind::Elements(list), _) => self.elements(list),
            (_, Some(plan)) => {
                let table = quote_identifier(&plan.collection().name);
                self.push(&table);
            }
            (_, None) => {}
        }
        self.push(" AS ");
        self.alias(Row::Join(at));
        if with_condition {
            self.join_condition(at, " ON ");
        }
    }

    /// What ties a join to its parent; false if nothing does.
    fn join_condition(&mut self, at: usize, before: &str) -> bool {
        let row = Row::Join(at);
        let kind = &self.scope.joins[at].kind;
        if matches!(kind, JoinKind::Elements(_) | JoinKind::All) {
            return false;
        }
        self.push(before);
        match kind {
            JoinKind::Elements(_) | JoinKind::All => {}
            JoinKind::Relation { parent, field } => {
                self.id_of(row);
                self.push(" = ");
                self.column(*parent, *field);
            }
            JoinKind::Target { element } => {
                self.id_of(row);
                self.push(" = ");
                self.expr(&Expr::Element(*element));
            }
            JoinKind::Back { parent, field } => {
                self.column(row, *field);
                self.push(" = ");
                self.id_of(*parent);
            }
            JoinKind::BackInList { parent, field } => {
                self.id_of(*parent);
                self.push(" IN (SELECT value FROM ");
                self.elements(&Expr::Column(row, *field));
                self.push(")");
            }
            JoinKind::ById(id) => {
                self.id_of(row);
                self.push(" = ");
                self.bind_parameter(id);
            }
            JoinKind::ByIds(ids) => {
                self.id_of(row);
                self.push(" IN (SELECT value FROM json_each(");
                self.bind(SqlValue::Text(serde_json::Value::from(ids.as_slice()).to_string()));
                self.push("))");
            }
        }
        true
    }
}

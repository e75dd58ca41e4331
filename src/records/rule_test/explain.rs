//! Takes a rule apart: the result of every part on its own, the values it compares, and which parts were decisive.

use std::ops::Range;
use std::sync::Arc;

use rusqlite::{Connection, params_from_iter};
use serde_json::Value as Json;

use super::verdict::{Node, NodeKind, OperandValue, Outcome, Values};
use crate::filter::{Comparison, Expression, ExpressionKind, Operand, OperandKind};
use crate::query::{ParsedRule, Plan, Probe, SqlValue, Statement, Subject, Written};
use crate::records::{RecordError, Request};
use crate::schema::{FieldOptions, cast};

/// Longest rule that is taken apart, in bytes: every part is compiled and repeated in the answer.
const MAX_RULE_BYTES: usize = 64 * 1024;

/// Most levels of the tree: the parts of those further down are left out. Readers of JSON commonly stop at 128 levels.
const MAX_DEPTH: usize = 50;

/// Most values shown of an operand on several rows.
const MAX_VALUES: usize = 10;

/// Most characters shown of a text.
const MAX_TEXT_CHARS: usize = 300;

/// Said of an `&&` whose parts hold only on different related rows.
const NO_COMMON_ROW: &str = "no single related row satisfies all of these";

/// A rule and what it is evaluated for.
pub(super) struct Explainer<'a> {
    pub(super) conn: &'a Connection,
    pub(super) request: Request<'a>,
    pub(super) plan: &'a Arc<Plan>,
    pub(super) rule: &'a ParsedRule,
    pub(super) subject: Subject<'a>,
}

impl Explainer<'_> {
    /// The rule as a tree; `None` if it breaks the grammar or is too long.
    ///
    /// # Errors
    /// Only if the store fails.
    pub(super) fn explain(&self) -> Result<Option<Node>, RecordError> {
        let Ok(expression) = &self.rule.expression else { return Ok(None) };
        if self.rule.text.len() > MAX_RULE_BYTES {
            return Ok(None);
        }
        let mut root = self.node(expression, 1)?;
        mark_decisive(&mut root);
        Ok(Some(root))
    }

    fn node(&self, part: &Expression, depth: usize) -> Result<Node, RecordError> {
        let (kind, parts): (_, &[Expression]) = match &part.kind {
            ExpressionKind::And(parts) => (NodeKind::And, parts),
            ExpressionKind::Or(parts) => (NodeKind::Or, parts),
            ExpressionKind::Comparison(_) => (NodeKind::Comparison, &[]),
        };
        let parts = if depth < MAX_DEPTH { parts } else { &[] };
        let children = parts.iter().map(|part| self.node(part, depth + 1)).collect::<Result<Vec<_>, _>>()?;
        let (result, error) = self.result(part)?;
        let operands = match &part.kind {
            ExpressionKind::Comparison(comparison) if error.is_none() => self.operands(comparison)?,
            _ => Vec::new(),
        };
        Ok(Node {
            text: self.slice(&part.span).to_owned(),
            start: self.characters_before(part.span.start),
            end: self.characters_before(part.span.end),
            result,
            kind,
            // What a part cannot be evaluated for is said there.
            error: error.filter(|_| children.iter().all(|child| child.first_error().is_none())),
            children,
            is_decisive: false,
            operands,
            note: None,
        })
    }

    /// Evaluates a part as if it were the whole rule.
    fn result(&self, part: &Expression) -> Result<(Outcome, Option<String>), RecordError> {
        let Request { catalog, info, .. } = self.request;
        let written = Written { text: &self.rule.text, part };
        let probe = match Probe::of_part(catalog, info, self.plan, self.subject, &written) {
            Ok(probe) => probe,
            Err(error) => return Ok((Outcome::Error, Some(error.to_string()))),
        };
        match self.values(&probe.select(self.subject, 1)) {
            Ok(values) => Ok((outcome_of(values.first()), None)),
            Err(RecordError::BadQuery(reason)) => Ok((Outcome::Error, Some(reason))),
            Err(error) => Err(error),
        }
    }

    fn operands(&self, comparison: &Comparison) -> Result<Vec<OperandValue>, RecordError> {
        let mut shown = Vec::new();
        for operand in [&comparison.left, &comparison.right] {
            if let Some(values) = self.operand(operand)? {
                shown.push(OperandValue { text: self.slice(&operand.span).to_owned(), values });
            }
        }
        Ok(shown)
    }

    /// The value of an operand; `None` if it is written out, secret, or cannot be evaluated.
    fn operand(&self, operand: &Operand) -> Result<Option<Values>, RecordError> {
        match &operand.kind {
            OperandKind::Number(_) | OperandKind::Text(_) => return Ok(None),
            OperandKind::Identifier(name) if self.names_password(name) => return Ok(None),
            OperandKind::Identifier(_) | OperandKind::Function { .. } => {}
        }
        let Request { catalog, info, .. } = self.request;
        let written = Written { text: &self.rule.text, part: operand };
        let Ok(probe) = Probe::of_operand(catalog, info, self.plan, self.subject, &written) else { return Ok(None) };
        if probe.reads_secrets() {
            return Ok(None);
        }
        let limit = if probe.is_many() { MAX_VALUES + 1 } else { 1 };
        let statement = probe.select(self.subject, i64::try_from(limit).unwrap_or(1));
        let mut values = match self.values(&statement) {
            Ok(values) => values,
            Err(RecordError::BadQuery(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let has_more = values.len() > MAX_VALUES;
        values.truncate(MAX_VALUES);
        let mut shown = values.into_iter().map(|value| json_of(value, probe.is_flag()));
        Ok(Some(if probe.is_many() {
            Values::Many { values: shown.collect(), has_more }
        } else {
            Values::One { value: shown.next().unwrap_or(Json::Null) }
        }))
    }

    /// Whether it is a password of the body, in the plain.
    fn names_password(&self, name: &str) -> bool {
        let Some(path) = name.strip_prefix("@request.body.") else { return false };
        let key = path.split([':', '.']).next().unwrap_or(path);
        let is_password = |field: &crate::schema::Field| matches!(field.options, FieldOptions::Password(_));
        let fields = &self.plan.collection().fields;
        matches!(key, "password" | "passwordConfirm" | "oldPassword")
            || fields.iter().any(|field| field.name == key && is_password(field))
    }

    /// The only column of a statement's rows. Not from the cache of statements: none of them is used twice.
    fn values(&self, statement: &Statement) -> Result<Vec<SqlValue>, RecordError> {
        let mut query = self.conn.prepare(&statement.sql).map_err(RecordError::of_statement)?;
        let mut rows = query.query(params_from_iter(&statement.values)).map_err(RecordError::of_statement)?;
        let mut values = Vec::new();
        while let Some(row) = rows.next().map_err(RecordError::of_statement)? {
            values.push(row.get_ref(0)?.into());
        }
        Ok(values)
    }

    fn slice(&self, span: &Range<usize>) -> &str {
        self.rule.text.get(span.clone()).unwrap_or_default()
    }

    fn characters_before(&self, byte: usize) -> usize {
        self.rule.text.get(..byte).map_or(0, |before| before.chars().count())
    }
}

fn outcome_of(value: Option<&SqlValue>) -> Outcome {
    match value {
        None | Some(SqlValue::Null) => Outcome::Null,
        Some(SqlValue::Integer(0)) => Outcome::False,
        Some(_) => Outcome::True,
    }
}

fn json_of(value: SqlValue, is_flag: bool) -> Json {
    match value {
        SqlValue::Null => Json::Null,
        SqlValue::Integer(number @ (0 | 1)) if is_flag => Json::Bool(number == 1),
        SqlValue::Integer(number) => number.into(),
        // Of whole numbers, no `.0`: as the API shows them.
        SqlValue::Real(number) => cast::json_of_number(number),
        SqlValue::Text(text) => match text.char_indices().nth(MAX_TEXT_CHARS) {
            Some((end, _)) => format!("{}…", &text[..end]).into(),
            None => text.into(),
        },
    }
}

/// Marks what made the whole come out as it did, from the root down.
fn mark_decisive(node: &mut Node) {
    node.is_decisive = true;
    let result = node.result;
    let has_only_true = !node.children.is_empty() && node.children.iter().all(|child| child.result == Outcome::True);
    let is_decisive = |child: &&mut Node| match result {
        Outcome::True => child.result == Outcome::True,
        Outcome::Error => child.result == Outcome::Error,
        // True parts of a failed `&&` are decisive only together.
        Outcome::False | Outcome::Null => has_only_true || child.result != Outcome::True,
    };
    if node.kind == NodeKind::And && has_only_true && result == Outcome::False {
        node.note = Some(NO_COMMON_ROW);
    }
    node.children.iter_mut().filter(is_decisive).for_each(mark_decisive);
}

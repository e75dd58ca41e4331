//! Evaluates conditions in memory, with exactly SQLite's answer or none.
//!
//! What it has is the base row and, where the caller's own record is at hand, that one. Everything in other tables is
//! unknown, which need not matter: `status = 'x' && owner.name = 'y'` is false where the status is another. Logic has
//! three values and *unknown* beside them. What SQLite may fail on, or does in ways not repeated here, is refused where
//! the answer would depend on it.

#[cfg(test)]
mod cases;
mod geo;
mod rows;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;

use super::affinity::column_affinity;
use super::expr::{Comparator, Expr, Literal, MAX_PATTERN_CHARACTERS, Parameter, Row};
use super::scope::Scope;
use super::sqlite::{
    Affinity, NotSupported, PatternTooLong, Scalar, SqlValue, compare, is, json_extract, json_length, like, lower,
    to_text, truth,
};
use rows::{Frame, element_of};

/// Most combinations of list elements that are looked at here; beyond that SQLite does it, which can be interrupted.
const MAX_COMBINATIONS: u32 = 20_000;

/// Most steps that patterns may take, about some milliseconds; beyond that SQLite does it, which can be interrupted.
const MAX_LIKE_STEPS: usize = 4_000_000;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// It depends on a row that is not at hand. What surrounds it may still be decided.
    Row,
    /// Only SQLite can do this, and it may fail.
    Refused,
}

impl From<NotSupported> for Unknown {
    fn from(_: NotSupported) -> Self {
        Self::Refused
    }
}

impl From<PatternTooLong> for Unknown {
    fn from(_: PatternTooLong) -> Self {
        Self::Refused
    }
}

/// A condition's answer: `None` is SQL's NULL.
type Answer = Result<Option<bool>, Unknown>;

/// Whether a closed condition is true; `None` if only SQLite can tell. `base` has the values of the base row and
/// `caller` those of the caller's own record, both in field order; a base row that is stored has them as its table does.
pub(super) fn evaluate(
    scope: &Scope<'_>,
    condition: &Expr,
    base: &[SqlValue],
    caller: Option<&[SqlValue]>,
) -> Option<bool> {
    // The columns of a view have the types of its query.
    if scope.base.is_view() {
        return None;
    }
    let evaluator = Evaluator { scope, base, caller, combinations: Cell::new(0), like_steps: Cell::new(0) };
    evaluator.holds(condition, None).ok().map(|answer| answer == Some(true))
}

struct Evaluator<'e> {
    scope: &'e Scope<'e>,
    base: &'e [SqlValue],
    caller: Option<&'e [SqlValue]>,
    /// Combinations of list elements looked at so far.
    combinations: Cell<u32>,
    /// Steps that patterns took so far, at most.
    like_steps: Cell<usize>,
}

impl Evaluator<'_> {
    fn holds(&self, expr: &Expr, frame: Option<&Frame<'_>>) -> Answer {
        match expr {
            Expr::And(parts) => self.conjunction(parts, frame),
            Expr::Or(parts) => self.disjunction(parts, frame),
            Expr::Not(inner) => Ok(self.holds(inner, frame)?.map(|holds| !holds)),
            Expr::Compare(comparator, left, right) => self.compare(*comparator, left, right, frame),
            Expr::Like { negated, text, pattern } => {
                Ok(self.like(text, pattern, frame)?.map(|matches| matches != *negated))
            }
            Expr::Exists { joins, condition } => self.exists(joins, condition, frame).map(Some),
            value => Ok(truth(&self.value(value, frame)?)),
        }
    }

    fn conjunction(&self, parts: &[Expr], frame: Option<&Frame<'_>>) -> Answer {
        let mut answer = Ok(Some(true));
        for part in parts {
            match self.holds(part, frame) {
                Ok(Some(true)) => {}
                Ok(Some(false)) => return Ok(Some(false)),
                Ok(None) => answer = answer.and(Ok(None)),
                Err(Unknown::Row) => answer = Err(Unknown::Row),
                refused @ Err(Unknown::Refused) => return refused,
            }
        }
        answer
    }

    fn disjunction(&self, parts: &[Expr], frame: Option<&Frame<'_>>) -> Answer {
        let mut answer = Ok(Some(false));
        for part in parts {
            match self.holds(part, frame) {
                Ok(Some(false)) => {}
                Ok(Some(true)) => return Ok(Some(true)),
                Ok(None) => answer = answer.and(Ok(None)),
                Err(Unknown::Row) => answer = Err(Unknown::Row),
                refused @ Err(Unknown::Refused) => return refused,
            }
        }
        answer
    }

    fn compare(&self, comparator: Comparator, left: &Expr, right: &Expr, frame: Option<&Frame<'_>>) -> Answer {
        if let (Comparator::Is | Comparator::IsNot, Expr::Literal(word @ (Literal::True | Literal::False))) =
            (comparator, right)
        {
            // An operator of its own: whether the left side counts as true, or as false.
            let is_so = truth(&self.value(left, frame)?) == Some(*word == Literal::True);
            return Ok(Some(is_so == (comparator == Comparator::Is)));
        }
        let (l, r) = (self.value(left, frame)?, self.value(right, frame)?);
        let (l_affinity, r_affinity) = (self.affinity(left), self.affinity(right));
        let ordering = || compare(&l, l_affinity, &r, r_affinity);
        let equals = || is(&l, l_affinity, &r, r_affinity);
        Ok(match comparator {
            Comparator::Equal => ordering().map(Ordering::is_eq),
            Comparator::Is => Some(equals()),
            Comparator::IsNot => Some(!equals()),
            Comparator::Greater => ordering().map(Ordering::is_gt),
            Comparator::GreaterOrEqual => ordering().map(Ordering::is_ge),
            Comparator::Less => ordering().map(Ordering::is_lt),
            Comparator::LessOrEqual => ordering().map(Ordering::is_le),
        })
    }

    /// Only columns have one.
    fn affinity(&self, expr: &Expr) -> Affinity {
        match expr {
            // The values of a record that is not stored yet are bound.
            Expr::Column(Row::Base, _) if self.scope.is_candidate => Affinity::None,
            Expr::Column(row, field) => column_affinity(&self.scope.plan_of(*row).collection().fields[*field]),
            Expr::Element(_) => Affinity::Blob,
            _ => Affinity::None,
        }
    }

    fn like(&self, text: &Expr, pattern: &Expr, frame: Option<&Frame<'_>>) -> Answer {
        let (text, pattern) = (self.value(text, frame)?, self.value(pattern, frame)?);
        match (to_text(&text), to_text(&pattern)) {
            (text, Some(pattern)) => {
                let size = text.as_deref().map_or(0, str::len).saturating_mul(pattern.len());
                self.like_steps.set(self.like_steps.get().saturating_add(size));
                if self.like_steps.get() > MAX_LIKE_STEPS {
                    return Err(Unknown::Refused);
                }
                // Asked even if there is no text: it fails if the pattern is too long.
                let matches = like(text.as_deref().unwrap_or_default(), &pattern)?;
                Ok(text.map(|_| matches))
            }
            (_, None) => Ok(None),
        }
    }

    fn value<'v>(&'v self, expr: &'v Expr, frame: Option<&'v Frame<'v>>) -> Result<Scalar<'v>, Unknown> {
        Ok(match expr {
            Expr::Column(row, field) => self.cell(*row, *field, frame)?.into(),
            Expr::Element(row) => element_of(*row, frame)?,
            Expr::Parameter(parameter) => scalar_of(parameter),
            Expr::Literal(Literal::Null) => Scalar::Null,
            Expr::Literal(Literal::EmptyText) => Scalar::Text(Cow::Borrowed("")),
            Expr::Literal(Literal::One | Literal::True) => Scalar::Integer(1),
            Expr::Literal(Literal::Zero | Literal::False) => Scalar::Integer(0),
            Expr::JsonExtract(column, path) => json_extract(self.column(column, frame)?, path)?,
            Expr::JsonLength(column) => {
                let length = json_length(self.column(column, frame)?)?;
                Scalar::Integer(i64::try_from(length).unwrap_or(i64::MAX))
            }
            Expr::Lower(inner) => match self.value(inner, frame)? {
                Scalar::Text(text) => Scalar::Text(lower(text)),
                other => owned_text(&other, |text| lower(text).into_owned()),
            },
            Expr::OrEmpty(inner) => match self.value(inner, frame)? {
                Scalar::Null => Scalar::Text(Cow::Borrowed("")),
                other => other,
            },
            Expr::Surround(inner) => owned_text(&self.value(inner, frame)?, |text| {
                // `substr` ends at a NUL.
                let text = text.split('\0').next().unwrap_or_default();
                let end = text.char_indices().nth(MAX_PATTERN_CHARACTERS).map_or(text.len(), |(end, _)| end);
                format!("%{}%", &text[..end])
            }),
            Expr::GeoDistance(arguments) => self.geo_distance(arguments, frame)?,
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Compare(..) | Expr::Like { .. } | Expr::Exists { .. } => {
                self.holds(expr, frame)?.map_or(Scalar::Null, |holds| Scalar::Integer(i64::from(holds)))
            }
            Expr::Strftime(_)
            | Expr::InSet { .. }
            | Expr::First { .. }
            | Expr::If { .. }
            | Expr::RowId
            | Expr::Elements(..) => return Err(Unknown::Refused),
        })
    }

    /// What the JSON functions read.
    fn column<'v>(&'v self, expr: &Expr, frame: Option<&'v Frame<'v>>) -> Result<&'v SqlValue, Unknown> {
        match expr {
            Expr::Column(row, field) => self.cell(*row, *field, frame),
            _ => Err(Unknown::Refused),
        }
    }
}

fn scalar_of(parameter: &Parameter) -> Scalar<'_> {
    match parameter {
        Parameter::Null => Scalar::Null,
        Parameter::Bool(flag) => Scalar::Integer(i64::from(*flag)),
        Parameter::Number(number) if number.is_nan() => Scalar::Null,
        Parameter::Number(number) => Scalar::Real(*number),
        Parameter::Integer(integer) => Scalar::Integer(*integer),
        Parameter::Text(text) => Scalar::Text(Cow::Borrowed(text)),
    }
}

/// A text made of a value's; that of NULL is NULL.
fn owned_text<'v>(value: &Scalar<'_>, make: impl FnOnce(Cow<'_, str>) -> String) -> Scalar<'v> {
    to_text(value).map_or(Scalar::Null, |text| Scalar::Text(Cow::Owned(make(text))))
}

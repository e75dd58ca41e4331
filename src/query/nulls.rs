//! Which conditions cannot be true for a row of NULLs, so that a join may leave such rows out.

use super::expr::{Comparator, Expr, Literal, Parameter, Row};

/// Whether the condition is surely not true when all of a row is NULL. When in doubt, no.
pub(super) fn rejects_nulls(condition: &Expr, row: Row) -> bool {
    match condition {
        Expr::Compare(Comparator::Is, left, right) => {
            (is_null(left, row) && is_never_null(right)) || (is_null(right, row) && is_never_null(left))
        }
        Expr::Compare(Comparator::IsNot, left, right) => {
            (is_null(left, row) && is_constant_null(right)) || (is_null(right, row) && is_constant_null(left))
        }
        Expr::Compare(_, left, right) | Expr::Like { text: left, pattern: right, .. } => {
            is_null(left, row) || is_null(right, row)
        }
        Expr::And(parts) => parts.iter().any(|part| rejects_nulls(part, row)),
        Expr::Or(parts) => parts.iter().all(|part| rejects_nulls(part, row)),
        Expr::Exists { condition, .. } => rejects_nulls(condition, row),
        Expr::InSet { key, .. } => is_null(key, row),
        Expr::Not(inner) => negation_rejects_nulls(inner, row),
        _ => false,
    }
}

/// The same for `NOT condition`.
fn negation_rejects_nulls(condition: &Expr, row: Row) -> bool {
    match condition {
        Expr::Compare(Comparator::IsNot, left, right) => {
            (is_null(left, row) && is_never_null(right)) || (is_null(right, row) && is_never_null(left))
        }
        Expr::Compare(Comparator::Is, left, right) => {
            (is_null(left, row) && is_constant_null(right)) || (is_null(right, row) && is_constant_null(left))
        }
        Expr::Compare(_, left, right) | Expr::Like { text: left, pattern: right, .. } => {
            is_null(left, row) || is_null(right, row)
        }
        Expr::And(parts) => parts.iter().all(|part| negation_rejects_nulls(part, row)),
        Expr::Or(parts) => parts.iter().any(|part| negation_rejects_nulls(part, row)),
        _ => false,
    }
}

/// Whether the value is surely NULL when all of a row is NULL.
fn is_null(value: &Expr, row: Row) -> bool {
    match value {
        Expr::Column(of, _) | Expr::Element(of) => *of == row,
        Expr::JsonExtract(inner, _) | Expr::Lower(inner) | Expr::Surround(inner) => is_null(inner, row),
        Expr::Strftime(arguments) => arguments.iter().any(|argument| is_null(argument, row)),
        Expr::GeoDistance(arguments) => arguments.iter().any(|argument| is_null(argument, row)),
        _ => false,
    }
}

fn is_never_null(value: &Expr) -> bool {
    match value {
        Expr::Parameter(parameter) => *parameter != Parameter::Null,
        Expr::Literal(literal) => *literal != Literal::Null,
        _ => false,
    }
}

fn is_constant_null(value: &Expr) -> bool {
    matches!(value, Expr::Literal(Literal::Null) | Expr::Parameter(Parameter::Null))
}

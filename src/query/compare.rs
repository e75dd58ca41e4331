//! What the signs mean: NULL, empty values, patterns, and values of which there are several (reference part 2,
//! sections 2.5, 4 and 5.2).

use super::affinity::column_affinity;
use super::expr::{Comparator, Expr, Literal, Row};
use super::operand::{Bound, Operand, Preference};
use super::paths::{PathError, Viewpoint};
use super::quantify::quantify;
use super::related::{is_listable, shows_email};
use super::scope::Scope;
use super::sqlite::Affinity;
use crate::filter::Sign;

/// The condition of a comparison.
///
/// Where an operand has several values, a sign without `?` means: one of them satisfies it, and none violates it. For a
/// client's own expression a related row that it may not list, or whose e-mail it may not see, counts as violating:
/// whether it would satisfy the sign must not be learnt.
pub(super) fn comparison(
    scope: &mut Scope<'_>,
    view: &Viewpoint,
    left: Operand,
    sign: Sign,
    any: bool,
    right: Operand,
) -> Result<Expr, PathError> {
    let holds = compare(&left, sign, &right);
    let mut conditions = Vec::with_capacity(2);
    if !any && (left.is_many || right.is_many) {
        let violated = violation(scope, view, &left, sign, &right)?;
        let is_implied = is_implied(&holds, &left, sign, &right);
        // First, because it tells most of what does not match at the first element.
        conditions.push(violated.negate());
        if !is_implied {
            conditions.push(with_index(scope, holds));
        }
    } else {
        conditions.push(with_index(scope, holds));
    }
    let mut guards = [left.guards, right.guards].concat();
    guards.dedup();
    conditions.extend(guards.into_iter().map(|row| shows_email(scope, row)));
    Ok(Expr::and(conditions))
}

/// Whether a comparison holds for all rows as soon as none violates it: it is never NULL, and the violation compares
/// the same way. There is always a row, if only one of NULLs.
fn is_implied(holds: &Expr, left: &Operand, sign: Sign, right: &Operand) -> bool {
    let as_other = |operand: &Operand| Operand { preference: Preference::Auto, ..operand.clone() };
    let as_inner = |operand: &Operand| Operand { bound: Bound::Nowhere, ..operand.clone() };
    let inner = match (left.is_many, right.is_many) {
        (true, false) => compare(&as_inner(left), sign, &as_other(right)),
        (false, true) => compare(&as_other(left), sign, &as_inner(right)),
        _ => return false,
    };
    is_never_null(holds) && inner == *holds
}

fn is_never_null(condition: &Expr) -> bool {
    match condition {
        Expr::Compare(Comparator::Is | Comparator::IsNot, ..) | Expr::Literal(Literal::One | Literal::Zero) => true,
        Expr::Compare(Comparator::Equal, left, right) => {
            matches!((&**left, &**right), (Expr::OrEmpty(_), Expr::OrEmpty(_)))
        }
        Expr::And(parts) => parts.iter().all(is_never_null),
        _ => false,
    }
}

/// Whether one of the values violates the sign.
fn violation(
    scope: &mut Scope<'_>,
    view: &Viewpoint,
    left: &Operand,
    sign: Sign,
    right: &Operand,
) -> Result<Expr, PathError> {
    let is_one_sided = left.is_many != right.is_many;
    let mut joins = Vec::new();
    let mut inner = |operand: &Operand| {
        if operand.is_many {
            let (copy, copied) = scope.duplicate(operand, view.row);
            joins.extend(copied);
            Operand { bound: Bound::Nowhere, ..copy }
        } else {
            // The side with one value is compared without its own treatment of NULL.
            let preference = if is_one_sided { Preference::Auto } else { operand.preference };
            Operand { preference, guards: Vec::new(), ..operand.clone() }
        }
    };
    let (left, right) = (inner(left), inner(right));
    let seen = left.guards.iter().chain(&right.guards).map(|row| shows_email(scope, *row));
    let holds = Expr::and(std::iter::once(compare(&left, sign, &right)).chain(seen));
    let mut violations = vec![holds.negate()];
    if view.is_restricted {
        for at in joins.clone() {
            if let Some(listable) = is_listable(scope, at)? {
                // Closed before it is negated: one way to satisfy the rule is enough.
                let listable = quantify(scope, listable, &joins);
                violations.push(Expr::compare(Comparator::IsNot, listable, Expr::TRUE));
            }
            // Said here; the condition for all joins of the client is not for copies.
            scope.joins[at].restricted = false;
        }
    }
    let condition = if violations.len() == 1 { violations.swap_remove(0) } else { Expr::Or(violations) };
    Ok(Expr::Exists { joins, condition: Box::new(condition) })
}

fn compare(left: &Operand, sign: Sign, right: &Operand) -> Expr {
    let plain = |comparator| Expr::compare(comparator, left.expr.clone(), right.expr.clone());
    match sign {
        Sign::Equal => equality(left, right, true),
        Sign::NotEqual => equality(left, right, false),
        Sign::Greater => plain(Comparator::Greater),
        Sign::GreaterOrEqual => plain(Comparator::GreaterOrEqual),
        Sign::Less => plain(Comparator::Less),
        Sign::LessOrEqual => plain(Comparator::LessOrEqual),
        Sign::Like => like(left, right, false),
        Sign::NotLike => like(left, right, true),
    }
}

/// The table of section 4.2.
fn equality(left: &Operand, right: &Operand, equal: bool) -> Expr {
    let (l, r) = (&left.expr, &right.expr);
    if left.preference == Preference::Disabled || right.preference == Preference::Disabled {
        let comparator = if equal { Comparator::Is } else { Comparator::IsNot };
        return Expr::compare(comparator, l.clone(), r.clone());
    }
    let (left_empty, right_empty) = (left.is_empty(), right.is_empty());
    if left_empty && right_empty {
        return if equal { Expr::TRUE } else { Expr::FALSE };
    }
    if left.is_known() || right.is_known() {
        let side = |expr: &Expr, is_empty| if is_empty { Expr::Literal(Literal::EmptyText) } else { expr.clone() };
        let comparator = if equal { Comparator::Equal } else { Comparator::IsNot };
        return Expr::compare(comparator, side(l, left_empty), side(r, right_empty));
    }
    if left_empty || right_empty {
        let value = if left_empty { r } else { l };
        return emptiness(value, equal);
    }
    let or_empty = |expr: &Expr| Expr::OrEmpty(Box::new(expr.clone()));
    let comparator = if equal { Comparator::Equal } else { Comparator::IsNot };
    Expr::compare(comparator, or_empty(l), or_empty(r))
}

/// The same condition in a form that can use an index, where it only matters whether it is true: unlike the given one
/// it may be NULL.
fn with_index(scope: &Scope<'_>, condition: Expr) -> Expr {
    match condition {
        Expr::Compare(Comparator::Equal, left, right) => match (*left, *right) {
            (Expr::OrEmpty(l), Expr::OrEmpty(r)) if is_key_of(scope, &l, &r) || is_key_of(scope, &r, &l) => {
                Expr::Compare(Comparator::Equal, l, r)
            }
            (l, r) => Expr::compare(Comparator::Equal, l, r),
        },
        other => other,
    }
}

/// Whether `key` is the id of the stored base row and `other` a text or an element of a list. An id is never empty, so
/// that nothing has to be made of NULL, and an index on the other can be used.
fn is_key_of(scope: &Scope<'_>, key: &Expr, other: &Expr) -> bool {
    let is_table = !scope.is_candidate && !scope.base.is_view();
    let is_text = match other {
        Expr::Element(_) => true,
        Expr::Column(row, field) => {
            let plan = scope.plan_of(*row);
            // With other types the sides would be converted, unlike the results of functions.
            !plan.is_view() && column_affinity(&plan.collection().fields[*field]) == Affinity::Text
        }
        _ => false,
    };
    is_table && is_text && *key == Expr::Column(Row::Base, scope.base.id_field())
}

/// Whether a value is, or is not, NULL or an empty text.
fn emptiness(value: &Expr, empty: bool) -> Expr {
    let text = Expr::Literal(Literal::EmptyText);
    if empty {
        let is_text = Expr::compare(Comparator::Equal, value.clone(), text);
        Expr::Or(vec![is_text, Expr::compare(Comparator::Is, value.clone(), Expr::NULL)])
    } else {
        let is_not_text = Expr::compare(Comparator::IsNot, value.clone(), text);
        Expr::And(vec![is_not_text, Expr::compare(Comparator::IsNot, value.clone(), Expr::NULL)])
    }
}

fn like(left: &Operand, right: &Operand, negated: bool) -> Expr {
    if right.bound == Bound::Elsewhere {
        // The reference makes a pattern of the whole list, which is no list any more: such a rule never let anybody in.
        return Expr::NULL;
    }
    let pattern = if right.has_parameters() {
        let mut pattern = right.expr.clone();
        super::pattern::make_patterns(&mut pattern);
        pattern
    } else {
        Expr::Surround(Box::new(right.expr.clone()))
    };
    Expr::Like { negated, text: Box::new(left.expr.clone()), pattern: Box::new(pattern) }
}

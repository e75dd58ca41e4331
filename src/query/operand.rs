//! One side of a comparison: its value, and how it treats NULL.

use super::expr::{Expr, Literal, Parameter, Row};

/// How an operand treats NULL (reference part 2, section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preference {
    /// NULL and the empty text are alike.
    Auto,
    /// NULL is a value of its own.
    Disabled,
    /// NULL and the empty text are alike even if the value looks known.
    Enforced,
}

/// Where the bound values of an operand are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// In its expression, if there are any.
    InExpr,
    /// Not in its expression, but it counts as known: elements of a bound list.
    Elsewhere,
    /// It is the value of an inner row, and counts as a column.
    Nowhere,
}

/// One side of a comparison.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub(super) expr: Expr,
    pub(super) preference: Preference,
    pub(super) bound: Bound,
    /// Whether a sign without `?` means all of its values.
    pub(super) is_many: bool,
    /// Rows of auth collections whose e-mail it reads for somebody who may not see all of them.
    pub(super) guards: Vec<Row>,
}

impl Operand {
    pub(super) fn of(expr: Expr, is_many: bool) -> Self {
        Self { expr, preference: Preference::Auto, bound: Bound::InExpr, is_many, guards: Vec::new() }
    }

    pub(super) fn plain(expr: Expr) -> Self {
        Self::of(expr, false)
    }

    /// A bound value.
    pub(super) fn parameter(value: Parameter) -> Self {
        Self::plain(Expr::Parameter(value))
    }

    /// Whether it is known to be NULL or an empty text.
    pub(super) fn is_empty(&self) -> bool {
        if let Expr::Literal(literal) = self.expr {
            return matches!(literal, Literal::Null | Literal::EmptyText);
        }
        let (mut count, mut all_empty) = (0, true);
        self.for_each_parameter(|is_empty| {
            count += 1;
            all_empty &= is_empty;
        });
        self.preference == Preference::Auto && count == 1 && all_empty
    }

    /// Whether it is known to be neither NULL nor an empty text.
    pub(super) fn is_known(&self) -> bool {
        if self.preference == Preference::Enforced {
            return false;
        }
        if let Expr::Literal(literal) = self.expr {
            return matches!(literal, Literal::One | Literal::Zero | Literal::True | Literal::False);
        }
        let (mut count, mut any_empty) = (0, false);
        self.for_each_parameter(|is_empty| {
            count += 1;
            any_empty |= is_empty;
        });
        count > 0 && !any_empty
    }

    /// Whether it has bound values.
    pub(super) fn has_parameters(&self) -> bool {
        let mut found = false;
        self.for_each_parameter(|_| found = true);
        found
    }

    /// The values of a condition that is used as a value (`:changed`) are not the operand's own.
    fn for_each_parameter(&self, mut visit: impl FnMut(bool)) {
        match self.bound {
            Bound::InExpr => for_each_parameter(&self.expr, &mut visit),
            // The list is never empty text.
            Bound::Elsewhere => visit(false),
            Bound::Nowhere => {}
        }
    }
}

fn for_each_parameter(expr: &Expr, visit: &mut impl FnMut(bool)) {
    match expr {
        Expr::Parameter(parameter) => visit(parameter.is_empty()),
        Expr::Lower(inner) => for_each_parameter(inner, visit),
        Expr::Strftime(arguments) => arguments.iter().for_each(|argument| for_each_parameter(argument, visit)),
        Expr::GeoDistance(arguments) => arguments.iter().for_each(|argument| for_each_parameter(argument, visit)),
        _ => {}
    }
}

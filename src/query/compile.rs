//! From an expression to the condition it stands for.

use super::ConditionError;
use super::compare::comparison;
use super::expr::{Expr, Parameter};
use super::functions::{CallError, call};
use super::operand::Operand;
use super::paths::{Viewpoint, resolve};
use super::rule::ParsedRule;
use super::scope::{MAX_JOINS, Scope};
use crate::filter::{Expression, ExpressionKind, Operand as Written, OperandKind};

/// Compiles a rule.
pub(super) fn compile_rule(scope: &mut Scope<'_>, view: &Viewpoint, rule: &ParsedRule) -> Result<Expr, ConditionError> {
    let expression = rule.expression.as_ref().map_err(Clone::clone)?;
    compile(scope, view, expression, &rule.text)
}

/// Compiles an expression; `text` is what it was parsed from.
pub(super) fn compile(
    scope: &mut Scope<'_>,
    view: &Viewpoint,
    expression: &Expression,
    text: &str,
) -> Result<Expr, ConditionError> {
    let parts = |scope: &mut Scope<'_>, parts: &[Expression]| {
        parts.iter().map(|part| compile(scope, view, part, text)).collect::<Result<Vec<_>, _>>()
    };
    match &expression.kind {
        ExpressionKind::And(inner) => Ok(Expr::And(parts(scope, inner)?)),
        ExpressionKind::Or(inner) => Ok(Expr::Or(parts(scope, inner)?)),
        ExpressionKind::Comparison(written) => {
            if scope.joins.len() > MAX_JOINS {
                return Err(ConditionError::TooComplex);
            }
            let left = operand(scope, view, &written.left, text)?;
            let right = operand(scope, view, &written.right, text)?;
            comparison(scope, view, left, written.sign, written.any, right).map_err(|error| {
                ConditionError::of(error, slice(text, expression.span.clone()), position(text, expression.span.start))
            })
        }
    }
}

/// Compiles one side of a comparison; `text` is what it was parsed from.
pub(super) fn operand(
    scope: &mut Scope<'_>,
    view: &Viewpoint,
    written: &Written,
    text: &str,
) -> Result<Operand, ConditionError> {
    match &written.kind {
        OperandKind::Identifier(name) => resolve(scope, view, name)
            .map_err(|error| ConditionError::of(error, name, position(text, written.span.start))),
        OperandKind::Number(number) => Ok(Operand::parameter(Parameter::Number(*number))),
        OperandKind::Text(value) => Ok(Operand::parameter(Parameter::Text(value.clone()))),
        OperandKind::Function { name, arguments } => call(scope, view, name, arguments).map_err(|error| match error {
            CallError::Call => {
                ConditionError::BadFunction { name: name.clone(), position: position(text, written.span.start) }
            }
            CallError::Argument(error, argument) => {
                ConditionError::of(error, slice(text, argument.span.clone()), position(text, argument.span.start))
            }
        }),
    }
}

fn slice(text: &str, span: std::ops::Range<usize>) -> &str {
    text.get(span).unwrap_or_default()
}

/// The position of a byte in characters from 1.
fn position(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(1, |before| before.chars().count() + 1)
}

//! The functions of expressions (reference part 2, section 2.6).

use super::expr::{Expr, Parameter};
use super::operand::{Operand, Preference};
use super::paths::{PathError, Viewpoint, resolve};
use super::scope::Scope;
use crate::filter::{Operand as Written, OperandKind};

/// Most arguments of `strftime`.
const MAX_STRFTIME_ARGUMENTS: usize = 10;

/// Why a function call has no meaning.
pub(super) enum CallError<'w> {
    /// An unknown function, or arguments it does not take.
    Call,
    /// An argument that stands for nothing.
    Argument(PathError, &'w Written),
}

/// The operand of a call.
pub(super) fn call<'w>(
    scope: &mut Scope<'_>,
    view: &Viewpoint,
    name: &str,
    arguments: &'w [Written],
) -> Result<Operand, CallError<'w>> {
    match name {
        "geoDistance" => geo_distance(scope, view, arguments),
        "strftime" => strftime(scope, view, arguments),
        _ => Err(CallError::Call),
    }
}

fn geo_distance<'w>(
    scope: &mut Scope<'_>,
    view: &Viewpoint,
    arguments: &'w [Written],
) -> Result<Operand, CallError<'w>> {
    let mut guards = Vec::new();
    let mut values = Vec::with_capacity(4);
    for argument in arguments {
        values.push(match &argument.kind {
            OperandKind::Number(number) => Expr::Parameter(Parameter::Number(*number)),
            OperandKind::Identifier(name) => {
                let operand = resolve(scope, view, name).map_err(|error| CallError::Argument(error, argument))?;
                guards.extend(operand.guards);
                operand.expr
            }
            OperandKind::Text(_) | OperandKind::Function { .. } => return Err(CallError::Call),
        });
    }
    let values: [Expr; 4] = values.try_into().map_err(|_| CallError::Call)?;
    let expr = Expr::GeoDistance(Box::new(values));
    Ok(Operand { preference: Preference::Disabled, guards, ..Operand::plain(expr) })
}

fn strftime<'w>(scope: &mut Scope<'_>, view: &Viewpoint, arguments: &'w [Written]) -> Result<Operand, CallError<'w>> {
    if arguments.is_empty() || arguments.len() > MAX_STRFTIME_ARGUMENTS {
        return Err(CallError::Call);
    }
    let (mut guards, mut is_many) = (Vec::new(), false);
    let mut values = Vec::with_capacity(arguments.len());
    for (at, argument) in arguments.iter().enumerate() {
        values.push(match &argument.kind {
            OperandKind::Text(text) => Expr::text(text.as_str()),
            OperandKind::Number(number) if at == 1 => Expr::Parameter(Parameter::Number(*number)),
            OperandKind::Identifier(name) if at == 1 => {
                let operand = resolve(scope, view, name).map_err(|error| CallError::Argument(error, argument))?;
                guards.extend(operand.guards);
                is_many = operand.is_many;
                operand.expr
            }
            _ => return Err(CallError::Call),
        });
    }
    let expr = Expr::Strftime(values);
    Ok(Operand { preference: Preference::Enforced, guards, ..Operand::of(expr, is_many) })
}

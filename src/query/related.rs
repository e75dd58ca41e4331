//! What a client's own filter or sort may learn about related records: what their list rule lets it see, and no e-mail
//! address that is not public (reference part 2, section 6).

use std::sync::Arc;

use super::ConditionError;
use super::compile::compile_rule;
use super::expr::{Comparator, Expr, Literal, Row};
use super::paths::{PathError, Viewpoint};
use super::rule::Rule;
use super::scope::Scope;

/// Whether the caller may list the record of a join; `None` if there is nothing to check.
pub(super) fn is_listable(scope: &mut Scope<'_>, at: usize) -> Result<Option<Expr>, PathError> {
    let join = &scope.joins[at];
    let Some(plan) = join.plan.clone().filter(|_| join.restricted) else { return Ok(None) };
    let rule = match plan.rules().list() {
        Rule::Locked => return Err(PathError::LockedCollection),
        Rule::Open => return Ok(None),
        Rule::Expression(rule) => rule,
    };
    let view = Viewpoint::rule_on(Row::Join(at), format!("@list:{at}"));
    let allowed = compile_rule(scope, &view, rule).map_err(|error| match error {
        ConditionError::TooComplex => PathError::TooComplex,
        _ => PathError::RelatedRule,
    })?;
    let id = || Expr::Column(Row::Join(at), plan.id_field());
    Ok(Some(Expr::Or(vec![
        Expr::compare(Comparator::Equal, id(), Expr::Literal(Literal::EmptyText)),
        Expr::compare(Comparator::Is, id(), Expr::NULL),
        allowed,
    ])))
}

/// The conditions for all joins made so far by a client's expressions.
pub(super) fn list_conditions(scope: &mut Scope<'_>) -> Result<Vec<Expr>, PathError> {
    let mut conditions = Vec::new();
    for at in 0..scope.joins.len() {
        conditions.extend(is_listable(scope, at)?);
    }
    Ok(conditions)
}

/// Whether the e-mail address of a row is public.
pub(super) fn shows_email(scope: &Scope<'_>, row: Row) -> Expr {
    let plan = Arc::clone(scope.plan_of(row));
    match plan.collection().fields.iter().position(|field| field.name == "emailVisibility") {
        Some(at) => Expr::compare(Comparator::Equal, Expr::Column(row, at), Expr::TRUE),
        None => Expr::FALSE,
    }
}

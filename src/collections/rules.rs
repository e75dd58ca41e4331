//! Checks of API rules.

use std::cell::OnceCell;

use super::validate::Subject;
use crate::filter;
use crate::query::{Catalog, ConditionError, check_rule as compile};
use crate::validation::Issue;

/// The collections as they are going to be, made when the first rule is checked.
pub(super) type FutureCatalog = OnceCell<Catalog>;

/// Checks a rule that is about to be stored; `None` if it may be. It is compiled as for a guest's empty request, so what
/// is below `@request.auth` and `@request.body` is checked as far as its form goes.
pub(super) fn check_rule(rule: &str, subject: &Subject<'_>) -> Option<Issue> {
    if rule.is_empty() {
        return None;
    }
    let catalog = subject.catalog.get_or_init(|| {
        let others = subject.others().cloned();
        Catalog::new(others.chain([subject.new.clone()]).collect())
    });
    let checked = match (filter::parse(rule), catalog.find(&subject.new.id)) {
        (Err(error), _) => Err(ConditionError::from(error)),
        (Ok(_), Some(plan)) => compile(catalog, plan, rule),
        // A collection whose own id is unusable is refused for that.
        (Ok(_), None) => Ok(()),
    };
    let error = checked.err()?;
    Some(Issue::new("validation_invalid_rule", format!("Invalid rule: {error}.")))
}

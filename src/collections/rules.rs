//! Checks of API rules.

use crate::schema::Collection;
use crate::validation::Issue;

/// Checks the text of a rule against the fields of its collection; `None` if it may be stored.
///
/// The rule language is not here yet, so every text passes. That is safe: a rule that is neither empty nor `null` lets
/// nobody but superusers through until it can be evaluated.
pub(super) fn check_rule(rule: &str, collection: &Collection) -> Option<Issue> {
    let _ = (rule, collection);
    None
}

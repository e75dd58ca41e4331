//! The five API rules.

use super::Subject;
use crate::collections::rules::check_rule;
use crate::schema::Rules;
use crate::validation::{Issue, ValidationErrors};

/// Checks the API rules.
pub(super) fn check_rules(subject: &Subject<'_>, errors: &mut ValidationErrors) {
    let old = subject.old.map(|old| by_key(&old.rules));
    for (at, (key, rule)) in by_key(&subject.new.rules).into_iter().enumerate() {
        let is_write = matches!(key, "createRule" | "updateRule" | "deleteRule");
        if subject.new.is_view() && is_write && rule.is_some() {
            errors.add(key, Issue::new("validation_nil", "Must be null: records of views are only read."));
        } else if let Some(old) = old
            && old[at].1 != rule
            && subject.new.system
        {
            errors.add(key, system_rule_issue());
        } else if let Some(issue) = rule.filter(|rule| !rule.is_empty()).and_then(|rule| check_rule(rule, subject)) {
            errors.add(key, issue);
        }
    }
}

pub(super) fn system_rule_issue() -> Issue {
    Issue::new("validation_collection_system_rule_change", "Rules of system collections cannot be changed.")
}

fn by_key(rules: &Rules) -> [(&'static str, Option<&str>); 5] {
    [
        ("listRule", rules.list.as_deref()),
        ("viewRule", rules.view.as_deref()),
        ("createRule", rules.create.as_deref()),
        ("updateRule", rules.update.as_deref()),
        ("deleteRule", rules.delete.as_deref()),
    ]
}

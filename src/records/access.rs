//! Rule checks. Deny by default: until the rule language is evaluated, a rule with an expression lets nobody in but
//! superusers.

use super::RecordError;
use crate::identity::Caller;
use crate::query::Catalog;
use crate::schema::Rules;

/// What is done to records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Action {
    List,
    View,
    Create,
    Update,
    Delete,
}

impl Action {
    /// The word for messages.
    pub fn verb(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::View => "view",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    fn rule(self, rules: &Rules) -> Option<&str> {
        let rule = match self {
            Self::List => &rules.list,
            Self::View => &rules.view,
            Self::Create => &rules.create,
            Self::Update => &rules.update,
            Self::Delete => &rules.delete,
        };
        rule.as_deref()
    }
}

/// What a rule lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Every record.
    All,
    /// No record.
    Nothing,
}

/// Whether it is worth reading a request's body: fails as the action itself would if the caller may act on no record.
///
/// # Errors
/// What the action fails with.
pub fn admit(catalog: &Catalog, caller: &Caller, action: Action, collection: &str) -> Result<(), RecordError> {
    let plan = catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    if plan.is_view() && !matches!(action, Action::List | Action::View) {
        return Err(RecordError::ViewIsReadOnly);
    }
    match (check_rule(&plan.collection().rules, action, caller)?, action) {
        (Access::All, _) | (Access::Nothing, Action::List) => Ok(()),
        (Access::Nothing, Action::Create) => Err(RecordError::RuleDenied),
        (Access::Nothing, _) => Err(RecordError::NotFound),
    }
}

/// Which records the caller may act on.
///
/// # Errors
/// [`RecordError::SuperuserOnly`] if the rule is locked, whatever the record.
pub fn check_rule(rules: &Rules, action: Action, caller: &Caller) -> Result<Access, RecordError> {
    if caller.is_superuser() {
        return Ok(Access::All);
    }
    match action.rule(rules) {
        None => Err(RecordError::SuperuserOnly(action)),
        Some("") => Ok(Access::All),
        Some(_) => Ok(Access::Nothing),
    }
}

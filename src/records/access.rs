//! Rule checks. Deny by default: until the rule language is evaluated, a rule with an expression lets nobody in but
//! superusers.

use super::RecordError;
use crate::identity::Caller;
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

//! Why a test of a rule makes no sense.

use crate::db::DbError;
use crate::records::RecordError;
use crate::validation::{Issue, ValidationErrors};

/// Why a test of a rule makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum RuleTestError {
    /// No such collection.
    #[error("no such collection")]
    CollectionNotFound,
    /// No such record.
    #[error("no such record")]
    RecordNotFound,
    /// Something of the test cannot be used.
    #[error("{}", .0.summary())]
    Invalid(ValidationErrors),
    /// What the real action fails with as well.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl RuleTestError {
    /// One key of the test that cannot be used.
    pub(crate) fn invalid(key: &str, code: &'static str, message: &str) -> Self {
        Self::Invalid(ValidationErrors::of(key, Issue::new(code, message)))
    }

    /// A key that has to be there.
    pub(crate) fn required(key: &str) -> Self {
        Self::Invalid(ValidationErrors::of(key, Issue::required()))
    }
}

impl From<DbError> for RuleTestError {
    fn from(error: DbError) -> Self {
        Self::Record(error.into())
    }
}

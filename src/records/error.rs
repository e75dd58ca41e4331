//! Why a record operation failed.

use rusqlite::ErrorCode;

use super::Action;
use crate::db::DbError;
use crate::files::FilesMoved;
use crate::validation::ValidationErrors;

/// Why a record operation failed.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// No such collection.
    #[error("no such collection")]
    CollectionNotFound,
    /// No such row, or a rule hides it: the two must look alike from outside.
    #[error("record not found")]
    NotFound,
    /// The rule is locked.
    #[error("only superusers may {} records of this collection", .0.verb())]
    SuperuserOnly(Action),
    /// The create rule does not let the caller in.
    #[error("the rule does not allow it")]
    RuleDenied,
    /// Views cannot be written.
    #[error("records of a view cannot be changed")]
    ViewIsReadOnly,
    /// Views have no records of their own.
    #[error("views cannot be truncated")]
    ViewCannotBeTruncated,
    /// Values were refused.
    #[error("{}", .1.summary())]
    Invalid(Action, ValidationErrors),
    /// SQLite refused the row for a reason that names no column.
    #[error("a constraint of the table refused the record: {1}")]
    Constraint(Action, String),
    /// A required relation of another record points here.
    #[error("a required relation of `{collection}` refers to the record")]
    RequiredReference {
        /// Name of the collection that has the relation.
        collection: String,
    },
    /// There would be no superuser left.
    #[error("the only superuser cannot be deleted")]
    LastSuperuser,
    /// A filter or sort names what only superusers may use in one.
    #[error("only superusers may filter or sort by it")]
    SuperuserQuery,
    /// Unusable list parameters.
    #[error("{0}")]
    BadQuery(String),
    /// The collection has changed while files were stored for it.
    #[error("the uploaded files belong elsewhere")]
    UploadsElsewhere,
    /// The settings have changed while files were stored.
    #[error(transparent)]
    FilesMoved(#[from] FilesMoved),
    /// The answer would be larger than the server is ready to build.
    #[error("the answer would be too large: ask for fewer records at a time")]
    TooLarge,
    /// The store failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl RecordError {
    /// The error of a statement made of a rule or filter: what SQLite cannot compute is the expression's fault.
    pub(crate) fn of_statement(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::Unknown | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
                tracing::debug!(%error, "an expression cannot be evaluated");
                Self::BadQuery("the expression cannot be evaluated".to_owned())
            }
            _ => error.into(),
        }
    }
}

impl From<rusqlite::Error> for RecordError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Db(error.into())
    }
}

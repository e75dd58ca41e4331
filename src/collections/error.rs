//! Why a change or a question about collections failed.

use rusqlite::ErrorCode;

use super::merge::Malformed;
use crate::db::DbError;
use crate::validation::{Issue, ValidationErrors};

/// Why a collection operation failed. Only superusers see these, so SQLite's own words may reach them.
#[derive(Debug, thiserror::Error)]
pub enum CollectionError {
    /// No collection has this id or name.
    #[error("collection not found")]
    NotFound,
    /// The `type` or `name` of a new collection is of the wrong JSON type.
    #[error("the collection's type or name is malformed")]
    MalformedType,
    /// A value of the body is of the wrong JSON type, or a field has no known type.
    #[error("the collection's data is malformed")]
    Malformed,
    /// The definition breaks rules; the errors are keyed like the collection's JSON.
    #[error("invalid collection: {}", .0.summary())]
    Invalid(ValidationErrors),
    /// System collections cannot be deleted.
    #[error("`{0}` is a system collection")]
    System(String),
    /// Relation fields of these collections point at the one to delete.
    #[error("still referenced by {}", .0.join(", "))]
    Referenced(Vec<String>),
    /// These views read from the collection to delete.
    #[error("still used by the views {}", .0.join(", "))]
    UsedByViews(Vec<String>),
    /// SQLite refused the resulting statement; its words.
    #[error("{0}")]
    Rejected(String),
    /// The query of a dry run is no valid view query; the reason.
    #[error("invalid view query: {0}")]
    ViewQuery(String),
    /// An import as a whole failed; nothing was changed. The reason is JSON of the validation errors, or SQLite's words.
    #[error("import failed: {0}")]
    Import(String),
    /// The list's `sort`, `filter`, `page` or `perPage` is not understood.
    #[error("invalid list parameters: {0}")]
    List(String),
    /// The store failed, through no fault of the request.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl CollectionError {
    /// One failed check.
    pub(super) fn invalid(path: &str, issue: Issue) -> Self {
        Self::Invalid(ValidationErrors::of(path, issue))
    }

    /// Sorts SQLite's answer to a statement built from the request: its objections to the statement are the
    /// caller's to fix, a full disk or a damaged file is not.
    pub(super) fn from_statement(error: rusqlite::Error) -> Self {
        let is_machine = matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::DatabaseCorrupt
                    | ErrorCode::NotADatabase
                    | ErrorCode::ReadOnly
                    | ErrorCode::CannotOpen
                    | ErrorCode::OutOfMemory
                    | ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
            )
        );
        if is_machine { Self::Db(error.into()) } else { Self::Rejected(sqlite_message(&error)) }
    }
}

/// SQLite's words without the statement they are about.
pub(super) fn sqlite_message(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

impl From<rusqlite::Error> for CollectionError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<Malformed> for CollectionError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl From<ValidationErrors> for CollectionError {
    fn from(errors: ValidationErrors) -> Self {
        Self::Invalid(errors)
    }
}

//! Why logs cannot be read or removed.

use crate::db::DbError;
use crate::records::RecordError;

/// Why logs cannot be read or removed.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// Nothing has this id.
    #[error("there is no such entry")]
    NotFound,
    /// The filter or the sort has no meaning.
    #[error("{0}")]
    BadQuery(String),
    /// The database of logs cannot be used at the moment.
    #[error("the logs cannot be used at the moment")]
    Unavailable,
    /// The store failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<rusqlite::Error> for LogsError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<RecordError> for LogsError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Db(cause) => Self::Db(cause),
            other => Self::BadQuery(other.to_string()),
        }
    }
}

//! Why a search failed.

use super::NotSearchable;
use crate::db::DbError;
use crate::fulltext::SearchError;
use crate::records::RecordError;

/// Why a search failed. What somebody types to search for never makes it fail.
#[derive(Debug, thiserror::Error)]
pub enum SearchFailure {
    /// What a list would fail with as well, or parameters that make no sense.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// There is no index, or not yet.
    #[error(transparent)]
    NotSearchable(#[from] NotSearchable),
    /// Time was up.
    #[error("the search took too long")]
    TooSlow,
    /// The index failed.
    #[error(transparent)]
    Index(#[from] SearchError),
}

impl SearchFailure {
    /// Parameters that make no sense.
    pub(super) fn bad_query(reason: impl Into<String>) -> Self {
        RecordError::BadQuery(reason.into()).into()
    }
}

impl From<DbError> for SearchFailure {
    fn from(error: DbError) -> Self {
        Self::Record(error.into())
    }
}

impl From<rusqlite::Error> for SearchFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Record(error.into())
    }
}

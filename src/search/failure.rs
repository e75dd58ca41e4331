//! Why a search failed.

use super::{Indexes, NotSearchable};
use crate::db::DbError;
use crate::fulltext::SearchError;
use crate::query::Plan;
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
    /// The index knows of changes that the read began too early to see. Another read sees them.
    #[error("the read is older than the index")]
    Early,
    /// Time was up.
    #[error("the search took too long")]
    TooSlow,
    /// The index failed.
    #[error(transparent)]
    Index(#[from] SearchError),
}

impl SearchFailure {
    /// What it means that the index of a collection failed. One that is damaged is made anew.
    pub(super) fn of_index(error: SearchError, indexes: &Indexes, plan: &Plan) -> Self {
        let collection = plan.collection();
        if let SearchError::Corrupt(reason) = &error
            && indexes.mend(&collection.id)
        {
            tracing::warn!(collection.name = %collection.name, reason, "a search index is damaged and made anew");
            return NotSearchable::Building.into();
        }
        error.into()
    }

    /// Whether time was up.
    pub(super) fn is_out_of_time(&self) -> bool {
        match self {
            Self::TooSlow => true,
            Self::Record(RecordError::Db(error)) => error.is_interrupted(),
            _ => false,
        }
    }

    /// Whether the same question may be answered in a while.
    pub(super) fn is_passing(&self) -> bool {
        self.is_out_of_time() || matches!(self, Self::NotSearchable(NotSearchable::Building))
    }

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

//! Why a batch failed.

use crate::db::DbError;
use crate::files::FilesMoved;
use crate::limits::TooManyRequests;
use crate::records::RecordError;

/// Why a batch failed; nothing of it stays.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// One of its items failed, the first that did.
    #[error("item {index}: {error}")]
    Item {
        /// Its position.
        index: usize,
        /// Why.
        error: ItemError,
    },
    /// It took too long, or nobody waits for it any more.
    #[error("the batch was stopped")]
    Stopped,
    /// The settings have changed while files were stored.
    #[error(transparent)]
    FilesMoved(#[from] FilesMoved),
    /// The store failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Why an item failed.
#[derive(Debug, thiserror::Error)]
pub enum ItemError {
    /// It is no write of a record, or its URL cannot be read.
    #[error("not an action a batch can do")]
    Unsupported,
    /// The client may not make so many requests.
    #[error(transparent)]
    TooManyRequests(#[from] TooManyRequests),
    /// What the single request would fail with.
    #[error(transparent)]
    Record(#[from] RecordError),
}

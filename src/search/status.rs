//! How indexes are.

use serde::Serialize;

/// What there is to know of one index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexStatus {
    /// Id of the collection.
    pub collection_id: String,
    /// Name of the collection.
    pub collection_name: String,
    /// Whether it is being made, and how far that is.
    #[serde(flatten)]
    pub state: IndexState,
    /// Whether there is an index that answers; while it is made anew that is the one of before.
    pub searchable: bool,
    /// Records in it.
    pub documents: u64,
    /// The last change it knows.
    pub seq: i64,
    /// Changes, of all collections, that it does not know yet.
    pub lag: i64,
    /// Its size on disk.
    pub bytes: u64,
}

/// Whether an index is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum IndexState {
    /// It is there.
    Ready,
    /// It is being made.
    Building {
        /// Records that are in it.
        done: u64,
        /// Records that will be, roughly; 0 if it was not begun.
        total: u64,
    },
    /// It could not be made, or changes could not be written to it. That is tried again.
    Failed {
        /// What failed.
        error: String,
    },
}

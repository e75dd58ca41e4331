//! What can go wrong below the domain.

use rusqlite::ErrorCode;

/// A failure of the store. The text of `Sqlite` may quote SQL and is for logs only.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite refused or failed.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file system refused or failed.
    #[error("{context}: {source}")]
    Io {
        /// What was tried, with the path.
        context: String,
        /// The reason.
        source: std::io::Error,
    },
    /// More work is waiting than the queue holds; try again later.
    #[error("the write queue is full")]
    QueueFull,
    /// The server is shutting down.
    #[error("the store is closed")]
    Closed,
    /// A job panicked; its work was rolled back.
    #[error("a database job panicked")]
    Panicked,
    /// The folder was written by a newer version.
    #[error("{0}")]
    Incompatible(String),
    /// Another process holds the data folder.
    #[error("{0}")]
    Locked(String),
}

impl DbError {
    /// Whether the disk is full or refuses writing: the caller's request was fine, the machine is not.
    pub fn is_out_of_space(&self) -> bool {
        matches!(self, Self::Sqlite(e) if matches!(e.sqlite_error_code(), Some(ErrorCode::DiskFull)))
    }

    /// Whether the statement was stopped because it ran past its budget or time-out.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Sqlite(e) if matches!(e.sqlite_error_code(), Some(ErrorCode::OperationInterrupted)))
    }
}

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
    /// The transaction this write shared with others was rolled back.
    #[error("{0}")]
    Group(std::sync::Arc<DbError>),
    /// More work is waiting than the queue holds; try again later.
    #[error("the write queue is full")]
    QueueFull,
    /// The read is too much for the asking thread; it is run again elsewhere, and nobody gets to see this.
    #[error("the read has to move to another thread")]
    NotInline,
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
        self.has_code(ErrorCode::DiskFull)
    }

    /// Whether another process holds the database too long.
    pub fn is_busy(&self) -> bool {
        self.has_code(ErrorCode::DatabaseBusy) || self.has_code(ErrorCode::DatabaseLocked)
    }

    /// Whether the data folder refuses writing.
    pub fn is_read_only(&self) -> bool {
        self.has_code(ErrorCode::ReadOnly)
    }

    /// Whether the statement was stopped because it ran past its budget or time-out.
    pub fn is_interrupted(&self) -> bool {
        self.has_code(ErrorCode::OperationInterrupted)
    }

    pub(super) fn has_code(&self, code: ErrorCode) -> bool {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code() == Some(code),
            Self::Group(error) => error.has_code(code),
            _ => false,
        }
    }
}

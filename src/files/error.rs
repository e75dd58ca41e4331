//! What can go wrong with files.

use crate::storage::StorageError;

/// Why a file could not be received, stored or read.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The disk is full, or the system lets the server write no more for another reason.
    #[error("no space is left for files")]
    NoSpace,
    /// The spool folder cannot be used.
    #[error("the spool: {0}")]
    Spool(std::io::Error),
    /// The storage failed.
    #[error(transparent)]
    Storage(StorageError),
    /// Too much is under way already: thumbnails that wait to be made, or uploads that are arriving.
    #[error("too much is under way already")]
    Busy,
    /// The files are where they were kept under other settings.
    #[error("the files are in a storage that is not in use")]
    Elsewhere,
    /// A background thread failed.
    #[error("a file job panicked")]
    Panicked,
}

impl FilesError {
    /// Whether a service elsewhere fails, which may be better later.
    pub fn is_remote(&self) -> bool {
        use StorageError::{Connection, Denied, NoBucket, Options, Protocol, Status, Timeout};
        matches!(
            self,
            Self::Storage(Options(_) | Denied { .. } | NoBucket | Status { .. } | Timeout | Connection(_) | Protocol)
        )
    }
}

impl From<StorageError> for FilesError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::NoSpace => Self::NoSpace,
            other => Self::Storage(other),
        }
    }
}

impl From<std::io::Error> for FilesError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
                Self::NoSpace
            }
            _ => Self::Spool(error),
        }
    }
}

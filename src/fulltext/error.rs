//! Why something about an index failed.

use std::io;

/// Why an index could not be opened or made.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no index in the folder.
    #[error("there is no index")]
    Missing,
    /// The index was made for another specification or by another version.
    #[error("the index was made for other settings or by another version")]
    Outdated,
    /// Files of the index are missing or damaged. It must be made anew.
    #[error("the index is damaged: {0}")]
    Corrupt(String),
    /// The file system failed; the index itself may be sound.
    #[error("cannot read or write the index")]
    Io(#[from] io::Error),
}

/// Why a write to an index failed. What was not committed is lost.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A document's id is empty, too long or holds a NUL.
    #[error("a document has an id that cannot be indexed")]
    Id,
    /// The document does not fit the specification of the index.
    #[error("a document does not have the fields of the index")]
    Shape,
    /// The index is damaged or the engine failed. A new writer may be tried; if it fails, too, the index must be made anew.
    #[error("the index cannot be written: {0}")]
    Engine(String),
    /// The file system failed, e.g. the disk is full.
    #[error("cannot write the index")]
    Io(#[from] io::Error),
}

/// Why a search failed. What a person types never makes it fail.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Files of the index cannot be read or make no sense. It must be made anew.
    #[error("the index is damaged: {0}")]
    Corrupt(String),
    /// The file system failed; the index itself may be sound.
    #[error("cannot read the index")]
    Io(#[from] io::Error),
}

/// Sorts an error of the engine into one of ours.
fn sort(error: &tantivy::TantivyError) -> Result<io::Error, String> {
    use tantivy::TantivyError as E;
    use tantivy::directory::error::{OpenReadError, OpenWriteError};
    let io_error = match error {
        E::IoError(e) => Some(e),
        E::OpenReadError(OpenReadError::IoError { io_error, .. })
        | E::OpenWriteError(OpenWriteError::IoError { io_error, .. }) => Some(io_error),
        _ => None,
    };
    match io_error {
        // Content that makes no sense is reported as one of these.
        Some(e)
            if !matches!(
                e.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other
            ) =>
        {
            Ok(io::Error::new(e.kind(), error.to_string()))
        }
        _ => Err(error.to_string()),
    }
}

impl From<tantivy::TantivyError> for OpenError {
    fn from(error: tantivy::TantivyError) -> Self {
        match error {
            tantivy::TantivyError::IncompatibleIndex(_) => Self::Outdated,
            error => sort(&error).map_or_else(Self::Corrupt, Self::Io),
        }
    }
}

impl From<SearchError> for OpenError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Corrupt(text) => Self::Corrupt(text),
            SearchError::Io(error) => Self::Io(error),
        }
    }
}

impl From<tantivy::TantivyError> for WriteError {
    fn from(error: tantivy::TantivyError) -> Self {
        sort(&error).map_or_else(Self::Engine, Self::Io)
    }
}

impl From<tantivy::TantivyError> for SearchError {
    fn from(error: tantivy::TantivyError) -> Self {
        sort(&error).map_or_else(Self::Corrupt, Self::Io)
    }
}

/// What a panic said. Panics come from the engine when it reads damaged files.
pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

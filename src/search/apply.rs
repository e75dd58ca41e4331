//! Bringing the present state of records into an index.

use super::source::Source;
use crate::db::DbError;
use crate::fulltext::{Document, WriteError, Writer};
use rusqlite::Connection;

/// Why records did not get into an index.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApplyError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The server is being stopped, or the index is not wanted any more.
    #[error("it is not wanted any more")]
    Cancelled,
    /// The feed does not have the changes any more that were made meanwhile.
    #[error("the change feed is shorter than what was missed")]
    Gap,
    #[error("cannot write the folder of the index: {0}")]
    Io(#[from] std::io::Error),
    /// Whatever it was, it is the matter of one collection.
    #[error("it panicked")]
    Panic,
    #[error(transparent)]
    Open(#[from] crate::fulltext::OpenError),
}

/// Makes the index say of these records what the store says. `is_wanted` is asked now and then.
pub(super) fn apply<'i>(
    conn: &Connection,
    source: &Source,
    writer: &mut Writer,
    ids: impl IntoIterator<Item = &'i str>,
    is_wanted: impl Fn() -> bool,
) -> Result<(), ApplyError> {
    for id in ids {
        if !is_wanted() {
            return Err(ApplyError::Cancelled);
        }
        match source.find(conn, id)? {
            Some(document) => put(&document, |d| writer.upsert(d))?,
            None => writer.delete(id)?,
        }
    }
    Ok(())
}

/// Writes a document. One that cannot be written is left out: imported tables may have ids that nothing can hold.
pub(super) fn put(
    document: &Document,
    write: impl FnOnce(&Document) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    match write(document) {
        Err(error @ (WriteError::Id | WriteError::Shape)) => {
            tracing::debug!(%error, "a record is left out of a search index");
            Ok(())
        }
        other => other,
    }
}

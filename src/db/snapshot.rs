//! A state of the store that is kept for several reads, by a thread of one's own.

use std::sync::Arc;
use std::time::Duration;

use super::DbError;
use super::pool::{EndRead, Kept, ReadTx};
use super::slow::KnownSlow;

/// A reading connection in a transaction: whatever is read through it is of one moment, however much is written
/// meanwhile.
///
/// As long as it lives the write-ahead log cannot be begun anew: keep it for seconds, not for hours.
#[derive(Debug)]
pub struct Snapshot {
    reader: Kept,
    known_slow: Arc<KnownSlow>,
}

impl Snapshot {
    /// Begins a transaction and reads, for only that fixes the state.
    pub(super) fn pin(reader: Kept, known_slow: Arc<KnownSlow>) -> Result<Self, DbError> {
        // Made first, so that the transaction ends if the read fails.
        let snapshot = Self { reader, known_slow };
        let conn = &snapshot.reader.conn;
        conn.prepare_cached("BEGIN")?.execute([])?;
        conn.prepare_cached("SELECT 1 FROM sqlite_schema LIMIT 1")?.exists([])?;
        Ok(snapshot)
    }

    /// The transaction; its statements may together take the given time, or any time. A statement that is stopped ends
    /// with an error ([`DbError::is_interrupted`]) and leaves the snapshot as it was. Each call starts the time anew.
    pub fn tx(&self, limit: Option<Duration>) -> ReadTx<'_> {
        match limit {
            Some(limit) => self.reader.budget.start(limit),
            None => {
                self.reader.budget.finish();
            }
        }
        ReadTx::new(&self.reader, false, &self.known_slow)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // Whoever gets the connection next has a budget of its own.
        self.reader.budget.finish();
        drop(EndRead(&self.reader.conn));
    }
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;

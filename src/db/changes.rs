//! The change feed: every record write appends a row in its own transaction, so nothing gets lost between a commit and
//! what follows from it.

use rusqlite::named_params;

use super::{DbError, WriteTx};

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeAction {
    /// It is new.
    Create,
    /// It was saved again.
    Update,
    /// It is gone.
    Delete,
}

impl ChangeAction {
    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Rows kept at least; older ones are pruned.
const KEEP_ROWS: i64 = 100_000;

/// Rows are pruned each time the sequence number is a multiple of this, so that a write rarely pays for it.
const PRUNE_EVERY: i64 = 1000;

/// Appends a change of a record.
pub fn record_change(
    tx: &WriteTx<'_>,
    collection_id: &str,
    record_id: &str,
    action: ChangeAction,
) -> Result<(), DbError> {
    tx.prepare_cached(
        "INSERT INTO _larder_changes (at, collection, record, action) VALUES (:at, :collection, :record, :action)",
    )?
    .execute(named_params! {
        ":at": tx.now(), ":collection": collection_id, ":record": record_id, ":action": action.as_str(),
    })?;
    let seq = tx.last_insert_rowid();
    if seq % PRUNE_EVERY == 0 {
        tx.prepare_cached("DELETE FROM _larder_changes WHERE seq <= :last")?
            .execute(named_params! {":last": seq - KEEP_ROWS})?;
    }
    Ok(())
}

//! The change feed: every record write appends a row in its own transaction, so nothing gets lost between a commit and
//! what follows from it.
//!
//! Rows are numbered in commit order and only ever removed from the oldest on: whoever knows the last number it has seen
//! can tell whether anything is missing.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension, named_params};

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
    /// Its name, as events have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

impl FromSql for ChangeAction {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "create" => Ok(Self::Create),
            "update" => Ok(Self::Update),
            "delete" => Ok(Self::Delete),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A row of the feed. What a deleted record held is [`deletion_after`]'s to tell: it may be large.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its number: later changes have greater ones, and none is ever used again.
    pub seq: i64,
    /// Id of the collection.
    pub collection: String,
    /// Id of the record.
    pub record: String,
    /// What happened.
    pub action: ChangeAction,
}

/// What the feed keeps of a deleted record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The number of the change.
    pub seq: i64,
    /// The last change before the write of which the deletion is a part: whatever that write did was seen together.
    pub since: i64,
    /// What the record held.
    pub image: String,
}

/// Rows kept at least; older ones are pruned.
const KEEP_ROWS: i64 = 100_000;

/// Rows are pruned each time the sequence number is a multiple of this, so that a write rarely pays for it.
const PRUNE_EVERY: i64 = 1000;

/// Most rows [`prune_changes`] removes at once, so that other writes get their turn.
const MAX_PRUNED: i64 = 1000;

/// Appends the creation or update of a record; deletions go through [`record_deletion`].
pub fn record_change(
    tx: &WriteTx<'_>,
    collection_id: &str,
    record_id: &str,
    action: ChangeAction,
) -> Result<(), DbError> {
    debug_assert_ne!(action, ChangeAction::Delete, "a deletion has an image");
    append(tx, collection_id, record_id, action, None)
}

/// Appends the deletion of a record, with what it held.
pub fn record_deletion(tx: &WriteTx<'_>, collection_id: &str, record_id: &str, image: &str) -> Result<(), DbError> {
    append(tx, collection_id, record_id, ChangeAction::Delete, Some(image))
}

fn append(
    tx: &WriteTx<'_>,
    collection_id: &str,
    record_id: &str,
    action: ChangeAction,
    image: Option<&str>,
) -> Result<(), DbError> {
    tx.prepare_cached(
        "INSERT INTO _larder_changes (at, collection, record, action, image, since) \
         VALUES (:at, :collection, :record, :action, :image, :since)",
    )?
    .execute(named_params! {
        ":at": tx.now(), ":collection": collection_id, ":record": record_id, ":action": action.as_str(), ":image": image,
        ":since": image.and(tx.first_change()).map(|first| first - 1),
    })?;
    let seq = tx.last_insert_rowid();
    tx.note_change(seq);
    if seq % PRUNE_EVERY == 0 {
        tx.prepare_cached("DELETE FROM _larder_changes WHERE seq <= :last")?
            .execute(named_params! {":last": seq - KEEP_ROWS})?;
    }
    Ok(())
}

/// The next changes after a number, oldest first.
pub fn changes_after(conn: &Connection, seq: i64, limit: i64) -> Result<Vec<Change>, DbError> {
    let mut query = conn.prepare_cached(
        "SELECT seq, collection, record, action FROM _larder_changes WHERE seq > :seq ORDER BY seq LIMIT :limit",
    )?;
    let rows = query.query_map(named_params! {":seq": seq, ":limit": limit}, |row| {
        Ok(Change { seq: row.get(0)?, collection: row.get(1)?, record: row.get(2)?, action: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The changes of a collection after a number: each with its record, oldest first.
pub fn changed_records(conn: &Connection, seq: i64, collection_id: &str) -> Result<Vec<Change>, DbError> {
    let mut query = conn.prepare_cached(
        "SELECT seq, record, action FROM _larder_changes WHERE seq > :seq AND collection = :collection ORDER BY seq",
    )?;
    let rows = query.query_map(named_params! {":seq": seq, ":collection": collection_id}, |row| {
        Ok(Change { seq: row.get(0)?, collection: collection_id.to_owned(), record: row.get(1)?, action: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The number of the last change there ever was, whether or not it is still kept; 0 if there was none.
pub fn last_seq(conn: &Connection) -> Result<i64, DbError> {
    let mut query = conn.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = '_larder_changes'")?;
    Ok(query.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// The number of the oldest change that is kept.
pub fn oldest_seq(conn: &Connection) -> Result<Option<i64>, DbError> {
    Ok(conn.prepare_cached("SELECT MIN(seq) FROM _larder_changes")?.query_row([], |row| row.get(0))?)
}

/// What tells a change from the one of the same number in another database; `None` if the change is not kept.
pub fn change_mark(conn: &Connection, seq: i64) -> Result<Option<String>, DbError> {
    let sql = "SELECT at || ' ' || collection || ' ' || record FROM _larder_changes WHERE seq = :seq";
    let mut query = conn.prepare_cached(sql)?;
    Ok(query.query_row(named_params! {":seq": seq}, |row| row.get(0)).optional()?)
}

/// Answered by the partial index in the order of changes; the records are looked up.
const OTHER_DELETION_AFTER: &str = "SELECT 1 FROM _larder_changes INDEXED BY _larder_changes_deletions_in_order \
     WHERE action = 'delete' AND collection = :collection AND seq > :seq AND record <> :record LIMIT 1";

/// Whether a record of a collection, other than this one, was deleted after a change.
pub fn has_other_deletions_after(
    conn: &Connection,
    seq: i64,
    collection_id: &str,
    record_id: &str,
) -> Result<bool, DbError> {
    let keys = named_params! {":seq": seq, ":collection": collection_id, ":record": record_id};
    Ok(conn.prepare_cached(OTHER_DELETION_AFTER)?.exists(keys)?)
}

const WAS_DELETED_AFTER: &str = "SELECT 1 FROM _larder_changes INDEXED BY _larder_changes_deletions \
     WHERE action = 'delete' AND collection = :collection AND record = :record AND seq > :seq LIMIT 1";

/// Whether a record was deleted after a change.
pub fn was_deleted_after(conn: &Connection, seq: i64, collection_id: &str, record_id: &str) -> Result<bool, DbError> {
    let keys = named_params! {":seq": seq, ":collection": collection_id, ":record": record_id};
    Ok(conn.prepare_cached(WAS_DELETED_AFTER)?.exists(keys)?)
}

/// Answered by the partial index alone, but for what is selected.
const DELETION_AFTER: &str = "SELECT seq, image, since FROM _larder_changes INDEXED BY _larder_changes_deletions \
     WHERE action = 'delete' AND collection = :collection AND record = :record AND seq > :seq ORDER BY seq LIMIT 1";

/// The first deletion of a record after a change; `None` if there was none, or long ago.
pub fn deletion_after(
    conn: &Connection,
    seq: i64,
    collection_id: &str,
    record_id: &str,
) -> Result<Option<Deletion>, DbError> {
    let keys = named_params! {":seq": seq, ":collection": collection_id, ":record": record_id};
    let deletion = conn.prepare_cached(DELETION_AFTER)?.query_row(keys, |row| {
        let seq: i64 = row.get(0)?;
        let since: Option<i64> = row.get(2)?;
        let image: Option<String> = row.get(1)?;
        Ok(image.map(|image| Deletion { seq, since: since.unwrap_or(seq - 1), image }))
    });
    Ok(deletion.optional()?.flatten())
}

/// Removes changes of before a time (date text), the oldest first and at most a thousand at once; yields how many.
///
/// No gaps come of it: what precedes a change that is too old goes with it, even if the clock was put back in between.
pub fn prune_changes(tx: &WriteTx<'_>, before: &str) -> Result<usize, DbError> {
    let mut delete = tx.prepare_cached(
        "WITH oldest AS (SELECT seq, at FROM _larder_changes ORDER BY seq LIMIT :most) \
         DELETE FROM _larder_changes WHERE seq <= (SELECT MAX(seq) FROM oldest WHERE at < :before)",
    )?;
    Ok(delete.execute(named_params! {":most": MAX_PRUNED, ":before": before})?)
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;

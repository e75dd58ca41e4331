//! The table of logs: the reference product's, so that an imported one goes on.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, named_params};

use super::entry::Row;
use crate::db::{AuxiliaryDb, AuxiliaryError, DbError, DbOptions};

/// Name of the database in the data folder.
pub const LOGS_FILE: &str = "auxiliary.db";

/// Rows looked at or removed in one step; other work has its turn between steps.
const STEP: i64 = 2000;

/// Entries removed at once for their size: few, so that little more goes than has to.
const SIZE_STEP: i64 = 500;

/// Pages given back to the system in one step.
const VACUUM_PAGES: i64 = 500;

/// Opens the database of a data folder, made if it is missing.
///
/// # Errors
/// [`AuxiliaryError::Damaged`] also for a database that is another's.
pub(super) fn open(folder: &Path, options: &DbOptions) -> Result<(Connection, AuxiliaryDb), AuxiliaryError> {
    AuxiliaryDb::open(&folder.join(LOGS_FILE), options, prepare)
}

fn prepare(conn: &mut Connection) -> Result<(), AuxiliaryError> {
    let columns = "SELECT group_concat(name, ' ') FROM (SELECT name FROM pragma_table_info('_logs') ORDER BY name)";
    let columns: Option<String> = conn.query_row(columns, [], |row| row.get(0))?;
    match columns.as_deref() {
        Some("created data id level message") => {
            // Each index costs every entry; the reference's answer nothing the one below does not.
            conn.execute_batch(
                "DROP INDEX IF EXISTS idx_logs_level; DROP INDEX IF EXISTS idx_logs_message;
                 DROP INDEX IF EXISTS idx_logs_created_hour;",
            )?;
        }
        Some(_) => {
            return Err(AuxiliaryError::Damaged(DbError::Incompatible("its table `_logs` has other columns".into())));
        }
        None => {
            // Takes effect with the VACUUM, since the file has a first page already.
            conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;")?;
            conn.execute_batch(
                "CREATE TABLE _logs (
                   id TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL,
                   level INTEGER DEFAULT 0 NOT NULL,
                   message TEXT DEFAULT '' NOT NULL,
                   data JSON DEFAULT '{}' NOT NULL,
                   created TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL
                 )",
            )?;
        }
    }
    conn.execute_batch("CREATE INDEX IF NOT EXISTS idx_larder_logs_created ON _logs (created)")?;
    Ok(())
}

/// Stores entries in one transaction.
pub(super) fn insert(conn: &mut Connection, rows: impl Iterator<Item = Row>) -> Result<(), DbError> {
    let tx = conn.transaction()?;
    {
        let mut insert = tx.prepare_cached(
            "INSERT OR IGNORE INTO _logs (id, level, message, data, created) \
             VALUES (:id, :level, :message, :data, :created)",
        )?;
        for row in rows {
            insert.execute(named_params! {
                ":id": row.id, ":level": row.level, ":message": row.message, ":data": row.data, ":created": row.created,
            })?;
        }
    }
    Ok(tx.commit()?)
}

/// The bytes that entries take.
pub(super) fn used_bytes(conn: &Connection) -> Result<u64, DbError> {
    let pragma = |sql: &str| -> Result<i64, DbError> { Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?) };
    let pages = pragma("PRAGMA page_count")? - pragma("PRAGMA freelist_count")?;
    Ok(pages.unsigned_abs() * pragma("PRAGMA page_size")?.unsigned_abs())
}

/// Removes the oldest entries; how many there were.
pub(super) fn remove_oldest(conn: &Connection) -> Result<usize, DbError> {
    let sql = "DELETE FROM _logs WHERE _rowid_ IN (SELECT _rowid_ FROM _logs ORDER BY _rowid_ LIMIT :step)";
    Ok(conn.prepare_cached(sql)?.execute(named_params! {":step": SIZE_STEP})?)
}

/// Removes entries made before a time, given as date text; how many there were.
pub(super) fn remove_before(conn: &Connection, time: &str) -> Result<usize, DbError> {
    let sql = "DELETE FROM _logs WHERE _rowid_ IN \
               (SELECT _rowid_ FROM _logs WHERE created < :time ORDER BY created LIMIT :step)";
    Ok(conn.prepare_cached(sql)?.execute(named_params! {":time": time, ":step": STEP})?)
}

/// Removes entries below a level among the next ones after a position; the position it came to, `None` at the end.
pub(super) fn remove_below(conn: &Connection, level: i64, after: i64) -> Result<Option<i64>, DbError> {
    let next = "SELECT _rowid_ FROM _logs WHERE _rowid_ > :after ORDER BY _rowid_ LIMIT 1 OFFSET :step";
    let mut next = conn.prepare_cached(next)?;
    let end: Option<i64> =
        next.query_row(named_params! {":after": after, ":step": STEP}, |row| row.get(0)).optional()?;
    let mut remove =
        conn.prepare_cached("DELETE FROM _logs WHERE _rowid_ > :after AND _rowid_ <= :end AND level < :level")?;
    remove.execute(named_params! {":after": after, ":end": end.unwrap_or(i64::MAX), ":level": level})?;
    Ok(end)
}

/// Gives some of the pages back that nothing is on; whether there may be more.
pub(super) fn give_back(conn: &Connection) -> Result<bool, DbError> {
    let free = |conn: &Connection| -> Result<i64, DbError> {
        Ok(conn.query_row("PRAGMA freelist_count", [], |row| row.get(0))?)
    };
    let before = free(conn)?;
    if before == 0 {
        return Ok(false);
    }
    conn.execute_batch(&format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"))?;
    let left = free(conn)?;
    // Unchanged in an imported file, which keeps its pages for later entries.
    Ok(left > 0 && left < before)
}

/// Removes everything, and lets the file shrink.
pub(super) fn truncate(conn: &Connection) -> Result<(), DbError> {
    conn.execute_batch(
        "DELETE FROM _logs; PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
    )?;
    Ok(())
}

/// Takes the write-ahead log over into the file. Somebody may still read, then it stays beside it.
pub(super) fn tidy(conn: &Connection) {
    if let Err(error) = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::debug!(%error, "the write-ahead log of the logs stays");
    }
}

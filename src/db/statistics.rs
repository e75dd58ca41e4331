//! What SQLite's planner believes about tables.

use rusqlite::Connection;

use super::DbError;

/// Notes how large tables are, for the planner.
pub(super) fn gather(conn: &Connection) -> Result<(), DbError> {
    conn.execute_batch("PRAGMA optimize")?;
    forget_feed(conn)
}

/// Drops what is noted about the change feed. It is short when a server first ends and long when the next one runs: a
/// planner that takes it for short reads all of it for every change.
pub(super) fn forget_feed(conn: &Connection) -> Result<(), DbError> {
    let has_statistics = conn.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'")?.exists([])?;
    if has_statistics && conn.execute("DELETE FROM sqlite_stat1 WHERE tbl = '_larder_changes'", [])? > 0 {
        // This connection has read them already.
        conn.execute_batch("ANALYZE sqlite_schema")?;
    }
    Ok(())
}

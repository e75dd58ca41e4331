//! Tells of statements that took long, by their SQL without the values bound to it.

use std::time::Duration;

use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::DbError;

/// Longest text of a statement that is shown, in bytes.
const MAX_SQL: usize = 2000;

/// Makes a connection measure its statements, which costs each some 100 ns, and tell of those that take so long. SQLite measures
/// milliseconds.
pub(super) fn install(conn: &mut Connection, limit: Duration) -> Result<(), DbError> {
    let measured = move |event: TraceEvent<'_>| {
        let TraceEvent::Profile(statement, took) = event else { return };
        if took < limit {
            return;
        }
        // Not the expanded text: values are nobody's business.
        let sql = statement.sql();
        let sql = &sql[..sql.floor_char_boundary(MAX_SQL)];
        tracing::warn!(sql, duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "a query was slow");
    };
    Ok(conn.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(measured))?)
}

//! Which records statements changed: triggers note them for as long as the statements run.

use rusqlite::Connection;

use super::ConsoleError;
use crate::db::{ChangeAction, DbError, WriteTx, record_change};
use crate::query::{Catalog, quote_identifier, quote_text};
use crate::schema::{Collection, CollectionKind};

/// Most records that are changed at once: they are noted in memory.
const MAX_TOUCHED: u32 = 500_000;

/// Where they are noted.
pub(super) const NOTES: &str = "_larder_touched";

/// Triggers that note changes, on the tables of all collections.
pub(super) struct Noting<'c> {
    conn: &'c Connection,
    triggers: Vec<String>,
}

impl<'c> Noting<'c> {
    pub(super) fn begin(conn: &'c Connection, catalog: &Catalog) -> Result<Self, DbError> {
        conn.execute_batch(&format!("CREATE TEMP TABLE {NOTES} (collection TEXT, record TEXT, is_new INTEGER)"))?;
        // A row that another one replaces is deleted without a word otherwise.
        conn.pragma_update(None, "recursive_triggers", true)?;
        let mut noting = Self { conn, triggers: Vec::new() };
        let stored = |collection: &&std::sync::Arc<Collection>| !matches!(collection.kind, CollectionKind::View { .. });
        for collection in catalog.schema().all().iter().filter(stored) {
            // The table of a damaged folder may be gone.
            let exists = "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
            if conn.prepare_cached(exists)?.exists([&collection.name])? {
                noting.watch(collection)?;
            }
        }
        Ok(noting)
    }

    fn watch(&mut self, collection: &Collection) -> Result<(), DbError> {
        let (table, id) = (quote_identifier(&collection.name), quote_text(&collection.id));
        for (event, rows) in
            [("INSERT", "new.id, 1"), ("UPDATE", "old.id, 0"), ("UPDATE", "new.id, 0"), ("DELETE", "old.id, 0")]
        {
            let name = format!("_larder_touched_{}", self.triggers.len());
            let refusal = format!("more than {MAX_TOUCHED} records would change at once");
            self.conn.execute_batch(&format!(
                "CREATE TEMP TRIGGER {name} AFTER {event} ON main.{table} BEGIN \
                 SELECT RAISE(ABORT, '{refusal}') WHERE (SELECT MAX(rowid) FROM {NOTES}) >= {MAX_TOUCHED}; \
                 INSERT INTO {NOTES} VALUES ({id}, {rows}); END"
            ))?;
            self.triggers.push(name);
        }
        Ok(())
    }

    /// Tells the change feed, and removes the triggers.
    ///
    /// Records that are gone are told as updated: what follows the feed looks for the record and finds that out. As in the
    /// reference, clients that listen hear of no deletion.
    pub(super) fn end(self, tx: &WriteTx<'_>) -> Result<(), ConsoleError> {
        for name in &self.triggers {
            // Those of a table that was dropped went with it.
            self.conn.execute_batch(&format!("DROP TRIGGER IF EXISTS temp.{name}"))?;
        }
        let touched: Vec<(String, String, bool)> = {
            let mut query = self.conn.prepare(&format!(
                "SELECT collection, record, is_new FROM temp.{NOTES} WHERE typeof(record) = 'text' \
                 AND rowid IN (SELECT MIN(rowid) FROM temp.{NOTES} GROUP BY collection, record) ORDER BY rowid"
            ))?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        for (collection, record, is_new) in touched {
            let action = if is_new { ChangeAction::Create } else { ChangeAction::Update };
            record_change(tx, &collection, &record, action)?;
        }
        self.conn.execute_batch(&format!("DROP TABLE temp.{NOTES}"))?;
        Ok(())
    }
}

impl Drop for Noting<'_> {
    fn drop(&mut self) {
        // Whatever was made is undone with the transaction if it fails; this is not.
        if let Err(error) = self.conn.pragma_update(None, "recursive_triggers", false) {
            tracing::warn!(%error, "triggers stay recursive");
        }
    }
}

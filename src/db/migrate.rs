//! Brings a data folder to the layout this version needs.
//!
//! Migrations are the numbered SQL files of `migrations/`, compiled in, each applied in one transaction and never edited
//! after release. `_larder_migrations` holds what was applied.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::DbError;

/// One migration; its number is its position, from 1.
struct Migration {
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_init", sql: include_str!("../../migrations/0001_init.sql") },
    Migration { name: "0002_changes", sql: include_str!("../../migrations/0002_changes.sql") },
    Migration { name: "0003_change_images", sql: include_str!("../../migrations/0003_change_images.sql") },
    Migration { name: "0004_dropped_files", sql: include_str!("../../migrations/0004_dropped_files.sql") },
    Migration { name: "0005_change_origins", sql: include_str!("../../migrations/0005_change_origins.sql") },
    Migration { name: "0006_dropped_files_place", sql: include_str!("../../migrations/0006_dropped_files_place.sql") },
];

/// Applies what is missing.
///
/// # Errors
/// [`DbError::Incompatible`] for a folder of a newer Larder, or of another product that has to be imported.
pub(super) fn migrate(conn: &mut Connection, now: &str) -> Result<(), DbError> {
    let applied = applied_version(conn)?;
    let known = MIGRATIONS.len();
    if applied > known {
        return Err(DbError::Incompatible(format!(
            "this data folder was written by a newer Larder (layout {applied}, this version knows {known}): \
             run that version or a newer one"
        )));
    }
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(applied) {
        let version = i64::try_from(index + 1).unwrap_or(i64::MAX);
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        tx.execute_batch(migration.sql)?;
        tx.execute(
            "INSERT INTO _larder_migrations (version, name, applied) VALUES (:version, :name, :applied)",
            named_params! {":version": version, ":name": migration.name, ":applied": now},
        )?;
        tx.commit()?;
        tracing::debug!(migration = migration.name, "applied a migration");
    }
    Ok(())
}

fn applied_version(conn: &Connection) -> Result<usize, DbError> {
    let has_table = |name: &str| -> Result<bool, DbError> {
        let mut query = conn.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name")?;
        Ok(query.query_row(named_params! {":name": name}, |_| Ok(())).optional()?.is_some())
    };
    if !has_table("_larder_migrations")? {
        if has_table("_collections")? || has_table("_admins")? {
            return Err(DbError::Incompatible(
                "this is a PocketBase data folder: move it in with `larder import pocketbase <pb_data> --dir <new folder>`"
                    .into(),
            ));
        }
        conn.execute_batch(
            "CREATE TABLE _larder_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied TEXT NOT NULL)",
        )?;
    }
    let version: u32 =
        conn.query_row("SELECT COALESCE(MAX(version), 0) FROM _larder_migrations", [], |row| row.get(0))?;
    Ok(version as usize)
}

/// Marks a copied PocketBase database as one to be migrated; its own tables take the place of the first migration.
///
/// # Errors
/// If SQLite refuses.
pub(super) fn adopt(conn: &Connection, now: &str) -> Result<(), DbError> {
    conn.execute_batch(
        "CREATE TABLE _larder_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied TEXT NOT NULL)",
    )?;
    conn.execute(
        "INSERT INTO _larder_migrations (version, name, applied) VALUES (1, :name, :applied)",
        named_params! {":name": MIGRATIONS[0].name, ":applied": now},
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_knows_what_went_with_earlier_deletions() {
        let mut conn = Connection::open_in_memory().unwrap();
        adopt(&conn, "").unwrap();
        for (migration, version) in MIGRATIONS[1..3].iter().zip(2..) {
            conn.execute_batch(migration.sql).unwrap();
            let applied = "INSERT INTO _larder_migrations (version, name, applied) VALUES (?1, ?2, '')";
            conn.execute(applied, rusqlite::params![version, migration.name]).unwrap();
        }
        conn.execute_batch(
            "INSERT INTO _larder_changes (at, collection, record, action, image) VALUES
             ('', 'parents', 'p', 'update', NULL), ('', 'parents', 'p', 'delete', '{}'), ('', 'children', 'c', 'delete', '{}')",
        )
        .unwrap();
        migrate(&mut conn, "").unwrap();
        let deletion = crate::db::deletion_after(&conn, 0, "children", "c").unwrap().unwrap();
        assert_eq!((deletion.seq, deletion.since), (3, 0));
    }
}

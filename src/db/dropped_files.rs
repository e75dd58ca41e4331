//! Files that no record names any more, to be removed from the storage after the commit that dropped them.

use rusqlite::Connection;

use super::DbError;

/// A file to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedFile {
    /// Grows with each entry.
    pub id: i64,
    /// Collection id.
    pub collection: String,
    /// Record id.
    pub record: String,
    /// Name of the file.
    pub name: String,
}

/// Notes that a record does not name a file any more, in the transaction that makes it so.
///
/// # Errors
/// SQLite's.
pub fn drop_file(conn: &Connection, collection: &str, record: &str, name: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO _larder_dropped_files (collection, record, name) VALUES (?1, ?2, ?3)";
    conn.prepare_cached(sql)?.execute([collection, record, name])?;
    Ok(())
}

/// Notes many: `select` yields collection, record and name of each.
///
/// # Errors
/// SQLite's.
pub fn drop_files(conn: &Connection, select: &str, params: impl rusqlite::Params) -> rusqlite::Result<()> {
    let sql = format!("INSERT INTO _larder_dropped_files (collection, record, name) {select}");
    conn.execute(&sql, params).map(drop)
}

/// The next `limit` entries after the one with this id, oldest first, of files in `place`: where files are kept now.
///
/// # Errors
/// SQLite's.
pub fn dropped_files(conn: &Connection, place: &str, after: i64, limit: i64) -> Result<Vec<DroppedFile>, DbError> {
    let sql = "SELECT id, collection, record, name FROM _larder_dropped_files \
               WHERE id > ?1 AND coalesce(place, ?2) = ?2 ORDER BY id LIMIT ?3";
    let mut query = conn.prepare_cached(sql)?;
    let rows = query.query_map(rusqlite::params![after, place, limit], |row| {
        Ok(DroppedFile { id: row.get(0)?, collection: row.get(1)?, record: row.get(2)?, name: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes where the files of all entries are that say nothing yet: in the transaction from which on files are kept elsewhere.
/// They are removed when files are kept there again.
///
/// # Errors
/// SQLite's.
pub fn keep_dropped_files(conn: &Connection, place: &str) -> Result<(), DbError> {
    conn.execute("UPDATE _larder_dropped_files SET place = ?1 WHERE place IS NULL", [place])?;
    Ok(())
}

/// Removes entries whose files are gone.
///
/// # Errors
/// SQLite's.
pub fn forget_dropped_files(conn: &Connection, ids: &[i64]) -> Result<(), DbError> {
    let mut delete = conn.prepare_cached("DELETE FROM _larder_dropped_files WHERE id = ?1")?;
    for id in ids {
        delete.execute([id])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::db::{DbOptions, OpenedDb};

    #[test]
    fn entries_stay_until_they_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut db = OpenedDb::open(folder.path(), DbOptions::default(), Clock::system()).unwrap();
        let left = db.transaction::<_, DbError>(|tx| {
            drop_file(tx, "c", "r", "a.png")?;
            drop_file(tx, "c", "r", "b.png")?;
            drop_file(tx, "d", "r", "c.png")?;
            let first = dropped_files(tx, "here", 0, 1)?;
            assert_eq!((first.len(), first[0].name.as_str()), (1, "a.png"));
            let rest = dropped_files(tx, "here", first[0].id, 10)?;
            assert_eq!(
                rest.iter().map(|f| (f.record.as_str(), f.name.as_str())).collect::<Vec<_>>(),
                [("r", "b.png"), ("r", "c.png")]
            );
            forget_dropped_files(tx, &[first[0].id, rest[1].id])?;
            dropped_files(tx, "here", 0, 10)
        });
        assert_eq!(left.unwrap().iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["b.png"]);
    }

    #[test]
    fn entries_are_about_the_place_where_files_were_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut db = OpenedDb::open(folder.path(), DbOptions::default(), Clock::system()).unwrap();
        let names = |conn: &Connection, place: &str| {
            let found = dropped_files(conn, place, 0, 10)?;
            Ok::<_, DbError>(found.into_iter().map(|file| file.name).collect::<Vec<_>>())
        };
        let found = db.transaction::<_, DbError>(|tx| {
            drop_file(tx, "c", "r", "a.png")?;
            keep_dropped_files(tx, "here")?;
            drop_file(tx, "c", "r", "b.png")?;
            let elsewhere = names(tx, "elsewhere")?;
            keep_dropped_files(tx, "elsewhere")?;
            Ok((elsewhere, names(tx, "here")?, names(tx, "elsewhere")?))
        });
        assert_eq!(found.unwrap(), (vec!["b.png".into()], vec!["a.png".into()], vec!["b.png".into()]));
    }
}

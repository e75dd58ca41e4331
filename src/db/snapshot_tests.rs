//! Snapshots: what they see, how long, and what becomes of their connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use crate::clock::Clock;
use crate::db::{Db, DbError, DbOptions, OpenedDb, ReadTx, Snapshot, connection};

async fn open() -> (Db, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = OpenedDb::open(folder.path(), DbOptions::default(), Clock::system()).unwrap().start(|_| Ok(())).unwrap();
    execute(&db, "CREATE TABLE t (n INTEGER)").await;
    (db, folder)
}

async fn execute(db: &Db, sql: &'static str) {
    db.write(move |tx| Ok::<_, DbError>(tx.execute_batch(sql)?)).await.unwrap();
}

fn take(db: &Db) -> Snapshot {
    db.snapshot(|| ()).unwrap().0
}

fn count(tx: &ReadTx<'_>) -> i64 {
    tx.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_snapshot_stays_what_it_was() {
    let (db, _folder) = open().await;
    let before = take(&db);
    execute(&db, "INSERT INTO t VALUES (1)").await;
    let after = take(&db);
    execute(&db, "INSERT INTO t VALUES (2)").await;
    // It is for other threads.
    let counts = std::thread::spawn(move || (count(&before.tx(None)), count(&after.tx(None))));
    assert_eq!(counts.join().unwrap(), (0, 1));
}

#[tokio::test]
async fn a_snapshot_cannot_write() {
    let (db, _folder) = open().await;
    let snapshot = take(&db);
    assert!(snapshot.tx(None).execute("INSERT INTO t VALUES (1)", []).is_err());
}

#[tokio::test]
async fn a_stopped_statement_leaves_the_snapshot() {
    let (db, _folder) = open().await;
    let snapshot = take(&db);
    execute(&db, "INSERT INTO t VALUES (1)").await;
    let count_to = |tx: &ReadTx<'_>, end: i64| {
        let numbers =
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < ?1) SELECT max(n) FROM r";
        tx.query_row(numbers, [end], |row| row.get::<_, i64>(0)).map_err(DbError::from)
    };
    let tx = snapshot.tx(Some(Duration::from_millis(20)));
    assert!(count_to(&tx, i64::MAX).unwrap_err().is_interrupted());
    // What is left of the time is shared by all statements: none.
    assert!(count_to(&tx, i64::MAX).unwrap_err().is_interrupted());
    // The next call has its own: an hour, and as long as it takes.
    assert_eq!(count_to(&snapshot.tx(Some(Duration::from_hours(1))), 100_000).unwrap(), 100_000);
    assert_eq!(count_to(&snapshot.tx(None), 100_000).unwrap(), 100_000);
    assert_eq!(count(&snapshot.tx(None)), 0);
}

#[tokio::test]
async fn a_snapshot_and_its_pair_are_of_one_moment() {
    let (db, _folder) = open().await;
    let schema = Arc::new(AtomicUsize::new(1));
    let (reader, seen) = (db.clone(), Arc::clone(&schema));
    let taken = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let calls = AtomicUsize::new(0);
        let (snapshot, columns) = reader
            .snapshot(|| {
                if calls.fetch_add(1, Ordering::Relaxed) == 0 {
                    let changed = Arc::clone(&seen);
                    let change = reader.write_schema(move |tx| {
                        tx.execute_batch("ALTER TABLE t ADD COLUMN m INTEGER")?;
                        tx.after_commit(move || changed.store(2, Ordering::Release));
                        Ok::<_, DbError>(())
                    });
                    runtime.block_on(change).unwrap();
                }
                seen.load(Ordering::Acquire)
            })
            .unwrap();
        let stored: i64 =
            snapshot.tx(None).query_row("SELECT count(*) FROM pragma_table_info('t')", [], |r| r.get(0)).unwrap();
        (stored, columns, calls.load(Ordering::Relaxed))
    });
    assert_eq!(taken.join().unwrap(), (2, 2, 2));
}

#[tokio::test]
async fn a_dropped_snapshot_lets_the_log_go() {
    let (db, folder) = open().await;
    let conn = connection::open_writer(&folder.path().join(crate::db::DATA_FILE), &DbOptions::default()).unwrap();
    conn.busy_timeout(Duration::ZERO).unwrap();
    let is_held = || conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0)).unwrap();
    let snapshot = take(&db);
    execute(&db, "INSERT INTO t VALUES (1)").await;
    assert!(is_held());
    drop(snapshot);
    assert!(!is_held());
}

#[tokio::test]
async fn connections_are_given_back() {
    let (db, _folder) = open().await;
    for round in 0..3 {
        // As many as there are; with one missing, the last would be refused.
        let kept: Vec<Snapshot> = (0..8).map(|_| take(&db)).collect();
        assert_eq!(kept.iter().map(|snapshot| count(&snapshot.tx(None))).collect::<Vec<_>>(), [round; 8]);
        // Ended in the midst of it, and with a time that is over.
        kept[0].tx(Some(Duration::ZERO));
        drop(kept);
        execute(&db, "INSERT INTO t VALUES (1)").await;
    }
}

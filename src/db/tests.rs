//! The store as its users see it: transactions, failures, snapshots.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::{Db, DbError, DbOptions, Durability, FolderLock, OpenedDb};
use crate::clock::Clock;

fn open(options: DbOptions) -> (Db, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let opened = OpenedDb::open(folder.path(), options, Clock::system()).unwrap();
    let db = opened.start(|_| Ok(())).unwrap();
    (db, folder)
}

async fn execute(db: &Db, sql: &'static str) -> Result<(), DbError> {
    db.write(move |tx| Ok(tx.execute_batch(sql)?)).await
}

fn count(db: &Db) -> i64 {
    db.read_blocking(|tx| Ok::<_, DbError>(tx.query_row("SELECT count(*) FROM t", [], |r| r.get(0))?)).unwrap()
}

#[tokio::test]
async fn a_failing_or_panicking_job_undoes_only_its_own_work() {
    let (db, _folder) = open(DbOptions::default());
    execute(&db, "CREATE TABLE t (n INTEGER)").await.unwrap();
    let effects = Arc::new(AtomicUsize::new(0));
    // Queued while the writer is busy, so that they share a transaction.
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let busy = db.write(move |_| {
        let _ = wait.recv();
        Ok::<_, DbError>(())
    });
    let job = |n: i64| {
        let effects = Arc::clone(&effects);
        db.write(move |tx| {
            tx.execute("INSERT INTO t VALUES (?1)", [n])?;
            tx.after_commit(move || {
                effects.fetch_add(1, Ordering::Relaxed);
            });
            assert_ne!(n, 3, "a job that panics");
            if n == 2 { Err(DbError::Closed) } else { Ok(()) }
        })
    };
    let release = async {
        release.send(()).unwrap();
    };
    let (_, one, two, three, four, ()) = tokio::join!(busy, job(1), job(2), job(3), job(4), release);
    assert!(one.is_ok() && four.is_ok());
    assert!(matches!(two, Err(DbError::Closed)));
    assert!(matches!(three, Err(DbError::Panicked)));
    assert_eq!(count(&db), 2);
    assert_eq!(effects.load(Ordering::Relaxed), 2, "only what was committed has effects");
}

#[tokio::test]
async fn slow_reads_keep_nothing_once_they_are_answered() {
    /// Takes its time to go.
    struct Input(Arc<AtomicUsize>);
    impl Drop for Input {
        fn drop(&mut self) {
            std::thread::sleep(Duration::from_millis(50));
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let (db, _folder) = open(DbOptions::default());
    let gone = Arc::new(AtomicUsize::new(0));
    let input = Input(Arc::clone(&gone));
    let read = db.read_slow(move |_| {
        let _input = &input;
        Ok::<_, DbError>(())
    });
    read.await.unwrap();
    assert_eq!(gone.load(Ordering::SeqCst), 1, "the job still holds its input");
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_nothing_is_lost() {
    let (db, _folder) = open(DbOptions::default());
    execute(&db, "CREATE TABLE t (n INTEGER, filler TEXT)").await.unwrap();
    execute(&db, "INSERT INTO t VALUES (1, '')").await.unwrap();
    let limit = |pages: i64| db.write(move |tx| Ok::<_, DbError>(tx.pragma_update(None, "max_page_count", pages)?));
    limit(1).await.unwrap();
    let error = execute(&db, "INSERT INTO t VALUES (2, hex(zeroblob(100000)))").await.unwrap_err();
    assert!(error.is_out_of_space(), "{error}");
    assert_eq!(count(&db), 1);
    limit(1_000_000).await.unwrap();
    execute(&db, "INSERT INTO t VALUES (3, hex(zeroblob(100000)))").await.unwrap();
    assert_eq!(count(&db), 2);
}

#[tokio::test]
async fn a_read_sees_one_snapshot_and_cannot_write() {
    let (db, _folder) = open(DbOptions::default());
    execute(&db, "CREATE TABLE t (n INTEGER)").await.unwrap();
    let denied = db.read(|tx| Ok::<_, DbError>(tx.execute("INSERT INTO t VALUES (1)", [])?)).await;
    assert!(denied.is_err());
    let writer = db.clone();
    let (before, after) = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        writer.clone().read_blocking(move |tx| {
            let count = || tx.query_row("SELECT count(*) FROM t", [], |r| r.get::<_, i64>(0));
            let before = count()?;
            runtime.block_on(execute(&writer, "INSERT INTO t VALUES (1)"))?;
            Ok::<_, DbError>((before, count()?))
        })
    })
    .join()
    .unwrap()
    .unwrap();
    assert_eq!((before, after), (0, 0));
    assert_eq!(count(&db), 1);
}

/// Counts to a million in SQLite: far longer than the inline budget.
const SLOW: &str =
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000000) SELECT count(*) FROM r";

#[tokio::test]
async fn a_long_read_moves_to_another_thread() {
    let (db, _folder) = open(DbOptions::default());
    let here = std::thread::current().id();
    // The pool opens its first connection in the background; until it is there, every read moves.
    while db.read(|_| Ok::<_, DbError>(std::thread::current().id())).await.unwrap() != here {}
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let (rows, thread) = db
        .read(move |tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            let rows: i64 = tx.query_row(SLOW, [], |r| r.get(0))?;
            Ok::<_, DbError>((rows, std::thread::current().id()))
        })
        .await
        .unwrap();
    assert_eq!(rows, 1_000_000);
    assert_ne!(thread, here);
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_runaway_read_is_stopped() {
    let query_timeout = Duration::from_millis(50);
    let (db, _folder) = open(DbOptions { query_timeout, ..DbOptions::default() });
    let endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r";
    let error = db.read(move |tx| Ok::<i64, DbError>(tx.query_row(endless, [], |r| r.get(0))?)).await.unwrap_err();
    assert!(error.is_interrupted(), "{error}");
}

#[tokio::test]
async fn a_read_can_be_given_less_time() {
    let query_timeout = Duration::from_hours(1);
    let (db, _folder) = open(DbOptions { query_timeout, ..DbOptions::default() });
    let endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r";
    let limited = db.read(move |tx| {
        tx.limit_time(Duration::from_millis(50));
        Ok::<i64, DbError>(tx.query_row(endless, [], |r| r.get(0))?)
    });
    let error = limited.await.unwrap_err();
    assert!(error.is_interrupted(), "{error}");
}

#[tokio::test]
async fn a_read_nobody_waits_for_is_stopped() {
    let query_timeout = Duration::from_hours(1);
    let (db, _folder) = open(DbOptions { query_timeout, slow_readers: 1, ..DbOptions::default() });
    let endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r";
    let (started, begun) = tokio::sync::oneshot::channel();
    let started = std::sync::Mutex::new(Some(started));
    let abandoned = db.read_slow(move |tx| {
        if let Some(started) = started.lock().unwrap().take() {
            started.send(()).unwrap();
        }
        Ok::<i64, DbError>(tx.query_row(endless, [], |r| r.get(0))?)
    });
    tokio::select! {
        _ = abandoned => panic!("it never ends"),
        begun = begun => begun.unwrap(),
    }
    // The only slow reader is free again, or this would wait for an hour.
    let rows = db.read_slow(|tx| Ok::<i64, DbError>(tx.query_row("SELECT 1", [], |r| r.get(0))?)).await.unwrap();
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn readers_that_hang_up_while_they_wait_leave_their_places() {
    use futures_util::FutureExt as _;

    let (db, _folder) = open(DbOptions { slow_readers: 1, ..DbOptions::default() });
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let own = db.clone();
    let holder = tokio::spawn(async move {
        let block = move |_: &super::ReadTx<'_>| {
            let _ = held.lock().unwrap().recv();
            Ok::<_, DbError>(())
        };
        own.read_slow(block).await
    });
    tokio::task::yield_now().await;
    for n in 0..3 * super::pool::MAX_WAITING {
        let waiting = db.read_slow(|_| Ok::<_, DbError>(())).now_or_never();
        assert!(waiting.is_none(), "read {n} was refused or did not wait");
    }
    drop(release);
    holder.await.unwrap().unwrap();
    db.read_slow(|_| Ok::<_, DbError>(())).await.unwrap();
}

#[tokio::test]
async fn searches_and_other_long_reads_do_not_wait_for_each_other() {
    for is_search in [false, true] {
        let (db, _folder) = open(DbOptions { slow_readers: 1, search_readers: 1, ..DbOptions::default() });
        let (release, held) = std::sync::mpsc::channel::<()>();
        let held = std::sync::Mutex::new(held);
        let own = db.clone();
        let block = move |_: &super::ReadTx<'_>| {
            let _ = held.lock().unwrap().recv();
            Ok::<_, DbError>(())
        };
        let holder =
            tokio::spawn(
                async move { if is_search { own.read_search(block).await } else { own.read_slow(block).await } },
            );
        tokio::task::yield_now().await;
        // These would wait for ever.
        if is_search {
            db.read_slow(|_| Ok::<_, DbError>(())).await.unwrap();
        } else {
            db.read_search(|_| Ok::<_, DbError>(())).await.unwrap();
        }
        drop(release);
        holder.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_part_of_a_read_may_have_less_time() {
    let (db, _folder) = open(DbOptions::default());
    let read = |tx: &super::ReadTx<'_>| {
        let count = |limit: i64| {
            let sql =
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT count(*) FROM n";
            tx.query_row(sql, [limit], |row| row.get::<_, i64>(0)).map_err(DbError::from)
        };
        let stopped = tx.within(Duration::ZERO, || count(i64::MAX));
        assert!(stopped.is_err_and(|error| error.is_interrupted()));
        count(100_000)
    };
    assert_eq!(db.read_search(read).await.unwrap(), 100_000);
}

#[tokio::test]
async fn reads_that_overlap_a_schema_change_are_run_again() {
    let (db, _folder) = open(DbOptions::default());
    execute(&db, "CREATE TABLE t (n INTEGER)").await.unwrap();
    let schema = Arc::new(AtomicUsize::new(1));
    let (reader, seen) = (db.clone(), Arc::clone(&schema));
    let runs = AtomicUsize::new(0);
    let read = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        reader.clone().read_blocking(|tx| {
            let schema_before = seen.load(Ordering::Acquire);
            if runs.fetch_add(1, Ordering::Relaxed) == 0 {
                let changed = Arc::clone(&seen);
                runtime.block_on(reader.write_schema(move |tx| {
                    tx.execute_batch("ALTER TABLE t ADD COLUMN m INTEGER")?;
                    tx.after_commit(move || changed.store(2, Ordering::Release));
                    Ok::<_, DbError>(())
                }))?;
            }
            let columns: i64 = tx.query_row("SELECT count(*) FROM pragma_table_info('t')", [], |r| r.get(0))?;
            Ok::<_, DbError>((schema_before, columns))
        })
    });
    assert_eq!(read.join().unwrap().unwrap(), (2, 2), "rows and schema of one moment");
}

/// Counts calls, and lets somebody wait for them.
fn calls() -> (impl Fn() + Send + Sync + 'static, impl AsyncFn(usize)) {
    let (sender, receiver) = tokio::sync::watch::channel(0usize);
    let call = move || sender.send_modify(|n| *n += 1);
    let at_least = async move |n| {
        receiver.clone().wait_for(|calls| *calls >= n).await.unwrap();
    };
    (call, at_least)
}

#[tokio::test]
async fn listeners_hear_of_commits_even_beside_one_that_panics() {
    let (db, _folder) = open(DbOptions::default());
    execute(&db, "CREATE TABLE t (n INTEGER)").await.unwrap();
    let (call, heard) = calls();
    db.on_commit(|| panic!("a listener that panics"));
    db.on_commit(call);
    for n in 1..=3 {
        execute(&db, "INSERT INTO t VALUES (1)").await.unwrap();
        heard(n).await;
    }
    assert_eq!(count(&db), 3);
}

#[tokio::test]
async fn listeners_are_called_after_the_writes_were_answered() {
    let (db, _folder) = open(DbOptions::default());
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    db.on_commit(move || {
        let _ = held.lock().unwrap().recv();
    });
    // Answered while the listener waits.
    execute(&db, "CREATE TABLE t (n INTEGER)").await.unwrap();
    drop(release);
    execute(&db, "INSERT INTO t VALUES (1)").await.unwrap();
}

#[tokio::test]
async fn listeners_hear_of_other_processes() {
    let (db, folder) = open(DbOptions::default());
    execute(&db, "CREATE TABLE t (n INTEGER)").await.unwrap();
    let (call, heard) = calls();
    db.on_commit(call);
    let mut other = OpenedDb::open(folder.path(), DbOptions::default(), Clock::system()).unwrap();
    other.transaction(|tx| Ok::<_, DbError>(tx.execute_batch("INSERT INTO t VALUES (1)")?)).unwrap();
    heard(1).await;
}

#[test]
fn writes_are_synced_unless_asked_otherwise() {
    for (durability, want) in [(Durability::Full, 2), (Durability::Normal, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let options = DbOptions { durability, ..DbOptions::default() };
        let mut opened = OpenedDb::open(folder.path(), options, Clock::system()).unwrap();
        let (mode, synchronous): (String, i64) = opened
            .transaction(|tx| {
                let pragma = |sql: &str| tx.query_row(sql, [], |r| r.get::<_, rusqlite::types::Value>(0));
                let text = |value| match value {
                    rusqlite::types::Value::Text(text) => text,
                    other => format!("{other:?}"),
                };
                let synchronous = tx.query_row("PRAGMA synchronous", [], |r| r.get(0))?;
                Ok::<_, DbError>((text(pragma("PRAGMA journal_mode")?), synchronous))
            })
            .unwrap();
        assert_eq!((mode.as_str(), synchronous), ("wal", want), "{durability:?}");
    }
}

#[tokio::test]
async fn a_closed_store_refuses_writes_and_keeps_what_was_queued() {
    let (db, folder) = open(DbOptions::default());
    execute(&db, "CREATE TABLE t (n INTEGER)").await.unwrap();
    let queued = db.write(|tx| Ok::<_, DbError>(tx.execute("INSERT INTO t VALUES (1)", [])?));
    let close = async { db.close() };
    let (queued, ()) = tokio::join!(queued, close);
    queued.unwrap();
    assert!(matches!(execute(&db, "INSERT INTO t VALUES (2)").await, Err(DbError::Closed)));
    drop(db);
    let opened = OpenedDb::open(folder.path(), DbOptions::default(), Clock::system()).unwrap();
    assert_eq!(count(&opened.start(|_| Ok(())).unwrap()), 1);
}

#[test]
fn a_folder_is_held_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let held = FolderLock::take(folder.path()).unwrap();
    assert!(matches!(FolderLock::take(folder.path()), Err(DbError::Locked(_))));
    drop(held);
    FolderLock::take(folder.path()).unwrap();
}

//! The embedded SQLite store: one writer thread, many readers, migrations and the change feed.
//!
//! Everything above hands in closures: [`Db::read`] runs one on a connection with a single snapshot, [`Db::write`] in
//! one transaction on the writer thread. Nothing else opens the database.

mod auxiliary;
mod changes;
mod connection;
mod dropped_files;
mod error;
mod folder;
pub mod guard;
mod interim;
mod listeners;
mod migrate;
mod place;
mod pool;
mod slow;
mod slow_report;
mod snapshot;
mod statistics;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

pub use auxiliary::{AuxiliaryDb, AuxiliaryError};
pub use changes::{
    Change, ChangeAction, Deletion, change_mark, changed_records, changes_after, deletion_after,
    has_other_deletions_after, last_seq, oldest_seq, prune_changes, record_change, record_deletion, was_deleted_after,
};
pub use connection::{DbOptions, Durability};
pub use dropped_files::{DroppedFile, drop_file, drop_files, dropped_files, forget_dropped_files, keep_dropped_files};
pub use error::DbError;
pub use folder::{FolderLock, copy_database, create_folder, open_existing};
pub use interim::{Interim, RecordKey};
pub use place::{Place, Places};
pub use pool::ReadTx;
pub use snapshot::Snapshot;
pub use writer::WriteTx;

use crate::clock::Clock;
use listeners::Listeners;
use pool::ReadPool;
use slow::SlowThreads;
use writer::{External, Writer};

/// Name of the main database in the data folder.
pub const DATA_FILE: &str = "data.db";

/// Size of the write-ahead log from which it is copied into the database, in bytes.
const CHECKPOINT_FROM: u64 = 8 << 20;

/// Size of the write-ahead log from which it is begun anew at the price of a short wait, in bytes.
const RESTART_FROM: u64 = 128 << 20;

/// The store of one data folder. Clones share it.
#[derive(Debug, Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    readers: Arc<ReadPool>,
    slow_threads: SlowThreads,
    search_threads: SlowThreads,
    writer: Writer,
    listeners: Listeners,
    clock: Clock,
    checkpointer: std::sync::Mutex<Option<Checkpointer>>,
}

/// A database that is migrated but not yet served: for bootstrap work on a plain connection.
#[derive(Debug)]
pub struct OpenedDb {
    path: PathBuf,
    conn: Connection,
    options: DbOptions,
    clock: Clock,
    /// Of before anything was loaded from it.
    data_version: i64,
}

impl OpenedDb {
    /// Creates the folder if needed, opens its database and applies migrations.
    ///
    /// # Errors
    /// [`DbError::Incompatible`] for a folder of a newer Larder or of another product; I/O and SQLite failures.
    pub fn open(folder: &Path, options: DbOptions, clock: Clock) -> Result<Self, DbError> {
        folder::create_folder(folder)?;
        let path = folder.join(DATA_FILE);
        let mut conn = connection::open_writer(&path, &options)?;
        migrate::migrate(&mut conn, &clock.now_text())?;
        statistics::forget_feed(&conn)?;
        let data_version = writer::data_version(&conn)?;
        Ok(Self { path, conn, options, clock, data_version })
    }

    /// Opens a copied database of the reference product, whose tables become ours.
    ///
    /// # Errors
    /// I/O and SQLite failures.
    pub fn adopt(folder: &Path, options: DbOptions, clock: Clock) -> Result<Self, DbError> {
        let conn = connection::open_writer(&folder.join(DATA_FILE), &options)?;
        migrate::adopt(&conn, &clock.now_text())?;
        drop(conn);
        Self::open(folder, options, clock)
    }

    /// Runs one transaction on this thread.
    ///
    /// # Errors
    /// What the job or the commit fails with; nothing is kept then.
    pub fn transaction<T, E: From<DbError>>(&mut self, job: impl FnOnce(&WriteTx<'_>) -> Result<T, E>) -> Result<T, E> {
        let tx = self
            .conn
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(|e| E::from(e.into()))?;
        let value = job(&WriteTx::wrap(&tx, &self.clock))?;
        tx.commit().map_err(|e| E::from(e.into()))?;
        Ok(value)
    }

    /// Starts the writer thread and the readers. `on_external_change` runs on the writer thread when another process
    /// committed, and again later if it fails.
    ///
    /// # Errors
    /// If a thread or a connection cannot be made.
    pub fn start(
        self,
        on_external_change: impl Fn(&Connection) -> Result<(), DbError> + Send + 'static,
    ) -> Result<Db, DbError> {
        // The checkpointer does it off the writer's path.
        self.conn.pragma_update(None, "wal_autocheckpoint", 0)?;
        let readers = Arc::new(ReadPool::open(&self.path, &self.options));
        let checkpointer = Checkpointer::start(&self.path, &self.options)?;
        let listeners = Listeners::default();
        let writer = Writer::start(
            self.conn,
            self.clock.clone(),
            self.options.write_queue,
            readers.schema_change(),
            External { changed: Box::new(on_external_change), data_version: self.data_version },
            listeners.clone(),
        )?;
        let checkpointer = std::sync::Mutex::new(Some(checkpointer));
        let slow_threads = SlowThreads::start("slow-read", self.options.slow_readers, slow::SLOW_NICENESS)?;
        let search_threads = SlowThreads::start("search-read", self.options.search_readers, slow::SEARCH_NICENESS)?;
        let clock = self.clock;
        Ok(Db {
            inner: Arc::new(Inner { readers, slow_threads, search_threads, writer, listeners, clock, checkpointer }),
        })
    }
}

impl Db {
    /// The clock writes are stamped with.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Runs a read on one snapshot: on this thread if it is short, else on one of a bounded set of threads. The job may
    /// therefore run twice; it is dropped by the time its result is there.
    ///
    /// # Errors
    /// What the job fails with; [`DbError::QueueFull`] when too many reads wait.
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: Fn(&ReadTx<'_>) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        match self.inner.readers.try_inline(&job) {
            Some(result) => result,
            None => self.read_slow(job).await,
        }
    }

    /// Like [`read`](Self::read) for work known to be long: it does not try this thread first.
    ///
    /// # Errors
    /// Like [`read`](Self::read).
    pub async fn read_slow<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: Fn(&ReadTx<'_>) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        pool::read_elsewhere(&self.inner.readers, |pool| &pool.slow, &self.inner.slow_threads, job).await
    }

    /// Like [`read_slow`](Self::read_slow), on threads and connections of its own: searches do not make lists wait, nor these
    /// them.
    ///
    /// # Errors
    /// Like [`read`](Self::read).
    pub async fn read_search<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: Fn(&ReadTx<'_>) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        pool::read_elsewhere(&self.inner.readers, |pool| &pool.search, &self.inner.search_threads, job).await
    }

    /// Runs a read on this thread, however long it takes; for start-up, commands and tests.
    ///
    /// # Errors
    /// What the job fails with.
    pub fn read_blocking<T, E: From<DbError>>(&self, job: impl Fn(&ReadTx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.inner.readers.run_here(&job)
    }

    /// Takes a snapshot to be read from a background thread, and with it what `pair_with` yields (the in-memory schema):
    /// both are of a moment between two changes of collections. Waits for such a moment, and for one of a few
    /// connections; `pair_with` may be called several times.
    ///
    /// # Errors
    /// [`DbError::QueueFull`] when too many snapshots are kept; SQLite's.
    pub fn snapshot<S>(&self, pair_with: impl Fn() -> S) -> Result<(Snapshot, S), DbError> {
        self.inner.readers.snapshot(pair_with)
    }

    /// Calls `listener` on the writer thread after each commit, of another process too, once the jobs in it are answered.
    /// It must be quick, for all writes wait for it; it should wake somebody, no more. It is called for as long as the
    /// store is open, and should not hold a [`Db`], which would stay open for it.
    pub fn on_commit(&self, listener: impl Fn() + Send + Sync + 'static) {
        self.inner.listeners.add(listener);
    }

    /// Runs a job in a transaction on the writer thread; returns once it is durable. If it fails, nothing of it stays.
    ///
    /// # Errors
    /// What the job fails with; [`DbError::QueueFull`] when too many writes wait.
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let answer = self.inner.writer.submit(false, job)?;
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    /// Like [`write`](Self::write) for jobs that change collections: they have a transaction of their own, and reads
    /// that saw half of the change are run again. The job replaces the in-memory schema in an
    /// [`after_commit`](WriteTx::after_commit) effect.
    ///
    /// # Errors
    /// Like [`write`](Self::write).
    pub async fn write_schema<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let answer = self.inner.writer.submit(true, job)?;
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    /// Finishes queued writes and leaves one clean database file. Later writes are refused.
    pub fn close(&self) {
        let checkpointer = self.inner.checkpointer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        drop(checkpointer);
        self.inner.writer.stop();
    }
}

/// Copies the write-ahead log into the database off the writer's path, so that no write waits for it.
#[derive(Debug)]
struct Checkpointer {
    stop: std::sync::mpsc::Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Checkpointer {
    fn start(path: &Path, options: &DbOptions) -> Result<Self, DbError> {
        let conn = connection::open_writer(path, options)?;
        // A checkpoint must not make the writer wait for its lock.
        conn.busy_timeout(Duration::from_millis(100))?;
        let mut wal = path.to_path_buf().into_os_string();
        wal.push("-wal");
        let wal = PathBuf::from(wal);
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let run = move || {
            use std::sync::mpsc::RecvTimeoutError::Timeout;
            let mut seen = None;
            while stopped.recv_timeout(Duration::from_millis(200)) == Err(Timeout) {
                let Ok(metadata) = std::fs::metadata(&wal) else { continue };
                // The file keeps its size after a checkpoint; when it was last written to tells whether there is more.
                let state = (metadata.len(), metadata.modified().ok());
                if metadata.len() < CHECKPOINT_FROM || seen == Some(state) {
                    continue;
                }
                seen = Some(state);
                let must_restart = metadata.len() > RESTART_FROM;
                if let Err(error) = checkpoint(&conn, must_restart) {
                    tracing::debug!(%error, "the checkpoint has to wait");
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("checkpoint".into())
            .spawn(run)
            .map_err(|source| DbError::Io { context: "starting the checkpoint thread".into(), source })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

/// Frames the log may be ahead of the database when it is begun anew: the writer waits until they are copied.
const RESTART_WITHIN: i64 = 1000;

/// Copies the log into the database. A log that has grown too long is also begun anew, which takes the writer's lock;
/// by then nearly all of it is copied, so the lock is short.
fn checkpoint(conn: &Connection, must_restart: bool) -> Result<(), DbError> {
    // (busy, frames in the log, frames copied)
    let state = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
    let (frames, copied) = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], state)?;
    if must_restart && frames - copied < RESTART_WITHIN {
        conn.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
    }
    Ok(())
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

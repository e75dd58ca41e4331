//! The one thread that writes: queued jobs share a transaction and one sync of the disk (group commit).
//!
//! Every job runs in its own savepoint, so that a failing or panicking one undoes only its own work. A job is answered
//! after the commit that holds it, never before.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::listeners::Listeners;
use super::{DbError, statistics};
use crate::clock::Clock;
use crate::disk::Reserve;

/// Most jobs in one transaction.
const MAX_GROUP: usize = 512;

/// Longest time jobs are added to a transaction; what comes later waits for the next one.
const MAX_GROUP_TIME: Duration = Duration::from_millis(20);

/// What saves of records leave free on the disk, so that records can be deleted when it is full: the log takes some room.
const RESERVE: Reserve = Reserve::new(40, 64 << 20);

/// Bytes that deleted records have left free in the database from which on others are saved there, however full the disk is.
const MIN_FREE_IN_DATABASE: i64 = 4 << 20;

/// How often an idle writer looks whether another process changed the database.
const IDLE_CHECK: Duration = Duration::from_millis(500);

/// What to do once another process has committed.
type Changed = Box<dyn Fn(&Connection) -> Result<(), DbError> + Send>;

/// Commits of other processes, and what to do about them.
pub(super) struct External {
    /// Called after such a commit, until it succeeds.
    pub(super) changed: Changed,
    /// SQLite's counter at the last look.
    pub(super) data_version: i64,
}

/// A write transaction as a job sees it.
pub struct WriteTx<'c> {
    conn: &'c Connection,
    clock: &'c Clock,
    /// Whether the disk has room beyond what is to be left free.
    has_room: bool,
    effects: Vec<Box<dyn FnOnce() + Send>>,
    /// The number of the first change made here.
    first_change: Cell<Option<i64>>,
    /// The number of the last one.
    last_change: Cell<Option<i64>>,
}

impl WriteTx<'_> {
    /// A transaction around a connection that is already in one; for work outside the writer thread (import, tests).
    pub fn wrap<'c>(conn: &'c Connection, clock: &'c Clock) -> WriteTx<'c> {
        let (first_change, last_change) = (Cell::new(None), Cell::new(None));
        WriteTx { conn, clock, has_room: true, effects: Vec::new(), first_change, last_change }
    }

    /// The number of the first change made here, once there is one.
    pub(super) fn first_change(&self) -> Option<i64> {
        self.first_change.get()
    }

    /// The number of the last change made here, once there is one.
    pub fn last_change(&self) -> Option<i64> {
        self.last_change.get()
    }

    /// Notes a change that was appended to the feed.
    pub(super) fn note_change(&self, seq: i64) {
        self.last_change.set(Some(seq));
        if self.first_change.get().is_none() {
            self.first_change.set(Some(seq));
        }
    }

    /// The time, as date text.
    pub fn now(&self) -> String {
        self.clock.now_text()
    }

    /// The time in Unix milliseconds.
    pub fn now_millis(&self) -> i64 {
        self.clock.unix_millis()
    }

    /// Asks whether there is room for more data.
    ///
    /// # Errors
    /// As if the disk was full, shortly before it is: to be asked by whatever takes room and can be refused.
    pub fn check_room(&self) -> Result<(), DbError> {
        if self.has_room { Ok(()) } else { Err(disk_full("little room is left on the disk")) }
    }

    /// Runs `effect` on the writer thread once the transaction is committed, before the job is answered; never if it is
    /// rolled back. It must be quick and must not fail.
    pub fn after_commit(&mut self, effect: impl FnOnce() + Send + 'static) {
        self.effects.push(Box::new(effect));
    }
}

impl std::ops::Deref for WriteTx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl std::fmt::Debug for WriteTx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriteTx").field("effects", &self.effects.len()).finish_non_exhaustive()
    }
}

/// What a job leaves to do after the commit: given `Err`, it reports the failure instead of its own result.
type Completion = Box<dyn FnOnce(Result<(), DbError>) + Send>;

/// A job ran: its effects and answer, and whether its work stays.
struct Ran {
    completion: Completion,
    effects: Vec<Box<dyn FnOnce() + Send>>,
    keep: bool,
}

/// A queued job. Given `Err` it does not run and answers with that error.
type Run = Box<dyn FnOnce(Result<&Connection, DbError>, &WriterThread) -> Ran + Send>;

struct Job {
    run: Run,
    /// Changes collections: runs alone, and readers are told.
    changes_schema: bool,
}

/// The handle to the writer thread.
#[derive(Debug)]
pub(super) struct Writer {
    queue: SyncSender<Job>,
    stopping: Arc<AtomicBool>,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
}

/// What the thread owns.
struct WriterThread {
    conn: Connection,
    clock: Clock,
    /// The log's file; `None` in memory.
    log: Option<PathBuf>,
    /// Whether the disk had room when the transaction began.
    has_room: bool,
    queue: Receiver<Job>,
    stopping: Arc<AtomicBool>,
    schema_epoch: Arc<AtomicU64>,
    external: External,
    listeners: Listeners,
}

impl Writer {
    pub(super) fn start(
        conn: Connection,
        clock: Clock,
        queue_length: usize,
        schema_epoch: Arc<AtomicU64>,
        external: External,
        listeners: Listeners,
    ) -> Result<Self, DbError> {
        let (sender, queue) = sync_channel(queue_length);
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let log = conn.path().filter(|path| !path.is_empty()).map(|path| PathBuf::from(format!("{path}-wal")));
        let state =
            WriterThread { conn, clock, log, has_room: true, queue, stopping: stop, schema_epoch, external, listeners };
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || state.run())
            .map_err(|source| DbError::Io { context: "starting the writer thread".into(), source })?;
        Ok(Self { queue: sender, stopping, thread: std::sync::Mutex::new(Some(thread)) })
    }

    /// Queues a job; the receiver yields its result after the commit.
    pub(super) fn submit<T, E, F>(
        &self,
        changes_schema: bool,
        job: F,
    ) -> Result<oneshot::Receiver<Result<T, E>>, DbError>
    where
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        if self.stopping.load(Ordering::Acquire) {
            return Err(DbError::Closed);
        }
        let (answer, receiver) = oneshot::channel();
        let run: Run = Box::new(move |conn, thread| run_job(conn, thread, job, answer));
        match self.queue.try_send(Job { run, changes_schema }) {
            Ok(()) => Ok(receiver),
            Err(TrySendError::Full(_)) => Err(DbError::QueueFull),
            Err(TrySendError::Disconnected(_)) => Err(DbError::Closed),
        }
    }

    /// Finishes what is queued, copies the log into the database and closes it.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        let thread = self.thread.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // An empty job wakes the thread at once; a full queue wakes it anyway.
            let wake: Run = Box::new(|_, _| Ran { completion: Box::new(|_| ()), effects: Vec::new(), keep: false });
            let _ = self.queue.try_send(Job { run: wake, changes_schema: false });
            let _ = thread.join();
        }
    }
}

/// The error of SQLite for a disk that is full.
fn disk_full(what: &str) -> DbError {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
    DbError::Sqlite(rusqlite::Error::SqliteFailure(code, Some(what.to_owned())))
}

/// Runs one job and packs up its answer.
fn run_job<T, E>(
    conn: Result<&Connection, DbError>,
    thread: &WriterThread,
    job: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    answer: oneshot::Sender<Result<T, E>>,
) -> Ran
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    let mut effects = Vec::new();
    let result = conn.map_err(E::from).and_then(|conn| {
        let mut tx = WriteTx { has_room: thread.has_room, ..WriteTx::wrap(conn, &thread.clock) };
        let result = catch_unwind(AssertUnwindSafe(|| job(&mut tx)));
        effects = std::mem::take(&mut tx.effects);
        result.unwrap_or_else(|_| Err(DbError::Panicked.into()))
    });
    let keep = result.is_ok();
    let completion = move |outcome: Result<(), DbError>| {
        // The asker may have gone away; the write stands all the same.
        let _ = answer.send(match outcome {
            Err(error) if keep => Err(error.into()),
            _ => result,
        });
    };
    Ran { completion: Box::new(completion), effects, keep }
}

impl WriterThread {
    fn run(mut self) {
        let mut next = None;
        loop {
            let job = match next.take() {
                Some(job) => job,
                None => match self.queue.recv_timeout(IDLE_CHECK) {
                    Ok(job) => job,
                    Err(RecvTimeoutError::Timeout) => {
                        self.notice_other_processes();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                },
            };
            next = self.run_group(job);
            if next.is_none() && self.stopping.load(Ordering::Acquire) {
                match self.queue.try_recv() {
                    Ok(job) => next = Some(job),
                    Err(_) => break,
                }
            }
        }
        // Leaves one clean file; what fails here is repeated by whoever opens the file next.
        let _ = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let _ = statistics::gather(&self.conn);
    }

    /// Runs a transaction that begins with `first`; returns the job that must wait for the next one.
    fn run_group(&mut self, first: Job) -> Option<Job> {
        if let Err(error) = self.conn.execute_batch("BEGIN IMMEDIATE") {
            tracing::error!(%error, "cannot begin a write transaction");
            // Whoever waits already has waited as long as this one: nobody else is to wait for the same reason.
            let error = Arc::new(DbError::from(error));
            for job in std::iter::once(first).chain(self.queue.try_iter().take(MAX_GROUP)) {
                let refused = (job.run)(Err(DbError::Group(Arc::clone(&error))), self);
                (refused.completion)(Ok(()));
            }
            return None;
        }
        self.notice_other_processes();
        self.has_room = self.has_room();
        let started = Instant::now();
        let alone = first.changes_schema;
        let mut group = Vec::new();
        let mut next = None;
        let mut current = Some(first);
        let mut broken = None;
        while let Some(job) = current.take() {
            let (ran, savepoint) = self.run_in_savepoint(job);
            group.push(ran);
            if savepoint.is_err() || self.conn.is_autocommit() {
                // SQLite gave up the whole transaction (disk full, I/O error), or a job's half could not be undone.
                broken = Some(savepoint.err().unwrap_or_else(|| disk_full("the transaction was rolled back")));
                break;
            }
            if alone || group.len() >= MAX_GROUP || started.elapsed() > MAX_GROUP_TIME {
                break;
            }
            if let Ok(job) = self.queue.try_recv() {
                if job.changes_schema {
                    next = Some(job);
                } else {
                    current = Some(job);
                }
            }
        }
        self.finish_group(group, alone, broken);
        if !self.has_room {
            // Now, before the log has to grow: what is copied into the database is room for what comes next.
            let _ = self.conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
        next
    }

    /// Whether there is room for more data, on the disk or in the database.
    fn has_room(&self) -> bool {
        let Some(log) = &self.log else { return true };
        let Some(folder) = log.parent() else { return true };
        // As much may have to be copied from the log into the database.
        let log_bytes = std::fs::metadata(log).map_or(0, |about| about.len());
        let number = |pragma: &str| self.conn.query_row(pragma, [], |row| row.get::<_, i64>(0)).unwrap_or(0);
        RESERVE.is_left(folder, log_bytes)
            || number("PRAGMA freelist_count") * number("PRAGMA page_size") >= MIN_FREE_IN_DATABASE
    }

    /// Runs a job; the second value tells whether its savepoint ended as it should.
    fn run_in_savepoint(&self, job: Job) -> (Ran, Result<(), DbError>) {
        let savepoint = |sql: &str| self.conn.prepare_cached(sql).and_then(|mut s| s.execute([]));
        if let Err(error) = savepoint("SAVEPOINT job") {
            return ((job.run)(Err(error.into()), self), Ok(()));
        }
        let mut ran = (job.run)(Ok(&self.conn), self);
        if !ran.keep {
            ran.effects.clear();
        }
        if self.conn.is_autocommit() {
            return (ran, Ok(()));
        }
        let undone = if ran.keep { Ok(0) } else { savepoint("ROLLBACK TO job") };
        let ended = undone.and_then(|_| savepoint("RELEASE job")).map(|_| ()).map_err(DbError::from);
        (ran, ended)
    }

    fn finish_group(&mut self, group: Vec<Ran>, changes_schema: bool, broken: Option<DbError>) {
        if changes_schema {
            self.schema_epoch.fetch_add(1, Ordering::AcqRel);
        }
        let outcome = if let Some(error) = broken {
            Err(error)
        } else {
            self.conn.prepare_cached("COMMIT").and_then(|mut s| s.execute([])).map(|_| ()).map_err(DbError::from)
        };
        match outcome {
            Ok(()) => {
                let mut completions = Vec::with_capacity(group.len());
                for ran in group {
                    for effect in ran.effects {
                        if catch_unwind(AssertUnwindSafe(effect)).is_err() {
                            tracing::error!("an effect of a committed write panicked");
                        }
                    }
                    completions.push(ran.completion);
                }
                if changes_schema {
                    self.schema_epoch.fetch_add(1, Ordering::AcqRel);
                }
                for completion in completions {
                    completion(Ok(()));
                }
                self.listeners.notify();
            }
            Err(error) => {
                tracing::error!(%error, jobs = group.len(), "a write transaction was rolled back");
                if !self.conn.is_autocommit() {
                    let _ = self.conn.execute_batch("ROLLBACK");
                }
                if changes_schema {
                    self.schema_epoch.fetch_add(1, Ordering::AcqRel);
                }
                let error = Arc::new(error);
                for ran in group {
                    (ran.completion)(Err(DbError::Group(Arc::clone(&error))));
                }
            }
        }
    }

    /// `PRAGMA data_version` moves when a connection other than this one commits; in this process none does.
    fn notice_other_processes(&mut self) {
        match data_version(&self.conn) {
            Ok(version) if version != self.external.data_version => match (self.external.changed)(&self.conn) {
                Ok(()) => {
                    self.external.data_version = version;
                    // Reads begun with the old in-memory schema are run again.
                    self.schema_epoch.fetch_add(2, Ordering::AcqRel);
                    self.listeners.notify();
                }
                Err(error) => tracing::error!(%error, "cannot load what another process changed"),
            },
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "cannot read the data version"),
        }
    }
}

pub(super) fn data_version(conn: &Connection) -> Result<i64, DbError> {
    Ok(conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}

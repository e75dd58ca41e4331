//! The reading connections: short reads run where they are, long ones on a bounded set of threads.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::connection::{Budget, DbOptions, ReadConnection, open_reader};
use super::slow::{KnownSlow, SlowThreads};
use super::{DbError, Places, Snapshot, slow_report};

/// Time a read may take on the thread that asked. Past it the work is thrown away and begun anew elsewhere: a longer
/// budget would let a slow query hold up everyone else on that worker.
const INLINE_BUDGET: Duration = Duration::from_millis(1);

/// Reads that may wait for a thread before new ones are refused.
pub(super) const MAX_WAITING: usize = 2000;

/// Snapshots that may be kept at a time.
const MAX_KEPT: u32 = 8;

/// How long a reader waits until a change of collections is committed before it looks again.
const SCHEMA_CHANGE_WAIT: Duration = Duration::from_micros(200);

/// A read transaction: every statement in it sees the same state.
#[derive(Debug)]
pub struct ReadTx<'c> {
    conn: &'c Connection,
    budget: &'c Budget,
    /// Whether the read runs on the asking thread, whose time is scarce, or on one for slow reads.
    is_inline: bool,
    known_slow: &'c KnownSlow,
    /// The statement that may take long, and since when it runs.
    begun: Cell<Option<(u64, Instant)>>,
}

/// Bytes a read may produce or work through on the asking thread.
const INLINE_BYTES: usize = 128 * 1024;

impl<'c> ReadTx<'c> {
    pub(super) fn new(reader: &'c ReadConnection, is_inline: bool, known_slow: &'c KnownSlow) -> Self {
        let (conn, budget) = (&reader.conn, &*reader.budget);
        Self { conn, budget, is_inline, known_slow, begun: Cell::new(None) }
    }

    /// Tells how many bytes the job has to work through. If that is too much for the asking thread, the job is to end
    /// with this error, and is run again on a thread for slow reads.
    ///
    /// # Errors
    /// [`DbError::NotInline`].
    pub fn announce_work(&self, bytes: usize) -> Result<(), DbError> {
        if self.is_inline && bytes > INLINE_BYTES {
            self.budget.spend();
            return Err(DbError::NotInline);
        }
        Ok(())
    }

    /// Moves a read that is known to be long off the asking thread, like [`announce_work`](Self::announce_work).
    ///
    /// # Errors
    /// [`DbError::NotInline`].
    pub fn leave_worker(&self) -> Result<(), DbError> {
        self.announce_work(usize::MAX)
    }

    /// Says which statement comes next that may take long. One that lately was too much for the asking thread is not
    /// tried there again.
    ///
    /// # Errors
    /// [`DbError::NotInline`].
    pub fn announce_statement(&self, sql: &str) -> Result<(), DbError> {
        let name = KnownSlow::name_of(sql);
        if self.is_inline && self.known_slow.contains(name) {
            return self.leave_worker();
        }
        self.begun.set(Some((name, Instant::now())));
        Ok(())
    }

    /// Shortens the time the read's statements may take from now on; it is never made longer.
    pub fn limit_time(&self, limit: Duration) {
        self.budget.shorten(limit);
    }

    /// Runs a part of a read whose statements have less time than the rest of it. Only for reads that are not on the asking
    /// thread: there, a statement that was stopped is the end of the read.
    pub fn within<T>(&self, limit: Duration, part: impl FnOnce() -> T) -> T {
        let deadline = self.budget.deadline();
        self.budget.shorten(limit);
        let result = part();
        self.budget.resume(deadline);
        result
    }
}

impl std::ops::Deref for ReadTx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

/// Opens readers for r2d2.
#[derive(Debug)]
pub(super) struct Manager {
    path: PathBuf,
    options: DbOptions,
    /// Whether statements may take long, so that those that do are to be told of.
    reports_slow: bool,
}

impl r2d2::ManageConnection for Manager {
    type Connection = ReadConnection;
    type Error = DbError;

    fn connect(&self) -> Result<ReadConnection, DbError> {
        let mut reader = open_reader(&self.path, &self.options)?;
        if self.reports_slow && !self.options.slow_query.is_zero() {
            slow_report::install(&mut reader.conn, self.options.slow_query)?;
        }
        Ok(reader)
    }

    fn is_valid(&self, _: &mut ReadConnection) -> Result<(), DbError> {
        Ok(())
    }

    fn has_broken(&self, reader: &mut ReadConnection) -> bool {
        // A transaction left open would pin its snapshot and with it the write-ahead log.
        !reader.conn.is_autocommit()
    }
}

/// A reader taken out of the pool.
pub(super) type Kept = r2d2::PooledConnection<Manager>;

/// Connections of long reads of one kind, and the turns at them.
#[derive(Debug)]
pub(super) struct Lane {
    connections: r2d2::Pool<Manager>,
    permits: Arc<Semaphore>,
    waiting: Places,
}

impl Lane {
    /// A permit to run one read, waiting its turn.
    pub(super) async fn permit(&self) -> Result<tokio::sync::OwnedSemaphorePermit, DbError> {
        let _place = self.waiting.take()?;
        Arc::clone(&self.permits).acquire_owned().await.map_err(|_| DbError::Closed)
    }
}

/// The reading side of the store.
#[derive(Debug)]
pub(super) struct ReadPool {
    fast: r2d2::Pool<Manager>,
    /// Of reads that turned out to be long.
    pub(super) slow: Lane,
    /// Of searches: neither these nor the others are to wait for the other ones.
    pub(super) search: Lane,
    /// Of snapshots, which are kept too long to share connections with reads.
    kept: r2d2::Pool<Manager>,
    query_timeout: Duration,
    known_slow: Arc<KnownSlow>,
    /// Odd while a change of collections is being committed; see [`ReadPool::schema_change`].
    schema_epoch: Arc<AtomicU64>,
}

impl ReadPool {
    pub(super) fn open(path: &Path, options: &DbOptions) -> Self {
        let pool = |size: u32, idle: u32, reports_slow: bool| {
            r2d2::Pool::builder()
                .max_size(size)
                .min_idle(Some(idle))
                .test_on_check_out(false)
                .idle_timeout(Some(Duration::from_mins(1)))
                .max_lifetime(None)
                .connection_timeout(Duration::from_secs(10))
                .build_unchecked(Manager { path: path.to_path_buf(), options: options.clone(), reports_slow })
        };
        let lane = |size: u32| Lane {
            connections: pool(size.max(1), 0, true),
            permits: Arc::new(Semaphore::new(size.max(1) as usize)),
            waiting: Places::new(MAX_WAITING),
        };
        Self {
            fast: pool(options.workers.max(1), 1, false),
            slow: lane(options.slow_readers),
            search: lane(options.search_readers),
            kept: pool(MAX_KEPT, 0, false),
            query_timeout: options.query_timeout,
            known_slow: Arc::default(),
            schema_epoch: Arc::new(AtomicU64::new(0)),
        }
    }

    /// The counter that tells readers of a change of collections: the writer makes it odd before such a commit and even
    /// again once the in-memory schema is replaced. A read that saw it change ran with a schema of another moment than
    /// its rows, and is run again.
    pub(super) fn schema_change(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.schema_epoch)
    }

    /// Tries the read on this thread. `None`: it has to go to [`slow`](Self::run_slow), nothing came of it.
    pub(super) fn try_inline<T, E: From<DbError>>(
        &self,
        job: &impl Fn(&ReadTx<'_>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let epoch = self.schema_epoch.load(Ordering::Acquire);
        if epoch % 2 == 1 {
            return None;
        }
        let reader = self.fast.try_get()?;
        reader.budget.start(INLINE_BUDGET);
        let tx = ReadTx::new(&reader, true, &self.known_slow);
        let result = transaction(&tx, job);
        let spent = reader.budget.finish();
        if let (true, Some((name, _))) = (spent, tx.begun.get()) {
            self.known_slow.set(name, true);
        }
        if spent || self.schema_epoch.load(Ordering::Acquire) != epoch {
            return None;
        }
        Some(result)
    }

    /// Runs the read on this thread, up to the query time-out and no longer than somebody waits for it.
    pub(super) fn run_slow<T, E: From<DbError>>(
        &self,
        lane: &Lane,
        asker: &Weak<()>,
        job: &impl Fn(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.run_on(lane, Some((self.query_timeout, asker)), job)
    }

    /// Runs the read on this thread; it may take as long as it likes.
    pub(super) fn run_here<T, E: From<DbError>>(&self, job: &impl Fn(&ReadTx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.run_on(&self.slow, None, job)
    }

    fn run_on<T, E: From<DbError>>(
        &self,
        lane: &Lane,
        limit: Option<(Duration, &Weak<()>)>,
        job: &impl Fn(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        loop {
            let epoch = self.schema_epoch.load(Ordering::Acquire);
            if epoch % 2 == 1 {
                std::thread::sleep(SCHEMA_CHANGE_WAIT);
                continue;
            }
            let reader = lane.connections.get().map_err(|_| DbError::QueueFull)?;
            if let Some((limit, asker)) = limit {
                if asker.strong_count() == 0 {
                    return Err(DbError::Closed.into());
                }
                reader.budget.start(limit);
                reader.budget.watch(asker.clone());
            }
            let tx = ReadTx::new(&reader, false, &self.known_slow);
            let result = transaction(&tx, job);
            reader.budget.finish();
            if let Some((name, since)) = tx.begun.get()
                && since.elapsed() < INLINE_BUDGET
            {
                self.known_slow.set(name, false);
            }
            if self.schema_epoch.load(Ordering::Acquire) == epoch {
                return result;
            }
        }
    }

    /// Takes a snapshot and what belongs to it, of a moment between changes of collections.
    pub(super) fn snapshot<S>(&self, pair_with: impl Fn() -> S) -> Result<(Snapshot, S), DbError> {
        loop {
            let epoch = self.schema_epoch.load(Ordering::Acquire);
            if epoch % 2 == 1 {
                std::thread::sleep(SCHEMA_CHANGE_WAIT);
                continue;
            }
            let reader = self.kept.get().map_err(|_| DbError::QueueFull)?;
            let snapshot = Snapshot::pin(reader, Arc::clone(&self.known_slow))?;
            let paired = pair_with();
            if self.schema_epoch.load(Ordering::Acquire) == epoch {
                return Ok((snapshot, paired));
            }
        }
    }
}

/// Runs a read on one of the threads of a lane; it is stopped once nobody waits for it any more.
pub(super) async fn read_elsewhere<T, E, F>(
    pool: &Arc<ReadPool>,
    lane: fn(&ReadPool) -> &Lane,
    threads: &SlowThreads,
    job: F,
) -> Result<T, E>
where
    F: Fn(&ReadTx<'_>) -> Result<T, E> + Send + Sync + 'static,
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    let permit = lane(pool).permit().await?;
    let pool = Arc::clone(pool);
    let (answer, result) = tokio::sync::oneshot::channel();
    // Dropped with this future: a query nobody waits for any more is stopped.
    let asker = Arc::new(());
    let watched = Arc::downgrade(&asker);
    let run = move || {
        let result = catch_unwind(AssertUnwindSafe(|| pool.run_slow(lane(&pool), &watched, &job)));
        // Whoever shares something with the job has it alone once there is an answer.
        drop(job);
        drop(permit);
        // Nobody may wait any more.
        let _ = answer.send(result.unwrap_or_else(|_| Err(DbError::Panicked.into())));
    };
    threads.run(Box::new(run));
    let result = result.await.unwrap_or_else(|_| Err(DbError::Closed.into()));
    drop(asker);
    result
}

fn transaction<T, E: From<DbError>>(tx: &ReadTx<'_>, job: &impl Fn(&ReadTx<'_>) -> Result<T, E>) -> Result<T, E> {
    let begin = || tx.prepare_cached("BEGIN")?.execute([]);
    begin().map_err(|e| E::from(DbError::from(e)))?;
    // Ends the transaction on every path, a panic of the job included.
    let _end = EndRead(tx.conn);
    job(tx)
}

/// Ends a reading transaction when it is dropped.
pub(super) struct EndRead<'c>(pub(super) &'c Connection);

impl Drop for EndRead<'_> {
    fn drop(&mut self) {
        // Nothing was written, so the outcome does not matter; a connection stuck in a transaction is not reused
        // (`has_broken`).
        if let Ok(mut commit) = self.0.prepare_cached("COMMIT") {
            let _ = commit.execute([]);
        }
    }
}

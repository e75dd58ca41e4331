//! Opens SQLite connections with the settings every one of them needs.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{DbError, guard};

/// How sure an acknowledged write is (`durability` in the configuration).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// Survives a power cut: the log is synced before the answer (`synchronous=FULL`).
    #[default]
    Full,
    /// Survives a crash of the process; a power cut may lose the last commits (`synchronous=NORMAL`).
    Normal,
}

/// What the store needs to know about the machine.
#[derive(Debug, Clone, PartialEq)]
pub struct DbOptions {
    /// How sure an acknowledged write is.
    pub durability: Durability,
    /// Page cache of the writing connection, in KiB.
    pub writer_cache_kib: u32,
    /// Page cache of each reading connection, in KiB.
    pub reader_cache_kib: u32,
    /// Reading connections for long queries, beside one for each HTTP worker.
    pub slow_readers: u32,
    /// Reading connections for searches.
    pub search_readers: u32,
    /// HTTP worker threads, which read inline.
    pub workers: u32,
    /// Longest a query may run.
    pub query_timeout: Duration,
    /// Time from which a statement on a thread for slow reads is reported; zero for never.
    pub slow_query: Duration,
    /// Jobs that may wait for the writer before new ones are refused.
    pub write_queue: usize,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            durability: Durability::Full,
            writer_cache_kib: 16_000,
            reader_cache_kib: 8000,
            slow_readers: 4,
            search_readers: 1,
            workers: 1,
            query_timeout: Duration::from_secs(30),
            slow_query: Duration::ZERO,
            write_queue: 10_000,
        }
    }
}

/// Statements each connection keeps prepared.
const STATEMENT_CACHE: usize = 256;

/// How long SQLite waits for a lock another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Virtual-machine steps between two looks at the clock; about 20 µs of work.
const STEPS_PER_CHECK: i32 = 2000;

/// Opens the connection that writes; creates the file if it is missing.
pub(super) fn open_writer(path: &Path, options: &DbOptions) -> Result<Connection, DbError> {
    let mut conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    guard::install(&mut conn)?;
    // The mode is stored in the file, so readers inherit it.
    conn.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match options.durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
    conn.pragma_update(None, "cache_size", -i64::from(options.writer_cache_kib))?;
    Ok(conn)
}

/// Opens a connection that can only read.
pub(super) fn open_reader(path: &Path, options: &DbOptions) -> Result<ReadConnection, DbError> {
    // Not SQLITE_OPEN_READ_ONLY: a read-only opener cannot recover a write-ahead log left by a crash.
    let mut conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.pragma_update(None, "cache_size", -i64::from(options.reader_cache_kib))?;
    guard::install_policy(&mut conn)?;
    let budget = Arc::new(Budget::default());
    let seen = Arc::clone(&budget);
    conn.progress_handler(STEPS_PER_CHECK, Some(move || seen.is_spent()))?;
    Ok(ReadConnection { conn, budget })
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, DbError> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    // Triggers and views of an imported folder must not reach functions with side effects.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    Ok(conn)
}

/// A reading connection with the budget its queries run under.
#[derive(Debug)]
pub(super) struct ReadConnection {
    pub(super) conn: Connection,
    pub(super) budget: Arc<Budget>,
}

/// Time a query may still take; looked at by SQLite every [`STEPS_PER_CHECK`] steps.
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// Microseconds after [`EPOCH`]; 0 = no limit.
    deadline: AtomicU64,
    spent: AtomicBool,
    /// Alive as long as somebody waits for the answer.
    asker: Mutex<Option<Weak<()>>>,
}

/// Where budgets count from.
static EPOCH: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);

impl Budget {
    /// Starts a budget.
    pub(super) fn start(&self, limit: Duration) {
        let deadline = EPOCH.elapsed() + limit;
        self.spent.store(false, Ordering::Relaxed);
        self.deadline.store(u64::try_from(deadline.as_micros()).unwrap_or(u64::MAX).max(1), Ordering::Relaxed);
    }

    /// Makes the budget end no later than this.
    pub(super) fn shorten(&self, limit: Duration) {
        let deadline = u64::try_from((EPOCH.elapsed() + limit).as_micros()).unwrap_or(u64::MAX).max(1);
        let current = self.deadline.load(Ordering::Relaxed);
        if current == 0 || deadline < current {
            self.deadline.store(deadline, Ordering::Relaxed);
        }
    }

    /// When it ends, to [`resume`](Self::resume) with after it was shortened for a while.
    pub(super) fn deadline(&self) -> u64 {
        self.deadline.load(Ordering::Relaxed)
    }

    /// Goes on until a deadline of before.
    pub(super) fn resume(&self, deadline: u64) {
        self.deadline.store(deadline, Ordering::Relaxed);
    }

    /// Ends the budget before its time.
    pub(super) fn spend(&self) {
        self.spent.store(true, Ordering::Relaxed);
    }

    /// Ends the budget when nobody waits any more.
    pub(super) fn watch(&self, asker: Weak<()>) {
        *self.asker.lock().unwrap_or_else(PoisonError::into_inner) = Some(asker);
    }

    /// Lifts the limit; true if a query was stopped by it.
    pub(super) fn finish(&self) -> bool {
        self.deadline.store(0, Ordering::Relaxed);
        *self.asker.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.spent.load(Ordering::Relaxed)
    }

    fn is_abandoned(&self) -> bool {
        let asker = self.asker.lock().unwrap_or_else(PoisonError::into_inner);
        asker.as_ref().is_some_and(|asker| asker.strong_count() == 0)
    }

    fn is_spent(&self) -> bool {
        let deadline = self.deadline.load(Ordering::Relaxed);
        let spent = (deadline != 0 && EPOCH.elapsed().as_micros() > u128::from(deadline)) || self.is_abandoned();
        if spent {
            self.spent.store(true, Ordering::Relaxed);
        }
        spent
    }
}

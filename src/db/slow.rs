//! The threads of slow reads, and which statements are slow.
//!
//! The threads have a low priority: a scan may take all the time nobody else wants, but must not hold up the threads that
//! answer short requests.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::DbError;

type Job = Box<dyn FnOnce() + Send>;

/// How much less the threads of slow reads are worth than others, in steps of `nice` (0 to 19). With 15 four of them still took
/// a turn of some milliseconds often enough to show in the slowest hundredth of point reads on a busy core.
pub(super) const SLOW_NICENESS: i32 = 19;

/// The same for searches, which somebody waits for while typing: they come before scans and before indexes that are made.
pub(super) const SEARCH_NICENESS: i32 = 5;

/// Runs slow reads. Jobs beyond the number of threads wait.
#[derive(Debug)]
pub(super) struct SlowThreads {
    /// Gone once the store is.
    jobs: Sender<Job>,
}

impl SlowThreads {
    /// `name`: of the threads, at most 12 bytes; `niceness`: how much less they are worth than others.
    pub(super) fn start(name: &str, count: u32, niceness: i32) -> Result<Self, DbError> {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for n in 0..count.max(1) {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new()
                .name(format!("{name}-{n}"))
                .spawn(move || run(&queue, niceness))
                .map_err(|source| DbError::Io { context: "starting a thread for slow reads".into(), source })?;
        }
        Ok(Self { jobs })
    }

    /// Queues a job, which must not panic.
    pub(super) fn run(&self, job: Job) {
        // The threads live as long as this: there is always somebody to receive.
        let _ = self.jobs.send(job);
    }
}

fn run(queue: &Mutex<Receiver<Job>>, niceness: i32) {
    // On Linux this is about the calling thread. Refused where priorities are not to be touched: then it does without.
    if let Err(error) = rustix::process::setpriority_process(None, niceness) {
        tracing::debug!(%error, "slow reads run at the ordinary priority");
    }
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

/// Statements that lately took too long for the asking thread, so that it does not try them in vain again.
#[derive(Debug)]
pub(super) struct KnownSlow {
    /// Hashes of statements, each at the place its value gives; 0 = none.
    slots: Vec<AtomicU64>,
}

/// Statements remembered.
const SLOTS: u64 = 1024;

impl Default for KnownSlow {
    fn default() -> Self {
        Self { slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect() }
    }
}

impl KnownSlow {
    /// The name of a statement; never 0.
    pub(super) fn name_of(sql: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        sql.hash(&mut hasher);
        hasher.finish().max(1)
    }

    pub(super) fn contains(&self, name: u64) -> bool {
        self.slot(name).load(Ordering::Relaxed) == name
    }

    /// Remembers a statement in the place of another, or forgets it.
    pub(super) fn set(&self, name: u64, is_slow: bool) {
        if is_slow {
            self.slot(name).store(name, Ordering::Relaxed);
        } else {
            let _ = self.slot(name).compare_exchange(name, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    fn slot(&self, name: u64) -> &AtomicU64 {
        &self.slots[usize::try_from(name % SLOTS).unwrap_or(0)]
    }
}

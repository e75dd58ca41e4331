//! The logs of a running server.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arc_swap::{ArcSwap, ArcSwapOption};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::entry::{Entry, Level, RequestEntry};
use super::error::LogsError;
use super::queue::{Command, Queue};
use super::read;
use super::writer::{State, Writer};
use crate::clock::Clock;
use crate::collections::ListParams;
use crate::db::{AuxiliaryDb, DbOptions};
use crate::identity::Superuser;
use crate::settings::Settings;

/// What logs need of the machine.
#[derive(Debug)]
pub struct LogsOptions<'a> {
    /// The data folder.
    pub folder: &'a Path,
    /// As for the main database.
    pub db: DbOptions,
    /// Most bytes that entries take.
    pub max_bytes: u64,
    /// What is kept, for how long.
    pub settings: Arc<ArcSwap<Settings>>,
    /// When entries are too old.
    pub clock: Clock,
}

/// The logs; clones share them.
#[derive(Debug, Clone)]
pub struct Logs {
    queue: Queue,
    readers: Arc<ArcSwapOption<AuxiliaryDb>>,
    thread: Arc<Mutex<Option<std::thread::JoinHandle<()>>>>,
}

impl Logs {
    /// Opens the database and starts to write what is in the queue. A database that cannot be used keeps nobody from starting:
    /// nothing is stored then.
    ///
    /// # Errors
    /// If there is no thread to be had.
    pub fn start(queue: Queue, options: LogsOptions<'_>) -> std::io::Result<Self> {
        let readers = Arc::new(ArcSwapOption::empty());
        let mut writer = Writer {
            queue: queue.clone(),
            folder: options.folder.to_path_buf(),
            options: options.db,
            max_bytes: options.max_bytes,
            settings: options.settings,
            clock: options.clock,
            readers: Arc::clone(&readers),
            state: State::Unavailable(Instant::now()),
            paused_until: None,
        };
        // Here, so that what it makes of the file is known once the server runs.
        writer.open();
        let thread = std::thread::Builder::new().name("logs".into()).spawn(move || writer.run())?;
        Ok(Self { queue, readers, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// Whether the settings keep entries of this level: whoever has others need not make them.
    pub fn keeps(settings: &Settings, level: Level) -> bool {
        settings.logs.max_days != 0 && level as i64 >= settings.logs.min_level
    }

    /// Stores a request, soon; without room it is only counted. Never waits.
    pub fn request(&self, entry: RequestEntry) {
        self.queue.push(Entry::Request(entry));
    }

    /// Writes what came until now.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.command(Command::Flush(done)) {
            let _ = written.await;
        }
    }

    /// Removes what the settings do not keep, in small steps. `is_thorough`: also entries below the least level, which is
    /// needed only when the settings have changed.
    pub async fn prune(&self, is_thorough: bool) {
        let (done, removed) = oneshot::channel();
        if self.queue.command(Command::Prune { is_thorough, done }) {
            let _ = removed.await;
        }
    }

    /// A page of entries as the JSON envelope, of all that came until now.
    ///
    /// # Errors
    /// [`LogsError`].
    pub async fn list(&self, _: &Superuser, params: ListParams, now_ms: i64) -> Result<Vec<u8>, LogsError> {
        self.readers().await?.read(move |tx| read::list(tx, &params, now_ms)).await
    }

    /// One entry as JSON.
    ///
    /// # Errors
    /// [`LogsError`].
    pub async fn view(&self, _: &Superuser, id: String) -> Result<Vec<u8>, LogsError> {
        self.readers().await?.read(move |tx| read::view(tx, &id)).await
    }

    /// The number of entries of each hour that has any, as JSON.
    ///
    /// # Errors
    /// [`LogsError`].
    pub async fn stats(&self, _: &Superuser, filter: String, now_ms: i64) -> Result<Vec<u8>, LogsError> {
        self.readers().await?.read(move |tx| read::stats(tx, &filter, now_ms)).await
    }

    /// Removes all entries.
    ///
    /// # Errors
    /// [`LogsError`].
    pub async fn truncate(&self, _: &Superuser) -> Result<(), LogsError> {
        let (done, removed) = oneshot::channel();
        if !self.queue.command(Command::Truncate(done)) {
            return Err(LogsError::Unavailable);
        }
        removed.await.unwrap_or(Err(LogsError::Unavailable))
    }

    async fn readers(&self) -> Result<Arc<AuxiliaryDb>, LogsError> {
        self.flush().await;
        self.readers.load_full().ok_or(LogsError::Unavailable)
    }

    /// Writes what came until now and closes the database; what comes later is lost.
    pub fn close(&self) {
        self.queue.close();
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }
}

//! The thread that writes: batches, retention, and a new file in place of a damaged one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use rusqlite::Connection;
use serde_json::{Map, json};

use super::entry::{Entry, Level, MessageEntry};
use super::error::LogsError;
use super::queue::{Command, Queue, Work};
use super::store::{self, LOGS_FILE};
use crate::clock::{Clock, date_text};
use crate::db::{AuxiliaryDb, AuxiliaryError, DbError, DbOptions};
use crate::settings::Settings;

/// How long after a failure the database is tried again.
const RETRY_AFTER: Duration = Duration::from_mins(1);

/// How long nothing is written after a write failed, as on a full disk.
const PAUSE: Duration = Duration::from_secs(10);

/// Entries of one transaction.
const MAX_PER_TRANSACTION: usize = 2000;

/// What part of the size is removed at once when it is reached, as a divisor.
const SLACK: u64 = 20;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What the thread needs.
pub(super) struct Writer {
    pub(super) queue: Queue,
    pub(super) folder: PathBuf,
    pub(super) options: DbOptions,
    pub(super) max_bytes: u64,
    pub(super) settings: Arc<ArcSwap<Settings>>,
    pub(super) clock: Clock,
    /// Where readers find the database.
    pub(super) readers: Arc<ArcSwapOption<AuxiliaryDb>>,
    pub(super) state: State,
    /// Until then nothing is written.
    pub(super) paused_until: Option<Instant>,
}

/// Whether there is a database to write to.
pub(super) enum State {
    Open(Connection),
    /// Not since then.
    Unavailable(Instant),
}

/// What is left to be removed, a step at a time.
#[derive(Debug, Default)]
struct Pruning {
    /// Whether entries may be too old.
    by_age: bool,
    /// Entries up to here were looked at for their level.
    by_level: Option<i64>,
    /// Whether pages may be given back.
    gives_back: bool,
    waiting: Vec<tokio::sync::oneshot::Sender<()>>,
}

impl Pruning {
    fn is_pending(&self) -> bool {
        self.by_age || self.by_level.is_some() || self.gives_back || !self.waiting.is_empty()
    }
}

impl Writer {
    /// Opens the database; one that is damaged is set aside.
    pub(super) fn open(&mut self) {
        let opened = store::open(&self.folder, &self.options).or_else(|error| match error {
            AuxiliaryError::Damaged(error) => {
                let aside = AuxiliaryDb::set_aside(&self.folder.join(LOGS_FILE))?;
                tracing::warn!(%error, "the logs cannot be read, new ones are begun; the old file is {}", aside.display());
                store::open(&self.folder, &self.options)
            }
            other @ AuxiliaryError::Unavailable(_) => Err(other),
        });
        match opened {
            Ok((conn, readers)) => {
                self.readers.store(Some(Arc::new(readers)));
                self.state = State::Open(conn);
            }
            Err(error) => {
                tracing::warn!(%error, "logs cannot be stored at the moment");
                self.readers.store(None);
                self.state = State::Unavailable(Instant::now());
            }
        }
    }

    /// Runs until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let mut pruning = Pruning::default();
        let mut spent = Vec::new();
        loop {
            if pruning.is_pending() {
                // Does not wait: what is left to be removed is done between batches.
                self.queue.wake();
            }
            let Work { mut entries, dropped, commands, is_closed } = self.queue.take(std::mem::take(&mut spent));
            if dropped > 0 {
                entries.push(self.note_of_dropped(dropped));
            }
            let result = self.write(&mut entries);
            self.settle(result);
            spent = entries;
            for command in commands {
                self.obey(command, &mut pruning);
            }
            if is_closed {
                break;
            }
            let result = self.prune(&mut pruning);
            if result.is_err() {
                pruning = Pruning::default();
            }
            self.settle(result);
        }
        self.readers.store(None);
        if let State::Open(conn) = &self.state {
            store::tidy(conn);
        }
    }

    fn note_of_dropped(&self, dropped: u64) -> Entry {
        let message = format!("{dropped} log entries were dropped, for more came than could be stored");
        let mut data = Map::new();
        data.insert("dropped".into(), json!(dropped));
        Entry::Message(MessageEntry { at_ms: self.clock.unix_millis(), level: Level::Warn, message, data })
    }

    fn obey(&mut self, command: Command, pruning: &mut Pruning) {
        // Whoever asked may not wait any more.
        match command {
            Command::Flush(done) => {
                let _ = done.send(());
            }
            Command::Prune { is_thorough, done } => {
                pruning.by_age = true;
                if is_thorough {
                    pruning.by_level = Some(0);
                }
                pruning.waiting.push(done);
            }
            Command::Truncate(done) => {
                let result = match &self.state {
                    State::Open(conn) => store::truncate(conn).map_err(LogsError::Db),
                    State::Unavailable(_) => Err(LogsError::Unavailable),
                };
                let _ = done.send(result);
            }
        }
    }

    /// Writes a batch; what cannot be written is lost.
    fn write(&mut self, entries: &mut Vec<Entry>) -> Result<(), DbError> {
        let settings = self.settings.load();
        if settings.logs.max_days == 0 {
            entries.clear();
        }
        entries.retain(|entry| entry.level() as i64 >= settings.logs.min_level);
        if entries.is_empty() {
            return Ok(());
        }
        if let State::Unavailable(since) = self.state
            && since.elapsed() > RETRY_AFTER
        {
            self.open();
        }
        if self.paused_until.is_some_and(|end| Instant::now() < end) {
            entries.clear();
        }
        let State::Open(conn) = &mut self.state else {
            entries.clear();
            return Ok(());
        };
        while !entries.is_empty() {
            let count = entries.len().min(MAX_PER_TRANSACTION);
            store::insert(conn, entries.drain(..count).map(|entry| entry.into_row(&settings.logs)))?;
        }
        if store::used_bytes(conn)? > self.max_bytes {
            // At once, and a little more than has come, so that the next batch need not do it again.
            let room = self.max_bytes - self.max_bytes / SLACK;
            while store::used_bytes(conn)? > room && store::remove_oldest(conn)? > 0 {}
        }
        Ok(())
    }

    /// Takes a step of what is left to be removed.
    fn prune(&mut self, pruning: &mut Pruning) -> Result<(), DbError> {
        let State::Open(conn) = &self.state else {
            *pruning = Pruning::default();
            return Ok(());
        };
        let settings = self.settings.load();
        if pruning.by_age {
            if settings.logs.max_days == 0 {
                store::truncate(conn)?;
                pruning.by_age = false;
            } else {
                let age = settings.logs.max_days.saturating_mul(DAY_MS);
                let time = date_text(self.clock.unix_millis().saturating_sub(age));
                pruning.by_age = store::remove_before(conn, &time)? > 0;
            }
            pruning.gives_back = true;
        } else if let Some(after) = pruning.by_level {
            pruning.by_level = store::remove_below(conn, settings.logs.min_level, after)?;
        } else if pruning.gives_back {
            pruning.gives_back = store::give_back(conn)?;
        } else {
            for done in pruning.waiting.drain(..) {
                let _ = done.send(());
            }
        }
        Ok(())
    }

    /// Deals with a failure: of a damaged file a new one takes the place, others are waited for.
    pub(super) fn settle(&mut self, result: Result<(), DbError>) {
        let Err(error) = result else { return };
        if error.is_damage() {
            tracing::warn!(%error, "the logs are damaged");
            self.readers.store(None);
            self.state = State::Unavailable(Instant::now());
            let aside = AuxiliaryDb::set_aside(&self.folder.join(LOGS_FILE));
            match aside {
                Ok(path) => tracing::warn!("new logs are begun; the old file is {}", path.display()),
                Err(error) => return tracing::warn!(%error, "logs cannot be stored at the moment"),
            }
            self.open();
        } else {
            // Such as a full disk.
            self.paused_until = Some(Instant::now() + PAUSE);
            tracing::warn!(%error, "log entries could not be stored, none are for {} s", PAUSE.as_secs());
        }
    }
}

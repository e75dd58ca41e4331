//! Removing files that no record names: those of writes that did not come to pass, and those that committed writes dropped.
//!
//! What is removed was noted, by this process or one before it; nothing is searched for. A storage may hold files that this
//! database does not know and others do: of a copy of the data folder, or of a backup that is restored for a look.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use futures_util::{StreamExt, stream};
use rusqlite::Connection;
use tokio::sync::{Notify, mpsc};

use super::blocking::blocking;
use super::named::names_file;
use super::place::FileKey;
use super::{Files, FilesError, Spool};
use crate::db::{Db, DbError, DroppedFile, dropped_files, forget_dropped_files};
use crate::query::Catalog;
use crate::storage::{Storage, check_key};

/// Extension of notes.
pub(super) const NOTE: &str = "note";

/// After a commit that may have dropped files, others are awaited for so long.
const GATHER: Duration = Duration::from_millis(250);

/// How often is tried again what could not be removed.
const RETRY: Duration = Duration::from_mins(10);

/// Entries looked at together.
const BATCH: i64 = 200;

/// Files removed at the same time: a service elsewhere takes its time for each.
const PARALLEL: usize = 8;

/// Largest note that is read, in bytes.
const MAX_NOTE_BYTES: u64 = 16 << 20;

/// A placement that is over.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) note: PathBuf,
    /// Files that may have no record; none if the record is committed.
    pub(super) keys: Vec<FileKey>,
    /// Where they are; `None` for where files are kept now.
    pub(super) storage: Option<Storage>,
}

/// Removes what arrived in part before this start.
pub(super) fn clear_spool(spool: &Spool) -> Result<(), FilesError> {
    for entry in std::fs::read_dir(spool.folder())? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != NOTE) {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Starts to collect.
pub(super) fn start(
    files: &Files,
    db: Db,
    catalog: Arc<ArcSwap<Catalog>>,
    runtime: &tokio::runtime::Handle,
    settled: mpsc::UnboundedReceiver<Settled>,
) -> tokio::task::AbortHandle {
    let committed = Arc::new(Notify::new());
    let bell = Arc::clone(&committed);
    db.on_commit(move || bell.notify_one());
    let started = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(db.clock().unix_millis()).unwrap_or(0));
    let collector = Collector { files: files.clone(), db, catalog, started };
    runtime.spawn(collector.run(committed, settled)).abort_handle()
}

struct Collector {
    files: Files,
    db: Db,
    catalog: Arc<ArcSwap<Catalog>>,
    started: SystemTime,
}

impl Collector {
    async fn run(self, committed: Arc<Notify>, mut settled: mpsc::UnboundedReceiver<Settled>) {
        let mut timer = tokio::time::interval(RETRY);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // Until the next try a storage that cannot be reached is left alone.
        let mut is_reachable = true;
        let mut over = Vec::new();
        // What a crash ended while it was written, before it had a name.
        if let Err(error) = self.files.local().remove_leftovers(self.started).await {
            tracing::warn!(%error, "files written in part could not be removed");
        }
        loop {
            tokio::select! {
                count = settled.recv_many(&mut over, 100) => {
                    if count == 0 {
                        return;
                    }
                    let (kept, vain): (Vec<_>, Vec<_>) = over.drain(..).partition(|placement| placement.keys.is_empty());
                    self.remove_notes(kept.into_iter().map(|placement| placement.note).collect()).await;
                    for placement in vain {
                        self.settle(placement).await;
                    }
                }
                () = committed.notified(), if is_reachable => {
                    tokio::time::sleep(GATHER).await;
                    is_reachable = self.remove_dropped().await;
                }
                _ = timer.tick() => {
                    self.read_notes().await;
                    is_reachable = self.remove_dropped().await;
                }
            }
        }
    }

    /// Removes what a placement has stored in vain, and its note.
    async fn settle(&self, placement: Settled) {
        let Settled { note, keys, storage } = placement;
        let outcome = self.remove_nameless(keys, storage).await;
        match outcome {
            Ok(()) => self.remove_notes(vec![note]).await,
            // The note stays, and is read again.
            Err(error) => {
                self.files.disown_note(&note);
                tracing::warn!(%error, "files without a record could not be removed yet");
            }
        }
    }

    /// Removes notes of what is settled, several at once: each uploaded file has one.
    async fn remove_notes(&self, notes: Vec<PathBuf>) {
        if notes.is_empty() {
            return;
        }
        for note in &notes {
            self.files.disown_note(note);
        }
        let remove = move || {
            let removed: Vec<_> = notes.iter().map(std::fs::remove_file).collect();
            removed.into_iter().collect::<Result<(), _>>()
        };
        let removed = blocking(remove).await;
        // One that could not be written is not there.
        if let Err(error) = removed
            && !matches!(&error, FilesError::Spool(error) if error.kind() == std::io::ErrorKind::NotFound)
        {
            tracing::warn!(%error, "a note of the spool could not be removed");
        }
    }

    /// Removes those of the files that no record names.
    async fn remove_nameless(&self, keys: Vec<FileKey>, storage: Option<Storage>) -> Result<(), CollectError> {
        if keys.is_empty() {
            return Ok(());
        }
        let catalog = Arc::clone(&self.catalog);
        let nameless = move |conn: &Connection| {
            let catalog = catalog.load();
            let is_nameless = |key: &&FileKey| names_file(conn, &catalog, key).map(|is_named| !is_named);
            let mut found = Vec::new();
            for key in &keys {
                if is_nameless(&key)? {
                    found.push(key.clone());
                }
            }
            Ok::<_, DbError>(found)
        };
        let mut outcome = Ok(());
        for key in self.db.read_slow(move |tx| nameless(tx)).await? {
            let removed = match &storage {
                Some(storage) => remove(storage, &key).await,
                None => self.remove(&key).await,
            };
            if let Err(error) = removed {
                outcome = Err(error.into());
            }
        }
        outcome
    }

    /// Removes a file with its thumbnails, from where files are kept now.
    async fn remove(&self, key: &FileKey) -> Result<(), FilesError> {
        remove(&self.files.storage()?, key).await
    }

    /// Settles the placements of processes that ended before they could, and those that could not be settled.
    async fn read_notes(&self) {
        let (folder, files) = (self.files.spool().folder().to_owned(), self.files.clone());
        let read = move || {
            let mut found = Vec::new();
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let path = entry.path();
                if path.extension().is_none_or(|extension| extension != NOTE) || files.owns_note(&path) {
                    continue;
                }
                let is_small = entry.metadata()?.len() <= MAX_NOTE_BYTES;
                // One that a power cut made unreadable: what it was about is not known any more.
                let keys = if is_small { serde_json::from_slice(&std::fs::read(&path)?).ok() } else { None };
                found.push(Settled { note: path, keys: keys.unwrap_or_default(), storage: None });
            }
            Ok::<_, std::io::Error>(found)
        };
        match blocking(read).await {
            Ok(found) => {
                for placement in found {
                    self.settle(placement).await;
                }
            }
            Err(error) => tracing::warn!(%error, "the notes of the spool could not be read"),
        }
    }

    /// Removes what committed writes dropped; false if the storage cannot be reached.
    async fn remove_dropped(&self) -> bool {
        let mut after = 0;
        let mut is_complete = true;
        loop {
            let found = match self.dropped(after).await {
                Ok(found) => found,
                Err(error) => {
                    tracing::warn!(%error, "the list of dropped files could not be read");
                    return false;
                }
            };
            let Some((last, _)) = found.last() else { return is_complete };
            after = last.id;
            let removals = found.into_iter().map(async |(file, is_needed)| {
                let removed = if is_needed { Ok(()) } else { self.remove(&key_of(&file)).await };
                removed.map(|()| file.id)
            });
            let outcomes: Vec<Result<i64, FilesError>> =
                stream::iter(removals).buffer_unordered(PARALLEL).collect().await;
            let (mut done, mut failed) = (Vec::new(), None);
            for outcome in outcomes {
                match outcome {
                    Ok(id) => done.push(id),
                    Err(error) => failed = Some(error),
                }
            }
            if !done.is_empty()
                && let Err(error) = self.db.write(move |tx| forget_dropped_files(tx, &done)).await
            {
                tracing::warn!(%error, "the list of dropped files could not be shortened");
                return false;
            }
            if let Some(error) = failed {
                tracing::warn!(%error, "dropped files could not be removed yet");
                // One file that resists is no reason to leave the others alone.
                is_complete &= !error.is_remote();
            }
        }
    }

    /// The next entries, and whether what they are about is needed all the same.
    async fn dropped(&self, after: i64) -> Result<Vec<(DroppedFile, bool)>, DbError> {
        let catalog = Arc::clone(&self.catalog);
        let read = move |conn: &Connection| {
            let catalog = catalog.load();
            let mut found = Vec::new();
            for file in dropped_files(conn, after, BATCH)? {
                let is_needed = names_file(conn, &catalog, &key_of(&file))?;
                found.push((file, is_needed));
            }
            Ok::<_, DbError>(found)
        };
        self.db.read(move |tx| read(tx)).await
    }
}

/// Removes a file and then its thumbnails: one that is being made meanwhile is looked at once more by whoever makes it.
async fn remove(storage: &Storage, key: &FileKey) -> Result<(), FilesError> {
    if check_key(&key.path()).is_err() || check_key(&key.thumbs()).is_err() {
        // Nothing can have been stored there.
        return Ok(());
    }
    storage.delete(&key.path()).await?;
    Ok(storage.delete_folder(&key.thumbs()).await?)
}

fn key_of(file: &DroppedFile) -> FileKey {
    let DroppedFile { collection, record, name, .. } = file.clone();
    FileKey { collection, record, name }
}

#[derive(Debug, thiserror::Error)]
enum CollectError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Files(#[from] FilesError),
}

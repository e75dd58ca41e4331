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
use super::notes::{self, Note};
use super::place::FileKey;
use super::{Files, FilesError, Spool};
use crate::db::{Db, DbError, DroppedFile, dropped_files, forget_dropped_files};
use crate::query::Catalog;
use crate::settings;
use crate::storage::{Storage, StorageError, check_key};

/// After a commit that may have dropped files, others are awaited for so long.
const GATHER: Duration = Duration::from_millis(250);

/// How often is tried again what could not be removed.
const RETRY: Duration = Duration::from_mins(10);

/// Entries looked at together.
const BATCH: i64 = 200;

/// Files removed at the same time: a service elsewhere takes its time for each.
const PARALLEL: usize = 8;

/// Placements in vain whose files cannot be removed, kept in memory for the next try. Those beyond are left to the next start.
const MAX_UNSETTLED: usize = 10_000;

/// A placement that is over, and whose files may have no record.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) keys: Vec<FileKey>,
    pub(super) kept_in: KeptIn,
    pub(super) note: Note,
}

/// Where files are.
#[derive(Debug)]
pub(super) enum KeptIn {
    /// Here.
    Storage(Storage),
    /// Where certain settings had them be, under the name of that place.
    Place(String),
}

/// Removes what arrived in part before this start, and finds the notes of earlier ones.
pub(super) fn clear_spool(spool: &Spool) -> Result<Vec<PathBuf>, FilesError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(spool.folder())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == notes::NOTES) {
            found.push(path);
        } else if let Err(error) = std::fs::remove_file(&path) {
            tracing::warn!(%error, path = %path.display(), "something in the folder of uploads cannot be removed");
        }
    }
    Ok(found)
}

/// What the collector is made of.
pub(super) struct Collecting {
    pub(super) db: Db,
    pub(super) catalog: Arc<ArcSwap<Catalog>>,
    pub(super) runtime: tokio::runtime::Handle,
    pub(super) settled: mpsc::UnboundedReceiver<Settled>,
    /// Files of notes that other processes left.
    pub(super) notes: Vec<PathBuf>,
}

/// Starts to collect.
pub(super) fn start(files: &Files, collecting: Collecting) -> tokio::task::AbortHandle {
    let Collecting { db, catalog, runtime, settled, notes } = collecting;
    let committed = Arc::new(Notify::new());
    let bell = Arc::clone(&committed);
    db.on_commit(move || bell.notify_one());
    let started = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(db.clock().unix_millis()).unwrap_or(0));
    let collector =
        Collector { files: files.clone(), db, catalog, started, notes, unsettled: Vec::new(), tried: Tried::default() };
    runtime.spawn(collector.run(committed, settled)).abort_handle()
}

struct Collector {
    files: Files,
    db: Db,
    catalog: Arc<ArcSwap<Catalog>>,
    started: SystemTime,
    /// Files of notes to be read.
    notes: Vec<PathBuf>,
    /// What could not be settled.
    unsettled: Vec<Settled>,
    tried: Tried,
}

/// How the last try to remove dropped files went. What failed is left alone for a while.
#[derive(Default)]
struct Tried {
    /// Where files were kept.
    place: String,
    is_unreachable: bool,
    /// Id of the last one that could not be removed: it and those before it are left alone.
    resisting: i64,
}

impl Collector {
    async fn run(mut self, committed: Arc<Notify>, mut settled: mpsc::UnboundedReceiver<Settled>) {
        let mut timer = tokio::time::interval(RETRY);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
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
                    self.settle_all(std::mem::take(&mut over)).await;
                }
                () = committed.notified() => {
                    tokio::time::sleep(GATHER).await;
                    self.remove_dropped().await;
                }
                _ = timer.tick() => {
                    self.read_notes().await;
                    let again = std::mem::take(&mut self.unsettled);
                    self.settle_all(again).await;
                    self.tried = Tried::default();
                    self.remove_dropped().await;
                }
            }
        }
    }

    /// Removes what placements have stored in vain.
    async fn settle_all(&mut self, placements: Vec<Settled>) {
        let settling = placements.into_iter().map(async |placement| match self.remove_nameless(&placement).await {
            Ok(()) => {
                placement.note.settled();
                None
            }
            Err(error) => Some((placement, error)),
        });
        let failed: Vec<_> =
            stream::iter(settling).buffer_unordered(PARALLEL).filter_map(std::future::ready).collect().await;
        for (placement, error) in failed {
            tracing::warn!(%error, "files without a record could not be removed yet");
            if self.unsettled.len() < MAX_UNSETTLED {
                self.unsettled.push(placement);
            }
        }
    }

    /// Notes the placements of processes that ended before they could settle them.
    async fn read_notes(&mut self) {
        let paths = std::mem::take(&mut self.notes);
        let read = move || {
            paths.into_iter().map(|path| notes::read(path.clone()).map_err(|error| (path, error))).collect::<Vec<_>>()
        };
        let found = match blocking(move || Ok::<_, std::io::Error>(read())).await {
            Ok(found) => found,
            Err(error) => return tracing::warn!(%error, "the notes of the last start could not be read"),
        };
        for read in found {
            match read {
                Ok(lines) => self.unsettled.extend(lines.into_iter().map(|(notes::Line { storage, keys }, note)| {
                    Settled { keys, kept_in: KeptIn::Place(storage), note }
                })),
                Err((path, error)) => {
                    tracing::warn!(%error, path = %path.display(), "a note of the last start could not be read");
                    self.notes.push(path);
                }
            }
        }
    }

    /// Removes those of the files that no record names.
    async fn remove_nameless(&self, placement: &Settled) -> Result<(), CollectError> {
        let storage = match &placement.kept_in {
            KeptIn::Storage(storage) => storage.clone(),
            KeptIn::Place(place) => self.files.storage_at(place)?,
        };
        let (catalog, keys) = (Arc::clone(&self.catalog), placement.keys.clone());
        let nameless = move |conn: &Connection| {
            let catalog = catalog.load();
            let is_nameless = |key: &FileKey| names_file(conn, &catalog, key).map(|is_named| !is_named);
            let mut found = Vec::new();
            for key in &keys {
                if is_nameless(key)? {
                    found.push(key.clone());
                }
            }
            Ok::<_, DbError>(found)
        };
        let mut outcome = Ok(());
        for key in self.db.read_slow(move |tx| nameless(tx)).await? {
            if let Err(error) = remove(&storage, &key).await {
                outcome = Err(error.into());
            }
        }
        outcome
    }

    /// Removes what committed writes dropped, but for what has resisted.
    async fn remove_dropped(&mut self) {
        let place = self.files.current_place();
        if self.tried.place != place {
            self.tried = Tried { place, ..Tried::default() };
        }
        if self.tried.is_unreachable {
            return;
        }
        let mut after = self.tried.resisting;
        loop {
            let Page { storage, entries } = match self.dropped(after).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(%error, "the list of dropped files could not be read");
                    self.tried.is_unreachable = true;
                    return;
                }
            };
            let Some((last, _)) = entries.last() else { return };
            after = last.id;
            let removals = entries.into_iter().map(async |(file, is_needed)| {
                let removed = if is_needed { Ok(()) } else { remove(&storage, &key_of(&file)).await };
                removed.map(|()| file.id).map_err(|error| (file.id, error))
            });
            let outcomes: Vec<Result<i64, (i64, FilesError)>> =
                stream::iter(removals).buffer_unordered(PARALLEL).collect().await;
            let (mut done, mut failed) = (Vec::new(), None);
            for outcome in outcomes {
                match outcome {
                    Ok(id) => done.push(id),
                    Err((id, error)) => {
                        self.tried.resisting = self.tried.resisting.max(id);
                        failed = Some(error);
                    }
                }
            }
            if !done.is_empty()
                && let Err(error) = self.db.write(move |tx| forget_dropped_files(tx, &done)).await
            {
                return tracing::warn!(%error, "the list of dropped files could not be shortened");
            }
            if let Some(error) = failed {
                tracing::warn!(%error, "dropped files could not be removed yet");
                // One file that resists is no reason to leave the others alone.
                if error.is_remote() {
                    self.tried.is_unreachable = true;
                    return;
                }
            }
        }
    }

    /// The next entries of files that are where files are kept now, and whether each is needed all the same.
    async fn dropped(&self, after: i64) -> Result<Page, CollectError> {
        let (storage, settings) = self.files.current()?;
        let place = settings.files_place();
        let catalog = Arc::clone(&self.catalog);
        let read = move |conn: &Connection| {
            let catalog = catalog.load();
            let dropped = dropped_files(conn, &place, after, BATCH)?;
            // The settings have just changed: which files are where is clear again when everyone knows that.
            if dropped.is_empty() || settings::load(conn)?.files_place() != place {
                return Ok(Vec::new());
            }
            let mut found = Vec::with_capacity(dropped.len());
            for file in dropped {
                let is_needed = names_file(conn, &catalog, &key_of(&file))?;
                found.push((file, is_needed));
            }
            Ok::<_, DbError>(found)
        };
        Ok(Page { storage, entries: self.db.read(move |tx| read(tx)).await? })
    }
}

/// Entries of the list of dropped files.
struct Page {
    /// Where the files are.
    storage: Storage,
    /// Each with whether it is needed all the same.
    entries: Vec<(DroppedFile, bool)>,
}

/// Removes a file and then its thumbnails: one that is being made meanwhile is looked at once more by whoever makes it.
async fn remove(storage: &Storage, key: &FileKey) -> Result<(), FilesError> {
    if check_key(&key.path()).is_err() || check_key(&key.thumbs()).is_err() {
        // Nothing can have been stored there.
        return Ok(());
    }
    storage.delete(&key.path()).await?;
    match storage.delete_folder(&key.thumbs()).await {
        // Somebody keeps the collection elsewhere, where whole folders are not ours to remove. It would fail for ever.
        Err(StorageError::Link) => {
            tracing::warn!(file = key.name, "thumbnails of a removed file stay: their folder is behind a link");
            Ok(())
        }
        removed => Ok(removed?),
    }
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

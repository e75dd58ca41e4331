//! The files of a server.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::collect::{self, Collecting, Settled};
use super::notes::Notes;
use super::thumbs::Thumbs;
use super::{FilesError, Spool};
use crate::db::Db;
use crate::query::Catalog;
use crate::settings::Settings;
use crate::storage::{FileSync, Storage};

/// Folder of the data folder that holds all files.
const STORAGE: &str = "storage";

/// Folder of uploads that are arriving, beside the collections': on the same disk, and no collection's id.
const SPOOL: &str = ".uploads";

/// What files need to know.
#[derive(Debug)]
pub struct FilesOptions {
    /// The data folder.
    pub folder: PathBuf,
    /// How sure a stored file is.
    pub sync: FileSync,
    /// The store.
    pub db: Db,
    /// Collections.
    pub catalog: Arc<ArcSwap<Catalog>>,
    /// The settings, which say where files are kept.
    pub settings: Arc<ArcSwap<Settings>>,
    /// Where files are removed.
    pub runtime: tokio::runtime::Handle,
    /// Thumbnails that are made at the same time.
    pub thumb_workers: usize,
    /// Bytes of memory that they may take together.
    pub max_thumb_memory: u64,
    /// Bytes on the disk that all uploads may have together while they arrive.
    pub max_spool_bytes: u64,
}

/// The files of a server. Clones share them.
#[derive(Debug, Clone)]
pub struct Files {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    spool: Spool,
    local: Storage,
    settings: Arc<ArcSwap<Settings>>,
    current: ArcSwap<Current>,
    thumbs: Thumbs,
    settled: mpsc::UnboundedSender<Settled>,
    notes: Notes,
    collecting: Mutex<Option<tokio::task::AbortHandle>>,
}

/// The storage of certain settings.
#[derive(Debug)]
struct Current {
    settings: Arc<Settings>,
    /// `None` if the settings do not name a usable one.
    storage: Option<Storage>,
}

impl Files {
    /// Makes the folders and starts what collects files that no record names.
    ///
    /// # Errors
    /// [`FilesError::Spool`] if the folders cannot be made.
    pub fn start(options: FilesOptions) -> Result<Self, FilesError> {
        let root = options.folder.join(STORAGE);
        let spool = Spool::new(root.join(SPOOL), options.max_spool_bytes);
        std::fs::create_dir_all(spool.folder())?;
        let notes = collect::clear_spool(&spool)?;
        let local = Storage::local(&root, options.sync);
        let settings = options.settings.load_full();
        // Never another place than the settings name: what is stored there would not be found again.
        let storage = storage_of(&settings, &local).inspect_err(|error| {
            tracing::error!(%error, "the S3 storage of the settings cannot be used");
        });
        let storage = storage.ok();
        let current = ArcSwap::from_pointee(Current { settings, storage });
        let (settled, receiver) = mpsc::unbounded_channel();
        let inner = Inner {
            notes: Notes::new(spool.folder().into()),
            spool,
            local,
            settings: options.settings,
            current,
            thumbs: Thumbs::new(options.thumb_workers, options.max_thumb_memory),
            settled,
            collecting: Mutex::default(),
        };
        let files = Self { inner: Arc::new(inner) };
        let FilesOptions { db, catalog, runtime, .. } = options;
        let collecting = collect::start(&files, Collecting { db, catalog, runtime, settled: receiver, notes });
        *files.inner.collecting.lock() = Some(collecting);
        Ok(files)
    }

    /// Stops collecting; the next start goes on with it.
    pub fn close(&self) {
        if let Some(collecting) = self.inner.collecting.lock().take() {
            collecting.abort();
        }
    }

    /// Where uploads arrive.
    pub fn spool(&self) -> &Spool {
        &self.inner.spool
    }

    /// Where the settings want files to be kept.
    ///
    /// # Errors
    /// If their S3 service cannot be used.
    pub fn storage(&self) -> Result<Storage, FilesError> {
        self.current().map(|(storage, _)| storage)
    }

    /// Where the settings want files to be kept, and settings that say so.
    pub(super) fn current(&self) -> Result<(Storage, Arc<Settings>), FilesError> {
        let current = self.inner.current.load();
        if let Some(storage) = &current.storage
            && self.is_kept_as(&current.settings)
        {
            return Ok((storage.clone(), Arc::clone(&current.settings)));
        }
        let settings = self.inner.settings.load_full();
        let storage = storage_of(&settings, &self.inner.local)?;
        let current = Current { settings: Arc::clone(&settings), storage: Some(storage.clone()) };
        self.inner.current.store(Arc::new(current));
        Ok((storage, settings))
    }

    /// Whether files are still kept as these settings say, and with the same credentials.
    fn is_kept_as(&self, earlier: &Arc<Settings>) -> bool {
        let settings = self.inner.settings.load();
        let is_local = |settings: &Settings| !settings.s3.enabled;
        Arc::ptr_eq(earlier, &settings) || earlier.s3 == settings.s3 || (is_local(earlier) && is_local(&settings))
    }

    /// What tells where files are kept now from other places.
    pub(super) fn current_place(&self) -> String {
        self.inner.settings.load().files_place()
    }

    /// The folder, wherever files are kept now.
    pub(super) fn local(&self) -> &Storage {
        &self.inner.local
    }

    pub(super) fn thumbs(&self) -> &Thumbs {
        &self.inner.thumbs
    }

    /// Where files are, if that is the place they are kept in now.
    pub(super) fn storage_at(&self, place: &str) -> Result<Storage, FilesError> {
        let (storage, settings) = self.current()?;
        if settings.files_place() == place { Ok(storage) } else { Err(FilesError::Elsewhere) }
    }

    pub(super) fn notes(&self) -> &Notes {
        &self.inner.notes
    }

    /// Tells the collector that a placement is over whose files may have no record.
    pub(super) fn settle(&self, placement: Settled) {
        // Without a collector the server is stopping, and the next one reads the note.
        let _ = self.inner.settled.send(placement);
    }
}

fn storage_of(settings: &Settings, local: &Storage) -> Result<Storage, FilesError> {
    match settings.s3.options() {
        Some(bucket) => Ok(Storage::s3(&bucket)?),
        None => Ok(local.clone()),
    }
}

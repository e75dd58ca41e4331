//! All indexes: asking them, knowing how they are, making one anew.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex, RwLock};
use tokio::sync::watch;

use super::build::Builder;
use super::entry::{Build, Entry, Serving};
use super::folder::{self, Folder};
use super::follow::Follower;
use super::source::Recipe;
use super::status::IndexStatus;
use crate::db::{Db, DbError, change_mark};
use crate::fulltext::{Limits, Snapshot, WriterLimits, Writers};
use crate::query::Catalog;
use crate::schema::{Collection, SearchOptions, is_word};

/// How long an index that was made anew because it failed is not made anew again for that.
const MEND_AGAIN_AFTER: Duration = Duration::from_mins(10);

/// What search needs of the rest.
pub struct IndexesOptions {
    /// The data folder.
    pub data: PathBuf,
    /// The store.
    pub db: Db,
    /// Collections with their plans.
    pub catalog: Arc<ArcSwap<Catalog>>,
    /// What writing to indexes may cost.
    pub writers: WriterLimits,
}

/// An index as it was at one commit.
#[derive(Clone)]
pub struct Searchable {
    /// The index.
    pub snapshot: Snapshot,
    /// The option it was made for. While another index is made, fields may have other names by now, or be gone: whoever asks
    /// names those that may match.
    pub options: Arc<SearchOptions>,
    /// Every change up to this one is in it.
    pub(super) position: i64,
    /// Texts may be as of this change.
    pub(super) as_of: i64,
    /// Whether it may have texts of before others were allowed to see them.
    pub(super) was_opened: bool,
    /// Whether more may be missing than what came after its position: another one is being made, or it is not known yet
    /// whether the feed goes on where it ends.
    pub(super) is_doubtful: bool,
    /// What it is made of.
    pub(super) recipe: Arc<super::source::Recipe>,
}

/// Why a collection cannot be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSearchable {
    /// It has no option `search`.
    #[error("search is not switched on for this collection")]
    Off,
    /// Its first index is being made.
    #[error("the search index is being made")]
    Building,
}

/// The indexes of all searched collections. Clones share them.
#[derive(Clone)]
pub struct Indexes {
    shared: Arc<Shared>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl std::fmt::Debug for Indexes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Indexes").field("count", &self.shared.entries.read().len()).finish_non_exhaustive()
    }
}

/// What threads and askers share.
pub(super) struct Shared {
    pub(super) db: Db,
    pub(super) catalog: Arc<ArcSwap<Catalog>>,
    pub(super) folder: Folder,
    pub(super) writers: Writers,
    pub(super) limits: Limits,
    pub(super) entries: RwLock<HashMap<String, Entry>>,
    pub(super) work: Mutex<Work>,
    /// Rings for the thread that follows the feed.
    pub(super) follow: Condvar,
    /// Rings for the thread that makes indexes.
    pub(super) build: Condvar,
    pub(super) is_stopping: AtomicBool,
    /// When indexes were last made anew because they turned out to be damaged, by collection.
    mended: Mutex<HashMap<String, Instant>>,
    /// Whether the following thread knows already that there is something to do.
    is_signalled: AtomicBool,
    /// Changes whenever an index does.
    progress: watch::Sender<()>,
}

/// What is to be done.
#[derive(Default)]
pub(super) struct Work {
    /// Something was committed.
    pub(super) is_due: bool,
    /// Ids of collections whose indexes are to be made.
    pub(super) builds: VecDeque<String>,
    /// Indexes that were made, and wait to be put in place.
    pub(super) built: Vec<Built>,
    /// Collections whose next index cannot be begun yet, because the one before is not in its place.
    pub(super) installing: HashSet<String>,
}

/// An index that was made.
pub(super) struct Built {
    pub(super) collection: String,
    pub(super) recipe: Arc<Recipe>,
    pub(super) seq: i64,
}

impl Shared {
    /// Wakes the thread that follows the feed.
    pub(super) fn wake(&self) {
        if !self.is_signalled.swap(true, Ordering::SeqCst) {
            self.work.lock().is_due = true;
            self.follow.notify_one();
        }
    }

    /// Sleeps until there is something to do, or for as long as is said.
    pub(super) fn sleep(&self, at_most: Option<Duration>) {
        let mut work = self.work.lock();
        if !work.is_due && work.built.is_empty() && !self.is_stopping() {
            match at_most {
                Some(time) => {
                    self.follow.wait_for(&mut work, time);
                }
                None => self.follow.wait(&mut work),
            }
        }
        work.is_due = false;
        self.is_signalled.store(false, Ordering::SeqCst);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Has an index made, unless that is about to happen anyway. The entry is one of `entries`: whoever makes the index
    /// looks for it there.
    pub(super) fn request_build(&self, collection: &str, entry: &mut Entry) {
        if matches!(entry.build, Build::Waiting) {
            return;
        }
        entry.build = Build::Waiting;
        let mut work = self.work.lock();
        if !work.builds.iter().any(|waiting| waiting == collection) {
            work.builds.push_back(collection.to_owned());
        }
        self.build.notify_one();
    }

    /// Tells whoever waits that an index has changed.
    pub(super) fn report(&self) {
        self.progress.send_replace(());
    }
}

impl Indexes {
    /// Starts the threads, which open the indexes there are and make those that are missing.
    ///
    /// # Errors
    /// If a thread cannot be started. Whatever is wrong with an index is none.
    pub fn start(options: IndexesOptions) -> Result<Self, DbError> {
        let shared = Arc::new(Shared {
            db: options.db,
            catalog: options.catalog,
            folder: Folder::of(&options.data),
            writers: Writers::new(options.writers),
            limits: Limits::default(),
            entries: RwLock::default(),
            work: Mutex::new(Work { is_due: true, ..Work::default() }),
            follow: Condvar::new(),
            build: Condvar::new(),
            is_stopping: AtomicBool::new(false),
            mended: Mutex::default(),
            is_signalled: AtomicBool::new(false),
            progress: watch::Sender::new(()),
        });
        let (follower, builder) = (Follower::new(Arc::clone(&shared)), Builder::new(Arc::clone(&shared)));
        let context = "starting a search thread";
        let io = |source| DbError::Io { context: context.to_owned(), source };
        let follower = std::thread::Builder::new().name("search".into()).spawn(move || follower.run()).map_err(io)?;
        let builder =
            std::thread::Builder::new().name("search-build".into()).spawn(move || builder.run()).map_err(io)?;
        // The store outlives this: it must not keep it alive.
        let listener: Weak<Shared> = Arc::downgrade(&shared);
        shared.db.on_commit(move || {
            if let Some(shared) = listener.upgrade() {
                shared.wake();
            }
        });
        // What was committed before anybody listened.
        shared.wake();
        Ok(Self { shared, threads: Arc::new(Mutex::new(vec![follower, builder])) })
    }

    /// The index of a collection as it is now. Cheap.
    ///
    /// # Errors
    /// [`NotSearchable`].
    pub fn snapshot(&self, collection_id: &str) -> Result<Searchable, NotSearchable> {
        let catalog = self.shared.catalog.load();
        let collection = catalog.schema().find_by_id(collection_id).filter(|c| c.search.is_some());
        let collection = collection.ok_or(NotSearchable::Off)?;
        let entries = self.shared.entries.read();
        let entry = entries.get(collection_id).ok_or(NotSearchable::Building)?;
        let serving = entry.serving.as_ref().filter(|serving| serving.recipe.created == collection.created);
        let serving = serving.ok_or(NotSearchable::Building)?;
        Ok(Searchable {
            snapshot: serving.index.snapshot(),
            options: Arc::clone(&serving.options),
            position: serving.position,
            as_of: serving.as_of,
            was_opened: serving.position < entry.careful_until || !entry.openness.is_of(collection),
            is_doubtful: serving.is_left_behind || serving.unverified.is_some(),
            recipe: Arc::clone(&serving.recipe),
        })
    }

    /// What bounds questions.
    pub(super) fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// Waits until a change is in the index of a collection; says whether it is, for it may take longer than until the
    /// deadline, and there may be no index.
    pub async fn wait_for(&self, collection_id: &str, seq: i64, deadline: Instant) -> bool {
        let reached = || {
            let entries = self.shared.entries.read();
            entries.get(collection_id)?.serving.as_ref().map(|serving| serving.position >= seq)
        };
        let mut progress = self.shared.progress.subscribe();
        loop {
            progress.borrow_and_update();
            if reached() == Some(true) {
                return true;
            }
            let changed = tokio::time::timeout_at(deadline.into(), progress.changed()).await;
            if !matches!(changed, Ok(Ok(()))) {
                return reached() == Some(true);
            }
        }
    }

    /// Waits until no index is being made any more; yields those that could not be made, with the reasons.
    pub async fn settle(&self) -> Vec<(String, String)> {
        let mut progress = self.shared.progress.subscribe();
        loop {
            progress.borrow_and_update();
            let catalog = self.shared.catalog.load_full();
            let mut failed = Vec::new();
            let is_settled = {
                let entries = self.shared.entries.read();
                let wanted = catalog.schema().all().iter().filter_map(|c| Some((c, Recipe::of(c)?)));
                // The catalog may know what the entries do not know yet.
                wanted.into_iter().all(|(collection, recipe)| match entries.get(&collection.id) {
                    Some(Entry { build: Build::Failed { error, .. }, .. }) => {
                        failed.push((collection.name.clone(), error.clone()));
                        true
                    }
                    Some(entry) => {
                        let serving = entry.serving.as_ref();
                        entry.build == Build::Idle && serving.is_some_and(|s| s.recipe.makes_the_same_as(&recipe))
                    }
                    None => !is_word(&collection.id),
                })
            };
            if is_settled || progress.changed().await.is_err() {
                return failed;
            }
        }
    }

    /// How all indexes are, by name of the collection; `last_seq` is the feed's last change.
    pub fn status(&self, last_seq: i64) -> Vec<IndexStatus> {
        let known: Vec<(IndexStatus, Option<Serving>)> = {
            let entries = self.shared.entries.read();
            entries.iter().map(|(id, entry)| (entry.status(id, last_seq), entry.serving.clone())).collect()
        };
        // The disk is looked at without the lock.
        let look = |(mut status, serving): (IndexStatus, Option<Serving>)| {
            if let Some(serving) = serving {
                status.documents = serving.index.snapshot().count_documents();
                status.bytes = serving.index.size().unwrap_or(0);
            }
            status
        };
        let mut all: Vec<IndexStatus> = known.into_iter().map(look).collect();
        all.sort_by(|a, b| a.collection_name.cmp(&b.collection_name));
        all
    }

    /// Has the index of a collection made anew, while the one there is goes on answering.
    ///
    /// # Errors
    /// [`NotSearchable::Off`].
    pub fn rebuild(&self, collection_id: &str) -> Result<(), NotSearchable> {
        let is_on = |c: &Arc<Collection>| c.search.is_some();
        if !self.shared.catalog.load().schema().find_by_id(collection_id).is_some_and(is_on) {
            return Err(NotSearchable::Off);
        }
        // One that is not known yet is about to be looked at, and made if it has to be.
        if let Some(entry) = self.shared.entries.write().get_mut(collection_id) {
            self.shared.request_build(collection_id, entry);
        }
        self.shared.report();
        Ok(())
    }

    /// Has the index of a collection made anew that turned out to be damaged while it was asked; says whether that is under
    /// way. An index that fails again soon is not damaged, or making it does not help.
    pub(super) fn mend(&self, collection_id: &str) -> bool {
        let mut entries = self.shared.entries.write();
        let Some(entry) = entries.get_mut(collection_id) else { return true };
        if entry.build != Build::Idle {
            return true;
        }
        let mut mended = self.shared.mended.lock();
        if mended.get(collection_id).is_some_and(|at| at.elapsed() < MEND_AGAIN_AFTER) {
            return false;
        }
        mended.insert(collection_id.to_owned(), Instant::now());
        self.shared.request_build(collection_id, entry);
        true
    }

    /// Notes that the index knows of everything up to its position, although none of its own records changed.
    fn note_position(&self, serving: &Serving) -> std::io::Result<()> {
        if serving.persisted == serving.position || serving.is_left_behind {
            return Ok(());
        }
        let mark = self.shared.db.read_blocking(|tx| change_mark(tx, serving.position)).unwrap_or_default();
        folder::write_position(serving.index.folder(), serving.index.applied_seq(), serving.position, mark)
    }

    /// Ends the threads and makes the indexes durable.
    pub fn close(&self) {
        self.shared.is_stopping.store(true, Ordering::SeqCst);
        {
            // Whoever is about to sleep has seen that, or is woken.
            let _work = self.shared.work.lock();
            self.shared.follow.notify_all();
            self.shared.build.notify_all();
        }
        for thread in self.threads.lock().drain(..) {
            let _ = thread.join();
        }
        self.shared.writers.close();
        for entry in self.shared.entries.read().values() {
            let Some(serving) = &entry.serving else { continue };
            if let Err(error) = self.note_position(serving).and_then(|()| serving.index.sync()) {
                tracing::warn!(collection.name = %entry.name, %error, "a search index could not be made durable");
            }
        }
    }
}

//! Writers for many indexes, of which few are open.
//!
//! An open writer costs three threads and megabytes of memory. So writers are lent: [`Writers::open`] hands one out, and
//! dropping it gives it back, still warm for the next time. When another index needs one and all places are taken, the one
//! that rested longest is closed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SendError;
use std::sync::{Arc, Weak};

use parking_lot::{Condvar, Mutex};
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};

use super::index::guarded;
use super::queue::Engine;
use super::{Index, WriteError, Writer, boot};

/// What writers may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriterLimits {
    /// Memory for documents that are not yet written to disk, in megabytes, shared by all places. A writer that makes an index
    /// from all its documents takes as much once more. Documents that wait to be indexed take at most 48 MB beside.
    pub heap_mb: usize,
    /// Most writers that are open at once.
    pub max_open: usize,
}

impl Default for WriterLimits {
    fn default() -> Self {
        Self { heap_mb: 96, max_open: 3 }
    }
}

/// Least memory the engine accepts for a writer, in megabytes.
const MIN_HEAP_MB: usize = 16;

/// Most memory the engine accepts for a writer, in megabytes.
const MAX_HEAP_MB: usize = 4000;

/// Most bytes of documents that wait to be indexed, shared by all places.
const MAX_WAITING_BYTES: usize = 48 << 20;

/// Segments of similar size that are merged while an index is made. Later commits merge what remains.
const SEGMENTS_IN_BUILD_MERGE: usize = 16;

/// Segments of similar size that are merged into one. Fewer would merge the same documents more often, more would make
/// every search look into more of them.
const SEGMENTS_IN_MERGE: usize = 6;

/// Segments with fewer documents count as similar in size, so that commits of a few documents each do not pile up.
const SMALL_SEGMENT_DOCUMENTS: u32 = 5_000;

/// A segment with a larger part of its documents deleted is rewritten.
const DELETED_PART: f32 = 0.3;

/// What a writer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Commits of some documents now and then.
    Upkeep,
    /// All documents of an index.
    Build,
}

/// A writer that rests.
struct Resting {
    folder: PathBuf,
    /// Which index it writes: another one may have been made in the folder since.
    index: Weak<Index>,
    engine: Engine,
}

#[derive(Default)]
struct State {
    /// In the order they came to rest.
    resting: Vec<Resting>,
    /// Folders of the indexes whose writers are lent or being opened, or closed by who asked for that.
    busy: HashSet<PathBuf>,
    /// Folders of the indexes whose writers are being closed while nobody waits.
    closing: HashSet<PathBuf>,
}

impl State {
    /// Whether there is a writer of the index in this folder that cannot be lent or closed now.
    fn is_taken(&self, folder: &Path) -> bool {
        self.busy.contains(folder) || self.closing.contains(folder)
    }
}

/// What the lent writers come back to.
pub(super) struct Pool {
    limits: WriterLimits,
    state: Mutex<State>,
    changed: Condvar,
}

/// Lends writers.
#[derive(Clone)]
pub struct Writers(Arc<Pool>);

impl Writers {
    /// No writer is open yet.
    pub fn new(limits: WriterLimits) -> Self {
        let limits = WriterLimits { max_open: limits.max_open.max(1), ..limits };
        Self(Arc::new(Pool { limits, state: Mutex::default(), changed: Condvar::new() }))
    }

    /// Lends the writer of an index. Waits while somebody else has it, or while all places are taken by writers that others
    /// have: a thread that has one and asks for another may wait for ever.
    ///
    /// # Errors
    /// [`WriteError::Engine`] if the index is damaged.
    pub fn open(&self, index: &Arc<Index>) -> Result<Writer, WriteError> {
        self.open_as(index, Use::Upkeep)
    }

    /// As [`Writers::open`], for an index that is made from all its documents: with all the memory there is for writers, and
    /// with few merges. It does not rest afterwards, and closing it waits for its merges.
    ///
    /// # Errors
    /// As for [`Writers::open`].
    pub fn open_for_build(&self, index: &Arc<Index>) -> Result<Writer, WriteError> {
        self.close_index(index);
        self.open_as(index, Use::Build)
    }

    fn open_as(&self, index: &Arc<Index>, usage: Use) -> Result<Writer, WriteError> {
        let folder = index.folder().to_owned();
        let mut state = self.0.state.lock();
        let closing = loop {
            if !state.is_taken(&folder) {
                if let Some(position) = state.resting.iter().position(|r| r.folder == folder) {
                    let resting = state.resting.remove(position);
                    state.busy.insert(folder.clone());
                    // An index that was made anew in the same folder needs a writer of its own.
                    if usage == Use::Upkeep && std::ptr::eq(resting.index.as_ptr(), Arc::as_ptr(index)) {
                        return Ok(Writer::new(resting.engine, index.clone(), self.0.clone(), usage));
                    }
                    break Some(resting);
                }
                let most = self.0.limits.max_open;
                if state.busy.len() < most && state.closing.len() < most {
                    state.busy.insert(folder.clone());
                    let is_full = state.busy.len() + state.resting.len() > most;
                    break is_full.then(|| state.resting.remove(0));
                }
            }
            self.0.changed.wait(&mut state);
        };
        // The writer being closed keeps its folder until it is, so that nobody meets its lock.
        match closing {
            Some(closing) if closing.folder == folder => {
                drop(state);
                close(closing.engine);
            }
            Some(closing) => {
                state.closing.insert(closing.folder.clone());
                drop(state);
                self.0.close_aside(closing);
            }
            None => drop(state),
        }
        match self.0.start(index, usage) {
            Ok(engine) => Ok(Writer::new(engine, index.clone(), self.0.clone(), usage)),
            Err(error) => {
                self.0.forget(&folder);
                Err(error)
            }
        }
    }

    /// Closes the resting writer of an index, if there is one: before its folder is removed or synced. Waits while somebody
    /// has it.
    pub fn close_index(&self, index: &Index) {
        let folder = index.folder();
        let mut state = self.0.state.lock();
        while state.is_taken(folder) {
            self.0.changed.wait(&mut state);
        }
        let Some(position) = state.resting.iter().position(|r| r.folder == folder) else { return };
        let resting = state.resting.remove(position);
        state.busy.insert(resting.folder.clone());
        drop(state);
        close(resting.engine);
        self.0.forget(&resting.folder);
    }

    /// Closes all writers that rest, and waits for their merges and those of writers that are being closed. Nobody may have one.
    pub fn close(&self) {
        let resting = {
            let mut state = self.0.state.lock();
            let resting = std::mem::take(&mut state.resting);
            state.busy.extend(resting.iter().map(|r| r.folder.clone()));
            resting
        };
        for Resting { folder, engine, .. } in resting {
            close(engine);
            self.0.forget(&folder);
        }
        let mut state = self.0.state.lock();
        while !(state.busy.is_empty() && state.closing.is_empty()) {
            self.0.changed.wait(&mut state);
        }
    }

    /// How many writers are open now, but for those that are being closed.
    pub fn count_open(&self) -> usize {
        let state = self.0.state.lock();
        state.busy.len() + state.resting.len()
    }
}

impl Pool {
    /// Most bytes of documents that may wait for one writer.
    pub(super) fn max_waiting_bytes(&self) -> usize {
        MAX_WAITING_BYTES / self.limits.max_open
    }

    /// Opens a writer at the last commit.
    fn start(&self, index: &Index, usage: Use) -> Result<Engine, WriteError> {
        guarded(|| {
            boot::mark_written(index.folder())?;
            let (heap_mb, segments_in_merge) = match usage {
                Use::Upkeep => (self.limits.heap_mb / self.limits.max_open, SEGMENTS_IN_MERGE),
                Use::Build => (self.limits.heap_mb, SEGMENTS_IN_BUILD_MERGE),
            };
            let options = IndexWriterOptions::builder()
                .num_worker_threads(1)
                .num_merge_threads(1)
                .memory_budget_per_thread(heap_mb.clamp(MIN_HEAP_MB, MAX_HEAP_MB) << 20)
                .build();
            let engine: Engine = index.engine.writer_with_options(options)?;
            let mut policy = LogMergePolicy::default();
            policy.set_min_num_segments(segments_in_merge);
            policy.set_min_layer_size(SMALL_SEGMENT_DOCUMENTS);
            policy.set_del_docs_ratio_before_merge(DELETED_PART);
            engine.set_merge_policy(Box::new(policy));
            Ok(engine)
        })
    }

    /// Closes a writer whose folder is noted in `closing`, in a thread of its own: whoever needs its place for another index should
    /// not wait for its merges.
    fn close_aside(self: &Arc<Self>, closing: Resting) {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let pool = Arc::clone(self);
        let finish = move || {
            if let Ok(Resting { folder, engine, .. }) = receiver.recv() {
                close(engine);
                pool.forget(&folder);
            }
        };
        let started = std::thread::Builder::new().name("search-close".into()).spawn(finish);
        if let Err(SendError(Resting { folder, engine, .. })) = sender.send(closing) {
            tracing::debug!(error = ?started.err(), "a search index is closed without a thread of its own");
            close(engine);
            self.forget(&folder);
        }
    }

    /// Takes a lent writer back.
    pub(super) fn rest(&self, index: &Arc<Index>, engine: Engine) {
        let folder = index.folder().to_owned();
        let mut state = self.state.lock();
        state.busy.remove(&folder);
        state.resting.push(Resting { folder, index: Arc::downgrade(index), engine });
        self.changed.notify_all();
    }

    /// Notes that the writer of a folder is gone.
    pub(super) fn forget(&self, folder: &Path) {
        let mut state = self.state.lock();
        state.busy.remove(folder);
        state.closing.remove(folder);
        self.changed.notify_all();
    }
}

/// Closes a writer with nothing uncommitted, after its merges.
pub(super) fn close(engine: Engine) {
    // A merge that failed left its segments as they were.
    if let Err(error) = engine.wait_merging_threads() {
        tracing::warn!(%error, "a merge of a search index failed");
    }
}

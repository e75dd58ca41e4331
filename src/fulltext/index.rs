//! An index in its folder: made, opened, verified, closed.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use tantivy::index::SegmentComponent;
use tantivy::store::Compressor;
use tantivy::{IndexReader, IndexSettings, ReloadPolicy};

use super::directory::QuickDirectory;
use super::error::panic_text;
use super::layout::{FORMAT, Layout, tokenizers};
use super::stemming::Stems;
use super::{IndexSpec, Limits, OpenError, SearchError, Snapshot, boot};

/// The file that says what the index was made for.
const SPEC_FILE: &str = "larder-index";

/// Indexes up to this size are verified each time they are opened: it takes no time that anybody would notice.
const ALWAYS_VERIFIED_BYTES: u64 = 64 << 20;

/// How thoroughly an index is looked at when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Only as far as there is a doubt: checksums are verified if the system may have lost writes, or if the index is small.
    Doubtful,
    /// All checksums are verified.
    Full,
}

/// What the file beside the index says.
#[derive(Serialize, Deserialize)]
struct Description {
    format: u32,
    engine: u32,
    spec: IndexSpec,
}

impl Description {
    fn new(spec: &IndexSpec) -> Self {
        Self { format: FORMAT, engine: tantivy::INDEX_FORMAT_VERSION, spec: spec.clone() }
    }
}

/// What a commit carries along.
#[derive(Serialize, Deserialize)]
pub(super) struct Payload {
    /// The last change of the source that the index holds.
    pub(super) seq: i64,
    /// What else the source says of that change.
    #[serde(default)]
    pub(super) mark: Option<String>,
}

/// What all users of an index share.
pub(super) struct Shared {
    pub(super) spec: IndexSpec,
    pub(super) layout: Layout,
    pub(super) limits: Limits,
    /// Finds stems of questions.
    stems: Option<Mutex<Stems>>,
}

impl Shared {
    /// Does something with the stemmer, if the index has a language.
    pub(super) fn with_stems<T>(&self, act: impl FnOnce(&mut Stems) -> T) -> Option<T> {
        self.stems.as_ref().map(|stems| act(&mut stems.lock()))
    }
}

/// An index: texts of documents by their words. It can be read by many at once; see [`Index::snapshot`]. Writers are lent by
/// [`Writers`](super::Writers).
pub struct Index {
    pub(super) engine: tantivy::Index,
    pub(super) shared: Arc<Shared>,
    folder: PathBuf,
    opened_mark: Option<String>,
    reader: IndexReader,
    latest: RwLock<Snapshot>,
    /// Held while what was committed is opened.
    publishing: Mutex<()>,
}

impl Index {
    /// Makes an empty index in the folder, in place of what is there. Nobody may have the old one open.
    ///
    /// # Errors
    /// [`OpenError::Io`] mostly.
    pub fn create(folder: &Path, spec: &IndexSpec, limits: &Limits) -> Result<Self, OpenError> {
        Self::create_synced(folder, spec, limits, !boot::is_known())
    }

    /// As [`Index::create`]; says whether commits wait for the disk.
    pub(super) fn create_synced(
        folder: &Path,
        spec: &IndexSpec,
        limits: &Limits,
        is_synced: bool,
    ) -> Result<Self, OpenError> {
        match std::fs::remove_dir_all(folder) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
            _ => std::fs::create_dir_all(folder)?,
        }
        boot::mark_written(folder)?;
        let description = serde_json::to_vec(&Description::new(spec)).map_err(std::io::Error::from)?;
        boot::replace_durably(&folder.join(SPEC_FILE), &description)?;
        let layout = Layout::new(spec);
        let settings = IndexSettings {
            docstore_compression: Compressor::None,
            docstore_compress_dedicated_thread: false,
            ..IndexSettings::default()
        };
        let directory = QuickDirectory::open(folder, is_synced)?;
        let engine = tantivy::Index::create(directory, layout.schema.clone(), settings)?;
        Self::wrap(engine, folder, spec, limits)
    }

    /// Opens the index in the folder.
    ///
    /// # Errors
    /// [`OpenError::Missing`], [`OpenError::Outdated`] and [`OpenError::Corrupt`] ask for [`Index::create`] and all documents
    /// anew. No damage makes it panic.
    pub fn open(folder: &Path, spec: &IndexSpec, limits: &Limits, check: Check) -> Result<Self, OpenError> {
        if !folder.join("meta.json").try_exists()? {
            return Err(OpenError::Missing);
        }
        let description = match std::fs::read(folder.join(SPEC_FILE)) {
            Ok(description) => description,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(OpenError::Outdated),
            Err(e) => return Err(e.into()),
        };
        let Ok(description) = serde_json::from_slice::<Description>(&description) else {
            return Err(OpenError::Outdated);
        };
        let is_current = description.format == FORMAT && description.engine == tantivy::INDEX_FORMAT_VERSION;
        if !is_current || !description.spec.has_same_layout(spec) {
            return Err(OpenError::Outdated);
        }
        guarded(|| {
            let directory = QuickDirectory::open(folder, !boot::is_known())?;
            let engine = tantivy::Index::open(directory)?;
            if engine.schema() != Layout::new(spec).schema {
                return Err(OpenError::Corrupt("its schema is another one".to_owned()));
            }
            if check == Check::Full || !boot::is_trusted(folder) || size(folder)? <= ALWAYS_VERIFIED_BYTES {
                verify(&engine)?;
            }
            Self::wrap(engine, folder, spec, limits)
        })
    }

    fn wrap(mut engine: tantivy::Index, folder: &Path, spec: &IndexSpec, limits: &Limits) -> Result<Self, OpenError> {
        engine.set_tokenizers(tokenizers(spec));
        let reader: IndexReader = engine.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let shared = Arc::new(Shared {
            spec: spec.clone(),
            layout: Layout::new(spec),
            limits: limits.clone(),
            stems: spec.language.map(|language| Mutex::new(Stems::new(language))),
        });
        let Payload { seq, mark } = payload(&engine)?;
        let snapshot = Snapshot::new(reader.searcher(), seq, shared.clone())?;
        Ok(Self {
            engine,
            shared,
            folder: folder.to_owned(),
            opened_mark: mark,
            reader,
            latest: RwLock::new(snapshot),
            publishing: Mutex::default(),
        })
    }

    /// The index as of the last commit. Cheap.
    pub fn snapshot(&self) -> Snapshot {
        self.latest.read().clone()
    }

    /// The mark of the commit that was the last one when the index was opened.
    pub fn opened_mark(&self) -> Option<&str> {
        self.opened_mark.as_deref()
    }

    /// The `seq` of the last commit, 0 if there was none.
    pub fn applied_seq(&self) -> i64 {
        self.latest.read().seq()
    }

    /// The specification it was opened with.
    pub fn spec(&self) -> &IndexSpec {
        &self.shared.spec
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Bytes on disk.
    pub fn size(&self) -> std::io::Result<u64> {
        size(&self.folder)
    }

    /// Shows what was committed, with its `seq`.
    pub(super) fn publish(&self, seq: i64) -> Result<(), SearchError> {
        // One after the other, so that an older state cannot replace a newer one. Who asks meanwhile gets the one before.
        let _publishing = self.publishing.lock();
        guarded(|| {
            self.reader.reload()?;
            let snapshot = Snapshot::new(self.reader.searcher(), seq, self.shared.clone())?;
            // What is replaced may be the last to know its files: it goes when the lock is free.
            let replaced = std::mem::replace(&mut *self.latest.write(), snapshot);
            drop(replaced);
            Ok(())
        })
    }

    /// Verifies the checksums of all files.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] names what is damaged.
    pub fn verify(&self) -> Result<(), OpenError> {
        guarded(|| verify(&self.engine))
    }

    /// Makes everything durable, so that a later start need not verify it. Call it at shutdown, after
    /// [`Writers::close`](super::Writers::close): no writer may be open.
    pub fn sync(&self) -> std::io::Result<()> {
        boot::mark_clean(&self.folder)
    }
}

/// An error that a panic can be turned into.
pub(super) trait FromDamage {
    fn from_damage(text: String) -> Self;
}

impl FromDamage for OpenError {
    fn from_damage(text: String) -> Self {
        Self::Corrupt(text)
    }
}

impl FromDamage for SearchError {
    fn from_damage(text: String) -> Self {
        Self::Corrupt(text)
    }
}

impl FromDamage for super::WriteError {
    fn from_damage(text: String) -> Self {
        Self::Engine(text)
    }
}

/// Runs what reads files of the engine. It panics on some damage; here that is an error like any other.
pub(super) fn guarded<T, E: FromDamage>(act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|panic| Err(E::from_damage(panic_text(&*panic))))
}

/// What the last commit carries.
fn payload(engine: &tantivy::Index) -> Result<Payload, OpenError> {
    let Some(payload) = engine.load_metas()?.payload else { return Ok(Payload { seq: 0, mark: None }) };
    serde_json::from_str(&payload)
        .map_err(|_| OpenError::Corrupt("its last commit does not say what it holds".to_owned()))
}

/// Verifies the checksums of all files that the last commit names.
fn verify(engine: &tantivy::Index) -> Result<(), OpenError> {
    use tantivy::directory::error::OpenReadError;
    let metas = engine.load_metas()?;
    let undeleted = metas.segments.iter().filter(|s| !s.has_deletes());
    let absent: HashSet<PathBuf> = undeleted.map(|s| s.relative_path(SegmentComponent::Delete)).collect();
    for file in metas.list_segment_files() {
        if absent.contains(&file) || file.extension().is_some_and(|e| e == "temp") {
            continue;
        }
        match engine.directory().validate_checksum(&file) {
            Ok(true) => {}
            Ok(false) => return Err(OpenError::Corrupt(format!("{} does not have its checksum", file.display()))),
            Err(OpenReadError::FileDoesNotExist(_)) => {
                return Err(OpenError::Corrupt(format!("{} is missing", file.display())));
            }
            Err(error) => return Err(tantivy::TantivyError::from(error).into()),
        }
    }
    Ok(())
}

/// Bytes of all files in a folder.
fn size(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        match entry?.metadata() {
            Ok(metadata) => bytes += metadata.len(),
            // A merge removes files at any time.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
    }
    Ok(bytes)
}

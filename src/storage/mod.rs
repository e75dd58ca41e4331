//! Where uploaded files are kept, by key: a local folder or an S3-compatible service. Keys are the ones of PocketBase
//! (`<collection id>/<record id>/<name>`), so that its folders and buckets can be used as they are.
//!
//! Knows nothing of records: who may read a file, what it is called and when it goes is decided further out. Nothing
//! here blocks the caller's thread, and nothing waits for a service for ever.

mod error;
mod key;
mod local;
mod s3;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::time::timeout;

pub use error::StorageError;
pub use key::{MAX_KEY_BYTES, MAX_KEY_SEGMENTS, MAX_SEGMENT_BYTES, check_key};
use local::LocalFolder;
pub use s3::{RemoteFile, S3Limits, S3Options};

/// Most entries of one page of [`Storage::list`] and [`Storage::folders`].
pub const MAX_PAGE: usize = 10_000;

/// How sure it is that a file of the local folder outlives a power cut once it is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileSync {
    /// Files and the folders that name them are synced to the disk.
    Full,
    /// The system writes them when it sees fit.
    Normal,
}

/// What a file consists of.
#[derive(Debug)]
pub enum Source {
    /// Held in memory.
    Bytes(Bytes),
    /// A finished file. A local folder takes it over by renaming it where both are on one file system; it may be gone
    /// afterwards, whether or not placing it worked.
    File(PathBuf),
}

/// What a service is told about a file. A local folder does not keep it.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Media type; `application/octet-stream` if empty.
    pub content_type: String,
    /// What the file was called where it came from; empty if unknown.
    pub original_name: String,
}

/// A file and where to put it.
#[derive(Debug)]
pub struct Placement {
    /// The content.
    pub source: Source,
    /// The key; a file that has it already is replaced.
    pub key: String,
    /// What is told about it.
    pub about: About,
}

/// A stored file, as [`Storage::list`] tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// When it was written last.
    pub modified: SystemTime,
}

/// A stored file, ready to be read.
#[derive(Debug)]
pub enum Opened {
    /// A regular file on this machine.
    Local {
        /// Positioned at its beginning.
        file: std::fs::File,
        /// Bytes.
        size: u64,
        /// When it was written last.
        modified: SystemTime,
    },
    /// An object of a service; nothing of its content has been asked for.
    Remote(RemoteFile),
}

/// Where files are kept; clones share everything.
#[derive(Debug, Clone)]
pub struct Storage(Arc<Backend>);

#[derive(Debug)]
enum Backend {
    Local(LocalFolder),
    S3(s3::Bucket),
}

impl Storage {
    /// Files below a folder, which is made when the first one is placed.
    pub fn local(root: &Path, sync: FileSync) -> Self {
        Self(Arc::new(Backend::Local(LocalFolder::new(root, sync))))
    }

    /// Files in a bucket. Asks the service nothing.
    ///
    /// # Errors
    /// [`StorageError::Options`] if what is configured cannot be the address of a bucket.
    pub fn s3(options: &S3Options) -> Result<Self, StorageError> {
        Ok(Self(Arc::new(Backend::S3(s3::Bucket::new(options)?))))
    }

    /// Whether files are kept by a service.
    pub fn is_remote(&self) -> bool {
        matches!(*self.0, Backend::S3(_))
    }

    /// Puts a file under its key. When this returns, it is there whole, and as durable as [`FileSync`] or the service
    /// makes it; when it fails, it is not there.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn place(&self, source: Source, key: &str, about: &About) -> Result<(), StorageError> {
        let placement = Placement { source, key: key.to_owned(), about: about.clone() };
        self.place_all(vec![placement], || Ok(())).await
    }

    /// Puts several files under their keys, all or none of them: when one fails, those before are removed. Files of one
    /// folder share what has to be synced of it.
    ///
    /// If nobody waits any more before it is done, it is taken back as if it had failed.
    ///
    /// `begin` is called before anything is stored, on a thread that may block. What it yields is handed over when all is
    /// done; otherwise it is dropped, after what was stored has been taken back.
    ///
    /// # Errors
    /// [`StorageError`], of `begin` or the first file that failed.
    pub async fn place_all<G: Send + 'static>(
        &self,
        files: Vec<Placement>,
        begin: impl FnOnce() -> io::Result<G> + Send + 'static,
    ) -> Result<G, StorageError> {
        for file in &files {
            check_key(&file.key)?;
        }
        match &*self.0 {
            Backend::Local(folder) => folder.place_all(files, begin).await,
            Backend::S3(bucket) => bucket.place_all(files, begin).await,
        }
    }

    /// Puts a file under its key that can be made again (a thumbnail): after a power cut it is there whole or not at all.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn place_derived(&self, bytes: Bytes, key: &str, about: &About) -> Result<(), StorageError> {
        check_key(key)?;
        match &*self.0 {
            Backend::Local(folder) => folder.place_derived(bytes, key).await,
            Backend::S3(_) => self.place(Source::Bytes(bytes), key, about).await,
        }
    }

    /// Finds a file.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] if there is none, or something else than a file; otherwise [`StorageError`].
    pub async fn open(&self, key: &str) -> Result<Opened, StorageError> {
        check_key(key)?;
        match &*self.0 {
            Backend::Local(folder) => folder.open(key).await,
            Backend::S3(bucket) => Ok(Opened::Remote(bucket.open(key).await?)),
        }
    }

    /// Removes a file, and the folders that hold nothing any more. It is fine if there is none.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn delete(&self, key: &str) -> Result<(), StorageError> {
        check_key(key)?;
        match &*self.0 {
            Backend::Local(folder) => folder.delete(key).await,
            Backend::S3(bucket) => bucket.delete(key).await,
        }
    }

    /// Removes everything below `folder/`. It is fine if there is nothing. Links are removed, never followed.
    ///
    /// # Errors
    /// [`StorageError`]; some files may have been removed.
    pub async fn delete_folder(&self, folder: &str) -> Result<(), StorageError> {
        check_key(folder)?;
        match &*self.0 {
            Backend::Local(root) => root.delete_folder(folder).await,
            Backend::S3(bucket) => bucket.delete_folder(folder).await,
        }
    }

    /// The next files below `folder/` (everything if it is empty), in the byte order of their keys: those after the key
    /// `after`, `limit` ([`MAX_PAGE`] at most) of them. Fewer than that means there are no more.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn list(&self, folder: &str, after: Option<&str>, limit: usize) -> Result<Vec<Entry>, StorageError> {
        if !folder.is_empty() {
            check_key(folder)?;
        }
        let limit = limit.clamp(1, MAX_PAGE);
        match &*self.0 {
            Backend::Local(root) => root.list(folder, after, limit).await,
            Backend::S3(bucket) => bucket.list(folder, after, limit).await,
        }
    }

    /// The names of the next folders directly in `folder` (the topmost ones if it is empty), in byte order of
    /// `<name>/`: those after the folder named `after`, `limit` ([`MAX_PAGE`] at most) of them. Fewer than that means
    /// there are no more. A local one may be empty.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn folders(&self, folder: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>, StorageError> {
        if !folder.is_empty() {
            check_key(folder)?;
        }
        let limit = limit.clamp(1, MAX_PAGE);
        match &*self.0 {
            Backend::Local(root) => root.folders(folder, after, limit).await,
            Backend::S3(bucket) => bucket.folders(folder, after, limit).await,
        }
    }

    /// A URL by which anybody can read the file for a while, without asking us; `None` where files are not kept by a
    /// service. Nothing is asked of the service: the file may not be there.
    ///
    /// `content_disposition` and `content_type` are the headers the service is to answer with.
    pub async fn presigned_url(
        &self,
        key: &str,
        expires_in: Duration,
        content_disposition: &str,
        content_type: &str,
    ) -> Option<Result<String, StorageError>> {
        match &*self.0 {
            Backend::Local(_) => None,
            Backend::S3(bucket) => Some(bucket.presigned_url(key, expires_in, content_disposition, content_type).await),
        }
    }

    /// Removes what uploads left behind that a crash ended before the given time. A service is left alone: a rule of
    /// the bucket's life cycle ends multipart uploads that nobody finished.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn remove_leftovers(&self, before: SystemTime) -> Result<(), StorageError> {
        match &*self.0 {
            Backend::Local(folder) => folder.remove_leftovers(before).await,
            Backend::S3(_) => Ok(()),
        }
    }

    /// Writes a small file, reads it back and removes it; takes a minute at most.
    ///
    /// # Errors
    /// [`StorageError`], of the first step that failed.
    pub async fn check(&self) -> Result<(), StorageError> {
        timeout(MAX_CHECK, self.try_out()).await.unwrap_or(Err(StorageError::Timeout))
    }

    async fn try_out(&self) -> Result<(), StorageError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| StorageError::io("cannot make a name", error.into()))?;
        let key = format!("larder_probe_{:016x}/probe.txt", u64::from_ne_bytes(random));
        let about = About { content_type: "text/plain".to_owned(), original_name: String::new() };
        self.place(Source::Bytes(Bytes::from_static(PROBE)), &key, &about).await?;
        let read = self.read_probe(&key).await;
        self.delete(&key).await?;
        if read? == PROBE { Ok(()) } else { Err(StorageError::WrongContent) }
    }

    /// At most a byte more than the probe has.
    async fn read_probe(&self, key: &str) -> Result<Vec<u8>, StorageError> {
        match self.open(key).await? {
            Opened::Local { file, .. } => local::read_start(file, PROBE.len() + 1).await,
            Opened::Remote(file) => file.read_start(PROBE.len() + 1).await,
        }
    }
}

/// What fails if the caller of [`Storage::place_all`] does.
const BEGIN: &str = "cannot prepare storing";

/// How long [`Storage::check`] may take.
const MAX_CHECK: Duration = Duration::from_mins(1);

/// What [`Storage::check`] writes.
const PROBE: &[u8] = b"Larder looks whether files can be kept here.\n";

//! Files below a folder of this machine. Each operation is one hop to a thread that may block.

mod list;
mod names;
mod place;
mod remove;
#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use tokio::sync::{Semaphore, oneshot};

use names::Names;

use super::{BEGIN, Entry, FileSync, Opened, Placement, StorageError};

/// Threads that change files at a time. Those who sync wait for the disk, and the disk likes to hear of many at once.
const WRITERS: usize = 32;

/// Threads that look for files at a time.
const READERS: usize = 16;

/// Where files are that are still written; below the root, so that renaming them is enough.
const PARTIAL: &str = ".partial";

/// Ending of the sidecars in which PocketBase keeps what it knows about a file. They come and go with their file.
const SIDECAR: &str = ".attrs";

/// Files below a folder.
#[derive(Debug)]
pub(super) struct LocalFolder {
    root: Arc<Root>,
    writers: Arc<Semaphore>,
    readers: Arc<Semaphore>,
}

/// What the threads need.
#[derive(Debug)]
struct Root {
    folder: PathBuf,
    sync: FileSync,
    names: Names,
}

impl Root {
    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(key)
    }
}

impl LocalFolder {
    pub(super) fn new(folder: &Path, sync: FileSync) -> Self {
        Self {
            root: Arc::new(Root { folder: folder.to_path_buf(), sync, names: Names::of(folder) }),
            writers: Arc::new(Semaphore::new(WRITERS)),
            readers: Arc::new(Semaphore::new(READERS)),
        }
    }

    pub(super) async fn place_all<G: Send + 'static>(
        &self,
        files: Vec<Placement>,
        begin: impl FnOnce() -> io::Result<G> + Send + 'static,
    ) -> Result<G, StorageError> {
        let (answer, result) = oneshot::channel();
        let work = move |root: &Root| {
            let guard = begin().map_err(|error| StorageError::io(BEGIN, error))?;
            let keys: Vec<String> = files.iter().map(|file| file.key.clone()).collect();
            let placed = root.place_all(files).map(|()| guard);
            // Nobody waits any more, so nobody will ever say that the files are not wanted.
            if let Err(Ok(_guard)) = answer.send(placed) {
                for key in &keys {
                    root.delete(key)?;
                }
            }
            Ok(())
        };
        self.write(work).await?;
        result.await.unwrap_or(Err(StorageError::Abandoned))
    }

    pub(super) async fn place_derived(&self, bytes: Bytes, key: &str) -> Result<(), StorageError> {
        let key = key.to_owned();
        self.write(move |root| root.place_derived(&bytes, &key)).await
    }

    pub(super) async fn open(&self, key: &str) -> Result<Opened, StorageError> {
        if let Some(opened) = self.root.open_cached(key) {
            return Ok(opened);
        }
        let key = key.to_owned();
        self.read(move |root| root.open(&key)).await
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), StorageError> {
        let key = key.to_owned();
        self.write(move |root| root.delete(&key)).await
    }

    pub(super) async fn delete_folder(&self, folder: &str) -> Result<(), StorageError> {
        let folder = folder.to_owned();
        self.write(move |root| root.delete_folder(&folder)).await
    }

    pub(super) async fn list(
        &self,
        folder: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>, StorageError> {
        let (folder, after) = (folder.to_owned(), after.map(str::to_owned));
        self.read(move |root| root.list(&folder, after.as_deref(), limit)).await
    }

    pub(super) async fn folders(
        &self,
        folder: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, StorageError> {
        let (folder, after) = (folder.to_owned(), after.map(str::to_owned));
        self.read(move |root| root.folders(&folder, after.as_deref(), limit)).await
    }

    pub(super) async fn remove_leftovers(&self, before: SystemTime) -> Result<(), StorageError> {
        self.write(move |root| root.remove_leftovers(before)).await
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Root) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.run(&self.writers, work).await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Root) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.run(&self.readers, work).await
    }

    async fn run<T: Send + 'static>(
        &self,
        lane: &Arc<Semaphore>,
        work: impl FnOnce(&Root) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        // The lane is never closed. The permit goes with the work, which goes on when nobody waits for it any more.
        let permit = lane.clone().acquire_owned().await;
        let root = self.root.clone();
        blocking(move || {
            let _permit = permit;
            work(&root)
        })
        .await
    }
}

/// Runs work on a thread that may block.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "callers hold a permit of a lane or of a part, which caps the threads"
    )]
    let task = tokio::task::spawn_blocking(work);
    task.await.unwrap_or_else(|error| Err(StorageError::io("the work was broken off", io::Error::other(error))))
}

/// The first bytes of a file, `max_bytes` at most.
pub(super) async fn read_start(file: File, max_bytes: usize) -> Result<Vec<u8>, StorageError> {
    blocking(move || {
        let mut bytes = Vec::new();
        let read = file.take(max_bytes as u64).read_to_end(&mut bytes);
        read.map_err(|error| StorageError::io("cannot read the file", error))?;
        Ok(bytes)
    })
    .await
}

impl Root {
    /// Opens a file whose name the system has in memory, on this thread: handing it to another one costs more than the rest
    /// of a download. `None` if the disk would have to be waited for, or anything else is not as usual.
    #[cfg(target_os = "linux")]
    fn open_cached(&self, key: &str) -> Option<Opened> {
        use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = File::from(openat2(CWD, self.path(key), flags, Mode::empty(), ResolveFlags::CACHED).ok()?);
        opened(file).ok()
    }

    #[cfg(not(target_os = "linux"))]
    fn open_cached(&self, _: &str) -> Option<Opened> {
        None
    }

    fn open(&self, key: &str) -> Result<Opened, StorageError> {
        let file = open_without_waiting(&self.path(key)).map_err(|error| not_a_file("cannot open the file", error))?;
        opened(file)
    }
}

/// What is to be known of an open file.
fn opened(file: File) -> Result<Opened, StorageError> {
    let about = file.metadata().map_err(|error| StorageError::io("cannot look at the file", error))?;
    if !about.is_file() {
        return Err(StorageError::NotFound);
    }
    let modified = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Ok(Opened::Local { file, size: about.len(), modified })
}

/// What is no regular file is no file at all, however the system puts it.
fn not_a_file(context: &'static str, error: io::Error) -> StorageError {
    // A socket, or a device without a driver; links in a circle.
    #[cfg(unix)]
    if error.raw_os_error().is_some_and(|code| {
        [rustix::io::Errno::NXIO, rustix::io::Errno::NODEV, rustix::io::Errno::LOOP]
            .iter()
            .any(|errno| errno.raw_os_error() == code)
    }) {
        return StorageError::NotFound;
    }
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StorageError::NotFound,
        _ => StorageError::io(context, error),
    }
}

/// Opens for reading; a fifo, which would wait for somebody to write, is opened at once.
fn open_without_waiting(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }
    options.open(path)
}

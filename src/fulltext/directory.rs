//! The engine's view of the folder: files are read through maps of memory and written without waiting for the disk.
//!
//! Nothing here protects from what happens to a file while it is mapped. Whoever cuts it short then, or a disk that cannot
//! read a page of it, ends the process (`SIGBUS`), as with any map of memory. So the folder belongs to the server alone. It
//! writes each file once, under a new name, and removes it when nobody reads it; it never shortens or overwrites one. A file
//! that was cut short before it is opened is harmless: its map is as short, and what would be read beyond is an error.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite, WatchCallback,
    WatchHandle, WritePtr,
};

use super::OpenError;

/// A folder whose writes reach the system at once and the disk when the system likes; see `boot` for why that is enough.
#[derive(Clone, Debug)]
pub(super) struct QuickDirectory {
    inner: MmapDirectory,
    folder: PathBuf,
    /// Whether writes wait for the disk after all.
    is_synced: bool,
}

impl QuickDirectory {
    pub(super) fn open(folder: &Path, is_synced: bool) -> Result<Self, OpenError> {
        use tantivy::directory::error::OpenDirectoryError as E;
        let inner = MmapDirectory::open(folder).map_err(|error| match error {
            E::DoesNotExist(_) => OpenError::Missing,
            E::NotADirectory(_) => OpenError::Corrupt("there is a file in place of the folder".to_owned()),
            E::FailedToCreateTempDir(e) | E::IoError { io_error: e, .. } => {
                OpenError::Io(io::Error::new(e.kind(), e.to_string()))
            }
        })?;
        Ok(Self { inner, folder: folder.to_owned(), is_synced })
    }
}

/// A file that is complete when all of it was handed to the system.
struct QuickFile(File);

impl Write for QuickFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl TerminatingWrite for QuickFile {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.0.flush()
    }
}

/// Length of what [`checksum`] makes.
const CHECKSUM_BYTES: usize = 9;

/// The last line of a small file. The engine has checksums in all others.
fn checksum(data: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut line = [b'\n'; CHECKSUM_BYTES];
    line[..CHECKSUM_BYTES - 1].copy_from_slice(format!("{:08x}", crc32fast::hash(data)).as_bytes());
    line
}

impl Directory for QuickDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.inner.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.inner.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        if self.is_synced {
            return self.inner.open_write(path);
        }
        match OpenOptions::new().write(true).create_new(true).open(self.folder.join(path)) {
            Ok(file) => Ok(BufWriter::new(Box::new(QuickFile(file)))),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                Err(OpenWriteError::FileAlreadyExists(path.to_path_buf()))
            }
            Err(e) => Err(OpenWriteError::wrap_io_error(e, path.to_path_buf())),
        }
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let mut data = self.inner.atomic_read(path)?;
        let content = data.len().checked_sub(CHECKSUM_BYTES);
        match content.filter(|content| data[*content..] == checksum(&data[..*content])) {
            Some(content) => {
                data.truncate(content);
                Ok(data)
            }
            None => Err(OpenReadError::wrap_io_error(
                io::Error::new(io::ErrorKind::InvalidData, "it does not have its checksum"),
                path.to_path_buf(),
            )),
        }
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let data = &[data, &checksum(data)].concat();
        if self.is_synced {
            return self.inner.atomic_write(path, data);
        }
        // Each of these files has one writer at a time, so one temporary name for each is enough.
        let target = self.folder.join(path);
        let temporary = target.with_extension("new");
        std::fs::write(&temporary, data)?;
        std::fs::rename(temporary, target)
    }

    fn sync_directory(&self) -> io::Result<()> {
        if self.is_synced { self.inner.sync_directory() } else { Ok(()) }
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.inner.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(callback)
    }
}

//! Where uploads are kept while they arrive: small ones in memory, others in a folder on the disk they are going to be on.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::blocking::blocking;
use super::{FilesError, HEAD_BYTES, Upload, sniff, stored_name};
use crate::schema::ids;
use crate::storage::Source;

/// Bytes of one file that are kept in memory before they are written to the disk.
const BUFFER_BYTES: usize = 256 * 1024;

/// Length of the random names of spooled files.
const NAME_LENGTH: usize = 20;

/// The spool folder. Clones share it.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: Arc<Path>,
}

impl Spool {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder: folder.into() }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path of the spool that nothing has yet.
    pub(super) fn new_path(&self, extension: &str) -> PathBuf {
        let name = ids::random_string(NAME_LENGTH, ids::LOWER_ALPHANUMERIC);
        self.folder.join(name).with_extension(extension)
    }

    /// Begins to receive a file of which no more than `max_kept` bytes are kept: one that is larger is refused anyway, but
    /// how large it is has to be known.
    pub fn receive(&self, max_kept: u64) -> Receiving {
        Receiving { spool: self.clone(), max_kept, head: Vec::new(), buffer: Vec::new(), file: None, size: 0 }
    }
}

/// A file of the spool, removed when it is dropped.
#[derive(Debug)]
struct SpooledFile(PathBuf);

impl Drop for SpooledFile {
    fn drop(&mut self) {
        // It may have been moved to its place.
        if let Err(error) = std::fs::remove_file(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a spooled file could not be removed");
        }
    }
}

/// An upload that is arriving.
#[derive(Debug)]
pub struct Receiving {
    spool: Spool,
    max_kept: u64,
    head: Vec<u8>,
    buffer: Vec<u8>,
    file: Option<(File, SpooledFile)>,
    size: u64,
}

impl Receiving {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`FilesError::NoSpace`] or [`FilesError::Spool`].
    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), FilesError> {
        self.size += chunk.len() as u64;
        if self.size > self.max_kept {
            self.file = None;
            self.buffer = Vec::new();
            return Ok(());
        }
        if self.head.len() < HEAD_BYTES {
            self.head.extend_from_slice(&chunk[..chunk.len().min(HEAD_BYTES - self.head.len())]);
        }
        self.buffer.extend_from_slice(chunk);
        if self.buffer.len() >= BUFFER_BYTES { self.flush().await } else { Ok(()) }
    }

    /// Moves what is in memory to the disk, so that it holds no memory any more.
    ///
    /// # Errors
    /// Like [`write`](Self::write).
    pub async fn flush(&mut self) -> Result<(), FilesError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let (file, path) = (self.file.take(), self.spool.new_path("part"));
        let write = move || {
            let (mut file, spooled) = match file {
                Some(open) => open,
                None => (File::options().write(true).create_new(true).open(&path)?, SpooledFile(path)),
            };
            file.write_all(&buffer)?;
            buffer.clear();
            Ok::<_, std::io::Error>((file, spooled, buffer))
        };
        let (file, spooled, buffer) = blocking(write).await?;
        self.file = Some((file, spooled));
        self.buffer = buffer;
        Ok(())
    }

    /// Opens what is on the disk so far.
    pub(super) fn reopen(&self) -> std::io::Result<File> {
        match &self.file {
            Some((_, file)) => File::open(&file.0),
            None => Err(std::io::ErrorKind::NotFound.into()),
        }
    }

    /// Bytes it holds in memory.
    pub fn bytes_in_memory(&self) -> usize {
        self.buffer.capacity()
    }

    /// The whole file, sent under this key and name.
    ///
    /// # Errors
    /// Like [`write`](Self::write).
    pub async fn finish(mut self, key: String, original_name: String) -> Result<Spooled, FilesError> {
        if self.file.is_some() {
            self.flush().await?;
        }
        let content_type = sniff(&self.head);
        let name = stored_name(&original_name, content_type);
        let content = match self.file {
            Some((_, file)) => Content::File(file),
            None => Content::Memory(self.buffer),
        };
        let upload = Upload { key, original_name, name, size: self.size, content_type: content_type.to_owned() };
        Ok(Spooled { upload, content })
    }
}

#[derive(Debug)]
enum Content {
    Memory(Vec<u8>),
    File(SpooledFile),
}

/// A file that has arrived.
#[derive(Debug)]
pub struct Spooled {
    /// What it is.
    pub upload: Upload,
    content: Content,
}

impl Spooled {
    /// A file whose bytes are at hand, under the key and name of an upload.
    pub fn of_bytes(bytes: Vec<u8>, key: String, original_name: String) -> Self {
        let content_type = sniff(&bytes[..bytes.len().min(HEAD_BYTES)]);
        let name = stored_name(&original_name, content_type);
        let upload =
            Upload { key, original_name, name, size: bytes.len() as u64, content_type: content_type.to_owned() };
        Self { upload, content: Content::Memory(bytes) }
    }

    /// Bytes it holds in memory.
    pub fn bytes_in_memory(&self) -> usize {
        match &self.content {
            Content::Memory(bytes) => bytes.capacity(),
            Content::File(_) => 0,
        }
    }

    /// Where its bytes are, and what has to be kept until they are stored.
    pub(super) fn into_source(self) -> (Source, impl Send + use<>) {
        match self.content {
            Content::Memory(bytes) => (Source::Bytes(bytes.into()), None),
            Content::File(file) => (Source::File(file.0.clone()), Some(file)),
        }
    }
}

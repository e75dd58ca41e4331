//! Where uploads are kept while they arrive: small ones in memory, others in a folder on the disk they are going to be on.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::blocking::blocking;
use super::room::{Room, Share, check_disk};
use super::{FilesError, HEAD_BYTES, Upload, sniff, stored_name};
use crate::schema::ids;
use crate::storage::Source;

/// Bytes of one file that are kept in memory before they are written to the disk.
const BUFFER_BYTES: usize = 256 * 1024;

/// Bytes that all uploads together keep in memory. What goes beyond is written to the disk at once, piece by piece.
const MAX_BYTES_IN_MEMORY: u64 = 64 << 20;

/// Length of the random names.
const NAME_LENGTH: usize = 20;

/// The spool folder. Clones share it.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: Arc<Path>,
    memory: Arc<Room>,
    disk: Arc<Room>,
}

impl Spool {
    /// A spool whose files take no more than `max_bytes` together.
    pub(super) fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self { folder: folder.into(), memory: Room::new(MAX_BYTES_IN_MEMORY), disk: Room::new(max_bytes) }
    }

    /// Bytes that all files of it may have together: no upload can be larger.
    pub fn max_bytes(&self) -> u64 {
        self.disk.limit()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins to receive a file of which no more than `max_kept` bytes are kept: one that is larger is refused anyway, but
    /// how large it is has to be known.
    pub fn receive(&self, max_kept: u64) -> Receiving {
        let memory = self.memory.share();
        Receiving { spool: self.clone(), max_kept, head: Vec::new(), buffer: Vec::new(), memory, file: None, size: 0 }
    }
}

/// A path of the spool folder that nothing has yet.
pub(super) fn new_path(folder: &Path, extension: &str) -> PathBuf {
    let name = ids::random_string(NAME_LENGTH, ids::LOWER_ALPHANUMERIC);
    folder.join(name).with_extension(extension)
}

/// A file of the spool, removed when it is dropped.
#[derive(Debug)]
struct SpooledFile {
    path: PathBuf,
    share: Share,
}

impl Drop for SpooledFile {
    fn drop(&mut self) {
        // It may have been moved to its place.
        if let Err(error) = std::fs::remove_file(&self.path)
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
    memory: Share,
    file: Option<(File, SpooledFile)>,
    size: u64,
}

impl Receiving {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`FilesError::Busy`] if too much is arriving at the same time, [`FilesError::NoSpace`] or [`FilesError::Spool`].
    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), FilesError> {
        self.size += chunk.len() as u64;
        if self.size > self.max_kept {
            self.file = None;
            self.let_buffer_go();
            return Ok(());
        }
        if self.head.len() < HEAD_BYTES {
            self.head.extend_from_slice(&chunk[..chunk.len().min(HEAD_BYTES - self.head.len())]);
        }
        self.buffer.extend_from_slice(chunk);
        if !self.memory.resize(self.buffer.capacity() as u64) {
            self.flush().await?;
            self.let_buffer_go();
        } else if self.buffer.len() >= BUFFER_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    fn let_buffer_go(&mut self) {
        self.buffer = Vec::new();
        self.memory.resize(0);
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
        let (mut file, mut spooled) = match self.file.take() {
            Some((file, spooled)) => (Some(file), spooled),
            None => (None, SpooledFile { path: new_path(&self.spool.folder, "part"), share: self.spool.disk.share() }),
        };
        if !spooled.share.grow(buffer.len() as u64) {
            return Err(FilesError::Busy);
        }
        let folder = Arc::clone(&self.spool.folder);
        let write = move || {
            check_disk(&folder)?;
            let mut file = match file.take() {
                Some(open) => open,
                None => File::options().write(true).create_new(true).open(&spooled.path)?,
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
            Some((_, file)) => File::open(&file.path),
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
            None => Content::Memory(self.buffer, Some(self.memory)),
        };
        let upload = Upload { key, original_name, name, size: self.size, content_type: content_type.to_owned() };
        Ok(Spooled { upload, content })
    }
}

#[derive(Debug)]
enum Content {
    /// With the share of those that came through the spool.
    Memory(Vec<u8>, Option<Share>),
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
        Self { upload, content: Content::Memory(bytes, None) }
    }

    /// Bytes it holds in memory.
    pub fn bytes_in_memory(&self) -> usize {
        match &self.content {
            Content::Memory(bytes, _) => bytes.capacity(),
            Content::File(_) => 0,
        }
    }

    /// Where its bytes are, and what has to be kept until they are stored.
    pub(super) fn into_source(self) -> (Source, Held) {
        match self.content {
            Content::Memory(bytes, share) => (Source::Bytes(bytes.into()), Held { _memory: share, _file: None }),
            Content::File(file) => (Source::File(file.path.clone()), Held { _memory: None, _file: Some(file) }),
        }
    }
}

/// What a file holds until it is stored.
#[derive(Debug)]
pub(super) struct Held {
    _memory: Option<Share>,
    _file: Option<SpooledFile>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(folder: &tempfile::TempDir, max_bytes: u64) -> Spool {
        Spool::new(folder.path().to_owned(), max_bytes)
    }

    fn used(spool: &Spool) -> (u64, u64) {
        (spool.memory.used(), spool.disk.used())
    }

    const CHUNK: &[u8] = &[7; BUFFER_BYTES];

    #[tokio::test]
    async fn however_an_upload_ends_its_room_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let spool = spool(&folder, 4 * CHUNK.len() as u64);
        let finish = async |mut receiving: Receiving, chunks: usize| {
            for _ in 0..chunks {
                receiving.write(CHUNK).await.unwrap();
            }
            receiving.finish("f".into(), "a.txt".into()).await.unwrap()
        };
        // Small ones, in memory.
        let mut small = spool.receive(u64::MAX);
        small.write(b"small").await.unwrap();
        let small = small.finish("f".into(), "a.txt".into()).await.unwrap();
        assert!(used(&spool).0 >= 5 && used(&spool).1 == 0);
        let (_, held) = small.into_source();
        assert!(used(&spool).0 >= 5, "it is not stored yet");
        drop(held);
        assert_eq!(used(&spool), (0, 0));
        // Large ones, on the disk.
        let large = finish(spool.receive(u64::MAX), 3).await;
        assert_eq!(used(&spool), (0, 3 * CHUNK.len() as u64));
        let (_, held) = large.into_source();
        assert_eq!(used(&spool).1, 3 * CHUNK.len() as u64, "it is not stored yet");
        drop(held);
        assert_eq!(used(&spool), (0, 0));
        // Larger than is kept.
        let mut larger = spool.receive(CHUNK.len() as u64);
        larger.write(CHUNK).await.unwrap();
        larger.write(CHUNK).await.unwrap();
        assert_eq!(used(&spool), (0, 0));
        assert_eq!(larger.finish("f".into(), "a".into()).await.unwrap().upload.size, 2 * CHUNK.len() as u64);
        // Not whole.
        let mut half = spool.receive(u64::MAX);
        half.write(CHUNK).await.unwrap();
        half.write(b"more").await.unwrap();
        drop(half);
        assert_eq!(used(&spool), (0, 0));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn what_finds_no_room_on_the_disk_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let spool = spool(&folder, 2 * CHUNK.len() as u64);
        let (mut one, mut other) = (spool.receive(u64::MAX), spool.receive(u64::MAX));
        one.write(CHUNK).await.unwrap();
        other.write(CHUNK).await.unwrap();
        assert!(matches!(one.write(CHUNK).await, Err(FilesError::Busy)));
        assert_eq!(used(&spool).1, CHUNK.len() as u64, "the one that was refused has none any more");
        other.write(CHUNK).await.unwrap();
        // What is small does not need the disk.
        let mut small = spool.receive(u64::MAX);
        small.write(b"small").await.unwrap();
        small.finish("f".into(), "a.txt".into()).await.unwrap();
    }

    #[tokio::test]
    async fn what_finds_no_room_in_memory_goes_to_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let spool = spool(&folder, u64::MAX);
        let mut everything = spool.memory.share();
        assert!(everything.resize(MAX_BYTES_IN_MEMORY));
        let mut receiving = spool.receive(u64::MAX);
        receiving.write(b"one ").await.unwrap();
        receiving.write(b"two").await.unwrap();
        assert_eq!((receiving.bytes_in_memory(), used(&spool)), (0, (MAX_BYTES_IN_MEMORY, 7)));
        let (source, held) = receiving.finish("f".into(), "a.txt".into()).await.unwrap().into_source();
        let Source::File(path) = source else { panic!("it is in memory") };
        assert_eq!(std::fs::read(path).unwrap(), b"one two");
        drop((held, everything));
        assert_eq!(used(&spool), (0, 0));
    }
}

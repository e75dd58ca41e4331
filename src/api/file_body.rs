//! The bytes of files as bodies: in chunks, read at once where they are in the system's memory, else on another thread.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use actix_web::web::{self, Bytes};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use super::file_buffer::Buffer;
use crate::files::HEAD_BYTES;
use crate::storage::RemoteFile;

/// Bytes read at a time.
const CHUNK_BYTES: u64 = 256 * 1024;

/// Where the bytes of an answer are.
#[derive(Debug, Clone)]
pub(super) enum FileContent {
    /// In a file of this machine.
    Local(Arc<File>),
    /// On a service.
    Remote(Arc<RemoteFile>),
    /// In memory.
    Bytes(Bytes),
}

impl FileContent {
    /// The bytes of a part of the file.
    pub(super) fn read(&self, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> + use<> {
        match self {
            Self::Local(file) => local(Arc::clone(file), range).left_stream(),
            Self::Remote(file) => file.read(range).map_err(io::Error::other).left_stream().right_stream(),
            Self::Bytes(bytes) => {
                stream::once(std::future::ready(Ok(part_of(bytes, &range)))).right_stream().right_stream()
            }
        }
    }

    /// The first bytes, which tell what the file is.
    pub(super) async fn head(&self) -> io::Result<Bytes> {
        match self {
            Self::Local(file) => {
                let length = HEAD_BYTES as u64;
                if let Some(head) = cached(file, 0, length).filter(|head| head.len() == HEAD_BYTES) {
                    return Ok(head);
                }
                // At the end of the file there are none, and a short read may be the beginning of more.
                read_fully(file, length).await
            }
            Self::Remote(file) => {
                let pieces: Vec<Bytes> =
                    file.read(0..HEAD_BYTES as u64).map_err(io::Error::other).try_collect().await?;
                Ok(Bytes::from(pieces.concat()))
            }
            Self::Bytes(bytes) => Ok(bytes.slice(..bytes.len().min(HEAD_BYTES))),
        }
    }

    /// The whole range at once if it is short and in memory already, the server's or the system's: what most downloads are.
    pub(super) fn read_now(&self, range: &Range<u64>) -> Option<Bytes> {
        let length = range.end - range.start;
        match self {
            Self::Local(file) if length <= CHUNK_BYTES => {
                let chunk = cached(file, range.start, length)?;
                (chunk.len() as u64 == length).then_some(chunk)
            }
            Self::Bytes(bytes) => Some(part_of(bytes, range)),
            _ => None,
        }
    }
}

/// Ranges were checked against the length.
fn part_of(bytes: &Bytes, range: &Range<u64>) -> Bytes {
    let whole = bytes.len() as u64;
    let at = |offset: u64| usize::try_from(offset.min(whole)).unwrap_or(usize::MAX);
    bytes.slice(at(range.start)..at(range.end))
}

fn local(file: Arc<File>, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> + use<> {
    stream::try_unfold((file, range), |(file, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let length = (range.end - range.start).min(CHUNK_BYTES);
        let chunk = read_chunk(&file, range.start, length).await?;
        let start = range.start + chunk.len() as u64;
        Ok(Some((chunk, (file, start..range.end))))
    })
}

/// Up to `length` bytes; at least one.
async fn read_chunk(file: &Arc<File>, offset: u64, length: u64) -> io::Result<Bytes> {
    if let Some(chunk) = cached(file, offset, length).filter(|chunk| !chunk.is_empty()) {
        return Ok(chunk);
    }
    let file = Arc::clone(file);
    let read = move || {
        let mut buffer = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        let count = read_at(&file, &mut buffer, offset)?;
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter"));
        }
        buffer.truncate(count);
        Ok(Bytes::from(buffer))
    };
    web::block(read).await.map_err(io::Error::other)?
}

/// The first `length` bytes, or all there are.
async fn read_fully(file: &Arc<File>, length: u64) -> io::Result<Bytes> {
    let file = Arc::clone(file);
    let read = move || {
        let mut buffer = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        let mut filled = 0;
        while filled < buffer.len() {
            match read_at(&file, &mut buffer[filled..], filled as u64)? {
                0 => break,
                count => filled += count,
            }
        }
        buffer.truncate(filled);
        Ok(Bytes::from(buffer))
    };
    web::block(read).await.map_err(io::Error::other)?
}

/// What of these bytes is in the system's memory already; `None` if the disk would have to be waited for.
#[cfg(target_os = "linux")]
fn cached(file: &File, offset: u64, length: u64) -> Option<Bytes> {
    use rustix::io::ReadWriteFlags;
    let mut buffer = Buffer::take(usize::try_from(length).ok()?);
    let mut into = [io::IoSliceMut::new(buffer.as_mut())];
    let count = rustix::io::preadv2(file, &mut into, offset, ReadWriteFlags::NOWAIT).ok()?;
    Some(buffer.into_bytes(count))
}

#[cfg(not(target_os = "linux"))]
fn cached(_: &File, _: u64, _: u64) -> Option<Bytes> {
    None
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

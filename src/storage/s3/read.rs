//! Reading an object.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::stream::{BoxStream, try_unfold};
use futures_util::{StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{Attribute, GetOptions, GetRange, ObjectStore as _};

use super::super::StorageError;
use super::error::translate;

/// An object of a service.
#[derive(Debug, Clone)]
pub struct RemoteFile {
    store: Arc<AmazonS3>,
    path: Path,
    size: u64,
    modified: SystemTime,
    content_type: Option<String>,
    /// So that all of it is read from the version that was found.
    version: Option<String>,
}

impl RemoteFile {
    pub(super) async fn find(store: &Arc<AmazonS3>, path: Path) -> Result<Self, StorageError> {
        let options = GetOptions { head: true, ..GetOptions::default() };
        let found = store.get_opts(&path, options).await.map_err(|error| translate(&error))?;
        let content_type = found.attributes.get(&Attribute::ContentType).map(|value| value.as_ref().to_owned());
        Ok(Self {
            store: store.clone(),
            path,
            size: found.meta.size,
            modified: found.meta.last_modified.into(),
            content_type,
            version: found.meta.e_tag,
        })
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// When it was written last.
    pub fn modified(&self) -> SystemTime {
        self.modified
    }

    /// Media type, as the service knows it from the upload.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The bytes of a range, in pieces. The range is cut to the size. The service is asked when the first piece is, and
    /// never for more than somebody reads. Pieces that are missing are an error at the end, and so is a file that
    /// changes.
    pub fn read(&self, range: Range<u64>) -> BoxStream<'static, Result<Bytes, StorageError>> {
        let range = range.start..range.end.min(self.size);
        let left = range.end.saturating_sub(range.start);
        let file = self.clone();
        // The stream of the service begins with the first poll.
        let pieces = async move { file.pieces(range).await }.try_flatten_stream();
        try_unfold((pieces.boxed(), left), |(mut pieces, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let Some(piece) = pieces.try_next().await? else { return Err(StorageError::WrongLength) };
            match left.checked_sub(piece.len() as u64) {
                Some(left) => Ok(Some((piece, (pieces, left)))),
                None => Err(StorageError::WrongLength),
            }
        })
        .boxed()
    }

    async fn pieces(&self, range: Range<u64>) -> Result<BoxStream<'static, Result<Bytes, StorageError>>, StorageError> {
        let range = Some(GetRange::Bounded(range));
        let options = GetOptions { range, if_match: self.version.clone(), ..GetOptions::default() };
        let found = self.store.get_opts(&self.path, options).await.map_err(|error| translate(&error))?;
        Ok(found.into_stream().map_err(|error| translate(&error)).boxed())
    }

    /// The first bytes, `max_bytes` at most.
    pub(in super::super) async fn read_start(&self, max_bytes: usize) -> Result<Vec<u8>, StorageError> {
        let mut bytes = Vec::new();
        let mut pieces = self.read(0..max_bytes as u64);
        while let Some(piece) = pieces.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

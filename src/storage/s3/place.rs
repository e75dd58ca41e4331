//! Uploading: small files in one request, others in parts. What fails, or is not waited for any more, is taken back.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path as FilePath;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::stream::try_unfold;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, GetOptions, MultipartUpload, ObjectStore as _, PutMultipartOptions, PutOptions,
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tokio::sync::oneshot;

use super::super::local::blocking;
use super::super::{About, BEGIN, Placement, Source, StorageError};
use super::error::translate;
use super::{Bucket, path};

/// Largest file that is uploaded in one request, in bytes.
pub(super) const MAX_SINGLE_BYTES: u64 = 8 << 20;

/// Smallest part of an upload in parts, in bytes.
const PART_BYTES: u64 = 8 << 20;

/// Most parts of an upload, as services have it.
const MAX_PARTS: u64 = 10_000;

/// Parts of one upload under way at a time.
const PARALLEL_PARTS: usize = 3;

/// Longest original name that a service is told, in bytes: all metadata of an object may have two thousand.
const MAX_NAME_BYTES: usize = 1024;

/// Metadata by which a file that was uploaded in parts can be told from any other.
pub(super) const UPLOAD_ID: &str = "larder-upload";

/// What one call has done so far.
#[derive(Default)]
struct Done {
    /// Files that the service may have.
    keys: Vec<String>,
    /// An upload in parts that is not complete.
    upload: Option<Box<dyn MultipartUpload>>,
}

impl Bucket {
    pub(in super::super) async fn place_all<G: Send + 'static>(
        &self,
        files: Vec<Placement>,
        begin: impl FnOnce() -> io::Result<G> + Send + 'static,
    ) -> Result<G, StorageError> {
        let (mut answer, result) = oneshot::channel();
        let bucket = self.clone();
        // A task of its own, which can still clean up when nobody waits for the upload any more.
        tokio::spawn(async move {
            let begin = || begin().map_err(|error| StorageError::io(BEGIN, error));
            let guard = match blocking(begin).await {
                Ok(guard) => guard,
                Err(error) => return drop(answer.send(Err(error))),
            };
            let mut done = Done::default();
            let result = tokio::select! {
                result = bucket.place_each(files, &mut done) => result,
                () = answer.closed() => Err(StorageError::Abandoned),
            };
            if let Err(error) = result {
                bucket.take_back(&mut done).await;
                return drop(answer.send(Err(error)));
            }
            if let Err(Ok(_guard)) = answer.send(Ok(guard)) {
                bucket.take_back(&mut done).await;
            }
        });
        result.await.unwrap_or(Err(StorageError::Abandoned))
    }

    async fn place_each(&self, files: Vec<Placement>, done: &mut Done) -> Result<(), StorageError> {
        for file in files {
            let path = path(&file.key)?;
            done.keys.push(file.key);
            self.place_one(file.source, &path, attributes(&file.about), done).await?;
        }
        Ok(())
    }

    /// Nothing more can be done about what cannot be removed; nobody has been told that it is there.
    async fn take_back(&self, done: &mut Done) {
        if let Some(mut upload) = done.upload.take() {
            let _ = upload.abort().await;
        }
        for key in &done.keys {
            if self.delete(key).await.is_err() {
                tracing::warn!(key, "an unfinished upload may have stayed with the S3 service");
            }
        }
    }

    async fn place_one(
        &self,
        source: Source,
        path: &Path,
        attributes: Attributes,
        done: &mut Done,
    ) -> Result<(), StorageError> {
        let mut reader = Reader::open(source).await?;
        if reader.left() > MAX_SINGLE_BYTES {
            return self.place_in_parts(reader, path, attributes, done).await;
        }
        let _permit = self.parts.acquire().await;
        let bytes = reader.next(MAX_SINGLE_BYTES).await?;
        let options = PutOptions { attributes, ..PutOptions::default() };
        let put = self.store.put_opts(path, bytes.into(), options).await;
        put.map(drop).map_err(|error| translate(&error))
    }

    async fn place_in_parts(
        &self,
        reader: Reader,
        path: &Path,
        mut attributes: Attributes,
        done: &mut Done,
    ) -> Result<(), StorageError> {
        let size = reader.left();
        let part_bytes = PART_BYTES.max(size.div_ceil(MAX_PARTS));
        let id = upload_id()?;
        attributes.insert(Attribute::Metadata(UPLOAD_ID.into()), id.clone().into());
        let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
        let upload = self.store.put_multipart_opts(path, options).await.map_err(|error| translate(&error))?;
        let upload = done.upload.insert(upload);
        let has_failed = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&has_failed);
        let parts = try_unfold((reader, self.parts.clone(), stop), move |(mut reader, in_memory, stop)| async move {
            if reader.left() == 0 || stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            // Before the part is read: the permits are what bounds memory.
            let permit = in_memory.clone().acquire_owned().await;
            let bytes = reader.next(part_bytes).await?;
            Ok(Some(((bytes, permit), (reader, in_memory, stop))))
        });
        let mut outcome = Ok(());
        {
            let parts = parts
                .map_ok(|(bytes, permit)| {
                    let part = upload.put_part(bytes.into());
                    async move {
                        let _permit = permit;
                        part.await.map_err(|error| translate(&error))
                    }
                })
                .try_buffer_unordered(PARALLEL_PARTS);
            let mut parts = pin!(parts);
            while let Some(part) = parts.next().await {
                // Those under way are awaited: a part that arrives when the upload has been aborted would stay.
                if part.is_err() {
                    has_failed.store(true, Ordering::Relaxed);
                    outcome = outcome.and(part);
                }
            }
        }
        outcome?;
        if let Err(error) = upload.complete().await {
            // A refusal may be about a second request: the first completed the upload, but its answer got lost.
            let error = match translate(&error) {
                StorageError::NotFound => StorageError::Status { status: 404, code: None },
                error => error,
            };
            let is_refusal = matches!(error, StorageError::Status { .. } | StorageError::Denied { .. });
            if !(is_refusal && self.has_upload(path, size, &id).await) {
                return Err(error);
            }
        }
        done.upload = None;
        Ok(())
    }

    /// Whether a file is the one of this upload.
    async fn has_upload(&self, path: &Path, size: u64, id: &str) -> bool {
        let options = GetOptions { head: true, ..GetOptions::default() };
        self.store.get_opts(path, options).await.is_ok_and(|found| {
            let found_id = found.attributes.get(&Attribute::Metadata(UPLOAD_ID.into()));
            found.meta.size == size && found_id.is_some_and(|found| found.as_ref() == id)
        })
    }
}

/// A name for an upload that no other one has.
fn upload_id() -> Result<String, StorageError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| StorageError::io("cannot make a name", error.into()))?;
    Ok(format!("{:032x}", u128::from_ne_bytes(random)))
}

/// What is left of a file, to be read in order.
enum Reader {
    Bytes(Bytes),
    File { file: File, left: u64 },
}

impl Reader {
    async fn open(source: Source) -> Result<Self, StorageError> {
        match source {
            Source::Bytes(bytes) => Ok(Self::Bytes(bytes)),
            Source::File(path) => blocking(move || Self::open_file(&path)).await,
        }
    }

    fn open_file(path: &FilePath) -> Result<Self, StorageError> {
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (left, file) = opened.map_err(|error| StorageError::io("cannot read the upload", error))?;
        Ok(Self::File { file, left })
    }

    fn left(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { left, .. } => *left,
        }
    }

    /// The next `max_bytes`, fewer at the end.
    async fn next(&mut self, max_bytes: u64) -> Result<Bytes, StorageError> {
        let wanted = self.left().min(max_bytes);
        let size = usize::try_from(wanted).map_err(|_| StorageError::WrongLength)?;
        match self {
            Self::Bytes(bytes) => Ok(bytes.split_to(size)),
            Self::File { file, left } => {
                let mut file = file.try_clone().map_err(|error| StorageError::io("cannot read the upload", error))?;
                *left -= wanted;
                blocking(move || {
                    let mut bytes = vec![0; size];
                    match file.read_exact(&mut bytes) {
                        Ok(()) => Ok(bytes.into()),
                        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                            Err(StorageError::WrongLength)
                        }
                        Err(error) => Err(StorageError::io("cannot read the upload", error)),
                    }
                })
                .await
            }
        }
    }
}

/// What cannot stand in a header as it is.
const NOT_IN_HEADERS: &AsciiSet = &CONTROLS.add(b'%');

fn attributes(about: &About) -> Attributes {
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    let mut attributes = Attributes::new();
    let content_type = Some(about.content_type.clone()).filter(|text| is_plain(text));
    attributes.insert(Attribute::ContentType, content_type.unwrap_or_else(|| "application/octet-stream".into()).into());
    let name = utf8_percent_encode(about.original_name.trim(), NOT_IN_HEADERS).to_string();
    if !name.is_empty() && name.len() <= MAX_NAME_BYTES {
        attributes.insert(Attribute::Metadata("original-filename".into()), name.into());
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_is_told_fits_into_headers() {
        let of = |content_type: &str, original_name: &str| {
            let told = attributes(&About { content_type: content_type.into(), original_name: original_name.into() });
            let name = told.get(&Attribute::Metadata("original-filename".into())).map(|value| value.to_string());
            (told.get(&Attribute::ContentType).unwrap().to_string(), name)
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(of("image/png", "a b.png"), ("image/png".into(), some("a b.png")));
        assert_eq!(of("", ""), ("application/octet-stream".into(), None));
        assert_eq!(
            of("text/html\r\nX: y", "ä\r\n%\0"),
            ("application/octet-stream".into(), some("%C3%A4%0D%0A%25%00"))
        );
        assert_eq!(of("tëxt", &"x".repeat(1025)), ("application/octet-stream".into(), None));
    }
}

//! Thumbnails: made at the first request, by one for all who ask at the same time, kept on the storage from then on.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use super::{FileKey, Files, FilesError, HEAD_BYTES, Receiving, blocking, sniff};
use crate::images::{Drawing, Format, ImageError, Output, ThumbSize};
use crate::storage::{About, Opened, Storage, StorageError};

/// Largest picture that thumbnails are made of, in bytes.
const MAX_SOURCE_BYTES: u64 = 256 << 20;

/// Thumbnails that may wait to be made. Who comes later is told to come back.
const MAX_WAITING: usize = 1000;

/// Longest time somebody waits for one before the picture itself is sent.
const MAX_WAIT: Duration = Duration::from_mins(1);

/// Pictures fetched from a service that are on the disk at the same time, if no more are drawn.
const MIN_FETCHES: usize = 8;

/// Steps of the quality.
const QUALITY_STEP: u8 = 5;

/// How long a picture that no thumbnail could be made of is not tried again.
const FAILED_FOR: Duration = Duration::from_mins(1);

/// Pictures of which it is remembered that they failed.
const MAX_FAILED: usize = 2000;

/// A thumbnail that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThumbRequest {
    size: ThumbSize,
    /// As the field declares it.
    size_text: String,
    /// None for the one that belongs to the picture's own format.
    output: Option<Output>,
}

impl ThumbRequest {
    /// A thumbnail of this size, like `100x100`; `None` if it is no size. `output` is what it shall be, if not what
    /// belongs to the picture's own format.
    ///
    /// The quality is rounded to steps of five, and left away where it changes nothing: each output is kept.
    pub fn new(size: &str, output: Option<Output>) -> Option<Self> {
        let output = output.map(|Output { format, quality }| match format {
            Format::Jpeg | Format::WebP => {
                Output { format, quality: quality.map(|quality| quality.div_ceil(QUALITY_STEP) * QUALITY_STEP) }
            }
            Format::Png | Format::Gif => Output { format, quality: None },
        });
        Some(Self { size: ThumbSize::parse(size)?, size_text: size.to_owned(), output })
    }

    /// The name under which it is served.
    pub fn served_name(&self, name: &str) -> String {
        match &self.output {
            None => format!("{}_{name}", self.size_text),
            Some(Output { format, quality: None }) => format!("{}.{}_{name}", self.size_text, format.extension()),
            Some(Output { format, quality: Some(quality) }) => {
                format!("{}.{}-{quality}_{name}", self.size_text, format.extension())
            }
        }
    }

    /// Where the storage keeps it.
    fn path(&self, key: &FileKey) -> String {
        format!("{}/{}", key.thumbs(), self.served_name(&key.name))
    }
}

/// What is sent for a thumbnail.
#[derive(Debug)]
pub enum Thumb {
    /// One that was made before.
    Stored(Opened),
    /// One that was made just now.
    Made(Bytes),
    /// There is none: the file is no picture that can be read.
    None,
    /// There is none yet, for a reason that may pass: the storage failed, or too many are being made.
    Later,
}

/// Why there is no thumbnail.
#[derive(Debug, Clone, thiserror::Error)]
enum Failure {
    #[error("the file is no picture of a supported format")]
    NoPicture,
    #[error(transparent)]
    Unusable(Arc<ImageError>),
    #[error("{0}")]
    Failed(Arc<dyn std::error::Error + Send + Sync>),
}

impl From<&Failure> for Thumb {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::NoPicture => Self::None,
            // What could not be read may have been the disk's doing.
            Failure::Unusable(error) if !matches!(**error, ImageError::Read(_)) => Self::None,
            Failure::Unusable(_) | Failure::Failed(_) => Self::Later,
        }
    }
}

type Outcome = Result<Bytes, Failure>;

/// Memory for all thumbnails that are drawn at the same time.
#[derive(Debug)]
struct Budget {
    /// In KiB: permits are counted in 32 bits.
    left: Semaphore,
    total: u32,
}

impl Budget {
    fn new(bytes: u64) -> Self {
        let total = u32::try_from(bytes >> 10).unwrap_or(u32::MAX);
        Self { left: Semaphore::new(total as usize), total }
    }

    /// Waits for its turn to take so many bytes; `None` if there never are as many.
    async fn take(&self, bytes: u64) -> Option<SemaphorePermit<'_>> {
        let wanted = u32::try_from(bytes.div_ceil(1 << 10)).ok().filter(|&wanted| wanted <= self.total)?;
        self.left.acquire_many(wanted).await.ok()
    }
}

/// Thumbnails that are being made.
#[derive(Debug)]
pub(super) struct Thumbs {
    workers: Semaphore,
    memory: Budget,
    fetches: Semaphore,
    making: Mutex<HashMap<String, watch::Receiver<Option<Outcome>>>>,
    failed: Mutex<HashMap<String, (Instant, Failure)>>,
}

impl Thumbs {
    pub(super) fn new(workers: usize, max_memory: u64) -> Self {
        Self {
            workers: Semaphore::new(workers.max(1)),
            memory: Budget::new(max_memory),
            fetches: Semaphore::new(workers.max(MIN_FETCHES)),
            making: Mutex::default(),
            failed: Mutex::default(),
        }
    }

    /// What a try a moment ago said of a file.
    fn failed(&self, path: &str) -> Option<Thumb> {
        let failed = self.failed.lock();
        let (_, failure) = failed.get(path).filter(|(at, _)| at.elapsed() < FAILED_FOR)?;
        Some(failure.into())
    }

    fn note_failure(&self, path: &str, failure: Failure) {
        let mut failed = self.failed.lock();
        if failed.len() >= MAX_FAILED {
            failed.retain(|_, (at, _)| at.elapsed() < FAILED_FOR);
        }
        if failed.len() < MAX_FAILED {
            failed.insert(path.to_owned(), (Instant::now(), failure));
        }
    }
}

/// Takes a thumbnail off the list of those that are being made, however that ends.
struct Making {
    files: Files,
    path: String,
}

impl Drop for Making {
    fn drop(&mut self) {
        self.files.thumbs().making.lock().remove(&self.path);
    }
}

impl Files {
    /// The thumbnail of a file.
    ///
    /// # Errors
    /// [`FilesError::Busy`] if too many wait already; or the storage's.
    pub async fn thumb(&self, key: &FileKey, request: &ThumbRequest) -> Result<Thumb, FilesError> {
        let (storage, path) = (self.storage()?, request.path(key));
        match storage.open(&path).await {
            Ok(opened) => return Ok(Thumb::Stored(opened)),
            // Who may not list a bucket is told so instead of that there is no such object.
            Err(StorageError::NotFound | StorageError::Denied { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(failed) = self.thumbs().failed(&key.path()) {
            return Ok(failed);
        }
        Ok(wait(self.join(storage, key, request, path)?, MAX_WAIT).await)
    }

    /// Waits for whoever is making the thumbnail, and begins to make it if nobody is.
    fn join(
        &self,
        storage: Storage,
        key: &FileKey,
        request: &ThumbRequest,
        path: String,
    ) -> Result<watch::Receiver<Option<Outcome>>, FilesError> {
        let mut making = self.thumbs().making.lock();
        if let Some(outcome) = making.get(&path) {
            return Ok(outcome.clone());
        }
        if making.len() >= MAX_WAITING {
            return Err(FilesError::Busy);
        }
        let (sender, receiver) = watch::channel(None);
        making.insert(path.clone(), receiver.clone());
        drop(making);
        let making = Making { files: self.clone(), path };
        let (files, key, request) = (self.clone(), key.clone(), request.clone());
        tokio::spawn(async move {
            let outcome = files.make(&storage, &key, &request).await;
            if let Err(failure) = &outcome {
                files.thumbs().note_failure(&key.path(), failure.clone());
                tracing::warn!(file = key.name, size = request.size_text, %failure, "no thumbnail could be made");
            }
            let bytes = outcome.as_ref().ok().cloned();
            sender.send_replace(Some(outcome));
            // Those who wait have it already. Until it is stored it is still being made for everyone else.
            if let Some(bytes) = bytes {
                files.keep_thumb(&storage, &key, &making.path, bytes).await;
            }
        });
        Ok(receiver)
    }

    async fn make(&self, storage: &Storage, key: &FileKey, request: &ThumbRequest) -> Outcome {
        fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
            Failure::Failed(Arc::new(error))
        }
        // Until it is drawn: what was fetched takes the room of uploads meanwhile.
        let mut fetching = Some(self.thumbs().fetches.acquire().await.map_err(failed)?);
        let source = match storage.open(&key.path()).await.map_err(failed)? {
            Opened::Local { size, .. } if size > MAX_SOURCE_BYTES => return Err(Failure::NoPicture),
            Opened::Local { file, .. } => {
                fetching = None;
                Fetched::Local(file)
            }
            Opened::Remote(remote) if remote.size() > MAX_SOURCE_BYTES => return Err(Failure::NoPicture),
            Opened::Remote(remote) => {
                let mut receiving = self.spool().receive(MAX_SOURCE_BYTES);
                let mut chunks = remote.read(0..remote.size());
                while let Some(chunk) = chunks.next().await {
                    receiving.write(&chunk.map_err(failed)?).await.map_err(failed)?;
                }
                receiving.flush().await.map_err(failed)?;
                Fetched::Spooled(receiving)
            }
        };
        let _permit = self.thumbs().workers.acquire().await.map_err(failed)?;
        let (files, size, output, runtime) = (self.clone(), request.size, request.output, Handle::current());
        let draw = move || draw(&source, size, output, &files.thumbs().memory, &runtime);
        let made = blocking::run(draw).await.map_err(failed)?;
        drop(fetching);
        made
    }

    /// Stores a thumbnail, unless its file is gone meanwhile.
    async fn keep_thumb(&self, storage: &Storage, key: &FileKey, path: &str, bytes: Bytes) {
        let content_type = sniff(&bytes[..bytes.len().min(HEAD_BYTES)]).to_owned();
        let about = About { content_type, original_name: String::new() };
        if let Err(error) = storage.place_derived(bytes, path, &about).await {
            tracing::warn!(file = key.name, %error, "a thumbnail could not be stored");
            return;
        }
        // Removed with its file, which may have happened just before: the same removal again is not far then.
        if let Err(StorageError::NotFound) = storage.open(&key.path()).await
            && let Err(error) = storage.delete_folder(&key.thumbs()).await
        {
            tracing::warn!(file = key.name, %error, "the thumbnails of a removed file could not be removed");
        }
    }
}

/// A picture on this machine.
enum Fetched {
    Local(File),
    Spooled(Receiving),
}

fn draw(source: &Fetched, size: ThumbSize, output: Option<Output>, memory: &Budget, runtime: &Handle) -> Outcome {
    let failed = |error: std::io::Error| Failure::Failed(Arc::new(error));
    let refused = |error: ImageError| Failure::Unusable(Arc::new(error));
    let mut file = match source {
        Fetched::Local(file) => file.try_clone().map_err(failed)?,
        Fetched::Spooled(receiving) => receiving.reopen().map_err(failed)?,
    };
    let mut head = Vec::with_capacity(HEAD_BYTES);
    (&mut file).take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let format = Format::of_content_type(sniff(&head)).ok_or(Failure::NoPicture)?;
    let output = output.unwrap_or(Output { format: default_format(format), quality: None });
    let drawing = Drawing::begin(BufReader::new(file), format, size, output).map_err(refused)?;
    // Nothing is waited for but other threads that draw, which wait for nobody.
    let permit = runtime.block_on(memory.take(drawing.memory()));
    let _permit =
        permit.ok_or(ImageError::TooLarge("it would take more memory than all thumbnails may")).map_err(refused)?;
    Ok(Bytes::from(drawing.finish().map_err(refused)?))
}

/// Waits for a thumbnail that is being made, but not for ever.
async fn wait(mut outcome: watch::Receiver<Option<Outcome>>, max_wait: Duration) -> Thumb {
    let waited = tokio::time::timeout(max_wait, outcome.wait_for(Option::is_some)).await;
    match waited.map(|made| made.map(|outcome| outcome.clone())) {
        Ok(Ok(Some(Ok(bytes)))) => Thumb::Made(bytes),
        Ok(Ok(Some(Err(failure)))) => (&failure).into(),
        // Whoever made it is gone, because the server is stopping; or it takes too long.
        _ => Thumb::Later,
    }
}

/// What a thumbnail of a picture is, if nobody says.
fn default_format(format: Format) -> Format {
    match format {
        Format::Jpeg => Format::Jpeg,
        Format::Gif => Format::Gif,
        Format::Png | Format::WebP => Format::Png,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn memory_is_waited_for_in_turn() {
        let budget = Budget::new(100 << 10);
        let take = |kib: u64| budget.take(kib << 10);
        assert!(take(101).now_or_never().unwrap().is_none(), "there never is as much");
        assert!(budget.take(u64::MAX).now_or_never().unwrap().is_none());
        let one = take(60).now_or_never().unwrap().unwrap();
        let other = budget.take((40 << 10) - 5).now_or_never().unwrap().unwrap();
        let mut large = Box::pin(take(70));
        assert!((&mut large).now_or_never().is_none());
        drop(other);
        // Whoever needs little comes behind whoever came first, who else would never get enough.
        let mut small = Box::pin(take(1));
        assert!((&mut small).now_or_never().is_none() && (&mut large).now_or_never().is_none());
        drop(one);
        let large = large.now_or_never().unwrap();
        assert!(large.is_some() && small.now_or_never().unwrap().is_some());
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let is_later = |thumb: Thumb| matches!(thumb, Thumb::Later);
        let (maker, outcome) = watch::channel(None);
        assert!(is_later(wait(outcome.clone(), Duration::from_millis(1)).await), "it is still being made");
        let waiting = wait(outcome.clone(), MAX_WAIT);
        maker.send_replace(Some(Ok(Bytes::from_static(b"made"))));
        assert!(matches!(waiting.await, Thumb::Made(bytes) if bytes == "made"));
        maker.send_replace(Some(Err(Failure::NoPicture)));
        assert!(matches!(wait(outcome, MAX_WAIT).await, Thumb::None));
        let (maker, outcome) = watch::channel(None);
        drop(maker);
        assert!(is_later(wait(outcome, MAX_WAIT).await), "nobody makes it any more");
    }
}

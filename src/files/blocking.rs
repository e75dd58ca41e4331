//! Work on files that may block.

use tokio::sync::Semaphore;

use super::FilesError;

/// Threads that wait for the disk at the same time, for all uploads together.
static PERMITS: Semaphore = Semaphore::const_new(64);

/// Runs short work on the disk on a thread that may block.
pub(super) async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, FilesError>
where
    T: Send + 'static,
    E: Send + 'static,
    FilesError: From<E>,
{
    let permit = PERMITS.acquire().await;
    let done = run(work).await?;
    drop(permit);
    Ok(done?)
}

/// Runs work of which the caller bounds how often it is done at a time.
pub(super) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, FilesError> {
    #[expect(clippy::disallowed_methods, reason = "callers hold a permit, which caps the threads")]
    let task = tokio::task::spawn_blocking(work);
    task.await.map_err(|_| FilesError::Panicked)
}

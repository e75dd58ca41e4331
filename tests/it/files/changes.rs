//! Waiting for files to come and go.

use std::path::Path;
use std::time::Duration;

/// How long is waited for what never comes.
const LIMIT: Duration = Duration::from_mins(1);

/// Waits until the condition holds, which is about names below a folder; or so long that it never will.
pub(super) async fn await_that(folder: &Path, condition: impl Fn() -> bool) {
    let mut changes = Changes::new();
    let holds = async {
        loop {
            // Before the look, so that nothing happens unseen between the two.
            changes.watch(folder);
            if condition() {
                return;
            }
            changes.next().await;
        }
    };
    // The caller says what is missing.
    let _ = tokio::time::timeout(LIMIT, holds).await;
}

/// What the system tells about folders; it is read like a pipe.
#[cfg(target_os = "linux")]
struct Changes(tokio::net::unix::pipe::Receiver);

#[cfg(target_os = "linux")]
impl Changes {
    fn new() -> Self {
        use rustix::fs::inotify::{CreateFlags, init};
        let fd = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
        Self(tokio::net::unix::pipe::Receiver::from_file_unchecked(fd.into()).unwrap())
    }

    /// Watches a folder and all below it; some may be there already, others gone again.
    fn watch(&self, folder: &Path) {
        use rustix::fs::inotify::{WatchFlags, add_watch};
        let flags = WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::MOVED_FROM | WatchFlags::MOVED_TO;
        if add_watch(&self.0, folder, flags | WatchFlags::ONLYDIR).is_err() {
            return;
        }
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.watch(&entry.path());
            }
        }
    }

    /// Waits for a change. What it was is seen by looking.
    async fn next(&mut self) {
        tokio::io::AsyncReadExt::read(&mut self.0, &mut [0; 4096]).await.unwrap();
    }
}

/// Elsewhere nothing tells.
#[cfg(not(target_os = "linux"))]
struct Changes;

#[cfg(not(target_os = "linux"))]
impl Changes {
    fn new() -> Self {
        Self
    }

    fn watch(&self, _: &Path) {}

    async fn next(&mut self) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

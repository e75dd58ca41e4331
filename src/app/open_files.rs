//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of open files as far as the system lets a process do it by itself, and says what it is now.
/// `None` means that there is no limit.
///
/// Many systems start services with a low limit (1024) of a high maximum, for programs that cannot deal with large numbers of
/// descriptors; ours can.
pub fn raise_open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return limit.current;
    }
    // Refused where the maximum is more than the kernel has (macOS): the old limit stays.
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    if let Err(error) = raised {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
    let files = getrlimit(Resource::Nofile).current;
    tracing::debug!(before = limit.current, files, "raised the limit of open files");
    files
}

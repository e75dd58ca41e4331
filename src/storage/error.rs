//! Why a file could not be stored, found or removed.

use std::io;

/// Why a file could not be stored, found or removed. The texts name neither keys of access nor URLs, so they may be
/// logged and shown to superusers.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The text is no key, see [`super::check_key`].
    #[error("not the key of a file")]
    InvalidKey,
    /// There is no such file.
    #[error("there is no such file")]
    NotFound,
    /// The disk is full, the quota used up, or the file larger than the system lets the server's files be.
    #[error("there is no space left to store files")]
    NoSpace,
    /// The local file system refuses.
    #[error("{context}: {source}")]
    Io {
        /// What was tried.
        context: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A folder on the way is a link, so what is below may not be ours to remove.
    #[error("the folder is reached through a link")]
    Link,
    /// The bucket's configuration cannot be right.
    #[error("{0}")]
    Options(&'static str),
    /// The service does not let us: wrong keys, or keys without the permission.
    #[error("the service denies access{}", told(code.as_deref()))]
    Denied {
        /// What it calls the reason (`InvalidAccessKeyId`), if it does.
        code: Option<String>,
    },
    /// There is no such bucket.
    #[error("there is no such bucket")]
    NoBucket,
    /// The service answers with another status than expected.
    #[error("the service answered with status {status}{}", told(code.as_deref()))]
    Status {
        /// HTTP status code.
        status: u16,
        /// What it calls the reason (`InternalError`), if it does.
        code: Option<String>,
    },
    /// The work ended before it was done, because the caller or the server went away.
    #[error("the work was given up")]
    Abandoned,
    /// The service takes too long.
    #[error("the service did not answer in time")]
    Timeout,
    /// No connection to the service, or it broke off.
    #[error("no connection to the service: {0}")]
    Connection(String),
    /// The file is not as long as was said, or changed while it was read.
    #[error("the file does not have the length it should have")]
    WrongLength,
    /// What was read is not what was written.
    #[error("what was read is not what was written")]
    WrongContent,
    /// The service does not speak the protocol.
    #[error("the service answered with something unexpected")]
    Protocol,
}

impl StorageError {
    /// Sorts out a full disk.
    pub(super) fn io(context: &'static str, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::NoSpace,
            _ => Self::Io { context, source },
        }
    }
}

fn told(code: Option<&str>) -> String {
    code.map(|code| format!(" ({code})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_that_have_a_name() {
        let of = |code| StorageError::io("x", io::Error::from_raw_os_error(code));
        assert!(matches!(of(rustix::io::Errno::NOSPC.raw_os_error()), StorageError::NoSpace));
        assert!(matches!(of(rustix::io::Errno::DQUOT.raw_os_error()), StorageError::NoSpace));
        assert!(matches!(of(rustix::io::Errno::FBIG.raw_os_error()), StorageError::NoSpace));
        assert!(matches!(of(rustix::io::Errno::ACCESS.raw_os_error()), StorageError::Io { .. }));
    }
}

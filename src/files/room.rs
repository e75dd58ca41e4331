//! Room for uploads that are arriving, all of them together: bytes in memory, bytes on the disk, and what stays free of it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::Reserve;

/// What uploads leave free, so that the database can go on.
const RESERVE: Reserve = Reserve::new(20, 256 << 20);

/// Bytes that several may hold together.
#[derive(Debug)]
pub(super) struct Room {
    limit: u64,
    used: AtomicU64,
}

impl Room {
    pub(super) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { limit, used: AtomicU64::new(0) })
    }

    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    #[cfg(test)]
    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// A share of nothing, which can grow.
    pub(super) fn share(self: &Arc<Self>) -> Share {
        Share { room: Arc::clone(self), bytes: 0 }
    }
}

/// Bytes of a room that somebody holds. Given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    room: Arc<Room>,
    bytes: u64,
}

impl Share {
    /// Holds so many bytes from now on; false, and nothing changes, if there is no room for that.
    pub(super) fn resize(&mut self, bytes: u64) -> bool {
        let used = &self.room.used;
        if let Some(more) = bytes.checked_sub(self.bytes).filter(|&more| more > 0) {
            let fits = |used: u64| used.checked_add(more).filter(|&total| total <= self.room.limit);
            if used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_err() {
                return false;
            }
        } else {
            used.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        }
        self.bytes = bytes;
        true
    }

    /// Holds so many bytes more; false, and nothing changes, if there is no room for them.
    pub(super) fn grow(&mut self, bytes: u64) -> bool {
        self.resize(self.bytes.saturating_add(bytes))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.resize(0);
    }
}

/// Asks whether the disk of a folder has room beyond what is to be left free. Blocks, though not for long.
///
/// # Errors
/// `StorageFull` if it has not.
pub(super) fn check_disk(folder: &Path) -> io::Result<()> {
    if RESERVE.is_left(folder, 0) { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_the_room_together_and_give_it_back() {
        let room = Room::new(100);
        let (mut one, mut other) = (room.share(), room.share());
        assert!(one.resize(60) && other.resize(40));
        assert!(!one.resize(61) && !other.grow(1) && !one.grow(u64::MAX));
        assert_eq!(room.used(), 100);
        assert!(one.resize(10) && other.resize(90) && !one.grow(1));
        drop(other);
        assert_eq!(room.used(), 10);
        assert!(one.grow(90) && one.resize(0));
        assert_eq!(room.used(), 0);
    }
}

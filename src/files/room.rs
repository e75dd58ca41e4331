//! Room for uploads that are arriving, all of them together: bytes in memory, bytes on the disk, and what stays free of it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Part of the disk that uploads leave free, so that the database can go on and records can be deleted: one in so many.
const RESERVED_PART: u64 = 20;

/// Most bytes that are left free, however large the disk is.
const MAX_RESERVED_BYTES: u64 = 256 << 20;

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
#[cfg(unix)]
pub(super) fn check_disk(folder: &Path) -> io::Result<()> {
    // Not every file system tells.
    let Ok(disk) = rustix::fs::statvfs(folder) else { return Ok(()) };
    let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
    let has_room = leaves_enough(bytes(disk.f_blocks), bytes(disk.f_bavail));
    if has_room { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
}

#[cfg(not(unix))]
pub(super) fn check_disk(_: &Path) -> io::Result<()> {
    Ok(())
}

fn leaves_enough(total: u64, free: u64) -> bool {
    free >= (total / RESERVED_PART).min(MAX_RESERVED_BYTES)
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

    #[test]
    fn a_part_of_the_disk_stays_free() {
        const GB: u64 = 1 << 30;
        for (total, free, want) in [
            (2000, 100, true),
            (2000, 99, false),
            (100 * GB, 256 << 20, true),
            (100 * GB, (256 << 20) - 1, false),
            // A file system that tells nothing of itself.
            (0, 0, true),
        ] {
            assert_eq!(leaves_enough(total, free), want, "{free} of {total}");
        }
    }
}

//! How much room is left on a disk.

use std::path::Path;

/// What is to be left free on a disk.
#[derive(Debug, Clone, Copy)]
pub struct Reserve {
    part: u64,
    max_bytes: u64,
}

impl Reserve {
    /// One part in `part` of the disk, and no more than `max_bytes` however large it is.
    pub const fn new(part: u64, max_bytes: u64) -> Self {
        Self { part, max_bytes }
    }

    /// Whether so much is left on the disk of a folder, and `besides` bytes more. It is where the system does not tell.
    /// Blocks, though not for long.
    #[cfg(unix)]
    pub fn is_left(self, folder: &Path, besides: u64) -> bool {
        let Ok(disk) = rustix::fs::statvfs(folder) else { return true };
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        self.is_left_of(bytes(disk.f_blocks), bytes(disk.f_bavail).saturating_sub(besides))
    }

    /// Whether so much is left on the disk of a folder. It is where the system does not tell.
    #[cfg(not(unix))]
    pub fn is_left(self, _: &Path, _: u64) -> bool {
        true
    }

    #[cfg(any(unix, test))]
    fn is_left_of(self, total: u64, free: u64) -> bool {
        free >= (total / self.part).min(self.max_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_disk_stays_free() {
        const GB: u64 = 1 << 30;
        let reserve = Reserve::new(20, 256 << 20);
        for (total, free, want) in [
            (2000, 100, true),
            (2000, 99, false),
            (100 * GB, 256 << 20, true),
            (100 * GB, (256 << 20) - 1, false),
            // A file system that tells nothing of itself.
            (0, 0, true),
        ] {
            assert_eq!(reserve.is_left_of(total, free), want, "{free} of {total}");
        }
    }
}

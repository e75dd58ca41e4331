//! On which file systems a synced file cannot lose its name.

use std::fs::Metadata;
use std::path::Path;

/// What is known of the file system below a folder.
#[derive(Debug)]
pub(super) struct Names {
    /// The device on which syncing a file makes its name durable as well, and the names of the folders above it.
    #[cfg(target_os = "linux")]
    ordered_device: Option<u64>,
}

#[cfg(target_os = "linux")]
impl Names {
    /// File systems that write changes of names in their order, and with a new file the folders that were made for it: ext4
    /// with its journal, and without it by `ext4_sync_parent`; XFS by its log.
    const ORDERED: [&str; 2] = ["ext4", "xfs"];

    pub(super) fn of(folder: &Path) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        // The folder itself is made when the first file comes.
        let found = folder.ancestors().find_map(|folder| folder.metadata().ok());
        let device = found.map(|about| about.dev()).filter(|device| {
            let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
            kind_of(&mounts, *device).is_some_and(|kind| Self::ORDERED.contains(&kind))
        });
        Self { ordered_device: device }
    }

    /// Whether syncing this file is enough.
    pub(super) fn follow(&self, file: &Metadata) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        self.ordered_device == Some(file.dev())
    }
}

#[cfg(not(target_os = "linux"))]
impl Names {
    pub(super) fn of(_: &Path) -> Self {
        Self {}
    }

    pub(super) fn follow(&self, _: &Metadata) -> bool {
        false
    }
}

/// The kind of the file system on a device, as `/proc/self/mountinfo` tells it.
#[cfg(target_os = "linux")]
fn kind_of(mounts: &str, device: u64) -> Option<&str> {
    let numbers = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    let mount = mounts.lines().find(|line| line.split(' ').nth(2) == Some(&numbers))?;
    mount.split_once(" - ")?.1.split(' ').next()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let mounts = "22 27 0:21 / /proc rw,nosuid shared:12 - proc proc rw\n\
                      27 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n\
                      30 27 8:17 / /srv rw - xfs /dev/sdb1 rw,attr2\nnonsense\n";
        for (device, want) in
            [((259, 2), Some("ext4")), ((8, 17), Some("xfs")), ((0, 21), Some("proc")), ((8, 1), None)]
        {
            assert_eq!(kind_of(mounts, rustix::fs::makedev(device.0, device.1)), want, "{device:?}");
        }
    }
}

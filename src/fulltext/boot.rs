//! Whether what was written without waiting for the disk can be trusted.
//!
//! An index can be made anew, so its files are not synced on each commit: that would cost more than the commit. What was
//! written survives the end of the process, but not of the system. So a mark names the boot in which the index was written
//! to, durably, before the first such write; a later boot that finds it verifies the checksums of all files. An index that
//! was synced and closed in good order is marked as clean.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::LazyLock;

/// The file of the mark.
const MARK: &str = "larder-boot";

/// What a mark says when everything was synced.
const CLEAN: &str = "clean";

/// Names this boot of the system, where the system tells.
static BOOT_ID: LazyLock<Option<String>> = LazyLock::new(|| {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let id = id.trim();
    (!id.is_empty()).then(|| id.to_owned())
});

/// Whether another boot can be told from this one. If not, every write has to be synced.
pub(super) fn is_known() -> bool {
    BOOT_ID.is_some()
}

/// Whether the files in the folder are as they were last written, as far as the system is concerned.
pub(super) fn is_trusted(folder: &Path) -> bool {
    let Ok(mark) = std::fs::read_to_string(folder.join(MARK)) else { return false };
    mark == CLEAN || Some(&mark) == BOOT_ID.as_ref()
}

/// Says durably that writes of this boot are about to come. Nothing to do if it says so already.
pub(super) fn mark_written(folder: &Path) -> io::Result<()> {
    let Some(id) = BOOT_ID.as_deref() else { return write(folder, CLEAN) };
    if std::fs::read_to_string(folder.join(MARK)).is_ok_and(|mark| mark == id) {
        return Ok(());
    }
    write(folder, id)
}

/// Makes everything in the folder durable and says so. Nobody may write meanwhile.
pub(super) fn mark_clean(folder: &Path) -> io::Result<()> {
    if std::fs::read_to_string(folder.join(MARK)).is_ok_and(|mark| mark == CLEAN) {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(folder)?.sync_all()?;
    write(folder, CLEAN)
}

fn write(folder: &Path, mark: &str) -> io::Result<()> {
    replace_durably(&folder.join(MARK), mark.as_bytes())?;
    File::open(folder)?.sync_all()
}

/// Replaces a small file; after a power cut there is the old content or the new one. The folder is not synced.
pub(super) fn replace_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = File::create(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(temporary, path)
}

/// Marks the folder as one that was written to in another boot.
#[cfg(test)]
pub(super) fn mark_foreign(folder: &Path) {
    write(folder, "another boot").unwrap();
}

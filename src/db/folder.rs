//! The data folder: making it, holding it, copying a database into it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::DbError;

/// Held by the one process that serves a data folder.
const LOCK_FILE: &str = ".larder.lock";

/// Creates the folder and its parents, readable by the owner only.
///
/// # Errors
/// If the file system refuses.
pub fn create_folder(folder: &Path) -> Result<(), DbError> {
    if folder.is_dir() {
        return Ok(());
    }
    let context = || format!("cannot create the data folder {}", folder.display());
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let io = |source| DbError::Io { context: context(), source };
    builder.create(folder).map_err(io)?;
    // The new entry has to be durable, too.
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(io)
}

/// The right to serve a data folder, for as long as the value lives (the system releases it if the process dies).
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the folder.
    ///
    /// # Errors
    /// [`DbError::Locked`] while another process serves it.
    pub fn take(folder: &Path) -> Result<Self, DbError> {
        create_folder(folder)?;
        let path = folder.join(LOCK_FILE);
        let io = |source| DbError::Io { context: format!("cannot open {}", path.display()), source };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(DbError::Locked(format!(
                "the data folder {} is already served by another larder process",
                folder.display()
            ))),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}

/// Opens a database as it is, to look into it before it becomes a data folder's.
///
/// # Errors
/// If it does not exist or is no database.
pub fn open_existing(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

/// Pages copied in one step; between steps a live source may write.
const PAGES_PER_STEP: i32 = 2048;

/// Copies a database that may be in use, through SQLite's backup API; the source is opened read-only. `progress` is
/// told pages done and pages in all.
///
/// # Errors
/// If the source cannot be read or the target cannot be written.
pub fn copy_database(source: &Path, target: &Path, mut progress: impl FnMut(u32, u32)) -> Result<(), DbError> {
    let from = open_source(source)?;
    from.busy_timeout(Duration::from_secs(10))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut to = Connection::open_with_flags(target, flags)?;
    // Within one snapshot: otherwise every write to a live source would start the copy over.
    from.execute_batch("BEGIN")?;
    from.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    let backup = Backup::new(&from, &mut to)?;
    loop {
        let step = backup.step(PAGES_PER_STEP)?;
        let state = backup.progress();
        let total = u32::try_from(state.pagecount).unwrap_or(0);
        progress(total.saturating_sub(u32::try_from(state.remaining).unwrap_or(0)), total);
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            // The source is being written to; its writer finishes soon.
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Opens the source without changing it.
///
/// A `-shm` file beside it means that a server has it open, or died having it open: then SQLite's own locks are used, as
/// the server's are. Without one nobody has it open, and it is read as a plain file, which leaves no trace beside it.
fn open_source(source: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let beside = |suffix: &str| {
        let mut name = source.to_path_buf().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    };
    let has_log = beside("-wal").metadata().is_ok_and(|m| m.len() > 0);
    let conn = if beside("-shm").exists() || has_log {
        Connection::open_with_flags(source, flags)?
    } else {
        let uri = format!("file:{}?immutable=1", percent_encode(source));
        Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)?
    };
    conn.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    Ok(conn)
}

fn percent_encode(path: &Path) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEEP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');
    utf8_percent_encode(&path.to_string_lossy(), KEEP).to_string()
}

//! Databases beside the main one whose content may be lost: a damaged one is set aside and made anew.
//!
//! Whoever opens one writes to it through the connection it gets, on a thread of its own; reads run on threads for slow reads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, ErrorCode};

use super::connection::{self, DbOptions, Durability};
use super::pool::{ReadPool, read_elsewhere};
use super::slow::SlowThreads;
use super::{DbError, ReadTx};

/// Page cache of each connection, in KiB.
const CACHE_KIB: u32 = 4000;

/// Reads at the same time.
const READERS: u32 = 2;

/// Why an auxiliary database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AuxiliaryError {
    /// The file is damaged, or is none of ours.
    #[error("{0}")]
    Damaged(DbError),
    /// The machine does not let it be used; it may do so later.
    #[error(transparent)]
    Unavailable(DbError),
}

impl From<DbError> for AuxiliaryError {
    fn from(error: DbError) -> Self {
        if error.is_damage() { Self::Damaged(error) } else { Self::Unavailable(error) }
    }
}

impl From<rusqlite::Error> for AuxiliaryError {
    fn from(error: rusqlite::Error) -> Self {
        DbError::from(error).into()
    }
}

/// The reading side of an auxiliary database.
#[derive(Debug)]
pub struct AuxiliaryDb {
    readers: Arc<ReadPool>,
    threads: SlowThreads,
}

impl AuxiliaryDb {
    /// Opens the database of this path, made if it is missing. `prepare` brings it to the layout that is needed, and says
    /// [`AuxiliaryError::Damaged`] if it cannot. The connection is the one that writes.
    ///
    /// # Errors
    /// [`AuxiliaryError`].
    pub fn open(
        path: &Path,
        options: &DbOptions,
        prepare: impl FnOnce(&mut Connection) -> Result<(), AuxiliaryError>,
    ) -> Result<(Connection, Self), AuxiliaryError> {
        let options = DbOptions {
            // What a power cut takes is the last moments; it leaves a whole file.
            durability: Durability::Normal,
            writer_cache_kib: CACHE_KIB,
            reader_cache_kib: CACHE_KIB,
            slow_readers: READERS,
            workers: 1,
            ..options.clone()
        };
        let mut conn = connection::open_writer(path, &options)?;
        prepare(&mut conn)?;
        let (readers, threads) = (
            Arc::new(ReadPool::open(path, &options)),
            SlowThreads::start("log-read", READERS, super::slow::SLOW_NICENESS)?,
        );
        Ok((conn, Self { readers, threads }))
    }

    /// Moves the file out of the way, in place of one that was moved before. Nobody may have it open for writing.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn set_aside(path: &Path) -> Result<PathBuf, DbError> {
        let aside = with_suffix(path, ".damaged");
        let io = |source| DbError::Io { context: format!("cannot move {} aside", path.display()), source };
        std::fs::rename(path, &aside).map_err(io)?;
        for log in ["-wal", "-shm"] {
            // The log belongs to the file: what the file had not taken over yet is readable beside it alone.
            let (from, to) = (with_suffix(path, log), with_suffix(&aside, log));
            let _ = std::fs::remove_file(&to);
            let moved = std::fs::rename(from, to);
            if let Err(error) = moved
                && error.kind() != std::io::ErrorKind::NotFound
            {
                return Err(io(error));
            }
        }
        Ok(aside)
    }

    /// Runs a read on one snapshot, on a thread for slow reads.
    ///
    /// # Errors
    /// What the job fails with; [`DbError::QueueFull`] when too many reads wait.
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: Fn(&ReadTx<'_>) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        read_elsewhere(&self.readers, |pool| &pool.slow, &self.threads, job).await
    }
}

impl DbError {
    /// Whether the file is damaged, or no database at all.
    pub fn is_damage(&self) -> bool {
        self.has_code(ErrorCode::DatabaseCorrupt) || self.has_code(ErrorCode::NotADatabase)
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.to_path_buf().into_os_string();
    name.push(suffix);
    name.into()
}

//! Wires the parts together: opens a data folder, keeps what is in memory in step with it, runs the server.

mod error;
mod import;
mod jobs;
mod open_files;
mod serve;

pub use error::AppError;
pub use import::{ImportError, ImportReport, import_pocketbase};
pub use open_files::raise_open_files;
pub use serve::Server;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rusqlite::Connection;

use crate::clock::Clock;
use crate::collections;
use crate::config::Config;
use crate::db::{Db, DbError, DbOptions, OpenedDb};
use crate::fulltext::WriterLimits;
use crate::query::Catalog;
use crate::search::IndexesOptions;
use crate::settings::{self, Settings};

/// An open data folder, with what is kept in memory of it.
#[derive(Debug)]
pub struct OpenFolder {
    /// The store.
    pub db: Db,
    /// Collections with their plans.
    pub catalog: Arc<ArcSwap<Catalog>>,
    /// The settings.
    pub settings: Arc<ArcSwap<Settings>>,
}

/// Opens the data folder, creating what a new one needs.
///
/// # Errors
/// I/O and SQLite failures; a folder of a newer Larder or of another product.
pub fn open(config: &Config, clock: Clock) -> Result<OpenFolder, AppError> {
    let opened = OpenedDb::open(&config.dir, db_options(config), clock)?;
    bring_up(opened)
}

/// Makes sure the system collections exist, then starts the store.
fn bring_up(mut opened: OpenedDb) -> Result<OpenFolder, AppError> {
    let (collections, settings) = opened.transaction(|tx| {
        collections::bootstrap(tx, &tx.now())?;
        collections::ensure_system_collections(tx, &tx.now())?;
        Ok::<_, AppError>((collections::store::load_all(tx)?, settings::load(tx)?))
    })?;
    let catalog = Arc::new(ArcSwap::from_pointee(Catalog::new(collections)));
    let settings = Arc::new(ArcSwap::from_pointee(settings));
    let watched = (Arc::clone(&catalog), Arc::clone(&settings));
    let db = opened.start(move |conn| reload(conn, &watched.0, &watched.1))?;
    Ok(OpenFolder { db, catalog, settings })
}

/// Another process committed: collections and settings may have changed.
fn reload(conn: &Connection, catalog: &ArcSwap<Catalog>, settings: &ArcSwap<Settings>) -> Result<(), DbError> {
    let latest = settings::load(conn)?;
    // Rate limits begin anew with new settings: not whenever somebody else writes something.
    if **settings.load() != latest {
        settings.store(Arc::new(latest));
    }
    catalog.store(Arc::new(Catalog::new(collections::store::load_all(conn)?)));
    Ok(())
}

/// What the store needs of the configuration.
pub(crate) fn db_options(config: &Config) -> DbOptions {
    DbOptions {
        durability: config.durability,
        writer_cache_kib: config.writer_cache_mb.saturating_mul(1024),
        reader_cache_kib: config.reader_cache_mb.saturating_mul(1024),
        slow_readers: config.slow_readers,
        search_readers: u32::try_from(Config::search_threads()).unwrap_or(u32::MAX),
        workers: u32::try_from(config.worker_threads()).unwrap_or(u32::MAX),
        query_timeout: Duration::from_secs(config.query_timeout),
        slow_query: Duration::from_millis(config.slow_query_ms),
        ..DbOptions::default()
    }
}

/// What search needs of the configuration.
pub(crate) fn search_options(config: &Config, folder: &OpenFolder) -> IndexesOptions {
    IndexesOptions {
        data: config.dir.clone(),
        db: folder.db.clone(),
        catalog: Arc::clone(&folder.catalog),
        writers: WriterLimits { heap_mb: config.search_heap_mb, max_open: config.search_writers },
    }
}

/// Whether a folder holds data of ours.
pub fn is_data_folder(path: &Path) -> bool {
    path.join(crate::db::DATA_FILE).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_has_the_defaults_of_writers() {
        let config = Config::default();
        let limits = WriterLimits { heap_mb: config.search_heap_mb, max_open: config.search_writers };
        assert_eq!(limits, WriterLimits::default());
    }
}

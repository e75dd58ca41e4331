//! Moving a PocketBase data folder in.
//!
//! Everything is built in a folder beside the target and renamed into place at the end, so an import that stops half way
//! leaves nothing that `serve` would take for a data folder. The source is only ever read.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use super::db_options;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError, OpenedDb, copy_database, create_folder, open_existing};
use crate::logs::LOGS_FILE;
use crate::query::{Catalog, quote_identifier};
use crate::schema::{FieldOptions, Value};

/// Folder of uploaded files.
const STORAGE: &str = "storage";

/// Why an import was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source is not a data folder.
    #[error("{0} is not a PocketBase data folder: it has no data.db")]
    NoSource(PathBuf),
    /// The source has an old layout.
    #[error(
        "this data folder was written by PocketBase before 0.23: start it once with PocketBase 0.23 or newer, \
         which upgrades it, and import it then"
    )]
    TooOld,
    /// The source is ours already.
    #[error("{0} is a Larder data folder already: use it with `larder serve --dir`")]
    AlreadyLarder(PathBuf),
    /// The target is in use.
    #[error("{0} exists and is not empty: name a new folder with --dir")]
    TargetExists(PathBuf),
    /// A check after copying failed.
    #[error("the copy is not sound: {0}")]
    Unsound(String),
    /// Files cannot be read or written.
    #[error("{context}: {source}")]
    Io {
        /// What was tried, with the path.
        context: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The database cannot be read or written.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The copy cannot be brought to our layout.
    #[error(transparent)]
    App(#[from] super::AppError),
}

impl From<rusqlite::Error> for ImportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Db(error.into())
    }
}

/// What was imported.
#[derive(Debug, Default)]
pub struct ImportReport {
    /// Name and number of records of each collection with a table.
    pub collections: Vec<(String, u64)>,
    /// Files copied.
    pub files: u64,
    /// Bytes of files copied.
    pub bytes: u64,
    /// Files that records name but the source does not have, as `collection/record/name`.
    pub missing_files: Vec<String>,
    /// Whether files are kept on an S3 service, which is used as before.
    pub uses_s3: bool,
}

/// Imports `source` into the configured data folder. `progress` is told what happens, a line each.
///
/// # Errors
/// [`ImportError`]; nothing is left behind then.
pub fn import_pocketbase(
    source: &Path,
    config: &Config,
    clock: Clock,
    mut progress: impl FnMut(&str),
) -> Result<ImportReport, ImportError> {
    let source_db = source.join(crate::db::DATA_FILE);
    if !source_db.is_file() {
        return Err(ImportError::NoSource(source.into()));
    }
    let target = &config.dir;
    if target.exists() && std::fs::read_dir(target).map_or(true, |mut entries| entries.next().is_some()) {
        return Err(ImportError::TargetExists(target.clone()));
    }
    let building = Building::beside(target)?;
    let report = build(source, &building.path, config, clock, &mut progress)?;
    building.move_to(target)?;
    Ok(report)
}

/// The folder an import is built in; removed unless it is moved into place.
struct Building {
    path: PathBuf,
}

impl Building {
    fn beside(target: &Path) -> Result<Self, ImportError> {
        let mut name = target.file_name().unwrap_or_default().to_os_string();
        name.push(".importing");
        let path = target.with_file_name(name);
        if path.exists() {
            // Left by an import that was killed.
            std::fs::remove_dir_all(&path).map_err(io("cannot remove", &path))?;
        }
        create_folder(&path)?;
        Ok(Self { path })
    }

    fn move_to(self, target: &Path) -> Result<(), ImportError> {
        sync_folder(&self.path)?;
        if target.exists() {
            std::fs::remove_dir(target).map_err(io("cannot replace", target))?;
        }
        std::fs::rename(&self.path, target).map_err(io("cannot move the import to", target))?;
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sync_folder(parent)
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn build(
    source: &Path,
    building: &Path,
    config: &Config,
    clock: Clock,
    progress: &mut impl FnMut(&str),
) -> Result<ImportReport, ImportError> {
    let data = building.join(crate::db::DATA_FILE);
    copy_reporting(&source.join(crate::db::DATA_FILE), &data, "database", progress)?;
    let counts = inspect(&data, source)?;
    let logs = source.join(LOGS_FILE);
    if logs.is_file() {
        let copy = building.join(LOGS_FILE);
        if let Err(error) = copy_reporting(&logs, &copy, "logs", progress) {
            progress(&format!("the logs cannot be read and are left out: {error}"));
            if copy.exists() {
                std::fs::remove_file(&copy).map_err(io("cannot remove", &copy))?;
            }
        }
    }
    let mut report = ImportReport { collections: counts, ..ImportReport::default() };
    let storage = source.join(STORAGE);
    if storage.is_dir() {
        progress("copying files");
        copy_files(&storage, &building.join(STORAGE), &mut report, progress)?;
    }
    progress("bringing the copy to Larder's layout");
    let options = db_options(config);
    let opened = OpenedDb::adopt(building, options, clock)?;
    let super::OpenFolder { db, catalog, .. } = super::bring_up(opened)?;
    let verified = verify(&db, &catalog.load(), building, &mut report, progress);
    db.close();
    verified?;
    Ok(report)
}

fn copy_reporting(from: &Path, to: &Path, what: &str, progress: &mut impl FnMut(&str)) -> Result<(), ImportError> {
    progress(&format!("copying the {what}"));
    let mut told = 0;
    copy_database(from, to, |done, total| {
        let percent = u64::from(done) * 100 / u64::from(total.max(1));
        if percent >= told + 20 {
            told = percent;
            progress(&format!("copying the {what}: {percent} %"));
        }
    })?;
    Ok(())
}

/// Refuses what cannot be imported and counts the records of each table.
fn inspect(data: &Path, source: &Path) -> Result<Vec<(String, u64)>, ImportError> {
    let conn = open_existing(data)?;
    let has = |sql: &str| conn.query_row(sql, [], |_| Ok(())).optional().map(|found| found.is_some());
    if has("SELECT 1 FROM sqlite_master WHERE name = '_larder_migrations'")? {
        return Err(ImportError::AlreadyLarder(source.into()));
    }
    if !has("SELECT 1 FROM pragma_table_info('_collections') WHERE name = 'fields'")? {
        return Err(if has("SELECT 1 FROM sqlite_master WHERE name IN ('_collections', '_admins')")? {
            ImportError::TooOld
        } else {
            ImportError::NoSource(source.into())
        });
    }
    let mut query = conn.prepare("SELECT name FROM _collections WHERE type <> 'view' ORDER BY _rowid_")?;
    let names: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    names.into_iter().map(|name| Ok((name.clone(), count(&conn, &name)?))).collect()
}

fn count(conn: &Connection, table: &str) -> Result<u64, ImportError> {
    let sql = format!("SELECT COUNT(*) FROM {}", quote_identifier(table));
    let records: i64 = conn.query_row(&sql, [], |row| row.get(0))?;
    Ok(records.unsigned_abs())
}

/// Checks the copy: SQLite's own integrity check, the record counts, and that every file a record names is there.
fn verify(
    db: &Db,
    catalog: &Catalog,
    folder: &Path,
    report: &mut ImportReport,
    progress: &mut impl FnMut(&str),
) -> Result<(), ImportError> {
    progress("checking the copy");
    let expected = report.collections.clone();
    let (missing, uses_s3) = db.read_blocking(|tx| {
        let verdict: String = tx.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(ImportError::Unsound(verdict));
        }
        for (name, records) in &expected {
            let found = count(tx, name)?;
            if found != *records {
                return Err(ImportError::Unsound(format!("`{name}` has {found} records instead of {records}")));
            }
        }
        let uses_s3 = uses_s3(tx)?;
        let missing = if uses_s3 { Vec::new() } else { missing_files(tx, catalog, &folder.join(STORAGE))? };
        Ok((missing, uses_s3))
    })?;
    report.missing_files = missing;
    report.uses_s3 = uses_s3;
    Ok(())
}

fn uses_s3(conn: &Connection) -> Result<bool, ImportError> {
    let sql = "SELECT CAST(value AS TEXT) FROM _params WHERE id = 'settings'";
    let text: Option<String> = conn.query_row(sql, [], |row| row.get(0)).optional()?.flatten();
    let settings: Option<serde_json::Value> = text.and_then(|t| serde_json::from_str(&t).ok());
    Ok(settings.is_some_and(|s| s["s3"]["enabled"] == true))
}

fn missing_files(conn: &Connection, catalog: &Catalog, storage: &Path) -> Result<Vec<String>, ImportError> {
    let mut missing = Vec::new();
    for collection in catalog.schema().all() {
        if matches!(collection.kind, crate::schema::CollectionKind::View { .. }) {
            continue;
        }
        for field in collection.fields.iter().filter(|f| matches!(f.options, FieldOptions::File(_))) {
            let (table, column) = (quote_identifier(&collection.name), quote_identifier(&field.name));
            let mut query = conn.prepare(&format!("SELECT `id`, {column} FROM {table}"))?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let id: String = row.get(0)?;
                let names = match field.read(row.get_ref(1)?) {
                    Value::Text(name) if !name.is_empty() => vec![name],
                    Value::List(names) => names,
                    _ => Vec::new(),
                };
                let folder = storage.join(&collection.id).join(&id);
                let absent = names.into_iter().filter(|name| !folder.join(name).is_file());
                missing.extend(absent.map(|name| format!("{}/{id}/{name}", collection.name)));
            }
        }
    }
    Ok(missing)
}

/// Copies a folder of files, folder by folder; links are not followed.
fn copy_files(
    from: &Path,
    to: &Path,
    report: &mut ImportReport,
    progress: &mut impl FnMut(&str),
) -> Result<(), ImportError> {
    let mut pending = vec![(from.to_path_buf(), to.to_path_buf())];
    std::fs::create_dir_all(to).map_err(io("cannot create", to))?;
    while let Some((from, to)) = pending.pop() {
        for entry in std::fs::read_dir(&from).map_err(io("cannot read", &from))? {
            let entry = entry.map_err(io("cannot read", &from))?;
            let kind = entry.file_type().map_err(io("cannot read", &entry.path()))?;
            let target = to.join(entry.file_name());
            if kind.is_dir() {
                // Before the parent is synced, so that the entry is durable with it.
                std::fs::create_dir_all(&target).map_err(io("cannot create", &target))?;
                pending.push((entry.path(), target));
            } else if kind.is_file() {
                report.bytes += std::fs::copy(entry.path(), &target).map_err(io("cannot copy", &entry.path()))?;
                std::fs::File::open(&target).and_then(|file| file.sync_all()).map_err(io("cannot write", &target))?;
                report.files += 1;
                if report.files.is_multiple_of(1000) {
                    progress(&format!("copying files: {}", report.files));
                }
            }
        }
        sync_folder(&to)?;
    }
    Ok(())
}

/// Makes the folder's entries durable.
fn sync_folder(path: &Path) -> Result<(), ImportError> {
    std::fs::File::open(path).and_then(|folder| folder.sync_all()).map_err(io("cannot sync", path))
}

fn io(context: &'static str, path: &Path) -> impl Fn(std::io::Error) -> ImportError {
    let path = path.to_path_buf();
    move |source| ImportError::Io { context: format!("{context} {}", path.display()), source }
}

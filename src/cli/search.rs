//! `larder search …`: looks at and makes the search indexes of a data folder that nobody serves.

use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Subcommand;

use crate::app::{self, OpenFolder};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::FolderLock;
use crate::schema::Collection;
use crate::search::{Comparison, IndexState, IndexStatus, Indexes, compare, examine};

/// Ids that are printed of each kind of difference.
const MAX_PRINTED: usize = 20;

#[derive(Debug, Subcommand)]
pub(super) enum SearchCommand {
    /// Show how the search indexes are
    Status,
    /// Make search indexes anew from the records
    Rebuild {
        /// Name or id of the collection [default: all that are searched]
        collection: Option<String>,
    },
    /// Compare search indexes with the records; fails if there are differences
    Check {
        /// Name or id of the collection [default: all that are searched]
        collection: Option<String>,
    },
}

pub(super) fn run(config: &Config, command: &SearchCommand) -> anyhow::Result<()> {
    // Indexes are written by one process only, and while they are, nobody else can tell what is in them.
    let _lock = FolderLock::take(&config.dir).context(
        "stop the server first, or ask it: GET /api/search/status, POST /api/collections/{collection}/search/rebuild",
    )?;
    let folder = app::open(config, Clock::system())?;
    let done = match command {
        SearchCommand::Status => print_status(config, &folder),
        SearchCommand::Rebuild { collection } => rebuild(config, &folder, collection.as_deref()),
        SearchCommand::Check { collection } => check(config, &folder, collection.as_deref()),
    };
    folder.db.close();
    done
}

/// The searched collections, or the one that is named.
fn searched(folder: &OpenFolder, name: Option<&str>) -> anyhow::Result<Vec<Arc<Collection>>> {
    let catalog = folder.catalog.load();
    let schema = catalog.schema();
    let Some(name) = name else {
        return Ok(schema.all().iter().filter(|collection| collection.search.is_some()).cloned().collect());
    };
    let Some(collection) = schema.find(name) else { bail!("there is no collection \"{name}\"") };
    if collection.search.is_none() {
        bail!("search is not switched on for \"{}\"", collection.name);
    }
    Ok(vec![Arc::clone(collection)])
}

fn print_status(config: &Config, folder: &OpenFolder) -> anyhow::Result<()> {
    let collections = searched(folder, None)?;
    if collections.is_empty() {
        println!("No collection is searched.");
    }
    for collection in collections {
        let status = folder.db.read_blocking(|tx| examine(&config.dir, tx, &collection))?;
        println!("{}: {}", collection.name, describe(&status));
    }
    Ok(())
}

fn describe(status: &IndexStatus) -> String {
    match &status.state {
        IndexState::Failed { error } => format!("the next start makes it anew: {error}"),
        IndexState::Building { .. } => "is being made".to_owned(),
        IndexState::Ready => {
            let behind = match status.lag {
                0 => "up to date".to_owned(),
                lag => format!("{lag} changes behind, which the next start brings in"),
            };
            format!("{} records, {} KiB, {behind}", status.documents, status.bytes.div_ceil(1024))
        }
    }
}

fn rebuild(config: &Config, folder: &OpenFolder, name: Option<&str>) -> anyhow::Result<()> {
    let collections = searched(folder, name)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let indexes = Indexes::start(app::search_options(config, folder))?;
    let failed = runtime.block_on(async {
        // First what the start makes by itself.
        indexes.settle().await;
        for collection in &collections {
            // Only a collection that is not searched is refused.
            let _ = indexes.rebuild(&collection.id);
        }
        indexes.settle().await
    });
    let last = folder.db.read_blocking(|tx| crate::db::last_seq(tx))?;
    for status in indexes.status(last) {
        if collections.iter().any(|collection| collection.id == status.collection_id) {
            println!("{}: {}", status.collection_name, describe(&status));
        }
    }
    indexes.close();
    match failed.first() {
        Some((name, error)) => bail!("the index of \"{name}\" could not be made: {error}"),
        None => Ok(()),
    }
}

fn check(config: &Config, folder: &OpenFolder, name: Option<&str>) -> anyhow::Result<()> {
    let mut wrong = 0;
    for collection in searched(folder, name)? {
        let name = &collection.name;
        match folder.db.read_blocking(|tx| compare(&config.dir, tx, &collection))? {
            Ok(comparison) => {
                println!("{name}: {} records, {} in the index", comparison.records, comparison.documents);
                print_differences(&comparison);
                wrong += usize::from(!comparison.is_right());
            }
            Err(reason) => {
                println!("{name}: the next start makes the index anew: {reason}");
                wrong += 1;
            }
        }
    }
    if wrong > 0 {
        bail!("{wrong} search indexes are not right; make them anew with: larder search rebuild");
    }
    Ok(())
}

fn print_differences(comparison: &Comparison) {
    if comparison.pending > 0 {
        println!("├─ {} changed records wait for the next start", comparison.pending);
    }
    for (what, ids) in [
        ("not in the index", &comparison.missing),
        ("in the index, but gone", &comparison.left_over),
        ("several times in the index", &comparison.repeated),
        ("not in the index as they are", &comparison.outdated),
    ] {
        if !ids.is_empty() {
            let shown = ids.iter().take(MAX_PRINTED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if ids.len() > MAX_PRINTED { ", …" } else { "" };
            println!("├─ {} {what}: {shown}{more}", ids.len());
        }
    }
}

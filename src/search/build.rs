//! Making indexes: beside the one that answers, from all records, while they go on changing.
//!
//! Records are read in the order of their ids, page by page, each in a moment of the store of its own. Before each page the
//! changes since the page before are applied to what was read already. So after the last page the index holds the records
//! as they were at one moment, however long it took, and the feed is never further behind than one page.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::apply::{ApplyError, apply, put};
use super::entry::{Build, Entry};
use super::folder;
use super::indexes::{Built, Shared};
use super::source::{Recipe, Source};
use crate::db::{change_mark, changed_records, last_seq, oldest_seq};
use crate::fulltext::Index;

/// Records of a page, at most,
const PAGE_RECORDS: usize = 5000;
/// and how long it may take. As long as a moment of the store is held, its write-ahead log cannot be begun anew.
const PAGE_TIME: Duration = Duration::from_millis(200);

/// How often a build that fell behind the feed is begun anew at once.
const MAX_STARTS: usize = 3;

/// How much less the thread is worth than those that answer requests, in steps of `nice`.
const NICENESS: i32 = 15;

/// The thread that makes indexes, one at a time.
pub(super) struct Builder {
    shared: Arc<Shared>,
}

impl Builder {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Runs until the server is stopped.
    pub(super) fn run(self) {
        // On Linux this is about the calling thread and those it starts, such as the writer's.
        if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
            tracing::debug!(%error, "search indexes are made at the ordinary priority");
        }
        while let Some(collection) = self.next() {
            let Some(recipe) = self.begin(&collection) else { continue };
            let built = catch_unwind(AssertUnwindSafe(|| self.build_patiently(&collection, &recipe)));
            self.finish(&collection, recipe, built.unwrap_or_else(|_| Err("it panicked".to_owned())));
        }
    }

    fn next(&self) -> Option<String> {
        let mut work = self.shared.work.lock();
        loop {
            if self.shared.is_stopping() {
                return None;
            }
            let next = work.builds.iter().position(|collection| !work.installing.contains(collection));
            if let Some(collection) = next.and_then(|position| work.builds.remove(position)) {
                return Some(collection);
            }
            self.shared.build.wait(&mut work);
        }
    }

    fn begin(&self, collection: &str) -> Option<Arc<Recipe>> {
        let mut entries = self.shared.entries.write();
        let entry = entries.get_mut(collection).filter(|entry| entry.build == Build::Waiting)?;
        entry.build = Build::Running { done: 0, total: 0 };
        Some(Arc::clone(&entry.wanted))
    }

    fn finish(&self, collection: &str, recipe: Arc<Recipe>, built: Result<Option<i64>, String>) {
        if !matches!(built, Ok(Some(_)))
            && let Err(error) = folder::remove(&self.shared.folder.building(collection))
        {
            tracing::warn!(%error, "a half made search index could not be removed");
        }
        match built {
            Ok(Some(seq)) => {
                let mut work = self.shared.work.lock();
                work.installing.insert(collection.to_owned());
                work.built.push(Built { collection: collection.to_owned(), recipe, seq });
                drop(work);
                self.shared.wake();
            }
            // Whoever wants another one has asked for it.
            Ok(None) => {}
            Err(error) => {
                if let Some(entry) = self.shared.entries.write().get_mut(collection) {
                    tracing::warn!(collection.name = %entry.name, %error, "a search index could not be made");
                    if !matches!(entry.build, Build::Waiting) {
                        entry.fail_build(error);
                    }
                }
                self.shared.wake();
            }
        }
        self.shared.report();
    }

    /// Makes an index, and begins again if the feed was faster. Yields the change it was made at; none if it is not wanted
    /// any more.
    fn build_patiently(&self, collection: &str, recipe: &Arc<Recipe>) -> Result<Option<i64>, String> {
        for _ in 0..MAX_STARTS {
            match self.build(collection, recipe) {
                Ok(seq) => return Ok(Some(seq)),
                Err(ApplyError::Cancelled) => return Ok(None),
                Err(ApplyError::Gap) => {}
                Err(error) => return Err(describe(&error)),
            }
        }
        Err(describe(&ApplyError::Gap))
    }

    fn is_wanted(&self, collection: &str, recipe: &Arc<Recipe>) -> bool {
        let is_same = || {
            let entries = self.shared.entries.read();
            entries.get(collection).is_some_and(|entry| entry.wanted.makes_the_same_as(recipe))
        };
        !self.shared.is_stopping() && is_same()
    }

    fn build(&self, id: &str, recipe: &Arc<Recipe>) -> Result<i64, ApplyError> {
        let shared = &self.shared;
        let path = shared.folder.building(id);
        let index = Arc::new(Index::create(&path, &recipe.spec, &shared.limits)?);
        folder::write_recipe(&path, recipe)?;
        let mut writer = shared.writers.open_for_build(&index)?;
        let mut applied = None;
        let (mut cursor, mut done) = (Vec::new(), 0);
        loop {
            if !self.is_wanted(id, recipe) {
                return Err(ApplyError::Cancelled);
            }
            let (stage, catalog) = shared.db.snapshot(|| shared.catalog.load_full())?;
            let tx = stage.tx(None);
            // The collection may have another name since, or its fields.
            let collection = catalog.schema().find_by_id(id).ok_or(ApplyError::Cancelled)?;
            if !Recipe::of(collection).is_some_and(|now| now.makes_the_same_as(recipe)) {
                return Err(ApplyError::Cancelled);
            }
            let source = Source::new(collection, recipe);
            let last = last_seq(&tx)?;
            if let Some(applied) = applied {
                let ids = changed_since(&tx, applied, last, id)?;
                let read_already = ids.iter().map(String::as_str).filter(|id| id.as_bytes() <= cursor.as_slice());
                apply(&tx, &source, &mut writer, read_already, || !shared.is_stopping())?;
            } else {
                let total = source.count(&tx)?;
                self.report(id, 0, total);
            }
            applied = Some(last);
            let started = Instant::now();
            let (count, has_more) = source.read_after(&tx, &mut cursor, PAGE_RECORDS, |document| {
                put(&document, |document| writer.add(document))?;
                Ok::<_, ApplyError>(started.elapsed() < PAGE_TIME && !shared.is_stopping())
            })?;
            done += count as u64;
            self.report(id, done, 0);
            if !has_more {
                let mark = change_mark(&tx, last)?;
                writer.commit(last, mark.as_deref())?;
                folder::write_position(&path, last, last, mark)?;
                return Ok(last);
            }
        }
    }

    /// Tells how far it is; a total that is known stays.
    fn report(&self, collection: &str, done: u64, known_total: u64) {
        if let Some(Entry { build: Build::Running { done: shown, total }, .. }) =
            self.shared.entries.write().get_mut(collection)
        {
            *total = known_total.max(*total).max(done);
            *shown = done;
        }
        self.shared.report();
    }
}

/// Records of a collection that were changed after `seq`, each once.
fn changed_since(conn: &Connection, seq: i64, last: i64, collection: &str) -> Result<Vec<String>, ApplyError> {
    if last <= seq {
        return Ok(Vec::new());
    }
    if oldest_seq(conn)?.is_none_or(|oldest| oldest > seq + 1) {
        return Err(ApplyError::Gap);
    }
    let mut ids: Vec<String> =
        changed_records(conn, seq, collection)?.into_iter().map(|change| change.record).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The error with what caused it.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

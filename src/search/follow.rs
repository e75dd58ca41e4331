//! The thread that brings what was committed into the indexes.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::apply::{ApplyError, apply};
use super::entry::{Build, Entry, Openness, Retry, Serving};
use super::folder::{self, write_position};
use super::indexes::{Built, Shared};
use super::source::{Recipe, Source};
use crate::db::{Change, DbError, change_mark, changes_after, last_seq, oldest_seq};
use crate::fulltext::{Check, Index, OpenError, WriteError};
use crate::query::Catalog;
use crate::schema::{Collection, is_word};

/// Time between two commits of the same index: what is written meanwhile is committed together.
const GATHER: Duration = Duration::from_millis(100);

/// Changes read at a time.
const PAGE: i64 = 5000;

/// Changes read at a time for indexes that are further behind, so that they keep the others waiting for a short time only.
const LAGGARD_PAGE: i64 = 500;

/// Time after which a failed turn is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// Failures of an index's writer, one after the other, after which the index is taken to be damaged.
const DAMAGED_AFTER: u32 = 2;

/// Changes of other collections after which it is noted on disk that an index knows of them.
const PERSIST_EVERY: i64 = 10_000;

pub(super) struct Follower {
    shared: Arc<Shared>,
    /// The collections that the entries were last compared with.
    catalog: Option<Arc<Catalog>>,
}

impl Follower {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, catalog: None }
    }

    /// Runs until the server is stopped.
    pub(super) fn run(mut self) {
        if let Err(error) = self.shared.folder.prepare() {
            tracing::warn!(%error, "the folder of search indexes cannot be prepared");
        }
        while !self.shared.is_stopping() {
            let started = Instant::now();
            let turn = catch_unwind(AssertUnwindSafe(|| self.turn()));
            self.shared.report();
            let pause = match turn {
                Ok(Ok(true)) => continue,
                Ok(Ok(false)) => GATHER,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "search indexes cannot follow the changes");
                    self.shared.wake();
                    RETRY
                }
                Err(_) => {
                    tracing::error!("following the changes for search panicked");
                    self.catalog = None;
                    self.shared.wake();
                    RETRY
                }
            };
            self.shared.sleep(self.next_retry());
            self.rest(pause.saturating_sub(started.elapsed()));
        }
    }

    /// Lets changes gather, unless the server is being stopped.
    fn rest(&self, time: Duration) {
        let mut work = self.shared.work.lock();
        let until = Instant::now() + time;
        while !self.shared.is_stopping() && !self.shared.follow.wait_until(&mut work, until).timed_out() {}
    }

    /// Time until something is to be tried again.
    fn next_retry(&self) -> Option<Duration> {
        let entries = self.shared.entries.read();
        let build = |entry: &Entry| match entry.build {
            Build::Failed { retry_at, .. } => Some(retry_at),
            _ => None,
        };
        let retry = |entry: &Entry| entry.retry.as_ref().map(|retry| retry.at);
        let times = entries.values().flat_map(|entry| [build(entry), retry(entry)]).flatten();
        times.min().map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Goes on a step; says whether there is more to do at once.
    fn turn(&mut self) -> Result<bool, DbError> {
        self.install_built();
        self.retry_builds();
        let is_known = self.catalog.as_ref().is_some_and(|known| Arc::ptr_eq(known, &self.shared.catalog.load()));
        if is_known && self.shared.entries.read().is_empty() {
            return Ok(false);
        }
        let (stage, catalog) = self.shared.db.snapshot(|| self.shared.catalog.load_full())?;
        if !self.catalog.as_ref().is_some_and(|known| Arc::ptr_eq(known, &catalog)) {
            let last = last_seq(&stage.tx(None))?;
            // That may take long, and no moment of the store should be held so long.
            drop(stage);
            self.meet(&catalog, last);
            self.catalog = Some(catalog);
            return Ok(true);
        }
        self.follow(&stage.tx(None))
    }

    /// Compares the indexes with the collections there are.
    fn meet(&self, catalog: &Catalog, last: i64) {
        let collections = catalog.schema().all();
        let wanted: HashMap<&str, (&Collection, Arc<Recipe>)> = collections
            .iter()
            // Ids become names of folders; those of damaged imports might name other places.
            .filter(|collection| is_word(&collection.id))
            .filter_map(|c| Some((c.id.as_str(), (&**c, Arc::new(Recipe::of(c)?)))))
            .collect();
        let known: Vec<String> = self.shared.entries.read().keys().cloned().collect();
        for id in &known {
            if !wanted.contains_key(id.as_str()) {
                self.forget(id);
            }
        }
        if self.catalog.is_none()
            && let Err(error) = self.shared.folder.keep_only(&wanted.keys().copied().collect::<HashSet<_>>())
        {
            tracing::warn!(%error, "indexes of collections that are not searched cannot be removed");
        }
        for (id, (collection, recipe)) in wanted {
            // Opening may take long: checksums are verified.
            if self.shared.is_stopping() {
                return;
            }
            if self.shared.entries.read().contains_key(id) {
                self.meet_again(collection, recipe, last);
            } else {
                self.meet_first(collection, recipe, last);
            }
        }
    }

    /// A collection that is not searched any more.
    fn forget(&self, id: &str) {
        let entry = self.shared.entries.write().remove(id);
        if let Some(serving) = entry.and_then(|entry| entry.serving) {
            self.shared.writers.close_index(&serving.index);
        }
        if let Err(error) = self.shared.folder.remove(id) {
            tracing::warn!(%error, "the index of a collection that is not searched cannot be removed");
        }
    }

    fn meet_first(&self, collection: &Collection, recipe: Arc<Recipe>, last: i64) {
        let path = self.shared.folder.index(&collection.id);
        let serving = match Serving::open(&path, collection, &recipe, &self.shared.limits) {
            Ok(serving) => Some(serving),
            Err(OpenError::Missing) => None,
            Err(error) => {
                tracing::warn!(collection.name = %collection.name, %error, "a search index is made anew");
                None
            }
        };
        let is_right = serving.as_ref().is_some_and(|serving| serving.recipe.makes_the_same_as(&recipe));
        let entry = Entry::new(collection, recipe, serving, last);
        let mut entries = self.shared.entries.write();
        let entry = entries.entry(collection.id.clone()).insert_entry(entry).into_mut();
        if !is_right {
            self.shared.request_build(&collection.id, entry);
        }
    }

    fn meet_again(&self, collection: &Collection, recipe: Arc<Recipe>, last: i64) {
        let Some(serving) = self.shared.entries.read().get(&collection.id).map(|entry| entry.serving.clone()) else {
            return;
        };
        // What takes long is done while the entry is as it was.
        let serving = serving.and_then(|serving| self.renew(serving, collection, &recipe));
        let mut entries = self.shared.entries.write();
        let Some(entry) = entries.get_mut(&collection.id) else { return };
        let is_same = entry.wanted.makes_the_same_as(&recipe);
        entry.name.clone_from(&collection.name);
        entry.wanted = recipe;
        entry.serving = serving;
        if !entry.openness.is_of(collection) {
            entry.openness = Openness::of(collection);
            entry.careful_until = last;
        }
        if !is_same {
            self.shared.request_build(&collection.id, entry);
        }
    }

    /// The index as it goes on with the collection as it is now; none if it is another collection of the same id.
    fn renew(&self, mut serving: Serving, collection: &Collection, wanted: &Arc<Recipe>) -> Option<Serving> {
        if serving.recipe.created != wanted.created {
            self.shared.writers.close_index(&serving.index);
            return None;
        }
        if serving.recipe.makes_the_same_as(wanted) {
            if serving.recipe.spec != wanted.spec {
                // Weights are known to an index from when it was opened.
                self.shared.writers.close_index(&serving.index);
                match Index::open(serving.index.folder(), &wanted.spec, &self.shared.limits, Check::Doubtful) {
                    Ok(index) => serving.index = Arc::new(index),
                    Err(error) => {
                        tracing::warn!(%error, "a search index goes on with the weights of before");
                        serving.source = Arc::new(Source::new(collection, &serving.recipe));
                        return Some(serving);
                    }
                }
            }
            serving.recipe = Arc::clone(wanted);
            serving.options = Arc::new(wanted.options.clone());
        }
        serving.source = Arc::new(Source::new(collection, &serving.recipe));
        Some(serving)
    }

    /// Puts indexes in place that were made.
    fn install_built(&self) {
        let built = std::mem::take(&mut self.shared.work.lock().built);
        for built in built {
            let installed = catch_unwind(AssertUnwindSafe(|| self.install(&built)));
            let installed = installed.unwrap_or_else(|_| Err(OpenError::Corrupt("it panicked".to_owned())));
            if let Some(entry) = self.shared.entries.write().get_mut(&built.collection) {
                match installed {
                    Ok(Some(serving)) => {
                        entry.serving = Some(serving);
                        entry.retry = None;
                        entry.failed_builds = 0;
                        if matches!(entry.build, Build::Running { .. }) {
                            entry.build = Build::Idle;
                        }
                    }
                    // Another one is made already.
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(collection.name = %entry.name, %error, "a search index could not be put in place");
                        entry.fail_build(error.to_string());
                        // Its folder may be the other's by now: nothing may be written there.
                        if let Some(old) = &mut entry.serving {
                            old.is_left_behind = true;
                        }
                    }
                }
            }
            // Only now may the next one be begun, which changes the entry as well.
            self.shared.work.lock().installing.remove(&built.collection);
            self.shared.build.notify_one();
        }
    }

    /// Puts an index in place, unless another one is wanted by now.
    fn install(&self, built: &Built) -> Result<Option<Serving>, OpenError> {
        let known = {
            let entries = self.shared.entries.read();
            let entry = entries.get(&built.collection).filter(|entry| entry.wanted.makes_the_same_as(&built.recipe));
            entry.map(|entry| (Arc::clone(&entry.wanted), entry.serving.as_ref().map(|s| Arc::clone(&s.index))))
        };
        let collection = self.shared.catalog.load().schema().find_by_id(&built.collection).cloned();
        let (Some((wanted, old)), Some(collection)) = (known, collection) else {
            folder::remove(&self.shared.folder.building(&built.collection))?;
            return Ok(None);
        };
        // It goes on answering while its files go.
        if let Some(old) = old {
            self.shared.writers.close_index(&old);
        }
        self.shared.folder.replace(&built.collection)?;
        let path = self.shared.folder.index(&built.collection);
        let mut serving = Serving::open(&path, &collection, &wanted, &self.shared.limits)?;
        debug_assert_eq!(serving.position, built.seq);
        // It was made from this very feed.
        serving.unverified = None;
        Ok(Some(serving))
    }

    fn retry_builds(&self) {
        let now = Instant::now();
        let mut entries = self.shared.entries.write();
        for (id, entry) in entries.iter_mut() {
            if matches!(entry.build, Build::Failed { retry_at, .. } if retry_at <= now) {
                self.shared.request_build(id, entry);
            }
        }
    }

    /// Brings changes into the indexes, a page of them; says whether there are more.
    ///
    /// Those that are close to the end of the feed come first: one that has much to catch up does not hold them up.
    fn follow(&self, conn: &Connection) -> Result<bool, DbError> {
        let (last, following) = (last_seq(conn)?, self.following(conn)?);
        let waiting = following.into_iter().filter(|(_, serving)| serving.position < last);
        let (near, far): (Vec<_>, Vec<_>) = waiting.partition(|(_, serving)| serving.position + PAGE >= last);
        let page = if near.is_empty() { PAGE } else { LAGGARD_PAGE };
        let is_done = self.follow_page(conn, near, PAGE)? && self.follow_page(conn, far, page)?;
        Ok(!is_done && !self.shared.is_stopping())
    }

    /// Brings the next page of changes into these indexes; says whether that were all.
    fn follow_page(&self, conn: &Connection, indexes: Vec<(String, Serving)>, limit: i64) -> Result<bool, DbError> {
        let Some(from) = indexes.iter().map(|(_, serving)| serving.position).min() else { return Ok(true) };
        let changes = changes_after(conn, from, limit)?;
        let Some(until) = changes.last().map(|change| change.seq) else { return Ok(true) };
        let (mark, as_of) = (change_mark(conn, until)?, last_seq(conn)?);
        let by_collection = by_collection(&changes);
        for (id, serving) in indexes {
            if self.shared.is_stopping() {
                return Ok(false);
            }
            if serving.position >= until {
                continue;
            }
            let new = by_collection.get(id.as_str()).map_or(&[][..], Vec::as_slice);
            let mut seen = HashSet::new();
            let new = new.iter().filter(|change| change.seq > serving.position);
            let ids: Vec<&str> = new.map(|change| change.record.as_str()).filter(|id| seen.insert(*id)).collect();
            // Records are read as they are now, which is later than `until` if there are more changes.
            self.announce(&id, &serving, as_of);
            // Whatever is wrong with one collection stays with it.
            let applied = catch_unwind(AssertUnwindSafe(|| self.apply(conn, &serving, &ids, until, mark.as_deref())));
            self.note(&id, &serving, until, mark.as_ref(), applied.unwrap_or_else(|_| Err(ApplyError::Panic)));
            self.shared.report();
        }
        Ok(until >= as_of)
    }

    /// Indexes that can follow the feed now; those that cannot any more are made anew.
    fn following(&self, conn: &Connection) -> Result<Vec<(String, Serving)>, DbError> {
        let (last, oldest) = (last_seq(conn)?, oldest_seq(conn)?);
        let now = Instant::now();
        let candidates: Vec<(String, Serving)> = {
            let entries = self.shared.entries.read();
            let is_due = |entry: &Entry| entry.retry.as_ref().is_none_or(|retry| retry.at <= now);
            let due = entries.iter().filter(|(_, entry)| is_due(entry));
            let due = due.filter_map(|(id, entry)| Some((id.clone(), entry.serving.clone()?)));
            due.filter(|(_, serving)| !serving.is_left_behind).collect()
        };
        let mut following = Vec::new();
        for (id, mut serving) in candidates {
            let position = serving.position;
            let is_in_feed = match &serving.unverified {
                Some(position) => position.is_in_feed(conn)?,
                None => position == last || oldest.is_some_and(|oldest| oldest <= position + 1),
            };
            if is_in_feed && serving.unverified.is_none() {
                following.push((id, serving));
                continue;
            }
            let mut entries = self.shared.entries.write();
            let Some(entry) = entries.get_mut(&id) else { continue };
            let Some(known) = entry.serving.as_mut().filter(|s| Arc::ptr_eq(&s.index, &serving.index)) else {
                continue;
            };
            if is_in_feed {
                (known.unverified, serving.unverified) = (None, None);
                following.push((id, serving));
            } else {
                tracing::warn!(collection.name = %entry.name, "a search index is made anew: the change feed does not go on where it ends");
                known.is_left_behind = true;
                self.shared.request_build(&id, entry);
            }
        }
        Ok(following)
    }

    /// Notes how late texts are that are about to be committed.
    fn announce(&self, id: &str, served: &Serving, as_of: i64) {
        let mut entries = self.shared.entries.write();
        let serving = entries.get_mut(id).and_then(|entry| entry.serving.as_mut());
        if let Some(serving) = serving.filter(|serving| Arc::ptr_eq(&serving.index, &served.index)) {
            serving.as_of = as_of;
        }
    }

    fn apply(
        &self,
        conn: &Connection,
        serving: &Serving,
        ids: &[&str],
        until: i64,
        mark: Option<&str>,
    ) -> Result<(), ApplyError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut writer = self.shared.writers.open(&serving.index)?;
        let is_wanted = || !self.shared.is_stopping();
        apply(conn, &serving.source, &mut writer, ids.iter().copied(), is_wanted)?;
        Ok(writer.commit(until, mark)?)
    }

    /// Notes what became of an index.
    fn note(&self, id: &str, served: &Serving, until: i64, mark: Option<&String>, applied: Result<(), ApplyError>) {
        // The disk is written without the lock.
        let is_persisted = applied.is_ok() && persist(served, until, mark);
        let mut entries = self.shared.entries.write();
        let Some(entry) = entries.get_mut(id) else { return };
        let Some(serving) = entry.serving.as_mut().filter(|s| Arc::ptr_eq(&s.index, &served.index)) else { return };
        match applied {
            Ok(()) => {
                serving.position = until;
                entry.retry = None;
                if is_persisted {
                    serving.persisted = until;
                }
            }
            Err(ApplyError::Cancelled) => {}
            Err(error) => {
                tracing::warn!(collection.name = %entry.name, %error, "changes could not be written to a search index");
                let retry = Retry::after(entry.retry.as_ref(), error.to_string());
                let may_be_damage = matches!(error, ApplyError::Panic | ApplyError::Write(WriteError::Engine(_)));
                if may_be_damage && retry.failures >= DAMAGED_AFTER {
                    entry.retry = None;
                    serving.is_left_behind = true;
                    self.shared.request_build(id, entry);
                } else {
                    entry.retry = Some(retry);
                }
            }
        }
    }
}

/// Notes on disk how far an index has followed, if that is worth it; says whether it did.
fn persist(served: &Serving, until: i64, mark: Option<&String>) -> bool {
    let commit = served.index.applied_seq();
    if commit != until && until - served.persisted < PERSIST_EVERY {
        return false;
    }
    let written = write_position(served.index.folder(), commit, until, mark.cloned());
    if let Err(error) = &written {
        tracing::debug!(%error, "the position of a search index could not be noted");
    }
    written.is_ok()
}

fn by_collection(changes: &[Change]) -> HashMap<&str, Vec<&Change>> {
    let mut all: HashMap<&str, Vec<&Change>> = HashMap::new();
    for change in changes {
        all.entry(&change.collection).or_default().push(change);
    }
    all
}

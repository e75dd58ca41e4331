//! What is known of the index of one collection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::folder::{self, Position};
use super::source::{Recipe, Source};
use super::status::{IndexState, IndexStatus};
use crate::fulltext::{Check, Index, Limits, OpenError};
use crate::schema::{Collection, SearchOptions};

/// The index of a collection.
pub(super) struct Entry {
    pub(super) name: String,
    /// What an index of now is made of.
    pub(super) wanted: Arc<Recipe>,
    /// The index that answers, if there is one.
    pub(super) serving: Option<Serving>,
    pub(super) build: Build,
    /// Changes could not be written to it.
    pub(super) retry: Option<Retry>,
    /// How often in a row no index could be made.
    pub(super) failed_builds: u32,
    /// Who could see what when the entry was last compared with the collection.
    pub(super) openness: Openness,
    /// An index before this change may have texts of a time when fewer people were allowed to see them.
    pub(super) careful_until: i64,
}

/// What of a collection says who may see what of its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Openness {
    list_rule: Option<String>,
    /// Ids of hidden fields.
    hidden: Vec<String>,
}

impl Openness {
    pub(super) fn of(collection: &Collection) -> Self {
        Self { list_rule: collection.rules.list.clone(), hidden: hidden(collection).map(str::to_owned).collect() }
    }

    /// Whether it still is as it was.
    pub(super) fn is_of(&self, collection: &Collection) -> bool {
        self.list_rule == collection.rules.list && self.hidden.iter().map(String::as_str).eq(hidden(collection))
    }
}

fn hidden(collection: &Collection) -> impl Iterator<Item = &str> {
    collection.fields.iter().filter(|field| field.hidden).map(|field| field.id.as_str())
}

/// Something failed and is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Retry {
    pub(super) at: Instant,
    /// How often in a row it failed.
    pub(super) failures: u32,
    /// What was wrong the last time.
    pub(super) error: String,
}

impl Retry {
    /// After another failure.
    pub(super) fn after(former: Option<&Self>, error: String) -> Self {
        let failures = former.map_or(0, |former| former.failures).saturating_add(1);
        Self { at: Instant::now() + pause(WRITE_PAUSE, failures), failures, error }
    }
}

impl Entry {
    /// The entry of a collection as it is at change `last`.
    pub(super) fn new(collection: &Collection, wanted: Arc<Recipe>, serving: Option<Serving>, last: i64) -> Self {
        Self {
            name: collection.name.clone(),
            wanted,
            serving,
            build: Build::Idle,
            retry: None,
            failed_builds: 0,
            openness: Openness::of(collection),
            careful_until: last,
        }
    }

    /// How it is, but for what only the disk knows.
    pub(super) fn status(&self, collection_id: &str, last_seq: i64) -> IndexStatus {
        let seq = self.serving.as_ref().map_or(0, |serving| serving.position);
        let problem = self.retry.as_ref().map(|retry| retry.error.clone());
        IndexStatus {
            collection_id: collection_id.to_owned(),
            collection_name: self.name.clone(),
            state: match &self.build {
                Build::Idle => problem.map_or(IndexState::Ready, |error| IndexState::Failed { error }),
                Build::Waiting => IndexState::Building { done: 0, total: 0 },
                Build::Running { done, total } => IndexState::Building { done: *done, total: *total },
                Build::Failed { error, .. } => IndexState::Failed { error: error.clone() },
            },
            searchable: self.serving.is_some(),
            documents: 0,
            seq,
            lag: (last_seq - seq).max(0),
            bytes: 0,
        }
    }

    /// Notes that an index could not be made.
    pub(super) fn fail_build(&mut self, error: String) {
        self.failed_builds = self.failed_builds.saturating_add(1);
        self.build = Build::Failed { error, retry_at: Instant::now() + pause(BUILD_PAUSE, self.failed_builds) };
    }
}

/// Time after which a first failed write is tried again; it doubles with every other.
const WRITE_PAUSE: Duration = Duration::from_secs(1);

/// Time after which a first failed build is tried again; it doubles with every other.
const BUILD_PAUSE: Duration = Duration::from_secs(15);

/// The longest of these times.
const MAX_PAUSE: Duration = Duration::from_mins(10);

fn pause(first: Duration, failures: u32) -> Duration {
    (first * 2_u32.saturating_pow(failures.saturating_sub(1).min(16))).min(MAX_PAUSE)
}

/// An index that answers.
#[derive(Clone)]
pub(super) struct Serving {
    pub(super) index: Arc<Index>,
    pub(super) recipe: Arc<Recipe>,
    /// The recipe's.
    pub(super) options: Arc<SearchOptions>,
    pub(super) source: Arc<Source>,
    /// Every change up to this one is in it.
    pub(super) position: i64,
    /// What it holds may be as of this change, which is a later one if it follows in steps.
    pub(super) as_of: i64,
    /// The position as it was on disk, until it is known whether the feed goes on there.
    pub(super) unverified: Option<Position>,
    /// The position a new start would find on disk.
    pub(super) persisted: i64,
    /// Changes are missing that are not in the feed any more: it stays as it is until another one is made.
    pub(super) is_left_behind: bool,
}

/// Whether an index is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Build {
    /// No.
    Idle,
    /// It will be.
    Waiting,
    /// It is: how many records are done, of how many.
    Running { done: u64, total: u64 },
    /// That failed; it is tried again.
    Failed { error: String, retry_at: Instant },
}

impl Serving {
    /// Opens the index that is in a folder. One that was made for other settings is opened as well, as long as it is of the
    /// same collection.
    pub(super) fn open(
        path: &std::path::Path,
        collection: &Collection,
        wanted: &Arc<Recipe>,
        limits: &Limits,
    ) -> Result<Self, OpenError> {
        if !path.try_exists()? {
            return Err(OpenError::Missing);
        }
        let recipe = folder::read_recipe(path).ok_or(OpenError::Outdated)?;
        if recipe.created != wanted.created {
            return Err(OpenError::Outdated);
        }
        let recipe = if recipe.makes_the_same_as(wanted) { Arc::clone(wanted) } else { Arc::new(recipe) };
        let index = Index::open(path, &recipe.spec, limits, Check::Doubtful)?;
        let position = folder::read_position(&index);
        Ok(Self {
            index: Arc::new(index),
            source: Arc::new(Source::new(collection, &recipe)),
            options: Arc::new(recipe.options.clone()),
            recipe,
            position: position.followed,
            persisted: position.followed,
            as_of: position.followed,
            unverified: Some(position),
            is_left_behind: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound() {
        let seconds: Vec<u64> = [1, 2, 3, 10, 11, u32::MAX].iter().map(|n| pause(WRITE_PAUSE, *n).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 512, 600, 600]);
    }
}

//! What is known of the index of one collection.

use std::sync::Arc;
use std::time::Instant;

use super::folder::{self, Position};
use super::source::{Recipe, Source};
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
    /// When to try again to write, after that failed, and how often it did.
    pub(super) retry: Option<(Instant, u32)>,
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
        let position = folder::read_position(path, index.applied_seq());
        Ok(Self {
            index: Arc::new(index),
            source: Arc::new(Source::new(collection, &recipe)),
            options: Arc::new(recipe.options.clone()),
            recipe,
            position: position.followed,
            persisted: position.followed,
            unverified: Some(position),
            is_left_behind: false,
        })
    }
}

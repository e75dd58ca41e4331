//! Looking at the indexes of a data folder that nobody serves.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use rusqlite::Connection;

use super::folder::{self, Folder};
use super::source::{Recipe, Source};
use super::status::{IndexState, IndexStatus};
use crate::db::{DbError, changed_records, last_seq};
use crate::fulltext::{Check, Index, Limits, OpenError, is_valid_id};
use crate::schema::{Collection, is_word};

/// Records read at a time.
const PAGE_RECORDS: usize = 1000;

/// An index compared with its table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Records of the table.
    pub records: u64,
    /// Documents of the index.
    pub documents: u64,
    /// Records that were changed since the index was last written to: the next start brings them in.
    pub pending: u64,
    /// Records that are not in the index, although they should be.
    pub missing: Vec<String>,
    /// Documents of records that are gone.
    pub left_over: Vec<String>,
    /// Records that are in it several times.
    pub repeated: Vec<String>,
    /// Records of which it says something else.
    pub outdated: Vec<String>,
}

impl Comparison {
    /// Whether the index is right, up to what is pending.
    pub fn is_right(&self) -> bool {
        [&self.missing, &self.left_over, &self.repeated, &self.outdated].iter().all(|ids| ids.is_empty())
    }
}

/// How the index of a collection is on disk. One that the next start makes anew has failed.
///
/// # Errors
/// Only if the store fails.
pub fn examine(data: &Path, conn: &Connection, collection: &Collection) -> Result<IndexStatus, DbError> {
    let last = last_seq(conn)?;
    let mut status = IndexStatus {
        collection_id: collection.id.clone(),
        collection_name: collection.name.clone(),
        state: IndexState::Ready,
        searchable: false,
        documents: 0,
        seq: 0,
        lag: last,
        bytes: 0,
    };
    match open(data, conn, collection, Check::Doubtful)? {
        Ok((index, _, position)) => {
            status.searchable = true;
            status.documents = index.snapshot().count_documents();
            status.seq = position;
            status.lag = (last - position).max(0);
            status.bytes = index.size().unwrap_or(0);
        }
        Err(error) => status.state = IndexState::Failed { error },
    }
    Ok(status)
}

/// Compares the index of a collection with its records: all ids and what each record said, after all checksums. The inner error says why there is
/// nothing to compare.
///
/// # Errors
/// Only if the store fails.
pub fn compare(data: &Path, conn: &Connection, collection: &Collection) -> Result<Result<Comparison, String>, DbError> {
    let (index, recipe, position) = match open(data, conn, collection, Check::Full)? {
        Ok(opened) => opened,
        Err(reason) => return Ok(Err(reason)),
    };
    let pending: HashSet<String> =
        changed_records(conn, position, &collection.id)?.into_iter().map(|change| change.record).collect();
    let mut comparison = Comparison { pending: pending.len() as u64, ..Comparison::default() };
    let mut indexed = HashMap::new();
    let read = index.snapshot().for_each_document(|id, fingerprint| {
        comparison.documents += 1;
        if indexed.insert(id.to_owned(), fingerprint).is_some() {
            comparison.repeated.push(id.to_owned());
        }
    });
    if let Err(error) = read {
        return Ok(Err(error.to_string()));
    }
    let source = Source::new(collection, &recipe);
    let (mut cursor, mut has_more) = (Vec::new(), true);
    while has_more {
        (_, has_more) = source.read_after(conn, &mut cursor, PAGE_RECORDS, |document| {
            comparison.records += 1;
            let found = indexed.remove(&document.id);
            if pending.contains(&document.id) || !is_valid_id(&document.id) {
                return Ok(true);
            }
            match found {
                None => comparison.missing.push(document.id),
                Some(found) if found != document.fingerprint() => comparison.outdated.push(document.id),
                Some(_) => {}
            }
            Ok::<_, DbError>(true)
        })?;
    }
    comparison.left_over = indexed.into_keys().filter(|id| !pending.contains(id)).collect();
    comparison.left_over.sort_unstable();
    Ok(Ok(comparison))
}

/// The index a start would go on with, and the last change it knows; or why the next start makes another one.
fn open(
    data: &Path,
    conn: &Connection,
    collection: &Collection,
    check: Check,
) -> Result<Result<(Index, Recipe, i64), String>, DbError> {
    let Some(wanted) = Recipe::of(collection).filter(|_| is_word(&collection.id)) else {
        return Ok(Err("search is not switched on".to_owned()));
    };
    let path = Folder::of(data).index(&collection.id);
    let is_same = folder::read_recipe(&path).is_some_and(|recipe| recipe.makes_the_same_as(&wanted));
    let opened = match Index::open(&path, &wanted.spec, &Limits::default(), check) {
        Ok(_) if !is_same => Err(OpenError::Outdated),
        other => other,
    };
    let index = match opened {
        Ok(index) => index,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let position = folder::read_position(&index);
    if !position.is_in_feed(conn)? {
        return Ok(Err("the change feed does not go on where the index ends".to_owned()));
    }
    Ok(Ok((index, wanted, position.followed)))
}

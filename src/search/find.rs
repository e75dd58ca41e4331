//! Finding records of one collection: the index names candidates, SQLite says which of them the caller may list.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rusqlite::params_from_iter;

use super::sight::{Facet, Sight};
use super::{SearchFailure, Searchable};
use crate::db::{ReadTx, has_other_deletions_after, last_seq, oldest_seq};
use crate::fulltext::{Answer, FacetCounts, Highlighter, Hit, Matching, Question, Request, WordsNeeded};
use crate::query::{Plan, Selection};
use crate::records::RecordError;

/// Most of the best matches that are looked at. Pages end there, and where rule, filter or sort ask SQLite about each of
/// them, so does counting.
pub const MAX_CANDIDATES: usize = 10_000;

/// With fewer records than this that the caller may list, the question is taken more liberally.
const FEW: u64 = 3;

/// A question to one collection.
pub(super) struct Finder<'a> {
    pub(super) plan: &'a Plan,
    pub(super) index: &'a Searchable,
    pub(super) sight: &'a Sight,
    pub(super) question: Question,
    pub(super) facets: &'a [Facet],
    pub(super) deadline: Instant,
    /// How many of the best are needed; more are looked at if it takes that.
    pub(super) best: usize,
}

/// What was found: only records that the caller may list.
pub(super) struct Found {
    /// The best, best first.
    pub(super) hits: Vec<FoundRecord>,
    /// How many there are.
    pub(super) total: u64,
    /// Whether there may be more than were counted.
    pub(super) is_capped: bool,
    /// For each facet asked for.
    pub(super) facets: Vec<FacetCounts>,
    pub(super) highlighter: Highlighter,
}

/// A record that was found.
#[derive(Debug, Clone)]
pub(super) struct FoundRecord {
    pub(super) id: String,
    pub(super) score: f32,
}

/// The ways of taking a question, from the strict one to the most liberal one.
pub(super) fn ways(index: &Searchable, text: &str) -> Vec<Matching> {
    let (prefix, typos) = (index.options.prefix, index.options.typos);
    let strict = Matching { words: WordsNeeded::All, prefix, typos: false };
    let mut ways = vec![strict];
    if typos {
        ways.push(Matching { typos, ..strict });
    }
    // A text without spaces may still be several words, in scripts that have none.
    if text.trim().contains(char::is_whitespace) || !text.is_ascii() {
        ways.push(Matching { words: WordsNeeded::Most, typos, ..strict });
    }
    ways
}

/// Whether so few were found that the question is taken more liberally. Only what the caller may list counts: what is found
/// must not depend on what is hidden.
pub(super) fn is_few(total: u64) -> bool {
    total < FEW
}

/// Time that is left.
///
/// # Errors
/// [`SearchFailure::TooSlow`] if there is none.
pub(super) fn time_left(deadline: Instant) -> Result<Duration, SearchFailure> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(SearchFailure::TooSlow) } else { Ok(left) }
}

impl Found {
    /// Puts what was found in a stricter way before what was found in this one: it matches better, whatever its score is by
    /// now. Scores go on falling from there.
    pub(super) fn behind(mut self, stricter: Self) -> Self {
        let Some(last) = stricter.hits.last().map(|hit| hit.score) else { return self };
        let kept: HashSet<&str> = stricter.hits.iter().map(|hit| hit.id.as_str()).collect();
        self.hits.retain(|hit| !kept.contains(hit.id.as_str()));
        let factor = self.hits.first().map_or(1.0, |best| if best.score > last { last / best.score } else { 1.0 });
        self.hits.iter_mut().for_each(|hit| hit.score *= factor);
        self.hits.splice(0..0, stricter.hits);
        self
    }
}

impl Finder<'_> {
    /// Finds, more and more liberally until there are more than a few.
    pub(super) fn find(
        &self,
        tx: &ReadTx<'_>,
        selection: &mut Selection<'_>,
        text: &str,
    ) -> Result<Found, SearchFailure> {
        let ways = ways(self.index, text);
        let mut found = self.find_as(tx, selection, ways[0])?;
        for way in &ways[1..] {
            if !is_few(found.total) {
                break;
            }
            found = self.find_as(tx, selection, *way)?.behind(found);
        }
        Ok(found)
    }

    /// Finds, with the question taken in one way.
    pub(super) fn find_as(
        &self,
        tx: &ReadTx<'_>,
        selection: &mut Selection<'_>,
        matching: Matching,
    ) -> Result<Found, SearchFailure> {
        let is_open = selection.is_unconditional() && !selection.is_sorted() && self.mirrors(tx)?;
        let positions: Vec<usize> = self.facets.iter().map(|facet| facet.position).collect();
        let answer = self.index.snapshot.find(&Request {
            question: &self.question,
            fields: self.sight.may_match(),
            matching,
            best: if is_open { self.best.min(MAX_CANDIDATES) } else { MAX_CANDIDATES },
            facets: if is_open { &positions } else { &[] },
            deadline: Some(self.deadline),
        })?;
        if answer.is_cut {
            return Err(SearchFailure::TooSlow);
        }
        tx.limit_time(time_left(self.deadline)?);
        if is_open {
            let hits = answer.best.iter().map(|hit| self.record(*hit)).collect();
            let Answer { total, facets, highlighter, .. } = answer;
            return Ok(Found { hits, total, is_capped: false, facets, highlighter });
        }
        self.permit(tx, selection, answer, &positions)
    }

    fn record(&self, hit: Hit) -> FoundRecord {
        FoundRecord { id: self.index.snapshot.id(hit.document), score: hit.score }
    }

    /// Keeps the candidates that the selection lists.
    fn permit(
        &self,
        tx: &ReadTx<'_>,
        selection: &mut Selection<'_>,
        answer: Answer,
        facets: &[usize],
    ) -> Result<Found, SearchFailure> {
        let ids: Vec<String> = answer.best.iter().map(|hit| self.index.snapshot.id(hit.document)).collect();
        selection.keep_only(&ids);
        let statement = selection.select_kept();
        let mut places = Vec::new();
        if !ids.is_empty() {
            let mut query = tx.prepare_cached(&statement.sql).map_err(RecordError::of_statement)?;
            let mut rows = query.query(params_from_iter(&statement.values)).map_err(RecordError::of_statement)?;
            while let Some(row) = rows.next().map_err(RecordError::of_statement)? {
                places.push(usize::try_from(row.get::<_, i64>(0)?).unwrap_or(usize::MAX));
            }
        }
        // By rank.
        places.sort_unstable();
        places.dedup();
        let permitted: Vec<(usize, Hit)> =
            places.into_iter().filter_map(|place| Some((place, *answer.best.get(place)?))).collect();
        let documents: Vec<_> = permitted.iter().map(|(_, hit)| hit.document).collect();
        let counts = self.index.snapshot.count_facets(&documents, facets, Some(self.deadline))?;
        let hits = permitted.iter().map(|(place, hit)| FoundRecord { id: ids[*place].clone(), score: hit.score });
        Ok(Found {
            hits: hits.collect(),
            total: documents.len() as u64,
            is_capped: answer.total > answer.best.len() as u64,
            facets: counts.ok_or(SearchFailure::TooSlow)?,
            highlighter: answer.highlighter,
        })
    }

    /// Whether the index has exactly the records that this read sees. It may be behind, and the read may be behind it.
    fn mirrors(&self, tx: &ReadTx<'_>) -> Result<bool, SearchFailure> {
        let last = last_seq(tx)?;
        let position = self.index.position;
        if position.max(self.index.snapshot.seq()) > last {
            return Ok(false);
        }
        if position == last {
            return Ok(true);
        }
        if oldest_seq(tx)?.is_none_or(|oldest| oldest > position + 1) {
            return Ok(false);
        }
        Ok(!has_other_deletions_after(tx, position, &self.plan.collection().id, "")?)
    }
}

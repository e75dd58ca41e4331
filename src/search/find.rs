//! Finding records of one collection: the index names candidates, SQLite says which of them the caller may list.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::sight::{Facet, Sight};
use super::standing::Standing;
use super::{Indexes, SearchFailure, Searchable};
use crate::db::ReadTx;
use crate::fulltext::{Answer, FacetCounts, Highlighter, Hit, Matching, Question, Request, WordsNeeded};
use crate::query::{Plan, Selection};

/// Pages end at this many of the best records; where rule, filter or sort ask SQLite about each candidate, so does counting.
pub const MAX_FOUND: usize = 10_000;

/// With fewer records than this that the caller may list, the question is taken more liberally.
pub(super) const FEW: usize = 3;

/// A question to one collection.
pub(super) struct Finder<'a> {
    pub(super) indexes: &'a Indexes,
    pub(super) plan: &'a Plan,
    pub(super) index: &'a Searchable,
    pub(super) sight: &'a Sight,
    pub(super) standing: &'a Standing,
    pub(super) question: Question,
    pub(super) facets: &'a [Facet],
    pub(super) time: SearchTime,
    /// How many of the best are needed.
    pub(super) best: usize,
    /// How many are to be counted at least, if there are so many.
    pub(super) counted: usize,
}

/// How long a search may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct SearchTime {
    begun: Instant,
    /// When it has failed.
    pub(super) deadline: Instant,
}

impl SearchTime {
    /// From now on.
    pub(super) fn of(patience: Duration) -> Self {
        let begun = Instant::now();
        Self { begun, deadline: begun + patience }
    }

    /// What is left, in parts of which this is one.
    pub(super) fn share(self, parts: usize) -> Self {
        let parts = u32::try_from(parts.max(1)).unwrap_or(u32::MAX);
        Self::of(self.deadline.saturating_duration_since(Instant::now()) / parts)
    }

    /// When to stop looking for more and answer with what is there: what was found still has to be read, and before that
    /// sorted, which takes another look at each record.
    pub(super) fn looking_ends(self, is_sorted: bool) -> Instant {
        let patience = self.deadline.saturating_duration_since(self.begun);
        self.begun + if is_sorted { patience / 3 } else { patience * 3 / 5 }
    }

    /// What is left.
    ///
    /// # Errors
    /// [`SearchFailure::TooSlow`] if nothing is.
    pub(super) fn left(self) -> Result<Duration, SearchFailure> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(SearchFailure::TooSlow) } else { Ok(left) }
    }
}

/// What was found: only records that the caller may list.
pub(super) struct Found {
    /// The best, best first.
    pub(super) hits: Vec<FoundRecord>,
    /// How many there are.
    pub(super) total: u64,
    /// Whether there may be more than were counted.
    pub(super) is_capped: bool,
    /// Whether time was up before enough candidates were looked at.
    pub(super) is_cut: bool,
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
/// must not depend on what is hidden. There may be more where not all was looked at.
pub(super) fn are_few<'f>(found: impl IntoIterator<Item = &'f Found>) -> bool {
    let mut total = 0;
    for found in found {
        if found.is_cut {
            return false;
        }
        total += found.total;
    }
    total < FEW as u64
}

impl Found {
    /// What a score is divided by if it is not to tell how frequent words are in records that the caller may not list: with
    /// the best record's it tells how the others do beside it.
    pub(super) fn best_score(&self) -> f32 {
        self.hits.first().map(|hit| hit.score).filter(|score| *score > 0.0).unwrap_or(1.0)
    }

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
            if !are_few([&found]) {
                break;
            }
            found = match self.find_as(tx, selection, *way) {
                Ok(more) => more.behind(found),
                // What was found strictly is an answer.
                Err(SearchFailure::TooSlow) if self.time.left().is_ok() => break,
                Err(error) => return Err(error),
            };
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
        if !selection.is_unconditional() || selection.is_sorted() || !self.standing.mirrors() {
            return self.find_listed(tx, selection, matching);
        }
        let answer = self.ask(matching, self.best.min(MAX_FOUND), &self.facet_positions())?;
        if answer.is_cut {
            return Err(SearchFailure::TooSlow);
        }
        tx.limit_time(self.time.left()?);
        let record = |hit: &Hit| FoundRecord { id: self.index.snapshot.id(hit.document), score: hit.score };
        let hits = answer.best.iter().map(record).collect();
        let Answer { total, facets, highlighter, .. } = answer;
        Ok(Found { hits, total, is_capped: false, is_cut: false, facets, highlighter })
    }

    /// Asks the index.
    pub(super) fn ask(&self, matching: Matching, best: usize, facets: &[usize]) -> Result<Answer, SearchFailure> {
        let is_liberal = matching.typos || matching.words == WordsNeeded::Most;
        let deadline = if is_liberal { self.time.looking_ends(false) } else { self.time.deadline };
        let answer = self.index.snapshot.find(&Request {
            question: &self.question,
            fields: self.sight.may_match(),
            matching,
            best,
            facets,
            deadline: Some(deadline),
        });
        answer.map_err(|error| SearchFailure::of_index(error, self.indexes, self.plan))
    }

    pub(super) fn facet_positions(&self) -> Vec<usize> {
        self.facets.iter().map(|facet| facet.position).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_shared_and_ends() {
        let time = SearchTime::of(Duration::from_hours(1));
        assert!(time.left().is_ok() && time.share(4).deadline < time.deadline);
        assert!(time.looking_ends(true) < time.looking_ends(false) && time.looking_ends(false) < time.deadline);
        let over = SearchTime::of(Duration::ZERO);
        assert!(matches!(over.left(), Err(SearchFailure::TooSlow)));
        assert!(matches!(over.share(3).left(), Err(SearchFailure::TooSlow)));
    }
}

//! Which candidates the caller may list: asked of SQLite in batches, in the order of their rank, until there are enough.

use std::time::{Duration, Instant};

use rusqlite::params_from_iter;

use super::SearchFailure;
use super::find::{Finder, Found, FoundRecord, MAX_FOUND};
use crate::db::ReadTx;
use crate::fulltext::{DocumentRef, Hit, Matching};
use crate::query::Selection;
use crate::records::RecordError;

/// Most records that are put in another order than the index's; there, all that match count.
pub const MAX_SORTED: usize = 100_000;

/// Most candidates that are looked at, whatever the time.
const MAX_CANDIDATES: usize = 500_000;

/// Fewest candidates of a statement: with fewer, compiling it would take the most.
const MIN_BATCH: usize = 100;

/// Candidates of the first statement: how long a rule takes is not known before.
const FIRST_BATCH: usize = 1000;

/// How much greater each batch is than the one before, from [`MAX_FOUND`] on. Sets that a rule needs are made for each batch
/// anew, and so is the order of the index.
const GROWTH: usize = 4;

/// The candidates that are listed, best first.
#[derive(Default)]
struct Listed {
    records: Vec<FoundRecord>,
    documents: Vec<DocumentRef>,
}

impl Finder<'_> {
    /// Finds, with the question taken in one way, what the selection lists.
    pub(super) fn find_listed(
        &self,
        tx: &ReadTx<'_>,
        selection: &mut Selection<'_>,
        matching: Matching,
    ) -> Result<Found, SearchFailure> {
        let wanted = if selection.is_sorted() { MAX_SORTED } else { self.counted.max(self.best).min(MAX_FOUND) };
        let looking_ends = self.time.looking_ends(selection.is_sorted());
        let mut batch = wanted.clamp(MIN_BATCH, FIRST_BATCH);
        let mut answer = self.ask(matching, wanted.clamp(MIN_BATCH, MAX_FOUND), &[])?;
        if answer.is_cut {
            return Err(SearchFailure::TooSlow);
        }
        let (mut listed, mut looked) = (Listed::default(), 0);
        let mut is_cut = false;
        loop {
            let begun = Instant::now();
            let until = (looked + batch).min(answer.best.len());
            let ends = if looked == 0 { self.time.deadline } else { looking_ends };
            match self.look(tx, selection, &answer.best[looked..until], &mut listed, ends) {
                Ok(()) => {}
                Err(error) if looked > 0 && error.is_out_of_time() && self.time.left().is_ok() => {
                    is_cut = true;
                    break;
                }
                Err(error) => return Err(error),
            }
            let took = begun.elapsed();
            batch = batch_within(looking_ends.saturating_duration_since(Instant::now()), took, until - looked, batch);
            looked = until;
            if looked as u64 >= answer.total || listed.records.len() >= wanted {
                break;
            }
            batch = batch.min(MAX_CANDIDATES.saturating_sub(looked));
            if batch < MIN_BATCH {
                is_cut = true;
                break;
            }
            if looked + batch > answer.best.len() {
                // The order is the same: it goes on where it ended.
                let more = self.ask(matching, looked + batch, &[])?;
                if more.is_cut || more.best.len() <= looked {
                    is_cut = true;
                    break;
                }
                answer = more;
            }
        }
        let is_capped = (looked as u64) < answer.total || listed.records.len() > wanted;
        let Listed { records: mut hits, mut documents } = listed;
        hits.truncate(wanted);
        documents.truncate(wanted);
        let facets = self.index.snapshot.count_facets(&documents, &self.facet_positions(), Some(self.time.deadline));
        let facets = facets.map_err(|error| SearchFailure::of_index(error, self.indexes, self.plan))?;
        let facets = facets.ok_or(SearchFailure::TooSlow)?;
        Ok(Found { total: hits.len() as u64, hits, is_capped, is_cut, facets, highlighter: answer.highlighter })
    }

    /// Adds those of some candidates that are listed; that has to be done when `ends` comes.
    fn look(
        &self,
        tx: &ReadTx<'_>,
        selection: &mut Selection<'_>,
        candidates: &[Hit],
        listed: &mut Listed,
        ends: Instant,
    ) -> Result<(), SearchFailure> {
        let named = candidates.iter().map(|hit| (self.index.snapshot.id(hit.document), *hit));
        let (mut ids, hits): (Vec<String>, Vec<Hit>) = named.filter(|(id, _)| self.standing.admits(id)).unzip();
        if ids.is_empty() {
            return Ok(());
        }
        selection.keep_only(&ids);
        let statement = selection.select_kept();
        let left = self.time.left()?.min(ends.saturating_duration_since(Instant::now()));
        let places = tx.within(left, || {
            let mut query = tx.prepare_cached(&statement.sql)?;
            let rows = query.query_map(params_from_iter(&statement.values), |row| row.get::<_, i64>(0))?;
            rows.map(|place| Ok(usize::try_from(place?).unwrap_or(usize::MAX))).collect::<Result<Vec<_>, _>>()
        });
        let mut places = places.map_err(RecordError::of_statement)?;
        // By rank.
        places.sort_unstable();
        places.dedup();
        for place in places {
            if let (Some(id), Some(hit)) = (ids.get_mut(place), hits.get(place)) {
                listed.records.push(FoundRecord { id: std::mem::take(id), score: hit.score });
                listed.documents.push(hit.document);
            }
        }
        Ok(())
    }
}

/// How many candidates the next batch may have, so that it is done in time.
fn batch_within(time: Duration, took: Duration, looked: usize, batch: usize) -> usize {
    let most = if batch < MAX_FOUND { MAX_FOUND } else { batch.saturating_mul(GROWTH) };
    let each = took.as_nanos() / (looked.max(1) as u128);
    time.as_nanos().checked_div(each).map_or(most, |fitting| usize::try_from(fitting).unwrap_or(most).min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_as_long_as_there_is_time() {
        let (second, milli) = (Duration::from_secs(1), Duration::from_millis(1));
        assert_eq!(batch_within(second, milli, 100, 100), MAX_FOUND);
        assert_eq!(batch_within(second, Duration::ZERO, 100, 100), MAX_FOUND);
        assert_eq!(batch_within(second, milli, MAX_FOUND, MAX_FOUND), MAX_FOUND * GROWTH);
        assert_eq!(batch_within(milli, milli, 100, 100), 100);
        assert_eq!(batch_within(milli, second, 100, 100), 0);
        assert_eq!(batch_within(Duration::ZERO, milli, 100, 100), 0);
    }
}

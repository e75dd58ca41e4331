//! Goes through the documents that match: counts all, keeps the best.

use std::cmp::Ordering;
use std::time::Instant;

use tantivy::columnar::Column;
use tantivy::query::Weight;
use tantivy::{DocAddress, DocId, Score, SegmentReader, TERMINATED};

use super::SearchError;
use super::facets::{SegmentTally, Tally};
use super::ids::{self, Key};
use super::layout::ID_COLUMN;

/// After how many documents the clock is looked at: some ten microseconds.
const DOCUMENTS_PER_LOOK: u64 = 1024;

/// A document that may be among the best.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) score: Score,
    key: Key,
    pub(super) address: DocAddress,
}

impl Candidate {
    /// Better documents come first: by score, then by id, so that the order is the same whenever one asks.
    fn order(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.key.cmp(&other.key)).then(self.address.cmp(&other.address))
    }
}

/// The best of all documents offered, in memory for twice as many.
struct Best {
    wanted: usize,
    candidates: Vec<Candidate>,
    /// What a document has to reach to matter.
    threshold: Score,
}

impl Best {
    fn new(wanted: usize) -> Self {
        Self { wanted, candidates: Vec::new(), threshold: Score::NEG_INFINITY }
    }

    #[inline]
    fn offer(&mut self, score: Score, column: &Column<u64>, address: DocAddress) {
        if score < self.threshold || self.wanted == 0 {
            return;
        }
        self.candidates.push(Candidate { score, key: ids::key(column, address.doc_id), address });
        if self.candidates.len() >= self.wanted.saturating_mul(2) {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.candidates.len() > self.wanted {
            let (_, last, _) = self.candidates.select_nth_unstable_by(self.wanted - 1, Candidate::order);
            self.threshold = last.score;
            self.candidates.truncate(self.wanted);
        }
    }

    fn finish(mut self) -> Vec<Candidate> {
        self.shrink();
        self.candidates.sort_unstable_by(Candidate::order);
        self.candidates
    }
}

/// What one pass through the matching documents yields.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) total: u64,
    pub(super) best: Vec<Candidate>,
    pub(super) is_cut: bool,
}

/// Whether time is up. `None` is for ever.
pub(super) fn is_over(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// One pass through the documents that match in all segments.
pub(super) fn collect(
    readers: &[SegmentReader],
    weight: &dyn Weight,
    wanted: usize,
    tallies: &mut [Tally],
    deadline: Option<Instant>,
) -> Result<Collected, SearchError> {
    let mut best = Best::new(wanted);
    let mut total = 0;
    let mut is_cut = false;
    for (segment, reader) in (0..).zip(readers) {
        if is_over(deadline) {
            is_cut = true;
            break;
        }
        let column = id_column(reader)?;
        let mut counts = tallies.iter().map(|t| t.segment(reader)).collect::<Result<Vec<SegmentTally>, _>>()?;
        let alive = reader.alive_bitset();
        let mut scorer = weight.scorer(reader, 1.0)?;
        let mut doc: DocId = scorer.doc();
        let mut seen = 0;
        while doc != TERMINATED {
            if alive.is_none_or(|alive| alive.is_alive(doc)) {
                total += 1;
                if wanted > 0 {
                    best.offer(scorer.score(), &column, DocAddress::new(segment, doc));
                }
                for count in &mut counts {
                    count.count(doc);
                }
            }
            seen += 1;
            if seen % DOCUMENTS_PER_LOOK == 0 && is_over(deadline) {
                is_cut = true;
                break;
            }
            doc = scorer.advance();
        }
        for (tally, count) in tallies.iter_mut().zip(counts) {
            tally.add(count)?;
        }
    }
    Ok(Collected { total, best: best.finish(), is_cut })
}

/// The column of ids.
pub(super) fn id_column(reader: &SegmentReader) -> Result<Column<u64>, SearchError> {
    Ok(reader.fast_fields().u64(ID_COLUMN)?)
}

//! What must not be there, asked about one document after the other.
//!
//! The engine asks what is excluded about each document that is wanted, also about those before the place where the excluded
//! one stands. Its phrases do not expect that: they may only be asked about documents at or after their place, which is past
//! all documents if the phrase is nowhere. So what is excluded is asked through [`Excluded`], which answers such questions
//! by itself.

use std::sync::Arc;

use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SeekDangerResult, SegmentReader, TERMINATED, Term};

/// A query that may be asked about documents before its place.
#[derive(Clone, Debug)]
pub(super) struct Excluded(Arc<dyn Query>);

impl Excluded {
    pub(super) fn boxed(query: Box<dyn Query>) -> Box<dyn Query> {
        Box::new(Self(query.into()))
    }
}

impl Query for Excluded {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(ExcludedWeight(self.0.weight(scoring)?)))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.0.query_terms(visitor);
    }
}

struct ExcludedWeight(Box<dyn Weight>);

impl Weight for ExcludedWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inner = self.0.scorer(reader, boost)?;
        let place = inner.doc();
        if place == TERMINATED {
            return Ok(Box::new(EmptyScorer));
        }
        Ok(Box::new(ExcludedScorer { inner, place }))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.0.explain(reader, doc)
    }
}

struct ExcludedScorer {
    inner: Box<dyn Scorer>,
    /// No document before this one is among those not asked about yet.
    place: DocId,
}

impl DocSet for ExcludedScorer {
    fn advance(&mut self) -> DocId {
        self.place = self.inner.advance();
        self.place
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.place < target {
            self.place = self.inner.seek(target);
        }
        self.place
    }

    fn seek_danger(&mut self, target: DocId) -> SeekDangerResult {
        if target < self.place {
            return SeekDangerResult::SeekLowerBound(self.place);
        }
        let result = self.inner.seek_danger(target);
        self.place = match result {
            SeekDangerResult::Found => target,
            SeekDangerResult::SeekLowerBound(place) => place,
        };
        result
    }

    fn doc(&self) -> DocId {
        self.inner.doc()
    }

    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }

    fn cost(&self) -> u64 {
        self.inner.cost()
    }
}

impl Scorer for ExcludedScorer {
    fn score(&mut self) -> Score {
        self.inner.score()
    }
}

//! An index as it was at one commit, and questions to it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use tantivy::columnar::Column;
use tantivy::query::{EnableScoring, Query};
use tantivy::{DocAddress, Searcher, Term};

use super::collect::{Collected, collect, id_column, is_over};
use super::compile::compile;
use super::facets::Tally;
use super::highlight::Highlighter;
use super::index::{Shared, guarded};
use super::layout::FINGERPRINT_COLUMN;
use super::statistics::Statistics;
use super::{FacetCounts, FieldSet, IndexSpec, MAX_FACETS, Question, SearchError, ids};

/// How many of the typed words a document must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordsNeeded {
    /// All of them.
    All,
    /// All but one of two to four, two thirds of more. Characters of scripts without spaces may stand apart.
    Most,
}

/// How a question is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matching {
    /// How many of the words a document must have.
    pub words: WordsNeeded,
    /// Whether the last word, if nothing follows it, may be the beginning of one.
    pub prefix: bool,
    /// Whether words may be mistyped: one letter from four letters on, two from eight.
    pub typos: bool,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// What was typed.
    pub question: &'a Question,
    /// The fields that may match.
    pub fields: &'a FieldSet,
    /// How the question is taken.
    pub matching: Matching,
    /// How many of the best hits are wanted.
    pub best: usize,
    /// Positions of the facets to count among all hits: the first [`MAX_FACETS`] of them.
    pub facets: &'a [usize],
    /// When to stop and answer with what was found by then. The clock is looked at between documents that match and between
    /// words that may stand for a typed one, not while the engine looks for the next document.
    pub deadline: Option<Instant>,
}

/// A document of a snapshot. It means nothing to another snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentRef(DocAddress);

#[cfg(test)]
impl DocumentRef {
    pub(super) fn of(address: DocAddress) -> Self {
        Self(address)
    }
}

/// A document that matches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The document.
    pub document: DocumentRef,
    /// How well it matches; comparable within one answer.
    pub score: f32,
}

/// What was found.
pub struct Answer {
    /// How many documents match: all were counted, unless the answer was cut.
    pub total: u64,
    /// The best, best first; among equals by id.
    pub best: Vec<Hit>,
    /// For each facet asked for, its values among all hits.
    pub facets: Vec<FacetCounts>,
    /// Whether the time was up before all was looked at.
    pub is_cut: bool,
    /// Shows in texts what matched.
    pub highlighter: Highlighter,
}

/// An index as it was at one commit. Cheap to clone; it keeps the files of that commit for as long as it lives.
#[derive(Clone)]
pub struct Snapshot {
    pub(super) searcher: Searcher,
    pub(super) shared: Arc<Shared>,
    columns: Arc<[Column<u64>]>,
    seq: i64,
}

impl Snapshot {
    pub(super) fn new(searcher: Searcher, seq: i64, shared: Arc<Shared>) -> Result<Self, SearchError> {
        let columns = searcher.segment_readers().iter().map(id_column).collect::<Result<_, _>>()?;
        Ok(Self { searcher, shared, columns, seq })
    }

    /// The `seq` of its commit.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// What the index holds.
    pub fn spec(&self) -> &IndexSpec {
        &self.shared.spec
    }

    /// How many documents there are.
    pub fn count_documents(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// In how many pieces the index is on disk.
    pub fn count_segments(&self) -> usize {
        self.searcher.segment_readers().len()
    }

    /// Finds the documents that match a question. A question without words finds none.
    ///
    /// # Errors
    /// Only for damaged files and failing disks.
    pub fn find(&self, request: &Request<'_>) -> Result<Answer, SearchError> {
        guarded(|| {
            let compiled = compile(self, request)?;
            let mut tallies: Vec<Tally> = self.tallies(request.facets).collect();
            let collected = match &compiled.query {
                Some(query) => self.run(&**query, &compiled.stand_ins, request, &mut tallies)?,
                None => Collected::default(),
            };
            Ok(Answer {
                total: collected.total,
                best: collected.best.iter().map(|c| Hit { document: DocumentRef(c.address), score: c.score }).collect(),
                facets: tallies.into_iter().map(|t| t.finish(self.shared.limits.max_facet_values)).collect(),
                is_cut: collected.is_cut || compiled.is_cut,
                highlighter: compiled.highlighter,
            })
        })
    }

    fn run(
        &self,
        query: &dyn Query,
        stand_ins: &HashMap<Term, u64>,
        request: &Request<'_>,
        tallies: &mut [Tally],
    ) -> Result<Collected, SearchError> {
        let statistics = Statistics { searcher: &self.searcher, stand_ins };
        let scoring = if request.best > 0 {
            EnableScoring::enabled_from_statistics_provider(&statistics, &self.searcher)
        } else {
            EnableScoring::disabled_from_searcher(&self.searcher)
        };
        let weight = query.weight(scoring)?;
        collect(self.searcher.segment_readers(), &*weight, request.best, tallies, request.deadline)
    }

    /// The id of a document of this snapshot.
    pub fn id(&self, document: DocumentRef) -> String {
        let mut id = String::new();
        self.read_id(document, &mut id);
        id
    }

    /// Puts the id of a document in place of what `id` holds.
    pub fn read_id(&self, document: DocumentRef, id: &mut String) {
        match self.columns.get(document.0.segment_ord as usize) {
            Some(column) => ids::decode(column, document.0.doc_id, id),
            None => id.clear(),
        }
    }

    /// Calls with the id of each document, in no order, and with what [`Document::fingerprint`](super::Document::fingerprint)
    /// was when it was written.
    ///
    /// # Errors
    /// Only for damaged files and failing disks.
    pub fn for_each_document(&self, mut act: impl FnMut(&str, u64)) -> Result<(), SearchError> {
        guarded(|| {
            let mut id = String::new();
            for (reader, column) in self.searcher.segment_readers().iter().zip(self.columns.iter()) {
                let fingerprints = reader.fast_fields().u64(FINGERPRINT_COLUMN)?;
                for doc in reader.doc_ids_alive() {
                    ids::decode(column, doc, &mut id);
                    act(&id, fingerprints.first(doc).unwrap_or_default());
                }
            }
            Ok(())
        })
    }

    /// The counts of these facets, of as many as are counted.
    fn tallies<'a>(&'a self, facets: &'a [usize]) -> impl Iterator<Item = Tally> + 'a {
        let max_counted = self.shared.limits.max_counted_values;
        let facets = facets.iter().filter_map(|i| Some((*i, self.shared.spec.facets.get(*i)?.kind)));
        facets.take(MAX_FACETS).map(move |(position, kind)| Tally::new(position, kind, max_counted))
    }

    /// Counts the values of facets, given by their positions, among some documents of this snapshot.
    ///
    /// # Errors
    /// Only for damaged files and failing disks. `None` if the time was up.
    pub fn count_facets(
        &self,
        documents: &[DocumentRef],
        facets: &[usize],
        deadline: Option<Instant>,
    ) -> Result<Option<Vec<FacetCounts>>, SearchError> {
        guarded(|| {
            let mut by_place: Vec<DocAddress> = documents.iter().map(|d| d.0).collect();
            by_place.sort_unstable();
            let mut counts = Vec::new();
            for mut tally in self.tallies(facets) {
                for of_segment in by_place.chunk_by(|a, b| a.segment_ord == b.segment_ord) {
                    if is_over(deadline) {
                        return Ok(None);
                    }
                    let Some(reader) = self.searcher.segment_readers().get(of_segment[0].segment_ord as usize) else {
                        continue;
                    };
                    let mut segment = tally.segment(reader)?;
                    for address in of_segment {
                        segment.count(address.doc_id);
                    }
                    tally.add(segment)?;
                }
                counts.push(tally.finish(self.shared.limits.max_facet_values));
            }
            Ok(Some(counts))
        })
    }
}

//! How frequent words are, for ranking.

use std::collections::HashMap;

use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

/// The engine's own statistics, but for words that stand in for a typed one: those count as one word together. A rare word
/// that happens to begin with what was typed would otherwise rank above the typed word itself.
pub(super) struct Statistics<'a> {
    pub(super) searcher: &'a Searcher,
    /// In how many documents the typed word counts as standing, for each word that stands in for it.
    pub(super) stand_ins: &'a HashMap<Term, u64>,
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        self.searcher.total_num_tokens(field)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        self.searcher.total_num_docs()
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        match self.stand_ins.get(term) {
            Some(frequency) => Ok((*frequency).min(self.searcher.total_num_docs()?)),
            None => Bm25StatisticsProvider::doc_freq(self.searcher, term),
        }
    }
}

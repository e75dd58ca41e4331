//! Counting the values of columns among documents.

use std::collections::HashMap;

use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, SegmentReader};

use super::layout::facet_column;
use super::{FacetKind, FacetValue, SearchError};

/// How many documents have a value.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetCount {
    /// The value.
    pub value: FacetValue,
    /// The documents that have it.
    pub count: u64,
}

/// The values of one facet among some documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FacetCounts {
    /// The most frequent values, the most frequent first; among equals by value.
    pub values: Vec<FacetCount>,
    /// How many different values there are, also of those left out.
    pub distinct: usize,
}

/// A value as the key of a map.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    Text(String),
    /// A number, date or truth, in the engine's order-preserving form.
    Number(u64),
}

/// Counts of one facet over all segments.
pub(super) struct Tally {
    position: usize,
    kind: FacetKind,
    counts: HashMap<Key, u64>,
}

/// The column of one facet in one segment, and the counts there.
pub(super) enum SegmentTally {
    /// No document of the segment has a value.
    Empty,
    Text {
        column: StrColumn,
        counts: Counts,
    },
    Number {
        column: Column<u64>,
        counts: HashMap<u64, u64>,
    },
}

/// How often each word of a dictionary was counted.
pub(super) enum Counts {
    /// By ordinal, for dictionaries that are not long.
    Dense(Vec<u32>),
    Sparse(HashMap<u64, u64>),
}

/// Longest dictionary that is counted in a vector.
const MAX_DENSE: usize = 1 << 16;

impl Tally {
    pub(super) fn new(position: usize, kind: FacetKind) -> Self {
        Self { position, kind, counts: HashMap::new() }
    }

    /// Begins to count in a segment.
    pub(super) fn segment(&self, reader: &SegmentReader) -> Result<SegmentTally, SearchError> {
        let name = facet_column(self.position);
        let fields = reader.fast_fields();
        let number = |column: Option<Column<u64>>| {
            column.map_or(SegmentTally::Empty, |column| SegmentTally::Number { column, counts: HashMap::new() })
        };
        Ok(match self.kind {
            FacetKind::Text => fields.str(&name)?.map_or(SegmentTally::Empty, |column| {
                let terms = column.num_terms();
                let counts =
                    if terms <= MAX_DENSE { Counts::Dense(vec![0; terms]) } else { Counts::Sparse(HashMap::new()) };
                SegmentTally::Text { column, counts }
            }),
            FacetKind::Number => number(fields.column_opt::<f64>(&name)?.map(Column::to_u64_monotonic)),
            FacetKind::Bool => number(fields.column_opt::<bool>(&name)?.map(Column::to_u64_monotonic)),
            FacetKind::Date => number(fields.column_opt::<i64>(&name)?.map(Column::to_u64_monotonic)),
        })
    }

    /// Adds up what was counted in a segment.
    pub(super) fn add(&mut self, segment: SegmentTally) -> Result<(), SearchError> {
        match segment {
            SegmentTally::Empty => {}
            SegmentTally::Number { counts, .. } => {
                for (number, count) in counts {
                    *self.counts.entry(Key::Number(number)).or_default() += count;
                }
            }
            SegmentTally::Text { column, counts } => {
                let mut counted: Vec<(u64, u64)> = match counts {
                    Counts::Dense(counts) => {
                        (0..).zip(counts.into_iter().map(u64::from)).filter(|(_, n)| *n > 0).collect()
                    }
                    Counts::Sparse(counts) => counts.into_iter().collect(),
                };
                counted.sort_unstable();
                let ordinals: Vec<u64> = counted.iter().map(|(ordinal, _)| *ordinal).collect();
                let mut next = counted.iter();
                let is_complete = column.dictionary().sorted_ords_to_term_cb(&ordinals, |text| {
                    if let (Ok(text), Some((_, count))) = (std::str::from_utf8(text), next.next()) {
                        *self.counts.entry(Key::Text(text.to_owned())).or_default() += count;
                    }
                })?;
                if !is_complete {
                    return Err(SearchError::Corrupt("a column names values that it does not have".to_owned()));
                }
            }
        }
        Ok(())
    }

    /// The most frequent values.
    pub(super) fn finish(self, max_values: usize) -> FacetCounts {
        let distinct = self.counts.len();
        let mut sorted: Vec<(Key, u64)> = self.counts.into_iter().collect();
        sorted.sort_unstable_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
        sorted.truncate(max_values);
        let kind = self.kind;
        let values = sorted.into_iter().map(|(key, count)| FacetCount { value: value(kind, key), count }).collect();
        FacetCounts { values, distinct }
    }
}

fn value(kind: FacetKind, key: Key) -> FacetValue {
    match (kind, key) {
        (_, Key::Text(text)) => FacetValue::Text(text),
        (FacetKind::Bool, Key::Number(number)) => FacetValue::Bool(number != 0),
        (FacetKind::Date, Key::Number(number)) => FacetValue::Date(tantivy::u64_to_i64(number)),
        (_, Key::Number(number)) => FacetValue::Number(tantivy::u64_to_f64(number)),
    }
}

impl SegmentTally {
    /// Counts the values of one document, each once.
    pub(super) fn count(&mut self, doc: DocId) {
        match self {
            Self::Empty => {}
            Self::Number { column, counts } => {
                each_once(column, doc, |number| *counts.entry(number).or_default() += 1);
            }
            Self::Text { column, counts } => each_once(column.ords(), doc, |ordinal| match counts {
                Counts::Dense(counts) => {
                    if let Some(count) = usize::try_from(ordinal).ok().and_then(|o| counts.get_mut(o)) {
                        *count += 1;
                    }
                }
                Counts::Sparse(counts) => *counts.entry(ordinal).or_default() += 1,
            }),
        }
    }
}

/// Calls for each different value of a document. Documents have few.
fn each_once(column: &Column<u64>, doc: DocId, mut count: impl FnMut(u64)) {
    for (i, value) in column.values_for_doc(doc).enumerate() {
        if i == 0 || !column.values_for_doc(doc).take(i).any(|earlier| earlier == value) {
            count(value);
        }
    }
}

//! Counting the values of columns among documents.

use std::collections::HashMap;

use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, SegmentReader};

use super::layout::facet_column;
use super::{FacetKind, FacetValue, SearchError};

/// Most facets of one question that are counted.
pub const MAX_FACETS: usize = 8;

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
    /// Whether there were more different values than are counted: then there are more than `distinct`, frequent ones may be
    /// missing, and counts may be too low.
    pub is_partial: bool,
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
    /// Most different values that are counted.
    max_counted: usize,
    is_partial: bool,
}

/// The column of one facet in one segment, and the counts there.
pub(super) enum SegmentTally {
    /// No document of the segment has a value.
    Empty,
    /// The numbers of texts in a dictionary that is not long, counted in a vector.
    Short {
        column: StrColumn,
        counts: Vec<u32>,
    },
    /// The numbers of texts.
    Text {
        column: StrColumn,
        counts: Counts,
    },
    Number {
        column: Column<u64>,
        counts: Counts,
    },
}

/// How often each number was counted, of as many different ones as there is room for.
pub(super) struct Counts {
    by_number: HashMap<u64, u64>,
    max_counted: usize,
    is_partial: bool,
}

impl Counts {
    fn new(max_counted: usize) -> Self {
        Self { by_number: HashMap::new(), max_counted, is_partial: false }
    }

    fn count(&mut self, number: u64) {
        if let Some(count) = self.by_number.get_mut(&number) {
            *count += 1;
        } else if self.by_number.len() < self.max_counted {
            self.by_number.insert(number, 1);
        } else {
            self.is_partial = true;
        }
    }
}

/// Longest dictionary that is counted in a vector.
const MAX_DENSE: usize = 1 << 16;

impl Tally {
    pub(super) fn new(position: usize, kind: FacetKind, max_counted: usize) -> Self {
        Self { position, kind, counts: HashMap::new(), max_counted, is_partial: false }
    }

    /// Begins to count in a segment.
    pub(super) fn segment(&self, reader: &SegmentReader) -> Result<SegmentTally, SearchError> {
        let name = facet_column(self.position);
        let fields = reader.fast_fields();
        let counts = || Counts::new(self.max_counted);
        let number = |column: Option<Column<u64>>| {
            column.map_or(SegmentTally::Empty, |column| SegmentTally::Number { column, counts: counts() })
        };
        Ok(match self.kind {
            FacetKind::Text => fields.str(&name)?.map_or(SegmentTally::Empty, |column| match column.num_terms() {
                terms if terms <= MAX_DENSE => SegmentTally::Short { column, counts: vec![0; terms] },
                _ => SegmentTally::Text { column, counts: counts() },
            }),
            FacetKind::Number => number(fields.column_opt::<f64>(&name)?.map(Column::to_u64_monotonic)),
            FacetKind::Bool => number(fields.column_opt::<bool>(&name)?.map(Column::to_u64_monotonic)),
            FacetKind::Date => number(fields.column_opt::<i64>(&name)?.map(Column::to_u64_monotonic)),
        })
    }

    /// Adds up what was counted in a segment.
    pub(super) fn add(&mut self, segment: SegmentTally) -> Result<(), SearchError> {
        match segment {
            SegmentTally::Empty => Ok(()),
            SegmentTally::Number { counts, .. } => {
                self.is_partial |= counts.is_partial;
                for (number, count) in self.most_frequent(counts.by_number.into_iter().collect()) {
                    self.add_value(Key::Number(number), count);
                }
                Ok(())
            }
            SegmentTally::Short { column, counts } => {
                let counted = (0..).zip(counts.into_iter().map(u64::from)).filter(|(_, count)| *count > 0);
                self.add_texts(&column, counted.collect())
            }
            SegmentTally::Text { column, counts } => {
                self.is_partial |= counts.is_partial;
                self.add_texts(&column, counts.by_number.into_iter().collect())
            }
        }
    }

    /// Of more values than are counted, the most frequent.
    fn most_frequent(&mut self, mut counted: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
        counted.sort_unstable_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then(a.cmp(b)));
        self.is_partial |= counted.len() > self.max_counted;
        counted.truncate(self.max_counted);
        counted
    }

    fn add_texts(&mut self, column: &StrColumn, counted: Vec<(u64, u64)>) -> Result<(), SearchError> {
        let mut counted = self.most_frequent(counted);
        counted.sort_unstable();
        let ordinals: Vec<u64> = counted.iter().map(|(ordinal, _)| *ordinal).collect();
        let mut next = counted.iter();
        let is_complete = column.dictionary().sorted_ords_to_term_cb(&ordinals, |text| {
            if let (Ok(text), Some((_, count))) = (std::str::from_utf8(text), next.next()) {
                self.add_value(Key::Text(text.to_owned()), *count);
            }
        })?;
        if is_complete {
            Ok(())
        } else {
            Err(SearchError::Corrupt("a column names values that it does not have".to_owned()))
        }
    }

    fn add_value(&mut self, key: Key, count: u64) {
        if self.counts.len() < self.max_counted || self.counts.contains_key(&key) {
            *self.counts.entry(key).or_default() += count;
        } else {
            self.is_partial = true;
        }
    }

    /// The most frequent values.
    pub(super) fn finish(self, max_values: usize) -> FacetCounts {
        let (distinct, is_partial) = (self.counts.len(), self.is_partial);
        let mut sorted: Vec<(Key, u64)> = self.counts.into_iter().collect();
        sorted.sort_unstable_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
        sorted.truncate(max_values);
        let kind = self.kind;
        let values = sorted.into_iter().map(|(key, count)| FacetCount { value: value(kind, key), count }).collect();
        FacetCounts { values, distinct, is_partial }
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
    /// Counts the values of one document. Each is there once.
    pub(super) fn count(&mut self, doc: DocId) {
        match self {
            Self::Empty => {}
            Self::Short { column, counts } => {
                for ordinal in column.ords().values_for_doc(doc) {
                    if let Some(count) = usize::try_from(ordinal).ok().and_then(|o| counts.get_mut(o)) {
                        *count += 1;
                    }
                }
            }
            Self::Text { column, counts } => {
                column.ords().values_for_doc(doc).for_each(|ordinal| counts.count(ordinal));
            }
            Self::Number { column, counts } => column.values_for_doc(doc).for_each(|number| counts.count(number)),
        }
    }
}

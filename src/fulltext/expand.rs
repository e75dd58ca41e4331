//! The words of the index that a typed word may stand for: by its beginning, or with typos.

use std::collections::HashMap;
use std::time::Instant;

use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;
use tantivy::termdict::TermDictionary;
use tantivy::{Searcher, Term};

use super::collect::is_over;
use super::{Limits, SearchError};

/// A word of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expansion {
    pub(super) word: String,
    /// In how many documents it stands, for each of the fields looked into.
    pub(super) frequencies: Vec<u64>,
}

/// Words of the index, and whether there may be more.
#[derive(Debug, Default)]
pub(super) struct Expansions {
    pub(super) words: Vec<Expansion>,
    /// Whether the time was up.
    pub(super) is_cut: bool,
}

/// Looks into the dictionaries of some fields.
pub(super) struct Expander<'a> {
    pub(super) searcher: &'a Searcher,
    pub(super) fields: &'a [Field],
    pub(super) limits: &'a Limits,
    pub(super) deadline: Option<Instant>,
    /// Most words to find.
    pub(super) max_words: usize,
}

/// After how many words the clock is looked at.
const WORDS_PER_LOOK: usize = 1024;

/// How many letters of a word may be wrong. Short words would match too much, and a number with a typo is another number.
pub(super) fn allowed_typos(word: &str) -> u8 {
    if !word.chars().all(char::is_alphabetic) {
        return 0;
    }
    match word.chars().count() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// Words with at least this many letters may be wrong in the first one, too: people rarely are, and of short words each
/// has many neighbours.
const FIRST_LETTER_FROM: usize = 6;

impl Expander<'_> {
    /// The most frequent words that begin with `prefix`, without itself.
    pub(super) fn beginning_with(&self, prefix: &str) -> Result<Expansions, SearchError> {
        if self.max_words == 0 {
            return Ok(Expansions::default());
        }
        let mut found = Found::new(self);
        found.each_dictionary(|found, position, dictionary| {
            let range = dictionary.range().ge(prefix);
            let range = match end_of_prefix(prefix) {
                Some(end) => range.lt(end),
                None => range,
            };
            let mut stream = range.into_stream()?;
            while found.goes_on() && stream.advance() {
                found.offer(position, stream.key(), stream.value().doc_freq, |word| word != prefix);
            }
            Ok(())
        })?;
        Ok(found.finish(|_| 0))
    }

    /// The words that `typed` may be with as many typos as [`allowed_typos`]: those with fewest first, then the most
    /// frequent. With `is_open`, what follows in the word does not count.
    pub(super) fn mistyped(&self, typed: &str, is_open: bool) -> Result<Expansions, SearchError> {
        let typos = allowed_typos(typed);
        let letters: Vec<char> = typed.chars().collect();
        let (Some(first), 1.., Some(any_field)) = (letters.first(), typos, self.fields.first()) else {
            return Ok(Expansions::default());
        };
        if self.max_words == 0 {
            return Ok(Expansions::default());
        }
        // It does not matter to the automaton in which field a word stands.
        let term = Term::from_field_text(*any_field, typed);
        let fuzzy = if is_open {
            FuzzyTermQuery::new_prefix(term, typos, true)
        } else {
            FuzzyTermQuery::new(term, typos, true)
        };
        let automaton = fuzzy.automaton()?;
        let mut found = Found::new(self);
        found.each_dictionary(|found, position, dictionary| {
            let mut stream = dictionary.search(&automaton).into_stream()?;
            while found.goes_on() && stream.advance() {
                found.offer(position, stream.key(), stream.value().doc_freq, |word| {
                    // Those that begin with what was typed are no typos.
                    let is_other = if is_open { !word.starts_with(typed) } else { word != typed };
                    let may_begin_otherwise =
                        || letters.len() >= FIRST_LETTER_FROM && distance(&letters, word, is_open) <= 1;
                    is_other && (word.starts_with(*first) || may_begin_otherwise())
                });
            }
            Ok(())
        })?;
        Ok(found.finish(|word| distance(&letters, word, is_open)))
    }
}

/// Words as they are found.
struct Found<'a> {
    expander: &'a Expander<'a>,
    frequencies: HashMap<String, Vec<u64>>,
    /// How many words were looked at, and how many may be by the end of the current dictionary.
    scanned: usize,
    may_scan: usize,
    is_cut: bool,
}

impl<'a> Found<'a> {
    fn new(expander: &'a Expander<'a>) -> Self {
        Self { expander, frequencies: HashMap::new(), scanned: 0, may_scan: 0, is_cut: false }
    }

    /// Looks into the dictionary of each field in each segment while there is time. What may be scanned is shared evenly, so
    /// that a field with many words leaves something to the others; what one does not need is for those after it.
    fn each_dictionary(
        &mut self,
        mut look: impl FnMut(&mut Self, usize, &TermDictionary) -> Result<(), SearchError>,
    ) -> Result<(), SearchError> {
        let readers = self.expander.searcher.segment_readers();
        let mut left = readers.len() * self.expander.fields.len();
        for (position, field) in self.expander.fields.iter().enumerate() {
            for reader in readers {
                self.is_cut |= is_over(self.expander.deadline);
                if self.is_cut {
                    return Ok(());
                }
                self.may_scan = self.scanned + (self.expander.limits.max_scanned_words - self.scanned) / left;
                look(self, position, reader.inverted_index(*field)?.terms())?;
                left -= 1;
            }
        }
        Ok(())
    }

    /// Whether there is time and room for one more word; counts it.
    fn goes_on(&mut self) -> bool {
        if self.is_cut || self.scanned >= self.may_scan {
            return false;
        }
        self.scanned += 1;
        if self.scanned.is_multiple_of(WORDS_PER_LOOK) {
            self.is_cut = is_over(self.expander.deadline);
        }
        !self.is_cut
    }

    /// Takes a word of one field in one segment, if it is wanted.
    fn offer(&mut self, field: usize, word: &[u8], frequency: u32, is_wanted: impl Fn(&str) -> bool) {
        let Ok(word) = std::str::from_utf8(word) else { return };
        if !is_wanted(word) {
            return;
        }
        if let Some(frequencies) = self.frequencies.get_mut(word) {
            frequencies[field] += u64::from(frequency);
        } else {
            let mut frequencies = vec![0; self.expander.fields.len()];
            frequencies[field] = u64::from(frequency);
            self.frequencies.insert(word.to_owned(), frequencies);
        }
    }

    /// The best words: those with least `distance`, then the most frequent.
    fn finish(self, distance: impl Fn(&str) -> usize) -> Expansions {
        let words = self.frequencies.into_iter().map(|(word, frequencies)| Expansion { word, frequencies });
        let mut words: Vec<_> = words.map(|e| (distance(&e.word), e.frequencies.iter().sum::<u64>(), e)).collect();
        words.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then_with(|| a.2.word.cmp(&b.2.word)));
        words.truncate(self.expander.max_words);
        Expansions { words: words.into_iter().map(|(_, _, e)| e).collect(), is_cut: self.is_cut }
    }
}

/// The first word after all those that begin with the prefix.
fn end_of_prefix(prefix: &str) -> Option<Vec<u8>> {
    let mut end = prefix.as_bytes().to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// How many letters have to be added, removed, replaced or swapped with their neighbour. With `is_open`, the word may go on.
fn distance(typed: &[char], word: &str, is_open: bool) -> usize {
    let mut before = vec![0; typed.len() + 1];
    let mut last: Vec<usize> = (0..=typed.len()).collect();
    let mut current = before.clone();
    let mut last_letter = None;
    let mut best = typed.len();
    for (row, letter) in (1..).zip(word.chars()) {
        current[0] = row;
        for (column, typed_letter) in typed.iter().enumerate() {
            let replaced = last[column] + usize::from(*typed_letter != letter);
            let mut cost = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if column > 0 && last_letter == Some(*typed_letter) && typed[column - 1] == letter && row > 1 {
                cost = cost.min(before[column - 1] + 1);
            }
            current[column + 1] = cost;
        }
        best = best.min(current[typed.len()]);
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut current);
        last_letter = Some(letter);
    }
    if is_open { best } else { last[typed.len()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_typos() {
        for (typed, word, is_open, expected) in [
            ("soup", "soup", false, 0),
            ("soup", "soap", false, 1),
            ("suop", "soup", false, 1),
            ("sop", "soup", false, 1),
            ("soupp", "soup", false, 1),
            ("abc", "", false, 3),
            ("choc", "chocolate", true, 0),
            ("chok", "chocolate", true, 1),
            ("chok", "chocolate", false, 6),
            ("hcoc", "chocolate", true, 1),
            ("xx", "yyyyyy", true, 2),
        ] {
            let letters: Vec<char> = typed.chars().collect();
            assert_eq!(distance(&letters, word, is_open), expected, "{typed} {word}");
        }
    }

    #[test]
    fn longer_words_may_have_more_typos_and_numbers_none() {
        for (word, typos) in [
            ("", 0),
            ("abc", 0),
            ("soup", 1),
            ("chicken", 1),
            ("potatoes", 2),
            ("2024", 0),
            ("covid19", 0),
            ("über", 1),
        ] {
            assert_eq!(allowed_typos(word), typos, "{word}");
        }
    }

    #[test]
    fn prefixes_end_before_the_next_word() {
        assert_eq!(end_of_prefix("ab"), Some(b"ac".to_vec()));
        assert_eq!(end_of_prefix(""), None);
    }
}

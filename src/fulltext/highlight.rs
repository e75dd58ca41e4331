//! Shows in a text what made it match.

use std::ops::Range;
use std::sync::Arc;

use super::analyzer::{Kind, Words};
use super::fragment::fragment;
use super::index::Shared;
use super::marks::{FieldMarks, PhraseMark};
use super::stemming::Stems;

/// Finds the words of a question in texts, which the caller gives: those that made a document match, if it is a text of
/// the document and of the field. Only fields that the question was allowed to look into show anything.
#[derive(Clone)]
pub struct Highlighter {
    shared: Arc<Shared>,
    fields: Arc<Vec<FieldMarks>>,
}

impl Highlighter {
    pub(super) fn new(shared: Arc<Shared>, fields: Arc<Vec<FieldMarks>>) -> Self {
        Self { shared, fields }
    }

    /// Where in a text of a field words match: in order, in bytes, apart from each other.
    pub fn ranges(&self, field: usize, text: &str) -> Vec<Range<usize>> {
        let Some(marks) = self.fields.get(field).filter(|marks| !marks.is_empty()) else { return Vec::new() };
        let text = &text[..text.floor_char_boundary(self.shared.limits.max_text_bytes)];
        let mut ranges = Vec::new();
        let mut places: Vec<(Range<usize>, String)> = Vec::new();
        let mut words = Words::new(text);
        let mut folded = String::new();
        while let Some(found) = words.next(&mut folded) {
            if let Some(length) = self.matching_length(marks, &text[found.range.clone()], &folded, found.kind) {
                ranges.push(found.range.start..found.range.start + length);
            }
            if !marks.phrases.is_empty() {
                places.push((found.range, folded.clone()));
            }
        }
        for phrase in &marks.phrases {
            ranges.extend(phrase_ranges(phrase, &places));
        }
        merge(ranges)
    }

    /// The text as HTML that is safe to show: all of it escaped, what matches in `<mark>`. Of a text longer than
    /// `max_chars` the part where most matches, with an ellipsis where something is left out. `None` if nothing matches.
    pub fn highlight(&self, field: usize, text: &str, max_chars: usize) -> Option<String> {
        let ranges = self.ranges(field, text);
        (!ranges.is_empty()).then(|| fragment(text, &ranges, max_chars))
    }

    /// The different words of a text that match, as they are written there, in order.
    pub fn matching_words(&self, field: usize, text: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for range in self.ranges(field, text) {
            let word = &text[range];
            if !words.iter().any(|w| w == word) {
                words.push(word.to_owned());
            }
        }
        words
    }

    /// How many bytes of a word match, if any.
    fn matching_length(&self, marks: &FieldMarks, written: &str, folded: &str, kind: Kind) -> Option<usize> {
        if marks.words.contains(folded) || marks.prefixes.iter().any(|p| folded.starts_with(p.as_str())) {
            return Some(written.len());
        }
        if kind == Kind::Word {
            let shares_letter = |stem: &String| stem.chars().next() == folded.chars().next();
            let may_match = !marks.stems.is_empty()
                && (self.shared.spec.language.is_some_and(Stems::changes_beginnings)
                    || marks.stems.iter().any(shares_letter));
            let stem = may_match.then(|| self.shared.with_stems(|stems| stems.stem_remembered(written))).flatten();
            return stem.is_some_and(|stem| marks.stems.contains(&stem)).then_some(written.len());
        }
        let character = marks.characters.iter().find(|c| folded.starts_with(c.as_str()))?;
        if folded.len() == character.len() {
            return Some(written.len());
        }
        // Of a pair only the character that was asked for.
        let mut length = 0;
        let mut unit = Words::new(written);
        let mut other = String::new();
        while let Some(found) = unit.next(&mut other) {
            if found.range.start > 0 {
                length = found.range.start;
                break;
            }
        }
        Some(if length == 0 { written.len() } else { length })
    }
}

/// The words of a phrase wherever they stand one after the other.
fn phrase_ranges<'a>(
    phrase: &'a PhraseMark,
    places: &'a [(Range<usize>, String)],
) -> impl Iterator<Item = Range<usize>> + 'a {
    let last = phrase.words.len().saturating_sub(1);
    let stands = move |start: &usize| {
        phrase.words.iter().enumerate().all(|(i, (place, word))| {
            places.get(start + place).is_some_and(|(_, there)| {
                there == word || (phrase.is_open && i == last && there.starts_with(word.as_str()))
            })
        })
    };
    let starts = (0..places.len()).filter(stands);
    starts.flat_map(move |start| phrase.words.iter().map(move |(place, _)| places[start + place].0.clone()))
}

/// Puts ranges in order and joins those that overlap.
fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|r| (r.start, r.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

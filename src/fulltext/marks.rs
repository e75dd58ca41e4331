//! What of a question can be seen in a text.

use std::collections::HashSet;

/// What makes words of one field match.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldMarks {
    /// Folded words.
    pub(super) words: HashSet<String>,
    /// Folded stems.
    pub(super) stems: HashSet<String>,
    /// Folded beginnings of words.
    pub(super) prefixes: Vec<String>,
    /// Single characters of unspaced scripts, folded.
    pub(super) characters: Vec<String>,
    /// Phrases.
    pub(super) phrases: Vec<PhraseMark>,
}

/// A phrase: folded words and how far each stands from the first.
#[derive(Clone, Debug)]
pub(super) struct PhraseMark {
    pub(super) words: Vec<(usize, String)>,
    /// Whether the last is only the beginning of a word.
    pub(super) is_open: bool,
}

impl FieldMarks {
    /// Whether nothing can match.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
            && self.stems.is_empty()
            && self.prefixes.is_empty()
            && self.characters.is_empty()
            && self.phrases.is_empty()
    }
}

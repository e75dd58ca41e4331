//! How much of anything is looked at.

/// What bounds the work and the memory that documents and questions may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one field of a document that are indexed; what follows is not found. Also the most that is looked at
    /// for highlights.
    pub max_text_bytes: usize,
    /// Most characters of a question that are read.
    pub max_question_chars: usize,
    /// Most words of a question that are searched, counting those of phrases.
    pub max_question_words: usize,
    /// Most words that one typed word may stand for by its beginning or with typos: the most frequent ones.
    pub max_expansions: usize,
    /// Most words in their fields that all words of a question may stand for together: each is looked up in every part of the
    /// index before the first document is found.
    pub max_question_expansions: usize,
    /// Most words of the index's dictionary that are looked at to expand one typed word.
    pub max_scanned_words: usize,
    /// Most words of a question that are searched with typos.
    pub max_typo_words: usize,
    /// Most different values of a facet that an answer gives.
    pub max_facet_values: usize,
    /// Most different values of a facet that are counted.
    pub max_counted_values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_text_bytes: 1 << 20,
            max_question_chars: 1000,
            max_question_words: 32,
            max_expansions: 64,
            max_question_expansions: 2048,
            max_scanned_words: 50_000,
            max_typo_words: 8,
            max_facet_values: 100,
            max_counted_values: 20_000,
        }
    }
}

/// Most characters of a word that tell it from others: longer ones are cut, when indexed and when searched.
pub(super) const MAX_WORD_CHARS: usize = 64;

/// Longest id of a document, in bytes.
pub(super) const MAX_ID_BYTES: usize = 1024;

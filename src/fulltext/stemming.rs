//! Stems of words and words that say little, by language.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tantivy::tokenizer::{RawTokenizer, Stemmer, StopWordFilter, TextAnalyzer, Token, TokenStream, Tokenizer};

use super::Language;
use super::analyzer::{Kind, Words};
use super::folding::{fold_word, lower_word};

/// The engine's name of [`StemTokenizer`].
pub(super) const STEMS: &str = "larder_stems";

/// Most words whose stems are remembered. Few words make up most of any text.
const MAX_REMEMBERED: usize = 50_000;

/// The folded stems of words as they are written.
type Memory = HashMap<Box<str>, Box<str>>;

/// Finds stems, and remembers those of frequent words: stemming costs more than indexing.
#[derive(Clone)]
pub(super) struct Stems {
    stemmer: TextAnalyzer,
    /// Swallows words that say little.
    stop_words: Option<TextAnalyzer>,
    memory: Arc<Mutex<Memory>>,
}

impl Stems {
    pub(super) fn new(language: Language) -> Self {
        let stemmer = TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(language.engine())).build();
        let filter = StopWordFilter::new(language.engine());
        let stop_words = filter.map(|filter| TextAnalyzer::builder(RawTokenizer::default()).filter(filter).build());
        Self { stemmer, stop_words, memory: Arc::default() }
    }

    /// The folded stem of a word, which comes with its case and accents.
    pub(super) fn stem(&mut self, word: &str) -> String {
        stem(&mut self.stemmer, &lower_word(word))
    }

    /// The same, for who asks for many words.
    pub(super) fn stem_remembered(&mut self, word: &str) -> String {
        let key = lower_word(word);
        if let Some(stem) = self.memory.lock().get(key.as_str()) {
            return stem.to_string();
        }
        let stem = stem(&mut self.stemmer, &key);
        let mut memory = self.memory.lock();
        if memory.len() < MAX_REMEMBERED {
            memory.insert(key.into(), stem.as_str().into());
        }
        stem
    }

    /// Whether stems of the language may begin otherwise than their words.
    pub(super) fn changes_beginnings(language: Language) -> bool {
        matches!(language, Language::Arabic)
    }

    /// Whether the word, as it is typed, says too little to be searched along with others.
    pub(super) fn is_stop_word(&mut self, word: &str) -> bool {
        let lower = lower_word(word);
        self.stop_words.as_mut().is_some_and(|words| !words.token_stream(&lower).advance())
    }
}

fn stem(stemmer: &mut TextAnalyzer, lower: &str) -> String {
    let mut folded = String::new();
    let mut stream = stemmer.token_stream(lower);
    if stream.advance() {
        fold_word(&stream.token().text, &mut folded);
    }
    folded
}

/// Gives the stems of words to the engine. Unspaced scripts have none.
#[derive(Clone)]
pub(super) struct StemTokenizer(pub(super) Stems);

impl Tokenizer for StemTokenizer {
    type TokenStream<'a> = StemStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> StemStream<'a> {
        // Taken along for the length of a text, so that there is no lock for each word.
        let memory = std::mem::take(&mut *self.0.memory.lock());
        StemStream {
            text,
            words: Words::new(text),
            token: Token::default(),
            key: String::new(),
            memory,
            stems: &mut self.0,
        }
    }
}

/// The stems of one text, for the engine.
pub(super) struct StemStream<'a> {
    text: &'a str,
    words: Words<'a>,
    token: Token,
    /// The word in lower case, without need of a new allocation each time.
    key: String,
    memory: Memory,
    stems: &'a mut Stems,
}

impl TokenStream for StemStream<'_> {
    fn advance(&mut self) -> bool {
        let found = loop {
            match self.words.next(&mut self.token.text) {
                Some(found) if found.kind == Kind::Word => break found,
                Some(_) => {}
                None => return false,
            }
        };
        self.token.offset_from = found.range.start;
        self.token.offset_to = found.range.end;
        self.token.position = self.token.position.wrapping_add(1);
        let written = &self.text[found.range];
        if written.is_ascii() {
            self.key.clone_from(&self.token.text);
        } else {
            self.key = lower_word(written);
        }
        if let Some(known) = self.memory.get(self.key.as_str()) {
            self.token.text.clear();
            self.token.text.push_str(known);
        } else {
            let stem = stem(&mut self.stems.stemmer, &self.key);
            if self.memory.len() < MAX_REMEMBERED {
                self.memory.insert(self.key.as_str().into(), stem.as_str().into());
            }
            self.token.text = stem;
        }
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl Drop for StemStream<'_> {
    fn drop(&mut self) {
        let memory = std::mem::take(&mut self.memory);
        let mut kept = self.stems.memory.lock();
        if kept.len() < memory.len() {
            *kept = memory;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (language, one, other) in [
            (Language::English, "running", "Runs"),
            (Language::German, "Häuser", "haus"),
            (Language::French, "mangées", "mangé"),
            (Language::Russian, "книгами", "книга"),
        ] {
            let mut stems = Stems::new(language);
            assert_eq!(stems.stem(one), stems.stem(other), "{one} {other}");
        }
    }

    #[test]
    fn every_language_has_a_stemmer_that_bears_anything() {
        for language in Language::ALL {
            let mut stems = Stems::new(*language);
            for word in ["", "a", "İİİ", "\u{301}", "κάτι", "ß", "1234", "ﷺ", &"x".repeat(1000)] {
                let _ = stems.stem(word);
            }
        }
    }

    #[test]
    fn stop_words_are_known_with_case() {
        let mut stems = Stems::new(Language::German);
        for (word, expected) in [("Für", true), ("und", true), ("Suppe", false)] {
            assert_eq!(stems.is_stop_word(word), expected, "{word}");
        }
        assert!(!Stems::new(Language::Tamil).is_stop_word("the"), "no list, no stop words");
    }
}

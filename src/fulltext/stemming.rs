//! Stems of words and words that say little, by language.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use parking_lot::{RwLock, RwLockReadGuard};
use tantivy::tokenizer::{RawTokenizer, Stemmer, StopWordFilter, TextAnalyzer, Token, TokenStream, Tokenizer};

use super::Language;
use super::analyzer::{Kind, Words};
use super::folding::{fold_word, lower_word};

/// The engine's name of [`StemTokenizer`].
pub(super) const STEMS: &str = "larder_stems";

/// Most words of a language whose stems are remembered. Few words make up most of any text.
const MAX_REMEMBERED: usize = 50_000;

/// Most memory for them, in bytes.
const MAX_REMEMBERED_BYTES: usize = 6 << 20;

/// What an entry takes beside its words: two pointers with lengths, their allocations, its place in the table.
const ENTRY_BYTES: usize = 72;

/// Longest word that is remembered, in bytes.
const MAX_REMEMBERED_LENGTH: usize = 64;

/// After how many words of a text others may change the memory.
const WORDS_PER_BUMP: usize = 256;

/// The folded stems of frequent words of one language, for all indexes: stemming costs more than indexing.
#[derive(Default)]
struct Memory {
    /// By the word as it is written, but ASCII in lower case.
    stems: HashMap<Box<str>, Box<str>>,
    bytes: usize,
}

impl Memory {
    fn of(language: Language) -> &'static RwLock<Self> {
        static MEMORIES: LazyLock<HashMap<Language, RwLock<Memory>>> =
            LazyLock::new(|| Language::ALL.iter().map(|language| (*language, RwLock::default())).collect());
        &MEMORIES[&language]
    }

    fn has_room(&self) -> bool {
        self.stems.len() < MAX_REMEMBERED && self.bytes < MAX_REMEMBERED_BYTES
    }

    fn remember(&mut self, key: &str, stem: &str) {
        let bytes = key.len() + stem.len() + ENTRY_BYTES;
        if self.stems.len() < MAX_REMEMBERED
            && self.bytes + bytes <= MAX_REMEMBERED_BYTES
            && self.stems.insert(key.into(), stem.into()).is_none()
        {
            self.bytes += bytes;
        }
    }
}

/// Finds stems.
#[derive(Clone)]
pub(super) struct Stems {
    stemmer: TextAnalyzer,
    /// Swallows words that say little.
    stop_words: Option<TextAnalyzer>,
    memory: &'static RwLock<Memory>,
}

impl Stems {
    pub(super) fn new(language: Language) -> Self {
        let stemmer = TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(language.engine())).build();
        let filter = StopWordFilter::new(language.engine());
        let stop_words = filter.map(|filter| TextAnalyzer::builder(RawTokenizer::default()).filter(filter).build());
        Self { stemmer, stop_words, memory: Memory::of(language) }
    }

    /// The folded stem of a word, which comes with its case and accents.
    pub(super) fn stem(&mut self, word: &str) -> String {
        let lower = lower_word(word);
        folded_or_stem(&lower, || {
            let mut stream = self.stemmer.token_stream(&lower);
            if stream.advance() { stream.token().text.clone() } else { String::new() }
        })
    }

    /// The same, for who asks for many words.
    pub(super) fn stem_remembered(&mut self, word: &str) -> String {
        let lower = word.is_ascii().then(|| lower_word(word));
        let key = lower.as_deref().unwrap_or(word);
        if let Some(stem) = self.memory.read().stems.get(key) {
            return stem.to_string();
        }
        let stem = self.stem(word);
        if key.len() <= MAX_REMEMBERED_LENGTH {
            self.memory.write().remember(key, &stem);
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

/// The folded stem of a word in lower case; the word itself if its stem cannot be found. A panic in the engine's thread
/// would end the writer, for one odd word.
fn folded_or_stem(lower: &str, find: impl FnOnce() -> String) -> String {
    let stem = catch_unwind(AssertUnwindSafe(find));
    let mut folded = String::new();
    fold_word(stem.as_deref().unwrap_or(lower), &mut folded);
    folded
}

/// Gives the stems of words to the engine. Unspaced scripts have none.
#[derive(Clone)]
pub(super) struct StemTokenizer(pub(super) Stems);

impl Tokenizer for StemTokenizer {
    type TokenStream<'a> = StemStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> StemStream<'a> {
        StemStream {
            text,
            words: Words::new(text),
            token: Token::default(),
            // Held along, so that there is no lock for each word.
            memory: Some(self.0.memory.read()),
            fresh: Vec::new(),
            stems: &mut self.0,
        }
    }
}

/// The stems of one text, for the engine.
pub(super) struct StemStream<'a> {
    text: &'a str,
    words: Words<'a>,
    token: Token,
    /// There until the stream is dropped.
    memory: Option<RwLockReadGuard<'static, Memory>>,
    /// Stems that were not remembered.
    fresh: Vec<(Box<str>, Box<str>)>,
    stems: &'a mut Stems,
}

impl StemStream<'_> {
    /// Puts the stem in place of the token's text, which is the folded word.
    fn replace_by_stem(&mut self, written: &str) {
        let key = if written.is_ascii() { self.token.text.as_str() } else { written };
        if let Some(stem) = self.memory.as_ref().and_then(|memory| memory.stems.get(key)) {
            self.token.text.clear();
            self.token.text.push_str(stem);
            return;
        }
        let stem = self.stems.stem(written);
        if key.len() <= MAX_REMEMBERED_LENGTH && self.memory.as_ref().is_some_and(|memory| memory.has_room()) {
            self.fresh.push((key.into(), stem.as_str().into()));
        }
        self.token.text = stem;
    }
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
        if self.token.position.is_multiple_of(WORDS_PER_BUMP)
            && let Some(memory) = &mut self.memory
        {
            RwLockReadGuard::bump(memory);
        }
        self.replace_by_stem(&self.text[found.range]);
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
        self.memory = None;
        if !self.fresh.is_empty() {
            let mut memory = self.stems.memory.write();
            for (word, stem) in &self.fresh {
                memory.remember(word, stem);
            }
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
    fn a_word_that_the_stemmer_cannot_bear_stays() {
        assert_eq!(folded_or_stem("wörter", || panic!("an odd word")), "worter");
        assert_eq!(folded_or_stem("wörter", || "wört".to_owned()), "wort");
    }

    #[test]
    fn indexes_of_a_language_share_a_memory() {
        let word = "Sharededly";
        let stem = Stems::new(Language::English).stem_remembered(word);
        let other = Stems::new(Language::English);
        assert_eq!(other.memory.read().stems.get("sharededly").map(|s| &**s), Some(stem.as_str()));
        assert!(!Stems::new(Language::Danish).memory.read().stems.contains_key("sharededly"));
    }

    #[test]
    fn texts_are_stemmed_as_words_are() {
        let text = "Running houses, Häuser läuft ΟΔΥΣΣΕΎΣ Łódź running";
        for language in [Language::English, Language::German, Language::Greek] {
            let mut tokenizer = StemTokenizer(Stems::new(language));
            // The second time they are remembered.
            for _ in 0..2 {
                let mut stems = Vec::new();
                tokenizer.token_stream(text).process(&mut |token| stems.push(token.text.clone()));
                let mut finder = Stems::new(language);
                let words = text.split(' ').map(|word| word.trim_end_matches(','));
                let (one, other): (Vec<_>, Vec<_>) =
                    words.map(|word| (finder.stem(word), finder.stem_remembered(word))).unzip();
                assert_eq!(stems, one, "{language}");
                assert_eq!(stems, other, "{language}");
            }
        }
    }

    #[test]
    fn memory_is_bounded_by_words_and_by_bytes() {
        let mut memory = Memory::default();
        (0..MAX_REMEMBERED + 10).for_each(|i| memory.remember(&i.to_string(), "stem"));
        assert_eq!(memory.stems.len(), MAX_REMEMBERED);
        assert!(!memory.has_room());
        let mut memory = Memory::default();
        let padding = "x".repeat(MAX_REMEMBERED_LENGTH);
        (0..MAX_REMEMBERED).for_each(|i| memory.remember(&format!("{i}{padding}"), &padding));
        assert!(memory.stems.len() < MAX_REMEMBERED && memory.bytes <= MAX_REMEMBERED_BYTES);
        assert!(memory.bytes > MAX_REMEMBERED_BYTES - 1000);
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

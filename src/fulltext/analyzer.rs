//! Takes texts apart into words, the same way for documents, questions and highlights.
//!
//! Runs of scripts that are written without spaces become pairs of characters, each with the next one, and the last
//! character once more alone: so a single character is found as the beginning of a pair wherever it stands.

use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::folding::{continues_unit, fold_ascii, fold_unit, fold_word, is_joining, is_unspaced, is_word_char};

/// The engine's name of [`WordTokenizer`].
pub(super) const WORDS: &str = "larder_words";

/// What kind of word it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word between other characters.
    Word,
    /// Two neighbouring characters of an unspaced script.
    Pair,
    /// The last character of an unspaced run.
    Last,
}

/// A word in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    /// What kind of word it is.
    pub(super) kind: Kind,
}

/// The words of a text, one after the other.
pub(super) struct Words<'a> {
    text: &'a str,
    /// From where on the text was not looked at.
    position: usize,
    /// Ends of the current unspaced run and of the character that begins the next pair.
    run: Option<(usize, usize)>,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0, run: None }
    }

    /// Finds the next word and puts its folded form into `folded`.
    pub(super) fn next(&mut self, folded: &mut String) -> Option<Found> {
        folded.clear();
        loop {
            if let Some((unit_end, run_end)) = self.run {
                return Some(self.pair(unit_end, run_end, folded));
            }
            let start = self.skip()?;
            let (ascii_end, is_ascii) = self.end_of_ascii(start);
            if is_ascii {
                self.position = ascii_end;
                fold_ascii(&self.text[start..ascii_end], folded);
                return Some(Found { range: start..ascii_end, kind: Kind::Word });
            }
            let first = self.text[start..].chars().next()?;
            if is_unspaced(first) {
                let end = self.end_of_run(start);
                self.position = start;
                self.run = Some((self.end_of_unit(start, end), end));
                continue;
            }
            let end = self.end_of_word(start);
            self.position = end;
            fold_word(&self.text[start..end], folded);
            if !folded.is_empty() {
                return Some(Found { range: start..end, kind: Kind::Word });
            }
        }
    }

    /// The pair that begins at the position, or its single character if that is the last of the run.
    fn pair(&mut self, unit_end: usize, run_end: usize, folded: &mut String) -> Found {
        let start = self.position;
        fold_unit(&self.text[start..unit_end], folded);
        self.position = unit_end;
        if unit_end == run_end {
            self.run = None;
            return Found { range: start..unit_end, kind: Kind::Last };
        }
        let next_end = self.end_of_unit(unit_end, run_end);
        fold_unit(&self.text[unit_end..next_end], folded);
        self.run = Some((next_end, run_end));
        Found { range: start..next_end, kind: Kind::Pair }
    }

    /// The start of the next word.
    fn skip(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.position) {
            if byte.is_ascii() {
                if byte.is_ascii_alphanumeric() {
                    return Some(self.position);
                }
                self.position += 1;
                continue;
            }
            let c = self.text[self.position..].chars().next()?;
            if is_word_char(c) && !is_joining(c) {
                return Some(self.position);
            }
            self.position += c.len_utf8();
        }
        None
    }

    /// Where the ASCII letters and digits from `start` end, and whether the word does: most words are nothing else.
    fn end_of_ascii(&self, start: usize) -> (usize, bool) {
        let bytes = &self.text.as_bytes()[start..];
        let length = bytes.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(bytes.len());
        (start + length, length > 0 && bytes.get(length).is_none_or(u8::is_ascii))
    }

    fn end_of_word(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut end = start;
        while let Some(byte) = bytes.get(end) {
            if byte.is_ascii() {
                if !byte.is_ascii_alphanumeric() {
                    break;
                }
                end += 1;
                continue;
            }
            match self.text[end..].chars().next() {
                Some(c) if is_word_char(c) && (!is_unspaced(c) || is_joining(c)) => end += c.len_utf8(),
                _ => break,
            }
        }
        end
    }

    fn end_of_run(&self, start: usize) -> usize {
        let end = self.text[start..].find(|c| !((is_unspaced(c) && c.is_alphanumeric()) || continues_unit(c)));
        end.map_or(self.text.len(), |length| start + length)
    }

    /// The end of the character that starts here, with its marks.
    fn end_of_unit(&self, start: usize, run_end: usize) -> usize {
        let mut chars = self.text[start..run_end].char_indices().skip(1);
        chars.find(|(_, c)| !continues_unit(*c)).map_or(run_end, |(length, _)| start + length)
    }
}

/// Gives words to the engine, as they are written but for folding.
#[derive(Clone, Debug, Default)]
pub(super) struct WordTokenizer;

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream { words: Words::new(text), token: Token::default() }
    }
}

/// The words of one text, for the engine.
pub(super) struct WordStream<'a> {
    words: Words<'a>,
    token: Token,
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(found) = self.words.next(&mut self.token.text) else { return false };
        self.token.offset_from = found.range.start;
        self.token.offset_to = found.range.end;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Words::new(text);
        let mut folded = String::new();
        std::iter::from_fn(|| words.next(&mut folded).map(|_| folded.clone())).collect()
    }

    #[test]
    fn texts_become_words() {
        for (text, expected) in [
            ("Hello, World!", vec!["hello", "world"]),
            ("don't e-mail x@y.org", vec!["don", "t", "e", "mail", "x", "y", "org"]),
            ("  \u{0}\u{7}\n", vec![]),
            ("🍕 pizza👨‍👩‍👧 4you", vec!["pizza", "4you"]),
            ("Zürich–Genève", vec!["zurich", "geneve"]),
            ("שָׁלוֹם עולם", vec!["שלום", "עולם"]),
            ("東京都", vec!["東京", "京都", "都"]),
            ("京", vec!["京"]),
            ("東京 大阪", vec!["東京", "京", "大阪", "阪"]),
            ("iPhone用ケース", vec!["iphone", "用ケ", "ケー", "ース", "ス"]),
            ("ﾎﾟｽﾄ", vec!["ポス", "スト", "ト"]),
            ("한국어", vec!["한국", "국어", "어"]),
            ("\u{301}\u{301}", vec![]),
            ("\u{301}a", vec!["a"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn ranges_are_where_the_words_stand() {
        let text = "Crème, 東京";
        let mut words = Words::new(text);
        let mut folded = String::new();
        let found: Vec<_> = std::iter::from_fn(|| words.next(&mut folded)).collect();
        let spelled: Vec<_> = found.iter().map(|f| (&text[f.range.clone()], f.kind)).collect();
        assert_eq!(spelled, [("Crème", Kind::Word), ("東京", Kind::Pair), ("京", Kind::Last)]);
    }
}

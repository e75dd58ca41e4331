//! Cuts a text into words: names, numbers, texts, signs, joins and parentheses.
//!
//! Blanks and comments between words are dropped here, at any depth. Outside of texts the language is ASCII only, so
//! the lexer walks over bytes and every cut is between two characters.

use std::ops::Range;

use super::Sign;
use super::error::{Fault, Problem, excerpt};

/// One word and where it stands, in bytes.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) span: Range<usize>,
}

/// The kinds of words.
#[derive(Debug)]
pub(super) enum TokenKind<'a> {
    Identifier(&'a str),
    /// A name with the `(` right after it, which the span includes.
    FunctionStart(&'a str),
    Number(f64),
    Text(String),
    Sign {
        sign: Sign,
        any: bool,
    },
    Join(Join),
    Open,
    Close,
    Comma,
    End,
}

/// How an item is joined to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    And,
    Or,
}

/// Whether the next word is inside of parentheses, where a NUL is not skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    TopLevel,
    Inside,
}

/// A text and how far it has been read.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The next word; `End` when there is none, as often as asked.
    pub(super) fn next(&mut self, place: Place) -> Result<Token<'a>, Fault> {
        self.skip_blanks(place)?;
        let start = self.at;
        let kind = match self.peek() {
            None => TokenKind::End,
            Some(b'(') => self.single(TokenKind::Open),
            Some(b')') => self.single(TokenKind::Close),
            Some(b',') => self.single(TokenKind::Comma),
            Some(b'\'' | b'"') => self.quoted()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'@' | b'#') => self.identifier()?,
            Some(b'=' | b'!' | b'<' | b'>' | b'~' | b'?') => self.sign()?,
            Some(b'&' | b'|') => self.join()?,
            Some(_) => return Err(self.unexpected_character()),
        };
        Ok(Token { kind, span: start..self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn unexpected_character(&self) -> Fault {
        let found = self.text[self.at..].chars().next().unwrap_or_default();
        Fault::new(Problem::Character(found), self.at)
    }

    fn single(&mut self, kind: TokenKind<'a>) -> TokenKind<'a> {
        self.at += 1;
        kind
    }

    /// Moves over the bytes that `accept` likes and returns them with those since `start`.
    fn take_while(&mut self, start: usize, accept: impl Fn(u8) -> bool) -> &'a str {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|&byte| !accept(byte)).unwrap_or(rest.len());
        &self.text[start..self.at]
    }

    /// Skips blanks and comments. Carriage return, vertical tab and form feed are no blanks, as in the reference.
    ///
    /// The reference ends a comment at a NUL and runs what follows it; here a NUL in a comment is refused, since
    /// a reader of the rule sees only a comment.
    fn skip_blanks(&mut self, place: Place) -> Result<(), Fault> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n') => self.at += 1,
                Some(0) if place == Place::TopLevel => self.at += 1,
                Some(b'/') => {
                    let comment = self.take_while(self.at, |byte| byte != b'\n' && byte != 0);
                    if !comment.starts_with("//") {
                        return Err(Fault::new(Problem::Comment, self.at - comment.len()));
                    }
                    if self.peek() == Some(0) {
                        return Err(self.unexpected_character());
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// Reads a text and decodes its escapes. A backslash before any other character stays, with the character.
    fn quoted(&mut self) -> Result<TokenKind<'a>, Fault> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut decoded = String::new();
        let mut copied = start + 1;
        self.at = copied;
        loop {
            match bytes.get(self.at) {
                None => return Err(Fault::new(Problem::OpenText, start)),
                Some(0) => return Err(self.unexpected_character()),
                Some(quote) if *quote == bytes[start] => {
                    decoded.push_str(&self.text[copied..self.at]);
                    self.at += 1;
                    return Ok(TokenKind::Text(decoded));
                }
                Some(b'\\') => match bytes.get(self.at + 1).copied().and_then(unescape) {
                    Some(character) => {
                        decoded.push_str(&self.text[copied..self.at]);
                        decoded.push(character);
                        self.at += 2;
                        copied = self.at;
                    }
                    None => self.at += 1,
                },
                Some(_) => self.at += 1,
            }
        }
    }

    fn number(&mut self) -> Result<TokenKind<'a>, Fault> {
        let start = self.at;
        self.at += 1;
        let written = self.take_while(start, |byte| byte.is_ascii_digit() || byte == b'.');
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() && !written.ends_with('.') => Ok(TokenKind::Number(number)),
            _ => Err(Fault::new(Problem::Number(excerpt(written)), start)),
        }
    }

    /// Reads a name. `@` and `#` are only its first character, though part 2, section 2.1 lets them stand anywhere.
    fn identifier(&mut self) -> Result<TokenKind<'a>, Fault> {
        let start = self.at;
        self.at += 1;
        let name = self.take_while(start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':'));
        if name.ends_with(['.', ':']) || matches!(name, "@" | "#" | "_") {
            return Err(Fault::new(Problem::Identifier(excerpt(name)), start));
        }
        if self.peek() == Some(b'(') {
            self.at += 1;
            return Ok(TokenKind::FunctionStart(name));
        }
        Ok(TokenKind::Identifier(name))
    }

    fn sign(&mut self) -> Result<TokenKind<'a>, Fault> {
        let start = self.at;
        let written = self.take_while(start, |byte| matches!(byte, b'=' | b'!' | b'<' | b'>' | b'~' | b'?'));
        let (any, plain) = written.strip_prefix('?').map_or((false, written), |plain| (true, plain));
        let sign = match plain {
            "=" => Sign::Equal,
            "!=" => Sign::NotEqual,
            ">" => Sign::Greater,
            ">=" => Sign::GreaterOrEqual,
            "<" => Sign::Less,
            "<=" => Sign::LessOrEqual,
            "~" => Sign::Like,
            "!~" => Sign::NotLike,
            _ => return Err(Fault::new(Problem::Sign(excerpt(written)), start)),
        };
        Ok(TokenKind::Sign { sign, any })
    }

    fn join(&mut self) -> Result<TokenKind<'a>, Fault> {
        let start = self.at;
        match self.take_while(start, |byte| matches!(byte, b'&' | b'|')) {
            "&&" => Ok(TokenKind::Join(Join::And)),
            "||" => Ok(TokenKind::Join(Join::Or)),
            written => Err(Fault::new(Problem::Join(excerpt(written)), start)),
        }
    }
}

/// The character that a backslash before `byte` stands for, if it stands for one.
fn unescape(byte: u8) -> Option<char> {
    match byte {
        b'\\' | b'\'' | b'"' => Some(char::from(byte)),
        b'n' => Some('\n'),
        b'r' => Some('\r'),
        b't' => Some('\t'),
        _ => None,
    }
}

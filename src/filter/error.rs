//! Why a text is not an expression, and where.

/// Longest piece of the text that a message repeats, in characters.
const MAX_EXCERPT_CHARS: usize = 24;

/// Why a text is not an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at position {position}")]
pub struct ParseError {
    /// What is wrong.
    pub problem: Problem,
    /// Where, in bytes from the start of the text, the first being 0.
    pub offset: usize,
    /// Where, in characters for people, the first being 1.
    pub position: usize,
}

/// What is wrong with a text. Excerpts of it are cut to a few characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No comparison at all: nothing but blanks and comments.
    #[error("nothing to compare")]
    Empty,
    /// A character that begins no word of the language.
    #[error("unexpected character `{}`", .0.escape_debug())]
    Character(char),
    /// A `/` that is not the first of two.
    #[error("a comment begins with `//`")]
    Comment,
    /// Something else than what must stand here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What must stand here.
        expected: &'static str,
        /// What stands here: an excerpt in backticks, or `the end`.
        found: String,
    },
    /// A name that ends in `.` or `:`, or is only a `@`, `#` or `_`.
    #[error("invalid name `{0}`")]
    Identifier(String),
    /// Digits and dots that are not a number, or one too large for a 64-bit float.
    #[error("invalid number `{0}`")]
    Number(String),
    /// A text without its closing quote.
    #[error("this text has no closing quote")]
    OpenText,
    /// Characters of signs that together are none.
    #[error("unknown sign `{0}`")]
    Sign(String),
    /// Ampersands or bars that are not `&&` or `||`.
    #[error("expected `&&` or `||`, found `{0}`")]
    Join(String),
    /// A function as an argument of a function.
    #[error("functions cannot be arguments of functions")]
    NestedFunction,
    /// A group or function without its closing parenthesis; the position is that of what was opened.
    #[error("this parenthesis is never closed")]
    OpenParenthesis,
    /// More than [`super::MAX_COMPARISONS`] comparisons.
    #[error("more than {} comparisons", super::MAX_COMPARISONS)]
    TooManyComparisons,
    /// More than [`super::MAX_GROUP_DEPTH`] groups inside each other.
    #[error("groups nested more than {} deep", super::MAX_GROUP_DEPTH)]
    TooDeep,
}

/// A problem and its offset; the position is worked out only for the one that is reported.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) problem: Problem,
    pub(super) offset: usize,
}

impl Fault {
    pub(super) fn new(problem: Problem, offset: usize) -> Self {
        Self { problem, offset }
    }

    /// Counts the characters of `text` before the fault.
    pub(super) fn locate(self, text: &str) -> ParseError {
        let position = text.char_indices().take_while(|(at, _)| *at < self.offset).count() + 1;
        ParseError { problem: self.problem, offset: self.offset, position }
    }
}

/// The beginning of `text`, short enough for a message.
pub(super) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(MAX_EXCERPT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

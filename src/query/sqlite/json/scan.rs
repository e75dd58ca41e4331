//! JSON as strictly as SQLite's `json_valid` takes it, with the pieces of text kept as they are written.

use super::NotSupported;

/// How deep documents may nest here. SQLite takes 1000; what is deeper than this is left to it.
const MAX_DEPTH: usize = 128;

/// A JSON value; texts and numbers as written.
#[derive(Debug)]
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    /// Without dot and exponent.
    Integer(&'a str),
    Float(&'a str),
    /// What stands between the quotes.
    Text(&'a str),
    Array(Vec<Node<'a>>),
    /// Keys may be there twice.
    Object(Vec<(&'a str, Node<'a>)>),
}

/// Why there is no value.
enum Failure {
    Invalid,
    NotSupported,
}

/// The value of a text, or `None` if it is not JSON (JSON5 is not).
pub(super) fn scan(text: &str) -> Result<Option<Node<'_>>, NotSupported> {
    // SQLite stops at a NUL in some places and not in others.
    if text.contains('\0') {
        return Err(NotSupported);
    }
    let mut scanner = Scanner { text, at: 0 };
    match scanner.document() {
        Ok(node) => Ok(Some(node)),
        Err(Failure::Invalid) => Ok(None),
        Err(Failure::NotSupported) => Err(NotSupported),
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn document(&mut self) -> Result<Node<'a>, Failure> {
        let node = self.value(0)?;
        if self.peek().is_some() { Err(Failure::Invalid) } else { Ok(node) }
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.byte()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, accept: impl Fn(u8) -> bool) -> usize {
        let start = self.at;
        while self.byte().is_some_and(&accept) {
            self.at += 1;
        }
        self.at - start
    }

    /// Moves over `byte` if it is next, blanks aside.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// The recursion ends at [`MAX_DEPTH`].
    fn value(&mut self, depth: usize) -> Result<Node<'a>, Failure> {
        match self.peek() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => Err(Failure::NotSupported),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string().map(Node::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Node::Bool(true)),
            Some(b'f') => self.word("false", Node::Bool(false)),
            Some(b'n') => self.word("null", Node::Null),
            _ => Err(Failure::Invalid),
        }
    }

    fn word(&mut self, word: &str, node: Node<'a>) -> Result<Node<'a>, Failure> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Failure::Invalid);
        }
        self.at += word.len();
        Ok(node)
    }

    fn array(&mut self, depth: usize) -> Result<Node<'a>, Failure> {
        self.at += 1;
        let mut elements = Vec::new();
        if self.take(b']') {
            return Ok(Node::Array(elements));
        }
        loop {
            elements.push(self.value(depth)?);
            if self.take(b']') {
                return Ok(Node::Array(elements));
            }
            if !self.take(b',') {
                return Err(Failure::Invalid);
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Node<'a>, Failure> {
        self.at += 1;
        let mut members = Vec::new();
        if self.take(b'}') {
            return Ok(Node::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(Failure::Invalid);
            }
            let key = self.string()?;
            if !self.take(b':') {
                return Err(Failure::Invalid);
            }
            members.push((key, self.value(depth)?));
            if self.take(b'}') {
                return Ok(Node::Object(members));
            }
            if !self.take(b',') {
                return Err(Failure::Invalid);
            }
        }
    }

    fn string(&mut self) -> Result<&'a str, Failure> {
        self.at += 1;
        let start = self.at;
        loop {
            self.skip(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(&self.text[start..self.at - 1]);
                }
                Some(b'\\') => self.escape()?,
                _ => return Err(Failure::Invalid),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Failure> {
        let bytes = self.text.as_bytes();
        let length = match bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => 6,
            _ => return Err(Failure::Invalid),
        };
        let digits = bytes.get(self.at + 2..self.at + length).ok_or(Failure::Invalid)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(Failure::Invalid);
        }
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Result<Node<'a>, Failure> {
        let start = self.at;
        self.skip_one(b"-");
        let whole = self.at;
        let is_padded = self.digits()? > 1 && self.text.as_bytes()[whole] == b'0';
        let mut is_integer = true;
        if self.skip_one(b".") {
            is_integer = false;
            self.digits()?;
        }
        if self.skip_one(b"eE") {
            is_integer = false;
            self.skip_one(b"+-");
            self.digits()?;
        }
        let written = &self.text[start..self.at];
        match (is_padded, is_integer) {
            (true, _) => Err(Failure::Invalid),
            (false, true) => Ok(Node::Integer(written)),
            (false, false) => Ok(Node::Float(written)),
        }
    }

    fn skip_one(&mut self, any_of: &[u8]) -> bool {
        let is_next = self.byte().is_some_and(|byte| any_of.contains(&byte));
        self.at += usize::from(is_next);
        is_next
    }

    fn digits(&mut self) -> Result<usize, Failure> {
        match self.skip(|byte| byte.is_ascii_digit()) {
            0 => Err(Failure::Invalid),
            count => Ok(count),
        }
    }
}

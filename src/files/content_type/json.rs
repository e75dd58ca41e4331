//! JSON, what is written in it, and lines of it.
//!
//! The head may end amid a value, and what is lenient about numbers and commas costs nobody anything: this only tells JSON from
//! other text. There is no recursion, for the depth is the client's choice.

/// `application/json`, `GeoJSON`, `glTF`, or lines of JSON. A head that is not the whole file may end anywhere.
pub(super) fn find(head: &[u8], is_whole: bool) -> Option<&'static str> {
    if matches!(head.trim_ascii_start(), [b'{' | b'[', ..])
        && let Some(known) = Scanner::default().document(head, is_whole)
    {
        return Some(match known {
            Known::GeoJson => "application/geo+json",
            Known::Gltf => "model/gltf+json",
            Known::Nothing => "application/json",
        });
    }
    is_lines(head, is_whole).then_some("application/x-ndjson")
}

/// Two lines or more, each of them JSON, at least one an object or a list.
fn is_lines(head: &[u8], is_whole: bool) -> bool {
    let (mut count, mut holds_container) = (0, false);
    let mut lines = head.split(|b| *b == b'\n').peekable();
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if Scanner::default().document(text, is_whole || !is_last).is_none() {
            return false;
        }
        count += 1;
        holds_container |= matches!(text[0], b'{' | b'[');
    }
    count > 1 && holds_container
}

/// What a document is, going by its keys.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
enum Known {
    #[default]
    Nothing,
    GeoJson,
    Gltf,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// The first value of a list, or its end.
    FirstItem,
    /// The value after a comma, or the end all the same.
    LaterItem,
    FirstKey,
    LaterKey,
    Colon,
    /// A comma, or the end of what is open.
    Comma,
}

#[derive(Default)]
struct Scanner {
    /// The containers that are open: `{` or `[`.
    open: Vec<u8>,
    /// Whether the first key is `asset`, the last key on the first and on the second level, as far as they matter.
    keys: [Key; 2],
    known: Known,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Key {
    #[default]
    Other,
    Type,
    Asset,
    Version,
}

impl Scanner {
    /// `None` if this is no JSON.
    fn document(mut self, text: &[u8], is_whole: bool) -> Option<Known> {
        let mut at = 0;
        let mut next = Next::Value;
        loop {
            while matches!(text.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
                at += 1;
            }
            let Some(&byte) = text.get(at) else {
                let is_complete = self.open.is_empty() && next == Next::Comma;
                return (is_complete || !is_whole).then_some(self.known);
            };
            next = match (byte, next) {
                (b'}', Next::FirstKey | Next::LaterKey) | (b']', Next::FirstItem | Next::LaterItem) => {
                    self.close(byte)?
                }
                (b'}' | b']', Next::Comma) => self.close(byte)?,
                (b'"', Next::FirstKey | Next::LaterKey) => {
                    let end = string_end(text, at);
                    let Some(end) = end? else { return (!is_whole).then_some(self.known) };
                    self.note_key(&text[at + 1..end - 1]);
                    at = end - 1;
                    Next::Colon
                }
                (b':', Next::Colon) => Next::Value,
                (b',', Next::Comma) => match self.open.last()? {
                    b'{' => Next::LaterKey,
                    _ => Next::LaterItem,
                },
                (b'{' | b'[', Next::Value | Next::FirstItem | Next::LaterItem) => {
                    self.open.push(byte);
                    if byte == b'{' { Next::FirstKey } else { Next::FirstItem }
                }
                (b'"', Next::Value | Next::FirstItem | Next::LaterItem) => {
                    let end = string_end(text, at);
                    let Some(end) = end? else { return (!is_whole).then_some(self.known) };
                    self.note_value(&text[at + 1..end - 1]);
                    at = end - 1;
                    Next::Comma
                }
                (_, Next::Value | Next::FirstItem | Next::LaterItem) => {
                    let rest = &text[at..];
                    let end =
                        rest.iter().position(|b| !matches!(b, b'a'..=b'z' | b'E' | b'0'..=b'9' | b'+' | b'-' | b'.'));
                    let is_cut = end.is_none() && !is_whole;
                    let word = &rest[..end.unwrap_or(rest.len())];
                    if !is_word(word, is_cut) {
                        return None;
                    }
                    at += word.len() - 1;
                    Next::Comma
                }
                _ => return None,
            };
            at += 1;
        }
    }

    fn close(&mut self, byte: u8) -> Option<Next> {
        let open = if byte == b'}' { b'{' } else { b'[' };
        (self.open.pop() == Some(open)).then_some(Next::Comma)
    }

    fn note_key(&mut self, key: &[u8]) {
        if let Some(place) = self.keys.get_mut(self.open.len() - 1) {
            *place = match key {
                b"type" => Key::Type,
                b"asset" => Key::Asset,
                b"version" => Key::Version,
                _ => Key::Other,
            };
        }
    }

    fn note_value(&mut self, value: &[u8]) {
        const SHAPES: &[&[u8]] = &[
            b"Feature",
            b"FeatureCollection",
            b"Point",
            b"LineString",
            b"Polygon",
            b"MultiPoint",
            b"MultiLineString",
            b"MultiPolygon",
            b"GeometryCollection",
        ];
        match (self.open.as_slice(), self.keys) {
            (b"{", [Key::Type, _]) if SHAPES.contains(&value) => self.known = Known::GeoJson,
            (b"{{", [Key::Asset, Key::Version]) if matches!(value, b"1.0" | b"2.0") => self.known = Known::Gltf,
            _ => {}
        }
    }
}

/// Where the string that begins at `start` ends, behind its quote; `Some(None)` if it is cut off, `None` if it cannot be one.
#[expect(clippy::option_option, reason = "three answers, and the question mark takes the one that ends everything")]
fn string_end(text: &[u8], start: usize) -> Option<Option<usize>> {
    let mut at = start + 1;
    loop {
        match text.get(at) {
            None => return Some(None),
            Some(b'"') => return Some(Some(at + 1)),
            Some(b'\\') => match text.get(at + 1) {
                None => return Some(None),
                Some(b'u') => {
                    let digits = &text[at + 2..text.len().min(at + 6)];
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    at += 6;
                }
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => at += 2,
                Some(_) => return None,
            },
            Some(_) => at += 1,
        }
    }
}

/// `true`, `false`, `null` or something like a number; the beginning of one if it is cut off.
fn is_word(word: &[u8], is_cut: bool) -> bool {
    if [&b"true"[..], b"false", b"null"].iter().any(|name| *name == word || is_cut && name.starts_with(word)) {
        return !word.is_empty();
    }
    let (mantissa, exponent) = match word.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => (&word[..at], Some(&word[at + 1..])),
        None => (word, None),
    };
    let is_number = |digits: &[u8]| {
        digits.iter().all(|b| b.is_ascii_digit() || *b == b'.') && (digits.iter().any(u8::is_ascii_digit) || is_cut)
    };
    is_number(mantissa.strip_prefix(b"-").unwrap_or(mantissa))
        && exponent.is_none_or(|e| is_number(e.strip_prefix(b"-").or_else(|| e.strip_prefix(b"+")).unwrap_or(e)))
}

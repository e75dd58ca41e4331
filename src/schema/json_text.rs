//! JSON text written and checked byte by byte, in the dialect of the wire (reference part 1, section 1.1).
//!
//! Strings escape `<`, `>`, `&`, U+2028 and U+2029; numbers are the shortest text that reads back the same, with an
//! exponent below 1e-6 and from 1e21. Everything appends to a buffer the caller owns: lists of records are made of
//! these calls.

use serde_json::Value as Json;

/// Deepest nesting of arrays and objects that counts as JSON.
pub const MAX_DEPTH: u32 = 128;

/// How a byte of a string is written: 0 = as it is, `u` = `\u00XX`, 0xE2 = start of U+2028/2029 perhaps, else `\` and
/// the byte.
static ESCAPES: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0A] = b'n';
    table[0x0C] = b'f';
    table[0x0D] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table[b'<' as usize] = b'u';
    table[b'>' as usize] = b'u';
    table[b'&' as usize] = b'u';
    table[0xE2] = 0xE2;
    table
};

/// Length of the prefix without a byte that [`ESCAPES`] marks.
///
/// Long runs go by blocks, whose loop without branches the compiler turns into vector instructions (four times the speed
/// of the table); the rest by eights and ones.
#[inline]
fn plain_prefix(bytes: &[u8]) -> usize {
    const NEAR: usize = 8;
    const BLOCK: usize = 32;
    let mut at = 0;
    // In text full of special bytes the next one is near.
    for &byte in bytes.iter().take(NEAR) {
        if ESCAPES[usize::from(byte)] != 0 {
            return at;
        }
        at += 1;
    }
    while let Some(block) = bytes[at..].first_chunk::<BLOCK>() {
        let special: [u8; BLOCK] = std::array::from_fn(|i| {
            let b = block[i];
            u8::from(b < 0x20)
                | u8::from(b == b'"')
                | u8::from(b == b'\\')
                | u8::from(b == b'<')
                | u8::from(b == b'>')
                | u8::from(b == b'&')
                | u8::from(b == 0xE2)
        });
        if special != [0; BLOCK] {
            break;
        }
        at += BLOCK;
    }
    while let Some(block) = bytes[at..].first_chunk::<8>() {
        if block.iter().fold(0, |special, &b| special | ESCAPES[usize::from(b)]) != 0 {
            break;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|&b| ESCAPES[usize::from(b)] == 0) {
        at += 1;
    }
    at
}

/// Writes a JSON string with its quotes.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    write_escaped(out, text.as_bytes());
    out.push(b'"');
}

/// Writes the inside of a JSON string.
fn write_escaped(out: &mut Vec<u8>, mut rest: &[u8]) {
    loop {
        let plain = plain_prefix(rest);
        out.extend_from_slice(&rest[..plain]);
        rest = &rest[plain..];
        let Some(&byte) = rest.first() else { return };
        rest = &rest[write_special(out, byte, rest)..];
    }
}

/// Writes one special byte, or one character that begins with 0xE2; answers how many bytes it was.
fn write_special(out: &mut Vec<u8>, byte: u8, rest: &[u8]) -> usize {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match ESCAPES[usize::from(byte)] {
        b'u' => {
            let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            1
        }
        0xE2 => match rest {
            [0xE2, 0x80, 0xA8, ..] => {
                out.extend_from_slice(b"\\u2028");
                3
            }
            [0xE2, 0x80, 0xA9, ..] => {
                out.extend_from_slice(b"\\u2029");
                3
            }
            [0xE2, second, third, ..] => {
                out.extend_from_slice(&[0xE2, *second, *third]);
                3
            }
            _ => {
                out.push(byte);
                1
            }
        },
        0 => {
            out.push(byte);
            1
        }
        short => {
            out.extend_from_slice(&[b'\\', short]);
            1
        }
    }
}

/// Writes an integer.
pub fn write_integer(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Writes a number; what JSON cannot hold (NaN, infinities) becomes 0.
pub fn write_number(out: &mut Vec<u8>, number: f64) {
    if !number.is_finite() {
        out.push(b'0');
    } else if let Some(integer) = exact_integer(number) {
        write_integer(out, integer);
    } else {
        let magnitude = number.abs();
        let with_exponent = magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude);
        write_float(out, number, with_exponent);
    }
}

/// Writes a number in decimals without an exponent, however long (the **str** cast). Not for JSON: `NaN` and
/// infinities are written as words.
pub fn write_plain_number(out: &mut Vec<u8>, number: f64) {
    if number.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if number.is_infinite() {
        out.extend_from_slice(if number > 0.0 { b"+Inf" } else { b"-Inf" });
    } else if let Some(integer) = exact_integer(number) {
        write_integer(out, integer);
    } else {
        write_float(out, number, false);
    }
}

/// The number as an integer if it is one that floats hold exactly; -0 is not.
#[inline]
fn exact_integer(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.abs() > EXACT || number.fract() != 0.0 || (number == 0.0 && number.is_sign_negative()) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 2^53")]
    Some(number as i64)
}

/// Lays out the shortest digits of a finite number.
fn write_float(out: &mut Vec<u8>, number: f64, with_exponent: bool) {
    let mut buffer = ryu::Buffer::new();
    let shortest = buffer.format_finite(number);
    let Some((mantissa, exponent)) = shortest.split_once('e') else {
        out.extend_from_slice(shortest.strip_suffix(".0").unwrap_or(shortest).as_bytes());
        return;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = match mantissa.strip_prefix('-') {
        Some(rest) => {
            out.push(b'-');
            rest
        }
        None => mantissa,
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // The value is 0.DIGITS times 10^point.
    let mut digits = [0u8; 32];
    let mut count = 0;
    for byte in whole.bytes().chain(fraction.bytes()).take(digits.len()) {
        digits[count] = byte;
        count += 1;
    }
    let mut point = i32::try_from(whole.len()).unwrap_or(0) + exponent;
    let leading = digits[..count].iter().take_while(|&&b| b == b'0').count();
    let mut digits = &digits[leading..count];
    point -= i32::try_from(leading).unwrap_or(0);
    while let [head @ .., b'0'] = digits {
        digits = head;
    }
    if digits.is_empty() {
        out.push(b'0');
    } else if with_exponent {
        out.push(digits[0]);
        if digits.len() > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        out.push(b'e');
        out.push(if point > 0 { b'+' } else { b'-' });
        out.extend_from_slice(itoa::Buffer::new().format((point - 1).unsigned_abs()).as_bytes());
    } else {
        write_decimal(out, digits, point);
    }
}

/// Writes `0.DIGITS` times 10^point without an exponent.
fn write_decimal(out: &mut Vec<u8>, digits: &[u8], point: i32) {
    let zeros = |out: &mut Vec<u8>, n: usize| out.resize(out.len() + n, b'0');
    match usize::try_from(point) {
        Ok(point) if point >= digits.len() => {
            out.extend_from_slice(digits);
            zeros(out, point - digits.len());
        }
        Ok(point) if point > 0 => {
            out.extend_from_slice(&digits[..point]);
            out.push(b'.');
            out.extend_from_slice(&digits[point..]);
        }
        _ => {
            out.extend_from_slice(b"0.");
            zeros(out, usize::try_from(-point).unwrap_or(0));
            out.extend_from_slice(digits);
        }
    }
}

/// Writes an array of strings.
pub fn write_strings(out: &mut Vec<u8>, items: &[String]) {
    out.push(b'[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_string(out, item);
    }
    out.push(b']');
}

/// Writes a parsed value; numbers are 64-bit floats, as everywhere on the wire.
pub fn write_value(out: &mut Vec<u8>, value: &Json) {
    match value {
        Json::Null => out.extend_from_slice(b"null"),
        Json::Bool(true) => out.extend_from_slice(b"true"),
        Json::Bool(false) => out.extend_from_slice(b"false"),
        Json::Number(number) => write_number(out, number.as_f64().unwrap_or(0.0)),
        Json::String(text) => write_string(out, text),
        Json::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_value(out, item);
            }
            out.push(b']');
        }
        Json::Object(members) => {
            out.push(b'{');
            for (i, (key, member)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_string(out, key);
                out.push(b':');
                write_value(out, member);
            }
            out.push(b'}');
        }
    }
}

/// Writes JSON text without its white space and with our escapes, keeping numbers, key order and repeated keys.
///
/// Answers `false` and leaves `out` as it was when the text is not JSON or nests deeper than [`MAX_DEPTH`].
pub fn write_compact(out: &mut Vec<u8>, text: &str) -> bool {
    let start = out.len();
    out.reserve(text.len());
    let ok = Compactor { bytes: text.as_bytes(), at: 0, out }.run().is_some();
    if !ok {
        out.truncate(start);
    }
    ok
}

/// A scanner that copies what it accepts. It has no recursion: open brackets are bits of an integer.
struct Compactor<'a> {
    bytes: &'a [u8],
    at: usize,
    out: &'a mut Vec<u8>,
}

impl Compactor<'_> {
    /// `None` = not JSON.
    fn run(&mut self) -> Option<()> {
        // Bit 0 is the innermost bracket: 1 = object, 0 = array.
        let (mut stack, mut depth) = (0u128, 0u32);
        loop {
            // Here a value must begin.
            self.skip_space();
            match *self.bytes.get(self.at)? {
                open @ (b'{' | b'[') => {
                    if depth == MAX_DEPTH {
                        return None;
                    }
                    self.copy(1);
                    self.skip_space();
                    let is_object = open == b'{';
                    if self.bytes.get(self.at) == Some(&(open + 2)) {
                        self.copy(1);
                    } else {
                        stack = stack << 1 | u128::from(is_object);
                        depth += 1;
                        if is_object {
                            self.key()?;
                        }
                        continue;
                    }
                }
                b'"' => self.string()?,
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            }
            // Here a value has ended.
            loop {
                self.skip_space();
                if depth == 0 {
                    return (self.at == self.bytes.len()).then_some(());
                }
                let is_object = stack & 1 == 1;
                match *self.bytes.get(self.at)? {
                    b',' => {
                        self.copy(1);
                        if is_object {
                            self.skip_space();
                            self.key()?;
                        }
                        break;
                    }
                    b'}' if is_object => self.copy(1),
                    b']' if !is_object => self.copy(1),
                    _ => return None,
                }
                stack >>= 1;
                depth -= 1;
            }
        }
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn copy(&mut self, count: usize) {
        self.out.extend_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.bytes[self.at..].starts_with(word).then(|| self.copy(word.len()))
    }

    /// A string and its colon.
    fn key(&mut self) -> Option<()> {
        if self.bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        self.string()?;
        self.skip_space();
        (self.bytes.get(self.at) == Some(&b':')).then(|| self.copy(1))
    }

    /// A string; the position is at its opening quote.
    fn string(&mut self) -> Option<()> {
        self.copy(1);
        loop {
            self.copy(plain_prefix(&self.bytes[self.at..]));
            let rest = &self.bytes[self.at..];
            match *rest.first()? {
                b'"' => {
                    self.copy(1);
                    return Some(());
                }
                b'\\' => match rest.get(1)? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.copy(2),
                    b'u' if rest.get(2..6)?.iter().all(u8::is_ascii_hexdigit) => self.copy(6),
                    _ => return None,
                },
                0..0x20 => return None,
                byte => self.at += write_special(self.out, byte, rest),
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        let mut at = start;
        let digits = |mut at: usize| {
            let from = at;
            while self.bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            (at > from).then_some(at)
        };
        if self.bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        at = if self.bytes.get(at) == Some(&b'0') { at + 1 } else { digits(at)? };
        if self.bytes.get(at) == Some(&b'.') {
            at = digits(at + 1)?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(at) {
            at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(at) {
                at += 1;
            }
            at = digits(at)?;
        }
        self.copy(at - start);
        Some(())
    }
}

#[cfg(test)]
#[path = "json_text_tests.rs"]
mod tests;

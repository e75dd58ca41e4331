//! What SQLite makes of a JSON value: an SQL value, and its text.

use std::borrow::Cow;

use super::super::{Scalar, number};
use super::NotSupported;
use super::scan::Node;

impl<'a> Node<'a> {
    /// The SQL value: booleans are 1 and 0, objects and arrays their text.
    pub(super) fn to_value(&self) -> Result<Scalar<'a>, NotSupported> {
        Ok(match self {
            Node::Null => Scalar::Null,
            Node::Bool(value) => Scalar::Integer(i64::from(*value)),
            Node::Integer(written) => match written.parse() {
                Ok(number) => Scalar::Integer(number),
                Err(_) => Scalar::Real(number::read(written).number),
            },
            Node::Float(written) => Scalar::Real(number::read(written).number),
            Node::Text(written) => Scalar::Text(unescape(written)?),
            Node::Array(_) | Node::Object(_) => {
                let mut text = String::new();
                self.write(&mut text);
                Scalar::Text(Cow::Owned(text))
            }
        })
    }

    /// Writes the value without blanks, its texts and numbers as they were.
    fn write(&self, out: &mut String) {
        match self {
            Node::Null => out.push_str("null"),
            Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Node::Integer(written) | Node::Float(written) => out.push_str(written),
            Node::Text(written) => write_text(written, out),
            Node::Array(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    write_comma(index, out);
                    element.write(out);
                }
                out.push(']');
            }
            Node::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    write_comma(index, out);
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_comma(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

fn write_text(written: &str, out: &mut String) {
    out.push('"');
    out.push_str(written);
    out.push('"');
}

/// The text that `written`, taken from between the quotes, stands for. Half a surrogate pair is not supported: SQLite
/// makes invalid UTF-8 of it.
pub(super) fn unescape(written: &str) -> Result<Cow<'_, str>, NotSupported> {
    let Some((plain, mut rest)) = written.split_once('\\') else { return Ok(Cow::Borrowed(written)) };
    let mut text = plain.to_owned();
    loop {
        let mut characters = rest.chars();
        let character = match characters.next().ok_or(NotSupported)? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (character, behind) = unescape_unicode(characters.as_str())?;
                characters = behind.chars();
                character
            }
            character => character,
        };
        text.push(character);
        let Some((plain, behind)) = characters.as_str().split_once('\\') else {
            text.push_str(characters.as_str());
            return Ok(Cow::Owned(text));
        };
        text.push_str(plain);
        rest = behind;
    }
}

/// The character at `0041` or `d83d\ude00`, and what stands behind it.
fn unescape_unicode(digits: &str) -> Result<(char, &str), NotSupported> {
    let (high, rest) = unit(digits)?;
    if let Some(character) = char::from_u32(u32::from(high)) {
        return Ok((character, rest));
    }
    let (low, rest) = unit(rest.strip_prefix("\\u").ok_or(NotSupported)?)?;
    match char::decode_utf16([high, low]).next() {
        Some(Ok(character)) => Ok((character, rest)),
        _ => Err(NotSupported),
    }
}

fn unit(digits: &str) -> Result<(u16, &str), NotSupported> {
    let (digits, rest) = digits.split_at_checked(4).ok_or(NotSupported)?;
    Ok((u16::from_str_radix(digits, 16).map_err(|_| NotSupported)?, rest))
}

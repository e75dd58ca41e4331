//! The three things expressions ask of JSON columns (reference part 2, section 5.1).
//!
//! What cannot be made certain to equal SQLite is refused: texts with a NUL, very deep documents, halves of surrogate
//! pairs, infinite numbers, and paths with anything but plain keys and indexes.

mod node;
mod scan;

use super::{Scalar, SqlValue, number};
use scan::{Node, scan};

/// Only SQLite itself knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not supported outside of SQLite")]
pub(crate) struct NotSupported;

/// `json_extract` of a column that need not be JSON.
///
/// `path` is what follows the `$`: empty, or keys and indexes like `.a.b[0]`. In SQL: if `json_valid(column)`,
/// `json_extract(column, '$' || path)`, else `json_extract(json_object('pb', column), '$.pb' || path)`.
pub(crate) fn json_extract<'v>(column: &'v SqlValue, path: &str) -> Result<Scalar<'v>, NotSupported> {
    let steps = parse_path(path)?;
    let root = match column {
        SqlValue::Text(text) => scan(text)?,
        _ => None,
    };
    match root {
        Some(root) => match find(&root, &steps)? {
            Some(node) => node.to_value(),
            None => Ok(Scalar::Null),
        },
        None if steps.is_empty() => scalar(column),
        None => scalar(column).map(|_| Scalar::Null),
    }
}

/// How many elements a column has: those of a JSON array, none in an empty text or NULL, else one.
pub(crate) fn json_length(column: &SqlValue) -> Result<usize, NotSupported> {
    match column {
        SqlValue::Null => Ok(0),
        SqlValue::Integer(_) | SqlValue::Real(_) => Ok(1),
        SqlValue::Text(text) if text.is_empty() => Ok(0),
        SqlValue::Text(text) => match scan(text)? {
            Some(Node::Array(elements)) => Ok(elements.len()),
            _ => Ok(1),
        },
    }
}

/// The elements of a column: those of a JSON array, else the value itself as the only one.
pub(crate) fn json_each(column: &SqlValue) -> Result<Vec<Scalar<'_>>, NotSupported> {
    if let SqlValue::Text(text) = column
        && let Some(elements) = json_elements(text)?
    {
        return Ok(elements);
    }
    Ok(vec![scalar(column)?])
}

/// The elements of a JSON array; `None` if the text is something else.
pub(crate) fn json_elements(text: &str) -> Result<Option<Vec<Scalar<'_>>>, NotSupported> {
    match scan(text)? {
        Some(Node::Array(elements)) => elements.iter().map(Node::to_value).collect::<Result<_, _>>().map(Some),
        _ => Ok(None),
    }
}

/// What is left of a value that has been written as JSON and read again.
fn scalar(value: &SqlValue) -> Result<Scalar<'_>, NotSupported> {
    match value {
        SqlValue::Real(number) if !number.is_finite() => Err(NotSupported),
        SqlValue::Real(number) => Ok(Scalar::Real(number::read(&number::real_to_text(*number)).number)),
        value => Ok(value.into()),
    }
}

/// One step of a path.
#[derive(Debug)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

fn parse_path(path: &str) -> Result<Vec<Step<'_>>, NotSupported> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('.') {
            let end = behind.find(['.', '[']).unwrap_or(behind.len());
            let (key, behind) = behind.split_at(end);
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            if key.is_empty() || !key.bytes().all(is_plain) {
                return Err(NotSupported);
            }
            steps.push(Step::Key(key));
            rest = behind;
        } else {
            let (digits, behind) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or(NotSupported)?;
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(NotSupported);
            }
            // An index that does not fit is beyond every array.
            steps.push(Step::Index(digits.parse().unwrap_or(usize::MAX)));
            rest = behind;
        }
    }
    Ok(steps)
}

/// The value at the end of a path. Of a key that is there twice, the first counts.
fn find<'n, 'a>(root: &'n Node<'a>, steps: &[Step<'_>]) -> Result<Option<&'n Node<'a>>, NotSupported> {
    let mut current = root;
    for step in steps {
        let next = match (step, current) {
            (Step::Key(key), Node::Object(members)) => find_member(members, key)?,
            (Step::Index(index), Node::Array(elements)) => elements.get(*index),
            _ => None,
        };
        let Some(next) = next else { return Ok(None) };
        current = next;
    }
    Ok(Some(current))
}

fn find_member<'n, 'a>(members: &'n [(&'a str, Node<'a>)], key: &str) -> Result<Option<&'n Node<'a>>, NotSupported> {
    for (written, node) in members {
        if node::unescape(written)? == key {
            return Ok(Some(node));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;

//! Cursors: where a page of a list ended, so that the next one can begin there whatever was inserted meanwhile.
//!
//! The text is opaque to clients: base64 of JSON that holds a fingerprint of collection, filter and sort, and the sort
//! values of the page's last record. It grants nothing: the records behind it are listed under the rules as any others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

use super::RecordError;
use crate::query::SqlValue;

/// Longest cursor, in bytes: beside a filter and a sort it has to fit into a URL, which ends at 64 KiB.
const MAX_CURSOR_BYTES: usize = 32 * 1024;

/// The list a cursor belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListKey<'a> {
    /// Collection id.
    pub(super) collection: &'a str,
    /// The client's filter.
    pub(super) filter: &'a str,
    /// The client's sort.
    pub(super) sort: &'a str,
}

/// The sort values of the last record of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cursor(Vec<SqlValue>);

impl Cursor {
    pub(super) fn new(values: Vec<SqlValue>) -> Self {
        Self(values)
    }

    /// Reads the parameter; none for the first page.
    pub(super) fn parse(text: &str, list: &ListKey<'_>) -> Result<Option<Self>, RecordError> {
        if text.is_empty() {
            return Ok(None);
        }
        let unusable = || RecordError::BadQuery("the cursor is not one of this list".into());
        if text.len() > MAX_CURSOR_BYTES {
            return Err(unusable());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| unusable())?;
        let (fingerprint, values): (u32, Vec<Json>) = serde_json::from_slice(&bytes).map_err(|_| unusable())?;
        if fingerprint != fingerprint_of(list) {
            return Err(unusable());
        }
        let values = values.into_iter().map(|value| value_of(value).ok_or_else(unusable));
        Ok(Some(Self(values.collect::<Result<_, _>>()?)))
    }

    /// The values, of which there must be so many.
    pub(super) fn values(self, count: usize) -> Result<Vec<SqlValue>, RecordError> {
        if self.0.len() == count {
            Ok(self.0)
        } else {
            Err(RecordError::BadQuery("the cursor is not one of this list".into()))
        }
    }

    /// As sent to the client.
    ///
    /// # Errors
    /// [`RecordError::BadQuery`] if the values are so long that no request could bring them back.
    pub(super) fn to_text(&self, list: &ListKey<'_>) -> Result<String, RecordError> {
        let values: Vec<Json> = self.0.iter().map(json_of).collect();
        let text = URL_SAFE_NO_PAD.encode(json!([fingerprint_of(list), values]).to_string());
        if text.len() > MAX_CURSOR_BYTES {
            return Err(RecordError::BadQuery("the values sorted by are too long for a cursor".into()));
        }
        Ok(text)
    }
}

/// A cursor fits only the list it comes from.
fn fingerprint_of(list: &ListKey<'_>) -> u32 {
    crc32fast::hash(format!("{}\0{}\0{}", list.collection, list.filter, list.sort).as_bytes())
}

/// Integers and texts as they are; a float as its bits, so that nothing is lost.
fn json_of(value: &SqlValue) -> Json {
    match value {
        SqlValue::Null => Json::Null,
        SqlValue::Integer(integer) => json!(integer),
        SqlValue::Real(real) => json!([real.to_bits()]),
        SqlValue::Text(text) => json!(text),
    }
}

fn value_of(value: Json) -> Option<SqlValue> {
    match value {
        Json::Null => Some(SqlValue::Null),
        Json::Number(number) => number.as_i64().map(SqlValue::Integer),
        Json::String(text) => Some(SqlValue::Text(text)),
        Json::Array(bits) => match bits.as_slice() {
            [bits] => bits.as_u64().map(f64::from_bits).filter(|real| !real.is_nan()).map(SqlValue::Real),
            _ => None,
        },
        Json::Bool(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_as_they_were_and_only_to_their_list() {
        let list = ListKey { collection: "c", filter: "a = 1", sort: "-b" };
        let values = vec![
            SqlValue::Null,
            SqlValue::Integer(-5),
            SqlValue::Real(0.1),
            SqlValue::Text("é\"".into()),
            SqlValue::Integer(i64::MAX),
        ];
        let text = Cursor::new(values.clone()).to_text(&list).unwrap();
        let read = Cursor::parse(&text, &list).unwrap().unwrap();
        assert_eq!(read.clone().values(5).unwrap(), values);
        assert!(read.values(4).is_err());
        for other in
            [ListKey { sort: "b", ..list }, ListKey { filter: "", ..list }, ListKey { collection: "d", ..list }]
        {
            assert!(Cursor::parse(&text, &other).is_err(), "{other:?}");
        }
        for text in ["x", "!!", "bnVsbA", "W10", &text[1..]] {
            assert!(Cursor::parse(text, &list).is_err(), "{text}");
        }
        assert!(Cursor::new(vec![SqlValue::Text("x".repeat(MAX_CURSOR_BYTES))]).to_text(&list).is_err());
        assert_eq!(Cursor::parse("", &list).unwrap(), None);
    }
}

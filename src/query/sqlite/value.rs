//! Values, and their text.

use std::borrow::Cow;
use std::cmp::Ordering;

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::number;

/// A value in SQLite, but for blobs, which no column of ours holds.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlValue {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number; never NaN, which SQLite keeps as NULL.
    Real(f64),
    /// A text.
    Text(String),
}

impl SqlValue {
    /// The value of a column, or `None` for a blob or a text that is not UTF-8.
    pub fn from_column(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(Self::Null),
            ValueRef::Integer(number) => Some(Self::Integer(number)),
            ValueRef::Real(number) => Some(Self::Real(number)),
            ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec()).ok().map(Self::Text),
            ValueRef::Blob(_) => None,
        }
    }
}

impl SqlValue {
    /// How SQLite sorts it against another: NULL, numbers, texts by their bytes.
    pub fn sort_order(&self, other: &Self) -> Ordering {
        super::compare::sort_order(self, other)
    }

    /// As [`sort_order`](Self::sort_order), against a column.
    pub fn sort_order_of(&self, other: ValueRef<'_>) -> Ordering {
        match (self, other) {
            (Self::Text(text), ValueRef::Text(other)) => text.as_bytes().cmp(other),
            (_, other) => self.sort_order(&other.into()),
        }
    }
}

impl From<ValueRef<'_>> for SqlValue {
    /// A blob, or a text that is not UTF-8, becomes the text nearest to it: good enough to sort by.
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Self::Text(String::from_utf8_lossy(bytes).into_owned()),
        }
    }
}

impl ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// A value on its way through an expression: texts are borrowed from rows and parameters where they can be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar<'v> {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A text.
    Text(Cow<'v, str>),
}

impl Scalar<'_> {
    /// The same value without a copy of its text.
    pub(crate) fn borrow(&self) -> Scalar<'_> {
        match self {
            Self::Null => Scalar::Null,
            Self::Integer(number) => Scalar::Integer(*number),
            Self::Real(number) => Scalar::Real(*number),
            Self::Text(text) => Scalar::Text(Cow::Borrowed(text)),
        }
    }

    /// A value of its own.
    pub(crate) fn into_value(self) -> SqlValue {
        match self {
            Self::Null => SqlValue::Null,
            Self::Integer(number) => SqlValue::Integer(number),
            Self::Real(number) => SqlValue::Real(number),
            Self::Text(text) => SqlValue::Text(text.into_owned()),
        }
    }
}

impl<'v> From<&'v SqlValue> for Scalar<'v> {
    fn from(value: &'v SqlValue) -> Self {
        match value {
            SqlValue::Null => Self::Null,
            SqlValue::Integer(number) => Self::Integer(*number),
            SqlValue::Real(number) => Self::Real(*number),
            SqlValue::Text(text) => Self::Text(Cow::Borrowed(text)),
        }
    }
}

/// What an expression wants the other side of a comparison converted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affinity {
    /// Nothing: literals, parameters, results of functions and operators.
    None,
    /// Nothing, but it is a column: one declared without a type, like `json_each.value`.
    Blob,
    /// A column that keeps texts: `TEXT`.
    Text,
    /// A column that keeps numbers: `NUMERIC`, `BOOLEAN`, `JSON`.
    Numeric,
}

/// The value as SQLite's `CAST(… AS TEXT)` writes it; `None` for NULL.
pub(crate) fn to_text<'v>(value: &'v Scalar<'_>) -> Option<Cow<'v, str>> {
    match value {
        Scalar::Null => None,
        Scalar::Integer(number) => Some(Cow::Owned(number.to_string())),
        Scalar::Real(number) => Some(Cow::Owned(number::real_to_text(*number))),
        Scalar::Text(text) => Some(Cow::Borrowed(text)),
    }
}

/// SQLite's `LOWER`, which knows only the letters A to Z.
pub(crate) fn lower(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { text }
}

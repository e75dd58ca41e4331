//! Placeholder until the merge.
use rusqlite::types::{ToSql, ToSqlOutput, Value};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlValue {
    /// NULL
    Null,
    /// INTEGER
    Integer(i64),
    /// REAL
    Real(f64),
    /// TEXT
    Text(String),
}

impl From<rusqlite::types::ValueRef<'_>> for SqlValue {
    fn from(value: rusqlite::types::ValueRef<'_>) -> Self {
        use rusqlite::types::ValueRef;
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(v) => Self::Integer(v),
            ValueRef::Real(v) => Self::Real(v),
            ValueRef::Text(v) | ValueRef::Blob(v) => Self::Text(String::from_utf8_lossy(v).into_owned()),
        }
    }
}

impl SqlValue {
    /// Order.
    pub fn sort_order(&self, other: &Self) -> std::cmp::Ordering {
        use std::cmp::Ordering;
        let class = |v: &Self| match v { Self::Null => 0, Self::Integer(_) | Self::Real(_) => 1, Self::Text(_) => 2 };
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Real(a), Self::Real(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::Integer(a), Self::Real(b)) => (*a as f64).partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::Real(a), Self::Integer(b)) => a.partial_cmp(&(*b as f64)).unwrap_or(Ordering::Equal),
            (Self::Text(a), Self::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            _ => class(self).cmp(&class(other)),
        }
    }

    /// Order.
    pub fn sort_order_of(&self, other: rusqlite::types::ValueRef<'_>) -> std::cmp::Ordering {
        self.sort_order(&other.into())
    }
}

impl ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(v) => ToSqlOutput::Owned(Value::Integer(*v)),
            Self::Real(v) => ToSqlOutput::Owned(Value::Real(*v)),
            Self::Text(v) => ToSqlOutput::from(v.as_str()),
        })
    }
}

//! True or false. Required means true.

use rusqlite::types::ValueRef;

use crate::schema::cast;

pub(in crate::schema) const COLUMN: &str = "BOOLEAN DEFAULT FALSE NOT NULL";

/// A stored column as a boolean.
pub(in crate::schema) fn read(value: ValueRef<'_>) -> bool {
    match value {
        ValueRef::Integer(integer) => integer != 0,
        ValueRef::Real(real) => real != 0.0,
        ValueRef::Text(text) | ValueRef::Blob(text) => std::str::from_utf8(text).is_ok_and(cast::boolean_of_text),
        ValueRef::Null => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_forms() {
        for (stored, want) in [
            (ValueRef::Integer(1), true),
            (ValueRef::Integer(0), false),
            (ValueRef::Real(0.5), true),
            (ValueRef::Text(b"true"), true),
            (ValueRef::Text(b"\xff"), false),
            (ValueRef::Null, false),
        ] {
            assert_eq!(read(stored), want, "{stored:?}");
        }
    }
}

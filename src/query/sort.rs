//! The `sort` parameter: `-created,title,@random`.

use super::{Plan, quote_identifier};
use crate::schema::FieldOptions;

/// Most sort keys.
const MAX_KEYS: usize = 8;

/// Longest sort key, in bytes.
const MAX_KEY_BYTES: usize = 255;

/// Why a sort is refused; the client is told nothing more than that it is.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SortError {
    /// More keys than allowed.
    #[error("a sort has at most {MAX_KEYS} keys")]
    TooManyKeys,
    /// A key is longer than allowed.
    #[error("a sort key has at most {MAX_KEY_BYTES} bytes")]
    KeyTooLong,
    /// An unknown or hidden field, or no field at all.
    #[error("cannot sort by `{0}`")]
    UnknownField(String),
}

/// A parsed sort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    order_by: String,
    needs_scan: bool,
}

impl Sort {
    /// Reads a sort over a collection's own fields. Hidden fields count as unknown unless `may_use_hidden`.
    ///
    /// # Errors
    /// [`SortError`].
    pub fn parse(text: &str, plan: &Plan, may_use_hidden: bool) -> Result<Self, SortError> {
        if text.is_empty() {
            return Ok(Self { order_by: String::new(), needs_scan: false });
        }
        let mut order_by = String::new();
        let keys: Vec<&str> = text.split(',').collect();
        if keys.len() > MAX_KEYS {
            return Err(SortError::TooManyKeys);
        }
        for key in keys {
            let key = key.trim_matches(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
            if key.len() > MAX_KEY_BYTES {
                return Err(SortError::KeyTooLong);
            }
            let (name, direction) = match key.as_bytes().first() {
                Some(b'-') => (&key[1..], "DESC"),
                Some(b'+') => (&key[1..], "ASC"),
                _ => (key, "ASC"),
            };
            let expression = match name {
                "@random" => "RANDOM()".to_owned(),
                "@rowid" if !plan.is_view() => "_rowid_".to_owned(),
                _ => column(name, plan, may_use_hidden)?,
            };
            if !order_by.is_empty() {
                order_by.push(',');
            }
            order_by.push_str(&expression);
            order_by.push(' ');
            order_by.push_str(direction);
        }
        Ok(Self { order_by, needs_scan: true })
    }

    /// The `ORDER BY` expressions; empty for the natural order.
    pub fn order_by(&self) -> &str {
        &self.order_by
    }

    /// Whether rows may have to be read before the first one can be given.
    pub fn needs_scan(&self) -> bool {
        self.needs_scan
    }
}

fn column(name: &str, plan: &Plan, may_use_hidden: bool) -> Result<String, SortError> {
    let (name, lower) = match name.split_once(':') {
        Some((name, "lower")) => (name, true),
        _ => (name, false),
    };
    let found = plan.collection().fields.iter().find(|f| f.name == name && (may_use_hidden || !f.hidden));
    let field = found.ok_or_else(|| SortError::UnknownField(name.to_owned()))?;
    let column = quote_identifier(&field.name);
    // A json column is compared by its JSON value, not by its text.
    let value = if matches!(field.options, FieldOptions::Json(_)) {
        format!("CASE WHEN json_valid({column}) THEN json_extract({column}, '$') ELSE {column} END")
    } else {
        column
    };
    Ok(if lower { format!("LOWER({value})") } else { value })
}

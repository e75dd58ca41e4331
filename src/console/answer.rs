//! What a statement yields.

use rusqlite::types::ValueRef;
use rusqlite::{Rows, Statement};
use serde::Serialize;

use super::ConsoleError;
use crate::schema::json_text;

/// Most rows of an answer.
const MAX_ROWS: usize = 1000;

/// Most bytes of all cells of an answer.
const MAX_BYTES: usize = 16 << 20;

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name; several may have the same.
    pub name: String,
    /// The type it was declared with; empty for expressions.
    #[serde(rename = "type")]
    pub declared: String,
    /// Always true: a result does not tell.
    pub nullable: bool,
}

/// What the statements of a console did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SqlAnswer {
    /// How long it took, in milliseconds.
    pub exec_time: u64,
    /// Rows that were inserted, updated or deleted.
    pub affected_rows: u64,
    /// Columns of the rows.
    pub columns: Vec<Column>,
    /// Cells as text; `None` is NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether there are more rows than these.
    pub truncated: bool,
}

impl SqlAnswer {
    /// Takes the columns and the first rows of a statement, in place of those of one before.
    pub(super) fn take_rows(&mut self, statement: &mut Statement<'_>) -> Result<(), ConsoleError> {
        let column = |column: rusqlite::Column<'_>| Column {
            name: column.name().to_owned(),
            declared: column.decl_type().unwrap_or_default().to_owned(),
            nullable: true,
        };
        self.columns = statement.columns().map(column).collect();
        self.rows.clear();
        self.truncated = false;
        let count = self.columns.len();
        let mut rows: Rows<'_> = statement.raw_query();
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            if self.rows.len() >= MAX_ROWS || bytes > MAX_BYTES {
                self.truncated = true;
                break;
            }
            let cells = (0..count).map(|i| Ok(cell(row.get_ref(i)?))).collect::<Result<Vec<_>, rusqlite::Error>>()?;
            bytes += cells.iter().flatten().map(String::len).sum::<usize>();
            self.rows.push(cells);
        }
        Ok(())
    }
}

/// A value as text. What is no text is shown as well as it can be.
fn cell(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) if number.is_finite() => {
            let mut text = Vec::new();
            json_text::write_number(&mut text, number);
            Some(String::from_utf8_lossy(&text).into_owned())
        }
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

//! Quoting for SQL text. Values are bound; only names, and the few literals DDL cannot bind, come here.

/// A name as a quoted SQL identifier: `` `name` ``, with backticks inside doubled.
///
/// Backticks, not double quotes: SQLite reads an unknown `"name"` as a string, and folders of the reference have
/// backticks in their catalogue. A NUL cannot be quoted; SQLite's interface refuses the whole statement then.
pub fn quote_identifier(name: &str) -> String {
    quote_with(name, '`')
}

/// A text as an SQL string literal: `'it''s'`.
pub fn quote_text(text: &str) -> String {
    quote_with(text, '\'')
}

fn quote_with(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        if c == quote {
            out.push(quote);
        }
        out.push(c);
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;

    proptest! {
        /// Whatever a column is named, it cannot escape its quotes.
        #[test]
        fn quoted_names_survive_sqlite(name in "[^\u{0}]{0,40}") {
            let conn = Connection::open_in_memory().unwrap();
            let query = conn.prepare(&format!("SELECT 1 AS {}", quote_identifier(&name))).unwrap();
            prop_assert_eq!(query.column_name(0).unwrap(), name);
        }

        #[test]
        fn quoted_texts_survive_sqlite(text in "[^\u{0}]{0,40}") {
            let conn = Connection::open_in_memory().unwrap();
            let got: String = conn.query_row(&format!("SELECT {}", quote_text(&text)), [], |row| row.get(0)).unwrap();
            prop_assert_eq!(got, text);
        }
    }
}

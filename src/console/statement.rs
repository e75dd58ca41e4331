//! What was typed, and whether it asks for a write.

use serde::Deserialize;

use super::ConsoleError;
use crate::validation::{Issue, ValidationErrors};

/// Most characters of what is typed.
pub const MAX_STATEMENT_CHARS: usize = 5000;

/// What is sent to the console.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SqlForm {
    /// One or several statements.
    pub query: String,
    /// Refuses to change anything. An addition of Larder.
    pub read_only: bool,
}

/// Words that statements which write begin with.
const WRITING: [&str; 8] = ["insert", "create", "update", "delete", "drop", "detach", "alter", "replace"];

impl SqlForm {
    /// Checks it.
    ///
    /// # Errors
    /// [`ConsoleError::Invalid`] for an empty or overlong query.
    pub fn check(&self) -> Result<(), ConsoleError> {
        let issue = if self.query.is_empty() {
            Issue::required()
        } else if self.query.chars().count() > MAX_STATEMENT_CHARS {
            Issue::new("validation_length_out_of_range", format!("Must have at most {MAX_STATEMENT_CHARS} characters."))
                .with("max", MAX_STATEMENT_CHARS)
                .with("min", 0)
        } else {
            return Ok(());
        };
        let mut errors = ValidationErrors::default();
        errors.add("query", issue);
        Err(ConsoleError::Invalid(errors))
    }

    /// Whether the first statement begins with a word that writes.
    pub fn is_write(&self) -> bool {
        begins_with(&self.query, &WRITING)
    }
}

/// Whether a statement that writes counts the rows it changed.
pub(super) fn counts_rows(statement: &str) -> bool {
    begins_with(statement, &["insert", "update", "delete", "replace", "with"])
}

fn begins_with(text: &str, words: &[&str]) -> bool {
    let text = skip_comments(text);
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    words.iter().any(|word| text[..end].eq_ignore_ascii_case(word))
}

/// The text from the first statement on.
fn skip_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == ';' || c == '\u{feff}');
        let rest = if let Some(comment) = text.strip_prefix("--") {
            comment.split_once('\n').map(|(_, rest)| rest)
        } else if let Some(comment) = text.strip_prefix("/*") {
            comment.split_once("*/").map(|(_, rest)| rest)
        } else {
            return text;
        };
        match rest {
            Some(rest) => text = rest,
            None => return "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_tells_whether_something_is_written() {
        for (query, want) in [
            ("select 1", false),
            ("UPDATE t SET a=1", true),
            ("  \n delete from t", true),
            ("-- why\nupdate t set a=1", true),
            ("/* a */ ;/* b */ Insert into t values(1)", true),
            ("/* update", false),
            ("-- update", false),
            ("with x as (select 1) insert into t select * from x", false),
            ("updates", false),
            ("", false),
            ("ﬁ", false),
        ] {
            let form = SqlForm { query: query.to_owned(), read_only: false };
            assert_eq!(form.is_write(), want, "{query}");
        }
    }
}

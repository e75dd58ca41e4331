//! `LIKE`.

/// Longest pattern SQLite accepts, in bytes (`SQLITE_MAX_LIKE_PATTERN_LENGTH`).
const MAX_PATTERN_BYTES: usize = 50_000;

/// The pattern is longer than SQLite accepts; there the statement fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a LIKE pattern of more than {MAX_PATTERN_BYTES} bytes")]
pub(crate) struct PatternTooLong;

/// `text LIKE pattern ESCAPE '\'`: ASCII letters in both cases are the same, other letters are not.
///
/// Like SQLite it looks at neither beyond a NUL. The time is at worst the product of the two lengths.
pub(crate) fn like(text: &str, pattern: &str) -> Result<bool, PatternTooLong> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(PatternTooLong);
    }
    Ok(matches(until_nul(text), until_nul(pattern)))
}

fn until_nul(text: &str) -> &str {
    text.split('\0').next().unwrap_or_default()
}

/// One step of a pattern.
enum Step {
    /// `%`
    AnyText,
    /// `_`
    AnyCharacter,
    /// A character, in lower case.
    Character(char),
    /// A backslash at the end, which matches nothing.
    Nothing,
}

fn matches(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text, pattern);
    // Behind the last `%`, and the text it has not swallowed: an earlier one never needs to swallow more.
    let mut retry: Option<(&str, &str)> = None;
    loop {
        match next_step(pattern) {
            None if text.is_empty() => return true,
            None => {}
            Some((Step::AnyText, rest)) => {
                retry = Some((rest, text));
                pattern = rest;
                continue;
            }
            Some((step, rest)) => {
                let Some((character, text_rest)) = next_character(text) else { return false };
                let is_match = match step {
                    Step::AnyCharacter => true,
                    Step::Character(wanted) => wanted == character,
                    Step::AnyText | Step::Nothing => false,
                };
                if is_match {
                    (text, pattern) = (text_rest, rest);
                    continue;
                }
            }
        }
        let Some((behind, swallowable)) = retry else { return false };
        let Some((_, rest)) = next_character(swallowable) else { return false };
        retry = Some((behind, rest));
        (text, pattern) = (rest, behind);
    }
}

fn next_step(pattern: &str) -> Option<(Step, &str)> {
    if let Some(rest) = pattern.strip_prefix('%') {
        return Some((Step::AnyText, rest));
    }
    if let Some(rest) = pattern.strip_prefix('_') {
        return Some((Step::AnyCharacter, rest));
    }
    if let Some(rest) = pattern.strip_prefix('\\') {
        let escaped = next_character(rest).map(|(character, rest)| (Step::Character(character), rest));
        return Some(escaped.unwrap_or((Step::Nothing, rest)));
    }
    next_character(pattern).map(|(character, rest)| (Step::Character(character), rest))
}

/// The first character, in lower case.
fn next_character(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let character = characters.next()?.to_ascii_lowercase();
    Some((character, characters.as_str()))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::{Duration, Instant};

    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::super::lower;
    use super::*;

    fn sqlite_like(conn: &Connection, text: &str, pattern: &str) -> bool {
        let mut query = conn.prepare_cached(r"SELECT ? LIKE ? ESCAPE '\'").unwrap();
        query.query_row([text, pattern], |row| row.get(0)).unwrap()
    }

    #[test]
    fn patterns() {
        let table = [
            ("Lamp", "%LAMP%", true),
            ("lamp shade", "lamp%", true),
            ("50%_off", "0%_", false),
            ("50%_off", r"%\%%", true),
            ("50%_off", r"%\\%\_%", false),
            ("ñ", "Ñ", false),
            ("ñ", "_", true),
            ("", "", true),
            ("", "%", true),
            ("", "_", false),
            (r"a\", r"a\", false),
            (r"a\", r"a\\", true),
            ("a\nb", "a%b", true),
            ("a\0b", "a", true),
            ("a", "a\0b", true),
            ("\u{fffe}", "\u{ffff}", false),
            ("aXbXc", "%x%x_", true),
        ];
        let conn = Connection::open_in_memory().unwrap();
        for (text, pattern, expected) in table {
            assert_eq!(sqlite_like(&conn, text, pattern), expected, "SQLite: {text:?} {pattern:?}");
            assert_eq!(like(text, pattern), Ok(expected), "{text:?} {pattern:?}");
        }
    }

    #[test]
    fn patterns_have_the_limit_of_sqlite() {
        let conn = Connection::open_in_memory().unwrap();
        let longest = "%".repeat(MAX_PATTERN_BYTES);
        assert!(sqlite_like(&conn, "a", &longest));
        assert_eq!(like("a", &longest), Ok(true));
        let longer = format!("{longest}%");
        let mut query = conn.prepare(r"SELECT ? LIKE ? ESCAPE '\'").unwrap();
        assert!(query.query_row(["a", &longer], |row| row.get::<_, bool>(0)).is_err());
        assert_eq!(like("a", &longer), Err(PatternTooLong));
    }

    #[test]
    fn nested_wildcards_take_no_exponential_time() {
        let start = Instant::now();
        assert_eq!(like(&"a".repeat(20_000), &format!("{}b", "%a".repeat(1000))), Ok(false));
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }

    proptest! {

        #[test]
        fn matches_like_sqlite(
            texts in prop::collection::vec(r"[abABéÉ%_\\]{0,8}|[\u{0}a\n\u{fffd}-\u{ffff}😀]{0,4}|.{0,5}", 8),
            pattern in r"[abAéÉ%_\\]{0,7}|[%a\u{fffe}\u{ffff}😀\u{0}\\_]{0,4}|.{0,5}",
        ) {
            let conn = Connection::open_in_memory().unwrap();
            for text in texts {
                prop_assert_eq!(like(&text, &pattern), Ok(sqlite_like(&conn, &text, &pattern)), "{:?} {:?}", text, pattern);
            }
        }

        #[test]
        fn lower_is_that_of_sqlite(text in r"[\u{0}A-ZÉa]{0,5}|.{0,10}") {
            let conn = Connection::open_in_memory().unwrap();
            let expected: String = conn.query_row("SELECT LOWER(?)", [&text], |row| row.get(0)).unwrap();
            prop_assert_eq!(lower(Cow::Borrowed(&text)), expected);
        }
    }
}

//! Words a view query may not contain.
//!
//! `USING` and `NATURAL` join on columns without SQLite asking the authorizer about them, and in a `FULL JOIN` even give
//! their values away: `select t from (select password as t from users full join (select 1 as password) using (password))`
//! reads a column the authorizer denies. An `ON` says the same and is asked about.

/// The first forbidden keyword outside of texts, quoted names and comments.
pub(super) fn forbidden_word(query: &str) -> Option<&'static str> {
    let bytes = query.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest {
            [b'-', b'-', ..] => rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
            [b'/', b'*', tail @ ..] => tail.windows(2).position(|w| w == b"*/").map_or(rest.len(), |end| end + 4),
            [quote @ (b'\'' | b'"' | b'`'), tail @ ..] => {
                tail.iter().position(|b| b == quote).map_or(rest.len(), |end| end + 2)
            }
            [b'[', tail @ ..] => tail.iter().position(|b| *b == b']').map_or(rest.len(), |end| end + 2),
            [first, ..] if is_word(*first) => {
                let length = rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len());
                let found =
                    ["using", "natural"].into_iter().find(|w| rest[..length].eq_ignore_ascii_case(w.as_bytes()));
                if found.is_some() {
                    return found;
                }
                length
            }
            _ => 1,
        };
    }
    None
}

/// What SQLite counts as part of an unquoted name.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_wherever_sqlite_sees_them() {
        for (query, want) in [
            ("select id from a join b using (id)", Some("using")),
            ("select id from a join b USING(id)", Some("using")),
            ("select id from a/**/NaTuRaL/**/join b", Some("natural")),
            ("select id from a join b--x\nusing(id)", Some("using")),
            ("select id from (select 1 as id from a full join b\tusing\n(id))", Some("using")),
            ("select 'it''s' from a join b using (id)", Some("using")),
            ("select 'x' using", Some("using")),
            ("select ' using ' as id, \"natural\" as x, `using` as y, [natural] as z from a", None),
            ("select id from a -- using\n", None),
            ("select id from a /* natural */", None),
            ("select using_it, naturally, a_using, x.usingx from a", None),
            ("select 'open using", None),
        ] {
            assert_eq!(forbidden_word(query), want, "{query}");
        }
    }
}

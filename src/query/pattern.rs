//! From values to LIKE patterns (reference part 2, section 2.5).

use super::expr::{Expr, Parameter};

/// Turns every bound value of an expression into a pattern, in place.
pub(super) fn make_patterns(expr: &mut Expr) {
    match expr {
        Expr::Parameter(parameter) => {
            let text = parameter.to_text().unwrap_or_default();
            *parameter = Parameter::Text(pattern_of(&text));
        }
        Expr::Lower(inner) => make_patterns(inner),
        Expr::Strftime(arguments) => arguments.iter_mut().for_each(make_patterns),
        Expr::GeoDistance(arguments) => arguments.iter_mut().for_each(make_patterns),
        _ => {}
    }
}

/// A text as a pattern: one with a live `%` as it is, any other with its special characters escaped and `%` around it.
fn pattern_of(text: &str) -> String {
    if has_live_wildcard(text) { text.to_owned() } else { format!("%{}%", escape(text)) }
}

fn has_live_wildcard(text: &str) -> bool {
    let mut is_escaped = false;
    text.chars().any(|c| {
        let live = c == '%' && !is_escaped;
        // A pair of backslashes escapes nothing.
        is_escaped = c == '\\' && !is_escaped;
        live
    })
}

/// Escapes from right to left. Of two special characters in a row the left one stays as it is: an oddity of the
/// reference that patterns of existing apps may rely on.
fn escape(text: &str) -> String {
    let mut reversed = Vec::with_capacity(text.len() + 4);
    let mut pending = false;
    for c in text.chars().rev() {
        if pending {
            if c != '\\' {
                reversed.push('\\');
            }
            pending = false;
        } else if matches!(c, '\\' | '%' | '_') {
            pending = true;
        }
        reversed.push(c);
    }
    if pending {
        reversed.push('\\');
    }
    reversed.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (text, want) in [
            ("lamp", "%lamp%"),
            ("lamp%", "lamp%"),
            ("%", "%"),
            ("0%_", "0%_"),
            (r"\%", r"%\%%"),
            (r"\%_", r"%\\%\_%"),
            ("__", r"%_\_%"),
            ("_", r"%\_%"),
            ("a_b", r"%a\_b%"),
            (r"a\b", r"%a\\b%"),
            (r"\\", r"%\\%"),
            (r"\\%", r"\\%"),
            (r"\\\%", r"%\\\%%"),
            ("", "%%"),
            ("é_", r"%é\_%"),
        ] {
            assert_eq!(pattern_of(text), want, "{text}");
        }
    }
}

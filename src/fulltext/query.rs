//! What people type into a search box. Nothing they type is an error.
//!
//! Words, `"phrases"`, `-word` and `-"phrase"` for what must not be there, `field:word` and `field:"phrase"`, `begin*`.
//! A quote that is not closed reaches to the end.

use super::{IndexSpec, Limits};

/// A question as it was typed, taken apart. Words are found in it only when it meets an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    pub(super) parts: Vec<Part>,
}

/// A word or phrase of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The only field it may stand in.
    pub(super) field: Option<usize>,
    /// Whether it must not be there.
    pub(super) is_excluded: bool,
    /// Whether it stood in quotes.
    pub(super) is_phrase: bool,
    pub(super) text: String,
    pub(super) ending: Ending,
}

/// What followed a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Something.
    Closed,
    /// Nothing: it may still be typed.
    Open,
    /// A star: it is the beginning of a word.
    Star,
}

/// Quotes of keyboards, telephones and languages; all mean the same.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '＂')
}

impl Question {
    /// Takes a question apart. Names of fields are those of the specification; what stands before a colon and is none is
    /// text like any other. What goes beyond the limits is left out.
    pub fn parse(text: &str, spec: &IndexSpec, limits: &Limits) -> Self {
        let end = text.char_indices().nth(limits.max_question_chars);
        let mut rest = end.map_or(text, |(end, _)| &text[..end]);
        let mut parts = Vec::new();
        while parts.len() < limits.max_question_words {
            rest = rest.trim_start();
            if rest.is_empty() {
                break;
            }
            let (part, after) = parse_part(rest, spec);
            rest = after;
            parts.extend(part);
        }
        // A question that was cut goes on, and so does one with more parts.
        if (end.is_some() || !rest.is_empty())
            && let Some(last) = parts.last_mut()
            && last.ending == Ending::Open
        {
            last.ending = Ending::Closed;
        }
        Self { parts }
    }

    /// Whether nothing was typed that could be searched for. There may still be no words in it.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// Reads the part that the text begins with; returns what follows it.
fn parse_part<'a>(text: &'a str, spec: &IndexSpec) -> (Option<Part>, &'a str) {
    let mut part =
        Part { field: None, is_excluded: false, is_phrase: false, text: String::new(), ending: Ending::Closed };
    let mut rest = text;
    if let Some(after) = rest.strip_prefix('-') {
        // A dash by itself is a dash.
        part.is_excluded = !after.starts_with(char::is_whitespace) && !after.is_empty();
        rest = after;
    }
    let colon =
        rest.find(|c: char| c == ':' || c.is_whitespace() || is_quote(c)).filter(|i| rest[*i..].starts_with(':'));
    if let Some(colon) = colon {
        let value = &rest[colon + 1..];
        let has_value = !value.is_empty() && !value.starts_with(char::is_whitespace);
        if let (Some(field), true) = (spec.find_field(&rest[..colon]), has_value) {
            part.field = Some(field);
            rest = value;
        }
    }
    let rest = if rest.starts_with(is_quote) { parse_phrase(rest, &mut part) } else { parse_word(rest, &mut part) };
    ((!part.text.is_empty()).then_some(part), rest)
}

/// Reads up to the closing quote or the end.
fn parse_phrase<'a>(text: &'a str, part: &mut Part) -> &'a str {
    part.is_phrase = true;
    let inner = text.trim_start_matches(is_quote);
    // Two quotes in a row hold nothing.
    if inner.is_empty() || text.len() - inner.len() > text.chars().next().map_or(0, char::len_utf8) {
        return inner;
    }
    let (phrase, rest) = match inner.find(is_quote) {
        Some(end) => (&inner[..end], inner[end..].split_at(inner[end..].chars().next().map_or(0, char::len_utf8)).1),
        None => (inner, ""),
    };
    let is_closed = phrase.len() < inner.len() || phrase.ends_with(char::is_whitespace);
    part.ending = if is_closed { Ending::Closed } else { Ending::Open };
    phrase.trim().clone_into(&mut part.text);
    rest
}

/// Reads up to a space or a quote.
fn parse_word<'a>(text: &'a str, part: &mut Part) -> &'a str {
    let end = text.find(|c: char| c.is_whitespace() || is_quote(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let bare = word.trim_end_matches('*');
    part.ending = match (bare.len() < word.len(), rest.is_empty()) {
        (true, _) => Ending::Star,
        (false, true) => Ending::Open,
        (false, false) => Ending::Closed,
    };
    bare.clone_into(&mut part.text);
    rest
}

#[cfg(test)]
mod tests {
    use super::super::TextField;
    use super::*;

    fn spec() -> IndexSpec {
        let field = |name: &str| TextField { name: name.to_owned(), weight: 1.0 };
        IndexSpec { fields: vec![field("title"), field("body")], language: None, facets: Vec::new() }
    }

    /// A question in a readable form: `-1:"text"…` with an ellipsis if open, a star if a beginning.
    fn show(text: &str) -> String {
        let question = Question::parse(text, &spec(), &Limits::default());
        let parts = question.parts.iter().map(|part| {
            let minus = if part.is_excluded { "-" } else { "" };
            let field = part.field.map(|f| format!("{f}:")).unwrap_or_default();
            let quote = if part.is_phrase { "\"" } else { "" };
            let ending = match part.ending {
                Ending::Closed => "",
                Ending::Open => "…",
                Ending::Star => "*",
            };
            format!("{minus}{field}{quote}{}{quote}{ending}", part.text)
        });
        parts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_people_type_is_taken_apart() {
        for (typed, expected) in [
            ("", ""),
            ("   ", ""),
            ("hello", "hello…"),
            ("hello ", "hello"),
            ("hello  wor", "hello wor…"),
            ("\"to be\" or", "\"to be\" or…"),
            ("\"to be\"", "\"to be\""),
            ("\"to be", "\"to be\"…"),
            ("\"to be ", "\"to be\""),
            ("“to be” „oder“ «non»", "\"to be\" \"oder\" \"non\""),
            ("-draft soup", "-draft soup…"),
            ("-\"old draft\" x", "-\"old draft\" x…"),
            ("- soup", "soup…"),
            ("soup -", "soup"),
            ("-", ""),
            ("--", "--…"),
            ("wi-fi", "wi-fi…"),
            ("title:soup", "0:soup…"),
            ("-title:soup body:\"hot soup\"", "-0:soup 1:\"hot soup\""),
            ("title:", "title:…"),
            ("title: soup", "title: soup…"),
            ("other:soup", "other:soup…"),
            ("http://x.org", "http://x.org…"),
            ("cho* cake", "cho* cake…"),
            ("*", ""),
            ("\"\"", ""),
            ("\"", ""),
            ("\"\"\"\"\"", ""),
            ("a\"b\"c", "a \"b\" c…"),
            ("title:\"", ""),
            ("\u{0}\u{1}", "\u{0}\u{1}…"),
        ] {
            assert_eq!(show(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn what_goes_beyond_the_limits_is_left_out() {
        let limits = Limits::default();
        let many = "a ".repeat(10_000);
        assert_eq!(Question::parse(&many, &spec(), &limits).parts.len(), limits.max_question_words);
        let long = "é".repeat(1_000_000);
        let question = Question::parse(&long, &spec(), &limits);
        assert_eq!(question.parts[0].text.chars().count(), limits.max_question_chars);
        assert_eq!(question.parts[0].ending, Ending::Closed, "a word that was cut is not the beginning of others");
    }
}

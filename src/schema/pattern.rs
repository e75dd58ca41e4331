//! Regular expressions of field options: RE2 syntax, run by the `regex` crate.
//!
//! The two dialects differ in corners: RE2's `\d`, `\w`, `\s` and `\b` are ASCII, its classes have no set operations and
//! no nesting, a `{` that opens no repetition is a literal, and nothing is repeated twice (`a++`). Patterns are rewritten once and kept compiled for each
//! thread, because every save checks every value.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

/// Longest accepted pattern, in bytes.
pub const MAX_PATTERN_BYTES: usize = 10_000;

/// Most memory one compiled pattern may take, in bytes: enough for a few hundred letters of any script.
const MAX_COMPILED_BYTES: usize = 8 << 20;

/// Most repetitions written in one `{n,m}`, as in RE2.
const MAX_REPETITIONS: u32 = 1000;

/// Compiled patterns each thread keeps.
const MAX_CACHED: usize = 256;

/// The pattern is no regular expression, or one too big.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid regular expression")]
pub struct PatternError;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
}

/// Whether `text` contains a match of `pattern`; a pattern that does not compile matches nothing.
pub fn is_match(pattern: &str, text: &str) -> bool {
    if let Some(answer) = known_match(pattern, text) {
        return answer;
    }
    COMPILED.with_borrow_mut(|cache| {
        if let Some(known) = cache.get(pattern) {
            return known.as_ref().is_some_and(|regex| regex.is_match(text));
        }
        if cache.len() >= MAX_CACHED {
            cache.clear();
        }
        let regex = compile(pattern).ok();
        let answer = regex.as_ref().is_some_and(|regex| regex.is_match(text));
        cache.insert(pattern.to_owned(), regex);
        answer
    })
}

/// The answer for the pattern of nearly every primary key, which needs no engine.
fn known_match(pattern: &str, text: &str) -> Option<bool> {
    let is_key_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (pattern == super::defaults::ID_PATTERN).then(|| !text.is_empty() && text.bytes().all(is_key_byte))
}

/// Whether the pattern compiles.
pub fn is_valid(pattern: &str) -> bool {
    compile(pattern).is_ok()
}

/// Compiles a pattern.
///
/// # Errors
/// See [`PatternError`].
pub fn compile(pattern: &str) -> Result<Regex, PatternError> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(PatternError);
    }
    let rewritten = rewrite(pattern).ok_or(PatternError)?;
    RegexBuilder::new(&rewritten).size_limit(MAX_COMPILED_BYTES).nest_limit(100).build().map_err(|_| PatternError)
}

/// The pattern in the syntax of the `regex` crate; `None` for syntax that only the latter has.
pub(super) fn rewrite(pattern: &str) -> Option<Cow<'_, str>> {
    if !pattern.contains(['\\', '[', '{', '(', '*', '+', '?']) {
        return Some(Cow::Borrowed(pattern));
    }
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    let mut was_repetition = false;
    while let Some(c) = rest.chars().next() {
        let tail = &rest[c.len_utf8()..];
        let mut is_repetition = matches!(c, '*' | '+' | '?');
        rest = match c {
            '\\' => rewrite_escape(&mut out, tail, false)?,
            '[' => rewrite_class(&mut out, tail)?,
            '{' => {
                let tail = rewrite_brace(&mut out, tail)?;
                is_repetition = out.ends_with('}');
                tail
            }
            '(' => {
                out.push(c);
                rewrite_flags(&mut out, tail)?
            }
            _ => {
                out.push(c);
                tail
            }
        };
        if is_repetition {
            if was_repetition {
                return None;
            }
            if let Some(tail) = rest.strip_prefix('?') {
                out.push('?');
                rest = tail;
            }
        }
        was_repetition = is_repetition;
    }
    Some(Cow::Owned(out))
}

/// Copies the question mark behind an opening parenthesis, unless flags follow that RE2 does not have (`x`, `u`, `R`).
fn rewrite_flags<'a>(out: &mut String, tail: &'a str) -> Option<&'a str> {
    let Some(rest) = tail.strip_prefix('?') else { return Some(tail) };
    let flags = rest.split([':', ')', '<']).next().unwrap_or_default();
    if flags != "P" && !flags.bytes().all(|b| b"imsU-".contains(&b)) {
        return None;
    }
    out.push('?');
    Some(rest)
}

/// Rewrites what follows a backslash; answers what is left.
fn rewrite_escape<'a>(out: &mut String, tail: &'a str, in_class: bool) -> Option<&'a str> {
    let c = tail.chars().next()?;
    let rest = &tail[c.len_utf8()..];
    let ascii = match c {
        'd' => "0-9",
        'w' => "0-9A-Za-z_",
        's' => r"\t\n\x0C\r ",
        'D' | 'W' | 'S' => {
            out.push_str(match c {
                'D' => "[^0-9]",
                'W' => "[^0-9A-Za-z_]",
                _ => r"[^\t\n\x0C\r ]",
            });
            return Some(rest);
        }
        'b' if !in_class => {
            out.push_str(r"(?-u:\b)");
            return Some(rest);
        }
        'Q' if !in_class => {
            let (literal, rest) = rest.split_once(r"\E").unwrap_or((rest, ""));
            out.push_str(&regex_syntax::escape(literal));
            return Some(rest);
        }
        'p' | 'P' if rest.starts_with('{') => {
            let (name, rest) = rest[1..].split_once('}')?;
            let (name, is_negated) = name.strip_prefix('^').map_or((name, c == 'P'), |name| (name, c == 'p'));
            if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return None;
            }
            out.push_str(if is_negated { r"\P{" } else { r"\p{" });
            out.extend([name, "}"]);
            return Some(rest);
        }
        'x' if rest.starts_with('{') => {
            let (code, rest) = rest[1..].split_once('}')?;
            out.extend([r"\x{", code, "}"]);
            return Some(rest);
        }
        'x' | 'p' | 'P' | 'a' | 'f' | 't' | 'n' | 'r' | 'v' | 'A' | 'z' | 'B' => {
            out.extend(['\\', c]);
            return Some(rest);
        }
        _ if c.is_ascii_punctuation() => {
            out.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4])));
            return Some(rest);
        }
        _ => return None,
    };
    if in_class {
        out.push_str(ascii);
    } else {
        out.push('[');
        out.push_str(ascii);
        out.push(']');
    }
    Some(rest)
}

/// Rewrites a character class from behind its opening bracket; answers what is left.
fn rewrite_class<'a>(out: &mut String, tail: &'a str) -> Option<&'a str> {
    out.push('[');
    let mut rest = tail;
    if let Some(negated) = rest.strip_prefix('^') {
        out.push('^');
        rest = negated;
    }
    if let Some(literal) = rest.strip_prefix(']') {
        out.push_str(r"\]");
        rest = literal;
    }
    loop {
        let c = rest.chars().next()?;
        let tail = &rest[c.len_utf8()..];
        rest = match c {
            ']' => {
                out.push(']');
                return Some(tail);
            }
            '\\' => rewrite_escape(out, tail, true)?,
            '[' if tail.starts_with(':') => {
                let end = tail.find(":]")? + 2;
                out.push('[');
                out.push_str(&tail[..end]);
                &tail[end..]
            }
            '[' | '&' | '~' => {
                out.extend(['\\', c]);
                tail
            }
            '-' if tail.starts_with('-') => {
                out.push_str(r"\-");
                tail
            }
            _ => {
                out.push(c);
                tail
            }
        };
    }
}

/// Rewrites a brace: a repetition stays, anything else is a literal. Answers what is left.
fn rewrite_brace<'a>(out: &mut String, tail: &'a str) -> Option<&'a str> {
    let repetition = tail.split_once('}').and_then(|(inside, rest)| {
        let (min, max) = inside.split_once(',').unwrap_or((inside, inside));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        (is_number(min) && (max.is_empty() || is_number(max))).then_some((inside, min, max, rest))
    });
    let Some((inside, min, max, rest)) = repetition else {
        out.push_str(r"\{");
        return Some(tail);
    };
    let too_many = |text: &str| !text.is_empty() && text.parse::<u32>().map_or(true, |n| n > MAX_REPETITIONS);
    if too_many(min) || too_many(max) {
        return None;
    }
    out.push('{');
    out.push_str(inside);
    out.push('}');
    Some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn re2_corners() {
        for (pattern, text, want) in [
            ("^[a-z0-9]+$", "abc123", true),
            ("^[a-z0-9]+$", "", false),
            ("^[a-z0-9]+$", "aB", false),
            ("b", "abc", true),
            (r"^\d+$", "123", true),
            (r"^\d+$", "١٢٣", false),
            (r"^\w+$", "é", false),
            (r"^\W$", "é", true),
            (r"^[\w.-]+$", "a.b-c_d", true),
            (r"^[^\d]$", "5", false),
            (r"^[\D]$", "x", true),
            (r"\bb\b", "a b c", true),
            (r"^\s$", "\u{a0}", false),
            (r"^a{b$", "a{b", true),
            (r"^a{2}$", "aa", true),
            (r"^a{,2}$", "a{,2}", true),
            (r"^[[]$", "[", true),
            (r"^[a&&b]+$", "&a", true),
            (r"^[]a]+$", "]a", true),
            (r"^[[:alpha:]]+$", "ab", true),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^\pL+$", "é", true),
            (r"^\p{L}+$", "éß日", true),
            (r"^\p{L}+$", "a1", false),
            (r"^\P{L}+$", "12", true),
            (r"^\p{^L}+$", "12", true),
            (r"^\P{^L}$", "é", true),
            (r"^[\p{L}\p{Nd}_-]+$", "é٣_-", true),
            (r"^[^\p{Lu}]$", "É", false),
            (r"^\p{Greek}{2}$", "αβ", true),
            (r"^[\p{L}\p{M}' -]{2,100}$", "Zoë d'Été", true),
            (r"^\x{1F600}$", "😀", true),
            (r"^(?:a+)+?b*?$", "aab", true),
            (r"^a?b??[+*?]+\*+$", "a+?*", true),
            (r"^(?i)abc$", "ABC", true),
            (r"^(?P<x>a)$", "a", true),
            (r"^(?<x>a)$", "a", true),
            (r"^\x41$", "A", true),
            ("^.$", "é", true),
        ] {
            assert!(is_valid(pattern), "{pattern}");
            assert_eq!(is_match(pattern, text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn refused_patterns() {
        for pattern in [
            "(",
            "(?=a)",
            "(?<=a)b",
            r"(a)\1",
            "a{1001}",
            "[a",
            "*",
            r"\",
            "(?x)a",
            "((((a{1000}){1000}){1000}))",
            "a++",
            "a**",
            "a+?+",
            "a{2}{3}",
            "a{2}*",
            "a???",
            r"\p{L",
            r"\p{}",
            r"\p{Nope}",
            r"\p{sc=Greek}",
            r"\x{zz}",
        ] {
            assert!(!is_valid(pattern), "{pattern}");
            assert!(!is_match(pattern, "a"), "{pattern}");
        }
        assert!(!is_valid(&"a".repeat(MAX_PATTERN_BYTES + 1)));
        assert!(!is_valid(&"(".repeat(5000)));
    }

    proptest! {
        #[test]
        fn compiling_never_panics(pattern in r".*|[\[\]\\(){}?*+^$|:a-z0-9,&~-]{0,30}", text in ".{0,20}") {
            let _ = is_match(&pattern, &text);
        }
    }
}

//! Makes what a mail server says fit for logs.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Longest text kept of an answer, in characters.
const MAX_CHARACTERS: usize = 400;

/// What codes and tokens consist of.
#[expect(clippy::expect_used, reason = "the pattern is a constant")]
static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9_-]{4,}").expect("the pattern compiles"));

/// One line of bounded length without control characters and without `secrets`. Words that hold a digit and stand in
/// `content` (codes, tokens, parts of links) are left out as well: servers quote what they do not like.
pub(super) fn scrub(text: &str, secrets: &[String], content: &str) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret.as_str(), "…");
    }
    let hide = |word: &Captures<'_>| {
        let word = &word[0];
        let is_content = word.bytes().any(|b| b.is_ascii_digit()) && content.contains(word);
        if is_content { "…".to_owned() } else { word.to_owned() }
    };
    let text = WORD.replace_all(&text, hide);
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(MAX_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_content_are_left_out() {
        let content = "Your code: 123456, https://app.test/_/#/auth/confirm-verification/eyJhb1.eyJpZ2.c2ln4";
        for (text, want) in [
            ("550 5.1.1 <ann@example.com> unknown", "550 5.1.1 <ann@example.com> unknown"),
            ("535 bad hunter2 (hunter2)", "535 bad … (…)"),
            ("554 spam: 123456", "554 spam: …"),
            (
                "554 https://app.test/_/#/auth/confirm-verification/eyJhb1.eyJpZ2.c2ln4",
                "554 https://app.test/_/#/auth/confirm-verification/….….…",
            ),
            ("a\r\nb\u{0}c\u{1b}[0m", "a b c [0m"),
        ] {
            assert_eq!(scrub(text, &["hunter2".to_owned(), String::new()], content), want, "{text:?}");
        }
        assert_eq!(scrub(&"é".repeat(5000), &[], "").chars().count(), MAX_CHARACTERS);
    }
}

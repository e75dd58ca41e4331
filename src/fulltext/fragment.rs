//! The part of a text that is worth showing, as HTML.

use std::collections::HashSet;
use std::ops::Range;

/// What a different word counts, against one more place of a word that is shown already.
const DISTINCT_WORD: usize = 4;

/// At least this many characters are shown, whatever is asked for.
const MIN_CHARS: usize = 8;

/// How many matches are tried as the first one shown: a text may have hundreds of thousands.
const MAX_STARTS: usize = 256;

/// Writes a text, or its best part, as HTML. The ranges are in order and apart from each other.
pub(super) fn fragment(text: &str, ranges: &[Range<usize>], max_chars: usize) -> String {
    let max_chars = max_chars.max(MIN_CHARS);
    let window =
        if text.char_indices().nth(max_chars).is_none() { 0..text.len() } else { window(text, ranges, max_chars) };
    let mut html = String::with_capacity(window.len() + 32);
    if window.start > 0 {
        html.push('…');
    }
    let mut position = window.start;
    for range in ranges {
        let (start, end) = (range.start.max(position), range.end.min(window.end));
        if start >= end {
            continue;
        }
        escape(&text[position..start], &mut html);
        html.push_str("<mark>");
        escape(&text[start..end], &mut html);
        html.push_str("</mark>");
        position = end;
    }
    escape(&text[position..window.end], &mut html);
    if window.end < text.len() {
        html.push('…');
    }
    html
}

/// The part of at most so many characters in which most matches, and of those the first.
fn window(text: &str, ranges: &[Range<usize>], max_chars: usize) -> Range<usize> {
    // Only a stretch around each match is looked at, so a long text costs no more than its matches.
    let mut best: Option<(usize, usize, usize)> = None;
    let mut last = 0;
    for (first, range) in ranges.iter().enumerate().take(MAX_STARTS) {
        let reach = text[range.start..].char_indices().nth(max_chars).map_or(text.len(), |(i, _)| range.start + i);
        last = last.max(first + 1);
        while ranges.get(last).is_some_and(|r| r.end <= reach) {
            last += 1;
        }
        let words: HashSet<String> = ranges[first..last].iter().map(|r| text[r.clone()].to_lowercase()).collect();
        let score = words.len() * DISTINCT_WORD + (last - first);
        if best.is_none_or(|(best, ..)| score > best) {
            best = Some((score, first, last));
        }
    }
    let (_, first, last) = best.unwrap_or((0, 0, 0));
    let start = ranges.get(first).map_or(0, |r| r.start);
    let end = ranges.get(last.saturating_sub(1)).map_or(start, |r| r.end);
    widen(text, start..end, max_chars)
}

/// Adds text around a stretch until there are so many characters, at the ends of words where there are any.
fn widen(text: &str, inner: Range<usize>, max_chars: usize) -> Range<usize> {
    let chars = text[inner.clone()].chars().take(max_chars + 1).count();
    if chars > max_chars {
        let end = text[inner.start..].char_indices().nth(max_chars).map_or(text.len(), |(i, _)| inner.start + i);
        return inner.start..end;
    }
    let room = max_chars - chars;
    let lead = text[..inner.start].char_indices().rev().take(room / 3).last().map_or(inner.start, |(i, _)| i);
    let used = text[lead..inner.start].chars().count();
    let tail = text[inner.end..].char_indices().nth(room - used).map_or(text.len(), |(i, _)| inner.end + i);
    // What the end of the text leaves unused goes to the beginning.
    let unused = room - used - text[inner.end..tail].chars().count();
    let lead = text[..lead].char_indices().rev().take(unused).last().map_or(lead, |(i, _)| i);
    let start =
        if lead == 0 { 0 } else { text[lead..inner.start].find(char::is_whitespace).map_or(lead, |i| lead + i) };
    let start = start + (text[start..inner.start].len() - text[start..inner.start].trim_start().len());
    let end = if text[tail..].chars().next().is_none_or(char::is_whitespace) {
        tail
    } else {
        text[inner.end..tail].rfind(char::is_whitespace).map_or(tail, |i| inner.end + i)
    };
    start..inner.end + text[inner.end..end].trim_end().len()
}

/// Appends text so that it means itself in HTML, also within quotes.
fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where each word of `words` first stands in the text.
    fn ranges(text: &str, words: &[&str]) -> Vec<Range<usize>> {
        let mut ranges: Vec<_> = words.iter().map(|w| text.find(w).map(|i| i..i + w.len()).unwrap()).collect();
        ranges.sort_by_key(|r| r.start);
        ranges
    }

    #[test]
    fn the_part_with_most_matches_is_shown() {
        let text =
            "One word stands here. Far from it, where nobody looks, two more words and another are found together.";
        for (words, max_chars, expected) in [
            (
                &["word"][..],
                200,
                "One <mark>word</mark> stands here. Far from it, where nobody looks, two more words and another are found together.",
            ),
            (&["word"], 30, "One <mark>word</mark> stands here. Far from…"),
            (&["word", "two", "another"], 40, "…<mark>two</mark> more words and <mark>another</mark> are found…"),
            (&["together"], 30, "…another are found <mark>together</mark>."),
            (&["looks"], 20, "…<mark>looks</mark>, two more…"),
        ] {
            assert_eq!(fragment(text, &ranges(text, words), max_chars), expected, "{words:?} {max_chars}");
        }
    }

    #[test]
    fn words_that_are_too_long_are_cut() {
        let text = format!("a {} b", "x".repeat(100));
        assert_eq!(fragment(&text, std::slice::from_ref(&(2..102)), 10), format!("…<mark>{}</mark>…", "x".repeat(10)));
        let unspaced = "東".repeat(50);
        assert_eq!(fragment(&unspaced, std::slice::from_ref(&(75..78)), 8).chars().filter(|c| *c == '東').count(), 8);
    }
}

//! The first characters of a text, without its HTML.
//!
//! One pass from left to right: whatever the input, each byte is looked at a bounded number of times. It follows what
//! browsers do with broken HTML (WHATWG, tokenization) as far as a preview needs.

use super::entities;

/// Elements dropped with everything in them; those of the second list may contain themselves.
const DROPPED_FLAT: [&str; 10] =
    ["head", "style", "script", "noscript", "iframe", "button", "form", "textarea", "select", "option"];
const DROPPED_NESTING: [&str; 6] = ["applet", "object", "svg", "picture", "dialog", "template"];

/// Elements whose content is no HTML.
const RAW: [&str; 5] = ["script", "style", "noscript", "iframe", "textarea"];

/// Elements that do not separate the words around them. Elements without content that would be dropped belong here.
const INLINE: [&str; 27] = [
    "a", "abbr", "acronym", "b", "bdo", "big", "body", "br", "cite", "code", "em", "embed", "html", "i", "img",
    "input", "label", "q", "small", "span", "strike", "strong", "sub", "sup", "time", "frame", "frameset",
];

/// Elements that stand within words, although excerpts separate at them.
const WITHIN_WORDS: [&str; 11] = ["u", "s", "del", "ins", "mark", "font", "kbd", "samp", "var", "wbr", "dfn"];

/// Elements that excerpts pass over, although words end at them.
const BETWEEN_WORDS: [&str; 4] = ["br", "img", "input", "embed"];

/// All of the text of `html`, white space collapsed. Unlike in excerpts, words are kept apart and together as
/// people see them.
pub fn plain_text(html: &str) -> String {
    let max_chars = usize::MAX - 1;
    let mut collector = Collector { text: String::new(), pending: String::new(), chars: 0, max_chars, is_plain: true };
    // Never full.
    let _ = read(html, &mut collector);
    collector.text
}

/// At most `max_chars` characters of the text of `html`, white space collapsed; `...` behind it if something was cut and
/// `with_ellipsis` is set.
pub(super) fn excerpt(html: &str, max_chars: usize, with_ellipsis: bool) -> String {
    let mut collector = Collector { text: String::new(), pending: String::new(), chars: 0, max_chars, is_plain: false };
    let is_cut = read(html, &mut collector).is_none();
    let mut text = collector.text;
    if is_cut {
        // The character past the limit tells that something is missing.
        text.truncate(text.char_indices().nth(max_chars).map_or(text.len(), |(at, _)| at));
        text.truncate(text.trim_end().len());
        if with_ellipsis {
            text.push_str("...");
        }
    }
    text
}

/// Collects text up to one character more than asked for.
struct Collector {
    text: String,
    /// White space that counts only if something follows it.
    pending: String,
    chars: usize,
    max_chars: usize,
    /// Whether words matter more than what the reference does.
    is_plain: bool,
}

impl Collector {
    /// `None` = full.
    fn push(&mut self, c: char) -> Option<()> {
        if c.is_ascii_whitespace() {
            self.separate();
            return Some(());
        }
        if c.is_whitespace() {
            if !self.text.is_empty() {
                self.pending.push(c);
            }
            return Some(());
        }
        let pending = std::mem::take(&mut self.pending);
        self.chars += pending.chars().count() + 1;
        self.text.push_str(&pending);
        self.text.push(c);
        (self.chars <= self.max_chars).then_some(())
    }

    fn push_text(&mut self, text: &str) -> Option<()> {
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            rest[..at].chars().try_for_each(|c| self.push(c))?;
            let (decoded, length) = entities::decode(&rest[at..]);
            self.push(decoded)?;
            rest = &rest[at + length..];
        }
        rest.chars().try_for_each(|c| self.push(c))
    }

    /// Whether words around this tag are separate.
    fn separates_at(&self, tag: &Tag<'_>) -> bool {
        let is_one_of = |names: &[&str]| names.iter().any(|name| tag.is(name));
        if self.is_plain && is_one_of(&WITHIN_WORDS) {
            return false;
        }
        !is_one_of(&INLINE) || (self.is_plain && is_one_of(&BETWEEN_WORDS))
    }

    /// One space, unless there is one already.
    fn separate(&mut self) {
        if !self.text.is_empty() && !self.pending.ends_with(' ') {
            self.pending.push(' ');
        }
    }
}

/// A dropped element that is open.
struct Skipped {
    name: &'static str,
    depth: usize,
}

impl Skipped {
    /// Looks at a tag within the element.
    fn see(&mut self, tag: &Tag<'_>) {
        if !tag.is(self.name) {
            return;
        }
        if tag.is_end {
            self.depth -= 1;
        } else if DROPPED_NESTING.contains(&self.name) && !tag.is_empty_svg() {
            self.depth += 1;
        }
    }
}

/// Reads to the end, or until the collector is full (`None`).
fn read(html: &str, collector: &mut Collector) -> Option<()> {
    let mut rest = html;
    let mut skipped: Option<Skipped> = None;
    while !rest.is_empty() {
        let (text, markup) = split_text(rest);
        if skipped.is_none() {
            collector.push_text(text)?;
        }
        let (tag, after) = split_markup(markup);
        rest = after;
        let Some(tag) = tag else { continue };
        if let Some(open) = &mut skipped {
            open.see(&tag);
            if open.depth == 0 {
                skipped = None;
            }
        } else if let Some(name) = tag.dropped() {
            if !tag.is_end && !tag.is_empty_svg() {
                skipped = Some(Skipped { name, depth: 1 });
            }
        } else if collector.separates_at(&tag) {
            collector.separate();
        }
        if !tag.is_end
            && let Some(name) = RAW.iter().find(|name| tag.is(name))
        {
            rest = &rest[find_end_tag(rest, name)..];
        }
    }
    Some(())
}

/// A start or end tag.
struct Tag<'a> {
    name: &'a str,
    is_end: bool,
    is_self_closing: bool,
}

impl Tag<'_> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether this is `<svg/>`; elements of HTML itself stay open whatever stands before their `>`.
    fn is_empty_svg(&self) -> bool {
        self.is_self_closing && self.is("svg")
    }

    /// The name of the element if it is one that is dropped.
    fn dropped(&self) -> Option<&'static str> {
        DROPPED_FLAT.iter().chain(&DROPPED_NESTING).find(|name| self.is(name)).copied()
    }
}

/// Splits before the next `<` that begins markup.
fn split_text(html: &str) -> (&str, &str) {
    let begins = |&(at, _): &(usize, &str)| {
        html.as_bytes().get(at + 1).is_some_and(|&b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?'))
    };
    let at = html.match_indices('<').find(begins).map_or(html.len(), |(at, _)| at);
    html.split_at(at)
}

/// Reads one piece of markup; comments and the like are no tags. What is not finished reaches to the end.
fn split_markup(markup: &str) -> (Option<Tag<'_>>, &str) {
    let until = |end: &str, from: usize| {
        let found = markup.get(from..).and_then(|rest| rest.find(end));
        found.map_or("", |at| &markup[from + at + end.len()..])
    };
    let is_end = markup.starts_with("</");
    if markup.is_empty() {
        (None, "")
    } else if markup.starts_with("<!-->") || markup.starts_with("<!--->") {
        (None, until(">", 0))
    } else if markup.starts_with("<!--") {
        (None, until("-->", 4))
    } else if markup.starts_with("<!")
        || markup.starts_with("<?")
        || (is_end && !markup[2..].starts_with(|c: char| c.is_ascii_alphabetic()))
    {
        (None, until(">", 0))
    } else {
        split_tag(markup, is_end)
    }
}

fn split_tag(markup: &str, is_end: bool) -> (Option<Tag<'_>>, &str) {
    let bytes = markup.as_bytes();
    let skip = |mut at: usize, more: &dyn Fn(u8) -> bool| {
        while bytes.get(at).is_some_and(|&b| more(b)) {
            at += 1;
        }
        at
    };
    let start = if is_end { 2 } else { 1 };
    let mut at = skip(start, &|b| !b.is_ascii_whitespace() && b != b'/' && b != b'>');
    let name = &markup[start..at];
    loop {
        at = skip(at, &|b| b.is_ascii_whitespace() || b == b'/');
        match bytes.get(at) {
            // A tag that is not finished is no text either.
            None => return (None, ""),
            Some(b'>') => {
                let tag = Tag { name, is_end, is_self_closing: bytes[at - 1] == b'/' };
                return (Some(tag), &markup[at + 1..]);
            }
            Some(_) => {
                // The first byte belongs to the name, even if it is `=`.
                at = skip(at + 1, &|b| !b.is_ascii_whitespace() && !matches!(b, b'/' | b'>' | b'='));
                let value = skip(at, &|b| b.is_ascii_whitespace());
                if bytes.get(value) == Some(&b'=') {
                    at = skip(value + 1, &|b| b.is_ascii_whitespace());
                    at = match bytes.get(at) {
                        Some(&quote @ (b'"' | b'\'')) => skip(at + 1, &|b| b != quote) + 1,
                        _ => skip(at, &|b| !b.is_ascii_whitespace() && b != b'>'),
                    };
                }
            }
        }
    }
}

/// Where the end tag of a raw element begins.
fn find_end_tag(html: &str, name: &str) -> usize {
    let bytes = html.as_bytes();
    let is_end = |&(at, _): &(usize, &str)| {
        let after = &bytes[at + 2..];
        after.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
            && after.get(name.len()).is_some_and(|&b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
    };
    html.match_indices("</").find(is_end).map_or(html.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn html_becomes_text() {
        for (html, want) in [
            ("<p>a</p><p>b</p>", "a b"),
            ("a<br>b", "ab"),
            ("a<hr>b", "a b"),
            ("<b>a</b> b", "a b"),
            ("a<span> </span>b", "a b"),
            ("a<div></div>b", "a b"),
            ("<ul><li>1</li><li>2</li></ul>", "1 2"),
            ("<i>a</i><u>b</u><em>c</em><strong>d</strong>", "a b cd"),
            ("a<unknown>b</unknown>c", "a b c"),
            ("<script>x</script>a", "a"),
            ("a<script>b", "a"),
            ("<noscript>n</noscript>x", "x"),
            ("a<noscript><p>n<!-- </noscript>b", "ab"),
            ("x<style>a</styled>b</style>c", "xc"),
            ("<svg><text>x</text></svg>a", "a"),
            ("1<svg>2<svg>3</svg>4</svg>5", "15"),
            ("1<form>2<form>3</form>4</form>5", "145"),
            ("<p>a<svg/>c</p>", "ac"),
            ("<textarea>a<b></TEXTAREA >c", "c"),
            ("<select><option>1</option></select>y", "y"),
            ("<img>a</img>b", "ab"),
            ("<embed>a</embed>b", "ab"),
            ("<!DOCTYPE html><html><head><title>T</title></head><body>B</body></html>", "B"),
            ("  a \n\n b\t c  ", "a b c"),
            ("a < b > c", "a < b > c"),
            ("a <b", "a"),
            ("<", "<"),
            ("<>", "<>"),
            ("<1>a", "<1>a"),
            ("<a", ""),
            ("a</3b", "a"),
            ("</>b", "b"),
            ("</ x>b", "b"),
            ("<!>b", "b"),
            ("<!-->b", "b"),
            ("<!--a-->b-->c", "b-->c"),
            ("<!-- c a", ""),
            ("a<![CDATA[b]]>c", "ac"),
            ("a<?php b ?>c", "ac"),
            ("a<a b=\">\">c</a>", "ac"),
            ("a<a b\">c\">d", "ac\">d"),
            ("a<a b=c\">d", "ad"),
            ("a<b/ >c", "ac"),
            ("a &amp; b &lt;c&gt; &nbsp; d &eacute;", "a & b <c> \u{a0} d é"),
            ("&lt;b&gt;x", "<b>x"),
            ("&nbsp;a&nbsp;b&nbsp;", "a\u{a0}b"),
            ("a\u{2003}\u{2003}b", "a\u{2003}\u{2003}b"),
        ] {
            assert_eq!(excerpt(html, 1000, true), want, "{html}");
        }
    }

    #[test]
    fn words_of_plain_text_are_those_that_people_see() {
        for (html, want) in [
            ("<p>a</p><p>b</p>", "a b"),
            ("a<br>b", "a b"),
            ("a<img src=x>b", "a b"),
            ("<b>w</b>o<u>r</u><mark>d</mark>", "word"),
            ("<script>x</script><style>y</style>Caf&eacute; &amp; b", "Café & b"),
            ("<ul><li>1</li><li>2</li></ul>", "1 2"),
            ("<td>1</td><td>2</td>", "1 2"),
        ] {
            assert_eq!(plain_text(html), want, "{html}");
        }
        assert_eq!(plain_text(&"word ".repeat(100_000)).len(), 499_999);
    }

    #[test]
    fn long_text_is_cut() {
        for (html, max_chars, want) in [
            ("hello world", 5, "hello..."),
            ("hello world", 6, "hello..."),
            ("hello world", 10, "hello worl..."),
            ("hello world", 11, "hello world"),
            ("héllo", 2, "hé..."),
            ("a b c", 3, "a b..."),
            ("<p>ab</p><p>cd</p>", 3, "ab..."),
            ("😀😀😀", 2, "😀😀..."),
            ("ab <i></i>", 2, "ab"),
            ("ab&nbsp;&nbsp;", 2, "ab"),
        ] {
            assert_eq!(excerpt(html, max_chars, true), want, "{html}");
            assert_eq!(excerpt(html, max_chars, false), want.trim_end_matches("..."), "{html}");
        }
    }

    #[test]
    fn megabytes_of_openings_end() {
        for piece in [
            "<",
            "<a ",
            "<a b=\"",
            "<!--",
            "</",
            "&",
            "&a",
            "<svg>",
            "<script>",
            "<textarea></t",
            "<p>",
            "\u{a0}",
            "<!",
        ] {
            let _ = excerpt(&piece.repeat(1_000_000), 10, true);
        }
    }

    proptest! {
        #[test]
        fn excerpts_are_bounded_and_trimmed(html in ".*|[<>/!a-z&;=\"' -]{0,60}", max_chars in 1usize..20) {
            let text = excerpt(&html, max_chars, false);
            prop_assert!(text.chars().count() <= max_chars, "{}", text);
            prop_assert_eq!(text.trim(), &text);
        }
    }
}

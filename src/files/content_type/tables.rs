//! Tables as text: values between commas or tabs.

/// `text/csv` or `text/tab-separated-values`: two rows or more, all with as many values, at least two.
pub(super) fn find(text: &[u8], is_whole: bool) -> Option<&'static str> {
    // What may be cut off does not count.
    let text = if is_whole { text } else { &text[..=text.iter().rposition(|b| *b == b'\n')?] };
    [(b',', "text/csv"), (b'\t', "text/tab-separated-values")]
        .into_iter()
        .find_map(|(separator, kind)| is_table(text, separator).then_some(kind))
}

fn is_table(mut text: &[u8], separator: u8) -> bool {
    let (mut rows, mut width) = (0, None);
    while !text.is_empty() {
        let line_end = text.iter().position(|b| *b == b'\n').unwrap_or(text.len());
        let line = text[..line_end].strip_suffix(b"\r").unwrap_or(&text[..line_end]);
        if line.is_empty() || line[0] == b'#' {
            text = text.get(line_end + 1..).unwrap_or_default();
            continue;
        }
        let (values, rest) = row(text, separator);
        if values < 2 || width.is_some_and(|width| width != values) {
            return false;
        }
        width = Some(values);
        rows += 1;
        text = rest;
    }
    rows > 1
}

/// How many values a row has, and what is behind it. Quotes are taken as they come: one that does not end a value is part of it.
fn row(mut text: &[u8], separator: u8) -> (usize, &[u8]) {
    let mut values = 1;
    loop {
        let end = if let Some(quoted) = text.strip_prefix(b"\"") { 1 + quoted_end(quoted, separator) } else { 0 };
        let stop = text[end..].iter().position(|b| *b == separator || *b == b'\n').map_or(text.len(), |at| end + at);
        match text.get(stop) {
            Some(b'\n') => return (values, &text[stop + 1..]),
            Some(_) => values += 1,
            None => return (values, &[]),
        }
        text = &text[stop + 1..];
    }
}

/// Where a quoted value ends, given what is behind its first quote.
fn quoted_end(text: &[u8], separator: u8) -> usize {
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'"' {
            at += 1;
            continue;
        }
        match &text[at + 1..] {
            [b'"', ..] => at += 2,
            [] | [b'\n', ..] | [b'\r', b'\n', ..] => return at + 1,
            [next, ..] if *next == separator => return at + 1,
            _ => at += 1,
        }
    }
    at
}

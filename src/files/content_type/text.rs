//! Text, and what it is written in.

use super::{HEAD_BYTES, json, markup, position, tables};

/// The type of a text; `None` if it is none.
pub(super) fn find(head: &[u8]) -> Option<&'static str> {
    match head {
        [] => return Some("text/plain"),
        [0xff, 0xfe, 0, 0, ..] => return Some("text/plain; charset=utf-32le"),
        [0, 0, 0xfe, 0xff, ..] => return Some("text/plain; charset=utf-32be"),
        [0xff, 0xfe, ..] => return Some("text/plain; charset=utf-16le"),
        [0xfe, 0xff, ..] => return Some("text/plain; charset=utf-16be"),
        [0xef, 0xbb, 0xbf, ..] => {}
        _ if head.iter().any(|b| matches!(b, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)) => return None,
        _ => {}
    }
    let is_whole = head.len() < HEAD_BYTES;
    let unmarked = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let kind = markup::find(head, unmarked, is_whole)
        .or_else(|| script(head))
        .or_else(|| json::find(head, is_whole))
        .or_else(|| plain_format(head))
        .or_else(|| tables::find(unmarked, is_whole));
    Some(kind.unwrap_or_else(|| match charset(head, is_whole) {
        Some(Charset::Utf8) => "text/plain; charset=utf-8",
        Some(Charset::Latin1) => "text/plain; charset=iso-8859-1",
        None => "text/plain",
    }))
}

/// What bytes may be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    Latin1,
}

/// The character set of a text, as far as its bytes tell.
pub(super) fn charset(head: &[u8], is_whole: bool) -> Option<Charset> {
    if head.contains(&0x7f) {
        return None;
    }
    match std::str::from_utf8(head) {
        Ok(_) => Some(Charset::Utf8),
        // The head may end amid a character.
        Err(error) if !is_whole && error.error_len().is_none() => Some(Charset::Utf8),
        // What lies between are control characters that no text has.
        Err(_) if !head.iter().any(|b| matches!(b, 0x80..=0x9f)) => Some(Charset::Latin1),
        Err(_) => None,
    }
}

/// Programs that say what runs them.
fn script(head: &[u8]) -> Option<&'static str> {
    if let [b'<', b'?', rest @ ..] = head {
        let is_php =
            matches!(rest, [b' ' | b'\n' | b'\r', _, ..]) || rest.len() > 3 && rest[..3].eq_ignore_ascii_case(b"php");
        return is_php.then_some("text/x-php");
    }
    let line = head.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let mut program = words.next()?.rsplit(|b| *b == b'/').next()?;
    if program == b"env" {
        program = words.find(|word| !word.starts_with(b"-"))?;
    }
    let end = program.iter().rposition(|b| !matches!(b, b'0'..=b'9' | b'.'))? + 1;
    let kind = match &program[..end] {
        b"node" | b"nodejs" => "text/javascript",
        b"php" => "text/x-php",
        b"python" => "text/x-python",
        b"ruby" => "text/x-ruby",
        b"perl" => "text/x-perl",
        b"lua" => "text/x-lua",
        b"tcl" | b"tclsh" | b"wish" => "text/x-tcl",
        b"sh" | b"bash" | b"dash" | b"ksh" | b"csh" | b"tcsh" | b"zsh" => "text/x-shellscript",
        _ => return None,
    };
    Some(kind)
}

/// Formats with a fixed beginning.
fn plain_format(head: &[u8]) -> Option<&'static str> {
    let starts = |texts: &[&[u8]]| texts.iter().any(|text| head.starts_with(text));
    let after = |text: &[u8]| head.strip_prefix(text);
    // A line with something behind it.
    let opens = |line: &[u8]| {
        after(line)
            .and_then(|rest| rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n"))
            .is_some_and(|rest| !rest.is_empty())
    };
    if starts(&[b"{\\rtf"]) {
        Some("text/rtf")
    } else if is_subrip(head) {
        Some("application/x-subrip")
    } else if opens(b"BEGIN:VCARD") {
        Some("text/vcard")
    } else if opens(b"BEGIN:VCALENDAR") {
        Some("text/calendar")
    } else if starts(&[b"WARC/1.0", b"WARC/1.1"]) {
        Some("application/warc")
    } else if let Some(rest) = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).strip_prefix(b"WEBVTT") {
        matches!(rest, [] | [b' ' | b'\t' | b'\r' | b'\n', ..]).then_some("text/vtt")
    } else if starts(&[b"0\nSECTION\n", b"  0\nSECTION\n", b"0\r\nSECTION\r\n", b"  0\r\nSECTION\r\n"]) {
        Some("image/vnd.dxf")
    } else {
        netpbm(head).or_else(|| is_mail(head).then_some("message/rfc822"))
    }
}

/// Subtitles: a number, two moments in order, and a text.
fn is_subrip(head: &[u8]) -> bool {
    let mut lines = head.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let (Some(b"1"), Some(times), Some([_, ..])) = (lines.next(), lines.next(), lines.next()) else { return false };
    let is_moment = |text: &[u8]| {
        text.len() == 12
            && text
                .iter()
                .zip(b"00:00:00,000")
                .all(|(b, mask)| if *mask == b'0' { b.is_ascii_digit() } else { b == mask })
            && text[3] < b'6'
            && text[6] < b'6'
    };
    times.len() == 29
        && times[12..].starts_with(b" --> ")
        && is_moment(&times[..12])
        && is_moment(&times[17..])
        && times[..12] <= times[17..]
}

/// Pictures as text; the ones with binary data are no text.
fn netpbm(head: &[u8]) -> Option<&'static str> {
    let rest = head.strip_prefix(b"P")?;
    let kind = match rest.first()? {
        b'1' | b'4' => "image/x-portable-bitmap",
        b'2' | b'5' => "image/x-portable-graymap",
        b'3' | b'6' => "image/x-portable-pixmap",
        b'7' => {
            let is_one = rest[1..].starts_with(b"\n")
                && [&b"\nWIDTH "[..], b"\nHEIGHT ", b"\nDEPTH ", b"\nMAXVAL ", b"\nENDHDR\n"]
                    .iter()
                    .all(|line| position(rest, line).is_some());
            return is_one.then_some("image/x-portable-arbitrarymap");
        }
        _ => return None,
    };
    let size = rest[1..].strip_prefix(b"\n")?.split(|b| *b == b'\n').find(|line| !line.starts_with(b"#"))?;
    let mut numbers =
        size.split(|b| *b == b' ').map(|n| std::str::from_utf8(n).ok()?.parse::<u32>().ok().filter(|n| *n > 0));
    (numbers.next().flatten().is_some() && numbers.next().flatten().is_some()).then_some(kind)
}

/// A mail: its first line is one of these headers, and so is a later one.
fn is_mail(head: &[u8]) -> bool {
    const HEADERS: &[&[u8]] = &[
        b"From: ",
        b"To: ",
        b"Cc: ",
        b"Subject: ",
        b"Date: ",
        b"Received: ",
        b"Return-Path: ",
        b"Return-path: ",
        b"Delivered-To: ",
        b"Content-Type: ",
    ];
    let mut lines = head.split(|b| *b == b'\n').map(|line| HEADERS.iter().any(|header| line.starts_with(header)));
    lines.next() == Some(true) && lines.any(|is_header| is_header)
}

//! What a download says about a file.

use std::fmt::Write as _;

use super::{UNKNOWN, essence};

/// What browsers show in place; all else is saved, and with it all that can run scripts.
#[rustfmt::skip]
static INLINE: &[&str] = &[
    "image/png", "image/jpg", "image/jpeg", "image/gif", "image/webp", "image/x-icon", "image/bmp",
    "video/webm", "video/mp4", "video/3gpp", "video/quicktime", "video/x-ms-wmv",
    "audio/basic", "audio/aiff", "audio/mpeg", "audio/midi", "audio/mp3", "audio/wave", "audio/wav", "audio/x-wav",
    "audio/x-mpeg", "audio/x-m4a", "audio/aac",
    "application/pdf", "application/x-pdf",
];

/// Types that go by the extension: their bytes look like those of other types.
#[rustfmt::skip]
static BY_EXTENSION: &[(&str, &str)] = &[
    ("svg", "image/svg+xml"),
    ("css", "text/css"),
    ("js", "text/javascript"),
    ("mjs", "text/javascript"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
];

/// The content type to serve a stored file as, and whether it may be shown in place.
///
/// `content_type` is what was noted when the file was stored, or what [`super::sniff`] says now. A type that cannot stand in a
/// header, as an imported folder may have noted one, is none.
pub fn served_type<'a>(content_type: &'a str, name: &str) -> (&'a str, bool) {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let by_extension = BY_EXTENSION.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind);
    let is_type = content_type.contains('/') && content_type.bytes().all(|b| (b' '..=b'~').contains(&b));
    let served = by_extension.unwrap_or(if is_type { content_type } else { UNKNOWN });
    // A script that passes for a picture is shown as what it is served as, so both have to be harmless.
    let is_inline = [content_type, served].iter().all(|kind| INLINE.contains(&essence(kind)));
    (served, is_inline)
}

/// The value of `Content-Disposition`. Whatever the name is, the value is one header of printable ASCII (RFC 6266).
pub fn disposition(is_inline: bool, name: &str) -> String {
    let mut value = String::from(if is_inline { "inline" } else { "attachment" });
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_.*-+=#@".contains(&b);
    if !name.is_empty() && name.bytes().all(is_plain) {
        value += "; filename=";
        value += name;
        return value;
    }
    value += "; filename=\"";
    for c in name.chars() {
        match c {
            '"' | '\\' => value.extend(['\\', c]),
            ' '..='~' => value.push(c),
            _ => value.push('_'),
        }
    }
    value.push('"');
    if !name.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        value += "; filename*=UTF-8''";
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                value.push(char::from(byte));
            } else {
                let _ = write!(value, "%{byte:02X}");
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn files_are_served_as_they_are() {
        for (content_type, name, served, is_inline) in [
            ("image/png", "a.png", "image/png", true),
            ("image/png", "a.svg.png", "image/png", true),
            ("image/jpeg", "noext", "image/jpeg", true),
            ("application/pdf", "a.pdf", "application/pdf", true),
            ("audio/x-m4a", "a.x", "audio/x-m4a", true),
            ("audio/mp4", "a.m4b", "audio/mp4", false),
            ("image/avif", "a.avif", "image/avif", false),
            ("image/svg+xml", "a.png", "image/svg+xml", false),
            ("text/html; charset=utf-8", "a.png", "text/html; charset=utf-8", false),
            ("application/xhtml+xml", "a.pdf", "application/xhtml+xml", false),
            ("text/plain; charset=utf-8", "a.html", "text/plain; charset=utf-8", false),
            ("text/plain; charset=utf-8", "a.css", "text/css", false),
            ("text/plain; charset=utf-8", "a.min.js", "text/javascript", false),
            ("text/plain; charset=utf-8", "a.mjs", "text/javascript", false),
            ("text/plain; charset=utf-8", "a.CSS", "text/plain; charset=utf-8", false),
            ("application/zip", "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false),
            // What an imported folder may have noted.
            ("image/png; x=1", "a.png", "image/png; x=1", true),
            ("", "a.png", UNKNOWN, false),
            ("image/png\r\nSet-Cookie: a", "a.png", UNKNOWN, false),
            ("immagine", "a.png", UNKNOWN, false),
        ] {
            assert_eq!(served_type(content_type, name), (served, is_inline), "{content_type} {name}");
        }
    }

    #[test]
    fn a_script_that_passes_for_a_picture_is_saved() {
        for (content_type, name) in
            [("image/png", "a.svg"), ("application/pdf", "a.svg"), ("image/gif", "a.js"), ("video/mp4", "a.css")]
        {
            assert!(!served_type(content_type, name).1, "{content_type} {name}");
        }
    }

    #[test]
    fn plain_names_need_no_quotes() {
        assert_eq!(disposition(true, "100x100_a_0123456789.tar.gz"), "inline; filename=100x100_a_0123456789.tar.gz");
        assert_eq!(disposition(false, "a_0123456789.+=#*-"), "attachment; filename=a_0123456789.+=#*-");
        assert_eq!(disposition(false, "@auto_pb_backup.zip"), "attachment; filename=@auto_pb_backup.zip");
    }

    #[test]
    fn other_names_cannot_say_more() {
        for (name, value) in [
            ("", r#"attachment; filename="""#),
            ("a b.txt", r#"attachment; filename="a b.txt""#),
            (r#"a";b=\.txt"#, r#"attachment; filename="a\";b=\\.txt""#),
            ("grün.txt", "attachment; filename=\"gr_n.txt\"; filename*=UTF-8''gr%C3%BCn.txt"),
            ("a\r\nX: y", "attachment; filename=\"a__X: y\"; filename*=UTF-8''a%0D%0AX%3A%20y"),
        ] {
            assert_eq!(disposition(false, name), value);
        }
    }

    proptest! {
        #[test]
        fn dispositions_are_one_header(name in any::<String>()) {
            let value = disposition(true, &name);
            prop_assert!(value.bytes().all(|b| (b' '..=b'~').contains(&b)), "{value}");
            if let Some((_, quoted)) = value.split_once('"') {
                // Nothing but the closing quote ends the quoted name.
                let mut escaped = false;
                let end = quoted.find(|c| { let ends = c == '"' && !escaped; escaped = c == '\\' && !escaped; ends }).unwrap();
                prop_assert!(quoted[end + 1..].is_empty() || quoted[end + 1..].starts_with("; filename*=UTF-8''"));
            }
        }
    }
}

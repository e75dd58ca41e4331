use std::fmt::Write as _;

use proptest::prelude::*;

use super::corpus::{BINARY, WHOLE};
use super::kinds::KINDS;
use super::*;

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Entries of an archive, none of them compressed, without its directory.
fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in entries {
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        out.extend_from_slice(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0");
        out.extend_from_slice(&length);
        out.extend_from_slice(&length);
        out.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(content.as_bytes());
    }
    out
}

/// A document of the old office programs, its root directory in the second sector or later.
fn ole(sector: u32, class: &[u8], content: &[u8]) -> Vec<u8> {
    let mut out = vec![0; HEAD_BYTES];
    out[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    out[26] = 3;
    out[48..52].copy_from_slice(&sector.to_le_bytes());
    out[512..512 + content.len()].copy_from_slice(content);
    let at = 512 * (1 + usize::try_from(sector).unwrap()) + 80;
    out[at..at + class.len()].copy_from_slice(class);
    out
}

fn tar(checksum: &str) -> Vec<u8> {
    let mut out = vec![0; 1024];
    out[..5].copy_from_slice(b"a.txt");
    out[148..156].copy_from_slice(format!("{checksum:\0<8}").as_bytes());
    out
}

#[test]
fn heads_are_what_the_reference_says() {
    let mut wrong = String::new();
    for (head, want) in WHOLE {
        let found = sniff(head);
        if found != *want {
            writeln!(wrong, "{}: {found}, not {want}", head.escape_ascii()).unwrap();
        }
    }
    for (head, want) in BINARY {
        let found = sniff(&[head, &[0; 64][..]].concat());
        if found != *want {
            writeln!(wrong, "{} and zeros: {found}, not {want}", head.escape_ascii()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn archives_are_told_apart_by_their_entries() {
    let types = ("[Content_Types].xml", "<Types/>");
    for (entries, want) in [
        (&[("a.txt", "x")][..], "application/zip"),
        (&[types, ("_rels/.rels", "x"), ("word/document.xml", "x")], DOCX),
        (&[types, ("ppt/x", "x"), ("word/document.xml", "x")], DOCX),
        (&[("docProps/app.xml", "x"), ("xl/workbook.xml", "x")], XLSX),
        (&[("xl/workbook.xml", "x"), ("word/x", "x")], XLSX),
        (&[types, ("_rels/.rels", "x")], "application/zip"),
        (&[("a", "x"), ("word/document.xml", "x")], "application/zip"),
        (&[("mimetype", "application/epub+zip"), ("META-INF/container.xml", "x")], "application/epub+zip"),
        (
            &[("mimetype", "application/vnd.oasis.opendocument.text-template")],
            "application/vnd.oasis.opendocument.text-template",
        ),
        (&[("mimetype", "application/vnd.oasis.opendocument.text")], "application/vnd.oasis.opendocument.text"),
        (&[("mimetype", "application/x-krita")], "application/zip"),
        (&[("META-INF/MANIFEST.MF", "x"), ("a.class", "x")], "application/java-archive"),
        (&[("a.class", "x"), ("META-INF/MANIFEST.MF", "x")], "application/zip"),
        (&[("META-INF/MANIFEST.MF", "x"), ("classes.dex", "x")], "application/vnd.android.package-archive"),
        (&[("x", "x"), ("doc.kml", "x")], "application/vnd.google-earth.kmz"),
    ] {
        assert_eq!(sniff(&archive(entries)), want, "{entries:?}");
    }
    let far = "x".repeat(HEAD_BYTES);
    assert_eq!(sniff(&archive(&[(types.0, &far), ("word/document.xml", "x")])), "application/zip");
}

#[test]
fn office_documents_are_told_apart_by_their_root() {
    let class = |start: &[u8; 4]| [start, &b"\0\0\0\0\xc0\0\0\0\0\0\0\x46"[..]].concat();
    for (sector, class, content, want) in [
        (1, class(b"\x06\x09\x02\0"), &b""[..], "application/msword"),
        (3, class(b"\0\x09\x02\0"), b"", "application/msword"),
        (1, class(b"\x20\x08\x02\0"), b"", "application/vnd.ms-excel"),
        (1, class(b"\x84\x10\x0c\0"), b"", "application/x-ms-installer"),
        (1, class(b"\x0b\x0d\x02\0"), b"", "application/vnd.ms-outlook"),
        (
            1,
            b"\x10\x8d\x81\x64\x9b\x4f\xcf\x11\x86\xea\0\xaa\0\xb9\x29\xe8".to_vec(),
            b"",
            "application/vnd.ms-powerpoint",
        ),
        (1, Vec::new(), b"\x09\x08\x10\0\0\x06\x05\0", "application/vnd.ms-excel"),
        (1, Vec::new(), b"\xfd\xff\xff\xff\x1f", "application/vnd.ms-excel"),
        (1, Vec::new(), b"\xfd\xff\xff\xff\x0e\0\0\0", "application/vnd.ms-powerpoint"),
        (1, Vec::new(), b"", "application/x-ole-storage"),
    ] {
        assert_eq!(sniff(&ole(sector, &class, content)), want, "{sector} {class:x?} {content:x?}");
    }
    // A root that lies elsewhere, or nowhere.
    let mut elsewhere = ole(1, b"", b"");
    for sector in [9, u32::MAX] {
        elsewhere[48..52].copy_from_slice(&sector.to_le_bytes());
        assert_eq!(sniff(&elsewhere), "application/x-ole-storage");
    }
}

#[test]
fn archives_of_tape_have_a_checksum() {
    // Five letters and eight blanks.
    let sum: u32 = b"a.txt".iter().chain(&[b' '; 8]).map(|b| u32::from(*b)).sum();
    assert_eq!(sniff(&tar(&format!("{sum:06o}"))), "application/x-tar");
    assert_eq!(sniff(&tar(&format!("{:06o}", sum + 1))), UNKNOWN);
    assert_eq!(sniff(&tar("")), UNKNOWN);
    assert_eq!(sniff(&[0; 1024]), UNKNOWN);
}

#[test]
fn a_head_may_end_anywhere() {
    let long = |start: &str, repeated: &str| start.to_owned() + &repeated.repeat(HEAD_BYTES);
    for (text, want) in [
        (long("x", "é"), "text/plain; charset=utf-8"),
        (long("{\"a\":\"", "x"), "application/json"),
        (long("", "["), "application/json"),
        (long("{\"type\":\"FeatureCollection\",\"features\":[", "1,"), "application/geo+json"),
        (long("{\"a\":1}\n{\"b\":", "1"), "application/x-ndjson"),
        (long("{\"a\":1}\n", "x"), "text/plain; charset=utf-8"),
        (long("", "a,b\n"), "text/csv"),
        (long("a,b\n1,2\ny,", "x"), "text/csv"),
        (long("a,b\n", "x"), "text/plain; charset=utf-8"),
        (long("<?xml version=\"1.0\"?><!--", "x") + "--><svg/>", "text/xml; charset=utf-8"),
    ] {
        assert_eq!(sniff(text.as_bytes()), want, "{}", &text[..40]);
    }
}

#[test]
fn a_signature_goes_before_what_is_hidden_behind_it() {
    for (head, want) in [
        (&b"GIF89a<script>alert(1)</script>"[..], "image/gif"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0tEXt%PDF-1.4", "image/png"),
        (b"\x01\0 %PDF-1.4", "application/pdf"),
        (b"BM<script>alert(1)</script>", "text/plain; charset=utf-8"),
        (b"<htmftypmp42<script>", "text/plain; charset=utf-8"),
    ] {
        assert_eq!(sniff(head), want, "{}", head.escape_ascii());
    }
}

#[test]
fn what_a_file_says_of_its_characters_is_told_only_if_it_is_common() {
    for (head, want) in [
        (&b"<html><meta charset=utf-8>"[..], "text/html; charset=utf-8"),
        (b"<html><META CHARSET='UTF-8'>", "text/html; charset=UTF-8"),
        (b"<html><meta http-equiv=a content='text/html; charset=iso-8859-1'>", "text/html; charset=iso-8859-1"),
        (b"<html><meta charset=windows-1252>\xfc", "text/html"),
        (b"<html><meta charset='a\r\nX-Y: z'>", "text/html"),
        (b"<html>\xfc", "text/html; charset=iso-8859-1"),
        (b"<html>\x80", "text/html"),
        (b"<?xml version='1.0' encoding='gbk'?><a>\xb0\xa1</a>", "text/xml"),
        (b"<?xml version='1.0' encoding=\"Iso-8859-1\"?>", "text/xml; charset=iso-8859-1"),
        (b"<?xml version='1.0' encoding=''?>", "text/xml; charset=utf-8"),
    ] {
        assert_eq!(sniff(head), want, "{}", head.escape_ascii());
    }
}

#[test]
fn every_type_has_its_row() {
    let named: Vec<&str> = KINDS.iter().map(|(name, ..)| *name).collect();
    for (_, kind) in WHOLE.iter().chain(BINARY) {
        assert!(named.contains(&essence(kind)), "{kind}");
    }
    assert_eq!(extension_of("text/plain; charset=utf-16le"), ".txt");
    assert_eq!(extension_of("image/jpeg"), ".jpg");
    assert_eq!(extension_of(UNKNOWN), "");
    assert_eq!(extension_of("no/such"), "");
}

#[test]
fn fields_accept_types_by_any_of_their_names() {
    let accepts = |names: &[&str], found| {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        super::accepts(Some(&names), found)
    };
    assert!(super::accepts(None, "image/png"));
    assert!(accepts(&[], "image/png"));
    for name in ["image/png", "IMAGE/PNG", " image/png ", "image/png;a=b", "image/png ; x"] {
        assert!(accepts(&["image/jpeg", name], "image/png"), "{name}");
    }
    for name in ["image/*", "*/*", "*", ".png", "png", "", "image/jpeg", "bad/ type", "application/octet-stream"] {
        assert!(!accepts(&[name], "image/png"), "{name}");
    }
    for (name, found) in [
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/plain; charset=utf-16", "text/plain; charset=utf-8"),
        ("application/x-zip-compressed", "application/zip"),
        ("audio/x-wav", "audio/wav"),
        ("Application/XML", "text/xml; charset=utf-8"),
        ("application/x-gzip", "application/gzip"),
    ] {
        assert!(accepts(&[name], found), "{name} {found}");
    }
    for (name, found) in [
        ("text/plain", "text/html; charset=utf-8"),
        ("text/plain", "application/json"),
        ("application/zip", DOCX),
        ("image/jpg", "image/jpeg"),
        ("image/png", "image/vnd.mozilla.apng"),
        ("audio/wav", "audio/x-wav"),
    ] {
        assert!(!accepts(&[name], found), "{name} {found}");
    }
}

proptest! {
    /// Whatever the bytes are, there is an answer, and it is one that a header takes.
    #[test]
    fn any_head_has_a_type(
        start in 0..WHOLE.len() + BINARY.len(),
        cut in 0_usize..80,
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let (head, _) = WHOLE.iter().chain(BINARY).nth(start).unwrap();
        let kind = sniff(&[&head[..cut.min(head.len())], &rest].concat());
        prop_assert!(KINDS.iter().any(|(name, ..)| *name == essence(kind)), "{kind}");
    }
}

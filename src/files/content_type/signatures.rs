//! Types that are known by bytes at a fixed place.

use super::{boxes, has, position, zip};

/// (place, bytes, content type): the first that fits is taken. What needs a second look is below, in [`find`].
#[rustfmt::skip]
static SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"/* XPM */", "image/x-xpixmap"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"%FDF", "application/vnd.fdf"),
    (0, b"%!PS-Adobe-", "application/postscript"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"-----BEGIN PKCS7", "application/pkcs7-signature"),
    (37, b"acTL", "image/vnd.mozilla.apng"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\xff\x0a", "image/jxl"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (0, b"\0\0\0\x0cJXS \r\n\x87\n", "image/jxs"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (8, b"debian-binary", "application/vnd.debian.binary-package"),
    (0, b"!<arch>", "application/x-archive"),
    (0, b"xar!", "application/x-xar"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"SIMPLE  =                    T", "application/fits"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"\0\0\x02\0\x06\x04\x06\0", "application/vnd.lotus-1-2-3"),
    (0, b"\0\0\x01\0", "image/x-icon"),
    (0, b"\0\0\x02\0", "image/x-icon"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC\0\0\0\x22", "audio/flac"),
    (0, b"MThd", "audio/midi"),
    (0, b"MAC \x96\x0f\0\0\x34\0\0\0\x18\0\0\0\x90\xe3", "audio/ape"),
    (0, b"MPCK", "audio/musepack"),
    (0, b"#!AMR", "audio/amr"),
    (0, b".snd", "audio/basic"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", "video/x-ms-asf"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"Creative Voice File", "audio/x-unknown"),
    (0, b"#EXTM3U\n", "application/vnd.apple.mpegurl"),
    (0, b"#EXTM3U\r\n", "application/vnd.apple.mpegurl"),
    (0, b".RMF", "application/vnd.rn-realmedia-vbr"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"CWS", "application/x-shockwave-flash"),
    (0, b"FWS", "application/x-shockwave-flash"),
    (0, b"ZWS", "application/x-shockwave-flash"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (0, b"ttcf\0\x01\0\0", "font/collection"),
    (0, b"ttcf\0\x02\0\0", "font/collection"),
    (0, b"\0asm", "application/wasm"),
    (128, b"DICM", "application/dicom"),
    (0, b"Rar!\x1a\x07\0", "application/x-rar-compressed"),
    (0, b"Rar!\x1a\x07\x01\0", "application/x-rar-compressed"),
    (60, b"BOOKMOBI", "application/x-mobipocket-ebook"),
    (0, b"ITOLITLS", "application/x-ms-reader"),
    (0, b"BPG\xfb", "image/bpg"),
    (0, b"\xd9\xd9\xf7", "application/cbor"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"NES\x1a", "application/vnd.nintendo.snes.rom"),
    (0, b"\x4c\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),
    (0, b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (0, b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (0, b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"icns", "image/x-icns"),
    (0, b"#?RADIANCE\n", "image/vnd.radiance"),
    (4, b"Standard Jet DB", "application/x-msaccess"),
    (4, b"Standard ACE DB", "application/x-msaccess"),
    (0, b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (0, b"\xed\xab\xee\xdb", "application/x-rpm"),
    (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"LZIP", "application/lzip"),
    (0, b"d8:announce", "application/x-bittorrent"),
    (0, b"070701", "application/x-cpio"),
    (0, b"070702", "application/x-cpio"),
    (0, b"070707", "application/x-cpio"),
    (0, b"\xc7\x71", "application/x-cpio"),
    (0, b"gimp xcf", "image/x-xcf"),
    (20, b"GPAT", "image/x-gimp-pat"),
    (20, b"GIMP", "image/x-gimp-gbr"),
    (0, b"glTF\x01\0\0\0", "model/gltf-binary"),
    (0, b"glTF\x02\0\0\0", "model/gltf-binary"),
    (0, b"II\xbc\x01", "image/jxr"),
    (0, b"PAR1", "application/vnd.apache.parquet"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "application/onenote"),
    (0, b"ITSF\x03\0\0\0\x60\0\0\0", "application/vnd.ms-htmlhelp"),
];

/// What the signature of a file says it is.
pub(super) fn find(head: &[u8]) -> Option<&'static str> {
    let first = SIGNATURES.iter().find(|&&(at, bytes, kind)| {
        has(head, at, bytes)
            // These two are something more of another type.
            && (kind != "image/vnd.mozilla.apng" || has(head, 0, b"\x89PNG\r\n\x1a\n"))
            && (kind != "application/vnd.debian.binary-package" || has(head, 0, b"!<arch>"))
    });
    first
        .map(|(.., kind)| *kind)
        .or_else(|| zip::find(head))
        .or_else(|| boxes::find(head))
        .or_else(|| find_closely(head))
}

/// Types whose signature alone would be found in too many other files.
fn find_closely(head: &[u8]) -> Option<&'static str> {
    let byte = |at: usize| head.get(at).copied().unwrap_or_default();
    let kind = match head {
        [0xff, 0xe2 | 0xe3 | 0xf2 | 0xf3 | 0xfa | 0xfb, _, ..] => "audio/mpeg",
        [0, 0, 1, 0xb0..=0xbf, ..] => "video/mpeg",
        [b'B', b'M', ..] if has(head, 15, b"\0\0\0") && matches!(byte(14), 16 | 40 | 52 | 56 | 64 | 108 | 124) => {
            "image/bmp"
        }
        [0x7f, b'E', b'L', b'F', ..] => elf(head),
        [0xca, 0xfe, 0xba, 0xbe, _, _, _, 0..20, ..] => "application/x-mach-binary",
        [0xca, 0xfe, 0xba, 0xbe, _, _, _, 31..=255, ..] => "application/x-java-applet",
        [b'C', b'r', b'2', b'4', ..] if is_crx(head) => "application/x-chrome-extension",
        [0, 1, 0, 0, 0, 1..=48, ..] if is_font_table(head) => "font/ttf",
        [b'O', b'T', b'T', b'O', 0, ..] if is_font_table(head) => "font/otf",
        [0, 0, 0x27, 0x0a, ..] if head.len() > 100 && has(head, 28, b"\xe8\x03\0\0") => "application/vnd.shp",
        [0, 0, 0x27, 0x0a, ..] => "application/vnd.shx",
        [b'A', b'C', ..] if is_dwg(head) => "image/vnd.dwg",
        [0x22..=0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => "application/zstd",
        [b'I', b'S', b'c', b'(', _, _, 0, 1 | 2 | 4, ..] => "application/x-installshield",
        [b'T', b'Z', b'i', b'f', 0 | b'2'..=b'4', ..] if is_tzif(head) => "application/tzif",
        [0xff, b'W', b'P', b'C', _, _, _, _, 1, 10, ..] => "application/vnd.wordperfect",
        [b'G', b'R', b'I', b'B', _, _, _, 1 | 2, ..] => "application/grib",
        [b'B', b'U', b'F', b'R', _, _, _, 3 | 4, ..] => "application/bufr",
        [0x30, ..] if is_pkcs7(head) => "application/pkcs7-signature",
        _ if is_eot(head) => "application/vnd.ms-fontobject",
        _ if is_tar(head) => "application/x-tar",
        _ if is_dbf(head) => "application/x-dbf",
        _ if is_marc(head) => "application/marc",
        _ => return None,
    };
    Some(kind)
}

/// A PDF file may have something in front, and readers take it all the same: what has no signature of its own is one then.
pub(super) fn is_pdf_behind_something(head: &[u8]) -> bool {
    position(&head[..head.len().min(1024)], b"%PDF-").is_some()
}

/// These two bytes may begin a text as well, which is looked for before.
pub(super) fn is_zlib(head: &[u8]) -> bool {
    matches!(head, [0x78, flags, ..] if (0x7800 + u16::from(*flags)) % 31 == 0)
}

fn elf(head: &[u8]) -> &'static str {
    match head.get(16..18) {
        Some([1, 0] | [0, 1]) => "application/x-object",
        Some([2, 0] | [0, 2]) => "application/x-executable",
        Some([3, 0] | [0, 3]) => "application/x-sharedlib",
        Some([4, 0] | [0, 4]) => "application/x-coredump",
        _ => "application/x-elf",
    }
}

/// A ZIP archive behind a key and a signature.
fn is_crx(head: &[u8]) -> bool {
    let length = |at: usize| head.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let (Some(key), Some(signature)) = (length(8), length(12)) else { return false };
    let start = usize::try_from(16 + u64::from(key) + u64::from(signature)).unwrap_or(usize::MAX);
    has(head, start, b"PK\x03\x04")
}

/// Whether the table of a font file begins with a table that fonts have.
fn is_font_table(head: &[u8]) -> bool {
    const TAGS: &[&[u8; 4]] = &[
        b"BASE", b"CFF ", b"CFF2", b"COLR", b"DSIG", b"EBDT", b"EBSC", b"FFTM", b"GDEF", b"GPOS", b"GSUB", b"JSTF",
        b"LTSH", b"OS/2", b"PCLT", b"VDMX", b"Zapf", b"acnt", b"ankr", b"avar", b"bdat", b"bhed", b"bloc", b"bsln",
        b"cmap", b"cvar", b"cvt ", b"fdsc", b"feat", b"fmtx", b"fpgm", b"fvar", b"gasp", b"gcid", b"glyf", b"gvar",
        b"hdmx", b"head", b"hhea", b"hmtx", b"just", b"kern", b"kerx", b"lcar", b"loca", b"ltag", b"maxp", b"meta",
        b"mort", b"morx", b"name", b"opbd", b"post", b"prep", b"prop", b"sbix", b"trak", b"vhea", b"vmtx", b"xref",
    ];
    head.get(12..16).is_some_and(|tag| TAGS.iter().any(|known| *known == tag))
}

fn is_dwg(head: &[u8]) -> bool {
    const VERSIONS: &[&[u8; 4]] = &[
        b"1.40", b"1.50", b"2.10", b"1002", b"1003", b"1004", b"1006", b"1009", b"1012", b"1014", b"1015", b"1018",
        b"1021", b"1024", b"1027", b"1032",
    ];
    head.get(2..6).is_some_and(|version| VERSIONS.iter().any(|known| *known == version))
}

/// Time zones: there is at least one type of local time.
fn is_tzif(head: &[u8]) -> bool {
    has(head, 5, &[0; 15]) && head.get(36..40).is_some_and(|types| types != [0; 4])
}

/// A DER sequence that says it is signed data.
fn is_pkcs7(head: &[u8]) -> bool {
    const OBJECT: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    matches!(head.get(1), Some(length @ 0x80..=0x84) if has(head, 2 + usize::from(length - 0x80), OBJECT))
}

fn is_eot(head: &[u8]) -> bool {
    has(head, 34, b"LP") && [b"\x02\0\x01", b"\x01\0\0", b"\x02\0\x02"].iter().any(|version| has(head, 8, *version))
}

/// The checksum of the first header must fit: there are archives without any other mark.
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else { return false };
    let digits = header[148..156].trim_ascii_start();
    let end = digits.iter().position(|b| !(b'0'..=b'7').contains(b)).unwrap_or(digits.len());
    let Some(said) = digits[..end]
        .iter()
        .copied()
        .reduce(|_, b| b)
        .map(|_| digits[..end].iter().fold(0_i64, |sum, digit| sum * 8 + i64::from(digit - b'0')))
    else {
        return false;
    };
    let bytes = || header[..148].iter().chain(&[b' '; 8]).chain(&header[156..]);
    let unsigned: i64 = bytes().map(|b| i64::from(*b)).sum();
    // Old archivers took bytes for signed numbers.
    let signed: i64 = bytes().map(|b| i64::from(b.cast_signed())).sum();
    said == unsigned || said == signed
}

/// A dBASE table: a known version and a date that can be.
fn is_dbf(head: &[u8]) -> bool {
    const VERSIONS: &[u8] = &[
        0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x42, 0x62, 0x7b, 0x82, 0x83, 0x87, 0x8a, 0x8b, 0x8e, 0xb3, 0xcb,
        0xe5, 0xf4, 0xf5, 0xfb,
    ];
    let [version, _, 1..=12, 1..=31, _, _, _, _, _, _, _, _, 0, 0, ..] = head else { return false };
    head.len() >= 69 && VERSIONS.contains(version) && head[28] <= 1 && head[30] == 0 && head[31] == 0
}

/// Library records.
fn is_marc(head: &[u8]) -> bool {
    head.len() > 24
        && head[..5].iter().all(u8::is_ascii_digit)
        && has(head, 20, b"4500")
        && head[24..head.len().min(2048)].contains(&0x1e)
}

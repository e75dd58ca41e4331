//! Containers whose parts say what is in them: Ogg, RIFF, IFF, JPEG 2000, Matroska, `QuickTime` and MP4, OLE, `DjVu`.

use super::{has, position};

/// Every container but those of [`find_movie`].
pub(super) fn find(head: &[u8]) -> Option<&'static str> {
    let kind = match head {
        [b'O', b'g', b'g', b'S', 0, ..] => ogg(head),
        // Nothing but a name does not make one.
        [b'R', b'I', b'F', b'F', _, _, _, _, rest @ ..] if rest.len() > 4 => match &rest[..4] {
            b"WEBP" => "image/webp",
            b"WAVE" => "audio/wav",
            b"QLCM" => "audio/qcelp",
            b"AVI " if rest[4..].starts_with(b"LIST") => "video/x-msvideo",
            _ => return None,
        },
        [b'F', b'O', b'R', b'M', _, _, _, _, rest @ ..] if rest.len() > 4 && rest.starts_with(b"AIFF") => "audio/aiff",
        [0, 0, 0, 12, b'j', b'P', b' ' | b'2', b' ', b'\r', b'\n', 0x87, b'\n', ..] => match head.get(20..24)? {
            b"jp2 " => "image/jp2",
            b"jpx " => "image/jpx",
            b"jpm " => "image/jpm",
            _ => return None,
        },
        [b'A', b'T', b'&', b'T', b'F', b'O', b'R', b'M', ..]
            if matches!(head.get(12..16), Some(b"DJVU" | b"DJVM" | b"DJVI" | b"THUM")) =>
        {
            "image/vnd.djvu"
        }
        [0x1a, 0x45, 0xdf, 0xa3, rest @ ..] => matroska(rest)?,
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => ole(head),
        _ => return None,
    };
    Some(kind)
}

/// MP4, `QuickTime`, HEIF, AVIF. Their marks are words, so text is looked for before.
pub(super) fn find_movie(head: &[u8]) -> Option<&'static str> {
    if head.len() < 12 {
        return None;
    }
    match &head[4..8] {
        // No box of this kind is of 16 MB.
        b"ftyp" if head[0] == 0 => Some(movie(&head[8..12])),
        b"moov" | b"mdat" | b"free" | b"skip" | b"pnot" | b"wide" => Some("video/quicktime"),
        _ => None,
    }
}

fn ogg(head: &[u8]) -> &'static str {
    let first = |codecs: &[&[u8]]| codecs.iter().any(|codec| has(head, 28, codec));
    if first(&[b"\x7fFLAC", b"\x01vorbis", b"OpusHead", b"Speex   "]) {
        "audio/ogg"
    } else if first(&[b"\x80theora", b"fishead\0", b"\x01video\0\0\0"]) {
        "video/ogg"
    } else {
        "application/ogg"
    }
}

/// By the major brand.
fn movie(brand: &[u8]) -> &'static str {
    match brand {
        b"qt  " | b"moov" | b"mqt " => "video/quicktime",
        b"M4A " => "audio/x-m4a",
        b"M4B " | b"M4P " | b"F4A " | b"F4B " | b"MSNV" | b"NDAS" => "audio/mp4",
        b"M4V " | b"M4VH" | b"M4VP" => "video/x-m4v",
        b"3gp1" | b"3gp2" | b"3gp3" | b"3gp4" | b"3gp5" | b"3gp6" | b"3gp7" | b"3gs7" | b"3ge6" | b"3ge7" | b"3gg6" => {
            "video/3gpp"
        }
        b"3g24" | b"3g25" | b"3g26" | b"3g2a" | b"3g2b" | b"3g2c" | b"KDDI" => "video/3gpp2",
        b"dby1" | b"dvr1" | b"dvt1" => "video/vnd.dvb.file",
        b"mjp2" | b"mj2s" => "video/mj2",
        b"heic" | b"heix" => "image/heic",
        b"hevc" | b"hevx" => "image/heic-sequence",
        b"heim" | b"heis" | b"mif1" => "image/heif",
        b"hevm" | b"hevs" | b"msf1" => "image/heif-sequence",
        b"avif" | b"avis" => "image/avif",
        _ => "video/mp4",
    }
}

/// The document type is an element near the beginning: id, length of one to eight bytes, text.
fn matroska(rest: &[u8]) -> Option<&'static str> {
    let at = position(rest, b"\x42\x82")? + 2;
    let width = usize::try_from(rest.get(at)?.leading_zeros()).ok()? + 1;
    let kind = rest.get(at + width..)?;
    if kind.starts_with(b"webm") {
        Some("video/webm")
    } else if kind.starts_with(b"matroska") {
        Some("video/x-matroska")
    } else {
        None
    }
}

/// Documents of office programs before 2007: by the class of the root directory, if that is near the beginning, else by how
/// their content begins.
fn ole(head: &[u8]) -> &'static str {
    const TAIL: &[u8] = b"\0\0\0\0\xc0\0\0\0\0\0\0\x46";
    let class = root_class(head).unwrap_or_default();
    let is_class = |start: &[u8; 4]| class.starts_with(start) && class.ends_with(TAIL);
    let content = |starts: &[&[u8]]| starts.iter().any(|start| has(head, 512, start));
    if is_class(b"\x84\x10\x0c\0") {
        "application/x-ms-installer"
    } else if is_class(b"\x0b\x0d\x02\0") {
        "application/vnd.ms-outlook"
    } else if class == b"\x01\x12\x02\0\0\0\0\0\0\xc0\0\0\0\0\0\x46" || is_class(b"\x01\x12\x02\0") {
        "application/vnd.ms-publisher"
    } else if is_class(b"\x10\x08\x02\0")
        || is_class(b"\x20\x08\x02\0")
        || content(&[b"\x09\x08\x10\0\0\x06\x05\0"])
        || [0x10, 0x1f, 0x22, 0x23, 0x28, 0x29].iter().any(|kind| content(&[&[0xfd, 0xff, 0xff, 0xff, *kind]]))
        || position(head, b"W\0k\0s\0S\0S\0W\0o\0r\0k\0B\0o\0o\0k\0").is_some()
    {
        "application/vnd.ms-excel"
    } else if class == b"\x10\x8d\x81\x64\x9b\x4f\xcf\x11\x86\xea\0\xaa\0\xb9\x29\xe8"
        || class == b"\x70\xae\x7b\xea\x3b\xfb\xcd\x11\xa9\x03\0\xaa\0\x51\x0e\xa3"
        || content(&[b"\xa0\x46\x1d\xf0", b"\0\x6e\x1e\xf0", b"\x0f\0\xe8\x03"])
        || (content(&[b"\xfd\xff\xff\xff"]) && has(head, 517, b"\0\0\0"))
    {
        "application/vnd.ms-powerpoint"
    } else if is_class(b"\x06\x09\x02\0") || is_class(b"\0\x09\x02\0") {
        "application/msword"
    } else {
        "application/x-ole-storage"
    }
}

fn root_class(head: &[u8]) -> Option<&[u8]> {
    let sector_bytes = if has(head, 26, b"\x04\0") { 4096 } else { 512 };
    let first = usize::try_from(u32::from_le_bytes(head.get(48..52)?.try_into().ok()?)).ok()?;
    let at = first.checked_add(1)?.checked_mul(sector_bytes)?.checked_add(80)?;
    head.get(at..at.checked_add(16)?)
}

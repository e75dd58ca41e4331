//! ZIP archives, and the formats that are one inside: by the names of their first entries.

use super::{has, position};

/// Contents of an entry `mimetype`, which such formats have first and uncompressed. Longer ones come before their beginnings.
#[rustfmt::skip]
static BY_MIMETYPE: &[(&[u8], &str)] = &[
    (b"application/epub+zip", "application/epub+zip"),
    (b"application/vnd.oasis.opendocument.text-template", "application/vnd.oasis.opendocument.text-template"),
    (b"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (b"application/vnd.oasis.opendocument.spreadsheet-template", "application/vnd.oasis.opendocument.spreadsheet-template"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
    (b"application/vnd.oasis.opendocument.presentation-template", "application/vnd.oasis.opendocument.presentation-template"),
    (b"application/vnd.oasis.opendocument.presentation", "application/vnd.oasis.opendocument.presentation"),
    (b"application/vnd.oasis.opendocument.graphics-template", "application/vnd.oasis.opendocument.graphics-template"),
    (b"application/vnd.oasis.opendocument.graphics", "application/vnd.oasis.opendocument.graphics"),
    (b"application/vnd.oasis.opendocument.formula", "application/vnd.oasis.opendocument.formula"),
    (b"application/vnd.oasis.opendocument.chart", "application/vnd.oasis.opendocument.chart"),
    (b"application/vnd.sun.xml.calc", "application/vnd.sun.xml.calc"),
];

/// The folders of Office Open XML.
static BY_FOLDER: &[(&[u8], &str)] = &[
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"visio/", "application/vnd.ms-visio.drawing.main+xml"),
];

/// What Office Open XML may have in front of its folder.
static OFFICE_FIRST: &[&[u8]] = &[b"[Content_Types].xml", b"_rels/.rels", b"docProps", b"customXml", b"[trash]"];

/// Entries of Android packages.
static ANDROID: &[&[u8]] = &[
    b"AndroidManifest.xml",
    b"META-INF/com/android/build/gradle/app-metadata.properties",
    b"classes.dex",
    b"resources.arsc",
];

pub(super) fn find(head: &[u8]) -> Option<&'static str> {
    if !matches!(head, [b'P', b'K', 3 | 5 | 7, 4 | 6 | 8, ..]) {
        return None;
    }
    if has(head, 30, b"mimetype")
        && let Some((_, kind)) = BY_MIMETYPE.iter().find(|(content, _)| has(head, 38, content))
    {
        return Some(kind);
    }
    let names: Vec<&[u8]> = Names(head).collect();
    let first = names.first().copied().unwrap_or_default();
    let is_office = OFFICE_FIRST.iter().any(|start| first.starts_with(start));
    let folder = BY_FOLDER.iter().find(|(folder, _)| {
        first.starts_with(folder) || (is_office && names.iter().any(|name| name.starts_with(folder)))
    });
    if let Some((_, kind)) = folder {
        Some(kind)
    } else if names.iter().any(|name| ANDROID.contains(name)) {
        Some("application/vnd.android.package-archive")
    } else if matches!(first, b"META-INF/" | b"META-INF/MANIFEST.MF") {
        Some("application/java-archive")
    } else if names.contains(&b"doc.kml".as_slice()) {
        Some("application/vnd.google-earth.kmz")
    } else {
        Some("application/zip")
    }
}

/// The names of entries. The lengths of contents are not always known at the beginning, so the next entry is searched for.
struct Names<'a>(&'a [u8]);

impl<'a> Iterator for Names<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let entry = self.0.get(position(self.0, b"PK\x03\x04")?..)?;
        let length = usize::from(u16::from_le_bytes(entry.get(26..28)?.try_into().ok()?));
        let name = entry.get(30..)?;
        let name = &name[..name.len().min(length)];
        self.0 = &entry[30 + name.len()..];
        Some(name)
    }
}

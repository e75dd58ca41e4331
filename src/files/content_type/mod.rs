//! What a file is: by its first bytes, never by what a client says or calls it.
//!
//! The types and their names are those of the reference, so that `mimeTypes` of a collection accepts the same files. A file
//! that could be two things at once is what its own signature says; only what carries no signature is looked at as text.

mod boxes;
#[cfg(test)]
mod corpus;
mod json;
mod kinds;
mod markup;
mod served;
mod signatures;
mod tables;
mod text;
mod zip;

#[cfg(test)]
mod tests;

pub(super) use kinds::extension_of;
pub use served::{disposition, served_type};

/// What a file is of which nothing is known.
const UNKNOWN: &str = "application/octet-stream";

/// The first bytes that [`sniff`] looks at.
pub const HEAD_BYTES: usize = 3072;

/// The content type of a file that begins with `head`. A head shorter than [`HEAD_BYTES`] is taken for the whole file.
pub fn sniff(head: &[u8]) -> &'static str {
    let head = &head[..head.len().min(HEAD_BYTES)];
    signatures::find(head)
        .or_else(|| signatures::is_pdf_behind_something(head).then_some("application/pdf"))
        .or_else(|| text::find(head))
        .or_else(|| boxes::find_movie(head))
        .or_else(|| signatures::is_zlib(head).then_some("application/zlib"))
        .unwrap_or(UNKNOWN)
}

/// Whether a field with these `mimeTypes` takes a file of this (sniffed) content type: parameters and case do not matter, and
/// types have more than one name. Nothing named means that any is taken.
pub fn accepts(mime_types: Option<&[String]>, content_type: &str) -> bool {
    let found = essence(content_type);
    mime_types.is_none_or(|accepted| {
        accepted.is_empty() || accepted.iter().any(|name| kinds::is_same(found, &essence(name).to_ascii_lowercase()))
    })
}

/// A content type without its parameters.
fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// Whether `bytes` has `part` at this place.
fn has(bytes: &[u8], at: usize, part: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(part))
}

/// Where `part` begins, if it is there. The heads are short, so this need not be clever.
fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

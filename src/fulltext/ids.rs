//! Ids of documents in a column of numbers, eight bytes in each: the id of a hit is read in a few nanoseconds, where the
//! engine's own column of texts would search a dictionary for each.

use tantivy::DocId;
use tantivy::columnar::Column;

use super::limits::MAX_ID_BYTES;

/// Whether a document may have the id: not empty, at most a kilobyte, without NUL.
// An empty one would name nothing, and NUL fills up the last number of the column.
pub fn is_valid_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_ID_BYTES && !id.contains('\0')
}

/// The numbers of an id.
pub(super) fn encode(id: &str) -> impl Iterator<Item = u64> + '_ {
    id.as_bytes().chunks(8).map(|chunk| {
        let mut bytes = [0; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        u64::from_be_bytes(bytes)
    })
}

/// The beginning of an id, which orders as the id does: 16 bytes tell nearly all apart.
pub(super) type Key = [u64; 2];

/// The first numbers of a document's id.
pub(super) fn key(column: &Column<u64>, doc: DocId) -> Key {
    let mut values = column.values_for_doc(doc);
    [values.next().unwrap_or(0), values.next().unwrap_or(0)]
}

/// Puts the id of a document in place of what `id` holds. Nothing remains of a document that is unknown or damaged.
pub(super) fn decode(column: &Column<u64>, doc: DocId, id: &mut String) {
    let mut bytes = std::mem::take(id).into_bytes();
    bytes.clear();
    for value in column.values_for_doc(doc) {
        bytes.extend_from_slice(&value.to_be_bytes());
    }
    let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    bytes.truncate(end);
    *id = String::from_utf8(bytes).unwrap_or_default();
}

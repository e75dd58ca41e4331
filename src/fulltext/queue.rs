//! Documents on their way to the engine's thread.
//!
//! The engine lets ten thousand documents wait, however long they are. Here they wait by their bytes: who brings more waits
//! until some were taken, so that memory is bounded for documents of any length.

use std::iter::Empty;
use std::ops::Range;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use tantivy::IndexWriter;
use tantivy::indexer::UserOperation;
use tantivy::schema::Field;
use tantivy::schema::document::{Document, ReferenceValue, ReferenceValueLeaf, Value};

/// The engine's writer for our documents.
pub(super) type Engine = IndexWriter<QueuedDocument>;

/// What the engine is told to do with documents.
pub(super) type Operation = UserOperation<QueuedDocument>;

/// What a document costs beside its texts, at least, in bytes.
const DOCUMENT_BYTES: usize = 256;

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    /// A part of the document's texts.
    Text(Range<usize>),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Bool(bool),
}

/// A document as the engine takes it: all its texts in one piece of memory, which fields may share.
#[derive(Debug)]
pub(super) struct QueuedDocument {
    text: String,
    values: Vec<(Field, Piece)>,
    /// Its place in the queue, once it has one.
    place: Option<Place>,
}

impl QueuedDocument {
    /// With memory for so many bytes of texts.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), values: Vec::new(), place: None }
    }

    /// Adds a text to fields.
    pub(super) fn add_text(&mut self, fields: impl IntoIterator<Item = Field>, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        let range = start..self.text.len();
        self.values.extend(fields.into_iter().map(|field| (field, Piece::Text(range.clone()))));
    }

    pub(super) fn add_u64(&mut self, field: Field, number: u64) {
        self.values.push((field, Piece::Unsigned(number)));
    }

    pub(super) fn add_i64(&mut self, field: Field, number: i64) {
        self.values.push((field, Piece::Signed(number)));
    }

    pub(super) fn add_f64(&mut self, field: Field, number: f64) {
        self.values.push((field, Piece::Float(number)));
    }

    pub(super) fn add_bool(&mut self, field: Field, truth: bool) {
        self.values.push((field, Piece::Bool(truth)));
    }

    /// Bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        DOCUMENT_BYTES + self.text.capacity() + self.values.capacity() * size_of::<(Field, Piece)>()
    }
}

/// A value as the engine reads it.
#[derive(Clone, Debug)]
pub(super) struct Leaf<'a>(ReferenceValueLeaf<'a>);

impl<'a> Value<'a> for Leaf<'a> {
    type ArrayIter = Empty<Self>;
    type ObjectIter = Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(self.0.clone())
    }
}

/// The values of a document.
pub(super) struct Leaves<'a> {
    text: &'a str,
    values: std::slice::Iter<'a, (Field, Piece)>,
}

impl<'a> Iterator for Leaves<'a> {
    type Item = (Field, Leaf<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (field, piece) = self.values.next()?;
        let leaf = match piece {
            Piece::Text(range) => ReferenceValueLeaf::Str(&self.text[range.clone()]),
            Piece::Unsigned(number) => ReferenceValueLeaf::U64(*number),
            Piece::Signed(number) => ReferenceValueLeaf::I64(*number),
            Piece::Float(number) => ReferenceValueLeaf::F64(*number),
            Piece::Bool(truth) => ReferenceValueLeaf::Bool(*truth),
        };
        Some((*field, Leaf(leaf)))
    }
}

impl Document for QueuedDocument {
    type Value<'a> = Leaf<'a>;
    type FieldsValuesIter<'a> = Leaves<'a>;

    fn iter_fields_and_values(&self) -> Leaves<'_> {
        Leaves { text: &self.text, values: self.values.iter() }
    }
}

/// The room there is for documents that wait.
#[derive(Debug)]
pub(super) struct Room {
    max_bytes: usize,
    taken: Mutex<Taken>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Taken {
    bytes: usize,
    /// Most bytes there ever were.
    most: usize,
}

impl Room {
    pub(super) fn new(max_bytes: usize) -> Arc<Self> {
        Arc::new(Self { max_bytes, taken: Mutex::default(), changed: Condvar::new() })
    }

    /// Gives the documents places, when there is room. What is too much for any room goes alone.
    ///
    /// If the engine's thread fails, it drops all documents that wait, so this never waits for ever.
    pub(super) fn admit(self: &Arc<Self>, operations: &mut [Operation]) {
        let mut documents: Vec<(&mut QueuedDocument, usize)> = operations
            .iter_mut()
            .filter_map(|operation| match operation {
                UserOperation::Add(document) => Some((document.bytes(), document)),
                UserOperation::Delete(_) => None,
            })
            .map(|(bytes, document)| (document, bytes))
            .collect();
        let bytes: usize = documents.iter().map(|(_, bytes)| bytes).sum();
        {
            let mut taken = self.taken.lock();
            while taken.bytes > 0 && taken.bytes + bytes > self.max_bytes {
                self.changed.wait(&mut taken);
            }
            taken.bytes += bytes;
            taken.most = taken.most.max(taken.bytes);
        }
        for (document, bytes) in &mut documents {
            document.place = Some(Place { room: Arc::clone(self), bytes: *bytes });
        }
    }

    /// Most bytes that ever waited at once.
    #[cfg(test)]
    pub(super) fn most(&self) -> usize {
        self.taken.lock().most
    }

    /// Bytes that wait now.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.taken.lock().bytes
    }
}

/// The bytes of a document that waits. The engine drops a document when it was taken apart.
#[derive(Debug)]
struct Place {
    room: Arc<Room>,
    bytes: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        let left = {
            let mut taken = self.room.taken.lock();
            taken.bytes -= self.bytes;
            taken.bytes
        };
        // Who waits is not woken for the room of one document.
        if left <= self.room.max_bytes / 2 {
            self.room.changed.notify_one();
        }
    }
}

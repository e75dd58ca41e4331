//! Writing to one index.

use std::collections::HashSet;
use std::sync::Arc;

use tantivy::Term;
use tantivy::schema::{Field, Type};

use super::index::{Payload, guarded};
use super::queue::{Engine, Operation, QueuedDocument, Room};
use super::writers::{Pool, Use, close};
use super::{Document, FacetValue, Index, WriteError, boot, ids};

/// Most documents that are handed to the engine's thread at once: waking it for each costs as much as indexing some.
const BATCH_DOCUMENTS: usize = 64;

/// Most bytes that are handed over at once, but for documents that are longer.
const BATCH_BYTES: usize = 256 << 10;

/// The only writer of an index for as long as somebody has it. What is not committed when it is dropped did not happen.
pub struct Writer {
    /// `None` after the engine failed.
    engine: Option<Engine>,
    /// What is still to be handed to the engine.
    batch: Vec<Operation>,
    batch_bytes: usize,
    /// Where documents wait that were handed over.
    room: Arc<Room>,
    index: Arc<Index>,
    pool: Arc<Pool>,
    /// Whether something was written since the last commit.
    is_dirty: bool,
    usage: Use,
}

impl Writer {
    pub(super) fn new(engine: Engine, index: Arc<Index>, pool: Arc<Pool>, usage: Use) -> Self {
        let room = Room::new(pool.max_waiting_bytes());
        let (batch, batch_bytes) = (Vec::new(), 0);
        Self { engine: Some(engine), batch, batch_bytes, room, index, pool, is_dirty: false, usage }
    }

    /// The index it writes to.
    pub fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Adds a document, in place of one with the same id. Waits while documents of too many bytes wait to be indexed.
    ///
    /// # Errors
    /// [`WriteError::Id`] and [`WriteError::Shape`] change nothing; the others mean that the writer is of no more use.
    pub fn upsert(&mut self, document: &Document) -> Result<(), WriteError> {
        let built = self.build(document)?;
        self.delete(&document.id)?;
        self.put(built)
    }

    /// Adds a document of which the caller knows that the index has none with its id: faster than [`Writer::upsert`].
    ///
    /// # Errors
    /// As for [`Writer::upsert`].
    pub fn add(&mut self, document: &Document) -> Result<(), WriteError> {
        let built = self.build(document)?;
        self.put(built)
    }

    /// Removes the document with this id, if there is one.
    ///
    /// # Errors
    /// The writer is of no more use.
    pub fn delete(&mut self, id: &str) -> Result<(), WriteError> {
        let term = Term::from_field_text(self.index.shared.layout.id, id);
        self.push(Operation::Delete(term), id.len())
    }

    /// Removes all documents, also those that are not committed yet.
    ///
    /// # Errors
    /// The writer is of no more use.
    pub fn clear(&mut self) -> Result<(), WriteError> {
        self.is_dirty = true;
        self.batch.clear();
        self.batch_bytes = 0;
        let mut engine = self.engine.take().ok_or_else(unusable)?;
        // Documents on their way into the index would survive, so they are taken back first.
        guarded(|| {
            engine.rollback()?;
            engine.delete_all_documents()?;
            Ok::<_, WriteError>(())
        })?;
        self.engine = Some(engine);
        Ok(())
    }

    /// Makes everything since the last commit searchable at once, as of `seq`: a number of the caller's that
    /// [`Index::applied_seq`] reads back. It survives the end of the process, whenever that comes, and so does `mark`, which
    /// [`Index::opened_mark`] reads.
    ///
    /// # Errors
    /// The commit did not happen, and the writer is of no more use.
    pub fn commit(&mut self, seq: i64, mark: Option<&str>) -> Result<(), WriteError> {
        self.flush()?;
        let mut engine = self.engine.take().ok_or_else(unusable)?;
        let payload =
            serde_json::to_string(&Payload { seq, mark: mark.map(str::to_owned) }).map_err(std::io::Error::from)?;
        guarded(|| {
            // Somebody may have marked the index as clean since this writer was opened.
            boot::mark_written(self.index.folder())?;
            let mut prepared = engine.prepare_commit()?;
            prepared.set_payload(&payload);
            prepared.commit()?;
            Ok::<_, WriteError>(())
        })?;
        self.engine = Some(engine);
        self.is_dirty = false;
        self.index.publish(seq).map_err(|error| WriteError::Engine(error.to_string()))
    }

    fn put(&mut self, document: QueuedDocument) -> Result<(), WriteError> {
        let bytes = document.bytes();
        self.push(Operation::Add(document), bytes)
    }

    fn push(&mut self, operation: Operation, bytes: usize) -> Result<(), WriteError> {
        self.is_dirty = true;
        // What was gathered does not wait for a document that is long.
        if self.batch_bytes + bytes > BATCH_BYTES || self.batch.len() >= BATCH_DOCUMENTS {
            self.flush()?;
        }
        self.batch.push(operation);
        self.batch_bytes += bytes;
        if self.engine.is_some() { Ok(()) } else { Err(unusable()) }
    }

    /// Hands what was gathered to the engine's thread, when there is room.
    fn flush(&mut self) -> Result<(), WriteError> {
        let mut batch = std::mem::take(&mut self.batch);
        self.batch_bytes = 0;
        let engine = self.engine.as_mut().ok_or_else(unusable)?;
        if !batch.is_empty() {
            self.room.admit(&mut batch);
            engine.run(batch)?;
        }
        Ok(())
    }

    fn build(&self, document: &Document) -> Result<QueuedDocument, WriteError> {
        let shared = &self.index.shared;
        let layout = &shared.layout;
        if !ids::is_valid_id(&document.id) {
            return Err(WriteError::Id);
        }
        if document.texts.len() != layout.texts.len() || document.facets.len() != layout.facets.len() {
            return Err(WriteError::Shape);
        }
        let bytes_of =
            |texts: &Vec<String>| texts.iter().map(String::len).sum::<usize>().min(shared.limits.max_text_bytes);
        let bytes = document.id.len() + document.texts.iter().map(bytes_of).sum::<usize>();
        let mut built = QueuedDocument::with_capacity(bytes);
        built.add_text([layout.id], &document.id);
        for number in ids::encode(&document.id) {
            built.add_u64(layout.id_column, number);
        }
        built.add_u64(layout.fingerprint, document.fingerprint());
        for (fields, texts) in layout.texts.iter().zip(&document.texts) {
            let mut room = shared.limits.max_text_bytes;
            for text in texts {
                let text = &text[..text.floor_char_boundary(room)];
                if text.is_empty() {
                    continue;
                }
                room -= text.len();
                built.add_text(std::iter::once(fields.words).chain(fields.stems), text);
            }
        }
        for (field, values) in layout.facets.iter().zip(&document.facets) {
            let kind = shared.layout.schema.get_field_entry(*field).field_type().value_type();
            add_facet(&mut built, *field, kind, values)?;
        }
        Ok(built)
    }

    /// Where its documents wait.
    #[cfg(test)]
    pub(super) fn room(&self) -> Arc<Room> {
        Arc::clone(&self.room)
    }
}

/// Adds the values of a facet, each once.
fn add_facet(document: &mut QueuedDocument, field: Field, kind: Type, values: &[FacetValue]) -> Result<(), WriteError> {
    let mut texts = HashSet::new();
    let mut numbers = HashSet::new();
    for value in values {
        match (kind, value) {
            (Type::Str, FacetValue::Text(text)) => {
                if texts.insert(text.as_str()) {
                    document.add_text([field], text);
                }
            }
            (Type::F64, FacetValue::Number(number)) => {
                // Zero has two signs and one meaning.
                let number = number + 0.0;
                if number.is_finite() && numbers.insert(number.to_bits()) {
                    document.add_f64(field, number);
                }
            }
            (Type::Bool, FacetValue::Bool(truth)) => {
                if numbers.insert(u64::from(*truth)) {
                    document.add_bool(field, *truth);
                }
            }
            (Type::I64, FacetValue::Date(milliseconds)) => {
                if numbers.insert(milliseconds.cast_unsigned()) {
                    document.add_i64(field, *milliseconds);
                }
            }
            _ => return Err(WriteError::Shape),
        }
    }
    Ok(())
}

fn unusable() -> WriteError {
    WriteError::Engine("it failed before".to_owned())
}

impl Drop for Writer {
    fn drop(&mut self) {
        match self.engine.take() {
            Some(engine) if !self.is_dirty && self.usage == Use::Upkeep => self.pool.rest(&self.index, engine),
            Some(engine) if !self.is_dirty => {
                close(engine);
                self.pool.forget(self.index.folder());
            }
            engine => {
                // Dropping the engine forgets what was not committed.
                drop(engine);
                self.pool.forget(self.index.folder());
            }
        }
    }
}

//! Writing to one index.

use std::sync::Arc;

use tantivy::{IndexWriter, TantivyDocument, Term};

use super::index::{Payload, guarded};
use super::writers::{Pool, Use, close};
use super::{Document, FacetValue, Index, WriteError, boot, ids};

/// The only writer of an index for as long as somebody has it. What is not committed when it is dropped did not happen.
pub struct Writer {
    /// `None` after the engine failed.
    engine: Option<IndexWriter>,
    index: Arc<Index>,
    pool: Arc<Pool>,
    /// Whether something was written since the last commit.
    is_dirty: bool,
    usage: Use,
}

impl Writer {
    pub(super) fn new(engine: IndexWriter, index: Arc<Index>, pool: Arc<Pool>, usage: Use) -> Self {
        Self { engine: Some(engine), index, pool, is_dirty: false, usage }
    }

    /// The index it writes to.
    pub fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Adds a document, in place of one with the same id.
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
        self.is_dirty = true;
        self.engine()?.delete_term(term);
        Ok(())
    }

    /// Removes all documents, also those that are not committed yet.
    ///
    /// # Errors
    /// The writer is of no more use.
    pub fn clear(&mut self) -> Result<(), WriteError> {
        self.is_dirty = true;
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
    /// [`Index::applied_seq`] reads back. It survives the end of the process, whenever that comes.
    ///
    /// # Errors
    /// The commit did not happen, and the writer is of no more use.
    pub fn commit(&mut self, seq: i64) -> Result<(), WriteError> {
        let mut engine = self.engine.take().ok_or_else(unusable)?;
        let payload = serde_json::to_string(&Payload { seq }).map_err(std::io::Error::from)?;
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
        self.index.publish(Some(seq)).map_err(|error| WriteError::Engine(error.to_string()))
    }

    fn engine(&mut self) -> Result<&mut IndexWriter, WriteError> {
        self.engine.as_mut().ok_or_else(unusable)
    }

    fn put(&mut self, document: TantivyDocument) -> Result<(), WriteError> {
        self.is_dirty = true;
        self.engine()?.add_document(document)?;
        Ok(())
    }

    fn build(&self, document: &Document) -> Result<TantivyDocument, WriteError> {
        let shared = &self.index.shared;
        let layout = &shared.layout;
        if !ids::is_valid(&document.id) {
            return Err(WriteError::Id);
        }
        if document.texts.len() != layout.texts.len() || document.facets.len() != layout.facets.len() {
            return Err(WriteError::Shape);
        }
        let mut built = TantivyDocument::new();
        built.add_text(layout.id, &document.id);
        for number in ids::encode(&document.id) {
            built.add_u64(layout.id_column, number);
        }
        for (fields, texts) in layout.texts.iter().zip(&document.texts) {
            let mut room = shared.limits.max_text_bytes;
            for text in texts {
                let text = &text[..text.floor_char_boundary(room)];
                room -= text.len();
                built.add_text(fields.words, text);
                if let Some(stems) = fields.stems {
                    built.add_text(stems, text);
                }
            }
        }
        for (field, values) in layout.facets.iter().zip(&document.facets) {
            let kind = shared.layout.schema.get_field_entry(*field).field_type().value_type();
            for value in values {
                add_facet(&mut built, *field, kind, value)?;
            }
        }
        Ok(built)
    }
}

fn add_facet(
    document: &mut TantivyDocument,
    field: tantivy::schema::Field,
    kind: tantivy::schema::Type,
    value: &FacetValue,
) -> Result<(), WriteError> {
    use tantivy::schema::Type;
    match (kind, value) {
        (Type::Str, FacetValue::Text(text)) => document.add_text(field, text),
        (Type::F64, FacetValue::Number(number)) => {
            if number.is_finite() {
                // Zero has two signs and one meaning.
                document.add_f64(field, number + 0.0);
            }
        }
        (Type::Bool, FacetValue::Bool(truth)) => document.add_bool(field, *truth),
        (Type::I64, FacetValue::Date(milliseconds)) => document.add_i64(field, *milliseconds),
        _ => return Err(WriteError::Shape),
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

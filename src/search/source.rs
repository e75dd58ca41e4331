//! What an index is made of, and how its documents are read from a table.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::text::{facet_kind, facet_values, texts};
use crate::db::DbError;
use crate::fulltext::{Document, FacetField, IndexSpec, TextField};
use crate::query::quote_identifier;
use crate::schema::{Collection, Field, SearchOptions};

/// What an index is made of. Fields are known by their ids, so that it can go on while they are renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Recipe {
    /// When the collection was made: another one of the same id has another time.
    pub(super) created: String,
    pub(super) options: SearchOptions,
    pub(super) spec: IndexSpec,
    field_ids: Vec<String>,
    facet_ids: Vec<String>,
}

impl Recipe {
    /// What an index of this collection is made of; `None` if it is not searched.
    pub(super) fn of(collection: &Collection) -> Option<Self> {
        let options = collection.search.as_ref()?;
        let mut recipe = Self {
            created: collection.created.clone(),
            options: options.clone(),
            spec: IndexSpec { fields: Vec::new(), language: options.known_language(), facets: Vec::new() },
            field_ids: Vec::new(),
            facet_ids: Vec::new(),
        };
        for searched in &options.fields {
            let Some(field) = collection.find_field(&searched.name).filter(|field| field.is_searchable()) else {
                continue;
            };
            recipe.field_ids.push(field.id.clone());
            #[expect(clippy::cast_possible_truncation, reason = "weights are from 0.1 to 100")]
            recipe.spec.fields.push(TextField { name: field.name.clone(), weight: searched.weight as f32 });
        }
        for name in &options.facets {
            let Some(field) = collection.find_field(name) else { continue };
            let Some(kind) = facet_kind(field) else { continue };
            recipe.facet_ids.push(field.id.clone());
            recipe.spec.facets.push(FacetField { name: field.name.clone(), kind });
        }
        Some(recipe)
    }

    /// For each text of the index the field it is of.
    pub(super) fn field_ids(&self) -> &[String] {
        &self.field_ids
    }

    /// For each facet of the index the field it is of.
    pub(super) fn facet_ids(&self) -> &[String] {
        &self.facet_ids
    }

    /// Whether an index of the other holds the same: weights and ways of asking may differ.
    pub(super) fn makes_the_same_as(&self, other: &Self) -> bool {
        self.created == other.created
            && self.options.generation == other.options.generation
            && self.field_ids == other.field_ids
            && self.facet_ids == other.facet_ids
            && self.spec.has_same_layout(&other.spec)
    }
}

/// Reads documents from the table of a collection.
#[derive(Debug)]
pub(super) struct Source {
    /// The fields that are read, after the id.
    columns: Vec<Field>,
    /// For each text of the index its place among them; none if the field is gone.
    texts: Vec<Option<usize>>,
    facets: Vec<Option<usize>>,
    by_id: String,
    after_id: String,
    count: String,
}

impl Source {
    /// Where the documents of an index come from by now.
    pub(super) fn new(collection: &Collection, recipe: &Recipe) -> Self {
        let mut columns: Vec<Field> = Vec::new();
        let mut place = |id: &String, is_usable: &dyn Fn(&Field) -> bool| {
            let field = collection.fields.iter().find(|field| field.id == *id && is_usable(field))?;
            Some(columns.iter().position(|column| column.id == *id).unwrap_or_else(|| {
                columns.push(field.clone());
                columns.len() - 1
            }))
        };
        let texts = recipe.field_ids.iter().map(|id| place(id, &Field::is_searchable)).collect();
        let facets = recipe.facet_ids.iter().zip(&recipe.spec.facets);
        let facets = facets.map(|(id, facet)| place(id, &|field| facet_kind(field) == Some(facet.kind))).collect();
        let names = columns.iter().map(|field| format!(",{}", quote_identifier(&field.name)));
        let select: String = std::iter::once("SELECT `id`".to_owned()).chain(names).collect();
        let table = quote_identifier(&collection.name);
        Self {
            by_id: format!("{select} FROM {table} WHERE `id`=?1"),
            // Imported tables may hold blobs, which are greater than any text and equal to none.
            after_id: format!("{select} FROM {table} WHERE `id`>?1 AND typeof(`id`)='text' ORDER BY `id` LIMIT ?2"),
            count: format!("SELECT COUNT(*) FROM {table}"),
            columns,
            texts,
            facets,
        }
    }

    /// The document of a record, if there is such a record.
    pub(super) fn find(&self, conn: &Connection, id: &str) -> Result<Option<Document>, DbError> {
        let mut query = conn.prepare_cached(&self.by_id)?;
        let document = query.query_row([id], |row| self.document(row)).optional()?;
        Ok(document)
    }

    /// Calls with the next documents after an id, in the order of ids, until there are no more, `limit` is reached or `act`
    /// says `false`. `id` becomes the last one that was read, as it is stored. Yields how many were read, and whether more may
    /// follow.
    pub(super) fn read_after<E: From<DbError>>(
        &self,
        conn: &Connection,
        id: &mut Vec<u8>,
        limit: usize,
        mut act: impl FnMut(Document) -> Result<bool, E>,
    ) -> Result<(usize, bool), E> {
        let read = |error: rusqlite::Error| E::from(DbError::from(error));
        let mut query = conn.prepare_cached(&self.after_id).map_err(read)?;
        let first = ToSqlOutput::Borrowed(ValueRef::Text(id));
        let mut rows = query.query(params![first, i64::try_from(limit).unwrap_or(i64::MAX)]).map_err(read)?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(read)? {
            count += 1;
            id.clear();
            id.extend_from_slice(id_of(row).map_err(read)?);
            if !act(self.document(row).map_err(read)?)? {
                return Ok((count, true));
            }
        }
        Ok((count, count == limit))
    }

    /// How many records there are.
    pub(super) fn count(&self, conn: &Connection) -> Result<u64, DbError> {
        let count: i64 = conn.prepare_cached(&self.count)?.query_row([], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn document(&self, row: &Row<'_>) -> Result<Document, rusqlite::Error> {
        // An id that is no text has none here, and is left out.
        let id = std::str::from_utf8(id_of(row)?).unwrap_or_default().to_owned();
        let read = |place: &usize| Ok::<_, rusqlite::Error>(self.columns[*place].read(row.get_ref(place + 1)?));
        let values = (0..self.columns.len()).map(|place| read(&place)).collect::<Result<Vec<_>, _>>()?;
        let texts = self.texts.iter().map(|place| place.map_or_else(Vec::new, |i| texts(&self.columns[i], &values[i])));
        let facets = self.facets.iter();
        let facets = facets.map(|place| place.map_or_else(Vec::new, |i| facet_values(&self.columns[i], &values[i])));
        Ok(Document { id, texts: texts.collect(), facets: facets.collect() })
    }
}

/// The bytes of the id of a row.
fn id_of<'r>(row: &'r Row<'_>) -> Result<&'r [u8], rusqlite::Error> {
    Ok(row.get_ref(0)?.as_bytes().unwrap_or_default())
}

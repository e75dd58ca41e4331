//! How records of one collection are read, written and shown: statements and the order of JSON keys.

use std::fmt::Write as _;
use std::sync::Arc;

use super::quote_identifier;
use crate::schema::{Collection, CollectionKind, FieldOptions, json_text};

/// A key of a record's JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKey {
    /// `collectionId`.
    CollectionId,
    /// `collectionName`.
    CollectionName,
    /// A field, by position.
    Field(usize),
}

/// A collection with its prepared texts.
#[derive(Debug)]
pub struct Plan {
    collection: Arc<Collection>,
    id_field: usize,
    output: Vec<(OutputKey, Box<[u8]>)>,
    select_list: String,
    select_by_id: String,
    insert: String,
    delete: String,
    count: String,
    has_passwords: bool,
}

impl Plan {
    /// Works out everything for a collection.
    pub(super) fn new(collection: Arc<Collection>) -> Self {
        let table = quote_identifier(&collection.name);
        let columns: Vec<String> = collection.fields.iter().map(|f| quote_identifier(&f.name)).collect();
        let select_list = columns.join(",");
        let slots = (1..=columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(",");
        let has_passwords = collection.fields.iter().any(|f| matches!(f.options, FieldOptions::Password(_)));
        Self {
            id_field: collection.fields.iter().position(|f| f.name == "id").unwrap_or(0),
            output: output_keys(&collection),
            select_by_id: format!("SELECT {select_list} FROM {table} WHERE `id`=?1"),
            insert: format!("INSERT INTO {table} ({select_list}) VALUES ({slots})"),
            delete: format!("DELETE FROM {table} WHERE `id`=?1"),
            count: format!("SELECT COUNT(*) FROM {table}"),
            select_list,
            has_passwords,
            collection,
        }
    }

    /// The collection.
    pub fn collection(&self) -> &Arc<Collection> {
        &self.collection
    }

    /// Whether its records are rows of a query.
    pub fn is_view(&self) -> bool {
        matches!(self.collection.kind, CollectionKind::View { .. })
    }

    /// Position of the `id` field.
    pub fn id_field(&self) -> usize {
        self.id_field
    }

    /// Whether a record may hold password hashes.
    pub fn has_passwords(&self) -> bool {
        self.has_passwords
    }

    /// Keys of the JSON object in byte order, each with its text (`"title":`).
    pub fn output(&self) -> &[(OutputKey, Box<[u8]>)] {
        &self.output
    }

    /// Selects all fields, in field order, of the record with id `?1`.
    pub fn select_by_id(&self) -> &str {
        &self.select_by_id
    }

    /// Inserts all fields, in field order.
    pub fn insert(&self) -> &str {
        &self.insert
    }

    /// Deletes the record with id `?1`.
    pub fn delete(&self) -> &str {
        &self.delete
    }

    /// Counts all records.
    pub fn count(&self) -> &str {
        &self.count
    }

    /// Selects all fields in field order; `order_by` is the printed sort or empty; binds limit `?1` and offset `?2`.
    pub fn select_page(&self, order_by: &str) -> String {
        let table = quote_identifier(&self.collection.name);
        let mut sql = format!("SELECT {} FROM {table}", self.select_list);
        if !order_by.is_empty() {
            let _ = write!(sql, " ORDER BY {order_by}");
        }
        sql.push_str(" LIMIT ?1 OFFSET ?2");
        sql
    }

    /// Updates the fields at these positions (`?2`, `?3`, …) of the record with id `?1`.
    pub fn update(&self, fields: &[usize]) -> String {
        let mut sql = format!("UPDATE {} SET ", quote_identifier(&self.collection.name));
        for (n, &field) in fields.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            let _ = write!(sql, "{comma}{}=?{}", quote_identifier(&self.collection.fields[field].name), n + 2);
        }
        sql.push_str(" WHERE `id`=?1");
        sql
    }

    /// Selects all fields, in field order, and the rowid, of the next `?3` records after rowid `?2` whose relation field
    /// holds the id `?1`.
    pub fn select_referring(&self, field: usize) -> String {
        let definition = &self.collection.fields[field];
        let table = quote_identifier(&self.collection.name);
        let column = quote_identifier(&definition.name);
        let holds = if definition.is_multiple() {
            // A column of an old folder may hold a bare id instead of a JSON array.
            format!(
                "EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid({column}) AND json_type({column}) = 'array' \
                 THEN {column} ELSE json_array({column}) END) AS each WHERE each.value = ?1)"
            )
        } else {
            format!("{column}=?1")
        };
        format!(
            "SELECT {},_rowid_ FROM {table} WHERE {holds} AND _rowid_ > ?2 ORDER BY _rowid_ LIMIT ?3",
            self.select_list
        )
    }
}

fn output_keys(collection: &Collection) -> Vec<(OutputKey, Box<[u8]>)> {
    let mut keys: Vec<(&str, OutputKey)> =
        vec![("collectionId", OutputKey::CollectionId), ("collectionName", OutputKey::CollectionName)];
    keys.extend(collection.fields.iter().enumerate().map(|(i, f)| (f.name.as_str(), OutputKey::Field(i))));
    keys.sort_by_key(|(name, _)| *name);
    let text = |name: &str| {
        let mut out = Vec::with_capacity(name.len() + 3);
        json_text::write_string(&mut out, name);
        out.push(b':');
        out.into_boxed_slice()
    };
    keys.into_iter().map(|(name, key)| (key, text(name))).collect()
}

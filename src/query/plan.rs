//! How records of one collection are read, written and shown: statements and the order of JSON keys.

use std::fmt::Write as _;
use std::sync::Arc;

use super::quote_identifier;
use super::rule::PlanRules;
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
    /// `expand`, where something is expanded.
    Expand,
}

/// A collection with its prepared texts.
#[derive(Debug)]
pub struct Plan {
    collection: Arc<Collection>,
    id_field: usize,
    output: Vec<(OutputKey, Box<[u8]>)>,
    select_list: String,
    qualified_select_list: String,
    select_by_id: String,
    select_by_position: String,
    insert: String,
    delete: String,
    count: String,
    has_passwords: bool,
    has_files: bool,
    rules: PlanRules,
}

impl Plan {
    /// Works out everything for a collection.
    pub fn new(collection: Arc<Collection>) -> Self {
        let table = quote_identifier(&collection.name);
        let columns: Vec<String> = collection.fields.iter().map(|f| quote_identifier(&f.name)).collect();
        let select_list = columns.join(",");
        let slots = (1..=columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(",");
        let has_passwords = collection.fields.iter().any(|f| matches!(f.options, FieldOptions::Password(_)));
        let has_files = collection.fields.iter().any(|f| matches!(f.options, FieldOptions::File(_)));
        Self {
            id_field: collection.fields.iter().position(|f| f.name == "id").unwrap_or(0),
            output: output_keys(&collection),
            select_by_id: format!("SELECT {select_list} FROM {table} WHERE `id`=?1"),
            select_by_position: format!("SELECT {select_list} FROM {table} WHERE `_rowid_`=?1"),
            insert: format!("INSERT INTO {table} ({select_list}) VALUES ({slots})"),
            delete: format!("DELETE FROM {table} WHERE `id`=?1 RETURNING {select_list}"),
            count: format!("SELECT COUNT(*) FROM {table}"),
            select_list,
            qualified_select_list: columns.iter().map(|column| format!("b.{column}")).collect::<Vec<_>>().join(","),
            has_passwords,
            has_files,
            rules: PlanRules::new(&collection),
            collection,
        }
    }

    /// The collection.
    pub fn collection(&self) -> &Arc<Collection> {
        &self.collection
    }

    /// Its rules, parsed.
    pub fn rules(&self) -> &PlanRules {
        &self.rules
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

    /// Whether a record may name files.
    pub fn has_files(&self) -> bool {
        self.has_files
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

    /// Deletes the record with id `?1` and selects all its fields, in field order.
    pub fn delete(&self) -> &str {
        &self.delete
    }

    /// Counts all records.
    pub fn count(&self) -> &str {
        &self.count
    }

    /// All fields in field order, of the row with the alias `b`.
    pub(super) fn qualified_select_list(&self) -> &str {
        &self.qualified_select_list
    }

    /// Selects all fields, in field order, of the record at position `?1` of the table.
    pub fn select_by_position(&self) -> &str {
        &self.select_by_position
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

    /// Deletes the records that belong to record `?2` of collection `?1`, and selects all their fields, in field order.
    pub fn delete_belonging(&self) -> String {
        let table = quote_identifier(&self.collection.name);
        format!("DELETE FROM {table} WHERE `collectionRef`=?1 AND `recordRef`=?2 RETURNING {}", self.select_list)
    }

    /// Selects the id referred to and the id of the record that refers, of all records whose relation field holds one of
    /// the ids of the JSON array `?1`.
    pub fn select_references(&self, field: usize) -> String {
        let table = quote_identifier(&self.collection.name);
        let column = quote_identifier(&self.collection.fields[field].name);
        let id = quote_identifier(&self.collection.fields[self.id_field].name);
        let wanted = "IN (SELECT value FROM json_each(?1))";
        if self.collection.fields[field].is_multiple() {
            let elements = array_of(&format!("b.{column}"));
            format!(
                "SELECT each.value, b.{id} FROM {table} AS b JOIN json_each({elements}) AS each WHERE each.value {wanted}"
            )
        } else {
            format!("SELECT b.{column}, b.{id} FROM {table} AS b WHERE b.{column} {wanted}")
        }
    }

    /// Selects all fields, in field order, and the rowid, of the next `?3` records after rowid `?2` whose relation field
    /// holds the id `?1`.
    pub fn select_referring(&self, field: usize) -> String {
        let definition = &self.collection.fields[field];
        let table = quote_identifier(&self.collection.name);
        let column = quote_identifier(&definition.name);
        let holds = if definition.is_multiple() {
            let elements = array_of(&column);
            format!("EXISTS (SELECT 1 FROM json_each({elements}) AS each WHERE each.value = ?1)")
        } else {
            format!("{column}=?1")
        };
        format!(
            "SELECT {},_rowid_ FROM {table} WHERE {holds} AND _rowid_ > ?2 ORDER BY _rowid_ LIMIT ?3",
            self.select_list
        )
    }
}

/// A list column as a JSON array: one of an old folder may hold a bare id.
fn array_of(column: &str) -> String {
    format!(
        "CASE WHEN iif(json_valid({column}),json_type({column})='array',0) THEN {column} ELSE json_array({column}) END"
    )
}

fn output_keys(collection: &Collection) -> Vec<(OutputKey, Box<[u8]>)> {
    let mut keys: Vec<(&str, OutputKey)> = vec![
        ("collectionId", OutputKey::CollectionId),
        ("collectionName", OutputKey::CollectionName),
        ("expand", OutputKey::Expand),
    ];
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

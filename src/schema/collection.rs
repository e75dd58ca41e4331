//! A collection: the table, the rules and the options of its type.

use std::collections::HashMap;
use std::sync::Arc;

pub use super::auth_options::AuthOptions;
use super::{Field, SearchOptions};

/// A collection as stored in `_collections` and shown by the API.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    /// Stable identity (`pbc_…`); a renamed collection keeps it.
    pub id: String,
    /// Name, which is also the table's or view's name.
    pub name: String,
    /// Made by Larder itself; protected against most changes.
    pub system: bool,
    /// API rules.
    pub rules: Rules,
    /// Fields in the order shown.
    pub fields: Vec<Field>,
    /// `CREATE INDEX` statements.
    pub indexes: Vec<String>,
    /// Date text.
    pub created: String,
    /// Date text.
    pub updated: String,
    /// Type and its options.
    pub kind: CollectionKind,
    /// Full-text search, if records are searched.
    pub search: Option<SearchOptions>,
}

/// API rules: `None` = superusers only, empty = everyone, else a filter expression.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Rules {
    pub list: Option<String>,
    pub view: Option<String>,
    pub create: Option<String>,
    pub update: Option<String>,
    pub delete: Option<String>,
}

/// The three types of collections.
#[derive(Debug, Clone, PartialEq)]
pub enum CollectionKind {
    /// Records in a table.
    Base,
    /// Records that can sign in.
    Auth(Box<AuthOptions>),
    /// Rows of a query.
    View {
        /// The `SELECT`, as submitted.
        query: String,
    },
}

/// All collections at one moment.
#[derive(Debug, Default)]
pub struct Schema {
    collections: Vec<Arc<Collection>>,
    by_id: HashMap<String, usize>,
    /// Lower-cased names.
    by_name: HashMap<String, usize>,
}

impl Schema {
    /// A schema of these collections, in their order.
    pub fn new(collections: Vec<Collection>) -> Self {
        let collections: Vec<_> = collections.into_iter().map(Arc::new).collect();
        let by_id = collections.iter().enumerate().map(|(i, c)| (c.id.clone(), i)).collect();
        let by_name = collections.iter().enumerate().map(|(i, c)| (c.name.to_lowercase(), i)).collect();
        Self { collections, by_id, by_name }
    }

    /// Finds by id (exact) or name (any case).
    pub fn find(&self, id_or_name: &str) -> Option<&Arc<Collection>> {
        self.find_by_id(id_or_name).or_else(|| self.find_by_name(id_or_name))
    }

    /// Finds by id.
    pub fn find_by_id(&self, id: &str) -> Option<&Arc<Collection>> {
        self.by_id.get(id).map(|&i| &self.collections[i])
    }

    /// Finds by name, any case.
    pub fn find_by_name(&self, name: &str) -> Option<&Arc<Collection>> {
        if let Some(&i) = self.by_name.get(name) {
            return Some(&self.collections[i]);
        }
        self.by_name.get(&name.to_lowercase()).map(|&i| &self.collections[i])
    }

    /// All collections in stored order.
    pub fn all(&self) -> &[Arc<Collection>] {
        &self.collections
    }
}

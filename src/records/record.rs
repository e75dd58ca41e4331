//! A record in memory: one value for each field of its collection.

use std::sync::Arc;

use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::db::DbError;
use crate::query::Plan;
use crate::schema::{Collection, Value};

/// A record of a collection, its values in field order.
#[derive(Clone)]
pub struct Record {
    plan: Arc<Plan>,
    values: Vec<Value>,
}

impl std::fmt::Debug for Record {
    // Values may be secrets, which must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("collection", &self.collection().name).field("id", &self.id()).finish()
    }
}

impl Record {
    /// A record of zero values.
    pub fn empty(plan: Arc<Plan>) -> Self {
        let values = plan.collection().fields.iter().map(crate::schema::Field::zero).collect();
        Self { plan, values }
    }

    /// Reads a row of the plan's select list.
    pub fn from_row(plan: &Arc<Plan>, row: &Row<'_>) -> Result<Self, DbError> {
        let fields = plan.collection().fields.iter().enumerate();
        let values = fields.map(|(i, f)| Ok(f.read(row.get_ref(i)?))).collect::<Result<_, DbError>>()?;
        Ok(Self { plan: Arc::clone(plan), values })
    }

    /// Reads columns in field order.
    pub(super) fn from_stored(plan: &Arc<Plan>, columns: &[SqlValue]) -> Self {
        let fields = plan.collection().fields.iter().zip(columns);
        let values = fields.map(|(field, column)| field.read(ValueRef::from(column))).collect();
        Self { plan: Arc::clone(plan), values }
    }

    /// Loads a record.
    pub fn find(conn: &Connection, plan: &Arc<Plan>, id: &str) -> Result<Option<Self>, DbError> {
        let mut query = conn.prepare_cached(plan.select_by_id())?;
        let found = query.query_row([id], |row| Ok(Self::from_row(plan, row))).optional()?;
        found.transpose()
    }

    /// The plan of its collection.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Its collection.
    pub fn collection(&self) -> &Collection {
        self.plan.collection()
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.text_at(self.plan.id_field())
    }

    /// Values in field order.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Replaces a value.
    pub fn set(&mut self, field: usize, value: Value) {
        self.values[field] = value;
    }

    /// Position of a field.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.collection().fields.iter().position(|f| f.name == name)
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.position(name).map(|i| &self.values[i])
    }

    /// The text of a field; empty for fields without one.
    pub fn text(&self, name: &str) -> &str {
        self.position(name).map_or("", |i| self.text_at(i))
    }

    /// Whether a bool field is set.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some(&Value::Bool(true))
    }

    fn text_at(&self, field: usize) -> &str {
        match &self.values[field] {
            Value::Text(text) => text,
            _ => "",
        }
    }
}

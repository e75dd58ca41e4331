//! Which conversions the columns of a collection's table make (reference part 2, section 4.4).

use super::Plan;
use super::sqlite::{Affinity, SqlValue, stored_as};
use crate::schema::{Field, FieldOptions};

/// The affinity of the column a table has for a field.
pub(super) fn column_affinity(field: &Field) -> Affinity {
    match &field.options {
        FieldOptions::Number(_) | FieldOptions::Bool | FieldOptions::Json(_) | FieldOptions::GeoPoint => {
            Affinity::Numeric
        }
        // Lists are JSON, which SQLite takes for a kind of number.
        _ if field.is_multiple() => Affinity::Numeric,
        _ => Affinity::Text,
    }
}

impl Plan {
    /// What the table keeps of values that are written to it, in field order: `5.0` becomes `5`, and so does the JSON
    /// text `5`.
    #[must_use]
    pub fn stored_values(&self, values: Vec<SqlValue>) -> Vec<SqlValue> {
        let fields = &self.collection().fields;
        values.into_iter().zip(fields).map(|(value, field)| stored_as(value, column_affinity(field))).collect()
    }
}

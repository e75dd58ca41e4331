//! `CREATE INDEX` statements of a collection (reference part 1, section 6): reading and rebuilding them, and what they
//! tell about columns.

mod parse;
mod unique;

pub use parse::IndexDefinition;
pub use unique::{UniqueIndex, single_column_unique_index};

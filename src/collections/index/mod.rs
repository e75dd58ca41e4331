//! `CREATE INDEX` statements of a collection (reference part 1, section 6): reading, rebuilding and checking them.

mod parse;
mod unique;
mod validate;

pub(super) use parse::IndexDefinition;
pub use unique::{UniqueIndex, single_column_unique_index};
pub(super) use validate::validate_indexes;

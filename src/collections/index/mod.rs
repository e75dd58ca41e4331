//! `CREATE INDEX` statements of a collection (reference part 1, section 6): reading, rebuilding and checking them.

mod parse;
mod validate;

pub(crate) use parse::IndexDefinition;
pub(super) use validate::validate_indexes;

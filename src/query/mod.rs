//! Builds SQL: the only module that does, beside the fixed statements in each module's `store.rs`.
//!
//! Identifiers come from the schema and always pass through [`quote_identifier`]; values are always bound. [`Catalog`]
//! holds what is worked out once for each state of the schema.

mod catalog;
mod index;
mod plan;
mod quote;
mod sort;

pub use catalog::{Catalog, Reference};
pub use index::{IndexDefinition, UniqueIndex, single_column_unique_index};
pub use plan::{OutputKey, Plan};
pub use quote::{quote_identifier, quote_text};
pub use sort::{Sort, SortError};

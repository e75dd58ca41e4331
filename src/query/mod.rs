//! Builds SQL: the only module that does, beside the fixed statements in each module's `store.rs`.
//!
//! Identifiers come from the schema and always pass through [`quote_identifier`]; values are always bound. [`Catalog`]
//! holds what is worked out once for each state of the schema.

mod catalog;
mod plan;
mod quote;
mod sort;
#[expect(unused_imports, reason = "the evaluator of expressions is still to come")]
#[cfg_attr(not(test), expect(dead_code, reason = "the evaluator of expressions is still to come"))]
mod sqlite;

pub use catalog::{Catalog, Reference};
pub use plan::{OutputKey, Plan};
pub use quote::{quote_identifier, quote_text};
pub use sort::{Sort, SortError};

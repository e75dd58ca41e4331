//! Building SQL: the one place where text becomes part of a statement.

mod quote;

pub use quote::{quote_identifier, quote_text};

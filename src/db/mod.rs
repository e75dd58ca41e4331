//! The embedded SQLite store.

mod error;

pub use error::DbError;

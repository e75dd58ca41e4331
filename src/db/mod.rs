//! The embedded SQLite store.

mod error;
pub mod guard;

pub use error::DbError;

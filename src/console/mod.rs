//! The SQL console: statements that a superuser types.
//!
//! Reading runs on a reading connection, like any slow read. Writing runs in one transaction on the writer, after which the
//! change feed has the records that were changed, and what is kept in memory is loaded anew. Rules, hooks and validation are
//! not asked: whoever may use this owns the data.

mod answer;
mod error;
mod fence;
mod read;
mod statement;
mod touched;
mod write;

pub use answer::{Column, SqlAnswer};
pub use error::ConsoleError;
pub use read::read;
pub use statement::{MAX_STATEMENT_CHARS, SqlForm};
pub use write::write;

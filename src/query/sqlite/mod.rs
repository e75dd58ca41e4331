//! What SQLite makes of values: comparison, `LIKE`, text and numbers, and its JSON functions, without a database.
//!
//! Conditions are mostly decided by SQL. Where one must be decided for a single record in memory (realtime, for each
//! subscriber), the answer has to be the very same, so this module repeats SQLite's rules. Property tests hold it equal
//! to the SQLite that is linked in. What it cannot be sure of it refuses with [`NotSupported`], and the caller asks
//! SQLite itself. Sources: <https://www.sqlite.org/datatype3.html>, `vdbe.c`, `util.c`, `func.c` and `json.c`.

mod compare;
mod json;
mod like;
mod number;
mod powers;
#[cfg(test)]
mod testing;
mod value;

pub(crate) use compare::{as_number, compare, is, stored_as, truth};
pub(crate) use json::{NotSupported, json_each, json_elements, json_extract, json_length};
pub(crate) use like::{PatternTooLong, like};
pub use value::SqlValue;
pub(crate) use value::{Affinity, Scalar, lower, to_text};

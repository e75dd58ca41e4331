//! What a collection is: its options, its fields and the values they hold.
//!
//! Knows shapes, checks that need nothing but the value, storage forms and JSON forms. It does not know who may do
//! what (`collections`, `records`) nor how queries are built (`query`).

pub mod auth_options;
mod collection;
mod field;
pub mod fields;
mod value;

pub use collection::{AuthOptions, Collection, CollectionKind, Rules, Schema};
pub use field::{Field, FieldOptions};
pub use value::{GeoPoint, Value};

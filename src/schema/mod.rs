//! What a collection is: its options, its fields and the values they hold.
//!
//! Knows shapes, checks that need nothing but the value, storage forms and JSON forms. It does not know who may do
//! what (`collections`, `records`) nor how queries are built (`query`).

mod auth_defaults;
pub mod auth_options;
pub mod cast;
mod collection;
mod collection_json;
pub mod dates;
pub mod defaults;
mod field;
mod field_checks;
mod field_json;
pub mod fields;
pub mod generate;
pub mod ids;
pub mod json_text;
mod mail_templates;
mod modifiers;
pub mod pattern;
mod search_options;
mod storage;
#[cfg(test)]
mod testing;
mod value;

pub use collection::{AuthOptions, Collection, CollectionKind, Rules, Schema};
pub use collection_json::{ApiCollection, StoredCollection, StoredCollectionError};
pub use field::{Field, FieldOptions};
pub use field_checks::{OptionsContext, has_via, is_word};
pub use field_json::FieldDecodeError;
pub use fields::TargetKind;
pub use generate::{IdOrder, generate_id};
pub use modifiers::{Modifier, resolve_body_key, split_body_key};
pub use search_options::{ApiSearchOptions, SearchOptions, SearchedField};
pub use value::{GeoPoint, Value};

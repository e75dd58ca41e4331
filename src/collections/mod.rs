//! Collections: making, changing, listing and deleting them, with their tables, indexes and views.
//!
//! All functions are synchronous and take a connection that is **already inside a transaction or savepoint of the
//! caller**, who rolls it back on any error: a failed change may have written half of it by then. The connection must
//! have been prepared with [`db::guard::install`](crate::db::guard::install). After the commit the caller replaces its
//! `Schema` by a fresh one from [`store::load_all`]. Who may do this is not asked here: these are superusers' services.

mod complete;
mod create;
mod decode;
mod delete;
mod dropped_files;
mod error;
mod fields;
mod guarded;
mod import;
mod index_validate;
mod list;
mod merge;
mod rules;
mod save;
mod scaffold;
mod search_option;
pub mod store;
mod system;
mod table_sync;
mod update;
mod validate;
mod view;

#[cfg(test)]
mod tests;

pub use complete::SUPERUSERS;
pub use create::create;
pub use delete::{Deleted, delete};
pub use error::CollectionError;
pub use fields::MAX_FIELDS;
pub use import::{Imported, import};
pub use list::{CollectionPage, DEFAULT_PER_PAGE, ListParams, MAX_PER_PAGE, find, get, list};
pub use scaffold::{Scaffolds, scaffolds};
pub use system::{bootstrap, ensure_system_collections};
pub use update::update;
pub use view::{DryRun, MAX_DRY_RUN_QUERY_BYTES, dry_run_view, view_source};

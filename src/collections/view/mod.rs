//! View collections: rows of a `SELECT` a superuser wrote (reference part 1, section 7).

pub(super) mod catalogue;
mod dry_run;
mod forbidden;
mod infer;
mod inspect;
mod query_parse;
mod refresh;
mod source;

pub use dry_run::{DryRun, MAX_DRY_RUN_QUERY_BYTES, dry_run_view};
pub(super) use inspect::{InspectedQuery, RowCheck, inspect};
pub(super) use refresh::refresh_dependents;
pub use source::view_source;

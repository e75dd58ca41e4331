//! Search: keeps a full-text index of each searched collection in step with its records.
//!
//! [`Indexes`] has two threads. One follows the change feed and brings what was committed into the indexes; the other makes
//! indexes anew, beside those that go on serving. An index is a copy that can be made again at any time: it is never asked
//! who may see what, and whatever is wrong with it is mended by making another one.

mod across;
mod apply;
mod build;
mod entry;
mod examine;
mod failure;
mod find;
mod folder;
mod follow;
mod indexes;
mod list;
mod listed;
mod shown;
mod sight;
mod source;
mod standing;
mod status;
mod suggest;
mod text;
mod turns;

pub use across::{AcrossQuery, MAX_COLLECTIONS, across};
pub use examine::{Comparison, compare, examine};
pub use failure::SearchFailure;
pub use find::MAX_FOUND;
pub use indexes::{Indexes, IndexesOptions, NotSearchable, Searchable};
pub use list::{SearchQuery, list};
pub use listed::MAX_SORTED;
pub use status::{IndexState, IndexStatus};
pub use suggest::{SuggestQuery, SuggestedRecord, Suggestions, suggest};
pub use text::texts;
pub use turns::Turns;

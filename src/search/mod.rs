//! Search: keeps a full-text index of each searched collection in step with its records.
//!
//! [`Indexes`] has two threads. One follows the change feed and brings what was committed into the indexes; the other makes
//! indexes anew, beside those that go on serving. An index is a copy that can be made again at any time: it is never asked
//! who may see what, and whatever is wrong with it is mended by making another one.

mod apply;
mod build;
mod entry;
mod examine;
mod folder;
mod follow;
mod indexes;
mod source;
mod status;
mod text;

pub use examine::{Comparison, compare, examine};
pub use indexes::{Indexes, IndexesOptions, NotSearchable, Searchable};
pub use status::{IndexState, IndexStatus};
pub use text::texts;

//! Full-text indexes: documents in, ranked hits, facet counts and highlights out.
//!
//! An index is a folder and belongs to one [`IndexSpec`]: texts that are searched, columns that are counted. It stores no
//! text, only words with their places, and can be made anew from its source at any time. Nothing here knows collections,
//! rules or callers: a hit is a candidate, and whoever asks decides which of them count. This is the only module that names
//! the crate `tantivy`.
//!
//! Writing goes through [`Writers`], which lends writers to many indexes and keeps few of them open. Reading goes through a
//! [`Snapshot`]: an index as it was at one commit. Nothing here makes threads of its own beyond those a writer needs.

mod analyzer;
mod boot;
mod collect;
mod compile;
mod directory;
mod error;
mod exclusion;
mod expand;
mod facets;
mod fingerprint;
mod folding;
mod fragment;
mod highlight;
mod ids;
mod index;
mod language;
mod layout;
mod limits;
mod marks;
mod query;
mod queue;
mod snapshot;
mod spec;
mod statistics;
mod stemming;
mod writer;
mod writers;

#[cfg(test)]
mod tests;

pub use error::{OpenError, SearchError, WriteError};
pub use facets::{FacetCount, FacetCounts, MAX_FACETS};
pub use highlight::Highlighter;
pub use ids::is_valid_id;
pub use index::{Check, Index};
pub use language::Language;
pub use limits::Limits;
pub use query::Question;
pub use snapshot::{Answer, DocumentRef, Hit, Matching, Request, Snapshot, WordsNeeded};
pub use spec::{Document, FacetField, FacetKind, FacetValue, FieldSet, IndexSpec, TextField};
pub use writer::Writer;
pub use writers::{WriterLimits, Writers};

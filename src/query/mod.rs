//! Builds SQL: the only module that does, beside the fixed statements in each module's `store.rs`.
//!
//! Identifiers come from the schema and always pass through [`quote_identifier`]; values are always bound. [`Catalog`]
//! holds what is worked out once for each state of the schema, rules as parsed trees among it.
//!
//! A rule or filter becomes a condition in steps: `compile` walks the parsed tree, `paths` and `request_paths` resolve
//! identifiers to operands on rows of a `scope`, `compare` gives the signs their meaning, `quantify` closes the
//! condition over joined rows, `sets` prepares it for statements over many rows, `print` writes SQL. [`Condition`] and
//! [`Selection`] are the statements that come of it.

mod affinity;
mod catalog;
mod compare;
mod compile;
mod condition;
mod condition_error;
mod evaluate;
#[cfg(test)]
mod explain_tests;
mod expr;
mod functions;
mod index;
mod macros;
mod nulls;
mod operand;
mod paths;
mod pattern;
mod plan;
mod print;
mod probe;
mod quantify;
mod quote;
mod related;
mod request;
mod request_paths;
mod rule;
mod scope;
mod selection;
mod sets;
mod sort;
mod sqlite;

pub use catalog::{Catalog, Reference};
pub use condition::{Condition, Statement, SubscriptionQuery, check_rule, select_by_ids, select_ids};
pub use condition_error::ConditionError;
pub use index::{IndexDefinition, UniqueIndex, single_column_unique_index};
pub use paths::find_back_relation;
pub use plan::{OutputKey, Plan};
pub use probe::{Probe, Subject, Written};
pub use quote::{quote_identifier, quote_text};
pub use request::{AuthInfo, Context, RequestHead, RequestInfo, header_name};
pub use rule::{ParsedRule, PlanRules, Rule};
pub use selection::{Selection, SelectionQuery, Window};
pub use sqlite::SqlValue;

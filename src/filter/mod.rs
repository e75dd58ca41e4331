//! The expression language of rules and filters: its grammar, and nothing of its meaning.
//!
//! [`parse`] turns a text into an [`Expression`] in time linear in its length and without recursion; what the
//! identifiers stand for is decided by `query` (reference part 2, section 2).
//!
//! It differs from the reference where that one is surprising. Comments are understood inside parentheses as well.
//! A left operand, with or without a sign, before a group is an error (`a = (b = 1)`), where the reference drops it
//! without a word. A NUL is skipped only between words outside of parentheses, and an error elsewhere; what stands
//! after it is never lost. A number too large for a 64-bit float is an error; the reference takes it for 0.

mod ast;
#[cfg(test)]
mod corpus_tests;
mod error;
mod lexer;
mod parser;
#[cfg(test)]
mod parser_tests;
#[cfg(test)]
mod testing;

pub use ast::{Comparison, Expression, ExpressionKind, Operand, OperandKind, Sign};
pub use error::{ParseError, Problem};
pub use parser::parse;

/// Most comparisons in one expression.
pub const MAX_COMPARISONS: usize = 200;

/// Most groups inside each other. The reference has no limit of its own; it was seen to take 1500.
pub const MAX_GROUP_DEPTH: usize = 5000;

/// Longest filter a client may send, in bytes. Rules have no such limit, so [`parse`] does not check it.
pub const MAX_FILTER_BYTES: usize = 3500;

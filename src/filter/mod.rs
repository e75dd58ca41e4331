//! The expression language of rules and filters: its grammar, and nothing of its meaning.
//!
//! A parser turns a text into an [`Expression`] in time linear in its length and without recursion; what the
//! identifiers stand for is decided by `query` (reference part 2, section 2).

mod ast;

pub use ast::{Comparison, Expression, ExpressionKind, Operand, OperandKind, Sign};

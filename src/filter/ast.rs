//! What an expression says.

use std::ops::Range;

/// A condition: comparisons joined by `&&` and `||`. Groups that change nothing are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What it says.
    pub kind: ExpressionKind,
    /// Where it stands in the text, in bytes, without the parentheses around it.
    pub span: Range<usize>,
}

/// The kinds of conditions. `And` and `Or` have at least two parts and alternate: no `And` is directly in an `And`.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// All of these.
    And(Vec<Expression>),
    /// At least one of these.
    Or(Vec<Expression>),
    /// One comparison.
    Comparison(Box<Comparison>),
}

/// Two operands and a sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Left of the sign.
    pub left: Operand,
    /// The sign, without its `?`.
    pub sign: Sign,
    /// Whether the sign has a `?`: one of several values is enough.
    pub any: bool,
    /// Right of the sign.
    pub right: Operand,
}

/// The eight signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `~`
    Like,
    /// `!~`
    NotLike,
}

/// One side of a comparison, or an argument of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    /// What it is.
    pub kind: OperandKind,
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
}

/// The kinds of operands.
#[derive(Debug, Clone, PartialEq)]
pub enum OperandKind {
    /// A field path, a macro, `@request.…`, `@collection.…`, `null`, `true` or `false`.
    Identifier(String),
    /// A number; always finite.
    Number(f64),
    /// A text literal, decoded.
    Text(String),
    /// `name(arguments)`; arguments are never functions themselves.
    Function {
        /// The name, as written.
        name: String,
        /// The arguments in order.
        arguments: Vec<Operand>,
    },
}

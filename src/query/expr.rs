//! SQL expressions as a tree: what a condition compiles to. It is printed as SQL (`print`) or evaluated on rows in
//! memory (`evaluate`), so that both mean the same.

use crate::schema::cast;

use super::sqlite::SqlValue;

/// Characters of a value that count where it is a pattern: SQLite takes patterns of up to 50 000 bytes.
pub(super) const MAX_PATTERN_CHARACTERS: usize = 12_000;

/// A row an expression reads: the one the condition is about, or one joined to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Row {
    /// The row the condition is about.
    Base,
    /// A join of the [`Scope`](super::scope::Scope), by position.
    Join(usize),
}

/// A value that is bound, never written into the SQL.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Parameter {
    /// SQL NULL.
    Null,
    /// A boolean; 1 or 0 for SQLite, a word in patterns.
    Bool(bool),
    /// A number.
    Number(f64),
    /// An integer, of the macros that count.
    Integer(i64),
    /// A text.
    Text(String),
}

impl Parameter {
    /// What is bound.
    pub(super) fn to_sql_value(&self) -> SqlValue {
        match self {
            Self::Null => SqlValue::Null,
            Self::Bool(flag) => SqlValue::Integer(i64::from(*flag)),
            Self::Number(number) => SqlValue::Real(*number),
            Self::Integer(integer) => SqlValue::Integer(*integer),
            Self::Text(text) => SqlValue::Text(text.clone()),
        }
    }

    /// The value as text: what patterns and `:lower` work on.
    pub(super) fn to_text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Number(number) => Some(cast::text_of_number(*number)),
            Self::Integer(integer) => Some(integer.to_string()),
            Self::Text(text) => Some(text.clone()),
        }
    }

    /// Whether it counts as empty in comparisons.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }
}

/// A constant of the SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    Null,
    /// `''`
    EmptyText,
    /// `1`, also for `true`.
    One,
    /// `0`, also for `false`.
    Zero,
    /// `TRUE`: to the right of `IS` and `IS NOT` SQLite asks whether the other side counts as true.
    True,
    /// `FALSE`: to the right of `IS` and `IS NOT` SQLite asks whether the other side counts as false.
    False,
}

/// The comparing operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparator {
    Equal,
    Is,
    IsNot,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// A field of a row, by position.
    Column(Row, usize),
    /// The value of an element of a list (`json_each.value`).
    Element(Row),
    Parameter(Parameter),
    Literal(Literal),
    /// The JSON value at a path of a column; path like `.a[0]`, or empty for the whole.
    JsonExtract(Box<Expr>, String),
    /// The number of elements of a list column.
    JsonLength(Box<Expr>),
    Lower(Box<Expr>),
    /// The value, or `''` for NULL.
    OrEmpty(Box<Expr>),
    /// `'%' || value || '%'`
    Surround(Box<Expr>),
    Strftime(Vec<Expr>),
    /// Kilometres between two places, as longitude, latitude, longitude, latitude.
    GeoDistance(Box<[Expr; 4]>),
    Compare(Comparator, Box<Expr>, Box<Expr>),
    /// `text LIKE pattern ESCAPE '\'`
    Like {
        negated: bool,
        text: Box<Expr>,
        pattern: Box<Expr>,
    },
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    /// Whether a combination of these joined rows satisfies the condition. A join without rows counts as one row of
    /// NULLs.
    Exists {
        /// Positions in the scope, parents first.
        joins: Vec<usize>,
        condition: Box<Expr>,
    },
    /// Whether the key is a member of a set that does not depend on the row: the same as an `Exists`, made by `sets`.
    InSet {
        key: Box<Expr>,
        member: Box<Expr>,
        /// The first is the table of the members.
        joins: Vec<usize>,
        condition: Box<Expr>,
    },
    /// The value for the first combination of joined rows that satisfies the condition.
    First {
        value: Box<Expr>,
        joins: Vec<usize>,
        condition: Box<Expr>,
    },
    /// The value, or an empty text where the condition does not hold.
    If {
        condition: Box<Expr>,
        value: Box<Expr>,
    },
    /// The position of the base row in its table.
    RowId,
    /// The elements of a list column: one member of a set for each.
    Elements(Row, usize),
}

impl AsRef<Self> for Expr {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Expr {
    pub(super) const NULL: Self = Self::Literal(Literal::Null);
    pub(super) const TRUE: Self = Self::Literal(Literal::One);
    pub(super) const FALSE: Self = Self::Literal(Literal::Zero);

    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Parameter(Parameter::Text(text.into()))
    }

    pub(super) fn compare(comparator: Comparator, left: Self, right: Self) -> Self {
        Self::Compare(comparator, Box::new(left), Box::new(right))
    }

    pub(super) fn negate(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// All of these; a conjunction among them is taken apart.
    pub(super) fn and(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::And(inner) => flat.extend(inner),
                Self::Literal(Literal::One) => {}
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::TRUE,
            1 => flat.swap_remove(0),
            _ => Self::And(flat),
        }
    }

    /// The expressions directly inside.
    pub(super) fn children(&self) -> Vec<&Self> {
        match self {
            Self::Column(..)
            | Self::Element(_)
            | Self::Parameter(_)
            | Self::Literal(_)
            | Self::RowId
            | Self::Elements(..) => Vec::new(),
            Self::JsonExtract(inner, _)
            | Self::JsonLength(inner)
            | Self::Lower(inner)
            | Self::OrEmpty(inner)
            | Self::Surround(inner)
            | Self::Not(inner)
            | Self::Exists { condition: inner, .. } => vec![inner],
            Self::Compare(_, left, right) => vec![left, right],
            Self::Like { text, pattern, .. } => vec![text, pattern],
            Self::InSet { key, member, condition, .. } => vec![key, member, condition],
            Self::First { value, condition, .. } | Self::If { condition, value } => vec![value, condition],
            Self::GeoDistance(arguments) => arguments.iter().collect(),
            Self::And(parts) | Self::Or(parts) | Self::Strftime(parts) => parts.iter().collect(),
        }
    }

    /// Calls `visit` with this expression and every one inside.
    pub(super) fn walk<'e>(&'e self, visit: &mut impl FnMut(&'e Self)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// Whether the evaluator in memory knows every part of it.
    pub(super) fn is_evaluable(&self) -> bool {
        let mut known = true;
        self.walk(&mut |part| {
            known &= !matches!(
                part,
                Self::Strftime(_)
                    | Self::InSet { .. }
                    | Self::First { .. }
                    | Self::If { .. }
                    | Self::RowId
                    | Self::Elements(..)
            );
        });
        known
    }

    /// Replaces rows.
    pub(super) fn map_rows(&mut self, map: &mut impl FnMut(Row) -> Row) {
        match self {
            Self::Column(row, _) | Self::Element(row) | Self::Elements(row, _) => *row = map(*row),
            Self::Parameter(_) | Self::Literal(_) | Self::RowId => {}
            Self::JsonExtract(inner, _)
            | Self::JsonLength(inner)
            | Self::Lower(inner)
            | Self::OrEmpty(inner)
            | Self::Surround(inner)
            | Self::Not(inner)
            | Self::Exists { condition: inner, .. } => inner.map_rows(map),
            Self::Compare(_, left, right) => {
                left.map_rows(map);
                right.map_rows(map);
            }
            Self::Like { text, pattern, .. } => {
                text.map_rows(map);
                pattern.map_rows(map);
            }
            Self::InSet { key, member, condition, .. } => {
                key.map_rows(map);
                member.map_rows(map);
                condition.map_rows(map);
            }
            Self::First { value, condition, .. } | Self::If { condition, value } => {
                value.map_rows(map);
                condition.map_rows(map);
            }
            Self::GeoDistance(arguments) => arguments.iter_mut().for_each(|argument| argument.map_rows(map)),
            Self::And(parts) | Self::Or(parts) | Self::Strftime(parts) => {
                for part in parts {
                    part.map_rows(map);
                }
            }
        }
    }
}

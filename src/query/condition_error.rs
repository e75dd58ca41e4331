//! Why an expression cannot be compiled.

use super::paths::PathError;
use crate::filter::ParseError;

/// Why a rule, a filter or a sort has no meaning. Positions count characters from 1.
#[derive(Debug, Clone, thiserror::Error, PartialEq)]
pub enum ConditionError {
    /// It breaks the grammar.
    #[error(transparent)]
    Syntax(#[from] ParseError),
    /// Its text is longer than allowed.
    #[error("a filter has at most {0} bytes")]
    TooLong(usize),
    /// A name that stands for nothing.
    #[error("unknown name `{name}` at position {position}")]
    UnknownName {
        /// The identifier as written.
        name: String,
        /// Where it stands.
        position: usize,
    },
    /// A path through a field that is not there, or that the caller may not know of: the two must look alike.
    #[error("unknown field in `{name}` at position {position}")]
    UnknownField {
        /// The identifier as written.
        name: String,
        /// Where it stands.
        position: usize,
    },
    /// A path goes on behind a field that is no relation.
    #[error("`{name}` at position {position} goes through a field that is not a relation")]
    NotARelation {
        /// The identifier as written.
        name: String,
        /// Where it stands.
        position: usize,
    },
    /// A modifier that does not exist or does not fit.
    #[error("`{name}` at position {position} has a modifier that cannot be used there")]
    BadModifier {
        /// The identifier as written.
        name: String,
        /// Where it stands.
        position: usize,
    },
    /// More relations in a row than allowed.
    #[error("`{name}` at position {position} goes through more than 6 relations")]
    TooManyHops {
        /// The identifier as written.
        name: String,
        /// Where it stands.
        position: usize,
    },
    /// A client's filter or sort reads a collection whose records only superusers may list. It must look as if there
    /// were none.
    #[error("unknown field in `{name}` at position {position}")]
    LockedCollection {
        /// The identifier as written.
        name: String,
        /// Where it stands.
        position: usize,
    },
    /// An unknown function, or arguments it does not take.
    #[error("`{name}` at position {position}: no such function, or other arguments than it takes")]
    BadFunction {
        /// The function's name.
        name: String,
        /// Where it stands.
        position: usize,
    },
    /// It reads more related records than a statement can hold.
    #[error("it reads too many related records at once")]
    TooComplex,
    /// The list rule of the collection has no meaning for this request.
    #[error("the list rule of the collection cannot be evaluated")]
    ListRule,
    /// More sort keys than allowed.
    #[error("a sort has at most {0} keys")]
    TooManySortKeys(usize),
    /// A sort key is longer than allowed.
    #[error("a sort key has at most {0} bytes")]
    SortKeyTooLong(usize),
    /// A sort key that is no field.
    #[error("cannot sort by `{0}`")]
    BadSortKey(String),
    /// The list rule of a collection that a client's filter or sort reads has no meaning.
    #[error("unknown field in `{name}` at position {position}")]
    RelatedRule {
        /// The identifier as written.
        name: String,
        /// Where it stands.
        position: usize,
    },
}

impl ConditionError {
    /// The error of an identifier at a position in characters from 1.
    pub(super) fn of(error: PathError, name: &str, position: usize) -> Self {
        let name = name.to_owned();
        match error {
            PathError::UnknownName => Self::UnknownName { name, position },
            PathError::UnknownField => Self::UnknownField { name, position },
            PathError::NotARelation => Self::NotARelation { name, position },
            PathError::BadModifier => Self::BadModifier { name, position },
            PathError::TooManyHops => Self::TooManyHops { name, position },
            PathError::LockedCollection => Self::LockedCollection { name, position },
            PathError::RelatedRule => Self::RelatedRule { name, position },
            PathError::TooComplex => Self::TooComplex,
        }
    }
}

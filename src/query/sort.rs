//! The `sort` parameter: `-created,owner.name,@random` (reference part 2, section 8).

use super::ConditionError;
use super::expr::Expr;
use super::paths::{Viewpoint, resolve};
use super::related::shows_email;
use super::scope::Scope;

/// Most sort keys.
const MAX_KEYS: usize = 8;

/// Longest sort key, in bytes.
const MAX_KEY_BYTES: usize = 255;

/// What rows are ordered by.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SortValue {
    /// `@random`
    Random,
    /// `@rowid`, or a value.
    Expr(Expr),
}

/// One key of a sort.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SortKey {
    pub(super) value: SortValue,
    pub(super) is_descending: bool,
}

/// Reads a sort; none if the text is empty.
pub(super) fn compile_sort(
    scope: &mut Scope<'_>,
    view: &Viewpoint,
    text: &str,
) -> Result<Vec<SortKey>, ConditionError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&str> = text.split(',').collect();
    if keys.len() > MAX_KEYS {
        return Err(ConditionError::TooManySortKeys(MAX_KEYS));
    }
    keys.into_iter().map(|key| compile_key(scope, view, key)).collect()
}

fn compile_key(scope: &mut Scope<'_>, view: &Viewpoint, key: &str) -> Result<SortKey, ConditionError> {
    let key = key.trim_matches(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
    if key.len() > MAX_KEY_BYTES {
        return Err(ConditionError::SortKeyTooLong(MAX_KEY_BYTES));
    }
    let (name, is_descending) = match key.as_bytes().first() {
        Some(b'-') => (&key[1..], true),
        Some(b'+') => (&key[1..], false),
        _ => (key, false),
    };
    let bad = || ConditionError::BadSortKey(name.to_owned());
    let value = match name {
        "@random" => SortValue::Random,
        "@rowid" if !scope.base.is_view() => SortValue::Expr(Expr::RowId),
        _ if name.starts_with('@') && !name.starts_with("@collection.") => return Err(bad()),
        _ => {
            let operand = resolve(scope, view, name).map_err(|error| ConditionError::of(error, name, 1))?;
            if matches!(operand.expr, Expr::Literal(_) | Expr::Parameter(_)) {
                return Err(bad());
            }
            // The order must not tell addresses that are not public.
            let expr = operand.guards.iter().fold(operand.expr, |value, row| Expr::If {
                condition: Box::new(shows_email(scope, *row)),
                value: Box::new(value),
            });
            SortValue::Expr(expr)
        }
    };
    Ok(SortKey { value, is_descending })
}

//! For statements over many rows: conditions that depend only on a joined row become membership in a set that SQLite
//! makes once, instead of a look-up for every base row.

use super::expr::{Expr, Row};
use super::nulls::rejects_nulls;
use super::scope::{JoinKind, Scope};

/// Rewrites a closed condition. It is true for the same rows; where it was false it may be NULL.
pub(super) fn with_sets(scope: &Scope<'_>, expr: Expr) -> Expr {
    match expr {
        Expr::And(parts) => Expr::and(parts.into_iter().map(|part| with_sets(scope, part))),
        Expr::Or(parts) => Expr::Or(parts.into_iter().map(|part| with_sets(scope, part)).collect()),
        Expr::Exists { joins, condition } => exists(scope, joins, with_sets(scope, *condition)),
        Expr::Not(inner) if matches!(*inner, Expr::Exists { .. }) => {
            let original = inner.clone();
            match with_sets(scope, *inner) {
                // These two are false, not NULL, where they are not true.
                set @ (Expr::InSet { .. } | Expr::Exists { .. }) => set.negate(),
                _ => original.negate(),
            }
        }
        leaf => single(scope, leaf),
    }
}

/// A condition on rows of which there is one for each base row.
fn single(scope: &Scope<'_>, leaf: Expr) -> Expr {
    let joins = scope.free_joins(&leaf);
    let Some(&root) = joins.first() else { return leaf };
    let read = rows_read(scope, &leaf);
    let all_below = read.iter().all(|row| is_below(scope, *row, root));
    match &scope.joins[root].kind {
        // Not tied to the base row: it is worked out once.
        JoinKind::ById(_) | JoinKind::ByIds(_) if all_below => Expr::Exists { joins, condition: Box::new(leaf) },
        JoinKind::Relation { .. } if all_below && rejects_nulls(&leaf, Row::Join(root)) => {
            member_of(scope, root, joins, leaf)
        }
        _ => leaf,
    }
}

fn exists(scope: &Scope<'_>, mut joins: Vec<usize>, condition: Expr) -> Expr {
    let mut parts = match condition {
        Expr::And(parts) => parts,
        other => vec![other],
    };
    let mut sets = Vec::new();
    let mut n = 0;
    while let Some(&root) = joins.get(n) {
        let (inside, outside): (Vec<Expr>, Vec<Expr>) = parts
            .iter()
            .cloned()
            .partition(|part| rows_read(scope, part).iter().any(|row| is_below(scope, *row, root)));
        let stands_alone =
            inside.iter().all(|part| rows_read(scope, part).iter().all(|row| is_below(scope, *row, root)));
        let is_tied = matches!(
            scope.joins[root].kind,
            JoinKind::Relation { .. } | JoinKind::Target { .. } | JoinKind::Back { .. } | JoinKind::BackInList { .. }
        );
        let inside = Expr::and(inside);
        if is_tied && stands_alone && rejects_nulls(&inside, Row::Join(root)) {
            let (below, rest) = joins.iter().copied().partition(|at| is_below(scope, Row::Join(*at), root));
            sets.push(member_of(scope, root, below, inside));
            (joins, parts) = (rest, outside);
        } else {
            n += 1;
        }
    }
    parts.extend(sets);
    if joins.is_empty() {
        return Expr::and(parts);
    }
    Expr::Exists { joins, condition: Box::new(Expr::and(parts)) }
}

/// Whether the key of a join's parent is among those of the joined rows that satisfy the condition.
fn member_of(scope: &Scope<'_>, root: usize, joins: Vec<usize>, condition: Expr) -> Expr {
    let row = Row::Join(root);
    let id = |row: Row| Expr::Column(row, scope.plan_of(row).id_field());
    let (key, member) = match &scope.joins[root].kind {
        JoinKind::Relation { parent, field } => (Expr::Column(*parent, *field), id(row)),
        JoinKind::Target { element } => (Expr::Element(*element), id(row)),
        JoinKind::Back { parent, field } => (id(*parent), Expr::Column(row, *field)),
        JoinKind::BackInList { parent, field } => (id(*parent), Expr::Elements(row, *field)),
        JoinKind::Elements(_) | JoinKind::All | JoinKind::ById(_) | JoinKind::ByIds(_) => return condition,
    };
    Expr::InSet { key: Box::new(key), member: Box::new(member), joins, condition: Box::new(condition) }
}

/// The rows an expression reads itself, without those it binds.
fn rows_read(scope: &Scope<'_>, expr: &Expr) -> Vec<Row> {
    let mut rows = Vec::new();
    collect(scope, expr, &mut rows);
    rows
}

fn collect(scope: &Scope<'_>, expr: &Expr, rows: &mut Vec<Row>) {
    match expr {
        Expr::Column(row, _) | Expr::Element(row) | Expr::Elements(row, _) => rows.push(*row),
        Expr::RowId => rows.push(Row::Base),
        Expr::Exists { joins, condition } => {
            let mut inside = Vec::new();
            collect(scope, condition, &mut inside);
            inside.extend(joins.iter().filter_map(|at| scope.joins[*at].kind.parent()));
            rows.extend(inside.into_iter().filter(|row| !matches!(row, Row::Join(at) if joins.contains(at))));
        }
        // What is in the set reads only rows of the set.
        Expr::InSet { key, .. } => collect(scope, key, rows),
        other => other.children().into_iter().for_each(|child| collect(scope, child, rows)),
    }
}

/// Whether a row is that of a join, or hangs on it.
fn is_below(scope: &Scope<'_>, row: Row, root: usize) -> bool {
    let mut next = Some(row);
    while let Some(Row::Join(at)) = next {
        if at == root {
            return true;
        }
        next = scope.joins[at].kind.parent();
    }
    false
}

//! From joined rows to semi-joins: puts each condition on rows of which there may be several into an `EXISTS`.
//!
//! The reference joins and removes duplicates; a base row is in the answer if some combination of joined rows satisfies
//! the whole condition. That is: exists over the joins. The quantifier moves inwards as far as it goes: through `OR`
//! always, through `AND` except where parts read the same joined row, which therefore share one `EXISTS`.

use super::expr::Expr;
use super::scope::Scope;

/// Closes a condition over its varying rows, except for those that are bound further out.
pub(super) fn quantify(scope: &Scope<'_>, expr: Expr, bound: &[usize]) -> Expr {
    let free = free_of(scope, &expr, bound);
    if free.is_empty() {
        return expr;
    }
    match expr {
        Expr::Or(parts) => Expr::Or(parts.into_iter().map(|part| quantify(scope, part, bound)).collect()),
        Expr::And(parts) => {
            Expr::and(components(scope, parts, bound).into_iter().map(|component| close(scope, component, bound)))
        }
        leaf => exists(free, leaf),
    }
}

fn free_of(scope: &Scope<'_>, expr: &Expr, bound: &[usize]) -> Vec<usize> {
    let mut free = scope.varying_joins(expr);
    free.retain(|at| !bound.contains(at));
    free
}

fn exists(joins: Vec<usize>, condition: Expr) -> Expr {
    Expr::Exists { joins, condition: Box::new(condition) }
}

/// Conditions that read common rows, and those rows.
struct Component {
    parts: Vec<Expr>,
    joins: Vec<usize>,
    shared: Vec<usize>,
}

/// Groups conjuncts by the free joins they have in common, directly or through others; the order stays.
fn components(scope: &Scope<'_>, parts: Vec<Expr>, bound: &[usize]) -> Vec<Component> {
    let mut components: Vec<Component> = Vec::new();
    for part in parts {
        let joins = free_of(scope, &part, bound);
        let mut merged = Component { parts: Vec::new(), joins: Vec::new(), shared: Vec::new() };
        let mut place = None;
        let mut kept = Vec::with_capacity(components.len() + 1);
        for component in components {
            if component.joins.iter().any(|at| joins.contains(at)) {
                place.get_or_insert(kept.len());
                merged.shared.extend(component.shared);
                merged.shared.extend(component.joins.iter().filter(|at| joins.contains(at)));
                merged.parts.extend(component.parts);
                merged.joins.extend(component.joins);
            } else {
                kept.push(component);
            }
        }
        merged.parts.push(part);
        merged.joins.extend(joins);
        for list in [&mut merged.joins, &mut merged.shared] {
            list.sort_unstable();
            list.dedup();
        }
        kept.insert(place.unwrap_or(kept.len()), merged);
        components = kept;
    }
    components
}

fn close(scope: &Scope<'_>, component: Component, bound: &[usize]) -> Expr {
    let Component { mut parts, shared, .. } = component;
    if parts.len() == 1 {
        return quantify(scope, parts.swap_remove(0), bound);
    }
    let inner: Vec<usize> = bound.iter().chain(&shared).copied().collect();
    let parts = parts.into_iter().map(|part| quantify(scope, part, &inner));
    exists(shared, Expr::and(parts))
}

//! The rows a condition can read: the base row and what is joined to it.
//!
//! Joins are known by their path: the same path is the same joined row, wherever in a rule or filter it stands
//! (reference part 2, section 5.1).

use std::collections::HashMap;
use std::sync::Arc;

use super::expr::{Expr, Parameter, Row};
use super::operand::Operand;
use super::{Catalog, Plan, RequestInfo};

/// Most joins of a statement. What needs more takes longer to plan than to answer.
pub(super) const MAX_JOINS: usize = 1000;

/// How a joined row is found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum JoinKind {
    /// The record a single relation field names.
    Relation { parent: Row, field: usize },
    /// The elements of a list.
    Elements(Expr),
    /// The record an element names.
    Target { element: Row },
    /// Records whose single relation field names the parent.
    Back { parent: Row, field: usize },
    /// Records whose multiple relation field names the parent.
    BackInList { parent: Row, field: usize },
    /// Every record.
    All,
    /// The record of an id.
    ById(Parameter),
    /// The records of some ids.
    ByIds(Vec<String>),
}

impl JoinKind {
    /// The row it hangs on.
    pub(super) fn parent(&self) -> Option<Row> {
        match self {
            Self::Relation { parent, .. } | Self::Back { parent, .. } | Self::BackInList { parent, .. } => {
                Some(*parent)
            }
            Self::Target { element } => Some(*element),
            Self::Elements(Expr::Column(row, _)) => Some(*row),
            Self::Elements(_) | Self::All | Self::ById(_) | Self::ByIds(_) => None,
        }
    }

    fn with_parent(&self, new: impl Fn(Row) -> Row) -> Self {
        match self.clone() {
            Self::Relation { parent, field } => Self::Relation { parent: new(parent), field },
            Self::Back { parent, field } => Self::Back { parent: new(parent), field },
            Self::BackInList { parent, field } => Self::BackInList { parent: new(parent), field },
            Self::Target { element } => Self::Target { element: new(element) },
            Self::Elements(Expr::Column(row, field)) => Self::Elements(Expr::Column(new(row), field)),
            other => other,
        }
    }
}

/// A joined row. Where nothing is found it is a row of NULLs.
#[derive(Debug, Clone)]
pub(super) struct Join {
    pub(super) kind: JoinKind,
    /// The collection of the row; elements have none.
    pub(super) plan: Option<Arc<Plan>>,
    /// Whether there may be several such rows for one base row, here or at one of its parents.
    pub(super) varies: bool,
    /// Whether a client's own expression goes through it, so that the list rule of its collection applies.
    pub(super) restricted: bool,
}

/// The base row and the joins of one statement.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) request: &'a RequestInfo,
    pub(super) base: &'a Arc<Plan>,
    /// Whether the base row is a record that is not stored yet.
    pub(super) is_candidate: bool,
    pub(super) joins: Vec<Join>,
    by_path: HashMap<String, usize>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(catalog: &'a Catalog, request: &'a RequestInfo, base: &'a Arc<Plan>, is_candidate: bool) -> Self {
        Self { catalog, request, base, is_candidate, joins: Vec::new(), by_path: HashMap::new() }
    }

    /// The collection of a row; an element's is never asked for.
    pub(super) fn plan_of(&self, row: Row) -> &Arc<Plan> {
        match row {
            Row::Base => self.base,
            Row::Join(at) => self.joins[at].plan.as_ref().unwrap_or(self.base),
        }
    }

    pub(super) fn varies(&self, row: Row) -> bool {
        match row {
            Row::Base => false,
            Row::Join(at) => self.joins[at].varies,
        }
    }

    /// The join of a path, made if it is new. `several`: whether it can yield more than one row.
    pub(super) fn join(&mut self, path: String, kind: JoinKind, plan: Option<Arc<Plan>>, several: bool) -> Row {
        if let Some(at) = self.by_path.get(&path) {
            return Row::Join(*at);
        }
        let varies = several || kind.parent().is_some_and(|parent| self.varies(parent));
        self.joins.push(Join { kind, plan, varies, restricted: false });
        let at = self.joins.len() - 1;
        self.by_path.insert(path, at);
        Row::Join(at)
    }

    /// The varying joins an expression reads, with the varying ones they hang on, in order; those `Exists` inside binds
    /// are not among them.
    pub(super) fn varying_joins(&self, expr: &Expr) -> Vec<usize> {
        let mut joins = self.free_joins(expr);
        joins.retain(|at| self.joins[*at].varies);
        joins
    }

    /// All joins an expression reads that it does not bind itself, with those they hang on, in order. Takes time by the
    /// size of the expression, not by the number of joins.
    pub(super) fn free_joins(&self, expr: &Expr) -> Vec<usize> {
        let mut joins = Vec::new();
        self.collect_joins(expr, &mut joins);
        joins.sort_unstable();
        joins.dedup();
        joins
    }

    fn collect_joins(&self, expr: &Expr, found: &mut Vec<usize>) {
        match expr {
            Expr::Column(row, _) | Expr::Element(row) | Expr::Elements(row, _) => self.collect_row(*row, found),
            Expr::Parameter(_) | Expr::Literal(_) | Expr::RowId => {}
            Expr::Exists { joins, .. } | Expr::InSet { joins, .. } | Expr::First { joins, .. } => {
                let mut inside = Vec::new();
                expr.children().into_iter().for_each(|child| self.collect_joins(child, &mut inside));
                for parent in joins.iter().filter_map(|at| self.joins[*at].kind.parent()) {
                    self.collect_row(parent, &mut inside);
                }
                inside.sort_unstable();
                inside.dedup();
                found.extend(inside.into_iter().filter(|at| !joins.contains(at)));
            }
            other => other.children().into_iter().for_each(|child| self.collect_joins(child, found)),
        }
    }

    /// A row and those it hangs on.
    fn collect_row(&self, row: Row, found: &mut Vec<usize>) {
        let mut next = Some(row);
        while let Some(Row::Join(at)) = next {
            found.push(at);
            next = self.joins[at].kind.parent();
        }
    }

    /// The operand on a second, independent set of its varying rows, and the positions of those. The row `start` and what
    /// it hangs on stay: the expression is about that one.
    pub(super) fn duplicate(&mut self, operand: &Operand, start: Row) -> (Operand, Vec<usize>) {
        let mut given = Vec::new();
        self.collect_row(start, &mut given);
        let mut copies: HashMap<usize, usize> = HashMap::new();
        for at in self.varying_joins(&operand.expr).into_iter().filter(|at| !given.contains(at)) {
            let mut join = self.joins[at].clone();
            join.kind = join.kind.with_parent(|parent| replaced(parent, &copies));
            self.joins.push(join);
            copies.insert(at, self.joins.len() - 1);
        }
        let mut copy = operand.clone();
        copy.expr.map_rows(&mut |row| replaced(row, &copies));
        copy.guards.iter_mut().for_each(|row| *row = replaced(*row, &copies));
        let mut positions: Vec<usize> = copies.into_values().collect();
        positions.sort_unstable();
        (copy, positions)
    }
}

fn replaced(row: Row, copies: &HashMap<usize, usize>) -> Row {
    match row {
        Row::Join(at) => Row::Join(copies.get(&at).copied().unwrap_or(at)),
        Row::Base => Row::Base,
    }
}

//! From identifiers to operands: field paths through relations, `@request.…`, `@collection.…`, macros and constants
//! (reference part 2, section 3).

use std::sync::Arc;

use super::expr::{Expr, Literal, Row};
use super::macros::macro_value;
use super::operand::{Operand, Preference};
use super::scope::{JoinKind, Scope};
use super::{Plan, request_paths, single_column_unique_index};
use crate::schema::{CollectionKind, Field, FieldOptions};

/// Most relations a path may go through.
const MAX_HOPS: usize = 6;

/// Why an identifier has no meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathError {
    UnknownName,
    UnknownField,
    NotARelation,
    BadModifier,
    TooManyHops,
    LockedCollection,
    /// The list rule of a related collection has no meaning.
    RelatedRule,
    /// It takes more joins than a statement may have.
    TooComplex,
}

/// Whose expression is resolved, and on which row it stands.
#[derive(Debug, Clone)]
pub(super) struct Viewpoint {
    /// The row field paths start at.
    pub(super) row: Row,
    /// The path of that row.
    pub(super) prefix: String,
    /// Whether hidden fields exist.
    pub(super) sees_hidden: bool,
    /// Whether `@request.…` and `@collection.…` exist.
    pub(super) sees_request: bool,
    /// Whether list rules and e-mail visibility restrict what may be learnt: a client's own expression.
    pub(super) is_restricted: bool,
}

impl Viewpoint {
    /// A rule's: it sees everything.
    pub(super) fn rule() -> Self {
        Self { row: Row::Base, prefix: String::new(), sees_hidden: true, sees_request: true, is_restricted: false }
    }

    /// A client's; a superuser's sees as much as a rule.
    pub(super) fn client(is_superuser: bool) -> Self {
        Self { sees_hidden: is_superuser, sees_request: is_superuser, is_restricted: !is_superuser, ..Self::rule() }
    }

    /// That of the filter of a realtime subscription: not even a superuser's reaches hidden fields and locked collections
    /// (reference part 2, section 13).
    pub(super) fn subscription(is_superuser: bool) -> Self {
        Self { sees_hidden: false, is_restricted: true, ..Self::client(is_superuser) }
    }

    /// A rule's on a joined row, with joins of its own below `prefix`.
    pub(super) fn rule_on(row: Row, prefix: String) -> Self {
        Self { row, prefix, ..Self::rule() }
    }
}

/// A modifier at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathModifier {
    IsSet,
    Changed,
    Length,
    Each,
    Lower,
}

/// Splits `field:modifier`. With more than one colon the whole is taken for a field name.
pub(super) fn split_modifier(segment: &str) -> Result<(&str, Option<PathModifier>), PathError> {
    let Some((name, modifier)) = segment.split_once(':').filter(|(_, rest)| !rest.contains(':')) else {
        return Ok((segment, None));
    };
    let modifier = match modifier {
        "isset" => PathModifier::IsSet,
        "changed" => PathModifier::Changed,
        "length" => PathModifier::Length,
        "each" => PathModifier::Each,
        "lower" => PathModifier::Lower,
        _ => return Err(PathError::BadModifier),
    };
    Ok((name, Some(modifier)))
}

/// Resolves an identifier.
pub(super) fn resolve(scope: &mut Scope<'_>, view: &Viewpoint, name: &str) -> Result<Operand, PathError> {
    if let Some(path) = name.strip_prefix("@request.") {
        return if view.sees_request { request_paths::resolve(scope, view, path) } else { Err(PathError::UnknownName) };
    }
    if let Some(path) = name.strip_prefix("@collection.") {
        return if view.sees_request { stored_collection(scope, view, path) } else { Err(PathError::UnknownName) };
    }
    if name.starts_with('@') {
        let value = macro_value(name, scope.request.now_ms).ok_or(PathError::UnknownName)?;
        return Ok(Operand::parameter(value));
    }
    let walk = Walk { start: view.row, prefix: &view.prefix, is_lenient: false, is_many: false };
    match walk.field(scope, view, name) {
        Err(PathError::UnknownField) => constant(name).ok_or(PathError::UnknownField),
        other => other,
    }
}

/// The words that are no fields.
fn constant(name: &str) -> Option<Operand> {
    let literal = match name.to_ascii_lowercase().as_str() {
        "null" => Literal::Null,
        "true" => Literal::One,
        "false" => Literal::Zero,
        _ => return None,
    };
    Some(Operand::plain(Expr::Literal(literal)))
}

/// `NAME.path` or `NAME:ALIAS.path`: every record of a collection.
fn stored_collection(scope: &mut Scope<'_>, view: &Viewpoint, path: &str) -> Result<Operand, PathError> {
    let (head, rest) = path.split_once('.').ok_or(PathError::UnknownName)?;
    let (name, alias) = head.split_once(':').map_or((head, None), |(name, alias)| (name, Some(alias)));
    if !is_word(name) || alias.is_some_and(|alias| !is_word(alias)) {
        return Err(PathError::UnknownName);
    }
    let plan = scope.catalog.find(name).cloned().ok_or(PathError::UnknownName)?;
    let prefix = match alias {
        Some(alias) => format!("@alias:{alias}:{}", plan.collection().id),
        None => format!("@collection:{}", plan.collection().id),
    };
    let start = scope.join(prefix.clone(), JoinKind::All, Some(plan), true);
    Walk { start, prefix: &prefix, is_lenient: false, is_many: true }.field(scope, view, rest)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A walk along a field path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'p> {
    /// The row it starts at.
    pub(super) start: Row,
    /// The path of that row.
    pub(super) prefix: &'p str,
    /// Whether what is unknown is NULL instead of an error: below `@request`.
    pub(super) is_lenient: bool,
    /// Whether there may be several start rows.
    pub(super) is_many: bool,
}

impl Walk<'_> {
    /// The operand at the end of a path.
    pub(super) fn field(self, scope: &mut Scope<'_>, view: &Viewpoint, path: &str) -> Result<Operand, PathError> {
        if path.bytes().any(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'))) {
            return Err(PathError::UnknownField);
        }
        match self.walk(scope, view, path) {
            Err(PathError::UnknownField) if self.is_lenient => Ok(Operand::plain(Expr::NULL)),
            other => other,
        }
    }

    fn walk(self, scope: &mut Scope<'_>, view: &Viewpoint, path: &str) -> Result<Operand, PathError> {
        let mut place = Place { row: self.start, path: self.prefix.to_owned(), is_many: self.is_many };
        let mut rest = path;
        let mut hops = 0;
        while let Some((segment, after)) = rest.split_once('.') {
            rest = after;
            let plan = Arc::clone(scope.plan_of(place.row));
            let found = find_field(&plan, segment, view)?;
            if let Some((at, field)) = found
                && matches!(field.options, FieldOptions::Json(_) | FieldOptions::GeoPoint)
            {
                let value = Expr::JsonExtract(Box::new(Expr::Column(place.row, at)), json_path(rest)?);
                return Ok(Operand { preference: Preference::Disabled, ..Operand::of(value, place.is_many) });
            }
            hops += 1;
            if hops > MAX_HOPS {
                return Err(PathError::TooManyHops);
            }
            if let Some((at, field)) = found {
                if !field.is_multiple() && rest == "id" && matches!(field.options, FieldOptions::Relation(_)) {
                    return Ok(Operand::of(Expr::Column(place.row, at), place.is_many));
                }
                place.follow(scope, view, at, field)?;
            } else {
                place.follow_back(scope, view, &plan, segment)?;
            }
            if let (true, Row::Join(at)) = (view.is_restricted, place.row) {
                scope.joins[at].restricted = true;
            }
        }
        place.last_segment(scope, view, rest)
    }
}

/// Where a walk has come to.
#[derive(Debug)]
struct Place {
    row: Row,
    /// The path of the row.
    path: String,
    /// Whether a sign without `?` means all rows here.
    is_many: bool,
}

impl Place {
    /// Goes on to the records a relation field names.
    fn follow(&mut self, scope: &mut Scope<'_>, view: &Viewpoint, at: usize, field: &Field) -> Result<(), PathError> {
        let FieldOptions::Relation(options) = &field.options else { return Err(PathError::NotARelation) };
        let target = scope.catalog.find(&options.collection_id).cloned().ok_or(PathError::UnknownField)?;
        check_list_rule(view, &target)?;
        self.path = format!("{}.{}", self.path, field.name);
        let kind = if field.is_multiple() {
            self.is_many = true;
            JoinKind::Target { element: elements(scope, self.row, at, &self.path) }
        } else {
            JoinKind::Relation { parent: self.row, field: at }
        };
        self.row = scope.join(self.path.clone(), kind, Some(target), false);
        Ok(())
    }

    /// Goes on to the records that refer here: `X_via_Y`.
    fn follow_back(
        &mut self,
        scope: &mut Scope<'_>,
        view: &Viewpoint,
        plan: &Plan,
        segment: &str,
    ) -> Result<(), PathError> {
        if self.row == Row::Base && scope.is_candidate {
            // A record that is not stored yet has nothing that refers to it.
            return Err(PathError::NotARelation);
        }
        let (other, at) = back_relation(scope, plan, segment, view).ok_or(PathError::UnknownField)?;
        check_list_rule(view, &other)?;
        self.path = format!("{}.{}<{at}", self.path, other.collection().id);
        let (kind, several, is_many) = back_join(&other, at, self.row);
        self.is_many |= is_many;
        self.row = scope.join(self.path.clone(), kind, Some(other), several);
        Ok(())
    }

    /// The value a path ends with.
    fn last_segment(&self, scope: &mut Scope<'_>, view: &Viewpoint, segment: &str) -> Result<Operand, PathError> {
        let (row, many) = (self.row, self.is_many);
        let (name, modifier) = split_modifier(segment)?;
        let plan = Arc::clone(scope.plan_of(row));
        let (at, field) = find_field(&plan, name, view)?.ok_or(PathError::UnknownField)?;
        let column = Expr::Column(row, at);
        let has_elements =
            matches!(field.options, FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_));
        let mut operand = match modifier {
            Some(PathModifier::Length) if has_elements => Operand::of(Expr::JsonLength(Box::new(column)), many),
            Some(PathModifier::Each) if has_elements => {
                let element = elements(scope, row, at, &format!("{}.{name}", self.path));
                Operand::of(Expr::Element(element), many || field.is_multiple())
            }
            _ if matches!(field.options, FieldOptions::Json(_)) => {
                let value = Expr::JsonExtract(Box::new(column), String::new());
                Operand { preference: Preference::Disabled, ..Operand::of(value, many) }
            }
            _ => Operand::of(column, many),
        };
        if modifier == Some(PathModifier::Lower) {
            operand.expr = Expr::Lower(Box::new(operand.expr));
        }
        if view.is_restricted && name == "email" && matches!(plan.collection().kind, CollectionKind::Auth(_)) {
            operand.guards.push(row);
        }
        Ok(operand)
    }
}

/// The elements of a list field. `path` is the field's.
fn elements(scope: &mut Scope<'_>, row: Row, field: usize, path: &str) -> Row {
    scope.join(format!("{path}[]"), JoinKind::Elements(Expr::Column(row, field)), None, true)
}

/// Whether only superusers may know what is in a field. A password is never shown, so it must not be guessed either.
fn is_secret(field: &Field) -> bool {
    field.hidden || matches!(field.options, FieldOptions::Password(_))
}

/// A field that exists for this viewpoint.
///
/// # Errors
/// [`PathError::UnknownField`] if it is hidden from it.
fn find_field<'p>(plan: &'p Plan, name: &str, view: &Viewpoint) -> Result<Option<(usize, &'p Field)>, PathError> {
    let found = plan.collection().fields.iter().enumerate().find(|(_, field)| field.name == name);
    match found {
        Some((_, field)) if !view.sees_hidden && is_secret(field) => Err(PathError::UnknownField),
        other => Ok(other),
    }
}

/// `X_via_Y`: the collection X and the position of its relation field Y, if that points at `target`.
fn back_relation(scope: &Scope<'_>, target: &Plan, segment: &str, view: &Viewpoint) -> Option<(Arc<Plan>, usize)> {
    let (plan, at) = find_back_relation(scope.catalog, target, segment)?;
    (view.sees_hidden || !plan.collection().fields[at].hidden).then_some((plan, at))
}

/// `X_via_Y`: the collection X and the position of its relation field Y, if that points at `target`.
pub fn find_back_relation(catalog: &super::Catalog, target: &Plan, segment: &str) -> Option<(Arc<Plan>, usize)> {
    let (collection, field) = segment.rsplit_once("_via_")?;
    let plan = catalog.find(collection)?;
    let found = plan.collection();
    let at = found.fields.iter().position(|f| f.name == field)?;
    match &found.fields[at].options {
        FieldOptions::Relation(options) if options.collection_id == target.collection().id => {
            Some((Arc::clone(plan), at))
        }
        _ => None,
    }
}

/// How records that refer to a row are joined; whether there may be several, and whether a plain sign means all of them.
fn back_join(other: &Plan, field: usize, parent: Row) -> (JoinKind, bool, bool) {
    let definition = &other.collection().fields[field];
    if definition.is_multiple() {
        return (JoinKind::BackInList { parent, field }, true, true);
    }
    let kind = JoinKind::Back { parent, field };
    match single_column_unique_index(other.collection(), &definition.name) {
        // A partial index leaves room for several; the reference takes them for one all the same.
        Some(index) => (kind, index.is_partial, false),
        None => (kind, true, true),
    }
}

/// A client may not read a collection that only superusers may list.
fn check_list_rule(view: &Viewpoint, plan: &Plan) -> Result<(), PathError> {
    if view.is_restricted && plan.collection().rules.list.is_none() {
        return Err(PathError::LockedCollection);
    }
    Ok(())
}

/// The JSON path of the segments behind a json field: numbers are positions in an array.
///
/// A segment without a name is refused, for SQLite fails on it whatever the rest of the expression says.
fn json_path(segments: &str) -> Result<String, PathError> {
    let mut path = String::with_capacity(segments.len() + 4);
    for segment in segments.split('.') {
        if segment.parse::<i64>().is_ok() {
            path.push('[');
            path.push_str(segment);
            path.push(']');
        } else {
            let start = path.len();
            path.push('.');
            path.extend(segment.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
            if path.len() == start + 1 {
                return Err(PathError::UnknownName);
            }
        }
    }
    Ok(path)
}

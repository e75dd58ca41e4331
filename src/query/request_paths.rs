//! What stands behind `@request.` (reference part 2, sections 3.4 to 3.7).

use std::sync::Arc;

use serde_json::Value as Json;

use super::Plan;
use super::compare::comparison;
use super::expr::{Comparator, Expr, Literal, Parameter};
use super::operand::{Bound, Operand, Preference};
use super::paths::{PathError, PathModifier, Viewpoint, Walk, resolve as resolve_identifier, split_modifier};
use super::request::{json_text_of, parameter_of, parameter_of_text};
use super::scope::{JoinKind, Scope};
use crate::filter::Sign;
use crate::schema::{Field, FieldOptions};

/// Resolves what follows `@request.`.
pub(super) fn resolve(scope: &mut Scope<'_>, view: &Viewpoint, path: &str) -> Result<Operand, PathError> {
    match path {
        "context" => return Ok(Operand::plain(Expr::text(scope.request.context.as_str()))),
        "method" => return Ok(Operand::plain(Expr::text(scope.request.head.method.as_str()))),
        _ => {}
    }
    let (family, path) = path.split_once('.').ok_or(PathError::UnknownName)?;
    if path.bytes().any(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'))) {
        return Err(PathError::UnknownName);
    }
    match family {
        "query" => text_of(scope, view, path, |scope, name| scope.request.find_in_query(name).map(str::to_owned)),
        "headers" => text_of(scope, view, path, |scope, name| scope.request.find_in_headers(name).map(str::to_owned)),
        "body" => in_body(scope, view, path),
        "auth" => of_auth(scope, view, path),
        _ => Err(PathError::UnknownName),
    }
}

/// A query parameter or a header.
fn text_of(
    scope: &Scope<'_>,
    view: &Viewpoint,
    path: &str,
    find: impl Fn(&Scope<'_>, &str) -> Option<String>,
) -> Result<Operand, PathError> {
    let (name, modifier) = split_last_modifier(path)?;
    // The names of parameters have no dots for rules, even where those sent do.
    let value = find(scope, &name).filter(|_| !name.contains('.'));
    let parameter = value.map(|text| parameter_of_text(&text, last_key(&name), scope.plan_of(view.row)));
    scalar(parameter, modifier)
}

/// A value of the request with the modifiers every one of them takes.
fn scalar(value: Option<Parameter>, modifier: Option<PathModifier>) -> Result<Operand, PathError> {
    match (modifier, value) {
        (Some(PathModifier::IsSet), value) => Ok(Operand::plain(flag(value.is_some()))),
        (None | Some(PathModifier::Lower), None | Some(Parameter::Null)) => Ok(Operand::plain(Expr::NULL)),
        (None, Some(value)) => Ok(Operand::parameter(value)),
        (Some(PathModifier::Lower), Some(value)) => Ok(Operand::plain(Expr::Lower(Box::new(Expr::Parameter(value))))),
        _ => Err(PathError::BadModifier),
    }
}

fn flag(value: bool) -> Expr {
    Expr::Literal(if value { Literal::True } else { Literal::False })
}

fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// The path without the modifier of its last segment, and the modifier.
fn split_last_modifier(path: &str) -> Result<(String, Option<PathModifier>), PathError> {
    let (head, last) = path.rsplit_once('.').map_or(("", path), |(head, last)| (head, last));
    let (name, modifier) = split_modifier(last)?;
    let path = if head.is_empty() { name.to_owned() } else { format!("{head}.{name}") };
    Ok((path, modifier))
}

/// `@request.body.…`
fn in_body(scope: &mut Scope<'_>, view: &Viewpoint, path: &str) -> Result<Operand, PathError> {
    let plan = Arc::clone(scope.plan_of(view.row));
    let find = |name: &str| plan.collection().fields.iter().enumerate().find(|(_, field)| field.name == name);
    if let Some((first, rest)) = path.split_once('.') {
        if let Some((at, field)) = find(first)
            && let FieldOptions::Relation(options) = &field.options
        {
            return through_body_relation(scope, view, at, field.is_multiple(), &options.collection_id, rest);
        }
    } else {
        let (name, modifier) = split_modifier(path)?;
        if let Some((_, field)) = find(name) {
            return body_field(scope, view, &plan, field, modifier);
        }
    }
    let (name, modifier) = split_last_modifier(path)?;
    let keys: Vec<&str> = name.split('.').collect();
    let value = scope.request.find_in_body(&keys).map(|value| parameter_of(value, last_key(&name), &plan));
    scalar(value, modifier)
}

/// `@request.body.F`, F a field of the collection.
fn body_field(
    scope: &mut Scope<'_>,
    view: &Viewpoint,
    plan: &Plan,
    field: &Field,
    modifier: Option<PathModifier>,
) -> Result<Operand, PathError> {
    let value = scope.request.body.get(&field.name);
    let has_elements =
        matches!(field.options, FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_));
    match modifier {
        None => {
            let parameter = value.map(|value| field_parameter(scope, value, field, plan));
            scalar(parameter, None)
        }
        Some(PathModifier::IsSet) => Ok(Operand::plain(flag(value.is_some()))),
        Some(PathModifier::Lower) => {
            let text = match value {
                None | Some(Json::Array(_)) => None,
                // An upload is no text.
                Some(Json::Object(_)) if matches!(field.options, FieldOptions::File(_)) => None,
                Some(Json::Object(_)) if !scope.request.has_cast_body => None,
                Some(value) => field_parameter(scope, value, field, plan).to_text(),
            };
            let text = text.unwrap_or_default();
            Ok(Operand::plain(Expr::Lower(Box::new(Expr::text(text)))))
        }
        Some(PathModifier::Length) if has_elements => {
            let length = match value {
                None | Some(Json::Null) => 0,
                Some(Json::Array(items)) => items.len(),
                Some(_) => 1,
            };
            let length = i64::try_from(length).unwrap_or(i64::MAX);
            Ok(Operand::parameter(Parameter::Integer(length)))
        }
        Some(PathModifier::Each) if has_elements => {
            let list = match value {
                Some(Json::Array(_)) => value.map_or_else(String::new, json_text_of),
                None | Some(Json::Null) => "[]".to_owned(),
                Some(scalar) => json_text_of(&Json::Array(vec![scalar.clone()])),
            };
            let path = format!("@body:{}.{}[]", view.prefix, field.name);
            let element = scope.join(path, JoinKind::Elements(Expr::text(list)), None, true);
            let operand = Operand::of(Expr::Element(element), field.is_multiple());
            Ok(Operand { bound: Bound::Elsewhere, ..operand })
        }
        Some(PathModifier::Changed) => changed(scope, view, field, value.is_some()),
        Some(PathModifier::Length | PathModifier::Each) => Err(PathError::BadModifier),
    }
}

/// The submitted value of a field. That of a json field is its text.
fn field_parameter(scope: &Scope<'_>, value: &Json, field: &Field, plan: &Plan) -> Parameter {
    match &field.options {
        _ if !scope.request.has_cast_body => parameter_of(value, &field.name, plan),
        FieldOptions::Json(_) => Parameter::Text(json_text_of(value)),
        // As the column has it: longitude first.
        FieldOptions::GeoPoint => {
            let mut text = Vec::new();
            field.cast(value).write_json(&mut text);
            Parameter::Text(String::from_utf8(text).unwrap_or_default())
        }
        _ => parameter_of(value, &field.name, plan),
    }
}

/// `F:changed`: submitted, and other than the row's value. A condition used as a value.
fn changed(scope: &mut Scope<'_>, view: &Viewpoint, field: &Field, is_set: bool) -> Result<Operand, PathError> {
    let submitted = resolve_identifier(scope, view, &format!("@request.body.{}", field.name))?;
    let stored = resolve_identifier(scope, view, &field.name)?;
    let differs = comparison(scope, view, submitted, Sign::NotEqual, false, stored)?;
    let expr = Expr::And(vec![Expr::compare(Comparator::Equal, flag(is_set), Expr::TRUE), differs]);
    Ok(Operand { preference: Preference::Disabled, ..Operand::plain(expr) })
}

/// `@request.body.rel.path`: the records whose ids are submitted.
fn through_body_relation(
    scope: &mut Scope<'_>,
    view: &Viewpoint,
    field: usize,
    is_many: bool,
    collection: &str,
    path: &str,
) -> Result<Operand, PathError> {
    let name = scope.plan_of(view.row).collection().fields[field].name.clone();
    let mut ids: Vec<String> = match scope.request.body.get(&name) {
        Some(Json::String(id)) => vec![id.clone()],
        Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    ids.retain(|id| !id.is_empty());
    ids.sort_unstable();
    ids.dedup();
    let target = scope.catalog.find(collection).cloned().ok_or(PathError::UnknownField)?;
    if ids.is_empty() {
        return Ok(Operand::plain(Expr::NULL));
    }
    let prefix = format!("@body:{}.{name}", view.prefix);
    let several = ids.len() > 1;
    let start = scope.join(prefix.clone(), JoinKind::ByIds(ids), Some(target), several);
    Walk { start, prefix: &prefix, is_lenient: true, is_many }.field(scope, view, path)
}

/// `@request.auth.…`
fn of_auth(scope: &mut Scope<'_>, view: &Viewpoint, path: &str) -> Result<Operand, PathError> {
    let Some(auth) = scope.request.auth.clone() else { return Ok(Operand::plain(Expr::NULL)) };
    let bound = match path {
        "id" => Parameter::Text(auth.id),
        "collectionId" => Parameter::Text(auth.plan.collection().id.clone()),
        "collectionName" => Parameter::Text(auth.plan.collection().name.clone()),
        "email" => Parameter::Text(auth.email),
        "emailVisibility" => Parameter::Bool(auth.email_visibility),
        "verified" => Parameter::Bool(auth.verified),
        _ => {
            let kind = JoinKind::ById(Parameter::Text(auth.id));
            let start = scope.join("@auth".to_owned(), kind, Some(auth.plan), false);
            return Walk { start, prefix: "@auth", is_lenient: true, is_many: false }.field(scope, view, path);
        }
    };
    Ok(Operand::parameter(bound))
}

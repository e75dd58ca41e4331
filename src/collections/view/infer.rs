//! Field types of a view's columns (reference part 1, section 7.3).

use super::query_parse::{ParsedColumn, ParsedQuery, trim_identifier};
use crate::collections::fields::derived_field_id;
use crate::schema::fields::{JsonOptions, NumberOptions, RelationOptions, TextOptions};
use crate::schema::{Collection, Field, FieldOptions, ids};

/// Characters after `_clone_` in the id of a copied field.
const CLONE_ID_LENGTH: usize = 4;
const CLONE_ID_PREFIX: &str = "_clone_";

/// The field of every result column, in result order.
///
/// `previous` are the view's fields before: a copied field of the same name and type keeps its id.
pub(super) fn infer_fields(
    result_columns: &[String],
    parsed: &ParsedQuery,
    collections: &[Collection],
    previous: &[Field],
) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::with_capacity(result_columns.len());
    for name in result_columns {
        let column = parsed.columns.iter().find(|column| column.alias == *name);
        let mut field = infer_field(name, column, parsed, collections);
        if field.id == CLONE_ID_PREFIX {
            let old = previous.iter().find(|old| {
                old.name == field.name && old.type_name() == field.type_name() && old.id.starts_with(CLONE_ID_PREFIX)
            });
            field.id = match old {
                Some(old) => old.id.clone(),
                None => format!("{CLONE_ID_PREFIX}{}", ids::random_string(CLONE_ID_LENGTH, ids::ALPHANUMERIC)),
            };
        } else {
            field.id = derived_field_id(&fields, &field);
        }
        fields.push(field);
    }
    fields
}

/// One column's field. An id of [`CLONE_ID_PREFIX`] asks for a generated one.
fn infer_field(name: &str, column: Option<&ParsedColumn>, parsed: &ParsedQuery, collections: &[Collection]) -> Field {
    if name == "id" {
        return id_field();
    }
    let Some(column) = column else { return json_field(name) };
    if let Some(options) = options_of_expression(&column.expression) {
        return Field::new(name, options);
    }
    let Some((collection, field)) = find_source(&column.expression, parsed, collections.iter()) else {
        return json_field(name);
    };
    if field.name == "id" {
        let options =
            RelationOptions { collection_id: collection.id.clone(), max_select: 1, ..RelationOptions::default() };
        return Field::new(name, FieldOptions::Relation(options));
    }
    Field { id: CLONE_ID_PREFIX.to_owned(), name: name.to_owned(), ..field.clone() }
}

/// Types that the text of an expression tells.
fn options_of_expression(expression: &str) -> Option<FieldOptions> {
    let text = expression.to_ascii_lowercase();
    let number = |only_int| FieldOptions::Number(NumberOptions { only_int, ..NumberOptions::default() });
    if text.starts_with("count(") {
        return Some(number(true));
    }
    if text.starts_with("total(") {
        return Some(number(false));
    }
    let cast = text.strip_prefix("cast(")?.strip_suffix(')')?;
    let (_, kind) = cast.trim_end().rsplit_once(char::is_whitespace)?;
    match kind {
        "real" | "decimal" | "numeric" => Some(number(false)),
        "int" | "integer" => Some(number(true)),
        "text" => Some(FieldOptions::Text(TextOptions::default())),
        "boolean" | "bool" => Some(FieldOptions::Bool),
        _ => None,
    }
}

/// The field that `[alias.]field` names; without an alias it is looked for in the first table.
pub(super) fn find_source<'a>(
    expression: &str,
    parsed: &ParsedQuery,
    mut collections: impl Iterator<Item = &'a Collection>,
) -> Option<(&'a Collection, &'a Field)> {
    let (alias, name) = match expression.rsplit_once('.') {
        Some((alias, name)) => (Some(trim_identifier(alias)), name),
        None => (None, expression),
    };
    let name = trim_identifier(name);
    let table = match alias {
        None => parsed.tables.first()?,
        Some(alias) => parsed.tables.iter().find(|table| table.alias == alias)?,
    };
    // Names match exactly here although SQL ignores case: clients see the difference in the inferred type.
    let collection = collections.find(|collection| collection.name == table.name)?;
    let field = collection.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
    Some((collection, field))
}

fn id_field() -> Field {
    let options = TextOptions { pattern: "^[a-z0-9]+$".to_owned(), primary_key: true, ..TextOptions::default() };
    Field { system: true, required: true, ..Field::new("id", FieldOptions::Text(options)) }
}

fn json_field(name: &str) -> Field {
    Field::new(name, FieldOptions::Json(JsonOptions { max_size: 1 }))
}

//! The field list of a collection as it is decoded (reference part 1, section 5.3).

use serde_json::Value as Json;

use super::merge::Malformed;
use crate::schema::{Field, ids};

/// Most fields of a collection. SQLite's limit is 2000 columns, and a change of a table needs a few to spare.
pub const MAX_FIELDS: usize = 1000;

/// Decodes a submitted list; `null` is an empty one.
pub(super) fn decode_fields(json: &Json) -> Result<Vec<Field>, Malformed> {
    let mut fields = Vec::new();
    match json {
        Json::Null => {}
        Json::Array(items) => {
            for item in items {
                add_field(&mut fields, Field::from_json(item.as_object().ok_or(Malformed)?).map_err(|_| Malformed)?);
            }
        }
        _ => return Err(Malformed),
    }
    Ok(fields)
}

/// Adds a field to a list: one with a known id replaces its holder, one without id replaces the holder of its name or
/// gets the id derived from its type and name.
pub(super) fn add_field(fields: &mut Vec<Field>, mut field: Field) {
    let place = if field.id.is_empty() {
        // Fields without a name are several mistakes, not one field.
        let place = fields.iter().position(|other| other.name == field.name && !field.name.is_empty());
        field.id = match place {
            Some(place) => fields[place].id.clone(),
            None => derived_field_id(fields, &field),
        };
        place
    } else {
        fields.iter().position(|other| other.id == field.id)
    };
    match place {
        Some(place) => fields[place] = field,
        None => fields.push(field),
    }
}

/// The id derived from type and name, if need be with a number behind it.
pub(super) fn derived_field_id(fields: &[Field], field: &Field) -> String {
    let is_taken = |id: &str| fields.iter().any(|other| other.id == id);
    with_free_number(&ids::field_id(field.type_name(), &field.name), is_taken)
}

/// The id, or the id with the first number from 2 on behind it that is free.
pub(super) fn with_free_number(id: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut free = id.to_owned();
    let mut number = 1_u64;
    while is_taken(&free) {
        number += 1;
        free = format!("{id}{number}");
    }
    free
}

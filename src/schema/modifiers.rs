//! Body keys that change a value instead of setting it: `tags+`, `+tags`, `tags-`, `slug:autogenerate`.

use super::Field;

/// What a body key does to the stored value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modifier {
    /// `name+`: adds a number, or entries at the end.
    Append,
    /// `+name`: adds entries at the beginning.
    Prepend,
    /// `name-`: subtracts a number, or takes entries away.
    Remove,
    /// `name:autogenerate`: the given text and a generated one behind it.
    Autogenerate,
}

/// Splits a body key into the field name and the modifier it spells.
pub fn split_body_key(key: &str) -> (&str, Option<Modifier>) {
    if let Some(name) = key.strip_suffix(":autogenerate") {
        (name, Some(Modifier::Autogenerate))
    } else if let Some(name) = key.strip_suffix('+') {
        (name, Some(Modifier::Append))
    } else if let Some(name) = key.strip_suffix('-') {
        (name, Some(Modifier::Remove))
    } else if let Some(name) = key.strip_prefix('+') {
        (name, Some(Modifier::Prepend))
    } else {
        (key, None)
    }
}

/// The field a body key names (exact case), with its modifier; `None` if there is no such field or its type has no such
/// modifier.
pub fn resolve_body_key<'a>(fields: &'a [Field], key: &str) -> Option<(&'a Field, Option<Modifier>)> {
    let (name, modifier) = split_body_key(key);
    let field = fields.iter().find(|field| field.name == name)?;
    match modifier {
        Some(modifier) if !field.modifiers().contains(&modifier) => None,
        modifier => Some((field, modifier)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::FieldOptions;

    #[test]
    fn keys_name_a_field_and_a_modifier() {
        let fields =
            ["text", "number", "select", "bool"].map(|kind| Field::new(kind, FieldOptions::new(kind).unwrap()));
        for (key, want) in [
            ("text", Some(("text", None))),
            ("text:autogenerate", Some(("text", Some(Modifier::Autogenerate)))),
            ("text+", None),
            ("number+", Some(("number", Some(Modifier::Append)))),
            ("number-", Some(("number", Some(Modifier::Remove)))),
            ("+number", None),
            ("+select", Some(("select", Some(Modifier::Prepend)))),
            ("select-", Some(("select", Some(Modifier::Remove)))),
            ("+select+", None),
            ("bool+", None),
            ("Text", None),
            ("", None),
            ("+", None),
        ] {
            let found = resolve_body_key(&fields, key).map(|(field, modifier)| (field.name.as_str(), modifier));
            assert_eq!(found, want, "{key}");
        }
    }
}

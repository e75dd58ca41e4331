//! The fields every collection of a type has, and how they are kept in shape (reference part 1, section 2.2).

use super::fields::{DomainOptions, PasswordOptions, TextOptions};
use super::generate::ID_AUTOGENERATE_PATTERN;
use super::{CollectionKind, Field, FieldOptions};

/// The pattern of primary keys that name none.
pub const ID_PATTERN: &str = "^[a-z0-9]+$";

/// Pattern of the key that signs a record's tokens.
pub const TOKEN_KEY_PATTERN: &str = "[a-zA-Z0-9]{50}";

/// The default `id`.
pub fn id_field() -> Field {
    let options = TextOptions {
        min: 15,
        max: 15,
        pattern: ID_PATTERN.to_owned(),
        autogenerate_pattern: ID_AUTOGENERATE_PATTERN.to_owned(),
        primary_key: true,
    };
    Field { system: true, required: true, ..Field::new("id", FieldOptions::Text(options)) }
}

/// The default `password` of auth collections.
pub fn password_field() -> Field {
    let options = PasswordOptions { min: 8, ..PasswordOptions::default() };
    Field { system: true, hidden: true, required: true, ..Field::new("password", FieldOptions::Password(options)) }
}

/// The default `tokenKey` of auth collections.
pub fn token_key_field() -> Field {
    let options =
        TextOptions { min: 30, max: 60, autogenerate_pattern: TOKEN_KEY_PATTERN.to_owned(), ..TextOptions::default() };
    Field { system: true, hidden: true, required: true, ..Field::new("tokenKey", FieldOptions::Text(options)) }
}

/// The default `email` of auth collections.
pub fn email_field() -> Field {
    Field { system: true, required: true, ..Field::new("email", FieldOptions::Email(DomainOptions::default())) }
}

/// The default `emailVisibility` of auth collections.
pub fn email_visibility_field() -> Field {
    Field { system: true, ..Field::new("emailVisibility", FieldOptions::Bool) }
}

/// The default `verified` of auth collections.
pub fn verified_field() -> Field {
    Field { system: true, ..Field::new("verified", FieldOptions::Bool) }
}

/// The default system fields of a type, in order; a view has none.
pub fn system_fields(kind: &CollectionKind) -> Vec<Field> {
    match kind {
        CollectionKind::Base => vec![id_field()],
        CollectionKind::Auth(_) => vec![
            id_field(),
            password_field(),
            token_key_field(),
            email_field(),
            email_visibility_field(),
            verified_field(),
        ],
        CollectionKind::View { .. } => Vec::new(),
    }
}

/// Adds missing system fields and restores the flags of those that are there, as every save does.
///
/// A field is recognised by name (exact case) and type. An `id` of another type stays, and fails validation as a repeated
/// name; whatever else holds the id of the missing `id` keeps it, so that the key is reported as missing; an auth field of another type gives way to the default, which takes over its place and id.
pub fn ensure_system_fields(kind: &CollectionKind, fields: &mut Vec<Field>) {
    for default in system_fields(kind) {
        if let Some(field) = fields.iter_mut().find(|field| is_same(field, &default)) {
            force(field);
        } else if default.name == "id" {
            if fields.iter().all(|field| field.id != default.id) {
                fields.insert(0, default);
            }
        } else if let Some(field) = fields.iter_mut().find(|field| field.name == default.name) {
            let id = if field.id.is_empty() { default.id.clone() } else { std::mem::take(&mut field.id) };
            *field = Field { id, ..default };
        } else {
            fields.push(default);
        }
    }
}

fn is_same(field: &Field, default: &Field) -> bool {
    field.name == default.name && field.type_name() == default.type_name()
}

/// Sets what a system field must have.
fn force(field: &mut Field) {
    field.system = true;
    match (field.name.as_str(), &mut field.options) {
        ("id", FieldOptions::Text(options)) => {
            field.required = true;
            field.hidden = false;
            options.primary_key = true;
            if options.pattern.is_empty() {
                ID_PATTERN.clone_into(&mut options.pattern);
            }
        }
        ("password" | "tokenKey", _) => {
            field.hidden = true;
            field.required = true;
        }
        ("email", _) => field.hidden = false,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn auth() -> CollectionKind {
        CollectionKind::Auth(Box::default())
    }

    fn fields(list: &serde_json::Value) -> Vec<Field> {
        list.as_array().unwrap().iter().map(|item| Field::from_json(item.as_object().unwrap()).unwrap()).collect()
    }

    fn names(fields: &[Field]) -> Vec<&str> {
        fields.iter().map(|field| field.name.as_str()).collect()
    }

    #[test]
    fn defaults_have_their_known_ids() {
        let ids: Vec<_> = system_fields(&auth()).into_iter().map(|field| field.id).collect();
        let want = [
            "text3208210256",
            "password901924565",
            "text2504183744",
            "email3885137012",
            "bool1547992806",
            "bool256245529",
        ];
        assert_eq!(ids, want);
    }

    #[test]
    fn missing_fields_are_added() {
        let mut list = fields(&json!([{"name": "x", "type": "text"}, {"name": "verified", "type": "bool"}]));
        ensure_system_fields(&auth(), &mut list);
        assert_eq!(names(&list), ["id", "x", "verified", "password", "tokenKey", "email", "emailVisibility"]);
        assert!(list[2].system);

        let mut list = Vec::new();
        ensure_system_fields(&CollectionKind::Base, &mut list);
        assert_eq!(list, [id_field()]);

        let mut list = Vec::new();
        ensure_system_fields(&CollectionKind::View { query: String::new() }, &mut list);
        assert_eq!(list, []);
    }

    #[test]
    fn flags_are_restored_and_limits_kept() {
        let mut list = fields(&json!([
            {"name": "x", "type": "text"},
            {"name": "id", "type": "text", "hidden": true, "max": 20},
            {"name": "password", "type": "password", "min": 3},
            {"name": "email", "type": "email", "hidden": true},
        ]));
        ensure_system_fields(&auth(), &mut list);
        let id = list[1].to_json();
        for (key, want) in [
            ("system", json!(true)),
            ("required", json!(true)),
            ("primaryKey", json!(true)),
            ("hidden", json!(false)),
            ("pattern", json!(ID_PATTERN)),
            ("max", json!(20)),
            ("min", json!(0)),
            ("autogeneratePattern", json!("")),
        ] {
            assert_eq!(id[key], want, "{key}");
        }
        let password = list[2].to_json();
        let want = [json!(true), json!(true), json!(true), json!(3)];
        assert_eq!(["system", "hidden", "required", "min"].map(|key| password[key].clone()), want);
        assert_eq!((list[3].system, list[3].hidden, list[3].required), (true, false, false));
    }

    #[test]
    fn auth_fields_of_another_type_give_way() {
        let mut list = fields(&json!([
            {"name": "password", "type": "text", "id": "foo"},
            {"name": "email", "type": "text"},
            {"name": "id", "type": "number"},
        ]));
        ensure_system_fields(&auth(), &mut list);
        let found: Vec<_> =
            list.iter().map(|field| (field.name.as_str(), field.type_name(), field.id.as_str())).collect();
        let want = [
            ("id", "text", "text3208210256"),
            ("password", "password", "foo"),
            ("email", "email", "email3885137012"),
            ("id", "number", ""),
        ];
        assert_eq!(found[..4], want);
    }
}

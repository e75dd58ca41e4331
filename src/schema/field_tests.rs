use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::schema::testing::any_json;

fn field(definition: &Json) -> Field {
    Field::from_json(definition.as_object().unwrap()).unwrap()
}

#[test]
fn types_have_their_names() {
    for kind in [
        "text", "editor", "number", "bool", "email", "url", "date", "autodate", "select", "relation", "file",
        "password", "json", "geoPoint",
    ] {
        assert_eq!(Field::new("x", FieldOptions::new(kind).unwrap()).type_name(), kind);
    }
    assert_eq!(FieldOptions::new("Text"), None);
}

/// What the reference answered for a record of these fields.
#[test]
fn record_values() {
    let fields = json!({
        "f": {"type": "file", "maxSelect": 2},
        "f1": {"type": "file"},
        "s": {"type": "select", "values": ["a", "b"], "maxSelect": 2, "required": true},
        "r": {"type": "relation", "minSelect": 2, "maxSelect": 3},
        "j": {"type": "json", "maxSize": 5, "required": true},
        "d": {"type": "date", "required": true, "min": "2024-01-01"},
        "e": {"type": "editor", "maxSize": 3, "required": true},
        "n": {"type": "number", "min": 2, "max": 4, "required": true},
        "b": {"type": "bool", "required": true},
        "g": {"type": "geoPoint", "required": true},
        "t": {"type": "text", "min": 3, "max": 4, "required": true},
        "m": {"type": "email"},
        "u": {"type": "url"},
        "p": {"type": "password", "required": true},
        "a": {"type": "autodate", "onCreate": true},
        "id": {"type": "text", "primaryKey": true, "required": true, "pattern": "^.{2,}$", "min": 2, "max": 6},
    });
    let required = || Some(json!({"code": "validation_required"}));
    for (name, sent, want) in [
        ("f", json!([]), None),
        ("f", json!(["a"]), Some(json!({"code": "validation_invalid_file", "params": {"invalidFiles": ["a"]}}))),
        ("f1", json!(["y", "z"]), Some(json!({"code": "validation_invalid_file", "params": {"invalidFiles": ["z"]}}))),
        ("s", json!(null), required()),
        ("s", json!(["a", "b", "x"]), Some(json!({"code": "validation_too_many_values", "params": {"maxSelect": 2}}))),
        ("s", json!("x"), Some(json!({"code": "validation_invalid_value", "params": {"value": "x"}}))),
        ("r", json!([]), None),
        ("r", json!("x"), Some(json!({"code": "validation_not_enough_values", "params": {"minSelect": 2}}))),
        ("j", json!("\"\""), required()),
        ("j", json!([]), required()),
        ("j", json!({}), required()),
        ("j", json!(null), required()),
        ("j", json!(false), None),
        ("j", json!("123456"), Some(json!({"code": "validation_json_size_limit", "params": {"maxSize": 5}}))),
        ("d", json!("x"), required()),
        ("d", json!("2024-01-01"), None),
        (
            "d",
            json!("2023-01-01"),
            Some(json!({
                "code": "validation_min_greater_equal_than_required",
                "params": {"threshold": "2024-01-01T00:00:00Z"},
            })),
        ),
        ("e", json!(""), required()),
        ("e", json!("éé"), Some(json!({"code": "validation_content_size_limit", "params": {"maxSize": 3}}))),
        ("n", json!(0), required()),
        ("n", json!("nan"), Some(json!({"code": "validation_not_a_number"}))),
        ("n", json!(1), Some(json!({"code": "validation_min_number_constraint", "params": {"min": 2}}))),
        ("n", json!(5), Some(json!({"code": "validation_max_number_constraint", "params": {"max": 4}}))),
        ("b", json!(false), required()),
        ("b", json!(1), None),
        ("g", json!({}), required()),
        ("g", json!({"lat": 91, "lon": 181}), Some(json!({"code": "validation_invalid_latitude"}))),
        ("g", json!({"lon": 181}), Some(json!({"code": "validation_invalid_longitude"}))),
        ("t", json!(""), required()),
        ("t", json!("   "), None),
        ("t", json!("ab"), Some(json!({"code": "validation_min_text_constraint", "params": {"min": 3}}))),
        ("t", json!("abcde"), Some(json!({"code": "validation_max_text_constraint", "params": {"max": 4}}))),
        ("m", json!("x"), Some(json!({"code": "validation_is_email"}))),
        ("m", json!(""), None),
        ("u", json!("x"), Some(json!({"code": "validation_invalid_url"}))),
        ("p", json!(""), required()),
        ("p", json!("hash"), None),
        ("a", json!("x"), None),
        ("id", json!(""), required()),
        ("id", json!("a b/c."), Some(json!({"code": "validation_forbidden_pk_character", "params": {"ch": "."}}))),
        ("id", json!("a$%"), Some(json!({"code": "validation_forbidden_pk_character", "params": {"ch": "%"}}))),
        ("id", json!("con"), Some(json!({"code": "validation_reserved_pk", "params": {"reserved": "CON"}}))),
        ("id", json!("a"), Some(json!({"code": "validation_min_text_constraint", "params": {"min": 2}}))),
        ("id", json!("abcdefgh"), Some(json!({"code": "validation_max_text_constraint", "params": {"max": 6}}))),
        ("id", json!("ok-_1"), None),
    ] {
        let field = field(&fields[name]);
        let found = field.validate_value(&field.cast(&sent), None).err().map(|issue| {
            let mut json = issue.to_json();
            json.as_object_mut().unwrap().remove("message");
            json
        });
        assert_eq!(found, want, "{name} {sent}");
    }
}

#[test]
fn keys_cannot_change_but_odd_ones_may_stay() {
    let id = crate::schema::defaults::id_field();
    let text = |text: &str| Value::Text(text.to_owned());
    let code = |new: &str, old: &str| id.validate_value(&text(new), Some(&text(old))).err().map(|issue| issue.code);
    assert_eq!(code("Odd Id!", "Odd Id!"), None);
    assert_eq!(code("", "old").as_deref(), Some("validation_pk_change"));
    assert_eq!(code("new", "old").as_deref(), Some("validation_pk_change"));
}

#[test]
fn keys_are_held_against_their_pattern_first() {
    for (pattern, key, want) in [
        ("^[a-z]+$", "a/b", Some("validation_invalid_format")),
        ("^.+$", "a\nb", Some("validation_invalid_format")),
        ("^.+$", "a/b", Some("validation_forbidden_pk_character")),
        ("^[a-z]+$", "nul", Some("validation_reserved_pk")),
        ("^.+$", "a-b", None),
    ] {
        let id = field(&json!({"type": "text", "name": "id", "primaryKey": true, "pattern": pattern}));
        let code = id.validate_value(&Value::Text(key.into()), None).err().map(|issue| issue.code);
        assert_eq!(code.as_deref(), want, "{pattern} {key:?}");
    }
}

#[test]
fn a_value_of_another_type_is_refused() {
    for kind in ["text", "number", "bool", "date", "json", "geoPoint"] {
        let field = Field::new("x", FieldOptions::new(kind).unwrap());
        let issue = field.validate_value(&Value::List(vec!["x".into()]), None).unwrap_err();
        assert_eq!(issue.code, "validation_unsupported_value_type", "{kind}");
    }
}

#[test]
fn modifiers_change_the_current_value() {
    let number = field(&json!({"type": "number"}));
    assert_eq!(number.apply_modifier(Modifier::Append, &Value::Number(1.0), &json!("5")), Value::Number(6.0));
    assert_eq!(number.apply_modifier(Modifier::Remove, &Value::Number(1.0), &json!(5)), Value::Number(-4.0));
    assert_eq!(number.apply_modifier(Modifier::Prepend, &Value::Number(1.0), &json!(5)), Value::Number(1.0));
    let text = field(&json!({"type": "text", "autogeneratePattern": "[0-9]{3}"}));
    let Value::Text(made) = text.apply_modifier(Modifier::Autogenerate, &Value::Text("old".into()), &json!(5)) else {
        panic!("a text stays a text")
    };
    assert!(crate::schema::pattern::is_match("^5[0-9]{3}$", &made), "{made}");
    let plain = field(&json!({"type": "text"}));
    assert_eq!(plain.apply_modifier(Modifier::Autogenerate, &plain.zero(), &json!("abc")), Value::Text("abc".into()));
}

proptest! {
    #[test]
    fn nothing_panics_on_any_body(sent in any_json(), operand in any_json(), multiple in any::<bool>()) {
        for kind in [
            "text", "editor", "number", "bool", "email", "url", "date", "autodate", "select", "relation", "file", "password",
            "json", "geoPoint",
        ] {
            let field = field(&json!({"type": kind, "maxSelect": if multiple { 3 } else { 1 }, "required": multiple}));
            let mut value = field.cast(&sent);
            prop_assert_eq!(std::mem::discriminant(&value), std::mem::discriminant(&field.zero()), "{}", kind);
            for modifier in [Modifier::Append, Modifier::Prepend, Modifier::Remove, Modifier::Autogenerate] {
                value = field.apply_modifier(modifier, &value, &operand);
            }
            let _ = field.validate_value(&value, None);
            let _ = Field::from_json(&serde_json::Map::from_iter([("type".to_owned(), sent.clone())]));
            let options = json!({"type": kind, "min": sent, "max": operand, "pattern": sent, "values": sent, "thumbs": operand});
            if let Ok(field) = Field::from_stored_json(options.as_object().unwrap()) {
                let _ = field.validate_value(&value, Some(&value));
            }
        }
    }
}

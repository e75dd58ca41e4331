use serde_json::{Value as Json, json};

use super::*;

/// Codes and parameters under each key, as `code` or `code{params}`.
fn check(definition: &Json, stored: Option<&Json>, owner_is_view: bool) -> Json {
    let read = |json: &Json| {
        let mut field = Field::from_json(json.as_object().unwrap()).unwrap();
        if field.id.is_empty() {
            field.id = "x".into();
        }
        field
    };
    let stored = stored.map(read);
    let find = |id: &str| match id {
        "table" => Some(TargetKind::Table),
        "view" => Some(TargetKind::View),
        _ => None,
    };
    let context = OptionsContext { find_collection: &find, owner_is_view, stored: stored.as_ref(), primary_keys: 1 };
    shorten(&read(definition).validate_options(&context).to_json())
}

fn shorten(errors: &Json) -> Json {
    let short = |(key, error): (&String, &Json)| {
        let value = match (error["code"].as_str(), error.get("params")) {
            (Some(code), None) => code.trim_start_matches("validation_").into(),
            (Some(code), Some(params)) => format!("{}{params}", code.trim_start_matches("validation_")).into(),
            (None, _) => shorten(error),
        };
        (key.clone(), value)
    };
    Json::Object(errors.as_object().unwrap().iter().map(short).collect())
}

/// A field called `x` of this type with these options.
fn x(kind: &str, options: Json) -> Json {
    let mut field = options;
    field["type"] = kind.into();
    if field.get("name").is_none() {
        field["name"] = "x".into();
    }
    field
}

/// The reference's answers.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn definitions() {
    let below = |min: i64| format!("min_greater_equal_than_required{{\"threshold\":{min}}}");
    let above = |max: i64| format!("max_less_equal_than_required{{\"threshold\":{max}}}");
    let big = 1i64 << 53;
    let range = |min: u32, max: u32| format!("length_out_of_range{{\"max\":{max},\"min\":{min}}}");
    for (definition, want) in [
        (x("text", json!({})), json!({})),
        (x("text", json!({"min": -1, "max": -2})), json!({"min": below(0), "max": below(-1)})),
        (x("text", json!({"min": 5, "max": 3})), json!({"max": below(5)})),
        (x("text", json!({"min": 5, "max": 0})), json!({})),
        (x("text", json!({"max": big})), json!({"max": above(big - 1)})),
        (x("text", json!({"min": big})), json!({"min": above(big - 1)})),
        (x("text", json!({"pattern": "("})), json!({"pattern": "invalid_regex"})),
        (x("text", json!({"pattern": "(?=a)"})), json!({"pattern": "invalid_regex"})),
        (x("text", json!({"pattern": "a{1001}"})), json!({"pattern": "invalid_regex"})),
        (x("text", json!({"autogeneratePattern": "("})), json!({"autogeneratePattern": "invalid_regex"})),
        (
            x("text", json!({"autogeneratePattern": "^a$"})),
            json!({"autogeneratePattern": "invalid_autogenerate_pattern"}),
        ),
        (
            x("text", json!({"autogeneratePattern": "a\\bb"})),
            json!({"autogeneratePattern": "invalid_autogenerate_pattern"}),
        ),
        (
            x("text", json!({"autogeneratePattern": "a{3}", "max": 2})),
            json!({"autogeneratePattern": "invalid_autogenerate_pattern_value"}),
        ),
        (x("text", json!({"autogeneratePattern": "a?"})), json!({})),
        (
            x("text", json!({"autogeneratePattern": "a?", "required": true})),
            json!({"autogeneratePattern": "invalid_autogenerate_pattern_value"}),
        ),
        (
            x("text", json!({"autogeneratePattern": "(a{100}){10}", "pattern": "b"})),
            json!({"autogeneratePattern": "invalid_autogenerate_pattern_value"}),
        ),
        (
            x("text", json!({"primaryKey": true, "hidden": true})),
            json!({"name": "in_invalid", "pattern": "required", "required": "required", "hidden": "empty"}),
        ),
        (x("text", json!({"help": "x".repeat(300)})), json!({})),
        (x("text", json!({"help": "x".repeat(301)})), json!({"help": range(1, 300)})),
        (x("text", json!({"id": "a".repeat(101)})), json!({"id": range(1, 100)})),
        (x("text", json!({"name": ""})), json!({"name": "required"})),
        (x("text", json!({"name": "a".repeat(101)})), json!({"name": range(1, 100)})),
        (x("text", json!({"name": "é"})), json!({"name": "match_invalid"})),
        (x("text", json!({"name": " "})), json!({"name": "match_invalid"})),
        (x("text", json!({"name": "null"})), json!({"name": "not_in_invalid"})),
        (x("text", json!({"name": "_rowid_"})), json!({"name": "not_in_invalid"})),
        (x("text", json!({"name": "NULL"})), json!({})),
        (x("text", json!({"name": "a_Via_b"})), json!({"name": "found_via"})),
        (x("text", json!({"name": "0select"})), json!({})),
        (x("editor", json!({"maxSize": -1})), json!({"maxSize": below(0)})),
        (x("editor", json!({"maxSize": big})), json!({"maxSize": above(big - 1)})),
        (x("number", json!({"min": 5, "max": 3})), json!({"max": "min_number_constraint{\"min\":5}"})),
        (x("number", json!({"min": 0, "max": -1})), json!({"max": "min_number_constraint{\"min\":0}"})),
        (x("number", json!({"min": 5, "max": 5})), json!({})),
        (
            x("number", json!({"min": 0.5, "max": 0.2, "onlyInt": true})),
            json!({"min": "only_int_constraint", "max": "only_int_constraint"}),
        ),
        (
            x("email", json!({"onlyDomains": ["a.b"], "exceptDomains": ["c.d"]})),
            json!({"onlyDomains": "empty", "exceptDomains": "empty"}),
        ),
        (
            x("url", json!({"onlyDomains": ["a.b", "localhost", "", "*.a.b"]})),
            json!({"onlyDomains": {"1": "is_domain", "3": "is_domain"}}),
        ),
        (x("date", json!({"min": "2024-01-01", "max": "2023-01-01"})), json!({})),
        (x("autodate", json!({})), json!({"onCreate": "required", "onUpdate": "required"})),
        (x("autodate", json!({"onUpdate": true})), json!({})),
        (x("select", json!({})), json!({"values": "required"})),
        (x("select", json!({"values": ["a"], "maxSelect": 2})), json!({"maxSelect": above(1)})),
        (x("select", json!({"values": ["a"], "maxSelect": -1})), json!({"maxSelect": below(0)})),
        (x("select", json!({"values": ["a", "a", ""], "maxSelect": 3})), json!({})),
        (x("relation", json!({})), json!({"collectionId": "required"})),
        (
            x("relation", json!({"collectionId": "nope", "minSelect": 2})),
            json!({"collectionId": "field_relation_missing_collection", "maxSelect": "required"}),
        ),
        (
            x("relation", json!({"collectionId": "view"})),
            json!({"collectionId": "relation_field_non_view_base_collection"}),
        ),
        (x("relation", json!({"collectionId": "table", "minSelect": -1})), json!({"minSelect": below(0)})),
        (x("relation", json!({"collectionId": "table", "maxSelect": -1})), json!({"maxSelect": below(0)})),
        (
            x("relation", json!({"collectionId": "table", "minSelect": 2, "maxSelect": 1})),
            json!({"maxSelect": below(2)}),
        ),
        (x("relation", json!({"collectionId": "table", "maxSelect": big})), json!({})),
        (x("file", json!({"maxSelect": -1, "maxSize": -1})), json!({"maxSelect": below(0), "maxSize": below(0)})),
        (x("password", json!({"min": -1, "max": -1, "cost": -1})), json!({"min": below(1), "cost": below(4)})),
        (
            x("password", json!({"min": 72, "max": 72, "cost": 3})),
            json!({"min": above(71), "max": above(71), "cost": below(4)}),
        ),
        (x("password", json!({"min": 5, "max": 4, "cost": 32})), json!({"max": below(5), "cost": above(31)})),
        (x("password", json!({"pattern": "("})), json!({"pattern": "invalid_regex"})),
        (x("json", json!({"maxSize": -1})), json!({"maxSize": below(0)})),
        (x("geoPoint", json!({})), json!({})),
        (x("bool", json!({})), json!({})),
    ] {
        assert_eq!(check(&definition, None, false), want, "{definition}");
    }
}

#[test]
fn relations_keep_their_target() {
    let relation = |target: &str| x("relation", json!({"collectionId": target}));
    for (new, stored, owner_is_view, want) in [
        ("table", Some("table"), false, json!({})),
        ("table", Some("other"), false, json!({"collectionId": "field_relation_change"})),
        ("view", None, true, json!({})),
    ] {
        let stored = stored.map(relation);
        assert_eq!(check(&relation(new), stored.as_ref(), owner_is_view), want, "{new} {stored:?}");
    }
}

#[test]
fn a_second_primary_key_is_refused() {
    let context = OptionsContext { find_collection: &|_| None, owner_is_view: false, stored: None, primary_keys: 2 };
    let errors = crate::schema::defaults::id_field().validate_options(&context).to_json();
    assert_eq!(shorten(&errors), json!({"primaryKey": "unsupported_composite_pk"}));
}

//! Changing collections.

use super::*;

#[test]
fn changes_are_checked() {
    let conn = database();
    posts(&conn);
    let system_rule = "collection_system_rule_change";
    for (name, body, want) in [
        ("nope", json!({}), "NotFound".to_owned()),
        ("posts", json!({"id": "other"}), "id=values_mismatch".to_owned()),
        ("posts", json!({"type": "auth"}), "type=collection_type_change".to_owned()),
        ("posts", json!({"type": "graph"}), "type=in_invalid".to_owned()),
        ("posts", json!({"type": "", "id": null}), "ok".to_owned()),
        ("posts", json!({"system": true}), "system=collection_system_flag_change".to_owned()),
        ("_mfas", json!({"system": false}), "system=collection_system_flag_change".to_owned()),
        ("posts", json!({"name": "_params"}), "name=collection_name_invalid".to_owned()),
        ("posts", json!({"name": "USERS"}), "name=collection_name_exists".to_owned()),
        ("_mfas", json!({"name": "mfas"}), "name=collection_system_name_change".to_owned()),
        ("_mfas", json!({"listRule": ""}), format!("listRule={system_rule}")),
        ("_mfas", json!({"createRule": ""}), format!("createRule={system_rule}")),
        ("_superusers", json!({"authRule": null}), format!("authRule={system_rule}")),
        (
            "_superusers",
            json!({"authRule": "1=1", "manageRule": "1=1"}),
            format!("authRule={system_rule} manageRule={system_rule}"),
        ),
        (
            "_superusers",
            json!({"otp": {"enabled": true}, "mfa": {"enabled": true, "rule": "1=1"}}),
            format!("mfa.rule={system_rule}"),
        ),
        ("users", json!({"manageRule": ""}), "manageRule=nil_or_not_empty_required".to_owned()),
        ("_externalAuths", json!({"indexes": []}), "indexes=invalid_unique_system_field_index".to_owned()),
        ("_mfas", json!({"indexes": []}), "ok".to_owned()),
        (
            "users",
            json!({"fields": [{"name": "email", "type": "email", "id": "other"}]}),
            "fields=system_field_change".to_owned(),
        ),
        (
            "posts",
            json!({"fields": [{"id": "text3208210256", "name": "key", "type": "text"}]}),
            "fields=missing_primary_key".to_owned(),
        ),
        ("posts", json!({"listRule": 5}), "Malformed".to_owned()),
        ("posts", json!({"name": 5}), "Malformed".to_owned()),
        (
            "posts",
            json!({"name": "sqlite_posts"}),
            "rejected: object name reserved for internal use: sqlite_posts".to_owned(),
        ),
    ] {
        assert_eq!(codes(try_update(&conn, name, body.clone())), want, "{name} {body}");
    }
}

#[test]
fn system_fields_cannot_be_changed() {
    let conn = database();
    let fields = json!([
        {"name": "b", "type": "number", "system": true},
        {"name": "ad", "type": "autodate", "onCreate": true, "system": true},
    ]);
    let collection = created(&conn, json!({"name": "n", "fields": fields}));
    let json: Vec<Json> = collection.fields.iter().map(|field| Json::Object(field.to_json())).collect();
    let with = |at: usize, key: &str, value: Json| {
        let mut fields = json.clone();
        fields[at][key] = value;
        json!({"fields": fields})
    };
    for (body, want) in [
        (json!({"fields": null}), "fields=system_field_change"),
        (with(1, "name", json!("c")), "fields=system_field_change"),
        (with(1, "id", json!("c")), "fields=system_field_change"),
        (with(1, "type", json!("text")), "fields.1=field_type_change"),
        (with(2, "onUpdate", json!(true)), "fields.2.onUpdate=values_mismatch"),
        (with(1, "presentable", json!(true)), "ok"),
        (with(1, "system", json!(false)), "ok"),
    ] {
        assert_eq!(codes(try_update(&conn, "n", body.clone())), want, "{body}");
    }
}

#[test]
fn relations_keep_their_collection() {
    let conn = database();
    let posts = posts(&conn);
    let relation = |target: &str| json!({"id": "rel", "name": "rel", "type": "relation", "collectionId": target});
    let view = created(&conn, json!({"name": "v", "type": "view", "viewQuery": "select id from posts"}));
    let body = json!({"name": "n", "fields": [relation(&view.id)]});
    assert_eq!(codes(try_create(&conn, body)), "fields.1.collectionId=relation_field_non_view_base_collection");
    created(&conn, json!({"name": "n", "fields": [relation(&posts.id)]}));
    let body = json!({"fields": [relation("_pb_users_auth_")]});
    assert_eq!(codes(try_update(&conn, "n", body)), "fields.1.collectionId=field_relation_change");
    let own = json!({"id": "self", "name": "self", "type": "relation", "collectionId": posts.id});
    updated(&conn, "posts", json!({"fields": [own]}));
}

#[test]
fn nested_options_are_merged() {
    let conn = database();
    let before = crate::collections::get(&conn, "users").unwrap();
    let body = json!({"otp": {"enabled": true}, "authToken": {"duration": 100}, "fileToken": {}, "passwordAuth": null});
    let after = updated(&conn, "users", body);
    let (before, after) = (auth_options(&before), auth_options(&after));
    assert!(after.otp.enabled);
    assert_eq!(after.otp.email_template, before.otp.email_template);
    assert_eq!(after.auth_token.duration, 100);
    assert_eq!(after.auth_token.secret, before.auth_token.secret);
    assert_eq!(after.file_token, before.file_token);
    assert_eq!(after.password_auth, before.password_auth);
}

#[test]
fn a_new_auth_rule_ends_the_sessions() {
    let conn = database();
    let secret = || auth_options(&crate::collections::get(&conn, "users").unwrap()).auth_token.secret.clone();
    let first = secret();
    for (body, changes) in [
        (json!({"authRule": null}), false),
        (json!({"authRule": ""}), false),
        (json!({"authRule": "verified = true"}), true),
        (json!({"authRule": "verified = true", "listRule": ""}), false),
        (json!({"authRule": null, "authToken": {"secret": "x".repeat(50)}}), true),
    ] {
        let before = secret();
        updated(&conn, "users", body.clone());
        assert_eq!(secret() != before, changes, "{body}");
        assert_ne!(secret(), "x".repeat(50));
    }
    assert_ne!(secret(), first);
}

#[test]
fn superusers_always_sign_in_with_a_password() {
    let conn = database();
    let body = json!({
        "oauth2": {"enabled": true, "providers": [{"name": "google"}]},
        "passwordAuth": {"enabled": false},
        "otp": {"enabled": true},
    });
    let collection = updated(&conn, "_superusers", body);
    let options = auth_options(&collection);
    assert!(!options.oauth2.enabled && options.oauth2.providers.is_none());
    assert!(options.password_auth.enabled && options.mfa.enabled);
    let collection = updated(&conn, "_superusers", json!({"otp": {"enabled": false}, "mfa": {"enabled": false}}));
    assert!(!auth_options(&collection).mfa.enabled);
}

#[test]
fn dates_and_names() {
    let conn = database();
    let posts = posts(&conn);
    let after = updated(&conn, "POSTS", json!({"created": "2020-02-03 04:05:06Z", "updated": "2020-01-01"}));
    assert_eq!((after.created.as_str(), after.updated.as_str()), ("2020-02-03 04:05:06.000Z", LATER));
    assert_eq!(after.id, posts.id);
    for (sent, want) in [
        (json!(null), "2020-02-03 04:05:06.000Z"),
        (json!("nonsense"), ""),
        (json!("2020-01-01"), "2020-01-01 00:00:00.000Z"),
    ] {
        assert_eq!(updated(&conn, "posts", json!({"created": sent})).created, want, "{sent}");
    }
    // A name that differs in case only is another name for the same table.
    assert_eq!(updated(&conn, &posts.id, json!({"name": "Posts"})).name, "Posts");
    assert_eq!(text(&conn, "SELECT count(*) || '' FROM posts"), "2");
}

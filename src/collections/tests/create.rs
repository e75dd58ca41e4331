//! Creating collections.

use super::*;

#[test]
fn definitions_are_checked() {
    let conn = database();
    let long = "x".repeat(256);
    for (body, want) in [
        (json!({}), "name=required"),
        (json!({"name": null}), "name=required"),
        (json!({"name": long}), "name=length_out_of_range"),
        (json!({"name": "a_VIA_b"}), "name=found_via"),
        (json!({"name": "a b"}), "name=match_invalid"),
        (json!({"name": "ä"}), "name=match_invalid"),
        (json!({"name": "Users"}), "name=collection_name_exists"),
        (json!({"name": "_pb_users_auth_"}), "name=collection_name_id_duplicate"),
        (json!({"name": "_PARAMS"}), "name=collection_name_invalid"),
        (json!({"name": "sqlite_x"}), "rejected: object name reserved for internal use: sqlite_x"),
        (json!({"name": "n", "id": "a b"}), "id=match_invalid"),
        (json!({"name": "n", "id": "../x"}), "id=match_invalid"),
        (json!({"name": "n", "id": "x".repeat(101)}), "id=length_out_of_range"),
        (json!({"name": "n", "id": "_pb_users_auth_"}), "id=invalid_or_existing_id"),
        (json!({"name": "users", "id": "_pb_users_auth_"}), "id=invalid_or_existing_id name=collection_name_exists"),
        (json!({"name": "n", "type": "graph"}), "type=in_invalid"),
        (json!({"name": 5}), "MalformedType"),
        (json!({"name": "n", "type": 5}), "MalformedType"),
        (json!({"name": "n", "listRule": 5}), "Malformed"),
        (json!({"name": "n", "system": "true"}), "Malformed"),
        (json!({"name": "n", "created": 5}), "Malformed"),
        (json!({"name": "n", "otp": 5}), "Malformed"),
        (json!({"name": "n", "viewQuery": 5}), "Malformed"),
        (json!({"name": "n", "indexes": "x"}), "Malformed"),
        (json!({"name": "n", "indexes": [5]}), "Malformed"),
        (json!({"name": "n", "fields": {}}), "Malformed"),
        (json!({"name": "n", "fields": [null]}), "Malformed"),
        (json!({"name": "n", "fields": [{"name": "a"}]}), "Malformed"),
        (json!({"name": "n", "fields": [{"name": "a", "type": "graph"}]}), "Malformed"),
        (json!({"name": "n", "type": "view", "viewQuery": "select '1' as id", "fields": 5}), "Malformed"),
    ] {
        assert_eq!(codes(try_create(&conn, body.clone())), want, "{body}");
    }
}

#[test]
fn field_lists_are_checked() {
    let conn = database();
    for (fields, want) in [
        (json!([{"type": "text"}]), "fields.1.name=required"),
        (json!([{"type": "text"}, {"type": "text"}]), "fields.2.name=duplicated_field_name"),
        (json!([{"name": "a", "type": "text"}, {"name": "A", "type": "text"}]), "fields.2.name=duplicated_field_name"),
        (
            json!([{"name": "a", "type": "text"}, {"name": "a", "type": "bool", "id": "x"}]),
            "fields.2.name=duplicated_field_name",
        ),
        (json!([{"name": "id", "type": "number"}]), "fields.1.name=duplicated_field_name"),
        (json!([{"id": "text3208210256", "name": "f", "type": "text"}]), "fields=missing_primary_key"),
        (json!([{"id": "text3208210256", "name": "id", "type": "number"}]), "fields=missing_primary_key"),
        (json!([{"name": "a b", "type": "bool"}]), "fields.1.name=match_invalid"),
        (json!([{"name": "null", "type": "bool"}]), "fields.1.name=not_in_invalid"),
        (json!([{"name": "a_via_b", "type": "bool"}]), "fields.1.name=found_via"),
        (json!([{"name": "x".repeat(101), "type": "bool"}]), "fields.1.name=length_out_of_range"),
        (json!([{"name": "r", "type": "relation"}]), "fields.1.collectionId=required"),
        (
            json!([{"name": "r", "type": "relation", "collectionId": "users"}]),
            "fields.1.collectionId=field_relation_missing_collection",
        ),
        (json!([{"name": "s", "type": "select"}]), "fields.1.values=required"),
        (json!([{"name": "d", "type": "autodate"}]), "fields.1.onCreate=required fields.1.onUpdate=required"),
        (
            json!([{"name": "key", "type": "text", "primaryKey": true, "pattern": "x", "required": true}]),
            "fields.0.primaryKey=unsupported_composite_pk fields.1.name=in_invalid \
             fields.1.primaryKey=unsupported_composite_pk",
        ),
        (
            json!([{"name": "a b", "type": "bool"}, {"name": "n", "type": "number", "min": 3, "max": 1}]),
            "fields.1.name=match_invalid fields.2.max=min_number_constraint",
        ),
    ] {
        assert_eq!(codes(try_create(&conn, json!({"name": "n", "fields": fields}))), want, "{fields}");
    }
    let too_many: Vec<Json> = (0..1000).map(|n| json!({"name": format!("f{n}"), "type": "bool"})).collect();
    let body = json!({"name": "n", "fields": too_many});
    assert_eq!(codes(try_create(&conn, body)), "fields=length_out_of_range");
}

#[test]
fn field_lists_are_completed() {
    let conn = database();
    let auth = "password:password tokenKey:text";
    for (number, (kind, fields, want)) in [
        ("base", json!([]), "id:text".to_owned()),
        ("base", json!(null), "id:text".to_owned()),
        ("base", json!([{"name": "a", "type": "text"}, {"name": "id", "type": "text"}]), "a:text id:text".to_owned()),
        // Without ids the later of two fields of one name wins.
        ("base", json!([{"name": "a", "type": "text"}, {"name": "a", "type": "number"}]), "id:text a:number".to_owned()),
        // As does the later of one id, in the place of the first.
        (
            "base",
            json!([{"name": "a", "type": "text", "id": "x"}, {"name": "b", "type": "bool"}, {"name": "c", "type": "url", "id": "x"}]),
            "id:text c:url b:bool".to_owned(),
        ),
        (
            "auth",
            json!([{"name": "title", "type": "text"}]),
            format!("id:text title:text {auth} email:email emailVisibility:bool verified:bool"),
        ),
        (
            "auth",
            json!([{"name": "email", "type": "text"}, {"name": "verified", "type": "bool"}]),
            format!("id:text email:email verified:bool {auth} emailVisibility:bool"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({"name": format!("c{number}"), "type": kind, "fields": fields});
        assert_eq!(field_list(&created(&conn, body.clone())), want, "{body}");
    }
}

#[test]
fn system_fields_are_corrected() {
    let conn = database();
    let fields = json!([
        {"name": "id", "type": "text", "id": "mine", "hidden": true},
        {"name": "tokenKey", "type": "text"},
        {"name": "email", "type": "email", "hidden": true},
    ]);
    let collection = created(&conn, json!({"name": "n", "type": "auth", "fields": fields}));
    let show = |name: &str| {
        let field = collection.find_field(name).unwrap();
        (field.id.as_str(), field.system, field.required, field.hidden)
    };
    assert_eq!(show("id"), ("mine", true, true, false));
    assert_eq!(show("tokenKey"), ("text2504183744", true, true, true));
    assert_eq!(show("email"), ("email3885137012", true, false, false));
    assert_eq!(show("password"), ("password901924565", true, true, true));
    let id = collection.find_field("id").unwrap().to_json();
    assert_eq!((&id["pattern"], &id["min"], &id["max"]), (&json!("^[a-z0-9]+$"), &json!(0), &json!(0)));
}

#[test]
fn ids_are_derived_from_type_and_name() {
    let conn = database();
    assert_eq!(created(&conn, json!({"name": "t1"})).id, "pbc_2109205374");
    updated(&conn, "t1", json!({"name": "t2"}));
    assert_eq!(created(&conn, json!({"name": "t1", "id": ""})).id, "pbc_21092053742");
    assert_eq!(created(&conn, json!({"NAME": "t3", "Id": "own_id", "created": "2000-01-01"})).created, NOW);
    assert!(crate::collections::find(&conn, "own_id").unwrap().is_some());
}

#[test]
fn indexes_are_checked() {
    let conn = database();
    let invalid = "invalid_index_expression";
    for (indexes, want) in [
        (json!(["create index i on n (a)"]), "ok".to_owned()),
        (json!([null]), format!("indexes.0={invalid}")),
        (json!(["garbage"]), format!("indexes.0={invalid}")),
        (json!(["create index on n (a)"]), format!("indexes.0={invalid}")),
        (json!(["create index i on n (nope)"]), format!("indexes.0={invalid}")),
        (json!(["create index i on n (a) where a = 1; drop table users"]), format!("indexes.0={invalid}")),
        (json!(["create index i on n (a) where exists (select 1 from users)"]), format!("indexes.0={invalid}")),
        (json!(["create index i on n (load_extension('x'))"]), format!("indexes.0={invalid}")),
        (json!(["create index i on n (a)", "create index I on n (b)"]), "indexes.1=duplicated_index_name".to_owned()),
        (json!(["create index idx_email__pb_users_auth_ on n (a)"]), "indexes.0=existing_index_name".to_owned()),
        (
            json!(["create index i on n (a)", "create index j on x (`a`)"]),
            "indexes.1=duplicated_index_definition".to_owned(),
        ),
        (
            json!([format!("create index i on n (a) where a != '{}'", "x".repeat(10_000))]),
            format!("indexes.0={invalid}"),
        ),
        (json!(vec!["create index i on n (a)"; 101]), "indexes=length_out_of_range".to_owned()),
    ] {
        let fields = json!([{"name": "a", "type": "text"}, {"name": "b", "type": "text"}]);
        let result = try_create(&conn, json!({"name": "n", "fields": fields, "indexes": indexes}));
        let made = result.is_ok();
        assert_eq!(codes(result), want, "{indexes}");
        if made {
            crate::collections::delete(&conn, "n").unwrap();
        }
    }
}

#[test]
fn indexes_are_stored_as_written_but_for_the_table() {
    let conn = database();
    let body = json!({"name": "n", "indexes": [
        "create  index i on n (id desc)",
        "create unique index if not exists main.j on other (id collate nocase, lower(id)) where id != '' ;",
    ]});
    let collection = created(&conn, body);
    assert_eq!(
        collection.indexes,
        [
            "create  index i on n (id desc)",
            "CREATE UNIQUE INDEX IF NOT EXISTS `main`.`j` ON `n` (\n  `id` COLLATE nocase,\n  lower(id)\n) WHERE id != '' ;",
        ]
    );
    assert_eq!(catalogue(&conn, "n")[1], "CREATE INDEX `i` ON `n` (`id` DESC)");
}

#[test]
fn auth_collections_get_the_indexes_they_lack() {
    let conn = database();
    let own = "create unique index own on n (email)";
    let collection = created(&conn, json!({"name": "n", "type": "auth", "indexes": [own]}));
    let token_key = format!("CREATE UNIQUE INDEX `idx_tokenKey_{}` ON `n` (`tokenKey`)", collection.id);
    assert_eq!(collection.indexes, [own.to_owned(), token_key]);
    let collection = created(&conn, json!({"name": "m", "type": "auth", "id": "x".repeat(100)}));
    assert!(collection.indexes[0].starts_with(&format!("CREATE UNIQUE INDEX `idx_tokenKey_{}` ON", "x".repeat(51))));
}

#[test]
fn auth_options_are_checked() {
    let conn = database();
    let provider = |name: &str| json!({"name": name, "clientId": "a", "clientSecret": "b"});
    for (options, want) in [
        (json!({"manageRule": ""}), "manageRule=nil_or_not_empty_required"),
        (json!({"authRule": null, "manageRule": "id != ''"}), "ok"),
        (json!({"mfa": {"enabled": true}}), "mfa.enabled=mfa_not_enough_auths"),
        // Later phases wait for the earlier ones.
        (
            json!({"mfa": {"enabled": true, "duration": 5}, "passwordAuth": {"identityFields": ["nope"]}}),
            "mfa.duration=min_greater_equal_than_required",
        ),
        (json!({"mfa": {"enabled": true, "duration": 86_401}}), "mfa.duration=max_less_equal_than_required"),
        (json!({"mfa": {"duration": 5}}), "ok"),
        (json!({"mfa": {"enabled": true}, "otp": {"enabled": true}}), "ok"),
        (
            json!({"otp": {"enabled": true, "duration": 9, "length": 3}}),
            "otp.duration=min_greater_equal_than_required otp.length=min_greater_equal_than_required",
        ),
        (json!({"otp": {"enabled": true, "duration": 0, "length": 0}}), "otp.duration=required otp.length=required"),
        (json!({"otp": {"emailTemplate": {"body": ""}}}), "otp.emailTemplate.body=required"),
        (
            json!({"authAlert": {"enabled": false, "emailTemplate": {"subject": ""}}}),
            "authAlert.emailTemplate.subject=required",
        ),
        (
            json!({"verificationTemplate": {"subject": "", "body": ""}}),
            "verificationTemplate.body=required verificationTemplate.subject=required",
        ),
        (json!({"resetPasswordTemplate": {"body": ""}}), "resetPasswordTemplate.body=required"),
        (json!({"confirmEmailChangeTemplate": {"body": ""}}), "confirmEmailChangeTemplate.body=required"),
        (
            json!({"authToken": {"secret": "short", "duration": 5}}),
            "authToken.duration=min_greater_equal_than_required authToken.secret=length_out_of_range",
        ),
        (json!({"fileToken": {"secret": "", "duration": 0}}), "fileToken.duration=required fileToken.secret=required"),
        (
            json!({"verificationToken": {"duration": 94_670_857}}),
            "verificationToken.duration=max_less_equal_than_required",
        ),
        (json!({"passwordResetToken": {"secret": "x".repeat(256)}}), "passwordResetToken.secret=length_out_of_range"),
        (json!({"passwordAuth": {"identityFields": []}}), "passwordAuth.identityFields=required"),
        (json!({"passwordAuth": {"identityFields": ["nope"]}}), "passwordAuth.identityFields=missing_field"),
        (
            json!({"passwordAuth": {"identityFields": ["email", "id"]}}),
            "passwordAuth.identityFields=missing_unique_constraint",
        ),
        (json!({"passwordAuth": {"enabled": false, "identityFields": ["nope"]}}), "ok"),
        (json!({"oauth2": {"enabled": true}}), "ok"),
        (json!({"oauth2": {"enabled": false, "providers": [provider("nope")]}}), "ok"),
        (json!({"oauth2": {"enabled": true, "providers": [provider("google"), provider("oidc3")]}}), "ok"),
        (
            json!({"oauth2": {"enabled": true, "providers": [provider("nope")]}}),
            "oauth2.providers.0.name=missing_provider",
        ),
        (
            json!({"oauth2": {"enabled": true, "providers": [provider("vk"), provider("vk")]}}),
            "oauth2.providers.1.name=duplicated_provider",
        ),
        (
            json!({"oauth2": {"enabled": true, "providers": [{"authURL": "x", "tokenURL": "y", "userInfoURL": "z"}]}}),
            "oauth2.providers.0.authURL=is_url oauth2.providers.0.clientId=required \
             oauth2.providers.0.clientSecret=required oauth2.providers.0.name=required \
             oauth2.providers.0.tokenURL=is_url oauth2.providers.0.userInfoURL=is_url",
        ),
        (json!({"fields": [{"name": "oldPassword", "type": "text"}]}), "fields.1.name=reserved_field_name"),
        (json!({"fields": [{"name": "passwordConfirm", "type": "text"}]}), "fields.1.name=reserved_field_name"),
    ] {
        let mut body = object(options.clone());
        body.extend(object(json!({"name": "n", "type": "auth"})));
        let result = try_create(&conn, Json::Object(body));
        let made = result.is_ok();
        assert_eq!(codes(result), want, "{options}");
        if made {
            crate::collections::delete(&conn, "n").unwrap();
        }
    }
}

#[test]
fn mapped_fields_that_do_not_exist_are_reset() {
    let conn = database();
    let mapped = json!({"id": "nope", "name": "nick", "username": "nope"});
    let body = json!({"name": "n", "type": "auth", "oauth2": {"mappedFields": mapped},
        "fields": [{"name": "nick", "type": "text"}]});
    let collection = created(&conn, body);
    let mapped = &auth_options(&collection).oauth2.mapped_fields;
    assert_eq!((mapped.id.as_str(), mapped.name.as_str(), mapped.username.as_str()), ("", "nick", ""));
}

#[test]
fn an_index_over_every_kind_of_expression_is_possible() {
    let conn = database();
    let fields = json!([{"name": "a", "type": "text"}, {"name": "j", "type": "json"}]);
    let indexes =
        json!(["create index i on n (lower(a), json_extract(j, '$.x,)') desc) where length(a) > 2 and j is not null"]);
    created(&conn, json!({"name": "n", "fields": fields, "indexes": indexes}));
}

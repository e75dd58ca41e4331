//! Importing collections.

use super::*;
use crate::collections::{get, import, store};

fn try_import(conn: &Connection, collections: Json, delete_missing: bool) -> String {
    let body = object(json!({"collections": collections, "deleteMissing": delete_missing}));
    match in_savepoint(conn, || import(conn, LATER, &body)) {
        Ok(imported) => {
            let deleted: Vec<String> = imported.deleted.into_iter().map(|deleted| deleted.name).collect();
            format!("ok {}", deleted.join(" ")).trim_end().to_owned()
        }
        Err(error) => codes::<()>(Err(error)),
    }
}

#[test]
fn the_request_is_checked() {
    let conn = database();
    for (body, want) in [
        (json!({}), "collections=required"),
        (json!({"collections": []}), "collections=required"),
        (json!({"collections": null}), "collections=required"),
        (json!({"collections": {}}), "Malformed"),
        (json!({"collections": [5]}), "Malformed"),
        (json!({"collections": [{}], "deleteMissing": "x"}), "Malformed"),
    ] {
        assert_eq!(codes(in_savepoint(&conn, || import(&conn, LATER, &object(body.clone())))), want, "{body}");
    }
}

#[test]
fn relations_resolve_in_any_order() {
    let conn = database();
    let relation = |id: &str| json!([{"name": "rel", "type": "relation", "collectionId": id}]);
    let items = json!([
        {"name": "v", "type": "view", "viewQuery": "select id, rel from a"},
        {"id": "aaa", "name": "a", "fields": relation("bbb")},
        {"id": "bbb", "name": "b", "fields": relation("bbb")},
    ]);
    assert_eq!(try_import(&conn, items, false), "ok");
    assert_eq!(field_list(&get(&conn, "v").unwrap()), "id:text rel:relation");
    assert_eq!(get(&conn, "a").unwrap().created, LATER);
}

#[test]
fn stored_fields_stay_unless_missing_ones_are_deleted() {
    let conn = database();
    posts(&conn);
    let titles = |conn: &Connection| text(conn, "SELECT group_concat(title) FROM posts");
    let items = json!([{"name": "posts", "fields": [
        {"name": "extra", "type": "bool"}, {"id": "new", "name": "title", "type": "text", "max": 9},
    ]}]);
    assert_eq!(try_import(&conn, items.clone(), false), "ok");
    assert_eq!(field_list(&get(&conn, "posts").unwrap()), "extra:bool title:text id:text rank:number tags:select");
    assert_eq!(titles(&conn), "one,two");
    let max = |conn: &Connection| get(conn, "posts").unwrap().find_field("title").unwrap().to_json()["max"].clone();
    assert_eq!(max(&conn), json!(0));
    let delete_users = "ok users";
    assert_eq!(try_import(&conn, items, true), delete_users);
    assert_eq!(field_list(&get(&conn, "posts").unwrap()), "extra:bool title:text id:text");
    assert_eq!(max(&conn), json!(9));
    assert_eq!(titles(&conn), "one,two");
    assert_eq!(try_import(&conn, json!([{"name": "posts"}]), true), "ok");
    assert_eq!(field_list(&get(&conn, "posts").unwrap()), "id:text");
    assert_eq!(store::load_all(&conn).unwrap().len(), 6, "system collections stay");
}

#[test]
fn secrets_that_are_not_in_the_import_stay() {
    let conn = database();
    let provider = json!({"name": "google", "clientId": "id", "clientSecret": "secret"});
    let before = updated(&conn, "users", json!({"oauth2": {"providers": [provider]}}));
    let exported: Json = serde_json::from_str(&before.to_api_json()).unwrap();
    assert_eq!(try_import(&conn, json!([exported]), false), "ok");
    let after = get(&conn, "users").unwrap();
    assert_eq!(after.kind, before.kind);
    assert_eq!(after.fields, before.fields);
    assert_eq!(after.indexes, before.indexes);
}

#[test]
fn everything_exported_can_be_imported_into_a_new_folder() {
    let (from, to) = (database(), database());
    posts(&from);
    created(&from, json!({"name": "v", "type": "view", "viewQuery": "select id, title from posts"}));
    updated(&from, "posts", json!({"indexes": ["CREATE INDEX `by_rank` ON `posts` (`rank`)"]}));
    let export = |conn: &Connection| -> Vec<Json> {
        let all = store::load_all(conn).unwrap();
        all.iter().map(|collection| serde_json::from_str(&collection.to_api_json()).unwrap()).collect()
    };
    assert_eq!(try_import(&to, Json::Array(export(&from)), true), "ok");
    let strip = |mut collections: Vec<Json>| {
        for collection in &mut collections {
            collection["created"] = json!("");
            collection["updated"] = json!("");
            if collection["type"] == "view" {
                collection["fields"].as_array_mut().unwrap().iter_mut().for_each(|field| field["id"] = json!(""));
            }
        }
        collections
    };
    assert_eq!(strip(export(&to)), strip(export(&from)));
}

#[test]
fn indexes_that_sqlite_refuses_are_named() {
    let conn = database();
    let items = json!([{"name": "n", "indexes": ["create index i on n (nope)"]}]);
    assert_eq!(try_import(&conn, items, false), "indexes.0=invalid_index_expression");
}

#[test]
fn a_view_that_is_ahead_of_its_stored_query_can_be_imported() {
    let conn = database();
    let posts = posts(&conn);
    created(&conn, json!({"name": "v", "type": "view", "viewQuery": "select id, title from posts"}));
    let mut field = Json::Object(posts.fields[1].to_json());
    field["name"] = json!("heading");
    updated(&conn, "posts", json!({"fields": [field]}));
    let items = ["posts", "v"].map(|name| serde_json::from_str(&get(&conn, name).unwrap().to_api_json()).unwrap());
    assert_eq!(try_import(&conn, Json::Array(items.into()), false), "ok");
    assert_eq!(text(&conn, "SELECT group_concat(title) FROM v"), "one,two");
}

#[test]
fn one_fault_takes_everything_back() {
    let conn = database();
    posts(&conn);
    let before = store::load_all(&conn).unwrap();
    for (bad, want) in [
        (json!({"name": "a b"}), "validation_match_invalid"),
        (json!({"name": "_params"}), "already exists"),
        (json!({"name": "_larder_x", "id": "../x"}), "validation_match_invalid"),
        (json!({"name": "n", "type": "graph"}), "validation_in_invalid"),
        (json!({"id": "own_name", "name": "own_name"}), "name_id_duplicate"),
        (json!(null), "validation_required"),
        (
            json!({"name": "n", "fields": [{"id": "text3208210256", "name": "f", "type": "text"}]}),
            "missing_primary_key",
        ),
        (
            json!({"name": "posts", "fields": [{"id": "text3208210256", "name": "f", "type": "text"}]}),
            "missing_primary_key",
        ),
        (json!({"name": "n", "listRule": 1}), "malformed"),
        (
            json!({"name": "n", "fields": [{"name": "r", "type": "relation", "collectionId": "nope"}]}),
            "missing_collection",
        ),
        (json!({"name": "v", "type": "view", "viewQuery": "select 1"}), "viewQuery: it has no `id` column"),
        (json!({"name": "_mfas", "listRule": ""}), "system_rule_change"),
        (json!({"name": "users", "system": true}), "system_flag_change"),
    ] {
        let good = json!({"name": "good"});
        let answer = try_import(&conn, json!([good, bad]), true);
        assert!(answer.starts_with("Import(") && answer.contains(want), "{bad}: {answer}");
        assert_eq!(store::load_all(&conn).unwrap(), before, "{bad}");
    }
}

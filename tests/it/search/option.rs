//! The option `search` of collections.

use serde_json::{Value as Json, json};

use super::posts;
use crate::server::TestServer;

#[tokio::test]
async fn the_option_is_stored_shown_changed_and_switched_off() {
    let server = TestServer::start();
    let root = server.superuser().await;
    posts(&root).await;
    let shown = || async { root.get("/api/collections/posts").await.expect(200)["search"].clone() };
    let whole = json!({
        "fields": [{"name": "title", "weight": 3.0}, {"name": "body", "weight": 1.0}],
        "language": "", "facets": ["status"], "prefix": true, "typos": true,
    });
    assert_eq!(shown().await, whole);
    for (what, body, want) in [
        ("a change of something else", json!({"listRule": null}), whole.clone()),
        ("one key", json!({"search": {"language": "english"}}), {
            let mut with_language = whole.clone();
            with_language["language"] = json!("english");
            with_language
        }),
        (
            "all keys",
            json!({"search": {"fields": ["body"], "language": "", "facets": [], "prefix": false, "typos": false}}),
            json!({"fields": [{"name": "body", "weight": 1.0}], "language": "", "facets": [], "prefix": false,
                "typos": false}),
        ),
        ("null", json!({"search": null}), Json::Null),
    ] {
        root.patch("/api/collections/posts", body).await.expect(200);
        assert_eq!(shown().await, want, "{what}");
    }
    for off in [json!({}), json!({"fields": []}), json!({"fields": null})] {
        root.patch("/api/collections/posts", json!({"search": {"fields": ["title"]}})).await.expect(200);
        assert_eq!(shown().await["fields"], json!([{"name": "title", "weight": 1.0}]));
        let patched = root.patch("/api/collections/posts", json!({"search": off})).await.expect(200);
        assert!(!patched.as_object().unwrap().contains_key("search"), "{off}");
    }
    // Whoever does not know of it never sees it.
    assert!(!root.get("/api/collections/users").await.text.contains("\"search\""));
    assert!(!root.get("/api/collections/meta/scaffolds").await.text.contains("\"search\""));
}

#[tokio::test]
async fn the_option_survives_a_restart_and_moves_with_an_export() {
    let server = TestServer::start();
    let root = server.superuser().await;
    posts(&root).await;
    root.patch("/api/collections/users", json!({"search": {"fields": ["name", "email"]}})).await.expect(200);
    let exported = root.get("/api/collections?perPage=200").await.expect(200)["items"].clone();
    let folder = server.stop();
    let config = crate::server::config(&folder);
    let server = TestServer::with(folder, config);
    let root = server.superuser().await;
    assert_eq!(root.get("/api/collections?perPage=200").await.expect(200)["items"], exported);

    let other = TestServer::start();
    let other_root = other.superuser().await;
    other_root.put("/api/collections/import", json!({"collections": exported})).await.expect(204);
    for name in ["posts", "users"] {
        let path = format!("/api/collections/{name}");
        let (here, there) = (root.get(&path).await.expect(200), other_root.get(&path).await.expect(200));
        assert_eq!(here["search"], there["search"], "{name}");
        assert!(!here["search"].is_null(), "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_searched_is_refused_by_name() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let many_fields: Vec<Json> = (0..33).map(|n| json!({"name": format!("t{n}"), "type": "text"})).collect();
    let mut fields = json!([
        {"name": "title", "type": "text"}, {"name": "photo", "type": "file"}, {"name": "place", "type": "geoPoint"},
        {"name": "on", "type": "bool"}, {"name": "secret", "type": "password"},
    ]);
    fields.as_array_mut().unwrap().extend(many_fields);
    root.open_collection("things", fields).await;
    root.post("/api/collections", json!({"name": "v", "type": "view", "viewQuery": "select id from things"}))
        .await
        .expect(200);
    let many: Vec<String> = (0..33).map(|n| format!("t{n}")).collect();
    for (collection, search, want) in [
        ("things", json!({"fields": ["nope"]}), json!({"fields": {"0": {"name": "validation_missing_field"}}})),
        ("things", json!({"fields": [""]}), json!({"fields": {"0": {"name": "validation_required"}}})),
        (
            "things",
            json!({"fields": ["title", "title"]}),
            json!({"fields": {"1": {"name": "validation_duplicated_field_name"}}}),
        ),
        ("things", json!({"fields": ["photo"]}), json!({"fields": {"0": {"name": "validation_unsupported_field"}}})),
        ("things", json!({"fields": ["place"]}), json!({"fields": {"0": {"name": "validation_unsupported_field"}}})),
        ("things", json!({"fields": ["on"]}), json!({"fields": {"0": {"name": "validation_unsupported_field"}}})),
        ("things", json!({"fields": ["secret"]}), json!({"fields": {"0": {"name": "validation_unsupported_field"}}})),
        ("users", json!({"fields": ["tokenKey"]}), json!({"fields": {"0": {"name": "validation_unsupported_field"}}})),
        ("users", json!({"fields": ["password"]}), json!({"fields": {"0": {"name": "validation_unsupported_field"}}})),
        (
            "things",
            json!({"fields": [{"name": "title", "weight": 0}]}),
            json!({"fields": {"0": {"weight": "validation_length_out_of_range"}}}),
        ),
        (
            "things",
            json!({"fields": [{"name": "title", "weight": 101}]}),
            json!({"fields": {"0": {"weight": "validation_length_out_of_range"}}}),
        ),
        ("things", json!({"fields": many}), json!({"fields": "validation_length_out_of_range"})),
        ("things", json!({"fields": ["title"], "language": "klingon"}), json!({"language": "validation_in_invalid"})),
        (
            "things",
            json!({"fields": ["title"], "facets": ["title"]}),
            json!({"facets": {"0": "validation_unsupported_field"}}),
        ),
        (
            "things",
            json!({"fields": ["title"], "facets": ["on", "on"]}),
            json!({"facets": {"1": "validation_duplicated_field_name"}}),
        ),
        ("things", json!({"fields": ["title"], "facets": ["x"]}), json!({"facets": {"0": "validation_missing_field"}})),
        ("v", json!({"fields": ["id"]}), json!("validation_search_unsupported")),
        ("_superusers", json!({"fields": ["email"]}), json!("validation_search_unsupported")),
    ] {
        let refused = root.patch(&format!("/api/collections/{collection}"), json!({"search": search})).await;
        let body = refused.expect(400);
        assert_eq!(codes(&body["data"]["search"]), want, "{collection}: {search}");
    }
    for search in [json!(1), json!([]), json!({"fields": "title"}), json!({"fields": [1]}), json!({"prefix": 1})] {
        root.patch("/api/collections/things", json!({"search": search})).await.expect(400);
    }
    // A view without it is as before.
    root.patch("/api/collections/v", json!({"search": null})).await.expect(200);
}

/// Only the codes of a tree of errors.
fn codes(errors: &Json) -> Json {
    match errors.as_object() {
        Some(issue) if issue.contains_key("code") => issue["code"].clone(),
        Some(group) => group.iter().map(|(key, value)| (key.clone(), codes(value))).collect(),
        None => Json::Null,
    }
}

#[tokio::test]
async fn the_option_follows_its_fields() {
    let server = TestServer::start();
    let root = server.superuser().await;
    posts(&root).await;
    let collection = root.get("/api/collections/posts").await.expect(200);
    let fields = |change: &dyn Fn(&mut Json)| {
        let mut fields = collection["fields"].clone();
        fields.as_array_mut().unwrap().iter_mut().for_each(change);
        fields
    };
    let rename = |from: &'static str, to: &'static str| {
        move |field: &mut Json| {
            if field["name"] == from {
                field["name"] = json!(to);
            }
        }
    };
    // A client that does not know the option renames, and sends back what it got or leaves it out.
    let renamed = fields(&rename("title", "headline"));
    let patched = root.patch("/api/collections/posts", json!({"fields": renamed})).await.expect(200);
    assert_eq!(
        patched["search"]["fields"],
        json!([{"name": "headline", "weight": 3.0}, {"name": "body", "weight": 1.0}])
    );
    let swapped = fields(&|field| match field["name"].as_str() {
        Some("title") => field["name"] = json!("body"),
        Some("body") => field["name"] = json!("title"),
        _ => {}
    });
    let body = json!({"fields": swapped, "search": patched["search"]});
    let patched = root.patch("/api/collections/posts", body).await.expect(200);
    assert_eq!(patched["search"]["fields"], json!([{"name": "body", "weight": 3.0}, {"name": "title", "weight": 1.0}]));
    // One that knows it says what it means.
    let body = json!({"fields": collection["fields"], "search": {"fields": [{"name": "title", "weight": 2}]}});
    let patched = root.patch("/api/collections/posts", body).await.expect(200);
    assert_eq!(patched["search"]["fields"], json!([{"name": "title", "weight": 2.0}]));
    // Removed fields and facets go; without a field nothing is searched.
    let without = |name: &'static str| -> Vec<Json> {
        collection["fields"].as_array().unwrap().iter().filter(|field| field["name"] != name).cloned().collect()
    };
    let body = json!({"fields": without("status"), "search": patched["search"]});
    let patched = root.patch("/api/collections/posts", body).await.expect(200);
    assert_eq!(patched["search"]["facets"], json!([]));
    let patched = root.patch("/api/collections/posts", json!({"fields": without("title")})).await.expect(200);
    assert!(patched.get("search").is_none(), "{patched}");
}

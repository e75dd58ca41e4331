//! Records: lists, relations, cascades, passwords. What the official client covers is in `tests/sdk`.

use serde_json::{Value as Json, json};

use crate::server::{Client, TestServer};

async fn create(client: &Client, collection: &str, body: Json) -> String {
    let made = client.post(&format!("/api/collections/{collection}/records"), body).await.expect(200);
    made["id"].as_str().unwrap().to_owned()
}

async fn total(client: &Client, collection: &str) -> i64 {
    client.get(&format!("/api/collections/{collection}/records")).await.expect(200)["totalItems"].as_i64().unwrap()
}

#[tokio::test]
async fn list_parameters() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.open_collection("items", json!([{"name": "n", "type": "number"}, {"name": "t", "type": "text"}])).await;
    for n in 1..=5 {
        create(&root, "items", json!({"n": n, "t": if n % 2 == 0 { "b" } else { "a" }})).await;
    }
    let guest = server.guest();
    for (query, status, numbers) in [
        ("sort=-n", 200, json!([5, 4, 3, 2, 1])),
        ("sort=t,-n", 200, json!([5, 3, 1, 4, 2])),
        ("sort=%2Bn&perPage=2&page=2", 200, json!([3, 4])),
        ("sort=@rowid&perPage=2&page=99", 200, json!([])),
        ("sort=-@rowid", 200, json!([5, 4, 3, 2, 1])),
        ("page=-5&perPage=1&sort=n", 200, json!([1])),
        ("page=x", 400, Json::Null),
        ("perPage=1.5", 400, Json::Null),
        ("page=9223372036854775807&perPage=1000", 200, json!([])),
        ("page=99999999999999999999", 400, Json::Null),
        ("sort=nope", 400, Json::Null),
        ("sort=n;drop table items", 400, Json::Null),
        ("sort=n,n,n,n,n,n,n,n,n", 400, Json::Null),
        ("filter=n>3&sort=n", 200, json!([4, 5])),
        ("filter=n>", 400, Json::Null),
        ("skipTotal=maybe", 400, Json::Null),
        ("unknown=1&sort=n&perPage=1", 200, json!([1])),
    ] {
        let answer = guest.get(&format!("/api/collections/items/records?{query}")).await;
        assert_eq!(answer.status.as_u16(), status, "{query}: {}", answer.text);
        if status == 200 {
            let got: Vec<&Json> = answer.body["items"].as_array().unwrap().iter().map(|i| &i["n"]).collect();
            assert_eq!(json!(got), numbers, "{query}");
        }
    }
    let page = guest.get("/api/collections/items/records?perPage=2").await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalPages"]), (&json!(5), &json!(3)));
    let page = guest.get("/api/collections/items/records?perPage=2&skipTotal=1").await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalPages"]), (&json!(-1), &json!(-1)));
    let page = guest.get("/api/collections/items/records?fields=n&sort=n&perPage=1").await.expect(200);
    assert_eq!(page["items"], json!([{"n": 1}]));
    assert_eq!(page["totalItems"], 5, "the envelope stays");
}

#[tokio::test]
async fn ids_are_in_order_of_creation() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.open_collection("items", json!([])).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(create(&root, "items", json!({})).await);
    }
    assert!(ids.iter().all(|id| id.len() == 15 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())));
    assert!(ids.iter().all(|id| id[..4] == ids[0][..4]), "they begin with the time: {ids:?}");
}

/// Makes `tags` and `posts`, where a post has a single relation and a multiple one to tags.
async fn related(root: &Client, single: Json, multiple: Json) {
    let tags = root.open_collection("tags", json!([])).await;
    let field = |name: &str, max: u32, options: Json| {
        let mut field = json!({"name": name, "type": "relation", "collectionId": tags["id"], "maxSelect": max});
        field.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        field
    };
    root.open_collection("posts", json!([field("one", 1, single), field("many", 9, multiple)])).await;
}

#[tokio::test]
async fn deleting_releases_or_cascades_or_is_refused() {
    for (name, single, multiple, post, status, want) in [
        ("released", json!({}), json!({}), json!({"one": "a", "many": ["a", "b"]}), 204, json!([["", ["b"]]])),
        ("cascade by single", json!({"cascadeDelete": true}), json!({}), json!({"one": "a"}), 204, json!([])),
        ("cascade by last", json!({}), json!({"cascadeDelete": true}), json!({"many": ["a"]}), 204, json!([])),
        (
            "not the last",
            json!({}),
            json!({"cascadeDelete": true}),
            json!({"many": ["a", "b"]}),
            204,
            json!([["", ["b"]]]),
        ),
        ("required", json!({"required": true}), json!({}), json!({"one": "a"}), 400, json!([["a", []]])),
        (
            "required, others left",
            json!({}),
            json!({"required": true}),
            json!({"many": ["a", "b"]}),
            204,
            json!([["", ["b"]]]),
        ),
    ] {
        let server = TestServer::start();
        let root = server.superuser().await;
        related(&root, single, multiple).await;
        let id = |letter: &str| letter.repeat(15);
        for letter in ["a", "b"] {
            create(&root, "tags", json!({"id": id(letter)})).await;
        }
        let long = |value: &Json| match value {
            Json::String(letter) => json!(id(letter)),
            Json::Array(letters) => letters.iter().map(|l| json!(id(l.as_str().unwrap()))).collect(),
            _ => Json::Null,
        };
        create(&root, "posts", json!({"one": long(&post["one"]), "many": long(&post["many"])})).await;
        let gone = root.delete(&format!("/api/collections/tags/records/{}", id("a"))).await;
        assert_eq!(gone.status.as_u16(), status, "{name}: {}", gone.text);
        let left = root.get("/api/collections/posts/records").await.expect(200);
        let short = |value: &Json| match value {
            Json::String(id) => json!(id.get(..1).unwrap_or_default()),
            Json::Array(ids) => ids.iter().map(|i| json!(i.as_str().unwrap()[..1])).collect(),
            _ => Json::Null,
        };
        let items = left["items"].as_array().unwrap();
        let got: Vec<Json> = items.iter().map(|p| json!([short(&p["one"]), short(&p["many"])])).collect();
        assert_eq!(json!(got), want, "{name}");
        assert_eq!(total(&root, "tags").await, if status == 204 { 1 } else { 2 }, "{name}");
    }
}

#[tokio::test]
async fn a_long_chain_of_cascades_does_not_exhaust_the_stack() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let links = root.open_collection("links", json!([])).await;
    let field = json!({"name": "before", "type": "relation", "collectionId": links["id"], "cascadeDelete": true});
    let mut fields = links["fields"].as_array().unwrap().clone();
    fields.push(field);
    root.patch(
        "/api/collections/links",
        json!({"fields": fields, "indexes": ["create index i_before on links (before)"]}),
    )
    .await
    .expect(200);
    let mut writes = tokio::task::JoinSet::new();
    let id = |n: usize| format!("{n:015}");
    // The relation is not checked against a record of the same moment, so the chain is made link by link, in order.
    create(&root, "links", json!({"id": id(0)})).await;
    for n in 1..300 {
        let (root, body) = (root.clone(), json!({"id": id(n), "before": id(n - 1)}));
        if n % 50 == 0 {
            writes.spawn(async move { create(&root, "links", body).await });
            while writes.join_next().await.is_some() {}
        } else {
            create(&root, "links", body).await;
        }
    }
    root.delete(&format!("/api/collections/links/records/{}", id(0))).await.expect(204);
    assert_eq!(total(&root, "links").await, 0);
}

#[tokio::test]
async fn unique_violations_name_their_fields() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let made =
        root.open_collection("pairs", json!([{"name": "a", "type": "text"}, {"name": "b", "type": "text"}])).await;
    let index = json!({"indexes": ["create unique index pair on pairs (a, b)"]});
    root.patch(&format!("/api/collections/{}", made["id"].as_str().unwrap()), index).await.expect(200);
    let path = "/api/collections/pairs/records";
    root.post(path, json!({"id": "aaaaaaaaaaaaaaa", "a": "1", "b": "2"})).await.expect(200);
    let answer = root.post(path, json!({"a": "1", "b": "2"})).await;
    assert_eq!(answer.codes(), json!({"a": "validation_not_unique", "b": "validation_not_unique"}));
    let answer = root.post(path, json!({"id": "aaaaaaaaaaaaaaa"})).await;
    assert_eq!(answer.codes(), json!({"id": "validation_not_unique"}));
    assert_eq!(total(&root, "pairs").await, 1);
}

#[tokio::test]
async fn a_refused_write_leaves_nothing() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.open_collection("items", json!([{"name": "n", "type": "number", "max": 5}])).await;
    let id = create(&root, "items", json!({"n": 1})).await;
    let path = format!("/api/collections/items/records/{id}");
    let before = root.get(&path).await.expect(200);
    let answer = root.patch(&path, json!({"n": 9})).await;
    assert_eq!(answer.codes(), json!({"n": "validation_max_number_constraint"}));
    assert_eq!(root.get(&path).await.expect(200), before);
    root.post("/api/collections/items/records", json!({"n": 9})).await.expect(400);
    assert_eq!(total(&root, "items").await, 1);
}

#[tokio::test]
async fn changing_a_field_is_seen_by_the_next_request() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let made = root.open_collection("items", json!([{"name": "old", "type": "text"}])).await;
    let id = create(&root, "items", json!({"old": "kept"})).await;
    let mut fields = made["fields"].clone();
    fields[1]["name"] = json!("new");
    root.patch("/api/collections/items", json!({"fields": fields, "name": "things"})).await.expect(200);
    let record = server.guest().get(&format!("/api/collections/things/records/{id}")).await.expect(200);
    assert_eq!((&record["new"], record.get("old")), (&json!("kept"), None));
    server.guest().get(&format!("/api/collections/items/records/{id}")).await.expect(404);
}

#[tokio::test]
async fn a_record_that_goes_along_does_not_hold_its_target_up() {
    let server = TestServer::start();
    let root = server.superuser().await;
    related(&root, json!({"cascadeDelete": true}), json!({"required": true})).await;
    let tag = create(&root, "tags", json!({})).await;
    create(&root, "posts", json!({"one": tag, "many": [tag]})).await;
    root.delete(&format!("/api/collections/tags/records/{tag}")).await.expect(204);
    assert_eq!(total(&root, "posts").await, 0);
}

#[tokio::test]
async fn large_lists_and_picks_are_whole() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.open_collection("pages", json!([{"name": "body", "type": "editor"}])).await;
    for n in 0..8 {
        create(&root, "pages", json!({"id": format!("page{n:011}"), "body": "x".repeat(200_000)})).await;
    }
    let guest = server.guest();
    let listed = guest.get("/api/collections/pages/records").await.expect(200);
    assert!(listed["items"].as_array().unwrap().iter().all(|p| p["body"].as_str().unwrap().len() == 200_000));
    let picked = guest.get("/api/collections/pages/records?fields=id&sort=id").await.expect(200);
    assert_eq!((&picked["items"][7], &picked["totalItems"]), (&json!({"id": "page00000000007"}), &json!(8)));
}

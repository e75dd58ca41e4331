//! One question to several collections.

use larder::search::MAX_COLLECTIONS;
use serde_json::json;

use super::{add, caught_up, searched, values};
use crate::server::{Client, TestServer};

async fn fill(server: &TestServer, root: &Client) {
    let fields = json!([{"name": "title", "type": "text"}, {"name": "secret", "type": "text", "hidden": true}]);
    for name in ["posts", "pages", "locked", "ruled"] {
        let id = searched(root, name, fields.clone(), json!({"fields": ["title", "secret"]})).await;
        for n in 0..3 {
            let filler = "and more words ".repeat(n);
            let record = json!({"title": format!("fox {n} of {name} {filler}"), "secret": "treasure"});
            add(root, name, record).await;
        }
        caught_up(server, root, &id).await;
    }
    root.patch("/api/collections/locked", json!({"listRule": null})).await.expect(200);
    root.patch("/api/collections/ruled", json!({"listRule": "title ~ '1 of'"})).await.expect(200);
}

#[tokio::test]
async fn collections_are_merged_under_their_own_rules() {
    let server = TestServer::start();
    let root = server.superuser().await;
    fill(&server, &root).await;
    let guest = server.guest();
    let page = guest.get("/api/search?q=fox&highlight=title&perPage=50").await.expect(200);
    let names = values(&page, "collectionName");
    let count = |name: &str| names.iter().filter(|n| **n == name).count();
    assert_eq!((count("posts"), count("pages"), count("ruled"), count("locked")), (3, 3, 1, 0), "{page}");
    assert_eq!(page["totalItems"], 7);
    let items = page["items"].as_array().unwrap();
    let scores: Vec<f64> = items.iter().map(|item| item["@search"]["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    // The best of each comes first.
    assert_eq!(scores[..3], [1.0, 1.0, 1.0], "{page}");
    assert!(items.iter().all(|i| i["@search"]["highlights"]["title"].as_str().unwrap().contains("<mark>fox</mark>")));

    let mut pages = Vec::new();
    for n in 1..=3 {
        let part = guest.get(&format!("/api/search?q=fox&perPage=3&page={n}&fields=id")).await.expect(200);
        pages.extend(values(&part, "id").into_iter().map(str::to_owned));
    }
    assert_eq!(pages, values(&page, "id"));

    let page = guest.get("/api/search?q=fox&collections=pages,pages").await.expect(200);
    assert_eq!(page["totalItems"], 3);
    let page = root.get("/api/search?q=fox").await.expect(200);
    assert_eq!(page["totalItems"], 12);
    // What is hidden matches for superusers.
    assert_eq!(guest.get("/api/search?q=treasure").await.expect(200)["totalItems"], 0);
    assert_eq!(root.get("/api/search?q=treasure&highlight=secret").await.expect(200)["totalItems"], 12);
    assert_eq!(guest.get("/api/search?q=").await.expect(200)["totalItems"], 0);
}

#[tokio::test]
async fn what_is_named_and_denied_is_an_error() {
    let server = TestServer::start();
    let root = server.superuser().await;
    fill(&server, &root).await;
    let guest = server.guest();
    let many = vec!["posts"; 21].join(",");
    for (collections, status) in
        [("locked", 403), ("posts,locked", 403), ("nope", 404), ("users", 400), ("ruled", 200), (many.as_str(), 400)]
    {
        let answer = guest.get(&format!("/api/search?q=fox&collections={collections}")).await;
        assert_eq!(answer.status.as_u16(), status, "{collections}: {}", answer.text);
    }
}

#[tokio::test]
async fn without_collections_there_is_nothing() {
    let server = TestServer::start();
    let page = server.guest().get("/api/search?q=fox").await.expect(200);
    assert_eq!((&page["items"], &page["totalItems"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn those_who_may_list_few_collections_search_those() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([{"name": "title", "type": "text"}]);
    for n in 0..=MAX_COLLECTIONS {
        let id = searched(&root, &format!("c{n}"), fields.clone(), json!({"fields": ["title"]})).await;
        if n == 0 {
            add(&root, "c0", json!({"title": "fox"})).await;
            caught_up(&server, &root, &id).await;
        } else {
            root.patch(&format!("/api/collections/{id}"), json!({"listRule": null})).await.expect(200);
        }
    }
    assert_eq!(server.guest().get("/api/search?q=fox").await.expect(200)["totalItems"], 1);
    let refused = root.get("/api/search?q=fox").await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(refused.text.contains("collections"), "{}", refused.text);
}

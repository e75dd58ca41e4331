//! What a search answers: order, scores, highlights, facets, the parameters of lists.

use serde_json::json;

use super::{add, caught_up, list, searched, titles, values};
use crate::server::{Client, TestServer};

async fn recipes(server: &TestServer, root: &Client) -> String {
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "body", "type": "editor"},
        {"name": "kind", "type": "select", "values": ["sweet", "salty"]},
        {"name": "tags", "type": "select", "values": ["quick", "cheap", "cold"], "maxSelect": 3},
        {"name": "minutes", "type": "number"},
        {"name": "tried", "type": "bool"},
        {"name": "day", "type": "date"},
    ]);
    let search = json!({
        "fields": [{"name": "title", "weight": 3}, "body"], "language": "english",
        "facets": ["kind", "tags", "minutes", "tried", "day"],
    });
    let id = searched(root, "recipes", fields, search).await;
    for (title, body, kind, tags, minutes) in [
        ("Crème brûlée", "<p>Cream, eggs and <b>sugar</b>, burnt on top.</p>", "sweet", json!(["cold"]), 50),
        ("Chocolate cake", "<p>Flour, cocoa, sugar and eggs.</p>", "sweet", json!(["cheap"]), 60),
        ("Chocolate mousse", "<p>Whipped eggs, dark chocolate.</p>", "sweet", json!(["cold", "quick"]), 20),
        ("Bread", "<p>Flour, water, salt. Good with chocolate, too.</p>", "salty", json!(["cheap"]), 180),
        ("Tomato soup", "<p>Tomatoes, onions, hello world of spices.</p>", "salty", json!(["cheap", "quick"]), 25),
    ] {
        let record = json!({
            "title": title, "body": body, "kind": kind, "tags": tags, "minutes": minutes, "tried": minutes > 50,
            "day": "2026-01-01 00:00:00.000Z",
        });
        add(root, "recipes", record).await;
    }
    caught_up(server, root, &id).await;
    id
}

#[tokio::test]
async fn what_people_type_finds_what_they_mean() {
    let server = TestServer::start();
    let root = server.superuser().await;
    recipes(&server, &root).await;
    let guest = server.guest();
    for (typed, want) in [
        ("creme brulee", "Crème brûlée"),
        ("CRÈME", "Crème brûlée"),
        ("tomat", "Tomato soup"),
        ("hello wor", "Tomato soup"),
        ("tomatoe soop", "Tomato soup"),
        ("choclate cake", "Chocolate cake"),
        ("\"dark chocolate\"", "Chocolate mousse"),
        ("chocolate -cake -mousse", "Bread"),
        ("title:bread", "Bread"),
        ("burn", "Crème brûlée"),
        ("cake with chocolate please", "Chocolate cake"),
    ] {
        assert_eq!(titles(&guest, "recipes", typed).await.first().map(String::as_str), Some(want), "{typed}");
    }
    // Matches in the title count for more.
    let found = titles(&guest, "recipes", "chocolate").await;
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[2], "Bread");
    assert_eq!(titles(&guest, "recipes", "zebra").await, Vec::<String>::new());
    // Without a question it is a list like any other.
    for blank in ["", "  "] {
        let page = list(&guest, "recipes", &[("search", blank)]).await.expect(200);
        assert_eq!(page["totalItems"], 5);
        assert!(page["items"][0].get("@search").is_none());
    }
}

#[tokio::test]
async fn scores_highlights_and_facets() {
    let server = TestServer::start();
    let root = server.superuser().await;
    recipes(&server, &root).await;
    let guest = server.guest();
    let page = list(&guest, "recipes", &[("search", "chocolate"), ("highlight", "title,body")]).await.expect(200);
    let items = page["items"].as_array().unwrap();
    let scores: Vec<f64> = items.iter().map(|item| item["@search"]["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores[2] > 0.0, "{scores:?}");
    let bread = &items[2]["@search"]["highlights"];
    assert_eq!(*bread, json!({"body": "Flour, water, salt. Good with <mark>chocolate</mark>, too."}));
    assert!(items[0]["@search"]["highlights"]["title"].as_str().unwrap().starts_with("<mark>Chocolate</mark> "));
    assert!(page.get("facets").is_none() && page.get("totalIsCapped").is_none());

    let page = list(&guest, "recipes", &[("search", "sugar eggs chocolate"), ("highlight", "*")]).await.expect(200);
    assert_eq!(page["items"][0]["title"], "Chocolate cake", "{page}");
    let wanted = ("facets", "kind,tags,minutes,tried,day");
    let counted = json!({
        "kind": [{"count": 2, "value": "sweet"}, {"count": 1, "value": "salty"}],
        "tags": [{"count": 2, "value": "cheap"}, {"count": 1, "value": "cold"}, {"count": 1, "value": "quick"}],
        "minutes": [{"count": 1, "value": 20}, {"count": 1, "value": 60}, {"count": 1, "value": 180}],
        "tried": [{"count": 2, "value": true}, {"count": 1, "value": false}],
        "day": [{"count": 3, "value": "2026-01-01 00:00:00.000Z"}],
    });
    // Counted by the index, and from what a filter leaves.
    for filter in ["", "minutes > 0"] {
        let page = list(&guest, "recipes", &[("search", "chocolate"), wanted, ("filter", filter)]).await.expect(200);
        assert_eq!(page["facets"], counted, "{filter}");
    }
}

#[tokio::test]
async fn a_search_is_a_list() {
    let server = TestServer::start();
    let root = server.superuser().await;
    recipes(&server, &root).await;
    let guest = server.guest();
    let query = ("search", "chocolate");
    let page = list(&guest, "recipes", &[query, ("sort", "-minutes")]).await.expect(200);
    assert_eq!(values(&page, "title"), ["Bread", "Chocolate cake", "Chocolate mousse"]);
    let page =
        list(&guest, "recipes", &[query, ("sort", "minutes"), ("perPage", "2"), ("page", "2")]).await.expect(200);
    assert_eq!(values(&page, "title"), ["Bread"]);
    assert_eq!((&page["totalItems"], &page["totalPages"]), (&json!(3), &json!(2)));
    let page = list(&guest, "recipes", &[query, ("filter", "kind = 'salty'")]).await.expect(200);
    assert_eq!((values(&page, "title"), &page["totalItems"]), (vec!["Bread"], &json!(1)));
    let page = list(&guest, "recipes", &[query, ("skipTotal", "1"), ("page", "9")]).await.expect(200);
    assert_eq!((&page["totalItems"], page["items"].as_array().unwrap().len()), (&json!(-1), 0));
    let page = list(&guest, "recipes", &[query, ("maxTotal", "2")]).await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalIsCapped"]), (&json!(2), &json!(true)));
    let page =
        list(&guest, "recipes", &[query, ("fields", "title,@search.score"), ("facets", "kind")]).await.expect(200);
    let mut keys: Vec<&String> = page["items"][0].as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["@search", "title"]);
    assert!(page["facets"]["kind"].is_array());
    list(&guest, "recipes", &[query, ("cursor", "")]).await.expect(400);
    root.open_collection("plain", json!([{"name": "title", "type": "text"}])).await;
    let refused = list(&guest, "plain", &[query]).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(refused.text.contains("Search is not switched on"), "{}", refused.text);
}

#[tokio::test]
async fn counting_ends_where_it_is_said_to() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let batch = json!({"enabled": true, "maxRequests": 20_000, "timeout": 600});
    root.patch("/api/settings", json!({"batch": batch})).await.expect(200);
    let fields = json!([{"name": "title", "type": "text"}, {"name": "public", "type": "bool"}]);
    let id = searched(&root, "posts", fields, json!({"fields": ["title"], "facets": ["public"]})).await;
    let count = 10_010;
    let create = |n: usize| {
        let body = json!({"title": "common word", "public": n.is_multiple_of(2)});
        json!({"method": "POST", "url": "/api/collections/posts/records", "body": body})
    };
    root.post("/api/batch", json!({"requests": (0..count).map(create).collect::<Vec<_>>()})).await.expect(200);
    caught_up(&server, &root, &id).await;
    let query = [("search", "common"), ("facets", "public"), ("perPage", "1000")];
    let page = list(&root, "posts", &[&query[..], &[("page", "10")]].concat()).await.expect(200);
    assert_eq!((&page["totalItems"], page["items"].as_array().unwrap().len()), (&json!(count), 1000));
    assert!(page.get("totalIsCapped").is_none());
    assert_eq!(page["facets"]["public"], json!([{"count": 5005, "value": false}, {"count": 5005, "value": true}]));
    let page = list(&root, "posts", &[&query[..], &[("page", "11")]].concat()).await.expect(200);
    assert_eq!((&page["totalItems"], &page["items"]), (&json!(count), &json!([])));

    root.patch("/api/collections/posts", json!({"listRule": "public = true"})).await.expect(200);
    let page = list(&server.guest(), "posts", &query).await.expect(200);
    assert_eq!((&page["totalItems"], page.get("totalIsCapped")), (&json!(5005), None));
    assert_eq!(page["facets"]["public"], json!([{"count": 5005, "value": true}]));
    assert!(page["items"].as_array().unwrap().iter().all(|item| item["public"] == true));
}

#[tokio::test]
async fn highlights_are_safe_html() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([
        {"name": "title", "type": "text"}, {"name": "body", "type": "editor"}, {"name": "data", "type": "json"},
    ]);
    let id = searched(&root, "posts", fields, json!({"fields": ["title", "body", "data"]})).await;
    for evil in [
        "<script>alert(1)</script> hello <b onclick=\"x()\">world</b>",
        "hello</mark><img src=x onerror=alert(1)>",
        "&lt;script&gt; hello &amp; \"quotes\" 'single' <mark>",
        "hello<mark>",
    ] {
        add(&root, "posts", json!({"title": evil, "body": format!("<p>{evil}</p>"), "data": {"a": [evil]}})).await;
    }
    caught_up(&server, &root, &id).await;
    let page = list(&server.guest(), "posts", &[("search", "hello"), ("highlight", "*")]).await.expect(200);
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 4);
    for item in items {
        let highlights = item["@search"]["highlights"].as_object().unwrap();
        assert_eq!(highlights.len(), 3, "{item}");
        for html in highlights.values().map(|html| html.as_str().unwrap()) {
            assert!(html.contains("<mark>hello</mark>"), "{html}");
            let text = html.replace("<mark>hello</mark>", "");
            assert!(!text.contains(['<', '>', '"', '\'']), "{html}");
        }
    }
}

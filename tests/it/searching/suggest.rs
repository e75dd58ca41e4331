//! Completing what somebody is typing.

use serde_json::json;

use super::{add, caught_up, searched};
use crate::server::TestServer;

#[tokio::test]
async fn words_and_titles_are_completed_from_what_may_be_listed() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([
        {"name": "body", "type": "text"},
        {"name": "title", "type": "text"},
        {"name": "secret", "type": "text", "hidden": true},
        {"name": "public", "type": "bool"},
    ]);
    let search = json!({"fields": ["body", {"name": "title", "weight": 5}, "secret"]});
    let id = searched(&root, "posts", fields, search).await;
    root.patch("/api/collections/posts", json!({"listRule": "public = true"})).await.expect(200);
    for (title, body, secret, public) in [
        ("Hello World", "worms and wonders", "wormhole", true),
        ("Crème brûlée", "a dessert, hello", "creation", true),
        ("Hello Worcester", "worth a secret", "", false),
    ] {
        add(&root, "posts", json!({"title": title, "body": body, "secret": secret, "public": public})).await;
    }
    caught_up(&server, &root, &id).await;
    let guest = server.guest();
    for (typed, words, titles) in [
        // Both words, then most of them.
        ("hello%20wor", json!(["World", "worms"]), json!(["Hello World", "Crème brûlée"])),
        ("wor", json!(["World", "worms"]), json!(["Hello World"])),
        ("creme", json!(["Crème"]), json!(["Crème brûlée"])),
        ("worcester", json!([]), json!([])),
        ("wormhole", json!([]), json!([])),
        ("", json!([]), json!([])),
        ("%2A", json!([]), json!([])),
    ] {
        let answer = guest.get(&format!("/api/collections/posts/suggest?q={typed}")).await.expect(200);
        let found: Vec<_> = answer["records"].as_array().unwrap().iter().map(|r| r["title"].clone()).collect();
        assert_eq!((&answer["words"], &json!(found)), (&words, &titles), "{typed}");
    }
    let answer = root.get("/api/collections/posts/suggest?q=wor&limit=2").await.expect(200);
    assert_eq!(answer["words"].as_array().unwrap().len(), 2);
    assert_eq!(answer["records"].as_array().unwrap().len(), 2);
    for limit in ["0", "21", "-1", "x"] {
        guest.get(&format!("/api/collections/posts/suggest?q=wor&limit={limit}")).await.expect(400);
    }
    root.patch("/api/collections/posts", json!({"listRule": null})).await.expect(200);
    guest.get("/api/collections/posts/suggest?q=wor").await.expect(403);
}

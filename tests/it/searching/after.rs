//! `searchAfter` waits for what somebody just wrote.

use reqwest::Method;
use serde_json::json;

use super::{add, caught_up, list, searched};
use crate::server::{Answer, TestServer};

fn seq(answer: &Answer) -> String {
    assert!(answer.status.is_success(), "{}", answer.text);
    answer.headers["larder-seq"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_written_is_found() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.patch("/api/settings", json!({"batch": {"enabled": true, "maxRequests": 10}})).await.expect(200);
    let id = searched(&root, "posts", json!([{"name": "title", "type": "text"}]), json!({"fields": ["title"]})).await;
    add(&root, "posts", json!({"title": "first"})).await;
    caught_up(&server, &root, &id).await;
    let guest = server.guest();
    let records = "/api/collections/posts/records";
    let found = async |text: &str, seq: &str| {
        let page = list(&guest, "posts", &[("search", text), ("searchAfter", seq)]).await.expect(200);
        page["totalItems"].as_i64().unwrap()
    };
    for n in 0..5 {
        let made = root.post(records, json!({"title": format!("made{n}")})).await;
        assert_eq!(found(&format!("\"made{n}\""), &seq(&made)).await, 1);
        let record = format!("{records}/{}", made.body["id"].as_str().unwrap());
        let changed = root.patch(&record, json!({"title": format!("changed{n}")})).await;
        assert_eq!(found(&format!("\"changed{n}\""), &seq(&changed)).await, 1);
        assert_eq!(found(&format!("\"made{n}\""), &seq(&changed)).await, 0);
        let gone = root.delete(&record).await;
        assert_eq!(found(&format!("\"changed{n}\""), &seq(&gone)).await, 0);
    }
    let requests = json!({"requests": [
        {"method": "POST", "url": records, "body": {"title": "batched one"}},
        {"method": "POST", "url": records, "body": {"title": "batched two"}},
    ]});
    let batch = root.post("/api/batch", requests).await;
    assert_eq!(found("batched", &seq(&batch)).await, 2);
    let truncated = root.delete("/api/collections/posts/truncate").await;
    assert_eq!(found("batched", &seq(&truncated)).await, 0);
    // Pages of other origins can read the header.
    let request =
        root.request(Method::POST, records).header("Origin", "https://a.example").json(&json!({"title": "x"}));
    let made = root.send(request).await;
    let exposed = made.headers.get_all("access-control-expose-headers").iter();
    assert!(exposed.into_iter().any(|name| name == "larder-seq"), "{:?}", made.headers);
}

#[tokio::test]
async fn what_never_comes_is_not_waited_for_long() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let id = searched(&root, "posts", json!([{"name": "title", "type": "text"}]), json!({"fields": ["title"]})).await;
    caught_up(&server, &root, &id).await;
    let guest = server.guest();
    // Nothing follows any more.
    server.search.close();
    let made = seq(&root.post("/api/collections/posts/records", json!({"title": "x"})).await);
    let answer = list(&guest, "posts", &[("search", "x"), ("searchAfter", &made)]).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.headers.contains_key("retry-after"));
    // Whoever is denied is told so.
    root.patch("/api/collections/posts", json!({"listRule": null})).await.expect(200);
    list(&guest, "posts", &[("search", "x"), ("searchAfter", &made)]).await.expect(403);
}

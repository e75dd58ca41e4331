//! Indexes whose files are damaged under a running server.

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use serde_json::json;

use super::{add, caught_up, list, searched};
use crate::server::TestServer;

#[tokio::test]
async fn a_damaged_index_is_made_anew() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([{"name": "title", "type": "text"}]);
    let id = searched(&root, "posts", fields, json!({"fields": ["title"]})).await;
    for n in 0..20 {
        add(&root, "posts", json!({"title": format!("some words and number{n}")})).await;
    }
    caught_up(&server, &root, &id).await;
    // Made in one piece, and by nobody's hand any more.
    root.post("/api/collections/posts/search/rebuild", json!({})).await.expect(204);
    caught_up(&server, &root, &id).await;
    let mut garbled = 0;
    for entry in fs::read_dir(server.folder.path().join("data/search").join(&id)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "term" || extension == "idx") {
            let length = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
            // In place: the server has it mapped.
            OpenOptions::new().write(true).open(&path).unwrap().write_all(&vec![0xff; length]).unwrap();
            garbled += 1;
        }
    }
    assert!(garbled > 1);
    let answer = list(&server.guest(), "posts", &[("search", "words")]).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.headers.contains_key("retry-after"));
    caught_up(&server, &root, &id).await;
    let page = list(&server.guest(), "posts", &[("search", "words")]).await.expect(200);
    assert_eq!(page["totalItems"], 20);
}

//! What scores tell.

use serde_json::{Value as Json, json};

use super::{add, caught_up, list, searched};
use crate::server::TestServer;

fn scores(page: &Json) -> Vec<f64> {
    page["items"].as_array().unwrap().iter().map(|item| item["@search"]["score"].as_f64().unwrap()).collect()
}

#[tokio::test]
async fn under_a_rule_scores_do_not_tell_how_frequent_words_are() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([{"name": "title", "type": "text"}, {"name": "public", "type": "bool"}]);
    let id = searched(&root, "posts", fields, json!({"fields": ["title"]})).await;
    root.patch("/api/collections/posts", json!({"listRule": "public = true"})).await.expect(200);
    for title in ["merger", "merger and more", "merger and more and much more"] {
        add(&root, "posts", json!({"title": title, "public": true})).await;
    }
    caught_up(&server, &root, &id).await;
    let guest = server.guest();
    for (sort, page) in [("", "1"), ("", "2"), ("-title", "1"), ("title", "1")] {
        let asked = [("search", "merger"), ("perPage", "2"), ("sort", sort), ("page", page)];
        let found = list(&guest, "posts", &asked).await.expect(200);
        let scores = scores(&found);
        let has_best = (page == "1") == (sort != "-title");
        assert_eq!(scores.contains(&1.0), has_best, "{sort} {page}: {scores:?}");
        assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)), "{sort} {page}: {scores:?}");
    }
    // Whoever may list everything is told the index's own.
    let own = scores(&list(&root, "posts", &[("search", "merger")]).await.expect(200));
    assert!(own.iter().all(|score| *score > 0.0 && *score < 1.0), "{own:?}");
    let relative = scores(&list(&guest, "posts", &[("search", "merger")]).await.expect(200));
    for (own_score, score) in own.iter().zip(&relative) {
        assert!((own_score / own[0] - score).abs() < 0.001, "{own:?} {relative:?}");
    }
}

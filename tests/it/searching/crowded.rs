//! Many records match of which the caller may list few.

use serde_json::json;

use super::{caught_up, list, searched, values};
use crate::server::{Client, TestServer, database};

/// Hidden records, all of which match better than those that are not.
const HIDDEN: i64 = 12_000;

async fn fill(server: &TestServer, root: &Client) {
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "public", "type": "bool"},
        {"name": "n", "type": "number"},
    ]);
    let id = searched(root, "posts", fields, json!({"fields": ["title"], "facets": ["public"]})).await;
    root.patch("/api/collections/posts", json!({"listRule": "public = true"})).await.expect(200);
    {
        let database = database(&server.folder);
        let sql = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1) \
             INSERT INTO posts (id, title, public, n) SELECT printf('%015d', n), ?2, ?3, n * ?4 FROM numbers";
        database.execute(sql, rusqlite::params![HIDDEN, "common zebra", false, 1]).unwrap();
        let sql = "INSERT INTO posts (id, title, public, n) \
             SELECT 'public' || value || '00000000', 'a common word among quite a few other words', true, -value \
             FROM json_each('[1, 2, 3]')";
        database.execute(sql, []).unwrap();
    }
    root.post("/api/collections/posts/search/rebuild", json!({})).await.expect(204);
    caught_up(server, root, &id).await;
}

#[tokio::test]
async fn the_few_are_found_among_the_many() {
    let server = TestServer::start();
    let root = server.superuser().await;
    fill(&server, &root).await;
    let guest = server.guest();
    let all = ["public100000000", "public200000000", "public300000000"];
    for (text, extra, want) in [
        ("common", ("facets", "public"), &all[..]),
        // Hidden records are no reason to take a question more liberally, and hide none that match it strictly.
        ("common zebra", ("facets", "public"), &all[..]),
        ("common", ("sort", "-id"), &["public300000000", "public200000000", "public100000000"][..]),
        ("common", ("filter", "n < -1"), &all[1..]),
        ("common", ("skipTotal", "true"), &all[..]),
        ("zebra -word", ("facets", "public"), &[][..]),
    ] {
        let page = list(&guest, "posts", &[("search", text), extra]).await.expect(200);
        assert_eq!(values(&page, "id"), want, "{text} {extra:?}: {page}");
        let total = if extra.0 == "skipTotal" { json!(-1) } else { json!(want.len()) };
        assert_eq!(page["totalItems"], total, "{text} {extra:?}");
        assert!(page.get("totalIsCapped").is_none(), "{text} {extra:?}: {page}");
        if extra.0 == "facets" && !want.is_empty() {
            assert_eq!(page["facets"]["public"], json!([{"count": want.len(), "value": true}]));
        }
    }
    let suggested = guest.get("/api/collections/posts/suggest?q=comm").await.expect(200);
    assert_eq!(suggested["records"].as_array().unwrap().len(), 3, "{suggested}");
    assert_eq!(guest.get("/api/search?q=common").await.expect(200)["totalItems"], 3);

    // In another order than the index's, all that match count.
    for (sort, first) in [("-n", HIDDEN), ("n", -3)] {
        let page = list(&root, "posts", &[("search", "common"), ("sort", sort), ("perPage", "1")]).await.expect(200);
        assert_eq!(page["items"][0]["n"], first, "{sort}");
        assert_eq!((&page["totalItems"], page.get("totalIsCapped")), (&json!(HIDDEN + 3), None), "{sort}");
    }
    // Counting ends where it is said to.
    let page = list(&root, "posts", &[("search", "common"), ("filter", "n > 0")]).await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalIsCapped"]), (&json!(10_000), &json!(true)));
}

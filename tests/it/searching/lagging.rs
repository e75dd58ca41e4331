//! An index that is behind the records: what it still holds of before must not meet the permissions of now.

use serde_json::json;

use super::{add, caught_up, list, searched, values};
use crate::server::{TestServer, config, database};

#[tokio::test]
async fn texts_of_before_are_not_matched_under_permissions_of_now() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "status", "type": "select", "values": ["open", "lost"]},
        {"name": "public", "type": "bool"},
    ]);
    let id = searched(&root, "posts", fields, json!({"fields": ["title"], "facets": ["status"]})).await;
    root.patch("/api/collections/posts", json!({"listRule": "public = true"})).await.expect(200);
    let draft = add(&root, "posts", json!({"title": "Falcon plans", "status": "lost", "public": false})).await;
    add(&root, "posts", json!({"title": "Falcon seen", "status": "open", "public": true})).await;
    caught_up(&server, &root, &id).await;
    // From here on nothing follows: as if there were so much to do.
    server.search.close();
    let clean = json!({"title": "Plans", "status": "open", "public": true});
    root.patch(&format!("/api/collections/posts/records/{draft}"), clean).await.expect(200);
    let (guest, facets) = (server.guest(), ("facets", "status"));
    for sort in ["", "title"] {
        let page = list(&guest, "posts", &[("search", "falcon"), facets, ("sort", sort)]).await.expect(200);
        assert_eq!((values(&page, "title"), &page["totalItems"]), (vec!["Falcon seen"], &json!(1)), "{page}");
        assert_eq!(page["facets"], json!({"status": [{"count": 1, "value": "open"}]}));
        let page = list(&guest, "posts", &[("search", "plans"), facets, ("sort", sort)]).await.expect(200);
        assert_eq!((&page["totalItems"], &page["facets"]), (&json!(0), &json!({"status": []})), "{page}");
    }
    assert_eq!(guest.get("/api/search?q=falcon").await.expect(200)["totalItems"], 1);
    let suggested = guest.get("/api/collections/posts/suggest?q=falc").await.expect(200);
    assert_eq!(suggested["records"].as_array().unwrap().len(), 1, "{suggested}");
    // Nothing was ever hidden from superusers.
    let page = list(&root, "posts", &[("search", "falcon"), ("filter", "public = true")]).await.expect(200);
    assert_eq!(page["totalItems"], 2, "{page}");
    // It is back once the index has followed.
    let folder = server.stop();
    let config = config(&folder);
    let server = TestServer::with(folder, config);
    let root = server.superuser().await;
    caught_up(&server, &root, &id).await;
    let page = list(&server.guest(), "posts", &[("search", "plans")]).await.expect(200);
    assert_eq!(values(&page, "title"), ["Plans"], "{page}");
}

#[tokio::test]
async fn texts_of_before_are_not_matched_once_more_is_open_to_all() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([
        {"id": "title_id", "name": "title", "type": "text"},
        {"id": "notes_id", "name": "notes", "type": "text", "hidden": true},
    ]);
    let unhidden = json!([
        {"id": "title_id", "name": "title", "type": "text"},
        {"id": "notes_id", "name": "notes", "type": "text", "hidden": false},
    ]);
    let openings = [("ruled", json!({"listRule": ""})), ("hiding", json!({"fields": unhidden}))];
    let mut drafts = Vec::new();
    for (name, _) in &openings {
        let id = searched(&root, name, fields.clone(), json!({"fields": ["title", "notes"]})).await;
        let rule = if *name == "ruled" { "title = 'nothing'" } else { "" };
        root.patch(&format!("/api/collections/{name}"), json!({"listRule": rule})).await.expect(200);
        let title = if *name == "ruled" { "Falcon plans" } else { "Plans" };
        drafts.push(add(&root, name, json!({"title": title, "notes": "falcon"})).await);
        caught_up(&server, &root, &id).await;
    }
    server.search.close();
    for ((name, opening), draft) in openings.iter().zip(drafts) {
        let path = format!("/api/collections/{name}/records/{draft}");
        root.patch(&path, json!({"title": "Plans", "notes": "clean"})).await.expect(200);
        root.patch(&format!("/api/collections/{name}"), opening.clone()).await.expect(200);
        server.guest().get(&path).await.expect(200);
        let page = list(&server.guest(), name, &[("search", "falcon")]).await.expect(200);
        assert_eq!((&page["items"], &page["totalItems"]), (&json!([]), &json!(0)), "{name}: {page}");
    }
}

#[tokio::test]
async fn an_index_that_missed_changes_does_not_answer_those_from_whom_something_is_hidden() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let plain = json!([{"name": "title", "type": "text"}]);
    let hiding = json!([{"name": "title", "type": "text"}, {"name": "secret", "type": "text", "hidden": true}]);
    for (name, fields, searched_fields) in [
        ("open", plain.clone(), json!(["title"])),
        ("ruled", plain, json!(["title"])),
        ("hiding", hiding, json!(["title", "secret"])),
    ] {
        let id = searched(&root, name, fields, json!({"fields": searched_fields})).await;
        add(&root, name, json!({"title": "fox"})).await;
        caught_up(&server, &root, &id).await;
    }
    root.patch("/api/collections/ruled", json!({"listRule": "title != ''"})).await.expect(200);
    server.search.close();
    add(&root, "open", json!({"title": "another fox"})).await;
    add(&root, "open", json!({"title": "a third fox"})).await;
    // Nobody can tell any more what changed.
    database(&server.folder).execute("DELETE FROM _larder_changes", []).unwrap();
    for (collection, status) in [("open", 200), ("ruled", 503), ("hiding", 503)] {
        let answer = list(&server.guest(), collection, &[("search", "fox")]).await;
        assert_eq!(answer.status.as_u16(), status, "{collection}: {}", answer.text);
        assert_eq!(answer.headers.contains_key("retry-after"), status == 503);
        let suggested = server.guest().get(&format!("/api/collections/{collection}/suggest?q=fox")).await;
        assert_eq!(suggested.status.as_u16(), status, "{collection}: {}", suggested.text);
        assert_eq!(list(&root, collection, &[("search", "fox")]).await.expect(200)["totalItems"], 1, "{collection}");
    }
    // Of all collections, those are left out that cannot answer.
    let page = server.guest().get("/api/search?q=fox").await.expect(200);
    assert_eq!(
        (values(&page, "collectionName"), &page["leftOut"]),
        (vec!["open"], &json!(["hiding", "ruled"])),
        "{page}"
    );
    server.guest().get("/api/search?q=fox&collections=open,ruled").await.expect(503);
    assert!(root.get("/api/search?q=fox").await.expect(200).get("leftOut").is_none());
}

#[tokio::test]
async fn an_index_that_was_left_behind_does_not_answer_where_a_rule_is_at_stake() {
    let server = TestServer::start();
    let root = server.superuser().await;
    for name in ["open", "ruled"] {
        let id = searched(&root, name, json!([{"name": "title", "type": "text"}]), json!({"fields": ["title"]})).await;
        add(&root, name, json!({"title": "fox"})).await;
        caught_up(&server, &root, &id).await;
        // In the way of the next index.
        std::fs::write(server.folder.path().join(format!("data/search/{id}.building")), "").unwrap();
    }
    root.patch("/api/collections/ruled", json!({"listRule": "title != ''"})).await.expect(200);
    let gap = "INSERT INTO _larder_changes (seq, at, collection, record, action) \
             SELECT MAX(seq) + 10, '', '', '', 'create' FROM _larder_changes; \
         DELETE FROM _larder_changes WHERE seq < (SELECT MAX(seq) FROM _larder_changes);";
    database(&server.folder).execute_batch(gap).unwrap();
    loop {
        let status = root.get("/api/search/status").await.expect(200);
        if status["indexes"].as_array().unwrap().iter().all(|index| index["state"] == "failed") {
            break;
        }
    }
    // The feed looks whole again, but the indexes are known to have missed something.
    let whole = "INSERT INTO _larder_changes (seq, at, collection, record, action) VALUES (1, '', '', '', 'create')";
    database(&server.folder).execute_batch(whole).unwrap();
    for (collection, status) in [("open", 200), ("ruled", 503)] {
        let answer = list(&server.guest(), collection, &[("search", "fox")]).await;
        assert_eq!(answer.status.as_u16(), status, "{collection}: {}", answer.text);
        list(&root, collection, &[("search", "fox")]).await.expect(200);
    }
}

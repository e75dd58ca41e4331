//! The index holds what the records hold, whatever changes them.

use serde_json::{Value as Json, json};

use super::{LONG, add, caught_up, check, find, id_of, posts, status};
use crate::server::TestServer;

#[tokio::test]
async fn saves_and_deletes_reach_the_index() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let posts = posts(&root).await;
    let first = add(&root, "posts", json!({"title": "Pumpkin soup", "body": "<p>warm</p><p>orange</p>"})).await;
    let second = add(&root, "posts", json!({"title": "Cold soup"})).await;
    caught_up(&server, &root, &posts).await;
    let mut both = vec![first.clone(), second.clone()];
    both.sort_unstable();
    for (question, want) in [("soup", both), ("orange", vec![first.clone()]), ("warmorange", vec![]), ("p", vec![])] {
        assert_eq!(find(&server, &posts, question), want, "{question}");
    }
    root.patch(&format!("/api/collections/posts/records/{first}"), json!({"title": "Pie"})).await.expect(200);
    root.delete(&format!("/api/collections/posts/records/{second}")).await.expect(204);
    caught_up(&server, &root, &posts).await;
    assert_eq!(find(&server, &posts, "soup"), Vec::<String>::new());
    assert_eq!(find(&server, &posts, "pie"), [first.as_str()]);
    let status = status(&root, "posts").await;
    assert_eq!((&status["state"], &status["documents"], &status["lag"]), (&json!("ready"), &json!(1), &json!(0)));
    root.delete("/api/collections/posts/truncate").await.expect(204);
    caught_up(&server, &root, &posts).await;
    assert_eq!(find(&server, &posts, "pie"), Vec::<String>::new());
    let (is_right, text) = check(&server.stop().path().join("data"));
    assert!(is_right && text.contains("posts: 0 records, 0 in the index"), "{text}");
}

#[tokio::test]
async fn batches_and_cascades_reach_the_index() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).await.expect(200);
    let authors = id_of(&root.open_collection("authors", json!([{"name": "name", "type": "text"}])).await);
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "author", "type": "relation", "collectionId": authors, "maxSelect": 1, "cascadeDelete": true},
    ]);
    let books = id_of(&root.open_collection("books", fields).await);
    root.patch("/api/collections/books", json!({"search": {"fields": ["title"], "facets": ["author"]}}))
        .await
        .expect(200);
    let ann = add(&root, "authors", json!({"name": "Ann"})).await;
    let requests: Vec<Json> = (0..20)
        .map(|n| {
            let body = json!({"title": format!("volume {n}"), "author": if n % 2 == 0 { ann.as_str() } else { "" }});
            json!({"method": "POST", "url": "/api/collections/books/records", "body": body})
        })
        .collect();
    root.post("/api/batch", json!({"requests": requests})).await.expect(200);
    caught_up(&server, &root, &books).await;
    assert_eq!(find(&server, &books, "volume").len(), 20);
    root.delete(&format!("/api/collections/authors/records/{ann}")).await.expect(204);
    caught_up(&server, &root, &books).await;
    assert_eq!(find(&server, &books, "volume").len(), 10);
}

#[tokio::test]
async fn an_index_is_made_of_records_that_were_there_before() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let notes = id_of(
        &root
            .open_collection("notes", json!([{"name": "text", "type": "text"}, {"name": "n", "type": "number"}]))
            .await,
    );
    for n in 0..50 {
        add(&root, "notes", json!({"text": format!("note {n}"), "n": n})).await;
    }
    assert!(server.search.snapshot(&notes).is_err());
    assert!(status(&root, "notes").await.is_null());
    root.post("/api/collections/notes/search/rebuild", json!({})).await.expect(400);
    root.patch("/api/collections/notes", json!({"search": {"fields": ["text"]}})).await.expect(200);
    caught_up(&server, &root, &notes).await;
    assert_eq!(find(&server, &notes, "note").len(), 50);
    // Another field: the old index answers until the new one is there.
    root.patch("/api/collections/notes", json!({"search": {"fields": ["text", "n"]}})).await.expect(200);
    assert!(server.search.snapshot(&notes).is_ok(), "it goes on answering");
    caught_up(&server, &root, &notes).await;
    assert_eq!(find(&server, &notes, "n:7").len(), 1);
    // Weights need no other index.
    root.patch("/api/collections/notes", json!({"search": {"fields": [{"name": "text", "weight": 9}, "n"]}}))
        .await
        .expect(200);
    let id = add(&root, "notes", json!({"text": "late"})).await;
    caught_up(&server, &root, &notes).await;
    let found = server.search.snapshot(&notes).unwrap();
    assert_eq!(found.options.fields[0].weight.to_string(), "9");
    assert_eq!(found.snapshot.spec().fields[0].weight.to_string(), "9");
    assert_eq!(find(&server, &notes, "late"), [id]);
    // Renamed fields are asked by their new names.
    let collection = root.get("/api/collections/notes").await.expect(200);
    let mut fields = collection["fields"].clone();
    fields.as_array_mut().unwrap().iter_mut().filter(|f| f["name"] == "n").for_each(|f| f["name"] = json!("number"));
    root.patch("/api/collections/notes", json!({"fields": fields, "name": "slips"})).await.expect(200);
    caught_up(&server, &root, &notes).await;
    assert_eq!(find(&server, &notes, "number:7").len(), 1);
    root.post("/api/collections/slips/search/rebuild", json!({})).await.expect(204);
    caught_up(&server, &root, &notes).await;
    assert_eq!(status(&root, "slips").await["documents"], 51);
    root.post("/api/collections/nope/search/rebuild", json!({})).await.expect(404);
    root.patch("/api/collections/slips", json!({"search": null})).await.expect(200);
    assert!(server.search.snapshot(&notes).is_err());
}

/// The same id, and nothing of before.
#[tokio::test]
async fn a_collection_made_anew_has_an_index_of_its_own() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let body = || {
        json!({"id": "pbc_things00001", "name": "things", "type": "base", "createRule": "",
            "fields": [{"name": "title", "type": "text"}], "search": {"fields": ["title"]}})
    };
    for round in 0..5 {
        root.post("/api/collections", body()).await.expect(200);
        add(&root, "things", json!({"title": format!("round {round}")})).await;
        caught_up(&server, &root, "pbc_things00001").await;
        assert_eq!(find(&server, "pbc_things00001", "round").len(), 1, "{round}");
        root.delete("/api/collections/things").await.expect(204);
        assert!(server.search.snapshot("pbc_things00001").is_err());
    }
    // Dropped and made again while nobody looks; by an import, too.
    root.put("/api/collections/import", json!({"collections": [body()]})).await.expect(204);
    caught_up(&server, &root, "pbc_things00001").await;
    assert_eq!(find(&server, "pbc_things00001", "round").len(), 0);
    // What is left of one that went just before the server did goes at the next start.
    root.delete("/api/collections/things").await.expect(204);
    let data = server.stop();
    let config = crate::server::config(&data);
    let server = TestServer::with(data, config);
    let root = server.superuser().await;
    let id = posts(&root).await;
    caught_up(&server, &root, &id).await;
    assert!(!server.folder.path().join("data/search/pbc_things00001").exists());
}

/// A field that goes and comes back has lost its values, and the feed does not say so.
#[tokio::test]
async fn a_field_made_anew_is_empty_in_the_index() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let posts = posts(&root).await;
    add(&root, "posts", json!({"title": "gone", "body": "stays"})).await;
    caught_up(&server, &root, &posts).await;
    let collection = root.get("/api/collections/posts").await.expect(200);
    let without: Vec<Json> =
        collection["fields"].as_array().unwrap().iter().filter(|field| field["name"] != "title").cloned().collect();
    root.patch("/api/collections/posts", json!({"fields": without})).await.expect(200);
    let body = json!({"fields": collection["fields"], "search": collection["search"]});
    root.patch("/api/collections/posts", body).await.expect(200);
    caught_up(&server, &root, &posts).await;
    assert_eq!(find(&server, &posts, "stays").len(), 1);
    assert_eq!(find(&server, &posts, "gone").len(), 0);
}

#[tokio::test]
async fn many_collections_share_few_writers_and_lose_nothing() {
    const COLLECTIONS: usize = 12;
    const RECORDS: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let config = larder::config::Config { search_writers: 2, ..crate::server::config(&folder) };
    let server = TestServer::with(folder, config);
    let root = server.superuser().await;
    let mut ids = Vec::new();
    for n in 0..COLLECTIONS {
        let id = id_of(&root.open_collection(&format!("c{n}"), json!([{"name": "t", "type": "text"}])).await);
        root.patch(&format!("/api/collections/c{n}"), json!({"search": {"fields": ["t"]}})).await.expect(200);
        ids.push(id);
    }
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..COLLECTIONS {
        let root = root.clone();
        writers.spawn(async move {
            for i in 0..RECORDS {
                add(&root, &format!("c{n}"), json!({"t": format!("word {i}")})).await;
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    for id in &ids {
        caught_up(&server, &root, id).await;
        assert_eq!(find(&server, id, "word").len(), RECORDS);
    }
    let (is_right, text) = check(&server.stop().path().join("data"));
    assert!(is_right, "{text}");
}

/// Records change while the index is made of them.
#[tokio::test]
async fn an_index_made_under_writes_holds_all_of_them() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let notes = id_of(&root.open_collection("notes", json!([{"name": "t", "type": "text"}])).await);
    let mut ids = Vec::new();
    for n in 0..200 {
        ids.push(add(&root, "notes", json!({"t": format!("old {n}")})).await);
    }
    let writing = {
        let root = root.clone();
        tokio::spawn(async move {
            for (n, id) in ids.iter().enumerate() {
                let path = format!("/api/collections/notes/records/{id}");
                if n % 3 == 0 {
                    root.delete(&path).await.expect(204);
                } else {
                    root.patch(&path, json!({"t": "new"})).await.expect(200);
                }
                add(&root, "notes", json!({"t": "new"})).await;
            }
        })
    };
    for _ in 0..5 {
        root.patch("/api/collections/notes", json!({"search": {"fields": ["t"], "language": "english"}}))
            .await
            .expect(200);
        server.search.settle().await;
        root.patch("/api/collections/notes", json!({"search": {"fields": ["t"], "language": ""}})).await.expect(200);
    }
    writing.await.unwrap();
    caught_up(&server, &root, &notes).await;
    assert_eq!(find(&server, &notes, "new").len(), 333);
    assert_eq!(find(&server, &notes, "old").len(), 0);
    let (is_right, text) = check(&server.stop().path().join("data"));
    assert!(is_right && text.contains("333 records, 333 in the index"), "{text}");
}

#[tokio::test]
async fn waiting_ends_where_nothing_comes() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let posts = posts(&root).await;
    caught_up(&server, &root, &posts).await;
    let now = std::time::Instant::now();
    assert!(!server.search.wait_for(&posts, i64::MAX, now).await);
    assert!(!server.search.wait_for("nope", 0, now).await);
    assert!(server.search.wait_for(&posts, 0, now + LONG).await);
}

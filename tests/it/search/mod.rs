//! Search: the option of collections, and indexes that hold what the records hold.

mod crash;
mod damage;
mod follow;
mod option;

use std::time::{Duration, Instant};

use larder::fulltext::{FieldSet, Limits, Matching, Question, Request, WordsNeeded};
use serde_json::{Value as Json, json};

use crate::server::{Client, TestServer};
use crate::startup::larder;

/// Nothing takes as long as this, unless it never comes.
const LONG: Duration = Duration::from_mins(1);

/// A collection `posts` that is searched by title and body.
async fn posts(root: &Client) -> String {
    let body = json!({
        "name": "posts", "type": "base",
        "fields": [
            {"name": "title", "type": "text"},
            {"name": "body", "type": "editor"},
            {"name": "status", "type": "select", "values": ["draft", "done"]},
        ],
        "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
        "search": {"fields": [{"name": "title", "weight": 3}, "body"], "facets": ["status"]},
    });
    id_of(&root.post("/api/collections", body).await.expect(200))
}

fn id_of(json: &Json) -> String {
    json["id"].as_str().unwrap().to_owned()
}

async fn add(client: &Client, collection: &str, body: Json) -> String {
    id_of(&client.post(&format!("/api/collections/{collection}/records"), body).await.expect(200))
}

/// Waits until everything that was committed is in the index of a collection.
async fn caught_up(server: &TestServer, root: &Client, collection_id: &str) {
    server.search.settle().await;
    let seq = root.get("/api/search/status").await.expect(200)["seq"].as_i64().unwrap();
    assert!(server.search.wait_for(collection_id, seq, Instant::now() + LONG).await, "{collection_id} at {seq}");
}

/// Ids of the records that the index finds, in order.
fn find(server: &TestServer, collection_id: &str, text: &str) -> Vec<String> {
    let found = server.search.snapshot(collection_id).unwrap();
    let spec = found.snapshot.spec();
    let request = Request {
        question: &Question::parse(text, spec, &Limits::default()),
        fields: &FieldSet::all(spec),
        matching: Matching { words: WordsNeeded::All, prefix: false, typos: false },
        best: 1000,
        facets: &[],
        deadline: None,
    };
    let answer = found.snapshot.find(&request).unwrap();
    let mut ids: Vec<String> = answer.best.iter().map(|hit| found.snapshot.id(hit.document)).collect();
    ids.sort_unstable();
    ids
}

/// The state of a collection's index as the API tells it.
async fn status(root: &Client, collection: &str) -> Json {
    let all = root.get("/api/search/status").await.expect(200);
    let all = all["indexes"].as_array().unwrap();
    all.iter().find(|index| index["collectionName"] == collection).cloned().unwrap_or(Json::Null)
}

/// Compares the indexes of a stopped server's folder with its records, as a person would.
fn check(folder: &std::path::Path) -> (bool, String) {
    let output = larder(&["search", "check", "--dir", folder.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

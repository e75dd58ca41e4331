//! Searching over HTTP: who finds what, and how it is shown.

mod across;
mod after;
mod answers;
mod crowded;
mod damaged;
mod differential;
mod hidden;
mod hostile;
mod lagging;
mod relevance;
mod scores;
mod suggest;

use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json};

use crate::server::{Answer, Client, TestServer};

/// Nothing takes as long as this, unless it never comes.
const LONG: Duration = Duration::from_mins(1);

/// Makes a base collection that everybody may read, with the option `search`.
async fn searched(root: &Client, name: &str, fields: Json, search: Json) -> String {
    let body = json!({
        "name": name, "type": "base", "fields": fields, "listRule": "", "viewRule": "", "search": search,
    });
    let made = root.post("/api/collections", body).await.expect(200);
    made["id"].as_str().unwrap().to_owned()
}

async fn add(root: &Client, collection: &str, body: Json) -> String {
    let made = root.post(&format!("/api/collections/{collection}/records"), body).await.expect(200);
    made["id"].as_str().unwrap().to_owned()
}

/// Waits until everything that was committed is in the index of a collection.
async fn caught_up(server: &TestServer, root: &Client, collection_id: &str) {
    assert_eq!(server.search.settle().await, []);
    let seq = root.get("/api/search/status").await.expect(200)["seq"].as_i64().unwrap();
    assert!(server.search.wait_for(collection_id, seq, Instant::now() + LONG).await);
}

/// Lists with parameters, which are encoded here.
async fn list(client: &Client, collection: &str, parameters: &[(&str, &str)]) -> Answer {
    let pair = |(key, value): &(&str, &str)| format!("{key}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    let query = parameters.iter().map(pair).collect::<Vec<_>>().join("&");
    client.get(&format!("/api/collections/{collection}/records?{query}")).await
}

/// The values of a key in the items of a page, in order.
fn values<'a>(page: &'a Json, key: &str) -> Vec<&'a str> {
    page["items"].as_array().unwrap().iter().map(|item| item[key].as_str().unwrap()).collect()
}

/// The titles a search finds, in order.
async fn titles(client: &Client, collection: &str, text: &str) -> Vec<String> {
    let page = list(client, collection, &[("search", text)]).await.expect(200);
    values(&page, "title").into_iter().map(str::to_owned).collect()
}

//! Uploaded files over HTTP.

mod collected;
mod download;
mod upload;

use std::path::Path;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};

use crate::server::{Answer, Client, TestServer};

/// A part with a file.
pub(crate) fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Part {
    Part::bytes(bytes.into()).file_name(name.to_owned())
}

impl Client {
    /// Sends a multipart body.
    pub(crate) async fn submit(&self, method: Method, path: &str, form: Form) -> Answer {
        self.send(self.request(method, path).multipart(form)).await
    }
}

/// An open collection `docs` with a text, a single file, several files and a protected one.
async fn docs(server: &TestServer) -> (Client, String) {
    let root = server.superuser().await;
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "one", "type": "file", "maxSelect": 1, "maxSize": 1000},
        {"name": "many", "type": "file", "maxSelect": 3, "maxSize": 5_000_000, "thumbs": ["20x10"]},
        {"name": "secret", "type": "file", "maxSelect": 1, "protected": true},
    ]);
    let made = root.open_collection("docs", fields).await;
    (root, made["id"].as_str().unwrap().to_owned())
}

const DOCS: &str = "/api/collections/docs/records";

/// All files of the storage, by path below it, but those that are arriving.
pub(crate) fn stored(data: &Path) -> Vec<String> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(&data.join("storage"), &data.join("storage"), &mut found);
    found.retain(|path| !path.starts_with('.'));
    found.sort();
    found
}

/// Waits until the storage holds just these files.
async fn await_stored(server: &TestServer, want: &[String]) {
    let data = server.folder.path().join("data");
    let mut want = want.to_vec();
    want.sort();
    for _ in 0..200 {
        if stored(&data) == want {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(stored(&data), want);
}

/// Paths of a record's files in the storage.
fn paths(collection: &str, record: &Json) -> Vec<String> {
    let id = record["id"].as_str().unwrap();
    let mut names: Vec<&Json> = vec![&record["one"], &record["secret"]];
    names.extend(record["many"].as_array().unwrap());
    let names = names.into_iter().map(|name| name.as_str().unwrap()).filter(|name| !name.is_empty());
    names.map(|name| format!("{collection}/{id}/{name}")).collect()
}

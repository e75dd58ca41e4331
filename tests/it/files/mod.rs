//! Uploaded files over HTTP.

mod changes;
mod collected;
mod crash;
#[cfg(target_os = "linux")]
mod disk_full;
mod download;
mod hostile;
#[cfg(target_os = "linux")]
mod memory;
mod on_s3;
mod polyglots;
mod raw;
mod room;
mod samples;
mod thumbs;
mod upload;

use std::path::{Path, PathBuf};

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};

use changes::await_that;

use crate::server::{Answer, Client, PASSWORD, SUPERUSER_EMAIL, TestServer};

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

/// A superuser whom the binary that serves at `base` knows.
async fn superuser_at(base: &str) -> Client {
    let guest = Client::at(base);
    let body = json!({"identity": SUPERUSER_EMAIL, "password": PASSWORD});
    guest.signed_in(&guest.post("/api/collections/_superusers/auth-with-password", body).await.expect(200))
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
    await_stored_in(&server.folder.path().join("data"), want).await;
}

/// Waits until the storage of a data folder holds just these files, and nothing arrives any more.
pub(crate) async fn await_stored_in(data: &Path, want: &[String]) {
    let mut want = want.to_vec();
    want.sort();
    await_that(&data.join("storage"), || stored(data) == want && arriving(data).is_empty()).await;
    assert_eq!((stored(data), arriving(data)), (want, Vec::new()));
}

/// Files that are still arriving, or did so when the server was stopped.
fn arriving(data: &Path) -> Vec<PathBuf> {
    let folders = [".uploads", ".partial"].map(|name| data.join("storage").join(name));
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    // The file that notes are written to stays.
    paths.filter(|path| path.extension().is_none_or(|extension| extension != "notes")).collect()
}

/// Waits until the storage holds what the records of `docs` name, and nothing else.
async fn await_named(server: &TestServer, collection: &str) {
    let page = server.guest().get(&format!("{DOCS}?perPage=1000")).await.expect(200);
    let records = page["items"].as_array().unwrap();
    assert_eq!(page["totalItems"], records.len());
    let named: Vec<String> = records.iter().flat_map(|record| paths(collection, record)).collect();
    await_stored(server, &named).await;
}

/// Paths of a record's files in the storage.
fn paths(collection: &str, record: &Json) -> Vec<String> {
    let id = record["id"].as_str().unwrap();
    let mut names: Vec<&Json> = vec![&record["one"], &record["secret"]];
    names.extend(record["many"].as_array().unwrap());
    let names = names.into_iter().map(|name| name.as_str().unwrap()).filter(|name| !name.is_empty());
    names.map(|name| format!("{collection}/{id}/{name}")).collect()
}

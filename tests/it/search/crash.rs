//! kill -9 under writes: the index is what the records are, before and after the next start.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{check, status};
use crate::crash::{Process, make_superuser};
use crate::server::{Client, PASSWORD, SUPERUSER_EMAIL};

const WRITERS: usize = 8;

/// Writes of a round before the server is killed.
const WRITES_PER_ROUND: usize = 300;

async fn sign_in(base: &str) -> Client {
    let client = Client::at(base);
    let body = json!({"identity": SUPERUSER_EMAIL, "password": PASSWORD});
    let auth = client.post("/api/collections/_superusers/auth-with-password", body).await.expect(200);
    client.signed_in(&auth)
}

/// Saves and deletes until the server is gone.
async fn write(base: String, collection: String, done: Arc<AtomicUsize>) {
    let http = crate::server::http_client();
    let url = format!("{base}/api/collections/{collection}/records");
    loop {
        let Ok(answer) = http.post(&url).json(&json!({"t": "first words"})).send().await else { return };
        let Ok(record) = answer.json::<serde_json::Value>().await else { return };
        let own = format!("{url}/{}", record["id"].as_str().unwrap());
        let request = match done.fetch_add(1, Ordering::Relaxed) % 3 {
            0 => http.delete(own),
            _ => http.patch(own).json(&json!({"t": "other words"})),
        };
        if request.send().await.is_err() {
            return;
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn the_index_catches_up_after_kill_9() {
    let rounds: usize = std::env::var("LARDER_CRASH_ROUNDS").map_or(3, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    make_superuser(&data);
    {
        let server = Process::start(&data);
        let root = sign_in(&server.base).await;
        for name in ["a", "b"] {
            root.open_collection(name, json!([{"name": "t", "type": "text"}])).await;
            root.patch(&format!("/api/collections/{name}"), json!({"search": {"fields": ["t"]}})).await.expect(200);
        }
        wait_until_ready(&root).await;
    }
    for round in 0..rounds {
        let mut server = Process::start(&data);
        let root = sign_in(&server.base).await;
        let done = Arc::new(AtomicUsize::new(0));
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..WRITERS {
            let collection = if n % 2 == 0 { "a" } else { "b" };
            writers.spawn(write(server.base.clone(), collection.to_owned(), Arc::clone(&done)));
        }
        if round % 2 == 1 {
            // In the middle of making an index.
            root.post("/api/collections/a/search/rebuild", json!({})).await.expect(204);
        }
        while done.load(Ordering::Relaxed) < WRITES_PER_ROUND {
            tokio::task::yield_now().await;
        }
        server.kill();
        while let Some(writer) = writers.join_next().await {
            writer.unwrap();
        }
        let (is_right, text) = check(&data);
        assert!(is_right, "round {round}, as it was left: {text}");
        let mut server = Process::start(&data);
        let root = sign_in(&server.base).await;
        wait_until_ready(&root).await;
        server.kill();
        let (is_right, text) = check(&data);
        assert!(is_right && !text.contains("wait for the next start"), "round {round}, after a start: {text}");
    }
}

/// Until the indexes know of every change.
async fn wait_until_ready(root: &Client) {
    for name in ["a", "b"] {
        loop {
            let status = status(root, name).await;
            if status["state"] == "ready" && status["lag"] == 0 {
                break;
            }
        }
    }
}

//! A client that does not read: it costs the others nothing, and little memory.

use serde_json::{Value as Json, json};

use super::stream::{Stream, in_time};
use super::world::records;
use crate::server::{Client, TestServer};

/// More than the machine's buffers of a connection and the server's queue hold together.
const WRITES: usize = 160;

/// Characters of each record.
const SIZE: usize = 200_000;

async fn start() -> (TestServer, Client) {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([{"name": "n", "type": "number"}, {"name": "text", "type": "text", "max": 1_000_000}]);
    root.open_collection("large", fields).await;
    (server, root)
}

async fn write(root: &Client, n: usize, size: usize) {
    root.post(&records("large"), json!({"n": n, "text": "x".repeat(size)})).await.expect(200);
}

async fn status(root: &Client) -> Json {
    root.get("/api/realtime/status").await.expect(200)
}

/// Somebody who leaves what comes in the machine's buffers, which are small.
async fn sleeper(server: &TestServer) -> Stream {
    let mut stream = Stream::to(&server.base).receive_buffer(4096).open().await;
    stream.subscribe(&server.guest(), &["large/*"]).await;
    stream
}

#[tokio::test]
async fn who_does_not_read_is_told_to_load_afresh_and_nobody_waits() {
    let (server, root) = start().await;
    let mut reader = Stream::of(&server.guest(), &["large/*"]).await;
    let mut slow = sleeper(&server).await;
    for n in 0..WRITES {
        write(&root, n, SIZE).await;
        // While the other one reads nothing.
        assert_eq!(reader.next().await.record()["n"], n);
    }
    let overflown = async { while status(&root).await["overflows"] == 0 {} };
    in_time(overflown).await;
    // What was on its way comes, then the news that the rest does not.
    let heard = slow.until(|event| event.topic == "@resync").await;
    assert!(heard.len() < WRITES / 2, "{} of {WRITES} waited for it", heard.len());
    for (n, event) in heard.iter().enumerate() {
        assert_eq!(event.record()["n"], n, "the first of them, in order");
    }
    // It goes on from there, as whoever loads what there is and reads again.
    let loaded = slow.position.unwrap();
    write(&root, WRITES, 1).await;
    let last = reader.next().await.seq();
    let after = slow.until(|event| event.topic == "large/*" && event.record()["n"] == WRITES).await;
    let is_later = |seq: i64| seq >= loaded && seq <= last;
    assert!(after.iter().all(|event| is_later(event.seq())));
    assert_eq!(slow.position, Some(last));
}

#[tokio::test]
async fn many_who_do_not_read_hold_up_nobody() {
    let (server, root) = start().await;
    let mut sleepers = Vec::new();
    for _ in 0..50 {
        sleepers.push(sleeper(&server).await);
    }
    let mut reader = Stream::of(&server.guest(), &["large/*"]).await;
    for n in 0..40 {
        write(&root, n, SIZE).await;
        assert_eq!(reader.next().await.record()["n"], n);
    }
    drop(sleepers);
    let gone = async { while status(&root).await["connections"] != 1 {} };
    in_time(gone).await;
    write(&root, 40, 1).await;
    assert_eq!(reader.next().await.record()["n"], 40);
}

#[tokio::test]
async fn one_frame_may_be_larger_than_the_queue() {
    let (server, root) = start().await;
    let fields = json!([{"name": "n", "type": "number"}, {"name": "text", "type": "text", "max": 5_000_000}]);
    root.patch("/api/collections/large", json!({"fields": fields})).await.expect(200);
    let mut reader = Stream::of(&server.guest(), &["large/*"]).await;
    for n in 0..3 {
        write(&root, n, 4_000_000).await;
        let event = reader.next().await;
        assert_eq!((&event.record()["n"], event.record()["text"].as_str().unwrap().len()), (&json!(n), 4_000_000));
    }
}

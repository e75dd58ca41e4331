//! Uploads that need more room together than there is.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use super::raw::{connect, head, part};
use super::{DOCS, arriving, await_named, await_that, docs, file};
use crate::server::{Answer, Client, TestServer, config};

async fn upload(guest: &Client, bytes: usize) -> Answer {
    guest.submit(Method::POST, DOCS, Form::new().part("many", file("a.bin", vec![b'x'; bytes]))).await
}

#[tokio::test]
async fn who_comes_when_the_room_is_used_up_is_told_to_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let config = larder::config::Config { max_spool_mb: 1, max_body_mb: 1, ..config(&folder) };
    let server = TestServer::with(folder, config);
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let data = server.folder.path().join("data");
    upload(&guest, 800_000).await.expect(200);
    // One that takes its time.
    let start = [head("Content-Length: 1000000").into_bytes(), part("many", "a.bin", &vec![b'x'; 600_000])].concat();
    let mut slow = connect(&server.base).await;
    slow.write_all(&start).await.unwrap();
    let is_part = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "part");
    await_that(&data, || arriving(&data).iter().any(is_part)).await;
    let refused = upload(&guest, 800_000).await;
    assert_eq!((refused.status.as_u16(), &refused.body["status"]), (503, &json!(503)), "{}", refused.text);
    assert!(refused.body["message"].is_string() && refused.body["data"] == json!({}), "{}", refused.text);
    assert_eq!(refused.headers["retry-after"], "1");
    // Small ones do not need the disk while they arrive.
    upload(&guest, 1000).await.expect(200);
    // What can never fit is not worth another try.
    upload(&guest, 3_000_000).await.expect(413);
    drop(slow);
    let come_back = async {
        while upload(&guest, 800_000).await.status == 503 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), come_back).await.expect("the room is not given back");
    upload(&guest, 800_000).await.expect(200);
    await_named(&server, &collection).await;
}

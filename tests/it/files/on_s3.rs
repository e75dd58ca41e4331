//! Files that a service keeps, over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value as Json, json};

use super::samples::png;
use super::{DOCS, await_stored, await_that, docs, file, stored};
use crate::s3_front::{Fate, Gate, S3Front, Step};
use crate::server::{Client, TestServer, config};
use crate::settings_s3::settings;

async fn use_s3(root: &Client, s3: &S3Front) {
    let s3 = settings(&format!("http://127.0.0.1:{}", s3.port));
    root.patch("/api/settings", json!({"s3": s3})).await.expect(200);
}

fn form(content: &'static str) -> Form {
    Form::new().part("one", file("a.txt", content))
}

fn url(record: &Json) -> String {
    format!("/api/files/docs/{}/{}", record["id"].as_str().unwrap(), record["one"].as_str().unwrap())
}

#[tokio::test]
async fn only_get_is_sent_to_the_service() {
    let s3 = S3Front::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = larder::config::Config { s3_redirect: true, ..config(&folder) };
    let server = TestServer::with(folder, config);
    let (root, _) = docs(&server).await;
    use_s3(&root, &s3).await;
    let made = root.submit(Method::POST, DOCS, form("0123456789")).await.expect(200);
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let guest = server.guest();
    let sent = http.get(format!("{}{}", server.base, url(&made))).send().await.unwrap();
    assert_eq!(
        (sent.status().as_u16(), &sent.headers()["cache-control"]),
        (302, &"private, no-store".parse().unwrap())
    );
    let location = sent.headers()["location"].to_str().unwrap();
    assert_eq!(http.get(location).send().await.unwrap().text().await.unwrap(), "0123456789");
    // A URL that is signed for GET is none for HEAD: it is answered here.
    assert_eq!(http.head(location).send().await.unwrap().status(), 403);
    let head = guest.send(guest.request(Method::HEAD, &url(&made))).await;
    assert_eq!((head.status.as_u16(), head.headers.get("location")), (200, None));
    assert_eq!(
        (&head.headers["content-length"], &head.headers["content-type"]),
        (&"10".parse().unwrap(), &"text/plain; charset=utf-8".parse().unwrap())
    );
}

#[tokio::test]
async fn a_record_is_not_written_when_files_are_kept_elsewhere_by_then() {
    let (gate, open) = Gate::closed();
    let s3 = S3Front::with(move |step, before| match step {
        Step::Put if before == 0 => Fate::Held(gate.clone()),
        _ => Fate::Fine,
    })
    .await;
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    use_s3(&root, &s3).await;
    let guest = server.guest();
    let saving = tokio::spawn(async move { guest.submit(Method::POST, DOCS, form("x")).await });
    s3.until(Step::Put, 1).await;
    root.patch("/api/settings", json!({"s3": {"enabled": false}})).await.expect(200);
    open.send_replace(true);
    let refused = saving.await.unwrap();
    assert_eq!((refused.status.as_u16(), &refused.body["data"]), (400, &json!({})), "{}", refused.text);
    assert_eq!(root.get(DOCS).await.expect(200)["totalItems"], 0);
    // It is removed from where it was stored.
    await_that(s3.folder.path(), || s3.stored().is_empty()).await;
    assert_eq!((s3.stored(), stored(&server.folder.path().join("data"))), (vec![], vec![]));
    let made = root.submit(Method::POST, DOCS, form("here")).await.expect(200);
    assert_eq!(root.get(&url(&made)).await.text, "here");
    // Other settings that change meanwhile do not matter, nor another way to reach the same bucket.
    let (gate, open) = Gate::closed();
    let s3 = S3Front::with(move |step, _| if step == Step::Put { Fate::Held(gate.clone()) } else { Fate::Fine }).await;
    use_s3(&root, &s3).await;
    let guest = server.guest();
    let saving = tokio::spawn(async move { guest.submit(Method::POST, DOCS, form("there")).await });
    s3.until(Step::Put, 1).await;
    let other = json!({"meta": {"appName": "Another"}, "s3": {"forcePathStyle": false}});
    root.patch("/api/settings", other).await.expect(200);
    open.send_replace(true);
    let made = saving.await.unwrap().expect(200);
    assert_eq!(root.get(&url(&made)).await.text, "there");
}

#[tokio::test]
async fn the_time_of_a_batch_does_not_run_while_its_files_are_stored() {
    const TIME: Duration = Duration::from_secs(2);
    let (gate, open) = Gate::closed();
    let s3 = S3Front::with(move |step, _| if step == Step::Put { Fate::Held(gate.clone()) } else { Fate::Fine }).await;
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    use_s3(&root, &s3).await;
    root.patch("/api/settings", json!({"batch": {"enabled": true, "timeout": TIME.as_secs()}})).await.expect(200);
    let guest = server.guest();
    let requests = json!({"requests": [{"method": "POST", "url": DOCS, "body": {"title": "x"}}]});
    let form = Form::new().text("@jsonPayload", requests.to_string()).part("requests.0.one", file("a.txt", "x"));
    let running = tokio::spawn(async move { guest.submit(Method::POST, "/api/batch", form).await });
    s3.until(Step::Put, 1).await;
    // The service takes longer than the batch may.
    tokio::time::sleep(TIME).await;
    open.send_replace(true);
    let done = running.await.unwrap().expect(200);
    assert_eq!(root.get(&url(&done[0]["body"])).await.text, "x");
}

#[tokio::test]
async fn what_cannot_be_removed_from_a_bucket_is_not_forgotten_while_files_are_kept_elsewhere() {
    let is_down = Arc::new(AtomicBool::new(true));
    let fails = Arc::clone(&is_down);
    let s3 = S3Front::with(move |step, _| match step {
        Step::Delete if fails.load(Ordering::Relaxed) => Fate::error(403, "AccessDenied"),
        _ => Fate::Fine,
    })
    .await;
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    use_s3(&root, &s3).await;
    let made = root.submit(Method::POST, DOCS, form("x")).await.expect(200);
    root.delete(&format!("{DOCS}/{}", made["id"].as_str().unwrap())).await.expect(204);
    s3.until(Step::Delete, 1).await;
    root.patch("/api/settings", json!({"s3": {"enabled": false}})).await.expect(200);
    is_down.store(false, Ordering::Relaxed);
    // What is dropped here is removed here, and with it goes a look at all that was dropped.
    let local = root.submit(Method::POST, DOCS, form("x")).await.expect(200);
    root.delete(&format!("{DOCS}/{}", local["id"].as_str().unwrap())).await.expect(204);
    await_stored(&server, &[]).await;
    assert_eq!(s3.stored().len(), 1);
    use_s3(&root, &s3).await;
    await_that(s3.folder.path(), || s3.stored().is_empty()).await;
    assert_eq!(s3.stored(), Vec::<String>::new());
}

#[tokio::test]
async fn a_picture_in_place_of_a_thumbnail_that_may_come_later_is_not_kept_by_caches() {
    let s3 = S3Front::with(|step, before| match step {
        // The second is asked for by who makes the thumbnail.
        Step::Head if before == 1 => Fate::error(403, "AccessDenied"),
        _ => Fate::Fine,
    })
    .await;
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    use_s3(&root, &s3).await;
    for (content, want) in [(png(80, 60, [1, 2, 3]), "no-store"), (b"text".to_vec(), "max-age=2592000")] {
        let part = reqwest::multipart::Part::bytes(content).file_name("a.png");
        let made = root.submit(Method::POST, DOCS, Form::new().part("one", part)).await.expect(200);
        let sent = server.guest().get(&format!("{}?thumb=100x100", url(&made))).await;
        let caching = sent.headers["cache-control"].to_str().unwrap();
        assert!(sent.status == 200 && caching.starts_with(want), "{caching}");
    }
}

#[tokio::test]
async fn thumbnails_are_made_for_who_may_not_list_the_bucket() {
    // Such a service denies what is not there.
    let s3 = S3Front::with(|step, before| match step {
        Step::Head if before == 0 => Fate::error(403, "AccessDenied"),
        _ => Fate::Fine,
    })
    .await;
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    use_s3(&root, &s3).await;
    let part = reqwest::multipart::Part::bytes(png(80, 60, [1, 2, 3])).file_name("a.png");
    let made = root.submit(Method::POST, DOCS, Form::new().part("one", part)).await.expect(200);
    let sent = server.guest().get(&format!("{}?thumb=100x100", url(&made))).await;
    assert_eq!(sent.status, 200);
    assert!(sent.headers["content-disposition"].to_str().unwrap().contains("100x100_"));
}

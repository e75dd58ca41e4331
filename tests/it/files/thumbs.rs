//! Thumbnails over HTTP: which are made, of what, and how long they live.

use std::path::PathBuf;

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value as Json, json};

use super::samples::{gif, png, png_size};
use super::{DOCS, await_stored, await_that, docs, file, paths, stored};
use crate::server::{Answer, Client, TestServer, config};

/// A record with this file in `many`; the record and the file's URL.
async fn uploaded(client: &Client, name: &str, bytes: Vec<u8>) -> (Json, String) {
    let made = client.submit(Method::POST, DOCS, Form::new().part("many", file(name, bytes))).await.expect(200);
    let url = format!("/api/files/docs/{}/{}", made["id"].as_str().unwrap(), made["many"][0].as_str().unwrap());
    (made, url)
}

/// The bytes of a download.
async fn download(client: &Client, path: &str) -> Vec<u8> {
    let response = client.request(Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.bytes().await.unwrap().to_vec()
}

fn kind(answer: &Answer) -> &str {
    answer.headers["content-type"].to_str().unwrap()
}

/// Where the storage keeps a thumbnail of a record's only file.
fn thumb_path(collection: &str, record: &Json, size: &str) -> String {
    let name = record["many"][0].as_str().unwrap();
    format!("{collection}/{}/thumbs_{name}/{size}_{name}", record["id"].as_str().unwrap())
}

#[tokio::test]
async fn declared_sizes_and_one_more() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let original = png(64, 48, [200, 10, 10]);
    let (made, url) = uploaded(&guest, "a.png", original.clone()).await;
    for (size, want) in [
        ("20x10", (20, 10)),
        ("100x100", (100, 100)),
        // Not declared, or no size at all.
        ("30x30", (64, 48)),
        ("20x10f", (64, 48)),
        ("0x0", (64, 48)),
        ("20x10%2f..%2f..", (64, 48)),
        ("", (64, 48)),
        ("99999999999x1", (64, 48)),
    ] {
        let bytes = download(&guest, &format!("{url}?thumb={size}")).await;
        assert_eq!(png_size(&bytes), want, "{size}");
        assert_eq!(bytes == original, want == (64, 48), "{size}");
    }
    let mut want = paths(&collection, &made);
    want.extend([thumb_path(&collection, &made, "20x10"), thumb_path(&collection, &made, "100x100")]);
    await_stored(&server, &want).await;
    let thumb = guest.get(&format!("{url}?thumb=20x10")).await;
    let disposition = thumb.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("inline; filename=20x10_a"), "{disposition}");
    let thumb = guest.get(&format!("{url}?thumb=20x10&download=1")).await;
    assert!(thumb.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
}

#[tokio::test]
async fn formats_and_qualities() {
    let server = TestServer::start();
    docs(&server).await;
    let guest = server.guest();
    let (_, url) = uploaded(&guest, "a.png", png(64, 48, [200, 10, 10])).await;
    for (query, want) in [
        ("thumb=20x10", "image/png"),
        ("thumb=20x10&format=jpeg", "image/jpeg"),
        ("thumb=20x10&format=jpg&quality=1", "image/jpeg"),
        ("thumb=20x10&format=png", "image/png"),
        ("thumb=20x10&format=gif", "image/gif"),
        ("thumb=20x10&format=webp&quality=100", "image/webp"),
        ("thumb=100x100&format=webp", "image/webp"),
        // Of sizes that are not declared there is no other format either.
        ("thumb=30x30&format=webp", "image/png"),
        ("format=webp", "image/png"),
        ("quality=5000", "image/png"),
    ] {
        // The second is the stored one.
        for _ in 0..2 {
            let answer = guest.get(&format!("{url}?{query}")).await;
            assert_eq!((answer.status.as_u16(), kind(&answer)), (200, want), "{query}");
        }
    }
    for query in [
        "format=bmp",
        "format=WEBP",
        "format=..%2f..%2fx",
        "format=svg",
        "format=webp&quality=0",
        "format=jpeg&quality=101",
        "format=jpeg&quality=-1",
        "format=jpeg&quality=1.5",
        "format=jpeg&quality=x",
        "quality=50",
        "format=jpeg&quality=99999999999999999999",
    ] {
        let refused = guest.get(&format!("{url}?thumb=20x10&{query}")).await;
        assert_eq!((refused.status.as_u16(), &refused.body["status"]), (400, &json!(400)), "{query}: {}", refused.text);
    }
}

#[tokio::test]
async fn what_is_no_picture_is_served_as_it_is() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let whole = png(64, 48, [1, 2, 3]);
    let mut want = Vec::new();
    for (name, bytes) in [
        ("a.txt", b"text".to_vec()),
        ("a.png", b"text".to_vec()),
        ("empty.png", Vec::new()),
        ("magic.png", whole[..8].to_vec()),
        ("cut.png", whole[..whole.len() / 2].to_vec()),
        ("flipped.png", whole.iter().enumerate().map(|(i, b)| if i == 20 { !b } else { *b }).collect()),
        ("cut.gif", gif(64, 48, 1)[..30].to_vec()),
        ("magic.jpg", b"\xff\xd8\xff\xe0".to_vec()),
        ("magic.webp", b"RIFF\x04\x00\x00\x00WEBP".to_vec()),
        ("a.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()),
    ] {
        let (made, url) = uploaded(&guest, name, bytes.clone()).await;
        for query in ["thumb=20x10", "thumb=20x10", "thumb=20x10&format=webp"] {
            assert!(download(&guest, &format!("{url}?{query}")).await == bytes, "{name}: {query}");
        }
        want.extend(paths(&collection, &made));
    }
    await_stored(&server, &want).await;
}

#[tokio::test]
async fn thumbnails_of_protected_files_are_protected() {
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    let fields = json!([{"name": "secret", "type": "file", "maxSelect": 1, "protected": true, "thumbs": ["20x10"]}]);
    root.open_collection("safe", fields).await;
    let form = Form::new().part("secret", file("a.png", png(64, 48, [1, 2, 3])));
    let made = root.submit(Method::POST, "/api/collections/safe/records", form).await.expect(200);
    root.patch("/api/collections/safe", json!({"viewRule": null})).await.expect(200);
    let token = root.post("/api/files/token", json!({})).await.expect(200)["token"].as_str().unwrap().to_owned();
    let url = format!("/api/files/safe/{}/{}", made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let guest = server.guest();
    // Before and after it was made.
    for _ in 0..2 {
        for query in ["thumb=20x10", "thumb=100x100", "thumb=20x10&format=webp", "thumb=30x30", "token=x&thumb=20x10"] {
            guest.get(&format!("{url}?{query}")).await.expect(404);
        }
        let allowed = guest.get(&format!("{url}?thumb=20x10&token={token}")).await;
        assert_eq!(
            (allowed.status.as_u16(), &allowed.headers["cache-control"]),
            (200, &"private, no-cache".parse().unwrap())
        );
    }
    // By the name of the thumbnail itself, or of its folder, there is nothing.
    let (record, name) = url.rsplit_once('/').unwrap();
    for path in [
        format!("{record}/20x10_{name}"),
        format!("{record}/thumbs_{name}"),
        format!("{record}/thumbs_{name}%2f20x10_{name}"),
        format!("{record}/thumbs_{name}/20x10_{name}"),
    ] {
        assert_eq!(guest.get(&format!("{path}?token={token}")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn thumbnails_go_with_their_file() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let (made, url) = uploaded(&guest, "a.png", png(64, 48, [1, 2, 3])).await;
    let thumb = thumb_path(&collection, &made, "20x10");
    let both = [paths(&collection, &made), vec![thumb.clone()]].concat();
    let first = download(&guest, &format!("{url}?thumb=20x10")).await;
    await_stored(&server, &both).await;
    // Lost from the disk: made again.
    let folder = server.folder.path().join("data/storage").join(&thumb).parent().map(PathBuf::from).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    assert!(download(&guest, &format!("{url}?thumb=20x10")).await == first);
    await_stored(&server, &both).await;
    // Replaced, then deleted.
    let record = format!("{DOCS}/{}", made["id"].as_str().unwrap());
    let form = Form::new().part("many", file("b.png", png(48, 64, [3, 2, 1])));
    let replaced = guest.submit(Method::PATCH, &record, form).await.expect(200);
    await_stored(&server, &paths(&collection, &replaced)).await;
    guest.get(&format!("{url}?thumb=20x10")).await.expect(404);
    let url = url.replace(made["many"][0].as_str().unwrap(), replaced["many"][0].as_str().unwrap());
    download(&guest, &format!("{url}?thumb=20x10")).await;
    await_stored(&server, &[paths(&collection, &replaced), vec![thumb_path(&collection, &replaced, "20x10")]].concat())
        .await;
    guest.delete(&record).await.expect(204);
    await_stored(&server, &[]).await;
}

/// Of deletes and thumbnails that meet, no thumbnail stays.
#[tokio::test]
async fn thumbnails_made_while_their_file_is_removed_do_not_stay() {
    let server = TestServer::start();
    docs(&server).await;
    let guest = server.guest();
    let picture = png(400, 300, [1, 2, 3]);
    for _ in 0..10 {
        let (made, url) = uploaded(&guest, "a.png", picture.clone()).await;
        let record = format!("{DOCS}/{}", made["id"].as_str().unwrap());
        let (path, other) = (format!("{url}?thumb=20x10"), format!("{url}?thumb=100x100"));
        let (first, gone, second) = tokio::join!(guest.get(&path), guest.delete(&record), guest.get(&other));
        assert_eq!(gone.status, 204);
        for answer in [first, second] {
            assert!(matches!(answer.status.as_u16(), 200 | 404), "{}", answer.text);
        }
    }
    await_stored(&server, &[]).await;
}

/// Files that were put in place as a whole, seen from outside.
#[cfg(target_os = "linux")]
fn moves(watch: &std::os::fd::OwnedFd) -> usize {
    use rustix::fs::inotify::{ReadFlags, Reader};
    let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
    let mut reader = Reader::new(watch, &mut buffer);
    let mut count = 0;
    while let Ok(event) = reader.next() {
        assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW));
        count += usize::from(event.events().contains(ReadFlags::MOVED_FROM));
    }
    count
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_asks_at_the_same_time_gets_the_same_thumbnail() {
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
    let folder = tempfile::tempdir().unwrap();
    let config = larder::config::Config { thumb_threads: 1, ..config(&folder) };
    let server = TestServer::with(folder, config);
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let (made, url) = uploaded(&guest, "a.png", png(800, 600, [1, 2, 3])).await;
    let storage = server.folder.path().join("data/storage");
    let watch = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
    std::fs::create_dir_all(storage.join(".partial")).unwrap();
    add_watch(&watch, storage.join(".partial"), WatchFlags::MOVED_FROM).unwrap();
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (guest, path) = (guest.clone(), format!("{url}?thumb=100x100"));
        asking.spawn(async move { download(&guest, &path).await });
    }
    let answers = asking.join_all().await;
    assert!(answers.iter().all(|bytes| *bytes == answers[0] && png_size(bytes) == (100, 100)));
    // With one worker this one comes behind whatever is still made of the first size.
    download(&guest, &format!("{url}?thumb=20x10")).await;
    let data = server.folder.path().join("data");
    let last = thumb_path(&collection, &made, "20x10");
    await_that(&data, || stored(&data).contains(&last)).await;
    assert_eq!(stored(&data).len(), 3);
    assert_eq!(moves(&watch), 2);
}

//! What no record names is removed: after deletes, failed writes, crashes.

use std::fs;
use std::path::PathBuf;

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value as Json, json};

use super::{DOCS, arriving, await_stored, await_that, docs, file, paths, stored};
use crate::server::{TestServer, config};

#[tokio::test]
async fn deleted_collections_take_their_files_along() {
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    for _ in 0..3 {
        let form = Form::new().part("one", file("a.txt", "x"));
        root.submit(Method::POST, DOCS, form).await.expect(200);
    }
    root.delete("/api/collections/docs").await.expect(204);
    await_stored(&server, &[]).await;
}

#[tokio::test]
async fn truncated_collections_and_cascades_too() {
    let server = TestServer::start();
    let (root, collection) = docs(&server).await;
    let parents = root.open_collection("parents", json!([])).await;
    let field = json!({"fields": [
        {"name": "parent", "type": "relation", "collectionId": parents["id"], "cascadeDelete": true, "maxSelect": 1},
        {"name": "one", "type": "file"},
    ]});
    let mut body = field;
    body["name"] = json!("children");
    body["createRule"] = json!("");
    root.post("/api/collections", body).await.expect(200);
    let parent = root.post("/api/collections/parents/records", json!({})).await.expect(200);
    let form = Form::new().text("parent", parent["id"].as_str().unwrap().to_owned()).part("one", file("c.txt", "x"));
    root.submit(Method::POST, "/api/collections/children/records", form).await.expect(200);
    let form = Form::new().part("one", file("a.txt", "x"));
    let made = root.submit(Method::POST, DOCS, form).await.expect(200);
    root.delete(&format!("/api/collections/parents/records/{}", parent["id"].as_str().unwrap())).await.expect(204);
    await_stored(&server, &paths(&collection, &made)).await;
    root.delete("/api/collections/docs/truncate").await.expect(204);
    await_stored(&server, &[]).await;
}

fn folder_of(server: &TestServer) -> PathBuf {
    server.folder.path().join("data/storage")
}

#[tokio::test]
async fn what_a_crash_leaves_behind_is_collected_at_the_next_start() {
    let server = TestServer::start();
    let (root, collection) = docs(&server).await;
    let form = Form::new().part("one", file("kept.txt", "x"));
    let made = root.submit(Method::POST, DOCS, form).await.expect(200);
    let kept = paths(&collection, &made);
    let folder = server.stop();
    let data = folder.path().join("data");
    // A file that arrived in part, one stored for a record that was never written, and one of a record that was written
    // although the note of it is still there.
    let storage = data.join("storage");
    fs::write(storage.join(".uploads/abc.part"), "half").unwrap();
    fs::create_dir_all(storage.join(".partial")).unwrap();
    fs::write(storage.join(".partial/abc"), "half").unwrap();
    fs::create_dir_all(storage.join(&collection).join("neverwritten")).unwrap();
    fs::write(storage.join(&collection).join("neverwritten/lost.txt"), "x").unwrap();
    let (id, name) = (made["id"].as_str().unwrap(), made["one"].as_str().unwrap());
    let note = json!({"storage": "local", "keys": [
        {"collection": collection, "record": "neverwritten", "name": "lost.txt"},
        {"collection": collection, "record": id, "name": name},
    ]});
    fs::write(storage.join(".uploads/abc.notes"), format!("{note}\n{{\"storage\":\"lo")).unwrap();
    // Nobody noted it, so it is none of ours.
    fs::create_dir_all(storage.join("elsewhere/x")).unwrap();
    fs::write(storage.join("elsewhere/x/theirs.txt"), "x").unwrap();
    let config = config(&folder);
    let server = TestServer::with(folder, config);
    let mut want = kept;
    want.push("elsewhere/x/theirs.txt".to_owned());
    await_stored(&server, &want).await;
    let notes = folder_of(&server).join(".uploads/abc.notes");
    await_that(&folder_of(&server), || !notes.exists()).await;
    assert!(!notes.exists());
}

#[tokio::test]
async fn a_client_that_leaves_half_way_leaves_nothing() {
    use tokio::io::AsyncWriteExt;
    let server = TestServer::start();
    docs(&server).await;
    let address = server.base.trim_start_matches("http://");
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {DOCS} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 4000000\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"many\"; filename=\"a.txt\"\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&vec![b'x'; 2_000_000]).await.unwrap();
    let data = server.folder.path().join("data");
    await_that(&data, || arriving(&data).len() == 1).await;
    assert_eq!(arriving(&data).len(), 1, "the upload never began");
    drop(socket);
    await_stored(&server, &[]).await;
}

#[tokio::test]
async fn files_of_a_removed_field_go() {
    let server = TestServer::start();
    let (root, collection) = docs(&server).await;
    let form =
        Form::new().part("one", file("one.txt", "x")).part("many", file("a.txt", "x")).part("many", file("b.txt", "x"));
    let made = root.submit(Method::POST, DOCS, form).await.expect(200);
    let fields = root.get("/api/collections/docs").await.body["fields"].clone();
    let single = |field: &Json| {
        let mut field = field.clone();
        field["maxSelect"] = json!(1);
        field
    };
    let narrowed: Vec<Json> = fields.as_array().unwrap().iter().map(single).collect();
    root.patch("/api/collections/docs", json!({"fields": narrowed})).await.expect(200);
    let id = made["id"].as_str().unwrap();
    let last = made["many"][1].as_str().unwrap();
    let kept = |name: &Json| format!("{collection}/{id}/{}", name.as_str().unwrap());
    await_stored(&server, &[kept(&made["one"]), kept(&json!(last))]).await;
    let left: Vec<Json> = narrowed.into_iter().filter(|field| field["name"] != "many").collect();
    root.patch("/api/collections/docs", json!({"fields": left})).await.expect(200);
    await_stored(&server, &[kept(&made["one"])]).await;
}

#[tokio::test]
async fn a_collection_made_anew_keeps_its_own_files() {
    let server = TestServer::start();
    let (root, collection) = docs(&server).await;
    for n in 0..60 {
        let form = Form::new().text("id", format!("old{n:012}")).part("one", file("old.txt", "x"));
        root.submit(Method::POST, DOCS, form).await.expect(200);
    }
    root.delete("/api/collections/docs").await.expect(204);
    let (_, again) = docs(&server).await;
    assert_eq!(again, collection, "the same name has the same id");
    let mut want = Vec::new();
    for n in 0..60 {
        // Into folders that are being removed.
        let form = Form::new().text("id", format!("old{n:012}")).part("one", file("new.txt", "x"));
        let made = root.submit(Method::POST, DOCS, form).await.expect(200);
        want.extend(paths(&collection, &made));
    }
    await_stored(&server, &want).await;
}

#[tokio::test]
async fn settings_of_no_use_store_nothing_anywhere() {
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    let s3 = json!({"s3": {
        "enabled": true, "endpoint": "http://127.0.0.1:1", "bucket": "b", "region": "r", "accessKey": "a/b", "secret": "s3cret",
    }});
    root.patch("/api/settings", s3).await.expect(200);
    let upload = async |server: &TestServer| {
        let form = Form::new().part("one", file("a.txt", "x"));
        let refused = server.guest().submit(Method::POST, DOCS, form).await;
        assert_eq!(refused.status, 502, "{}", refused.text);
        assert!(!refused.text.contains("s3cret") && !refused.text.contains("127.0.0.1"), "{}", refused.text);
        assert_eq!(stored(&server.folder.path().join("data")), Vec::<String>::new());
    };
    upload(&server).await;
    let folder = server.stop();
    let config = config(&folder);
    upload(&TestServer::with(folder, config)).await;
}

#[tokio::test]
async fn a_collection_may_be_on_another_file_system() {
    let server = TestServer::start();
    let (root, collection) = docs(&server).await;
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    fs::create_dir_all(folder_of(&server)).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), folder_of(&server).join(&collection)).unwrap();
    for content in ["x".to_owned(), "large".repeat(200_000)] {
        let part = reqwest::multipart::Part::text(content.clone()).file_name("a.txt");
        let made = root.submit(Method::POST, DOCS, Form::new().part("many", part)).await.expect(200);
        let (id, name) = (made["id"].as_str().unwrap(), made["many"][0].as_str().unwrap());
        assert_eq!(root.get(&format!("/api/files/docs/{id}/{name}")).await.text, content);
        let file = elsewhere.path().join(id).join(name);
        assert!(file.exists());
        root.delete(&format!("{DOCS}/{id}")).await.expect(204);
        await_that(elsewhere.path(), || !file.exists()).await;
        assert!(!file.exists());
    }
    await_stored(&server, &[]).await;
}

#[tokio::test]
async fn a_folder_among_uploads_keeps_no_server_from_starting() {
    let server = TestServer::start();
    let folder = server.stop();
    fs::create_dir_all(folder.path().join("data/storage/.uploads/theirs/too")).unwrap();
    let config = config(&folder);
    let server = TestServer::with(folder, config);
    assert_eq!(server.guest().get("/api/health").await.status, 200);
}

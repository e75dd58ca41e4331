//! Downloads: headers, ranges, conditions, who may.

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::json;

use super::{DOCS, docs, file};
use crate::server::{Client, TestServer};

/// A record with one file for each name; their URLs.
async fn uploaded(client: &Client, files: &[(&str, &str, &[u8])]) -> Vec<String> {
    let mut urls = Vec::new();
    for (field, name, bytes) in files {
        let form = Form::new().part((*field).to_owned(), file(name, *bytes));
        let made = client.submit(Method::POST, DOCS, form).await.expect(200);
        let stored = made[*field].as_str().unwrap_or_else(|| made[*field][0].as_str().unwrap());
        urls.push(format!("/api/files/docs/{}/{stored}", made["id"].as_str().unwrap()));
    }
    urls
}

#[tokio::test]
async fn ranges_and_conditions() {
    let server = TestServer::start();
    docs(&server).await;
    let guest = server.guest();
    let url = &uploaded(&guest, &[("one", "a.txt", b"0123456789")]).await[0];
    let whole = guest.get(url).await;
    assert_eq!((whole.status.as_u16(), whole.text.as_str()), (200, "0123456789"));
    let header = |name: &str| whole.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("accept-ranges"), "bytes");
    assert!(!whole.headers.contains_key("x-frame-options") && !whole.headers.contains_key("content-encoding"));
    assert!(header("content-security-policy").contains("sandbox"));
    assert!(header("cache-control").contains("max-age="));
    let (tag, modified) = (header("etag"), header("last-modified"));
    let far = "Fri, 01 Jan 2100 00:00:00 GMT".to_owned();
    let past = "Sat, 01 Jan 2000 00:00:00 GMT".to_owned();
    for (headers, status, text) in [
        (vec![("range", "bytes=2-4")], 206, "234"),
        (vec![("range", "bytes=-3")], 206, "789"),
        (vec![("range", "bytes=8-")], 206, "89"),
        (vec![("range", "bytes=8-99")], 206, "89"),
        (vec![("range", "bytes=10-")], 416, ""),
        (vec![("range", "bytes=0-9,0-9")], 200, "0123456789"),
        (vec![("if-none-match", &tag)], 304, ""),
        (vec![("if-none-match", "\"other\"")], 200, "0123456789"),
        (vec![("if-none-match", "*")], 304, ""),
        (vec![("if-modified-since", &modified)], 304, ""),
        (vec![("if-modified-since", &past)], 200, "0123456789"),
        (vec![("if-none-match", "\"other\""), ("if-modified-since", &far)], 200, "0123456789"),
        (vec![("if-match", &tag)], 200, "0123456789"),
        (vec![("if-match", "\"other\"")], 412, ""),
        (vec![("if-unmodified-since", &past)], 412, ""),
        (vec![("if-range", &tag), ("range", "bytes=0-0")], 206, "0"),
        (vec![("if-range", "\"other\""), ("range", "bytes=0-0")], 200, "0123456789"),
        (vec![("if-range", &modified), ("range", "bytes=0-0")], 206, "0"),
    ] {
        let mut request = guest.request(Method::GET, url);
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let answer = guest.send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}: {}", answer.text);
        if status < 400 {
            assert_eq!(answer.text, text, "{headers:?}");
        }
    }
    let parts = guest.send(guest.request(Method::GET, url).header("range", "bytes=0-1,4-5")).await;
    assert_eq!(parts.status, 206);
    let kind = parts.headers["content-type"].to_str().unwrap();
    let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
    assert_eq!(parts.text.matches(&format!("--{boundary}")).count(), 3, "{}", parts.text);
    assert!(parts.text.contains("Content-Range: bytes 4-5/10\r\n"), "{}", parts.text);
    let head = guest.send(guest.request(Method::HEAD, url)).await;
    assert_eq!((head.status.as_u16(), head.headers["content-length"].to_str().unwrap()), (200, "10"));
    assert_eq!(head.text, "");
}

#[tokio::test]
async fn an_empty_file_has_no_parts() {
    let server = TestServer::start();
    docs(&server).await;
    let guest = server.guest();
    let url = &uploaded(&guest, &[("one", "a.txt", b"")]).await[0];
    for range in ["bytes=0-", "bytes=0-0", "bytes=-5", "bytes=-0", "bytes=5-", "bytes=0-0,-1", "nonsense"] {
        let answer = guest.send(guest.request(Method::GET, url).header("range", range)).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""), "{range}");
        assert_eq!(answer.headers["content-length"], "0", "{range}");
    }
}

#[tokio::test]
async fn large_files_come_whole() {
    let server = TestServer::start();
    docs(&server).await;
    let guest = server.guest();
    let bytes: Vec<u8> = (0..3_000_000_u32).flat_map(|n| n.to_le_bytes()[..1].to_vec()).collect();
    let url = &uploaded(&guest, &[("many", "a.bin", &bytes)]).await[0];
    let response = guest.request(Method::GET, url).send().await.unwrap();
    assert_eq!(response.headers()["content-length"], "3000000");
    assert!(response.bytes().await.unwrap() == bytes);
    let part = guest.request(Method::GET, url).header("range", "bytes=1000000-2999998").send().await.unwrap();
    assert!(part.bytes().await.unwrap() == bytes[1_000_000..2_999_999]);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let url = &uploaded(&guest, &[("one", "a.txt", b"x")]).await[0];
    let (record, name) = url.rsplit_once('/').unwrap();
    assert_eq!(guest.get(&url.replace("/docs/", &format!("/{collection}/"))).await.status, 200);
    for path in [
        format!("{record}/b.txt"),
        format!("/api/files/docs/nothingthereatal/{name}"),
        format!("/api/files/unknown/x/{name}"),
        format!("{record}/..%2f..%2f..%2fdata.db"),
        format!("{record}/%2e%2e"),
        format!("{record}/{name}%00"),
        format!("/api/files/_superusers/x/{name}"),
    ] {
        assert_eq!(guest.get(&path).await.status, 404, "{path}");
    }
    // Named, but gone from the disk.
    let path = server.folder.path().join("data/storage").join(&collection);
    std::fs::remove_dir_all(path).unwrap();
    assert_eq!(guest.get(url).await.status, 404);
}

#[tokio::test]
async fn protected_files_need_a_token_that_the_view_rule_lets_through() {
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    let url = &uploaded(&root, &[("secret", "a.txt", b"s3cret")]).await[0];
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let guest = server.guest();
    guest.post("/api/files/token", json!({})).await.expect(401);
    let token = async |client: &Client| {
        let answer = client.post("/api/files/token", json!({})).await.expect(200);
        answer["token"].as_str().unwrap().to_owned()
    };
    let (of_ann, of_bob, of_root) = (token(&ann).await, token(&bob).await, token(&root).await);
    let auth = ann.token.clone().unwrap();
    for (rule, [none, ann_file, bob_file, root_file, ann_auth]) in [
        (json!(""), [200; 5]),
        (json!(null), [404, 404, 404, 200, 404]),
        (json!("@request.auth.id != ''"), [404, 200, 200, 200, 404]),
        (json!("@request.auth.name = 'ann'"), [404, 200, 404, 200, 404]),
        (json!("@request.context = 'protectedFile'"), [200; 5]),
        (json!("@request.context != 'protectedFile'"), [404, 404, 404, 200, 404]),
    ] {
        root.patch("/api/collections/docs", json!({"viewRule": rule})).await.expect(200);
        for (token, want) in
            [("", none), (&of_ann, ann_file), (&of_bob, bob_file), (&of_root, root_file), (&auth, ann_auth)]
        {
            let answer = guest.get(&format!("{url}?token={token}")).await;
            assert_eq!(answer.status.as_u16(), want, "{rule}: {token}");
            assert_eq!(answer.text.contains("s3cret"), want == 200);
            // The header says nothing about files.
            assert_eq!(ann.get(&format!("{url}?token={token}")).await.status.as_u16(), want, "{rule}");
        }
    }
    root.patch("/api/collections/docs", json!({"viewRule": "@request.auth.id != ''"})).await.expect(200);
    assert_eq!(guest.get(&format!("{url}?token={of_ann}")).await.headers["cache-control"], "private, no-cache");
    server.clock.advance(std::time::Duration::from_secs(181));
    guest.get(&format!("{url}?token={of_ann}")).await.expect(404);
}

#[tokio::test]
async fn superusers_from_elsewhere_are_guests_for_files() {
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    let url = &uploaded(&root, &[("secret", "a.txt", b"s3cret")]).await[0];
    root.patch("/api/collections/docs", json!({"viewRule": null})).await.expect(200);
    let token = root.post("/api/files/token", json!({})).await.expect(200)["token"].as_str().unwrap().to_owned();
    let with_token = format!("{url}?token={token}");
    let settings = json!({"superuserIPs": ["127.0.0.1", "10.1.1.1"], "trustedProxy": {"headers": ["X-Forwarded-For"]}});
    root.patch("/api/settings", settings).await.expect(200);
    assert_eq!(server.guest().get_from("10.1.1.1", &with_token).await.status, 200);
    assert_eq!(server.guest().get_from("10.1.1.2", &with_token).await.status, 404);
}

#[tokio::test]
async fn views_show_files_of_the_records_they_come_from() {
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    let guest = server.guest();
    let url = &uploaded(&guest, &[("many", "a.txt", b"seen")]).await[0];
    let (record, name) = url.strip_prefix("/api/files/docs/").unwrap().split_once('/').unwrap();
    for (view, query, id) in [
        ("same", "SELECT id, many FROM docs", record.to_owned()),
        ("renamed", "SELECT d.id, d.many AS pictures FROM docs d", record.to_owned()),
        ("numbered", "SELECT (ROW_NUMBER() OVER()) AS id, many FROM docs", "1".to_owned()),
        ("nested", "SELECT id, pictures AS shown FROM renamed", record.to_owned()),
    ] {
        let body = json!({"name": view, "type": "view", "viewQuery": query, "listRule": "", "viewRule": ""});
        root.post("/api/collections", body).await.expect(200);
        let answer = guest.get(&format!("/api/files/{view}/{id}/{name}")).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "seen"), "{view}");
        assert_eq!(guest.get(&format!("/api/files/{view}/{id}/other.txt")).await.status, 404, "{view}");
    }
}

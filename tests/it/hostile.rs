//! Bad input: a 4xx in the envelope, the process alive, nothing changed.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::server::{Answer, Client, TestServer};

async fn every_type(root: &Client) {
    let fields = json!([
        {"name": "text", "type": "text"}, {"name": "number", "type": "number"}, {"name": "bool", "type": "bool"},
        {"name": "email", "type": "email"}, {"name": "url", "type": "url"}, {"name": "date", "type": "date"},
        {"name": "select", "type": "select", "values": ["a", "b"], "maxSelect": 2},
        {"name": "json", "type": "json"}, {"name": "editor", "type": "editor"}, {"name": "geo", "type": "geoPoint"},
        {"name": "file", "type": "file"}, {"name": "auto", "type": "autodate", "onCreate": true},
        {"name": "pass", "type": "password"},
    ]);
    root.open_collection("all", fields).await;
}

async fn raw(client: &Client, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
    client.send(client.request(method, path).header("Content-Type", content_type).body(body)).await
}

#[tokio::test]
async fn odd_bodies_are_refused_or_harmless() {
    let server = TestServer::start();
    let root = server.superuser().await;
    every_type(&root).await;
    let guest = server.guest();
    let path = "/api/collections/all/records";
    let deep = |open: &str, n: usize| format!("{{\"json\":{}}}", open.repeat(n)).into_bytes();
    let nested = format!("{{\"json\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000)).into_bytes();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("truncated", b"{\"text\":\"a".to_vec()),
        ("not JSON", b"\x00\x01\x02".to_vec()),
        ("invalid UTF-8", b"{\"text\":\"\xff\xfe\"}".to_vec()),
        ("lone surrogate", b"{\"text\":\"\\ud800\"}".to_vec()),
        ("deep", deep("[", 10_000)),
        ("deep objects", deep("{\"a\":", 10_000)),
        ("deep and closed", nested),
        ("10 MB text", format!("{{\"text\":\"{}\"}}", "x".repeat(10 << 20)).into_bytes()),
        ("10 MB json", format!("{{\"json\":\"{}\"}}", "x".repeat(10 << 20)).into_bytes()),
        ("10 MB editor", format!("{{\"editor\":\"{}\"}}", "x".repeat(10 << 20)).into_bytes()),
        ("bad mail", b"{\"email\":\"x\"}".to_vec()),
        ("bad choice", b"{\"select\":[\"zzz\"]}".to_vec()),
        ("unknown file", b"{\"file\":\"nope.png\"}".to_vec()),
        ("off the map", b"{\"geo\":{\"lon\":999,\"lat\":0}}".to_vec()),
        ("array", b"[{\"text\":\"a\"}]".to_vec()),
        ("text", b"\"text\"".to_vec()),
    ];
    for (name, body) in cases {
        let answer = raw(&guest, Method::POST, path, "application/json", body).await;
        assert!(
            answer.status.is_client_error(),
            "{name}: {} {}",
            answer.status,
            &answer.text[..answer.text.len().min(300)]
        );
        assert_eq!(answer.body["status"], answer.status.as_u16(), "{name}");
    }
    assert_eq!(guest.get(path).await.expect(200)["totalItems"], 0);
    // Odd but harmless: stored as something the field can hold.
    for (name, body) in [
        ("huge numbers", "{\"number\":1e308}"),
        (
            "wrong types",
            "{\"text\":{\"a\":1},\"number\":\"x\",\"bool\":\"maybe\",\"date\":7,\"geo\":\"x\",\"auto\":\"x\"}",
        ),
        ("duplicate keys", "{\"text\":\"a\",\"text\":\"b\"}"),
        ("NUL", "{\"text\":\"a\\u0000b\"}"),
        ("unknown keys", "{\"nope\":1,\"@odd\":{},\"\":[],\"text+\":1,\"+text\":2,\"number-\":[]}"),
        ("minus zero", "{\"number\":-0.0}"),
        ("shallow nesting", "{\"json\":[[[[[[[[[[1]]]]]]]]]]}"),
    ] {
        let answer = raw(&guest, Method::POST, path, "application/json", body.as_bytes().to_vec()).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        let id = answer.body["id"].as_str().unwrap();
        assert_eq!(guest.get(&format!("{path}/{id}")).await.expect(200), answer.body, "{name}: stored as answered");
    }
    let infinite = raw(&guest, Method::POST, path, "application/json", b"{\"number\":1e999}".to_vec()).await;
    assert!(infinite.status.is_client_error(), "{}", infinite.text);
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused_before_they_are_read() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.open_collection("small", json!([{"name": "title", "type": "text"}])).await;
    let guest = server.guest();
    let body = vec![b' '; (32 << 20) + 1];
    let answer = raw(&guest, Method::POST, "/api/collections/small/records", "application/json", body).await;
    assert_eq!(answer.status, 413, "{}", answer.text);
    assert_eq!(answer.body["status"], 413);
    let body = vec![b'x'; 100_000];
    let answer = raw(&guest, Method::POST, "/api/collections/users/auth-with-password", "application/json", body).await;
    assert_eq!(answer.status, 413);
    guest.get("/api/health").await.expect(200);
}

#[tokio::test]
async fn a_form_cannot_smuggle_in_more_values_than_json_may_have() {
    let server = TestServer::start();
    let body = format!("@jsonPayload={{\"a\":[{}0]}}", "0,".repeat(1_000_001));
    let path = "/api/collections/users/records";
    let answer = raw(&server.guest(), Method::POST, path, "application/x-www-form-urlencoded", body.into_bytes()).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn whoever_may_not_write_is_refused_before_the_body_is_read() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.post("/api/collections", json!({"name": "locked", "type": "base"})).await.expect(200);
    let path = "/api/collections/locked/records";
    // Malformed, which only somebody who reads it would notice.
    let answer = raw(&server.guest(), Method::POST, path, "application/json", b"{".to_vec()).await;
    assert_eq!(answer.status, 403);
    assert_eq!(raw(&root, Method::POST, path, "application/json", b"{".to_vec()).await.status, 400);
}

#[tokio::test]
async fn sql_in_names_and_definitions_stays_text() {
    let server = TestServer::start();
    let root = server.superuser().await;
    every_type(&root).await;
    root.post("/api/collections/all/records", json!({"text": "kept"})).await.expect(200);
    let collection = |name: &str, fields: Json, extra: Json| {
        let mut body = json!({"name": name, "type": "base", "fields": fields});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let text = |name: &str| json!([{"name": name, "type": "text"}]);
    let bodies = [
        collection("x; drop table all", json!([]), json!({})),
        collection("x`y", json!([]), json!({})),
        collection("sqlite_master", json!([]), json!({})),
        collection("_params", json!([]), json!({})),
        collection("_larder_changes", json!([]), json!({})),
        collection("a1", text("x\"; drop table all; --"), json!({})),
        collection("a2", text("x\u{0}y"), json!({})),
        collection("a3", text("t"), json!({"indexes": ["create index i on a3 (t); drop table all"]})),
        collection("a4", text("t"), json!({"indexes": ["create index i on a4 (t) where (select 1 from _params)"]})),
        collection("a5", text("t"), json!({"indexes": ["create index i on a5 (load_extension('x'))"]})),
        collection("a6", text("t"), json!({"indexes": ["create index i on `all` (text)) --"]})),
    ];
    for body in &bodies {
        let answer = root.post("/api/collections", body.clone()).await;
        let is_harmless = answer.status == 200 && body["name"].as_str().is_some_and(|n| n == "a3" || n == "a6");
        assert!(answer.status.is_client_error() || is_harmless, "{body}: {}", answer.text);
    }
    for query in [
        "select id from users; drop table all",
        "delete from users returning id",
        "select 'x' as id, load_extension('x') as y",
        "attach 'x.db' as y",
        "pragma table_info(users)",
        "select id, value from _params",
        "select id, options from _collections",
        "select id, tokenKey as k from users",
        "select id, password as p from _superusers",
        "select name as id, sql from sqlite_master",
        "with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) as id from r",
        "select s.id, s.t from (select u.id as id, password as t from _superusers u \
         full join (select 'zz' as password) x using(password)) s where s.id is not null",
        "select u.id, u.t from (select id, tokenKey as t from users natural full join (select '' as tokenKey)) u",
        "select id from (select id from (",
        "",
    ] {
        let answer = root.post("/api/collections", json!({"name": "v", "type": "view", "viewQuery": query})).await;
        assert!(answer.status.is_client_error(), "{query}: {}", answer.text);
        let answer = root.post("/api/collections/meta/dry-run-view", json!({"query": query})).await;
        assert!(answer.status.is_client_error(), "dry run of {query}: {}", answer.text);
    }
    let kept = server.guest().get("/api/collections/all/records").await.expect(200);
    assert_eq!(kept["items"][0]["text"], "kept");
    root.get("/api/collections/v").await.expect(404);
}

#[tokio::test]
async fn odd_paths_and_queries() {
    let server = TestServer::start();
    let root = server.superuser().await;
    every_type(&root).await;
    let guest = server.guest();
    let long = "x".repeat(20_000);
    for (path, status) in [
        ("/api/collections/all/records/' or 1=1 --", 404),
        ("/api/collections/all/records/%00", 404),
        ("/api/collections/%27/records", 404),
        ("/api/collections/all/records?fields=%00(((((", 200),
        ("/api/collections/all/records?sort=%00", 400),
        ("/api/collections/all/records?page=1e9", 400),
        (&format!("/api/collections/{long}/records"), 404),
        (&format!("/api/collections/all/records?fields={}", "a.".repeat(5000)), 200),
    ] {
        let answer = guest.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{}: {}", &path[..path.len().min(80)], answer.text);
    }
    let many = "a=1&".repeat(5000);
    assert_eq!(guest.get(&format!("/api/collections/all/records?{many}")).await.status, 400);
    guest.get("/api/health").await.expect(200);
}

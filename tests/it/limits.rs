//! Rate limits. Which rule a request falls under and how windows run is tested beside the code, in `limits`.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::server::{Client, PASSWORD, SUPERUSER_EMAIL, TestServer, config, forged_token};
use crate::startup::larder;

/// Long enough that no window ends while a test runs.
const WINDOW: i64 = 100_000;

/// Switches limits on: (label, audience, requests), all for the same long window.
async fn limit(root: &Client, rules: &[(&str, &str, i64)]) {
    let rule = |&(label, audience, max): &(&str, &str, i64)| json!({"label": label, "audience": audience, "maxRequests": max, "duration": WINDOW});
    let rules: Vec<Json> = rules.iter().map(rule).collect();
    root.patch("/api/settings", json!({"rateLimits": {"enabled": true, "rules": rules}})).await.expect(200);
}

/// Statuses of the same request, made several times.
async fn statuses(client: &Client, method: Method, path: &str, times: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..times {
        let request = client.request(method.clone(), path);
        let request = if method == Method::POST { request.json(&json!({})) } else { request };
        statuses.push(client.send(request).await.status.as_u16());
    }
    statuses
}

async fn gets(client: &Client, path: &str, times: usize) -> Vec<u16> {
    statuses(client, Method::GET, path, times).await
}

#[tokio::test]
async fn limits_are_off_until_switched_on() {
    let server = TestServer::start();
    server.superuser().await;
    let sign_in = json!({"identity": SUPERUSER_EMAIL, "password": PASSWORD});
    // The stored rules would allow two.
    for _ in 0..4 {
        let path = "/api/collections/_superusers/auth-with-password";
        server.guest().post(path, sign_in.clone()).await.expect(200);
    }
}

#[tokio::test]
async fn a_window_is_used_up_and_ends() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser().await, server.guest());
    limit(&root, &[("/api/", "", 2)]).await;
    assert_eq!(gets(&guest, "/api/health", 2).await, [200, 200]);
    // Before anything else is found out about the request.
    let refused = guest.get("/api/settings").await;
    assert_eq!(refused.body["status"], 429, "{}", refused.text);
    assert_eq!(refused.body["data"], json!({}));
    let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(wait > WINDOW - 1000 && wait <= WINDOW, "{wait}");
    assert!(refused.headers.contains_key("x-content-type-options"));
    let page = guest.request(Method::GET, "/api/health").header("Origin", "https://app.example.com");
    let seen = guest.send(page).await;
    assert_eq!(seen.headers["access-control-expose-headers"], "retry-after", "a page can read when to come again");
    assert_eq!(statuses(&guest, Method::OPTIONS, "/api/health", 3).await, [204; 3]);
    server.clock.advance(Duration::from_secs(100_000));
    assert_eq!(gets(&guest, "/api/health", 3).await, [200, 200, 429]);
}

#[tokio::test]
async fn no_spelling_of_a_path_escapes_its_count() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser().await, server.guest());
    let id = root.open_collection("posts", json!([])).await["id"].as_str().unwrap().to_owned();
    let spellings: Vec<String> = ["posts", "POSTS", &id, "p%6Fsts", "%70%6f%73%74%73"]
        .iter()
        .map(|spelled| format!("/api/collections/{spelled}/records"))
        .chain(["/api/collections/posts/record%73".into(), "/%61pi/collections/posts/records?page=2".into()])
        .collect();
    let by_id = format!("/api/collections/{id}/records");
    for label in ["*:list", "posts:list", "/api/", "/api/collections/posts/records", "/api/collections/posts/", &by_id]
    {
        limit(&root, &[(label, "", 1)]).await;
        assert_eq!(gets(&guest, &spellings[0], 2).await, [200, 429], "{label}");
        for path in &spellings {
            assert_eq!(gets(&guest, path, 1).await, [429], "{label} {path}");
        }
        assert_eq!(statuses(&guest, Method::HEAD, &spellings[0], 1).await, [429], "{label} HEAD");
    }
    limit(&root, &[("/api/health", "", 1)]).await;
    assert_eq!(gets(&guest, "/api/healt%68", 2).await, [200, 429]);
    assert_eq!(gets(&guest, "/api/health?x=1", 1).await, [429]);
    // Not the route, so it does nothing that would have to be counted.
    assert_eq!(gets(&guest, "/api//health", 1).await, [404]);
    assert_eq!(gets(&guest, "/api/health/", 1).await, [404]);
}

#[tokio::test]
async fn collections_that_are_not_there() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser().await, server.guest());
    limit(&root, &[("*:list", "", 1), ("/api/", "", 2)]).await;
    assert_eq!(gets(&guest, "/api/collections/nope/records", 3).await, [404, 404, 429]);
    limit(&root, &[("*:authRefresh", "", 1)]).await;
    assert_eq!(statuses(&guest, Method::POST, "/api/collections/nope/auth-refresh", 2).await, [404, 404]);
    assert_eq!(statuses(&guest, Method::POST, "/api/collections/users/auth-refresh", 2).await, [401, 429]);
}

#[tokio::test]
async fn guests_users_superusers_and_pretenders() {
    let server = TestServer::start();
    let (root, guest, ann) = (server.superuser().await, server.guest(), server.user("ann").await);
    let health = "/api/health";
    limit(&root, &[("/api/health", "@guest", 1), ("GET /api/health", "@auth", 2)]).await;
    assert_eq!(gets(&guest, health, 2).await, [200, 429]);
    assert_eq!(gets(&ann, health, 3).await, [200, 200, 429]);
    assert_eq!(gets(&root, health, 4).await, [200; 4]);

    let real = ann.token.clone().unwrap();
    let users = root.get("/api/collections/users").await.expect(200)["id"].as_str().unwrap().to_owned();
    let ann_id = root.get("/api/collections/users/records").await.expect(200)["items"][0]["id"].clone();
    let root_id = root.get("/api/collections/_superusers/records").await.expect(200)["items"][0]["id"].clone();
    let pretenders = [
        forged_token("_superusers", root_id.as_str().unwrap()),
        forged_token("pbc_3142635823", root_id.as_str().unwrap()),
        forged_token(&users, ann_id.as_str().unwrap()),
        format!("{}x", root.token.clone().unwrap()),
        real[..real.len() - 4].to_owned(),
        "x".into(),
        "a.".repeat(3000),
    ];
    limit(&root, &[("/api/health", "@guest", 1), ("GET /api/health", "@auth", 2)]).await;
    assert_eq!(gets(&guest, health, 1).await, [200]);
    for token in pretenders {
        let pretender = guest.with_token(token.as_str());
        assert_eq!(gets(&pretender, health, 2).await, [429, 429], "{}", &token[..token.len().min(80)]);
    }
    // A token that ended is nobody's, though it is remembered for a moment.
    root.delete(&format!("/api/collections/users/records/{}", ann_id.as_str().unwrap())).await.expect(204);
    server.clock.advance(Duration::from_secs(5));
    assert_eq!(gets(&ann, health, 1).await, [429]);
}

#[tokio::test]
async fn counters_begin_anew_with_the_settings_only() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser().await, server.guest());
    limit(&root, &[("/api/health", "", 1)]).await;
    assert_eq!(gets(&guest, "/api/health", 2).await, [200, 429]);
    root.patch("/api/settings", json!({})).await.expect(200);
    assert_eq!(gets(&guest, "/api/health", 2).await, [200, 429]);

    let data = server.folder.path().join("data");
    let run = |arguments: &[&str]| {
        assert!(larder(&[arguments, &["--dir", data.to_str().unwrap()]].concat()).status.success(), "{arguments:?}");
    };
    run(&["superuser", "create", "ops@example.com", PASSWORD]);
    // The next write notices what another process did.
    root.open_collection("one", json!([])).await;
    assert_eq!(gets(&guest, "/api/health", 1).await, [429]);
    run(&["superuser", "ips", "127.0.0.0/8"]);
    root.open_collection("two", json!([])).await;
    assert_eq!(gets(&guest, "/api/health", 2).await, [200, 429]);
    root.patch("/api/settings", json!({"rateLimits": {"enabled": false}})).await.expect(200);
    assert_eq!(gets(&guest, "/api/health", 3).await, [200; 3]);
}

#[tokio::test]
async fn items_of_a_batch_are_requests() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser().await, server.guest());
    root.open_collection("posts", json!([{"name": "title", "type": "text"}])).await;
    let id = root.get("/api/collections/posts").await.expect(200)["id"].as_str().unwrap().to_owned();
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).await.expect(200);
    let posts = "/api/collections/posts/records";
    let item = |method: &str, path: &str, body: Json| json!({"method": method, "url": path, "body": body});
    let batch = |client: &Client, items: Vec<Json>| {
        let client = client.clone();
        async move { client.post("/api/batch", json!({"requests": items})).await }
    };
    let total = || async { root.get(posts).await.expect(200)["totalItems"].as_i64().unwrap() };
    // What the items' answers were in the reference: the failing item's position, if any.
    for (label, items, refused) in [
        ("*:create", vec![item("POST", posts, json!({})); 3], Some("2")),
        ("posts:create", vec![item("POST", &format!("/api/collections/{id}/records"), json!({})); 3], Some("2")),
        ("*:create", vec![item("PUT", posts, json!({})); 3], Some("2")),
        ("POST /api/collections/", vec![item("PUT", posts, json!({})); 3], Some("2")),
        ("PUT /api/collections/", vec![item("PUT", posts, json!({})); 3], None),
        ("/api/collections/posts/records", vec![item("POST", posts, json!({})); 3], Some("2")),
        ("*:update", vec![item("PATCH", &format!("{posts}/a%2Fb"), json!({})); 3], Some("2")),
        ("*:delete", vec![item("DELETE", &format!("{posts}/nope"), json!({})); 3], Some("2")),
        ("*:create", vec![item("POST", posts, json!({})); 2], None),
        ("*:create", vec![item("POST", "/api/collections/nope/records", json!({})); 3], Some("0")),
        ("*:create", vec![item("GET", posts, json!({})); 3], Some("0")),
    ] {
        limit(&root, &[(label, "", 2)]).await;
        let before = total().await;
        let answer = batch(&guest, items.clone()).await;
        let Some(position) = refused else {
            assert_eq!(answer.status, 200, "{label} {items:?}: {}", answer.text);
            continue;
        };
        let failed = answer.expect(400);
        let failures = failed["data"]["requests"].as_object().unwrap();
        assert_eq!(failures.keys().collect::<Vec<_>>(), [position], "{label} {items:?}");
        let status = failures[position]["response"]["status"].as_i64().unwrap();
        assert_eq!(status == 429, position == "2", "{label} {items:?}: {status}");
        assert_eq!(total().await, before, "nothing of {items:?} is done");
    }
    // The limit is that of the address, over several batches; single requests are counted apart, as in the reference.
    limit(&root, &[("*:create", "", 2), ("/api/batch", "", 4)]).await;
    let create = item("POST", posts, json!({}));
    batch(&guest, vec![create.clone(); 2]).await.expect(200);
    batch(&guest, vec![create.clone()]).await.expect(400);
    assert_eq!(statuses(&guest, Method::POST, posts, 3).await, [200, 200, 429]);
    batch(&guest, vec![item("DELETE", &format!("{posts}/x"), json!({}))]).await.expect(400);
    batch(&guest, vec![create.clone()]).await.expect(400);
    batch(&guest, vec![create.clone()]).await.expect(429);
    batch(&root, vec![create; 9]).await.expect(200);
}

#[tokio::test]
async fn a_refused_batch_hashes_no_passwords() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser().await, server.guest());
    root.patch("/api/settings", json!({"batch": {"enabled": true, "maxRequests": 3000}})).await.expect(200);
    limit(&root, &[("users:create", "", 1)]).await;
    let user = |n: usize| {
        let body = json!({"email": format!("u{n}@example.com"), "password": PASSWORD, "passwordConfirm": PASSWORD});
        json!({"method": "POST", "url": "/api/collections/users/records", "body": body})
    };
    // Hashing for all of them would take longer than a batch may: then no single item would be to blame.
    let items: Vec<Json> = (0..3000).map(user).collect();
    let refused = guest.post("/api/batch", json!({"requests": items})).await.expect(400);
    assert_eq!(refused["data"]["requests"]["1"]["response"]["status"], 429, "{refused}");
}

#[tokio::test]
async fn addresses_are_counted_apart() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser().await, server.guest());
    let proxy =
        json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}, "rateLimits": {"excludedIPs": ["10.9.0.0/16"]}});
    root.patch("/api/settings", proxy).await.expect(200);
    limit(&root, &[("/api/health", "", 1)]).await;
    for (address, want) in [
        ("1.1.1.1", 200),
        ("1.1.1.1", 429),
        ("6.6.6.6, 1.1.1.1", 429),
        ("1.1.1.1, 7.7.7.7", 200),
        ("::ffff:1.1.1.1", 429),
        ("2001:db8::1", 200),
        ("2001:db8::2", 429),
        ("2001:db8:0:0:ffff:ffff:ffff:ffff", 429),
        ("2001:db8:0:1::1", 200),
        ("10.9.1.1", 200),
        ("10.9.1.1", 200),
        // No address at all: the proxy's own.
        ("junk", 200),
        ("", 429),
        (",,,,,", 429),
        ("%00, 999.1.1.1, 1.1.1", 429),
    ] {
        assert_eq!(guest.get_from(address, "/api/health").await.status, want, "{address}");
    }
    let absurd = ["9,".repeat(5000), ":".repeat(10_000), "9".repeat(10_000), "\u{e9}\u{e9}".repeat(2000)];
    for value in absurd {
        let request = guest.request(Method::GET, "/api/health").header("X-Forwarded-For", value.as_bytes());
        assert_eq!(guest.send(request).await.status, 429, "{}", &value[..8]);
    }
}

#[tokio::test]
async fn headers_are_not_believed_without_a_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = config(&folder);
    settings.trusted_proxies = vec!["10.0.0.0/8".into()];
    let server = TestServer::with(folder, settings);
    let (root, guest) = (server.superuser().await, server.guest());
    let proxy = json!({"trustedProxy": {"headers": ["X-Forwarded-For", "X-Real-IP"]}});
    root.patch("/api/settings", proxy).await.expect(200);
    limit(&root, &[("/api/health", "", 1)]).await;
    assert_eq!(guest.get_from("1.1.1.1", "/api/health").await.status, 200);
    for n in 0..20 {
        assert_eq!(guest.get_from(&format!("1.1.1.{n}, 10.0.0.1"), "/api/health").await.status, 429, "{n}");
    }
}

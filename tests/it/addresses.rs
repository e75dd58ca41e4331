//! Where a request comes from, and where superusers may come from.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::server::{Client, PASSWORD, SUPERUSER_EMAIL, TestServer, config, forged_token};
use crate::startup::larder;

const INSIDE: &str = "10.1.2.3";
const OUTSIDE: &str = "203.0.113.9";

/// Lets superusers come from [`INSIDE`] only, as a proxy in front of the server names it.
async fn close_to(server: &TestServer, list: Json) -> Client {
    let root = server.superuser().await;
    root.patch("/api/settings", json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}})).await.expect(200);
    root.patch("/api/settings", json!({"superuserIPs": list})).await.expect(200);
    root
}

#[tokio::test]
async fn superusers_are_refused_on_every_route() {
    let folder = tempfile::tempdir().unwrap();
    let settings = config(&folder);
    std::fs::create_dir_all(&settings.public).unwrap();
    std::fs::write(settings.public.join("index.html"), "<h1>home</h1>").unwrap();
    let server = TestServer::with(folder, settings);
    let ann = server.user("ann").await;
    let root = close_to(&server, json!(["10.0.0.0/8"])).await;
    let lower = root.with_token(format!("bearer {}", root.token.as_ref().unwrap()));
    let pretender = |collection| server.guest().with_token(forged_token(collection, "x"));
    for path in [
        "/",
        "/index.html",
        "/nope",
        "/_/",
        "/api/health",
        "/api/nope",
        "/api/settings",
        "/api/collections/users/records",
    ] {
        for (who, client) in [
            ("root", &root),
            ("bearer", &lower),
            ("forged by id", &pretender("pbc_3142635823")),
            ("forged by name", &pretender("_SUPERUSERS")),
        ] {
            let refused = client.get_from(OUTSIDE, path).await.expect(403);
            assert_eq!(refused["status"], 403, "{who} {path}");
            for method in [Method::HEAD, Method::POST] {
                let request = client.request(method.clone(), path).header("X-Forwarded-For", OUTSIDE);
                assert_eq!(client.send(request).await.status, 403, "{who} {method} {path}");
            }
            let preflight = client.request(Method::OPTIONS, path).header("X-Forwarded-For", OUTSIDE);
            assert_eq!(client.send(preflight).await.status, 204, "{who} {path}");
        }
        for (who, client) in [("guest", &server.guest()), ("ann", &ann), ("forged", &pretender("users"))] {
            assert_eq!(
                client.get_from(OUTSIDE, path).await.status,
                client.get_from(INSIDE, path).await.status,
                "{who} {path}"
            );
            assert_ne!(client.get_from(OUTSIDE, "/api/health").await.status, 403, "{who}");
        }
    }
    root.get_from(INSIDE, "/api/settings").await.expect(200);
    let sign_in = |address: &'static str, collection: &'static str, identity: &'static str| {
        let guest = server.guest();
        async move {
            let path = format!("/api/collections/{collection}/auth-with-password");
            let request = guest.request(Method::POST, &path).header("X-Forwarded-For", address);
            guest.send(request.json(&json!({"identity": identity, "password": PASSWORD}))).await.status.as_u16()
        }
    };
    for (address, collection, identity, want) in [
        (OUTSIDE, "_superusers", SUPERUSER_EMAIL, 403),
        (OUTSIDE, "_superusers", "nobody@example.com", 403),
        (OUTSIDE, "pbc_3142635823", SUPERUSER_EMAIL, 403),
        (OUTSIDE, "%5Fsuperusers", SUPERUSER_EMAIL, 403),
        (INSIDE, "_superusers", SUPERUSER_EMAIL, 200),
        (OUTSIDE, "users", "ann@example.com", 200),
    ] {
        assert_eq!(sign_in(address, collection, identity).await, want, "{address} {collection} {identity}");
    }
}

#[tokio::test]
async fn whoever_locks_themselves_out_is_told() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let save = async |body: Json| {
        let request = root.request(Method::PATCH, "/api/settings").header("Origin", "https://app.example.com");
        root.send(request.header("X-Forwarded-For", INSIDE).json(&body)).await
    };
    for body in [
        json!({}),
        json!({"superuserIPs": ["127.0.0.1"]}),
        json!({"superuserIPs": ["::/0", "127.0.0.0/8"]}),
        json!({"superuserIPs": [INSIDE], "trustedProxy": {"headers": ["X-Forwarded-For"]}}),
    ] {
        let saved = save(body.clone()).await;
        assert_eq!(saved.status, 200, "{body}: {}", saved.text);
        assert!(!saved.headers.contains_key("x-larder-warning"), "{body}");
        assert!(!saved.headers.contains_key("access-control-expose-headers"), "{body}");
    }
    // The list stays, but the address is now another one.
    let saved = save(json!({"trustedProxy": {"headers": []}})).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let warning = saved.headers["x-larder-warning"].to_str().unwrap();
    assert!(warning.contains("127.0.0.1") && warning.contains("larder superuser ips"), "{warning}");
    assert_eq!(saved.headers["access-control-expose-headers"], "x-larder-warning");
    assert_eq!(root.get_from(INSIDE, "/api/health").await.status, 403);
}

#[tokio::test]
async fn the_command_line_lets_superusers_back_in() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let data = server.folder.path().join("data");
    let ips = |list: &[&str]| larder(&[&["superuser", "ips"], list, &["--dir", data.to_str().unwrap()]].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    // A write notices what another process did, so that the test need not wait.
    let noticed = async |name: &str| {
        server.user(name).await;
        root.get("/api/settings").await
    };
    let refused = ips(&["1.2.3.4", "nowhere"]);
    assert!(!refused.status.success());
    let error = text(refused.stderr);
    assert!(error.contains("superuserIPs") && error.contains('1') && error.trim_end().lines().count() == 1, "{error}");
    noticed("ann").await.expect(200);
    let set = ips(&["203.0.113.0/24", "2001:db8::1"]);
    assert_eq!(text(set.stdout), "Successfully updated SuperuserIPs setting:\n├─ 203.0.113.0/24\n└─ 2001:db8::1\n");
    noticed("bob").await.expect(403);
    assert_eq!(text(ips(&["127.0.0.1"]).stdout), "Successfully updated SuperuserIPs setting:\n└─ 127.0.0.1\n");
    assert_eq!(noticed("cid").await.expect(200)["superuserIPs"], json!(["127.0.0.1"]));
    ips(&["203.0.113.0/24"]);
    noticed("dan").await.expect(403);
    assert_eq!(text(ips(&[]).stdout), "Successfully cleared SuperuserIPs setting!\n");
    assert_eq!(noticed("eve").await.expect(200)["superuserIPs"], json!([]));
}

#[tokio::test]
async fn the_address_is_shown_as_it_is_used() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let seen = async |address: &str| root.get_from(address, "/api/health").await.expect(200)["data"]["realIP"].clone();
    assert_eq!(seen("1.1.1.1").await, "127.0.0.1", "no header is named in the settings");
    let proxy = json!({"trustedProxy": {"headers": ["X-Forwarded-For"], "useLeftmostIP": false}});
    root.patch("/api/settings", proxy).await.expect(200);
    for (sent, want) in [
        ("1.1.1.1, 2.2.2.2", "2.2.2.2"),
        ("1.1.1.1, 2.2.2.2:8080", "2.2.2.2"),
        ("::ffff:3.3.3.3", "3.3.3.3"),
        ("2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001"),
        ("nowhere", "127.0.0.1"),
    ] {
        assert_eq!(seen(sent).await, want, "{sent}");
    }
    root.patch("/api/settings", json!({"trustedProxy": {"useLeftmostIP": true}})).await.expect(200);
    assert_eq!(seen("1.1.1.1, 2.2.2.2").await, "1.1.1.1");
}

#[tokio::test]
async fn a_proxy_nobody_named_is_reported_once() {
    use std::io::{BufRead, BufReader, Read};
    let folder = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_larder"))
        .args(["serve", "--http", "127.0.0.1:0", "--dir", folder.path().join("data").to_str().unwrap()])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains("Dashboard")).unwrap();
    let guest = Client::at(line[line.find("http").unwrap()..].trim_end_matches("/_/"));
    guest.get("/api/health").await.expect(200);
    for _ in 0..3 {
        guest.get_from("1.1.1.1", "/api/health").await.expect(200);
    }
    child.kill().unwrap();
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    child.wait().unwrap();
    assert_eq!(log.matches("trustedProxy.headers").count(), 1, "{log}");
    assert!(!log.contains("1.1.1.1"), "{log}");
}

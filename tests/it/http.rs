//! What surrounds the answers: envelope, CORS, HEAD, OPTIONS, compression, static files, the dashboard.

use reqwest::Method;
use serde_json::json;

use crate::server::{TestServer, config};

#[tokio::test]
async fn unknown_paths_and_methods_get_the_envelope() {
    let server = TestServer::start();
    let guest = server.guest();
    for (method, path) in [
        (Method::GET, "/api"),
        (Method::GET, "/api/"),
        (Method::GET, "/api/nope"),
        (Method::POST, "/nope"),
        (Method::PUT, "/api/health"),
        (Method::GET, "/api/health/"),
        (Method::GET, "/api/collections/users/records/%ff"),
        (Method::GET, "/_/assets/nope.js"),
        (Method::GET, "/%00"),
        (Method::GET, "/..%2f..%2fetc/passwd"),
        (Method::TRACE, "/api/health"),
    ] {
        let answer = guest.send(guest.request(method.clone(), path)).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
        assert_eq!(answer.body["status"], 404, "{method} {path}");
        assert!(answer.body["data"].is_object() && answer.body["message"].is_string(), "{method} {path}");
        assert_eq!(answer.headers["content-type"], "application/json", "{method} {path}");
    }
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let server = TestServer::start();
    let guest = server.guest();
    for path in ["/api/health", "/api/collections/users/auth-methods", "/api/nope"] {
        let get = guest.get(path).await;
        let head = guest.send(guest.request(Method::HEAD, path)).await;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.headers.get("content-length"), get.headers.get("content-length"), "{path}");
        assert_eq!(head.text, "", "{path}");
    }
}

#[tokio::test]
async fn cross_origin_requests() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = config(&folder);
    settings.origins = vec!["https://*.example.com".into()];
    let server = TestServer::with(folder, settings);
    let guest = server.guest();
    for (origin, allowed) in [("https://app.example.com", true), ("https://evil.org", false)] {
        let preflight = guest
            .request(Method::OPTIONS, "/api/collections/users/records")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "content-type,authorization");
        let answer = guest.send(preflight).await;
        assert_eq!(answer.status, 204, "{origin}");
        let header = |name: &str| answer.headers.get(name).map(|v| v.to_str().unwrap().to_owned());
        assert_eq!(header("access-control-allow-origin"), allowed.then(|| origin.to_owned()), "{origin}");
        let headers = allowed.then(|| "content-type,authorization".to_owned());
        assert_eq!(header("access-control-allow-headers"), headers, "{origin}");
        let plain = guest.send(guest.request(Method::GET, "/api/health").header("Origin", origin)).await;
        assert_eq!(plain.status, 200);
        assert_eq!(plain.headers.contains_key("access-control-allow-origin"), allowed, "{origin}");
    }
    let error = guest.send(guest.request(Method::GET, "/api/nope").header("Origin", "https://a.example.com")).await;
    assert!(error.headers.contains_key("access-control-allow-origin"), "a page must be able to read errors");
}

#[tokio::test]
async fn every_answer_has_security_headers_and_an_id() {
    let server = TestServer::start();
    let guest = server.guest();
    for path in ["/api/health", "/api/nope", "/nope"] {
        let answer = guest.get(path).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["x-frame-options"], "SAMEORIGIN", "{path}");
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
        assert!(!answer.headers.contains_key("server-timing"), "{path}");
        assert!(!answer.headers.contains_key("content-encoding"), "{path}");
    }
    let given = guest.send(guest.request(Method::GET, "/api/health").header("X-Request-Id", "proxy-7")).await;
    assert_eq!(given.headers["x-request-id"], "proxy-7");
    let odd = guest.send(guest.request(Method::GET, "/api/health").header("X-Request-Id", "a b<c>")).await;
    assert_ne!(odd.headers["x-request-id"], "a b<c>");
}

#[tokio::test]
async fn large_answers_are_compressed_on_request() {
    let server = TestServer::start();
    let root = server.superuser().await;
    for (encoding, path, want) in [
        ("gzip", "/api/collections", Some("gzip")),
        ("br", "/api/collections", Some("br")),
        ("zstd", "/api/collections", Some("zstd")),
        ("identity", "/api/collections", None),
        ("gzip", "/api/health", None),
    ] {
        let request = root.request(Method::GET, path).header("Accept-Encoding", encoding);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{encoding} {path}");
        let got = response.headers().get("content-encoding").map(|v| v.to_str().unwrap().to_owned());
        assert_eq!(got.as_deref(), want, "{encoding} {path}");
    }
}

#[tokio::test]
async fn bodies_of_every_kind_are_read() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.open_collection("things", json!([{"name": "title", "type": "text"}, {"name": "n", "type": "number"}])).await;
    let guest = server.guest();
    let path = "/api/collections/things/records";
    let form = guest.request(Method::POST, path).form(&[("title", "a b"), ("n", "1.5")]);
    let made = guest.send(form).await.expect(200);
    assert_eq!((&made["title"], &made["n"]), (&json!("a b"), &json!(1.5)));
    let multipart = reqwest::multipart::Form::new().text("title", "x").text("@jsonPayload", "{\"n\":7}");
    let made = guest.send(guest.request(Method::POST, path).multipart(multipart)).await.expect(200);
    assert_eq!((&made["title"], &made["n"]), (&json!("x"), &json!(7)));
    let part = reqwest::multipart::Part::bytes(vec![1, 2, 3]).file_name("a.bin");
    let upload = reqwest::multipart::Form::new().text("title", "x").part("doc", part);
    let made = guest.send(guest.request(Method::POST, path).multipart(upload)).await.expect(200);
    assert_eq!((&made["title"], made.get("doc")), (&json!("x"), None), "a file for no field is left out");
    for (content_type, body, status) in [
        ("text/plain", "title=x", 400),
        ("application/json", "[]", 400),
        ("application/json", "{\"title\":", 400),
        ("application/json", "null", 200),
        ("application/json", "", 200),
        ("application/json; charset=utf-8", "{\"title\":\"y\"} trailing", 200),
        ("multipart/form-data", "x", 400),
    ] {
        let request = guest.request(Method::POST, path).header("Content-Type", content_type).body(body);
        let answer = guest.send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{content_type} {body}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_public_folder_is_served_below_everything_else() {
    let folder = tempfile::tempdir().unwrap();
    let settings = config(&folder);
    std::fs::create_dir_all(settings.public.join("docs")).unwrap();
    std::fs::write(settings.public.join("index.html"), "<h1>home</h1>").unwrap();
    std::fs::write(settings.public.join("docs/index.html"), "<h1>docs</h1>").unwrap();
    std::fs::write(settings.public.join("app.js"), "let x;").unwrap();
    std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), settings.public.join("link.txt")).unwrap();
    let server = TestServer::with(folder, settings);
    let plain = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for (path, status, wanted) in [
        ("/", 200, "home"),
        ("/app.js", 200, "let x"),
        ("/docs", 301, ""),
        ("/docs/", 200, "docs"),
        ("/docs/index.html", 301, ""),
        ("/app.js/", 301, ""),
        ("/some/route/of/the/app", 200, "home"),
        ("/link.txt", 200, "home"),
        ("/..%2fsecret.txt", 200, "home"),
        ("/api/nope", 404, "status"),
    ] {
        let response = plain.get(format!("{}{path}", server.base)).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path}");
        let text = response.text().await.unwrap();
        assert!(text.contains(wanted) && !text.contains("secret"), "{path}: {text}");
    }
}

//! The client that asks other servers, against a real one on this machine.

use std::time::Duration;

use larder::http_client::{HttpClient, HttpError, HttpRequest, Limits, MAX_ANSWER_BYTES};

use crate::fake_http::{FakeHttp, Reply};

/// Limits that a server which never answers runs into soon.
fn short() -> Limits {
    let limit = Duration::from_millis(100);
    Limits { connect: limit, answer: limit, download: limit }
}

async fn picture_server() -> FakeHttp {
    FakeHttp::start(|request| match request.path() {
        "/a%20b.png" => Reply::text(200, "Image/PNG; q=1", "bytes"),
        "/round" => Reply::redirect("/round"),
        "/hop" => Reply::redirect("a%20b.png"),
        "/file" => Reply::redirect("file:///etc/passwd"),
        "/nowhere" => Reply::Now(302, vec![], vec![]),
        "/endless" => Reply::Endless,
        "/silence" => Reply::Silence,
        _ => Reply::text(404, "text/plain", "no"),
    })
    .await
}

#[tokio::test]
async fn a_trusted_client_reaches_this_machine() {
    let server = picture_server().await;
    let client = HttpClient::trusted();
    for path in ["/a%20b.png", "/hop"] {
        let file = client.download(&server.url(path), 5).await.unwrap();
        assert_eq!(file.bytes, b"bytes", "{path}");
        assert_eq!((file.content_type.as_str(), file.file_name.as_str()), ("image/png", "a b.png"), "{path}");
    }
    for (path, max, want) in [
        ("/a%20b.png", 4, "the answer is larger than 4 bytes"),
        ("/endless", 100_000, "the answer is larger than 100000 bytes"),
        ("/round", 5, "redirected too often"),
        ("/file", 5, "not an http or https address"),
        ("/nowhere", 5, "not an http or https address"),
        ("/missing", 5, "answered with status 404"),
    ] {
        let error = client.download(&server.url(path), max).await.unwrap_err();
        assert_eq!(error.to_string(), want, "{path}");
    }
    let rounds = server.seen().iter().filter(|r| r.path() == "/round").count();
    assert_eq!(rounds, 6);
    for path in ["/silence", "/endless"] {
        let error = client.clone().with_limits(short()).download(&server.url(path), usize::MAX).await.unwrap_err();
        assert!(matches!(error, HttpError::Timeout), "{path}: {error}");
    }
}

#[tokio::test]
async fn a_guarded_client_does_not_reach_this_machine() {
    let server = picture_server().await;
    let port = server.base.rsplit(':').next().unwrap();
    let client = HttpClient::guarded();
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        // Resolved by name.
        "localhost",
        "LOCALHOST",
        "localhost.",
    ] {
        let url = format!("http://{host}:{port}/a%20b.png");
        let error = client.download(&url, 5).await.unwrap_err();
        // Some resolvers do not know a name with a dot at its end; none may lead here.
        let is_refused = matches!(error, HttpError::NotPublic) || host == "localhost.";
        assert!(is_refused, "{url}: {error}");
    }
    for (url, want) in [
        (format!("http://me@127.0.0.1:{port}/"), "the address holds credentials"),
        (format!("http://:secret@example.com:{port}/"), "the address holds credentials"),
        ("file:///etc/passwd".to_owned(), "not an http or https address"),
        ("ftp://example.com/".to_owned(), "not an http or https address"),
        ("//example.com".to_owned(), "not an http or https address"),
        (String::new(), "not an http or https address"),
        ("http://".to_owned(), "not an http or https address"),
    ] {
        let error = client.download(&url, 5).await.unwrap_err();
        assert_eq!(error.to_string(), want, "{url}");
    }
    let error = client.send(HttpRequest::get(&server.url("/a%20b.png")).unwrap()).await.unwrap_err();
    assert!(matches!(error, HttpError::NotPublic), "{error}");
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_guarded_client_checks_every_redirect() {
    let private = picture_server().await;
    let port = private.base.rsplit(':').next().unwrap().to_owned();
    let targets = [
        format!("http://127.0.0.1:{port}/a%20b.png"),
        format!("http://localhost:{port}/a%20b.png"),
        format!("http://[::1]:{port}/a%20b.png"),
        format!("//127.1:{port}/a%20b.png"),
    ];
    let list = targets.clone();
    let public = FakeHttp::start(move |request| match request.path().trim_start_matches('/') {
        "file" => Reply::text(200, "text/plain", "x"),
        "own" => Reply::redirect("/file"),
        "credentials" => Reply::redirect("http://me:secret@example.com/"),
        index => Reply::redirect(&list[index.parse::<usize>().unwrap()]),
    })
    .await;
    // This server stands for one out on the internet.
    let address = public.base.trim_start_matches("http://").parse().unwrap();
    let client = HttpClient::guarded().with_exception(address);
    assert_eq!(client.download(&public.url("/own"), 5).await.unwrap().bytes, b"x");
    for (index, target) in targets.iter().enumerate() {
        let error = client.download(&public.url(&format!("/{index}")), 5).await.unwrap_err();
        assert!(matches!(error, HttpError::NotPublic), "{target}: {error}");
    }
    let error = client.download(&public.url("/credentials"), 5).await.unwrap_err();
    assert!(matches!(error, HttpError::Credentials), "{error}");
    assert_eq!(private.seen().len(), 0);
}

#[tokio::test]
async fn requests_are_not_redirected_and_answers_are_bounded() {
    let server = FakeHttp::start(|request| match request.path() {
        "/redirect" => Reply::redirect("/elsewhere"),
        "/large" => Reply::Now(200, vec![], vec![b' '; MAX_ANSWER_BYTES + 1]),
        "/endless" => Reply::Endless,
        "/silence" => Reply::Silence,
        _ => Reply::text(500, "application/json; charset=utf-8", "{\"a\":1}"),
    })
    .await;
    let client = HttpClient::trusted();
    let post = |path: &str| HttpRequest::post_form(&server.url(path), &[("a b", "ü&="), ("c", "")]).unwrap();
    let answer = client.send(post("/redirect")).await.unwrap();
    assert_eq!(answer.status, 302);
    let answer = client.send(post("/x").basic("me", "secret").unwrap()).await.unwrap();
    assert_eq!((answer.status, answer.content_type.as_str()), (500, "application/json"));
    assert_eq!(answer.json().unwrap()["a"], 1);
    let seen = server.seen();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(seen[1].body, "a+b=%C3%BC%26%3D&c=");
    assert_eq!(seen[1].header("authorization"), "Basic bWU6c2VjcmV0");
    assert!(seen[1].header("user-agent").starts_with("larder/"));
    for path in ["/large", "/endless"] {
        let error = client.send(post(path)).await.unwrap_err();
        assert!(matches!(error, HttpError::TooLarge(MAX_ANSWER_BYTES)), "{path}: {error}");
    }
    let error = client.clone().with_limits(short()).send(post("/silence")).await.unwrap_err();
    assert!(matches!(error, HttpError::Timeout), "{error}");
}

#[tokio::test]
async fn errors_tell_no_addresses_and_headers_carry_no_line_breaks() {
    // Nobody listens on port 1.
    let request = HttpRequest::get("http://127.0.0.1:1/path?secret=hunter2").unwrap();
    let error = HttpClient::trusted().send(request.bearer("hunter2").unwrap()).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(matches!(error, HttpError::Transport(_)), "{text}");
    assert!(!text.contains("hunter2") && !text.contains("path"), "{text}");
    let request = HttpRequest::get("http://127.0.0.1:1/hunter2").unwrap().bearer("hunter2").unwrap();
    assert!(!format!("{request:?}").contains("hunter2"));
    let error = request.bearer("a\r\nx: y").unwrap_err();
    assert!(matches!(error, HttpError::InvalidHeader), "{error}");
}

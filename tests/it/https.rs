//! HTTPS with certificate files: HTTP/2 and HTTP/1.1, and what is refused.

use std::io::Cursor;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use h2::client::SendRequest;
use larder::api::MAX_REQUESTS_PER_CONNECTION;
use larder::config::Config;
use reqwest::{StatusCode, Version};
use rustls::pki_types::ServerName;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::crash::Process;
use crate::server::{TestServer, config};
use crate::startup::{failing, text};

/// A server with a certificate of its own, and the certificate.
struct Secure {
    server: TestServer,
    certificate: rcgen::Certificate,
}

/// Writes a fresh certificate and its key into a folder.
fn certificate_files(folder: &TempDir) -> (rcgen::Certificate, PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (cert, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (made.cert, cert, key)
}

impl Secure {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, tls_cert, tls_key) = certificate_files(&folder);
        let config = Config { tls_cert, tls_key, ..config(&folder) };
        let mut secure = Self { server: TestServer::with(folder, config), certificate };
        secure.server.http = secure.client().build().unwrap();
        secure
    }

    /// A client that believes in this certificate only.
    fn client(&self) -> reqwest::ClientBuilder {
        let root = reqwest::Certificate::from_der(self.certificate.der()).unwrap();
        reqwest::Client::builder().tls_certs_only([root])
    }

    /// An HTTP/2 connection without a client's manners, and the task that ends with it.
    async fn h2(&self) -> (SendRequest<Cursor<Vec<u8>>>, JoinHandle<Result<(), h2::Error>>) {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        let mut tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let socket = TcpStream::connect(self.server.base.trim_start_matches("https://")).await.unwrap();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let stream = tokio_rustls::TlsConnector::from(Arc::new(tls)).connect(name, socket).await.unwrap();
        let (requests, connection) = h2::client::Builder::new().handshake(stream).await.unwrap();
        (requests, tokio::spawn(connection))
    }

    fn get(&self, path: &str) -> http::request::Builder {
        http::Request::get(format!("{}{path}", self.server.base))
    }
}

/// Status and JSON of an answer over a bare connection.
async fn answer(response: h2::client::ResponseFuture) -> (StatusCode, Json) {
    let (head, mut body) = response.await.unwrap().into_parts();
    let mut bytes = Vec::new();
    while let Some(chunk) = body.data().await {
        bytes.extend_from_slice(&chunk.unwrap());
    }
    (head.status, serde_json::from_slice(&bytes).unwrap_or(Json::Null))
}

#[tokio::test]
async fn http2_and_http1_are_served_over_tls() {
    let secure = Secure::start();
    let root = secure.server.superuser().await;
    root.open_collection("notes", json!([{"name": "title", "type": "text"}])).await;
    let url = format!("{}/api/collections/notes/records", secure.server.base);
    let clients = [(secure.client(), Version::HTTP_2, "two"), (secure.client().http1_only(), Version::HTTP_11, "one")];
    for (client, version, title) in clients {
        let client = client.build().unwrap();
        let made = client.post(&url).json(&json!({"title": title})).send().await.unwrap();
        assert_eq!((made.status(), made.version()), (StatusCode::OK, version));
        let list: Json =
            client.get(format!("{url}?filter=title='{title}'")).send().await.unwrap().json().await.unwrap();
        assert_eq!((&list["totalItems"], &list["items"][0]["title"]), (&json!(1), &json!(title)));
    }
}

#[tokio::test]
async fn plain_http_gets_no_answer_from_a_tls_port() {
    let secure = Secure::start();
    let plain = secure.server.base.replace("https://", "http://");
    assert!(crate::server::http_client().get(format!("{plain}/api/health")).send().await.is_err());
    secure.server.guest().get("/api/health").await.expect(200);
}

/// Over HTTP/2 a body needs no header to be there.
#[tokio::test]
async fn rules_see_a_body_of_unknown_length() {
    let secure = Secure::start();
    let root = secure.server.superuser().await;
    root.open_collection("notes", json!([{"name": "title", "type": "text"}])).await;
    let rule = json!({"listRule": "@request.body.word = 'please'"});
    root.patch("/api/collections/notes", rule).await.expect(200);
    let notes = "/api/collections/notes/records";
    root.post(notes, json!({"title": "a"})).await.expect(200);
    let (mut requests, _) = secure.h2().await;
    for (body, total) in [(r#"{"word":"please"}"#, 1), (r#"{"word":"now"}"#, 0)] {
        let request = secure.get(notes).header("content-type", "application/json").body(()).unwrap();
        let (response, mut send) = requests.send_request(request, false).unwrap();
        send.send_data(Cursor::new(body.into()), true).unwrap();
        let (status, list) = answer(response).await;
        assert_eq!((status, &list["totalItems"]), (StatusCode::OK, &json!(total)), "{body}: {list}");
    }
}

/// An HTTP/2 connection is not worth more than the connections it stands for.
#[tokio::test]
async fn requests_of_one_connection_are_bounded() {
    let secure = Secure::start();
    let (mut requests, connection) = secure.h2().await;
    let path = "/api/collections/users/auth-with-password";
    let mut pending = Vec::new();
    // Each waits for its body, which is not sent.
    let post = || {
        let request = http::Request::post(format!("{}{path}", secure.server.base));
        request.header("content-type", "application/json").body(()).unwrap()
    };
    for _ in 0..MAX_REQUESTS_PER_CONNECTION {
        requests = requests.ready().await.unwrap();
        pending.push(requests.send_request(post(), false).unwrap());
    }
    let (refused, body) = requests.send_request(post(), false).unwrap();
    assert_eq!(answer(refused).await.0, StatusCode::SERVICE_UNAVAILABLE);
    // Others are not concerned, and one that ends makes room for another.
    secure.server.guest().get("/api/health").await.expect(200);
    let (response, mut send) = pending.pop().unwrap();
    send.send_data(Cursor::new(b"{}".to_vec()), true).unwrap();
    assert_eq!(answer(response).await.0, StatusCode::BAD_REQUEST);
    let (response, _) = requests.send_request(secure.get("/api/health").body(()).unwrap(), true).unwrap();
    assert_eq!(answer(response).await.0, StatusCode::OK);
    drop((requests, pending, body, send));
    // With the connection its requests end; otherwise the server would wait for them when it stops.
    connection.await.unwrap().unwrap();
}

/// Nothing is sent to an idle subscriber that would fail: the server has to look.
#[tokio::test]
async fn subscribers_that_leave_an_http2_connection_are_noticed() {
    let secure = Secure::start();
    let root = secure.server.superuser().await;
    let (mut requests, connection) = secure.h2().await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        let (response, _) = requests.send_request(secure.get("/api/realtime").body(()).unwrap(), true).unwrap();
        let mut events = response.await.unwrap().into_body();
        let first = events.data().await.unwrap().unwrap();
        assert!(first.windows(10).any(|text| text == b"PB_CONNECT"), "{first:?}");
        streams.push(events);
    }
    let until = async |connections: u64| {
        while root.get("/api/realtime/status").await.expect(200)["connections"] != json!(connections) {
            // Nothing tells of it, and the server itself looks only every few seconds.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    until(2).await;
    // Given up one stream, then the connection.
    streams.pop();
    tokio::time::timeout(Duration::from_mins(1), until(1)).await.unwrap();
    drop((requests, streams));
    connection.abort();
    tokio::time::timeout(Duration::from_mins(1), until(0)).await.unwrap();
}

#[tokio::test]
async fn a_stop_waits_for_requests_and_takes_no_new_ones() {
    let secure = Secure::start();
    let path = "/api/collections/users/auth-with-password";
    let (mut idle, _) = secure.h2().await;
    let (response, _) = idle.send_request(secure.get("/api/health").body(()).unwrap(), true).unwrap();
    assert_eq!(answer(response).await.0, StatusCode::OK);
    let (mut busy, _) = secure.h2().await;
    let request = http::Request::post(format!("{}{path}", secure.server.base));
    let request = request.header("content-type", "application/json").body(()).unwrap();
    let (response, mut send) = busy.send_request(request, false).unwrap();
    // Answers come in any order: with this one, the server has seen the request before it.
    let (after, _) = busy.send_request(secure.get("/api/health").body(()).unwrap(), true).unwrap();
    assert_eq!(answer(after).await.0, StatusCode::OK);
    let get = secure.get("/api/health").body(()).unwrap();
    let stopping = std::thread::spawn(|| secure.server.stop());
    // The stop is seen when new requests are refused.
    loop {
        let (response, _) = idle.send_request(get.clone(), true).unwrap();
        if answer(response).await.0 == StatusCode::SERVICE_UNAVAILABLE {
            break;
        }
    }
    assert!(!stopping.is_finished());
    send.send_data(Cursor::new(b"{}".to_vec()), true).unwrap();
    assert_eq!(answer(response).await.0, StatusCode::BAD_REQUEST);
    stopping.join().unwrap();
}

#[test]
fn serve_tells_where_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let (_, cert, key) = certificate_files(&folder);
    let data = folder.path().join("data");
    let flags = ["--tls-cert", text(&cert), "--tls-key", text(&key)];
    let process = Process::start_with(Command::new(env!("CARGO_BIN_EXE_larder")), &data, &flags);
    assert!(process.base.starts_with("https://127.0.0.1:"), "{}", process.base);
}

#[test]
fn files_that_cannot_be_used_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, cert, key) = certificate_files(&folder);
    let data = folder.path().join("data");
    let serve = |flags: &[&str]| {
        let common = ["serve", "--http", "127.0.0.1:0", "--dir", text(&data)];
        failing(&[&common[..], flags].concat())
    };
    let (cert, key) = (text(&cert), text(&key));
    let missing = text(folder.path()).to_owned() + "/nowhere.pem";
    for (flags, want) in [
        (vec!["--tls-cert", cert], "`tls_key`"),
        (vec!["--tls-key", key], "`tls_cert`"),
        (vec!["--tls-cert", &missing, "--tls-key", key], "nowhere.pem"),
        (vec!["--tls-cert", key, "--tls-key", key], "`tls_cert`: there is no certificate"),
    ] {
        let error = serve(&flags);
        assert!(error.contains(want), "{flags:?}: {error}");
    }
    assert!(!data.exists(), "a refused start makes no data folder");
}

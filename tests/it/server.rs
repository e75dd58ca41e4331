//! A server for one test, and clients that speak to it as somebody.

use std::sync::mpsc;
use std::thread::JoinHandle;

use larder::app::Server;
use larder::clock::Clock;
use larder::config::Config;
use larder::identity::Hasher;
use larder::search::Indexes;
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

pub(crate) const SUPERUSER_EMAIL: &str = "root@example.com";
pub(crate) const PASSWORD: &str = "correct horse";

/// A running server; stops when dropped.
pub(crate) struct TestServer {
    pub(crate) base: String,
    pub(crate) folder: TempDir,
    pub(crate) clock: Clock,
    /// What clients of this server send requests with.
    pub(crate) http: reqwest::Client,
    pub(crate) hasher: Hasher,
    pub(crate) search: Indexes,
    pub(crate) setup_path: Option<String>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// An HTTP client. Few tests use TLS, but the client wants to know how it would be.
pub(crate) fn http_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// The database of a server's folder, seen from outside.
pub(crate) fn database(folder: &TempDir) -> rusqlite::Connection {
    #[expect(clippy::disallowed_methods, reason = "a test looks from outside")]
    rusqlite::Connection::open(folder.path().join("data/data.db")).unwrap()
}

/// Settings small enough for tests that run side by side.
pub(crate) fn config(folder: &TempDir) -> Config {
    Config {
        http: "127.0.0.1:0".parse().unwrap(),
        dir: folder.path().join("data"),
        public: folder.path().join("public"),
        workers: 1,
        hash_threads: 2,
        ..Config::default()
    }
}

impl TestServer {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder);
        Self::with(folder, config)
    }

    pub(crate) fn with(folder: TempDir, config: Config) -> Self {
        let clock = Clock::system();
        let (ready, started) = mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let server_clock = clock.clone();
        // The server's runtime lives on its own thread, as it does in the binary.
        let thread = std::thread::spawn(move || {
            larder::api::block_on(async move {
                let server = Server::start(config, server_clock).await.unwrap();
                let handles = (server.hasher().clone(), server.search().clone());
                ready.send((server.base_url(), server.setup_path(), handles)).unwrap();
                let _ = stopped.await;
                server.stop().await.unwrap();
            });
        });
        let (base, setup_path, (hasher, search)) = started.recv().unwrap();
        let (stop, thread) = (Some(stop), Some(thread));
        Self { base, folder, clock, http: http_client(), hasher, search, setup_path, stop, thread }
    }

    /// Stops the server and gives its folder back, to be started again.
    pub(crate) fn stop(mut self) -> TempDir {
        self.finish();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    fn finish(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    pub(crate) fn guest(&self) -> Client {
        Client { base: self.base.clone(), token: None, http: self.http.clone() }
    }

    /// A superuser, made through the set-up link's token as a person would.
    pub(crate) async fn superuser(&self) -> Client {
        if let Some(token) = self.setup_path.as_ref().and_then(|p| p.rsplit('/').next()) {
            let installer = Client { token: Some(token.to_owned()), ..self.guest() };
            let body = json!({"email": SUPERUSER_EMAIL, "password": PASSWORD, "passwordConfirm": PASSWORD});
            // A second call finds the account made and the link used up.
            let _ = installer.post("/api/collections/_superusers/records", body).await;
        }
        self.sign_in("_superusers", SUPERUSER_EMAIL).await
    }

    /// A client signed in with the tests' password.
    pub(crate) async fn sign_in(&self, collection: &str, identity: &str) -> Client {
        let body = json!({"identity": identity, "password": PASSWORD});
        let answer = self.guest().post(&format!("/api/collections/{collection}/auth-with-password"), body).await;
        assert_eq!(answer.status, 200, "sign-in of {identity}: {}", answer.body);
        self.guest().signed_in(&answer.body)
    }

    /// A fresh account of `users`, signed in.
    pub(crate) async fn user(&self, name: &str) -> Client {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD, "name": name});
        let made = self.guest().post("/api/collections/users/records", body).await;
        assert_eq!(made.status, 200, "{}", made.body);
        self.sign_in("users", &email).await
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Somebody who speaks to the server.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    http: reqwest::Client,
}

/// Status and JSON of an answer; `Null` for an empty body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Json,
}

impl Client {
    /// Nobody in particular, speaking to the server at `base`.
    pub(crate) fn at(base: &str) -> Self {
        Self { base: base.to_owned(), token: None, http: http_client() }
    }

    /// The same server, spoken to as whoever `auth` (the answer to a sign-in) is about.
    pub(crate) fn signed_in(&self, auth: &Json) -> Self {
        self.with_token(auth["token"].as_str().unwrap())
    }

    /// The same server, spoken to with this token.
    pub(crate) fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.header("Authorization", token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.execute(request.build().unwrap()).await
    }

    pub(crate) async fn execute(&self, request: reqwest::Request) -> Answer {
        let response = self.http.execute(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Json::Null);
        Answer { status, headers, text, body }
    }

    /// As whoever the proxy in front of the server says: the tests come from a trusted address.
    pub(crate) async fn get_from(&self, address: &str, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).header("X-Forwarded-For", address)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Json) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Json) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// Makes a base collection everyone may use; `fields` are field objects.
    pub(crate) async fn open_collection(&self, name: &str, fields: Json) -> Json {
        let body = json!({
            "name": name, "type": "base", "fields": fields,
            "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
        });
        let made = self.post("/api/collections", body).await;
        assert_eq!(made.status, 200, "{}", made.body);
        made.body
    }
}

/// A token nobody signed that says it is a record's of this collection, valid for long.
pub(crate) fn forged_token(collection: &str, id: &str) -> String {
    use jsonwebtoken::{EncodingKey, Header, encode};
    let claims = json!({"id": id, "collectionId": collection, "type": "auth", "exp": 4_000_000_000_i64});
    encode(&Header::default(), &claims, &EncodingKey::from_secret(b"guessed")).unwrap()
}

impl Answer {
    /// Asserts the status and hands the body on.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Json {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.body
    }

    /// The error codes by field, for tables: `{"title": "validation_required"}`.
    pub(crate) fn codes(&self) -> Json {
        let Some(data) = self.body["data"].as_object() else { return Json::Null };
        data.iter().map(|(key, issue)| (key.clone(), issue["code"].clone())).collect()
    }
}

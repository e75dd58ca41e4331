//! Whether an account exists must not be told by the work a refusal takes: hashes and statements are counted, not time.

use std::sync::{Arc, Mutex};

use larder::app;
use larder::auth::{self, PasswordForm};
use larder::clock::Clock;
use larder::identity::HashCounts;
use larder::query::Catalog;
use rusqlite::hooks::{AuthContext, Authorization};
use serde_json::json;
use tempfile::TempDir;

use crate::flows::{start, users};
use crate::server::{Answer, PASSWORD, TestServer, config, database};

/// What is hashed while a request is answered.
async fn hashed(server: &TestServer, request: impl Future<Output = Answer>) -> (HashCounts, Answer) {
    let before = server.hasher.counts();
    let answer = request.await;
    let after = server.hasher.counts();
    let counts = HashCounts { argon2: after.argon2 - before.argon2, bcrypt: after.bcrypt - before.bcrypt };
    (counts, answer)
}

fn with_password(server: &TestServer, identity: &str, password: &str) -> impl Future<Output = Answer> + use<> {
    let (guest, body) = (server.guest(), json!({"identity": identity, "password": password}));
    async move { guest.post(&users("auth-with-password"), body).await }
}

#[tokio::test]
async fn accounts_that_do_not_exist_cost_as_many_hashes() {
    let server = TestServer::start();
    server.user("ann").await;
    let no_password = json!({"email": "carl@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    server.guest().post("/api/collections/users/records", no_password).await.expect(200);
    let one = HashCounts { argon2: 1, bcrypt: 0 };
    for (identity, password, status) in [
        ("ann@example.com", PASSWORD, 200),
        ("ann@example.com", "wrong password", 400),
        ("nobody@example.com", PASSWORD, 400),
        ("nobody", PASSWORD, 400),
        ("", PASSWORD, 400),
    ] {
        let (counts, answer) = hashed(&server, with_password(&server, identity, password)).await;
        assert_eq!(answer.status.as_u16(), status, "{identity}: {}", answer.text);
        let want = if identity.is_empty() { HashCounts { argon2: 0, bcrypt: 0 } } else { one };
        assert_eq!(counts, want, "{identity} {password}");
    }
    // With hashes of an import, every attempt does the work of both kinds.
    let config = config(&server.folder);
    let folder = server.stop();
    let db = database(&folder);
    let imported = bcrypt::hash("imported password", 4).unwrap();
    let changed = db.execute("UPDATE users SET password = ? WHERE email = 'ann@example.com'", [imported]).unwrap();
    // An account without a usable hash is one that nobody can sign in to with a password.
    let emptied = db.execute("UPDATE users SET password = '' WHERE email = 'carl@example.com'", []).unwrap();
    assert_eq!((changed, emptied), (1, 1));
    drop(db);
    let server = TestServer::with(folder, config);
    server.user("bob").await;
    let both = HashCounts { argon2: 1, bcrypt: 1 };
    for identity in ["ann@example.com", "bob@example.com", "carl@example.com", "nobody@example.com"] {
        let (counts, answer) = hashed(&server, with_password(&server, identity, "wrong password")).await;
        assert_eq!(answer.status, 400, "{identity}");
        assert_eq!(counts, both, "{identity}");
    }
}

#[tokio::test]
async fn codes_that_do_not_exist_cost_as_many_hashes() {
    let (server, root, mut mails) = start().await;
    server.user("ann").await;
    root.patch("/api/collections/users", json!({"otp": {"enabled": true}})).await.expect(200);
    let other = json!({"name": "others", "type": "auth", "otp": {"enabled": true}});
    root.post("/api/collections", other).await.expect(200);
    let guest = server.guest();
    let one = HashCounts { argon2: 1, bcrypt: 0 };
    let mut ids = Vec::new();
    for email in ["ann@example.com", "nobody@example.com", "ann@example.com", "nobody@example.com"] {
        let (counts, answer) = hashed(&server, guest.post(&users("request-otp"), json!({"email": email}))).await;
        assert_eq!(counts, one, "{email}");
        ids.push(answer.expect(200)["otpId"].clone());
        if email.starts_with("ann") {
            mails.next().await;
        }
    }
    let guesses = [
        ("a code", &ids[0], "users"),
        ("a code answered for nobody", &ids[1], "users"),
        ("an unknown code", &json!("unknown00000000"), "users"),
        ("a code of another collection", &ids[2], "others"),
    ];
    for (name, id, collection) in guesses {
        let path = format!("/api/collections/{collection}/auth-with-otp");
        let body = json!({"otpId": id, "password": "00000000"});
        let (counts, answer) = hashed(&server, guest.post(&path, body)).await;
        assert_eq!((counts, answer.status.as_u16()), (one, 400), "{name}");
    }
    server.clock.advance(std::time::Duration::from_secs(181));
    let body = json!({"otpId": ids[2], "password": "00000000"});
    let (counts, answer) = hashed(&server, guest.post(&users("auth-with-otp"), body)).await;
    assert_eq!((counts, answer.status.as_u16()), (one, 400), "an expired code");
}

/// A connection that notes every table and column its statements name, in order.
struct Watched {
    conn: rusqlite::Connection,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Watched {
    fn open(folder: &TempDir) -> Self {
        let mut conn = database(folder);
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&seen);
        let note = move |context: AuthContext<'_>| {
            log.lock().unwrap().push(format!("{:?}", context.action));
            Authorization::Allow
        };
        conn.authorizer(Some(note)).unwrap();
        Self { conn, seen }
    }

    fn reads<T>(&self, work: impl FnOnce(&rusqlite::Connection) -> T) -> (Vec<String>, T) {
        // Only statements that are prepared anew are noticed.
        self.conn.flush_prepared_statement_cache();
        self.seen.lock().unwrap().clear();
        let done = work(&self.conn);
        (self.seen.lock().unwrap().clone(), done)
    }
}

/// Looks for the account of an address; tells if there is one to go on with.
type Look = fn(&rusqlite::Connection, &Catalog, &str) -> bool;

#[tokio::test]
async fn accounts_that_do_not_exist_are_looked_for_by_the_same_statements() {
    let server = TestServer::start();
    let root = server.superuser().await;
    server.user("ann").await;
    server.user("verified").await;
    root.patch("/api/collections/users", json!({"otp": {"enabled": true}})).await.expect(200);
    let list = root.get("/api/collections/users/records?filter=email~'verified'").await.expect(200);
    let path = users(&format!("records/{}", list["items"][0]["id"].as_str().unwrap()));
    root.patch(&path, json!({"verified": true})).await.expect(200);
    let config = config(&server.folder);
    let folder = server.stop();
    let opened = app::open(&config, Clock::system()).unwrap();
    let catalog = opened.catalog.load();
    let looks: [(&str, Look); 4] = [
        ("request-password-reset", |conn, catalog, email| {
            auth::find_resettable(conn, catalog, "users", email).unwrap().is_some()
        }),
        ("request-verification", |conn, catalog, email| {
            auth::find_unverified(conn, catalog, "users", email).unwrap().is_some()
        }),
        ("request-otp", |conn, catalog, email| {
            auth::find_otp_owner(conn, catalog, "users", email).unwrap().record.is_some()
        }),
        ("auth-with-password", |conn, catalog, email| {
            let form = PasswordForm { identity: email.to_owned(), password: "x".to_owned(), ..PasswordForm::default() };
            auth::find_candidate(conn, catalog, "users", &form).unwrap().found.is_some()
        }),
    ];
    let store = Watched::open(&folder);
    for (name, look) in looks {
        let look = |email: &str| store.reads(|conn| look(conn, &catalog, email));
        let (known, is_there) = look("ann@example.com");
        assert!(is_there && !known.is_empty(), "{name}: {known:?}");
        for other in ["nobody@example.com", "verified@example.com"] {
            assert_eq!(look(other).0, known, "{name} for {other}");
        }
        assert!(!look("nobody@example.com").1, "{name}");
    }
    opened.db.close();
}

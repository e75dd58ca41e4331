//! `larder import pocketbase`, on a folder built here with the layout the reference server writes. The real thing is
//! tried against the reference binary by `make compat`.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde_json::json;
use tempfile::TempDir;

use crate::server::{TestServer, config};
use crate::startup::larder;

/// A PocketBase folder: `data.db`, a collection with a file field, an auth collection with a bcrypt hash.
struct Source {
    folder: TempDir,
    conn: Connection,
}

const SECRET: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMN";
const TOKEN_KEY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx";

impl Source {
    /// Our own fresh folder with our traces removed is what the reference writes, down to the column types.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pb_data");
        let made = larder(&["superuser", "create", "old@example.com", "old password", "--dir", path.to_str().unwrap()]);
        assert!(made.status.success());
        let conn = open(&path.join("data.db"));
        let ours = ["_larder_migrations", "_larder_changes", "_larder_dropped_files"];
        conn.execute_batch(&ours.map(|table| format!("DROP TABLE d.{table};")).concat()).unwrap();
        let hash = bcrypt::hash("users password", 4).unwrap();
        conn.execute(
            "INSERT INTO d.users (id, email, password, tokenKey, avatar) VALUES ('uuuuuuuuuuuuuuu', 'u@example.com', ?1, ?2, 'face.png')",
            params![hash, TOKEN_KEY],
        )
        .unwrap();
        conn.execute(
            "UPDATE d._collections SET options = json_set(options, '$.authToken.secret', ?1) WHERE name = 'users'",
            [SECRET],
        )
        .unwrap();
        Self { folder, conn }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("pb_data")
    }

    fn put_file(&self, name: &str) {
        let folder = self.path().join("storage/_pb_users_auth_/uuuuuuuuuuuuuuu");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), "picture").unwrap();
    }

    fn import(&self, target: &Path) -> std::process::Output {
        larder(&["import", "pocketbase", self.path().to_str().unwrap(), "--dir", target.to_str().unwrap()])
    }
}

/// Attached, because only `larder::db` opens databases.
fn open(path: &Path) -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute("ATTACH ?1 AS d", [path.to_str().unwrap()]).unwrap();
    conn
}

fn listing(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { pending.push(path) } else { files.push((path.clone(), std::fs::read(path).unwrap())) }
        }
    }
    files.sort();
    files
}

#[tokio::test]
async fn users_stay_signed_in_and_their_hashes_are_renewed() {
    let source = Source::new();
    source.put_file("face.png");
    let Source { folder, conn } = source;
    drop(conn);
    let before = listing(folder.path());
    let target = tempfile::tempdir().unwrap();
    let settings = config(&target);
    let source_path = folder.path().join("pb_data");
    let output =
        larder(&["import", "pocketbase", source_path.to_str().unwrap(), "--dir", settings.dir.to_str().unwrap()]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("1 files") && told.contains("0 files missing"), "{told}");
    assert_eq!(listing(folder.path()), before, "the source is as it was");
    assert!(settings.dir.join("storage/_pb_users_auth_/uuuuuuuuuuuuuuu/face.png").is_file());

    let server = TestServer::with(target, settings);
    assert_eq!(server.setup_path, None, "the imported superuser counts");
    // A token the old server issued.
    let claims = json!({"id": "uuuuuuuuuuuuuuu", "collectionId": "_pb_users_auth_", "type": "auth",
        "refreshable": true, "exp": server.clock.unix_seconds() + 1000});
    let key = jsonwebtoken::EncodingKey::from_secret(format!("{TOKEN_KEY}{SECRET}").as_bytes());
    let mut user = server.guest();
    user.token = Some(jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap());
    let refreshed = user.post("/api/collections/users/auth-refresh", json!({})).await.expect(200);
    assert_eq!(refreshed["record"]["avatar"], "face.png");

    let hash = |server: &TestServer| -> String {
        let conn = open(&server.folder.path().join("data/data.db"));
        conn.query_row("SELECT password FROM d.users", [], |row| row.get(0)).unwrap()
    };
    assert!(hash(&server).starts_with("$2"));
    let body = json!({"identity": "u@example.com", "password": "users password"});
    server.guest().post("/api/collections/users/auth-with-password", body.clone()).await.expect(200);
    assert!(hash(&server).starts_with("$argon2id$"), "renewed at sign-in");
    user.post("/api/collections/users/auth-refresh", json!({})).await.expect(200);
    server.guest().post("/api/collections/users/auth-with-password", body).await.expect(200);
}

#[test]
fn missing_files_are_listed() {
    let source = Source::new();
    let target = tempfile::tempdir().unwrap();
    let output = source.import(&target.path().join("new"));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("1 files missing") && told.contains("users/uuuuuuuuuuuuuuu/face.png"), "{told}");
}

#[test]
fn what_cannot_be_imported_leaves_nothing() {
    for (name, spoil, want) in [
        ("old layout", "ALTER TABLE d._collections RENAME COLUMN fields TO schema", "0.23"),
        ("no collections", "DROP TABLE d._collections", "not a PocketBase data folder"),
        ("ours", "CREATE TABLE d._larder_migrations (version INTEGER)", "already"),
    ] {
        let source = Source::new();
        source.conn.execute_batch(spoil).unwrap();
        let target = tempfile::tempdir().unwrap();
        let output = source.import(&target.path().join("new"));
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(want), "{name}: {error}");
        assert_eq!(std::fs::read_dir(target.path()).unwrap().count(), 0, "{name}: nothing is left");
    }
    let source = Source::new();
    let target = tempfile::tempdir().unwrap();
    std::fs::write(target.path().join("mine.txt"), "x").unwrap();
    let output = source.import(target.path());
    assert!(!output.status.success());
    assert_eq!(std::fs::read_dir(target.path()).unwrap().count(), 1);
}

#[test]
fn a_live_source_is_imported_whole() {
    let source = Source::new();
    // As a running server leaves it: in write-ahead mode, the last commits only in the log.
    source.conn.execute_batch("PRAGMA d.journal_mode = WAL; UPDATE d.users SET name = 'from the log'").unwrap();
    let target = tempfile::tempdir().unwrap();
    let new = target.path().join("new");
    let output = source.import(&new);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let name: String = open(&new.join("data.db")).query_row("SELECT name FROM d.users", [], |row| row.get(0)).unwrap();
    assert_eq!(name, "from the log");
}

#[tokio::test]
async fn logs_go_on_or_are_left_out() {
    let source = Source::new();
    let path = source.path().join("auxiliary.db");
    source.conn.execute("ATTACH ?1 AS logs", [path.to_str().unwrap()]).unwrap();
    source
        .conn
        .execute_batch(
            "CREATE TABLE logs._logs (id TEXT PRIMARY KEY NOT NULL, level INTEGER DEFAULT 0 NOT NULL, message TEXT DEFAULT '' NOT NULL,
               data JSON DEFAULT '{}' NOT NULL, created TEXT NOT NULL);
             INSERT INTO logs._logs VALUES ('r1', 8, 'GET /old', '{\"status\":404}', strftime('%Y-%m-%d %H:%M:%fZ'));
             DETACH logs;",
        )
        .unwrap();
    let target = tempfile::tempdir().unwrap();
    let settings = config(&target);
    assert!(source.import(&settings.dir).status.success());
    let server = TestServer::with(target, settings);
    let sign_in = json!({"identity": "old@example.com", "password": "old password"});
    let auth = server.guest().post("/api/collections/_superusers/auth-with-password", sign_in).await.expect(200);
    let root = server.guest().signed_in(&auth);
    let old = root.get("/api/logs/r1").await.expect(200);
    assert_eq!((&old["message"], &old["level"], &old["data"]["status"]), (&json!("GET /old"), &json!(8), &json!(404)));
    assert_eq!(root.get("/api/logs?filter=data.status=404").await.expect(200)["totalItems"], 1);

    std::fs::write(&path, "no database".repeat(1000)).unwrap();
    let target = tempfile::tempdir().unwrap();
    let new = target.path().join("new");
    let output = source.import(&new);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("left out") && !new.join("auxiliary.db").exists());
}

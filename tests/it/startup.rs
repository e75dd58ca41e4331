//! Starting and stopping: data folders, locks, commands beside a running server.

use std::path::Path;
use std::process::{Command, Output};

use larder::app::Server;
use larder::clock::Clock;
use serde_json::json;

use crate::crash::Process;
use crate::server::{PASSWORD, TestServer, config};

pub(crate) fn larder(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_larder")).args(arguments).output().unwrap()
}

/// Runs a command that must fail: its error, which must be one line.
pub(crate) fn failing(arguments: &[&str]) -> String {
    let output = larder(arguments);
    assert!(!output.status.success(), "{arguments:?} succeeded");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "{arguments:?}: {text}");
    text
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn a_stopped_server_leaves_one_clean_file() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.open_collection("items", json!([{"name": "n", "type": "number"}])).await;
    root.post("/api/collections/items/records", json!({"n": 7})).await.expect(200);
    let settings = config(&server.folder);
    let folder = server.stop();
    let files: Vec<String> = std::fs::read_dir(folder.path().join("data"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(files.contains(&"data.db".to_owned()), "{files:?}");
    assert!(!files.iter().any(|f| f.ends_with("-wal") || f.ends_with("-shm")), "{files:?}");
    let server = TestServer::with(folder, settings);
    let items = server.guest().get("/api/collections/items/records").await.expect(200);
    assert_eq!(items["items"][0]["n"], 7);
}

#[tokio::test]
async fn one_process_serves_a_folder() {
    let server = TestServer::start();
    let settings = config(&server.folder);
    let error = Server::start(settings, Clock::system()).await.unwrap_err().to_string();
    assert!(error.contains("already served"), "{error}");
    let data = server.folder.path().join("data");
    let error = failing(&["serve", "--http", "127.0.0.1:0", "--dir", text(&data)]);
    assert!(error.contains("already served"), "{error}");
}

#[tokio::test]
async fn commands_beside_a_running_server_are_noticed() {
    let server = TestServer::start();
    let data = server.folder.path().join("data");
    let run = |command: &str, password: &str| {
        let mut arguments = vec!["superuser", command, "ops@example.com"];
        if !password.is_empty() {
            arguments.push(password);
        }
        arguments.extend(["--dir", text(&data)]);
        let output = larder(&arguments);
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run("create", PASSWORD).contains("Successfully created new superuser \"ops@example.com\"!"));
    let ops = server.sign_in("_superusers", "ops@example.com").await;
    ops.get("/api/collections").await.expect(200);
    assert!(run("update", "another one").contains("changed superuser"));
    ops.get("/api/collections").await.expect(401);
    assert!(run("upsert", PASSWORD).contains("saved superuser"));
    server.sign_in("_superusers", "ops@example.com").await;
    let error = failing(&["superuser", "delete", "ops@example.com", "--dir", text(&data)]);
    assert!(error.contains("only superuser"), "{error}");
    assert!(larder(&["superuser", "delete", "nobody@example.com", "--dir", text(&data)]).status.success());
}

#[test]
fn failing_commands_say_why_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let dir = ["--dir", text(&data)];
    let with = |arguments: &[&str]| failing(&[arguments, &dir[..]].concat());
    assert!(with(&["superuser", "create", "not-an-address", PASSWORD]).contains("email"));
    assert!(with(&["superuser", "create", "a@example.com", "short"]).contains("password"));
    assert!(with(&["superuser", "update", "a@example.com", PASSWORD]).contains("a@example.com"));
    assert!(larder(&[&["superuser", "create", "a@example.com", PASSWORD], &dir[..]].concat()).status.success());
    assert!(with(&["superuser", "create", "a@example.com", PASSWORD]).contains("email"));
    let toml = folder.path().join("bad.toml");
    std::fs::write(&toml, "colour = \"red\"\n").unwrap();
    let output = larder(&["serve", "--config", text(&toml), "--dir", text(&data)]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("colour"));
    assert!(with(&["import", "pocketbase", "/nonexistent"]).contains("data folder"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert!(with(&["serve", "--http", &address]).contains(&address));
}

#[test]
fn a_folder_of_another_version_or_product_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let dir = text(&data);
    assert!(larder(&["superuser", "create", "a@example.com", PASSWORD, "--dir", dir]).status.success());
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute("ATTACH ?1 AS d", [text(&data.join("data.db"))]).unwrap();
    conn.execute_batch("INSERT INTO d._larder_migrations VALUES (9999, '9999_future', '')").unwrap();
    assert!(failing(&["serve", "--http", "127.0.0.1:0", "--dir", dir]).contains("newer Larder"));
    conn.execute_batch("DROP TABLE d._larder_migrations").unwrap();
    assert!(failing(&["serve", "--http", "127.0.0.1:0", "--dir", dir]).contains("larder import pocketbase"));
}

#[test]
fn help_and_version() {
    let help = String::from_utf8(larder(&["--help"]).stdout).unwrap();
    for word in ["serve", "superuser", "import", "--dir", "--config"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    let version = String::from_utf8(larder(&["--version"]).stdout).unwrap();
    assert_eq!(version.trim(), format!("larder {}", env!("CARGO_PKG_VERSION")));
    assert!(!larder(&["--nope"]).status.success());
}

/// Service managers start programs with a low limit that they may raise themselves.
#[cfg(target_os = "linux")]
#[test]
fn the_limit_of_open_files_is_raised() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -Sn 300 && ulimit -Hn 2000 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_larder")]);
    let process = Process::start_with(shell, &folder.path().join("data"), &[]);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    assert_eq!(line.split_whitespace().nth(3), Some("2000"), "{line}");
}

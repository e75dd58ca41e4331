//! kill -9 in a loop under concurrent writers: what was acknowledged is there, what was not is there whole or not at all.
//!
//! `LARDER_CRASH_ROUNDS` makes it longer by hand.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use crate::server::{PASSWORD, SUPERUSER_EMAIL};
use crate::startup::larder;

const WRITERS: usize = 32;

/// Writes acknowledged in a round before the server is killed.
const WRITES_PER_ROUND: usize = 300;

/// What a writer knows of one record.
#[derive(Debug, Clone, PartialEq)]
enum Known {
    /// Acknowledged with this number.
    Is(i64),
    /// Acknowledged as deleted.
    Gone,
    /// A write with this outcome was sent but not answered; before it, this was known.
    Unsure { before: Option<i64>, after: Option<i64> },
}

/// The binary, serving; killed when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) base: String,
}

impl Process {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(Command::new(env!("CARGO_BIN_EXE_larder")), folder, &[])
    }

    /// `command` is the binary or something that becomes it.
    pub(crate) fn start_with(mut command: Command, folder: &Path, flags: &[&str]) -> Self {
        command.args(["serve", "--http", "127.0.0.1:0", "--dir", folder.to_str().unwrap()]).args(flags);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        Self::of(command)
    }

    /// `command` serves, and its standard output is a pipe.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.map(Result::unwrap).find(|l| l.contains("Dashboard")).unwrap();
        let base = line[line.find("http").unwrap()..].trim_end_matches("/_/").to_owned();
        Self { child, base }
    }

    /// SIGTERM, and waits until it has ended well.
    pub(crate) fn terminate(&mut self) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), rustix::process::Signal::TERM)
            .unwrap();
        assert!(self.child.wait().unwrap().success());
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: nothing of the process runs any more.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes the superuser of a folder that nobody serves.
pub(crate) fn make_superuser(data: &Path) {
    let made = larder(&["superuser", "create", SUPERUSER_EMAIL, PASSWORD, "--dir", data.to_str().unwrap()]);
    assert!(made.status.success());
}

async fn sign_in(http: &reqwest::Client, base: &str) -> String {
    let body = json!({"identity": SUPERUSER_EMAIL, "password": PASSWORD});
    let url = format!("{base}/api/collections/_superusers/auth-with-password");
    let answer: Json = http.post(url).json(&body).send().await.unwrap().json().await.unwrap();
    answer["token"].as_str().unwrap().to_owned()
}

/// Creates, updates and deletes until the server is gone.
async fn write(
    base: String,
    writer: usize,
    round: usize,
    known: Arc<Mutex<HashMap<String, Known>>>,
    done: Arc<AtomicUsize>,
) {
    let http = crate::server::http_client();
    let records = format!("{base}/api/collections/items/records");
    for n in 0.. {
        let id = format!("w{writer:02}r{round:03}n{n:07}");
        let url = format!("{records}/{id}");
        let body = json!({"id": id, "n": n, "twice": 2 * n});
        let steps: [(Option<i64>, Option<i64>, reqwest::RequestBuilder); 3] = [
            (None, Some(n), http.post(&records).json(&body)),
            (Some(n), Some(n + 1), http.patch(&url).json(&json!({"n": n + 1, "twice": 2 * n + 2}))),
            (Some(n + 1), None, http.delete(&url)),
        ];
        // Every third record is deleted again.
        let count = if n % 3 == 0 { 3 } else { 2 };
        for (before, after, request) in steps.into_iter().take(count) {
            known.lock().unwrap().insert(id.clone(), Known::Unsure { before, after });
            match request.send().await {
                Ok(answer) if answer.status().is_success() => {
                    known.lock().unwrap().insert(id.clone(), after.map_or(Known::Gone, Known::Is));
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Ok(answer) => panic!("{}: {}", answer.status(), answer.text().await.unwrap_or_default()),
                Err(_) => return,
            }
        }
    }
}

/// Everything stored, by id.
fn stored(folder: &Path) -> HashMap<String, (i64, i64)> {
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute("ATTACH ?1 AS d", [folder.join("data.db").to_str().unwrap()]).unwrap();
    let verdict: String = conn.query_row("PRAGMA d.integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let mut query = conn.prepare("SELECT id, n, twice FROM d.items").unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn changes(folder: &Path) -> HashMap<String, String> {
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute("ATTACH ?1 AS d", [folder.join("data.db").to_str().unwrap()]).unwrap();
    let mut query = conn.prepare("SELECT record, action FROM d._larder_changes ORDER BY seq").unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test]
async fn acknowledged_writes_survive_kill_9() {
    let rounds: usize = std::env::var("LARDER_CRASH_ROUNDS").map_or(3, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    make_superuser(&data);
    {
        let server = Process::start(&data);
        let http = crate::server::http_client();
        let token = sign_in(&http, &server.base).await;
        let number = |name: &str| json!({"name": name, "type": "number"});
        let body = json!({"name": "items", "type": "base", "fields": [number("n"), number("twice")],
            "createRule": "", "updateRule": "", "deleteRule": ""});
        let url = format!("{}/api/collections", server.base);
        let made = http.post(url).header("Authorization", token).json(&body).send().await.unwrap();
        assert_eq!(made.status(), 200);
    }
    let known = Arc::new(Mutex::new(HashMap::new()));
    for round in 0..rounds {
        let mut server = Process::start(&data);
        let done = Arc::new(AtomicUsize::new(0));
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            writers.spawn(write(server.base.clone(), writer, round, Arc::clone(&known), Arc::clone(&done)));
        }
        while done.load(Ordering::Relaxed) < WRITES_PER_ROUND {
            tokio::task::yield_now().await;
        }
        server.kill();
        while let Some(writer) = writers.join_next().await {
            writer.unwrap();
        }
        check(&data, &mut known.lock().unwrap(), round);
    }
}

fn check(data: &Path, known: &mut HashMap<String, Known>, round: usize) {
    let stored = stored(data);
    let changes = changes(data);
    for (id, (n, twice)) in &stored {
        assert_eq!(*twice, 2 * n, "round {round}: {id} is half written");
        assert!(known.contains_key(id), "round {round}: {id} was never sent");
        assert_ne!(changes.get(id).map(String::as_str), Some("delete"), "round {round}: {id} lives");
    }
    for (id, knowledge) in known.iter_mut() {
        let found = stored.get(id).map(|(n, _)| *n);
        match knowledge {
            Known::Is(n) => assert_eq!(found, Some(*n), "round {round}: {id}"),
            Known::Gone => assert_eq!(found, None, "round {round}: {id} came back"),
            Known::Unsure { before, after } => {
                assert!(
                    found == *before || found == *after,
                    "round {round}: {id} is {found:?}, {before:?} -> {after:?}"
                );
                *knowledge = found.map_or(Known::Gone, Known::Is);
            }
        }
    }
}

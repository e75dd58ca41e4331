//! kill -9 under uploads: no record names a file that is not there whole, and what nobody names goes away.
//!
//! `LARDER_CRASH_ROUNDS` makes it longer by hand.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value as Json, json};

use super::{DOCS, await_stored_in, file, superuser_at};
use crate::crash::{Process, make_superuser};
use crate::server::Client;

const WRITERS: usize = 12;

/// Saves acknowledged in a round before the server is killed.
const SAVES_PER_ROUND: usize = 120;

/// What a record holds, its files by the stems they were sent under; `None` if there is no such record.
type State = Option<(Option<String>, Vec<String>)>;

/// What a writer knows of one record.
#[derive(Debug, Clone)]
enum Known {
    /// Acknowledged.
    Is(State),
    /// A save was sent but not answered: it is as before, or as after.
    Unsure(State, State),
}

/// What is sent as the file of this name: small ones, which stay in memory, and some that are spooled.
fn content(stem: &str) -> Vec<u8> {
    let sum = stem.bytes().map(usize::from).sum::<usize>();
    let length = if sum % 5 == 0 { 300_000 } else { 1 + sum % 700 };
    stem.bytes().cycle().take(length).collect()
}

/// The stem under which the file was sent that is stored under this name.
fn stem(name: &str) -> String {
    name.split_once('_').unwrap().0.to_owned()
}

struct Writer {
    client: Client,
    known: Arc<Mutex<HashMap<String, Known>>>,
    done: Arc<AtomicUsize>,
}

impl Writer {
    /// Sends a save; `None` once the server is gone.
    async fn save(&self, id: &str, outcomes: [&State; 2], request: reqwest::RequestBuilder) -> Option<Json> {
        let [before, after] = outcomes.map(State::clone);
        self.known.lock().unwrap().insert(id.to_owned(), Known::Unsure(before, after.clone()));
        let answer = request.send().await.ok()?;
        let status = answer.status();
        let text = answer.text().await.ok()?;
        assert!(status.is_success(), "{status}: {text}");
        self.known.lock().unwrap().insert(id.to_owned(), Known::Is(after));
        self.done.fetch_add(1, Ordering::Relaxed);
        Some(serde_json::from_str(&text).unwrap_or(Json::Null))
    }

    /// Creates a record, replaces, adds and removes its files, and deletes every third; until the server is gone.
    async fn run(self, writer: usize, round: usize) {
        for n in 0.. {
            if self.one_record(writer, round, n).await.is_none() {
                return;
            }
        }
    }

    async fn one_record(&self, writer: usize, round: usize, n: usize) -> Option<()> {
        let id = format!("w{writer:02}r{round:03}n{n:07}");
        let url = format!("{DOCS}/{id}");
        let stem = |letter: char| format!("{id}{letter}");
        let sent = |letter: char| file(&format!("{}.txt", stem(letter)), content(&stem(letter)));
        let state = |one: char, many: &str| Some((Some(stem(one)), many.chars().map(stem).collect()));
        let submit = |method: Method, path: &str, form: Form| self.client.request(method, path).multipart(form);

        let created = state('a', "bc");
        let form = Form::new().text("id", id.clone()).part("one", sent('a'));
        let form = form.part("many", sent('b')).part("many", sent('c'));
        let made = self.save(&id, [&None, &created], submit(Method::POST, DOCS, form)).await?;

        let replaced = state('d', "bc");
        let form = Form::new().part("one", sent('d'));
        self.save(&id, [&created, &replaced], submit(Method::PATCH, &url, form)).await?;

        let grown = state('d', "bce");
        let form = Form::new().part("many+", sent('e'));
        self.save(&id, [&replaced, &grown], submit(Method::PATCH, &url, form)).await?;

        let less = state('d', "ce");
        let request = self.client.request(Method::PATCH, &url).json(&json!({"many-": made["many"][0]}));
        self.save(&id, [&grown, &less], request).await?;

        if n.is_multiple_of(3) {
            self.save(&id, [&less, &None], self.client.request(Method::DELETE, &url)).await?;
        }
        Some(())
    }
}

/// Everything stored: id, name of the one file, names of the others.
fn records(data: &Path) -> Vec<(String, String, Vec<String>)> {
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute("ATTACH ?1 AS d", [data.join("data.db").to_str().unwrap()]).unwrap();
    let mut query = conn.prepare("SELECT id, one, many FROM d.docs").unwrap();
    let names = |text: String| serde_json::from_str(&text).unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, names(row.get(2)?)))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Compares what is stored with what is known; the paths of all files that records name.
fn check(data: &Path, collection: &str, known: &mut HashMap<String, Known>, round: usize) -> Vec<String> {
    let mut found: HashMap<String, State> = HashMap::new();
    let mut named = Vec::new();
    for (id, one, many) in records(data) {
        for name in many.iter().chain([&one]) {
            let path = format!("{collection}/{id}/{name}");
            let bytes = std::fs::read(data.join("storage").join(&path));
            let bytes = bytes.unwrap_or_else(|error| panic!("round {round}: {path} is named: {error}"));
            assert!(bytes == content(&stem(name)), "round {round}: {path} is not what was sent");
            named.push(path);
        }
        assert!(known.contains_key(&id), "round {round}: {id} was never sent");
        found.insert(id, Some((Some(stem(&one)), many.iter().map(|name| stem(name)).collect())));
    }
    for (id, knowledge) in known.iter_mut() {
        let found = found.remove(id).unwrap_or_default();
        match knowledge {
            Known::Is(state) => assert_eq!(*state, found, "round {round}: {id}"),
            Known::Unsure(before, after) => {
                assert!(found == *before || found == *after, "round {round}: {id}: {found:?}, {before:?}, {after:?}");
            }
        }
        *knowledge = Known::Is(found);
    }
    named
}

/// Makes the collection; its id.
async fn prepare(data: &Path) -> String {
    make_superuser(data);
    let server = Process::start(data);
    let fields = json!([
        {"name": "one", "type": "file", "maxSelect": 1},
        {"name": "many", "type": "file", "maxSelect": 5},
    ]);
    let made = superuser_at(&server.base).await.open_collection("docs", fields).await;
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn named_files_survive_kill_9_and_others_do_not() {
    let rounds: usize = std::env::var("LARDER_CRASH_ROUNDS").map_or(3, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let collection = prepare(&data).await;
    let known = Arc::new(Mutex::new(HashMap::new()));
    for round in 0..rounds {
        let mut server = Process::start(&data);
        let done = Arc::new(AtomicUsize::new(0));
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..WRITERS {
            let client = Client::at(&server.base);
            let writer = Writer { client, known: Arc::clone(&known), done: Arc::clone(&done) };
            writers.spawn(writer.run(number, round));
        }
        while done.load(Ordering::Relaxed) < SAVES_PER_ROUND {
            tokio::task::yield_now().await;
        }
        server.kill();
        while let Some(writer) = writers.join_next().await {
            writer.unwrap();
        }
        let named = check(&data, &collection, &mut known.lock().unwrap(), round);
        assert!(!named.is_empty());
        let _server = Process::start(&data);
        await_stored_in(&data, &named).await;
        assert_eq!(check(&data, &collection, &mut known.lock().unwrap(), round).len(), named.len());
    }
}

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tracing_subscriber::layer::SubscriberExt as _;

use super::entry::{Entry, MessageEntry};
use super::queue::MAX_ENTRIES;
use super::writer::{State, Writer};
use super::*;
use crate::clock::{Clock, date_text};
use crate::db::{DbError, DbOptions, OpenedDb, ReadTx, open_existing};
use crate::mail::PRINTED_MAIL;
use crate::settings::Settings;

/// Logs of a folder, with what they are made of.
struct Fixture {
    folder: TempDir,
    queue: Queue,
    settings: Arc<ArcSwap<Settings>>,
    clock: Clock,
}

impl Fixture {
    fn new() -> Self {
        let (queue, settings) = (Queue::default(), Arc::new(ArcSwap::from_pointee(Settings::default())));
        Self { folder: tempfile::tempdir().unwrap(), queue, settings, clock: Clock::system() }
    }

    fn start(&self, max_bytes: u64) -> Logs {
        let options = LogsOptions {
            folder: self.folder.path(),
            db: DbOptions::default(),
            max_bytes,
            settings: Arc::clone(&self.settings),
            clock: self.clock.clone(),
        };
        Logs::start(self.queue.clone(), options).unwrap()
    }

    fn set(&self, change: impl Fn(&mut crate::settings::Logs)) {
        let mut settings = Settings::clone(&self.settings.load());
        change(&mut settings.logs);
        self.settings.store(Arc::new(settings));
    }

    fn say(&self, level: Level, message: &str) {
        let (message, at_ms) = (message.to_owned(), self.clock.unix_millis());
        self.queue.push(Entry::Message(MessageEntry { at_ms, level, message, data: serde_json::Map::new() }));
    }

    /// Messages and data of what is stored.
    fn stored(&self) -> Vec<(String, Json)> {
        stored(self.folder.path())
    }

    fn messages(&self) -> Vec<String> {
        self.stored().into_iter().map(|(message, _)| message).collect()
    }
}

fn stored(folder: &Path) -> Vec<(String, Json)> {
    let conn = open_existing(&folder.join(LOGS_FILE)).unwrap();
    let mut query = conn.prepare("SELECT message, data FROM _logs ORDER BY rowid").unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
    query
        .query_map([], row)
        .unwrap()
        .map(|row| row.map(|(m, d)| (m, serde_json::from_str(&d).unwrap())).unwrap())
        .collect()
}

const ROOM: u64 = 1 << 30;

#[tokio::test]
async fn what_came_before_a_flush_is_stored_after_it() {
    let fixture = Fixture::new();
    // Before there is a thread: what start-up has to say.
    fixture.say(Level::Info, "first");
    let logs = fixture.start(ROOM);
    logs.flush().await;
    assert_eq!(fixture.messages(), ["first"]);
    fixture.say(Level::Warn, "second");
    logs.close();
    assert_eq!(fixture.messages(), ["first", "second"]);
    // Nobody waits for a thread that has ended.
    fixture.say(Level::Warn, "third");
    logs.flush().await;
    logs.prune(true).await;
    assert_eq!(fixture.messages(), ["first", "second"]);
}

/// The thread is woken by the first of them, and by nothing else.
#[test]
fn an_entry_alone_is_stored_without_being_asked_for() {
    let fixture = Fixture::new();
    let logs = fixture.start(ROOM);
    fixture.say(Level::Info, "alone");
    while fixture.messages().is_empty() {
        std::thread::yield_now();
    }
    logs.close();
}

#[tokio::test]
async fn entries_without_room_are_counted() {
    let fixture = Fixture::new();
    for n in 0..MAX_ENTRIES + 5 {
        fixture.say(Level::Info, &n.to_string());
    }
    let logs = fixture.start(ROOM);
    logs.flush().await;
    let stored = fixture.stored();
    assert_eq!(stored.len(), MAX_ENTRIES + 1);
    assert_eq!(stored[MAX_ENTRIES].1, json!({"dropped": 5}));
    // Large ones take the room of many.
    let logs = Logs::clone(&logs);
    logs.close();
    let fixture = Fixture::new();
    let large = "x".repeat(1 << 20);
    for _ in 0..20 {
        fixture.say(Level::Info, &large);
    }
    fixture.start(ROOM).flush().await;
    let stored = fixture.stored();
    let dropped = stored.last().unwrap().1["dropped"].as_u64().unwrap();
    assert_eq!((stored.len() as u64 - 1) + dropped, 20);
    assert!((1..10).contains(&dropped), "{dropped}");
}

#[tokio::test]
async fn files_that_cannot_be_used_are_set_aside() {
    for what in ["garbage", "other columns", "cut"] {
        let fixture = Fixture::new();
        let path = fixture.folder.path().join(LOGS_FILE);
        match what {
            "garbage" => std::fs::write(&path, "no database".repeat(1000)).unwrap(),
            "other columns" => {
                std::fs::write(&path, "").unwrap();
                open_existing(&path).unwrap().execute_batch("CREATE TABLE _logs (id, message)").unwrap();
            }
            _ => {
                let logs = fixture.start(ROOM);
                fixture.say(Level::Info, "old");
                logs.close();
                let whole = std::fs::read(&path).unwrap();
                std::fs::write(&path, &whole[..5000]).unwrap();
            }
        }
        let fixture = Fixture { queue: Queue::default(), ..fixture };
        let logs = fixture.start(ROOM);
        fixture.say(Level::Info, "new");
        logs.flush().await;
        assert_eq!(fixture.messages(), ["new"], "{what}");
        assert!(fixture.folder.path().join("auxiliary.db.damaged").exists(), "{what}");
        logs.close();
    }
}

#[tokio::test]
async fn a_path_that_is_no_file_keeps_nobody_from_starting() {
    let fixture = Fixture::new();
    std::fs::create_dir(fixture.folder.path().join(LOGS_FILE)).unwrap();
    let logs = fixture.start(ROOM);
    fixture.say(Level::Info, "lost");
    logs.flush().await;
    logs.prune(true).await;
    logs.close();
}

#[test]
fn a_file_that_turns_out_to_be_damaged_is_replaced() {
    let fixture = Fixture::new();
    let mut writer = Writer {
        queue: fixture.queue.clone(),
        folder: fixture.folder.path().to_path_buf(),
        options: DbOptions::default(),
        max_bytes: ROOM,
        settings: Arc::clone(&fixture.settings),
        clock: fixture.clock.clone(),
        readers: Arc::new(ArcSwapOption::empty()),
        state: State::Unavailable(Instant::now()),
        paused_until: None,
    };
    writer.open();
    let failure = |code| DbError::from(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
    writer.settle(Err(failure(rusqlite::ffi::SQLITE_CORRUPT)));
    assert!(matches!(writer.state, State::Open(_)) && writer.readers.load().is_some());
    assert!(fixture.folder.path().join("auxiliary.db.damaged").exists());
    // A full disk passes.
    writer.settle(Err(failure(rusqlite::ffi::SQLITE_FULL)));
    assert!(matches!(writer.state, State::Open(_)) && writer.paused_until.is_some());
}

#[tokio::test]
async fn an_imported_table_goes_on() {
    let fixture = Fixture::new();
    let path = fixture.folder.path().join(LOGS_FILE);
    std::fs::write(&path, "").unwrap();
    open_existing(&path)
        .unwrap()
        .execute_batch(
            "CREATE TABLE `_logs` (`id` TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL,
               `level` INTEGER DEFAULT 0 NOT NULL, `message` TEXT DEFAULT \"\" NOT NULL,
               `data` JSON DEFAULT \"{}\" NOT NULL,
               `created` TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL);
             CREATE INDEX idx_logs_level on `_logs` (`level`);
             CREATE INDEX idx_logs_created_hour on `_logs` (strftime('%Y-%m-%d %H:00:00', `created`));
             INSERT INTO _logs (message) VALUES ('theirs');",
        )
        .unwrap();
    let logs = fixture.start(ROOM);
    fixture.say(Level::Info, "ours");
    logs.flush().await;
    assert_eq!(fixture.messages(), ["theirs", "ours"]);
}

#[tokio::test]
async fn what_the_settings_do_not_keep_is_removed() {
    let fixture = Fixture::new();
    let logs = fixture.start(ROOM);
    for n in 0..2500 {
        fixture.say(if n % 2 == 0 { Level::Info } else { Level::Error }, "old");
    }
    logs.flush().await;
    fixture.clock.advance(Duration::from_hours(4 * 24));
    fixture.say(Level::Info, "info");
    fixture.say(Level::Error, "error");
    logs.prune(false).await;
    assert_eq!(fixture.stored().len(), 2502);
    fixture.set(|logs| logs.min_level = 4);
    // Not even taken.
    fixture.say(Level::Info, "unwanted");
    logs.prune(true).await;
    assert_eq!(fixture.stored().len(), 1251);
    fixture.clock.advance(Duration::from_hours(2 * 24));
    logs.prune(false).await;
    assert_eq!(fixture.messages(), ["error"]);
    fixture.set(|logs| logs.max_days = 0);
    fixture.say(Level::Error, "unwanted");
    logs.prune(false).await;
    assert_eq!(fixture.messages(), [""; 0]);
    logs.close();
    let bytes = std::fs::metadata(fixture.folder.path().join(LOGS_FILE)).unwrap().len();
    assert!(bytes <= 8 * 4096, "{bytes}");
}

#[tokio::test]
async fn the_size_is_bounded_and_the_newest_stay() {
    const MOST: u64 = 1 << 20;
    let fixture = Fixture::new();
    let logs = fixture.start(MOST);
    for round in 0..5 {
        for n in 0..3000 {
            fixture.say(Level::Info, &format!("{round} {n} {}", "x".repeat(200)));
        }
        logs.flush().await;
    }
    logs.close();
    let messages = fixture.messages();
    assert!(messages.last().unwrap().starts_with("4 2999 "));
    assert!(messages[0].starts_with("4 ") && messages.len() > 1000, "{}", messages.len());
    let bytes = std::fs::metadata(fixture.folder.path().join(LOGS_FILE)).unwrap().len();
    // What one batch adds before it is looked at.
    assert!(bytes < 2 * MOST, "{bytes}");
}

#[tokio::test]
async fn messages_are_stored_with_their_attributes_and_without_secrets() {
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.c2lnbmF0dXJl";
    let fixture = Fixture::new();
    let layer = capture(fixture.queue.clone(), fixture.clock.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        tracing::info!(target: "larder::files", { count = 3, ok = true, file.name = "a.png" }, "kept {}", 1);
        tracing::error!(target: "larder::files", error = %format!("no {TOKEN}"), mail_token = "s3cret", "failed");
        tracing::debug!(target: "larder::files", "too fine");
        tracing::info!(target: PRINTED_MAIL, "a mail with s3cret");
        tracing::warn!(target: "larder::logs::writer", "about itself");
        tracing::warn!(target: "hyper::client", "of others");
    });
    fixture.start(ROOM).flush().await;
    let want = [
        ("kept 1".to_owned(), json!({"count": 3, "ok": true, "file.name": "a.png"})),
        ("failed".to_owned(), json!({"error": "no ***", "mail_token": "***"})),
    ];
    assert_eq!(fixture.stored(), want);
}

/// Takes longer than SQLite's clock has ticks.
const LONG: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) \
                    SELECT length(?1) FROM n WHERE i = 1000000";

#[tokio::test]
async fn slow_queries_are_told_of_without_their_values() {
    let fixture = Fixture::new();
    let options = DbOptions { slow_query: Duration::from_millis(1), ..DbOptions::default() };
    let folder = tempfile::tempdir().unwrap();
    let db = OpenedDb::open(folder.path(), options, fixture.clock.clone()).unwrap().start(|_| Ok(())).unwrap();
    let layer = capture(fixture.queue.clone(), fixture.clock.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let read = |tx: &ReadTx<'_>| Ok::<_, DbError>(tx.query_row(LONG, ["s3cret"], |row| row.get::<_, i64>(0))?);
        assert_eq!(db.read_blocking(read).unwrap(), 6);
    });
    fixture.start(ROOM).flush().await;
    let stored = fixture.stored();
    let found = stored.iter().find(|(_, data)| data["sql"] == LONG).unwrap();
    assert!(found.0 == "a query was slow" && found.1["duration_ms"].is_number(), "{found:?}");
    assert!(!format!("{stored:?}").contains("s3cret"));
}

#[test]
fn ids_and_times_are_in_order() {
    let entry = |at_ms| {
        Entry::Message(MessageEntry { at_ms, level: Level::Info, message: String::new(), data: serde_json::Map::new() })
    };
    let settings = Settings::default().logs;
    let (first, second) = (entry(1_700_000_000_000).into_row(&settings), entry(1_700_000_005_000).into_row(&settings));
    assert!(first.id < second.id && first.created < second.created && first.id.len() == 15);
    assert_eq!(first.created, date_text(1_700_000_000_000));
}

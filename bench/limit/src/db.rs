//! Tables, row layouts, ids, and the writer thread with group commit.
use crate::json::{self, Kind, Layout};
use rusqlite::{params, Connection};
use std::path::Path;
use std::sync::mpsc;
use std::time::{SystemTime, UNIX_EPOCH};

const DOC_COLS: &[(&str, Kind)] = &[
    ("id", Kind::Text),
    ("title", Kind::Text),
    ("body", Kind::Text),
    ("public", Kind::Bool),
    ("views", Kind::Num),
    ("author", Kind::Text),
    ("created", Kind::Text),
    ("updated", Kind::Text),
];
pub const POSTS: Layout = Layout { collection: "posts", cols: DOC_COLS };
pub const UPD: Layout = Layout { collection: "bench_upd", cols: DOC_COLS };
pub const AUTHORS: Layout = Layout { collection: "authors", cols: &[("id", Kind::Text), ("name", Kind::Text)] };
pub const BIG: Layout = Layout {
    collection: "big",
    cols: &[
        ("id", Kind::Text),
        ("title", Kind::Text),
        ("body", Kind::Text),
        ("views", Kind::Num),
        ("created", Kind::Text),
        ("updated", Kind::Text),
    ],
};

pub fn open(dir: &Path, sync_full: bool) -> rusqlite::Result<Connection> {
    let c = Connection::open(dir.join("data.db"))?;
    c.pragma_update(None, "journal_mode", "WAL")?;
    c.pragma_update(None, "synchronous", if sync_full { "FULL" } else { "NORMAL" })?;
    c.pragma_update(None, "cache_size", -32000)?;
    c.pragma_update(None, "mmap_size", 1i64 << 30)?;
    c.pragma_update(None, "temp_store", "MEMORY")?;
    c.busy_timeout(std::time::Duration::from_secs(10))?;
    c.set_prepared_statement_cache_capacity(64);
    Ok(c)
}

pub fn now_text() -> String {
    let d = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, rem) = (d.as_secs() / 86400, d.as_secs() % 86400);
    // Civil date from days since 1970-01-01.
    let z = days as i64 + 719_468;
    let era = z / 146_097;
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + (month <= 2) as i64;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}.{:03}Z",
        rem / 3600,
        rem / 60 % 60,
        rem % 60,
        d.subsec_millis()
    )
}

pub static SORTED_IDS: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Copies the log into the database off the writer's path, until little is left of it.
pub fn spawn_checkpointer(dir: std::path::PathBuf) {
    std::thread::Builder::new()
        .name("checkpoint".into())
        .spawn(move || {
            let conn = open(&dir, false).expect("open database");
            let wal = dir.join("data.db-wal");
            loop {
                std::thread::sleep(std::time::Duration::from_millis(200));
                let size = std::fs::metadata(&wal).map_or(0, |m| m.len());
                if size < 8 << 20 {
                    continue;
                }
                // (busy, pages in the log, pages copied)
                let r = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |r| {
                    Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?, r.get::<_, i64>(2)?))
                });
                // A log that keeps growing under load is begun anew at the price of a short wait.
                if matches!(r, Ok((_, log, done)) if size > 256 << 20 && log - done < 2000) {
                    let _ = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
                }
            }
        })
        .expect("checkpoint thread");
}

pub fn new_id() -> String {
    use std::cell::Cell;
    thread_local!(static S: Cell<u64> = Cell::new({
        let d = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        d.as_nanos() as u64 ^ (&d as *const _ as u64).rotate_left(32)
    }));
    let mut id = String::with_capacity(15);
    if SORTED_IDS.load(std::sync::atomic::Ordering::Relaxed) {
        let d = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut ms = d.as_micros() as u64 / 64;
        let mut head = [0u8; 9];
        for b in head.iter_mut().rev() {
            *b = b"0123456789abcdefghijklmnopqrstuvwxyz"[(ms % 36) as usize];
            ms /= 36;
        }
        id.push_str(std::str::from_utf8(&head).unwrap_or(""));
    }
    let mut x = 0u64;
    for i in id.len()..15 {
        if x == 0 || i % 12 == 0 {
            x = S.with(|s| {
                s.set(s.get().wrapping_add(0x9E37_79B9_7F4A_7C15));
                let mut z = s.get();
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^ (z >> 31)
            });
        }
        id.push(b"abcdefghijklmnopqrstuvwxyz0123456789"[(x % 36) as usize] as char);
        x /= 36;
    }
    id
}

#[derive(serde::Deserialize, Default)]
pub struct Doc {
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub body: String,
    #[serde(default)]
    pub public: bool,
    #[serde(default)]
    pub views: i64,
    #[serde(default)]
    pub bseq: i64,
}

/// A created row, as the writer stored it.
pub struct Row {
    pub doc: Doc,
    pub now: String,
}

impl Row {
    pub fn json(&self, collection: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"collectionName\":");
        json::string(out, collection.as_bytes());
        for (k, v) in [
            ("id", &self.doc.id),
            ("title", &self.doc.title),
            ("body", &self.doc.body),
            ("created", &self.now),
            ("updated", &self.now),
        ] {
            out.extend_from_slice(format!(",\"{k}\":").as_bytes());
            json::string(out, v.as_bytes());
        }
        out.extend_from_slice(
            format!(",\"public\":{},\"views\":{},\"bseq\":{}}}", self.doc.public, self.doc.views, self.doc.bseq)
                .as_bytes(),
        );
    }
}

pub enum Op {
    Insert { table: &'static str, rows: Vec<Doc> },
    Update { id: String, views: i64 },
    Delete { id: String },
}

pub enum Done {
    Rows(Vec<Row>),
    Changed(usize),
    Failed(String),
}

pub struct Job {
    pub op: Op,
    pub reply: tokio::sync::oneshot::Sender<Done>,
}

pub fn insert_sql(table: &str) -> String {
    format!("INSERT INTO {table} (id,title,body,public,views,bseq,created,updated) VALUES (?1,?2,?3,?4,?5,?6,?7,?7)")
}

pub fn spawn_writer(conn: Connection, on_rt: impl Fn(&Row) + Send + 'static) -> mpsc::Sender<Job> {
    let (tx, rx) = mpsc::channel::<Job>();
    std::thread::Builder::new()
        .name("writer".into())
        .spawn(move || {
            let mut done: Vec<(tokio::sync::oneshot::Sender<Done>, Done)> = Vec::new();
            while let Ok(first) = rx.recv() {
                let mut job = Some(first);
                let mut n = 0;
                if let Err(e) = conn.execute_batch("BEGIN IMMEDIATE") {
                    if let Some(j) = job.take() {
                        let _ = j.reply.send(Done::Failed(e.to_string()));
                    }
                    continue;
                }
                let mut realtime = false;
                while let Some(j) = job.take() {
                    realtime |= matches!(&j.op, Op::Insert { table, .. } if *table == "bench_rt");
                    let r = run(&conn, j.op).unwrap_or_else(|e| Done::Failed(e.to_string()));
                    done.push((j.reply, r));
                    n += 1;
                    if n < 512 {
                        job = rx.try_recv().ok();
                    }
                }
                let res = conn.execute_batch("COMMIT");
                for (reply, d) in done.drain(..) {
                    match &res {
                        Ok(()) => {
                            if realtime {
                                if let Done::Rows(rows) = &d {
                                    rows.iter().for_each(&on_rt);
                                }
                            }
                            let _ = reply.send(d);
                        }
                        Err(e) => {
                            let _ = reply.send(Done::Failed(e.to_string()));
                        }
                    }
                }
            }
        })
        .expect("writer thread");
    tx
}

fn run(conn: &Connection, op: Op) -> rusqlite::Result<Done> {
    match op {
        Op::Insert { table, rows } => {
            let mut st = conn.prepare_cached(&insert_sql(table))?;
            let mut out = Vec::with_capacity(rows.len());
            for mut doc in rows {
                if doc.id.is_empty() {
                    doc.id = new_id();
                }
                let now = now_text();
                st.execute(params![doc.id, doc.title, doc.body, doc.public, doc.views, doc.bseq, now])?;
                out.push(Row { doc, now });
            }
            Ok(Done::Rows(out))
        }
        Op::Update { id, views } => Ok(Done::Changed(
            conn.prepare_cached("UPDATE bench_upd SET views=?2, updated=?3 WHERE id=?1")?.execute(params![
                id,
                views,
                now_text()
            ])?,
        )),
        Op::Delete { id } => {
            Ok(Done::Changed(conn.prepare_cached("DELETE FROM bench_del WHERE id=?1")?.execute([id])?))
        }
    }
}

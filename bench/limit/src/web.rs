//! Routes: hard-coded handlers in the shapes the harness checks.
use crate::db::{self, Doc, Done, Job, Op};
use crate::json;
use crate::Opts;
use actix_web::http::header;
use actix_web::{web, App, HttpRequest, HttpResponse, HttpServer};
use base64::Engine;
use futures_util::StreamExt;
use hmac::Mac;
use rusqlite::{params_from_iter, Connection};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{mpsc, Arc, Mutex};

type Tx = tokio::sync::mpsc::UnboundedSender<web::Bytes>;

pub struct State {
    /// One read connection per worker: App's state is built once in each worker.
    conn: Connection,
    writer: mpsc::Sender<Job>,
    subs: Arc<Mutex<Vec<Tx>>>,
    dir: PathBuf,
}

const JSON: (&str, &str) = ("content-type", "application/json");
const KEY: &[u8] = b"bench-only-signing-key-not-a-secret";

fn ok(body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok().insert_header(JSON).body(body)
}

fn oops(e: impl std::fmt::Display) -> HttpResponse {
    HttpResponse::InternalServerError().body(e.to_string())
}

async fn write(s: &State, op: Op) -> Done {
    let (reply, rx) = tokio::sync::oneshot::channel();
    if s.writer.send(Job { op, reply }).is_err() {
        return Done::Failed("writer is gone".into());
    }
    rx.await.unwrap_or_else(|e| Done::Failed(e.to_string()))
}

fn table(name: &str) -> Option<&'static str> {
    ["bench_create", "bench_rule", "bench_del", "bench_rt", "bench_batch"].into_iter().find(|t| *t == name)
}

// --- tokens: an HMAC over "user.expiry", so that the ceiling too pays for a signature check.

fn sign(payload: &str) -> String {
    let mut m = hmac::Hmac::<sha2::Sha256>::new_from_slice(KEY).expect("key");
    m.update(payload.as_bytes());
    let b = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    format!("{}.{}", b.encode(payload), b.encode(m.finalize().into_bytes()))
}

fn user_of(req: &HttpRequest) -> Option<String> {
    let t = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (p, sig) = t.split_once('.')?;
    let b = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let payload = b.decode(p).ok()?;
    let mut m = hmac::Hmac::<sha2::Sha256>::new_from_slice(KEY).ok()?;
    m.update(&payload);
    m.verify_slice(&b.decode(sig).ok()?).ok()?;
    Some(String::from_utf8(payload).ok()?.split('.').next()?.to_string())
}

fn auth_body(s: &State, email: &str) -> Result<Vec<u8>, HttpResponse> {
    let row: Result<(String, String), _> = s
        .conn
        .prepare_cached("SELECT id,email FROM users WHERE email=?1")
        .and_then(|mut st| st.query_row([email], |r| Ok((r.get(0)?, r.get(1)?))));
    match row {
        Ok((id, email)) => Ok(format!(
            "{{\"token\":\"{}\",\"record\":{{\"id\":\"{id}\",\"email\":\"{email}\"}}}}",
            sign(&format!("{email}.4102444800"))
        )
        .into_bytes()
        .to_vec()),
        Err(e) => Err(oops(e)),
    }
}

async fn refresh(s: web::Data<State>, req: HttpRequest, _body: web::Bytes) -> HttpResponse {
    // (The body is read because an unread one would cost the connection its keep-alive.)
    // The payload is "email.expiry" and emails hold dots, so the expiry is cut off from the right.
    let Some(_) = user_of(&req) else { return HttpResponse::Unauthorized().finish() };
    let t = req.headers().get(header::AUTHORIZATION).and_then(|h| h.to_str().ok()).unwrap_or("");
    let b = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let p = b.decode(t.split('.').next().unwrap_or("")).unwrap_or_default();
    let p = String::from_utf8_lossy(&p).into_owned();
    let email = p.rsplit_once('.').map_or(p.as_str(), |x| x.0);
    match auth_body(&s, email) {
        Ok(b) => ok(b),
        Err(e) => e,
    }
}

#[derive(serde::Deserialize)]
struct Login {
    identity: String,
    password: String,
}

async fn login(s: web::Data<State>, body: web::Json<Login>) -> HttpResponse {
    let hash: Result<String, _> = s
        .conn
        .prepare_cached("SELECT hash FROM users WHERE email=?1")
        .and_then(|mut st| st.query_row([&body.identity], |r| r.get(0)));
    let Ok(hash) = hash else { return HttpResponse::BadRequest().finish() };
    let pw = body.password.clone();
    let good = web::block(move || bcrypt::verify(pw, &hash).unwrap_or(false)).await;
    if !matches!(good, Ok(true)) {
        return HttpResponse::BadRequest().finish();
    }
    match auth_body(&s, &body.identity) {
        Ok(b) => ok(b),
        Err(e) => e,
    }
}

// --- records

async fn create(s: web::Data<State>, path: web::Path<String>, req: HttpRequest, body: web::Bytes) -> HttpResponse {
    let Some(t) = table(&path) else { return HttpResponse::NotFound().finish() };
    if t == "bench_rule" && user_of(&req).is_none() {
        return HttpResponse::BadRequest().finish();
    }
    let doc: Doc = match serde_json::from_slice(&body) {
        Ok(d) => d,
        Err(e) => return HttpResponse::BadRequest().body(e.to_string()),
    };
    match write(&s, Op::Insert { table: t, rows: vec![doc] }).await {
        Done::Rows(rows) => {
            let mut out = Vec::with_capacity(1024);
            rows[0].json(t, &mut out);
            ok(out)
        }
        Done::Failed(e) => oops(e),
        _ => oops("unexpected"),
    }
}

async fn view(s: web::Data<State>, id: web::Path<String>) -> HttpResponse {
    let sql = "SELECT id,title,body,public,views,author,created,updated FROM posts WHERE id=?1";
    view_one(&s, sql, &db::POSTS, &id)
}

async fn view_upd(s: web::Data<State>, id: web::Path<String>) -> HttpResponse {
    view_one(&s, UPD_SQL, &db::UPD, &id)
}

const UPD_SQL: &str = "SELECT id,title,body,public,views,author,created,updated FROM bench_upd WHERE id=?1";

fn view_one(s: &State, sql: &str, layout: &json::Layout, id: &str) -> HttpResponse {
    let mut out = Vec::with_capacity(1024);
    let r =
        s.conn.prepare_cached(sql).and_then(|mut st| st.query_row([id], |row| json::record(&mut out, layout, row, 0)));
    match r {
        Ok(()) => ok(out),
        Err(rusqlite::Error::QueryReturnedNoRows) => HttpResponse::NotFound().finish(),
        Err(e) => oops(e),
    }
}

#[derive(serde::Deserialize)]
struct Patch {
    views: i64,
}

async fn update(s: web::Data<State>, id: web::Path<String>, p: web::Json<Patch>) -> HttpResponse {
    match write(&s, Op::Update { id: id.clone(), views: p.views }).await {
        Done::Changed(1) => view_one(&s, UPD_SQL, &db::UPD, &id),
        Done::Changed(_) => HttpResponse::NotFound().finish(),
        Done::Failed(e) => oops(e),
        _ => oops("unexpected"),
    }
}

async fn delete(s: web::Data<State>, id: web::Path<String>) -> HttpResponse {
    match write(&s, Op::Delete { id: id.into_inner() }).await {
        Done::Changed(1) => HttpResponse::NoContent().finish(),
        Done::Changed(_) => HttpResponse::NotFound().finish(),
        Done::Failed(e) => oops(e),
        _ => oops("unexpected"),
    }
}

/// Hard-coded lists: /limit/KIND?arguments
async fn list(s: web::Data<State>, kind: web::Path<String>, q: web::Query<HashMap<String, String>>) -> HttpResponse {
    let n = |k: &str, d: i64| q.get(k).and_then(|v| v.parse().ok()).unwrap_or(d);
    let page = n("page", 1);
    let off = (page - 1) * 30;
    let like = |k: &str| format!("%{}%", q.get(k).map_or("", |s| s));
    type P = Vec<rusqlite::types::Value>;
    let p = |v: &[rusqlite::types::Value]| -> P { v.to_vec() };
    const COLS: &str = "id,title,body,public,views,author,created,updated";
    const BIGC: &str = "id,title,body,views,created,updated";
    let (layout, sql, args, count): (_, String, P, Option<(String, P)>) = match kind.as_str() {
        "page" => {
            (&db::POSTS, format!("SELECT {COLS} FROM posts ORDER BY rowid LIMIT 30 OFFSET ?1"), p(&[off.into()]), None)
        }
        "filter" => {
            let x = n("views", 0);
            (
                &db::POSTS,
                format!("SELECT {COLS} FROM posts WHERE views>?1 AND public=1 ORDER BY created DESC LIMIT 30"),
                p(&[x.into()]),
                Some(("SELECT count(*) FROM posts WHERE views>?1 AND public=1".into(), p(&[x.into()]))),
            )
        }
        "rel" => {
            let x = like("name");
            let c = "p.id,p.title,p.body,p.public,p.views,p.author,p.created,p.updated,a.id,a.name";
            (
                &db::POSTS,
                format!("SELECT {c} FROM posts p JOIN authors a ON a.id=p.author WHERE a.name LIKE ?1 LIMIT 30"),
                p(&[x.clone().into()]),
                Some((
                    "SELECT count(*) FROM posts p JOIN authors a ON a.id=p.author WHERE a.name LIKE ?1".into(),
                    p(&[x.into()]),
                )),
            )
        }
        "big" => (
            &db::BIG,
            format!("SELECT {BIGC} FROM big ORDER BY rowid LIMIT 30 OFFSET ?1"),
            p(&[off.into()]),
            Some(("SELECT count(*) FROM big".into(), vec![])),
        ),
        "bigneedle" => (
            &db::BIG,
            format!("SELECT {BIGC} FROM big WHERE title LIKE ?1 LIMIT 30"),
            p(&[like("q").into()]),
            Some(("SELECT count(*) FROM big WHERE title LIKE ?1".into(), p(&[like("q").into()]))),
        ),
        "bigcount" => (
            &db::BIG,
            format!("SELECT {BIGC} FROM big LIMIT 1"),
            vec![],
            Some(("SELECT count(*) FROM big".into(), vec![])),
        ),
        "search" => (
            &db::BIG,
            format!("SELECT {BIGC} FROM big WHERE title LIKE ?1 OR body LIKE ?1 LIMIT 30"),
            p(&[like("q").into()]),
            Some(("SELECT count(*) FROM big WHERE title LIKE ?1 OR body LIKE ?1".into(), p(&[like("q").into()]))),
        ),
        // Row counts of the tables the harness checks.
        "count" => {
            let Some(t) = table(q.get("t").map_or("", |s| s)) else { return HttpResponse::NotFound().finish() };
            return match s.conn.query_row(&format!("SELECT count(*) FROM {t}"), [], |r| r.get::<_, i64>(0)) {
                Ok(n) => ok(format!("{{\"page\":1,\"perPage\":1,\"totalItems\":{n},\"items\":[]}}").into_bytes()),
                Err(e) => oops(e),
            };
        }
        _ => return HttpResponse::NotFound().finish(),
    };
    let rel = kind.as_str() == "rel";
    let run = || -> rusqlite::Result<Vec<u8>> {
        let total = match &count {
            None => -1,
            Some((sql, a)) => s.conn.prepare_cached(sql)?.query_row(params_from_iter(a), |r| r.get::<_, i64>(0))?,
        };
        let mut out = Vec::with_capacity(32 * 1024);
        out.extend_from_slice(
            format!("{{\"page\":{page},\"perPage\":30,\"totalItems\":{total},\"items\":[").as_bytes(),
        );
        let mut st = s.conn.prepare_cached(&sql)?;
        let mut rows = st.query(params_from_iter(&args))?;
        let mut first = true;
        while let Some(r) = rows.next()? {
            if !first {
                out.push(b',');
            }
            first = false;
            json::record(&mut out, layout, r, 0)?;
            if rel {
                out.pop();
                out.extend_from_slice(b",\"expand\":{\"author\":");
                json::record(&mut out, &db::AUTHORS, r, 8)?;
                out.extend_from_slice(b"}}");
            }
        }
        out.extend_from_slice(b"]}");
        Ok(out)
    };
    match run() {
        Ok(b) => ok(b),
        Err(e) => oops(e),
    }
}

#[derive(serde::Deserialize)]
struct Batch {
    requests: Vec<BatchItem>,
}
#[derive(serde::Deserialize)]
struct BatchItem {
    url: String,
    body: Doc,
}

async fn batch(s: web::Data<State>, body: web::Bytes) -> HttpResponse {
    let b: Batch = match serde_json::from_slice(&body) {
        Ok(b) => b,
        Err(e) => return HttpResponse::BadRequest().body(e.to_string()),
    };
    // All items of one batch go to one table here.
    let name = b.requests.first().and_then(|i| i.url.split('/').nth(3)).unwrap_or("");
    let Some(t) = table(name) else { return HttpResponse::BadRequest().finish() };
    let rows = b.requests.into_iter().map(|i| i.body).collect();
    match write(&s, Op::Insert { table: t, rows }).await {
        Done::Rows(rows) => {
            let mut out = Vec::with_capacity(64 * 1024);
            out.push(b'[');
            for (i, r) in rows.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(b"{\"status\":200,\"body\":");
                r.json(t, &mut out);
                out.push(b'}');
            }
            out.push(b']');
            ok(out)
        }
        Done::Failed(e) => oops(e),
        _ => oops("unexpected"),
    }
}

// --- files

async fn upload(s: web::Data<State>, mut form: actix_multipart::Multipart) -> HttpResponse {
    let id = db::new_id();
    let mut size = 0usize;
    while let Some(Ok(mut field)) = form.next().await {
        if field.name() != Some("doc") {
            while field.next().await.is_some() {}
            continue;
        }
        let mut data = Vec::with_capacity(128 * 1024);
        while let Some(chunk) = field.next().await {
            match chunk {
                Ok(c) => data.extend_from_slice(&c),
                Err(e) => return oops(e),
            }
        }
        size = data.len();
        if let Err(e) = std::fs::write(s.dir.join("files").join(&id), &data) {
            return oops(e);
        }
    }
    if size == 0 {
        return HttpResponse::BadRequest().finish();
    }
    // The record row, as a peer would store one.
    let doc = Doc { id: id.clone(), title: id.clone(), views: size as i64, ..Default::default() };
    match write(&s, Op::Insert { table: "bench_create", rows: vec![doc] }).await {
        Done::Rows(_) => ok(format!("{{\"id\":\"{id}\",\"doc\":\"{id}\"}}").into_bytes()),
        Done::Failed(e) => oops(e),
        _ => oops("unexpected"),
    }
}

/// Small files are read whole on the worker: the page cache answers faster than a thread pool.
async fn download(s: web::Data<State>, id: web::Path<String>) -> HttpResponse {
    if !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return HttpResponse::NotFound().finish();
    }
    match std::fs::read(s.dir.join("files").join(id.as_str())) {
        Ok(data) => HttpResponse::Ok().content_type("application/octet-stream").body(data),
        Err(_) => HttpResponse::NotFound().finish(),
    }
}

// --- realtime

async fn subscribe(s: web::Data<State>) -> HttpResponse {
    let (tx, rx) = tokio::sync::mpsc::unbounded_channel::<web::Bytes>();
    let _ = tx.send(web::Bytes::from_static(b"event:ready\ndata:{}\n\n"));
    s.subs.lock().expect("subs").push(tx);
    let stream = futures_util::stream::unfold(rx, |mut rx| async move {
        rx.recv().await.map(|b| (Ok::<_, actix_web::Error>(b), rx))
    });
    HttpResponse::Ok().insert_header(("content-type", "text/event-stream")).streaming(stream)
}

pub async fn serve(o: Opts) -> std::io::Result<()> {
    let dir = o.dir.clone();
    let subs: Arc<Mutex<Vec<Tx>>> = Default::default();
    let rt_subs = subs.clone();
    let wconn = db::open(&dir, o.sync_full).map_err(std::io::Error::other)?;
    if !o.checkpoint_in_writer {
        wconn.pragma_update(None, "wal_autocheckpoint", 0).map_err(std::io::Error::other)?;
        db::spawn_checkpointer(dir.clone());
    }
    db::SORTED_IDS.store(o.sorted_ids, std::sync::atomic::Ordering::Relaxed);
    let writer = db::spawn_writer(wconn, move |row| {
        let mut ev = Vec::with_capacity(1024);
        ev.extend_from_slice(b"event:bench_rt/*\ndata:{\"action\":\"create\",\"record\":");
        row.json("bench_rt", &mut ev);
        ev.extend_from_slice(b"}\n\n");
        let ev = web::Bytes::from(ev);
        rt_subs.lock().expect("subs").retain(|t| t.send(ev.clone()).is_ok());
    });
    HttpServer::new(move || {
        let state = web::Data::new(State {
            conn: db::open(&dir, false).expect("open database"),
            writer: writer.clone(),
            subs: subs.clone(),
            dir: dir.clone(),
        });
        App::new()
            .app_data(state)
            .app_data(web::PayloadConfig::new(64 << 20))
            .route("/api/health", web::get().to(|| async { ok(b"{\"code\":200}".to_vec()) }))
            .route("/api/collections/users/auth-refresh", web::post().to(refresh))
            .route("/api/collections/users/auth-with-password", web::post().to(login))
            .route("/api/collections/bench_files/records", web::post().to(upload))
            .route("/api/collections/posts/records/{id}", web::get().to(view))
            .route("/api/collections/bench_upd/records/{id}", web::get().to(view_upd))
            .route("/api/collections/bench_upd/records/{id}", web::patch().to(update))
            .route("/api/collections/bench_del/records/{id}", web::delete().to(delete))
            .route("/api/collections/{c}/records", web::post().to(create))
            .route("/api/batch", web::post().to(batch))
            .route("/api/realtime", web::get().to(subscribe))
            .route("/limit/file/{id}", web::get().to(download))
            .route("/limit/{kind}", web::get().to(list))
    })
    .workers(o.workers)
    .keep_alive(std::time::Duration::from_secs(75))
    .bind(&o.http)?
    .run()
    .await
}

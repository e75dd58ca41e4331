//! Behaviour of the collection services on an in-memory store.

#![expect(clippy::needless_pass_by_value, reason = "`json!` bodies read better by value")]

mod bootstrap;
mod create;
mod delete;
mod import;
mod sync;
mod update;
mod views;

use rusqlite::Connection;
use serde_json::{Map, Value as Json, json};

use super::{CollectionError, create as create_collection, update as update_collection};
use crate::schema::{Collection, CollectionKind};

/// The moment of every first save.
const NOW: &str = "2026-01-02 03:04:05.678Z";
/// The moment of every later save.
const LATER: &str = "2026-01-02 03:04:06.000Z";

/// A new folder's database.
fn database() -> Connection {
    let conn = empty_database();
    super::bootstrap(&conn, NOW).unwrap();
    conn
}

/// The tables, but no collections.
fn empty_database() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    crate::db::guard::install(&mut conn).unwrap();
    for sql in
        [include_str!("../../../migrations/0001_init.sql"), include_str!("../../../migrations/0004_dropped_files.sql")]
    {
        conn.execute_batch(sql).unwrap();
    }
    conn
}

fn object(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

/// Runs `work` as the writer does: an error takes everything back.
fn in_savepoint<T>(conn: &Connection, work: impl FnOnce() -> Result<T, CollectionError>) -> Result<T, CollectionError> {
    conn.execute_batch("SAVEPOINT test").unwrap();
    let result = work();
    if result.is_err() {
        conn.execute_batch("ROLLBACK TO test").unwrap();
    }
    conn.execute_batch("RELEASE test").unwrap();
    result
}

fn try_create(conn: &Connection, body: Json) -> Result<Collection, CollectionError> {
    in_savepoint(conn, || create_collection(conn, NOW, &object(body)))
}

fn try_update(conn: &Connection, id_or_name: &str, body: Json) -> Result<Collection, CollectionError> {
    in_savepoint(conn, || update_collection(conn, LATER, id_or_name, &object(body)))
}

#[track_caller]
fn created(conn: &Connection, body: Json) -> Collection {
    try_create(conn, body.clone()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

#[track_caller]
fn updated(conn: &Connection, id_or_name: &str, body: Json) -> Collection {
    try_update(conn, id_or_name, body.clone()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

/// The result in short: `ok`, or the codes by path (`fields.1.name=validation_required`), or the kind of error.
fn codes<T>(result: Result<T, CollectionError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(CollectionError::Invalid(errors)) => {
            let mut list = Vec::new();
            collect_codes("", &errors.to_json(), &mut list);
            list.join(" ")
        }
        Err(CollectionError::Rejected(reason)) => format!("rejected: {reason}"),
        Err(other) => format!("{other:?}"),
    }
}

fn collect_codes(path: &str, node: &Json, list: &mut Vec<String>) {
    let Json::Object(map) = node else { return };
    if let Some(Json::String(code)) = map.get("code") {
        list.push(format!("{path}={}", code.strip_prefix("validation_").unwrap_or(code)));
        return;
    }
    for (key, value) in map {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        collect_codes(&path, value, list);
    }
}

/// `name:type` of every field.
fn field_list(collection: &Collection) -> String {
    let items: Vec<String> =
        collection.fields.iter().map(|field| format!("{}:{}", field.name, field.type_name())).collect();
    items.join(" ")
}

fn text(conn: &Connection, sql: &str) -> String {
    conn.query_row(sql, [], |row| row.get::<_, Option<String>>(0)).unwrap().unwrap_or_else(|| "NULL".to_owned())
}

/// `create sql` of everything on a table, in catalogue order.
fn catalogue(conn: &Connection, table: &str) -> Vec<String> {
    let mut query = conn.prepare("SELECT sql FROM sqlite_master WHERE tbl_name = ?1 AND sql IS NOT NULL").unwrap();
    query.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn auth_options(collection: &Collection) -> &crate::schema::AuthOptions {
    match &collection.kind {
        CollectionKind::Auth(options) => options,
        other => panic!("not an auth collection: {other:?}"),
    }
}

/// A base collection with a text, a number and a list, and two rows.
fn posts(conn: &Connection) -> Collection {
    let posts = created(
        conn,
        json!({"name": "posts", "fields": [
            {"name": "title", "type": "text"},
            {"name": "rank", "type": "number"},
            {"name": "tags", "type": "select", "values": ["x", "y"], "maxSelect": 2},
        ]}),
    );
    conn.execute_batch(
        r#"INSERT INTO posts (id, title, rank, tags) VALUES ('a', 'one', 1, '["x","y"]'), ('b', 'two', 2, '[]')"#,
    )
    .unwrap();
    posts
}

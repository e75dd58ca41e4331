//! The SQL console.

use serde_json::{Value as Json, json};

use crate::server::{Client, TestServer, database};

async fn sql(root: &Client, query: &str) -> Json {
    root.post("/api/sql", json!({"query": query})).await.expect(200)
}

/// The message of a refusal.
async fn refused(root: &Client, query: &str) -> String {
    let answer = root.post("/api/sql", json!({"query": query})).await.expect(400);
    answer["message"].as_str().unwrap().to_owned()
}

/// The texts of the first column.
fn first_column(answer: &Json) -> Vec<&str> {
    answer["rows"].as_array().unwrap().iter().map(|row| row[0].as_str().unwrap()).collect()
}

#[tokio::test]
async fn rows_are_shown_as_text() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let answer = sql(&root, "select 1, 2.5, null, x'00ff', 'é', 3.0 as three, 9007199254740993").await;
    assert_eq!(answer["rows"], json!([["1", "2.5", null, "\u{0}\u{fffd}", "é", "3", "9007199254740993"]]));
    assert_eq!(answer["columns"][5], json!({"name": "three", "type": "", "nullable": true}));
    assert_eq!((&answer["affectedRows"], &answer["truncated"]), (&json!(0), &json!(false)));
    assert!(answer["execTime"].is_u64());
    let answer = sql(&root, "select id, verified as v, id from users").await;
    let columns = json!([
        {"name": "id", "type": "TEXT", "nullable": true},
        {"name": "v", "type": "BOOLEAN", "nullable": true},
        {"name": "id", "type": "TEXT", "nullable": true},
    ]);
    assert_eq!((&answer["columns"], &answer["rows"]), (&columns, &json!([])));
    // Of several statements the last one's.
    assert_eq!(sql(&root, "select 1; select 2 as b;").await["rows"], json!([["2"]]));
    let many = "with recursive c(n) as (select 1 union all select n + 1 from c where n < 1500) select n from c";
    let answer = sql(&root, many).await;
    assert_eq!((answer["rows"].as_array().unwrap().len(), &answer["truncated"]), (1000, &json!(true)));
    let plan = sql(&root, "explain query plan update users set name = 'x' where id = 'y'").await;
    assert!(plan["rows"][0][3].as_str().unwrap().contains("users"), "{plan}");
    assert!(!first_column(&sql(&root, "pragma table_info(users)").await).is_empty());
}

#[tokio::test]
async fn statements_that_write_are_one_transaction() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let answer = sql(&root, "create table zz (a integer not null, b text); insert into zz values (1, 2), (3, 4)").await;
    assert_eq!((&answer["affectedRows"], &answer["rows"], &answer["columns"]), (&json!(2), &json!([]), &json!([])));
    assert_eq!(sql(&root, "-- all of them\nUPDATE zz SET b = 7").await["affectedRows"], 2);
    assert_eq!(sql(&root, "insert into zz values (5, 6) returning a").await["affectedRows"], 1);
    // The second fails, so the first did not happen.
    let why = refused(&root, "delete from zz; insert into nope values (1)").await;
    assert!(why.contains("no such table: nope"), "{why}");
    assert_eq!(sql(&root, "select count(*) from zz").await["rows"], json!([["3"]]));
    // Whoever only wants to look is held to it.
    let body = json!({"query": "delete from zz", "readOnly": true});
    let answer = root.post("/api/sql", body).await.expect(400);
    assert!(answer["message"].as_str().unwrap().contains("writes"), "{answer}");
    assert_eq!(sql(&root, "drop table zz").await["affectedRows"], 0);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let server = TestServer::start();
    let root = server.superuser().await;
    for (body, field) in [
        (json!({}), Some("validation_required")),
        (json!({"query": ""}), Some("validation_required")),
        (json!({"query": "x".repeat(5001)}), Some("validation_length_out_of_range")),
        (json!({"query": 5}), None),
    ] {
        let answer = root.post("/api/sql", body.clone()).await.expect(400);
        assert_eq!(answer["data"]["query"]["code"].as_str(), field, "{body}: {answer}");
    }
    for (query, reason) in [
        ("   ", "no statement"),
        ("-- nothing", "no statement"),
        ("select", "incomplete input"),
        ("select 1;\nselect nope from users", "no such column: nope (line 2"),
        ("with x as (select 1) insert into users (id) select * from x", "writes"),
        ("begin", "not authorized"),
        ("pragma user_version = 5", "not authorized"),
        ("pragma writable_schema = 1", "not authorized"),
        ("attach 'x.db' as y", "not authorized"),
        ("vacuum into 'copy.db'", ""),
        ("create temp table t (a)", "not authorized"),
        ("create table if not exists a1 (a); attach 'x.db' as y", "not authorized"),
        ("update users set name = 'x'; commit", "not authorized"),
        ("update users set name = 'x'; pragma foreign_keys = 0", "not authorized"),
        ("update _larder_changes set seq = 1", "not authorized"),
        ("drop table _larder_changes", "not authorized"),
        ("update users set name = 'x'; drop table temp._larder_touched", "not authorized"),
        ("select load_extension('x')", ""),
        ("update _collections set options = 'x'", "unusable"),
        ("delete from _collections", ""),
    ] {
        let why = refused(&root, query).await;
        assert!(why.contains(reason), "{query}: {why}");
    }
    let files: Vec<_> = std::fs::read_dir(".").unwrap().map(|f| f.unwrap().file_name()).collect();
    assert!(!files.iter().any(|name| name == "copy.db" || name == "x.db"), "{files:?}");
    // And all goes on.
    root.get("/api/collections").await.expect(200);
    root.open_collection("later", json!([{"name": "t", "type": "text"}])).await;
}

#[tokio::test]
async fn a_statement_without_end_ends() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let endless = "with recursive c(n) as (select 1 union all select n + 1 from c) select max(n) from c";
    sql(&root, "create table zz (a)").await;
    let written = root.post("/api/sql", json!({"query": format!("insert into zz {endless}")}));
    let body = json!({"id": "aaaaaaaaaaaaaaa", "email": "a@example.com", "password": "12345678", "passwordConfirm": "12345678"});
    let created = root.post("/api/collections/users/records", body);
    let (written, created) = tokio::join!(written, created);
    written.expect(503);
    created.expect(200);
    assert_eq!(sql(&root, "select count(*) from zz").await["rows"], json!([["0"]]));
}

#[tokio::test]
async fn the_change_feed_has_what_was_changed() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let posts = root.open_collection("posts", json!([{"name": "t", "type": "text"}])).await["id"].clone();
    root.post("/api/collections/posts/records", json!({"id": "aaaaaaaaaaaaaaa", "t": "one"})).await.expect(200);
    root.post("/api/collections/posts/records", json!({"id": "bbbbbbbbbbbbbbb", "t": "two"})).await.expect(200);
    let last = || async {
        let answer = sql(&root, "select max(seq) from _larder_changes").await;
        first_column(&answer)[0].parse::<i64>().unwrap()
    };
    for (query, want) in [
        ("select * from posts", json!([])),
        (
            "update posts set t = 'x'; update posts set t = 'y'",
            json!([["aaaaaaaaaaaaaaa", "update"], ["bbbbbbbbbbbbbbb", "update"]]),
        ),
        ("insert into posts (id, t) values ('ccccccccccccccc', 'z')", json!([["ccccccccccccccc", "create"]])),
        (
            "update posts set id = 'ddddddddddddddd' where id = 'ccccccccccccccc'",
            json!([["ccccccccccccccc", "update"], ["ddddddddddddddd", "update"]]),
        ),
        ("delete from posts where id = 'ddddddddddddddd'", json!([["ddddddddddddddd", "update"]])),
        ("replace into posts (id, t) values ('aaaaaaaaaaaaaaa', 'r')", json!([["aaaaaaaaaaaaaaa", "update"]])),
        ("delete from posts", json!([["aaaaaaaaaaaaaaa", "update"], ["bbbbbbbbbbbbbbb", "update"]])),
    ] {
        let before = last().await;
        sql(&root, query).await;
        let told = format!(
            "select record, action from _larder_changes where seq > {before} and collection = {posts} order by record"
        );
        assert_eq!(sql(&root, &told.replace('"', "'")).await["rows"], want, "{query}");
    }
    // Nothing of the notes stays.
    let left =
        database(&server.folder)
            .query_row("SELECT COUNT(*) FROM sqlite_master WHERE name LIKE '%touched%'", [], |r| r.get::<_, i64>(0));
    assert_eq!(left.unwrap(), 0);
}

#[tokio::test]
async fn collections_and_accounts_that_were_changed_are_known_at_once() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let user = server.user("ann").await;
    root.open_collection("posts", json!([{"name": "t", "type": "text"}])).await;
    server.guest().get("/api/collections/posts/records").await.expect(200);
    sql(&root, "update _collections set listRule = null where name = 'posts'").await;
    server.guest().get("/api/collections/posts/records").await.expect(403);
    user.post("/api/collections/users/auth-refresh", json!({})).await.expect(200);
    sql(&root, "update users set tokenKey = 'another-key-that-is-long-enough-for-it'").await;
    user.post("/api/collections/users/auth-refresh", json!({})).await.expect(401);
}

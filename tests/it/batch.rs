//! `/api/batch`: several record writes as one, all or nothing.

use std::time::Duration;

use larder::batch::{BatchItem, BatchRequest, Target};
use larder::clock::Clock;
use larder::db::DbError;
use larder::records::SaveOptions;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::server::{Answer, Client, PASSWORD, TestServer, config, database};

const OPEN: &str = "/api/collections/open/records";

/// A server with batches switched on and a collection `open` for everyone.
async fn start() -> (TestServer, Client) {
    let server = TestServer::start();
    let root = server.superuser().await;
    // Time enough for a machine that is busy with other tests.
    set(&root, json!({"enabled": true, "timeout": 60})).await;
    let fields = json!([{"name": "title", "type": "text", "required": true}, {"name": "n", "type": "number"}]);
    root.open_collection("open", fields).await;
    (server, root)
}

async fn set(root: &Client, batch: Json) {
    root.patch("/api/settings", json!({"batch": batch})).await.expect(200);
}

async fn send(client: &Client, requests: Json) -> Answer {
    client.post("/api/batch", json!({"requests": requests})).await
}

fn item(method: &str, url: &str, body: Json) -> Json {
    let mut item = json!({"method": method, "url": url});
    item["body"] = body;
    item
}

/// The codes of an error's data, in its shape.
fn codes(node: &Json) -> Json {
    match (node["code"].as_str(), node.as_object()) {
        (Some(code), _) => code.into(),
        (None, Some(map)) => map.iter().map(|(key, value)| (key.clone(), codes(value))).collect(),
        _ => Json::Null,
    }
}

/// Position and envelope of the item that made the batch fail.
#[track_caller]
fn failure(answer: Answer) -> (String, Json) {
    let body = answer.expect(400);
    let requests = body["data"]["requests"].as_object().unwrap_or_else(|| panic!("no item: {body}"));
    assert_eq!(requests.len(), 1, "{body}");
    let (index, issue) = requests.iter().next().unwrap();
    assert_eq!(issue["code"], "batch_request_failed", "{body}");
    assert!(issue["message"].is_string(), "{body}");
    (index.clone(), issue["response"].clone())
}

/// Everything a write could leave behind.
fn state(server: &TestServer) -> (i64, i64, i64, Vec<String>) {
    let conn = database(&server.folder);
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get(0)).unwrap();
    let mut keys = conn.prepare("SELECT id || tokenKey || password FROM users ORDER BY id").unwrap();
    let keys = keys.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    (
        number("SELECT COUNT(*) FROM open"),
        number("SELECT COALESCE(MAX(seq), 0) FROM _larder_changes"),
        number("SELECT COUNT(*) FROM users"),
        keys,
    )
}

#[tokio::test]
async fn a_batch_has_to_be_allowed() {
    let server = TestServer::start();
    let root = server.superuser().await;
    for settings in [json!({"enabled": false}), json!({"enabled": false, "maxRequests": 0})] {
        set(&root, settings).await;
        for client in [&server.guest(), &root] {
            // Before the body is looked at.
            let unreadable =
                client.request(Method::POST, "/api/batch").header("content-type", "application/json").body("{");
            client.send(unreadable).await.expect(403);
            send(client, json!([])).await.expect(403);
        }
    }
    set(&root, json!({"enabled": true, "maxRequests": 5})).await;
    send(&server.guest(), json!([])).await.expect(400);
    server.guest().get("/api/batch").await.expect(404);
    server.guest().put("/api/batch", json!({})).await.expect(404);
}

#[tokio::test]
async fn what_is_refused_before_anything_runs() {
    let (server, root) = start().await;
    set(&root, json!({"maxRequests": 4})).await;
    let guest = server.guest();
    let long = "x".repeat(2001);
    for (requests, want) in [
        (Json::Null, json!({"requests": "validation_required"})),
        (json!([]), json!({"requests": "validation_required"})),
        (json!([{}, {}, {}, {}, {}]), json!({"requests": "validation_length_too_long"})),
        (json!([{}]), json!({"requests": {"0": {"method": "validation_required", "url": "validation_required"}}})),
        (
            json!([item("POST", OPEN, json!({"title": "x"})), {"method": "post", "url": ""}, {"method": "HEAD", "url": long}]),
            json!({"requests": {
                "1": {"method": "validation_in_invalid", "url": "validation_required"},
                "2": {"method": "validation_in_invalid", "url": "validation_length_too_long"},
            }}),
        ),
        // Of the wrong type: no issues.
        (json!({}), json!({})),
        (json!("x"), json!({})),
        (json!([5]), json!({})),
        (json!([null]), json!({})),
        (json!([{"method": "POST", "url": 5}]), json!({})),
        (json!([{"method": "POST", "url": OPEN, "body": []}]), json!({})),
        (json!([{"method": "POST", "url": OPEN, "headers": {"a": 5}}]), json!({})),
    ] {
        let refused = send(&guest, requests.clone()).await.expect(400);
        assert_eq!(codes(&refused["data"]), want, "{requests}");
    }
    let refused = send(&guest, json!([{}, {}, {}, {}, {}])).await.expect(400);
    assert_eq!(refused["data"]["requests"]["params"], json!({"min": 0, "max": 4}));
    for body in [json!([]), json!(5)] {
        assert_eq!(guest.post("/api/batch", body).await.expect(400)["data"], json!({}));
    }
    for body in [json!({}), Json::Null] {
        guest.post("/api/batch", body).await.expect(400);
    }
    assert_eq!(root.get(OPEN).await.expect(200)["totalItems"], 0);
}

#[tokio::test]
async fn all_actions_in_order_and_later_ones_see_earlier_ones() {
    let (server, _) = start().await;
    let guest = server.guest();
    let one = format!("{OPEN}/aaaaaaaaaaaaaaa");
    let answer = send(
        &guest,
        json!([
            item("POST", OPEN, json!({"id": "aaaaaaaaaaaaaaa", "title": "made", "n": 1})),
            item("PATCH", &format!("{one}?fields=title,n"), json!({"title": "changed", "n+": 2})),
            item("PUT", OPEN, json!({"id": "bbbbbbbbbbbbbbb", "title": "new"})),
            item("PUT", &format!("{OPEN}?fields=id,title&x=1"), json!({"id": "bbbbbbbbbbbbbbb", "title": "there"})),
            item("PUT", &format!("{OPEN}?fields=title"), json!({"title": "no id"})),
            item("PUT", &format!("{OPEN}?fields=title"), json!({"id": "", "title": "empty id"})),
            item("POST", "/api/collections/OPEN/records?", json!({"id": "ccccccccccccccc", "title": "any case"})),
            item("DELETE", &format!("{OPEN}/%63cccccccccccccc?fields=x"), json!(null)),
            {"method": "PATCH", "url": one, "headers": {"X-A": "1"}},
        ]),
    )
    .await
    .expect(200);
    let record = |id: &str, title: &str, n: i64| json!({"collectionId": answer[0]["body"]["collectionId"], "collectionName": "open", "id": id, "title": title, "n": n});
    let want = json!([
        {"status": 200, "body": record("aaaaaaaaaaaaaaa", "made", 1)},
        {"status": 200, "body": {"title": "changed", "n": 3}},
        {"status": 200, "body": record("bbbbbbbbbbbbbbb", "new", 0)},
        {"status": 200, "body": {"id": "bbbbbbbbbbbbbbb", "title": "there"}},
        {"status": 200, "body": {"title": "no id"}},
        {"status": 200, "body": {"title": "empty id"}},
        {"status": 200, "body": record("ccccccccccccccc", "any case", 0)},
        {"status": 204, "body": null},
        {"status": 200, "body": record("aaaaaaaaaaaaaaa", "changed", 3)},
    ]);
    assert_eq!(answer, want);
    assert_eq!(guest.get(OPEN).await.expect(200)["totalItems"], 4);
    guest.get(&format!("{OPEN}/ccccccccccccccc")).await.expect(404);
    assert_eq!(guest.get(&one).await.expect(200)["title"], "changed");
    // Every write is in the change feed, in order.
    let conn = database(&server.folder);
    let mut feed = conn.prepare("SELECT action FROM _larder_changes ORDER BY seq DESC LIMIT 9").unwrap();
    let feed: Vec<String> = feed.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(feed, ["update", "delete", "create", "create", "create", "update", "create", "update", "create"]);
}

#[tokio::test]
async fn the_outer_request_may_pick_fields_too() {
    let (server, _) = start().await;
    let requests = json!({"requests": [item("POST", OPEN, json!({"title": "x"})), item("DELETE", &format!("{OPEN}/a"), json!({}))]});
    let guest = server.guest();
    guest.post("/api/batch?fields=status", requests).await.expect(400);
    let create = |n: i64| item("POST", &format!("{OPEN}?fields=id,n"), json!({"title": "x", "n": n}));
    let answer =
        guest.post("/api/batch?fields=status,body.n", json!({"requests": [create(1), create(2)]})).await.expect(200);
    assert_eq!(answer, json!([{"body": {"n": 1}, "status": 200}, {"body": {"n": 2}, "status": 200}]));
}

#[tokio::test]
async fn a_failure_undoes_everything() {
    let (server, root) = start().await;
    let ann = server.user("ann").await;
    let kept = root.post(OPEN, json!({"id": "kkkkkkkkkkkkkkk", "title": "kept"})).await.expect(200);
    let user =
        root.get("/api/collections/users/records").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let user = format!("/api/collections/users/records/{user}");
    let before = state(&server);
    let good = [
        item("POST", OPEN, json!({"title": "undone"})),
        item("PATCH", &format!("{OPEN}/kkkkkkkkkkkkkkk"), json!({"title": "undone"})),
        item("DELETE", &format!("{OPEN}/kkkkkkkkkkkkkkk"), json!({})),
        item("PATCH", &user, json!({"password": "another pass", "passwordConfirm": "another pass"})),
        item(
            "POST",
            "/api/collections/users/records",
            json!({"email": "x@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD}),
        ),
    ];
    for (bad, status, data) in [
        (item("POST", OPEN, json!({"title": ""})), 400, json!({"title": "validation_required"})),
        (item("POST", OPEN, json!({"id": "kkk", "title": "x"})), 400, json!({"id": "validation_min_text_constraint"})),
        (item("PATCH", &format!("{OPEN}/nnnnnnnnnnnnnnn"), json!({"title": "x"})), 404, json!({})),
        (item("DELETE", &format!("{OPEN}/nnnnnnnnnnnnnnn"), json!({})), 404, json!({})),
        (item("PUT", OPEN, json!({"id": 5, "title": "x"})), 400, json!({"id": "validation_min_text_constraint"})),
        (item("POST", "/api/collections/nope/records", json!({})), 404, json!({})),
        (item("PUT", "/api/collections/nope/records", json!({"id": "x"})), 404, json!({})),
        (item("GET", OPEN, json!({})), 400, json!({})),
        (item("DELETE", "/api/collections/open/truncate", json!({})), 400, json!({})),
        (item("POST", "/api/collections/users/auth-with-password", json!({})), 400, json!({})),
        (item("POST", "/api/batch", json!({"requests": []})), 400, json!({})),
        (item("POST", &format!("{OPEN}?fields=("), json!({"title": "x"})), 400, json!({})),
        (item("POST", &format!("{OPEN}#x"), json!({"title": "x"})), 400, json!({})),
    ] {
        let mut requests = good.to_vec();
        requests.push(bad.clone());
        // What comes after the first failure is not even tried.
        requests.push(item("POST", OPEN, json!({"title": ""})));
        let (index, response) = failure(send(&root, json!(requests)).await);
        assert_eq!((index.as_str(), &response["status"]), ("5", &json!(status)), "{bad}: {response}");
        assert!(response["message"].is_string(), "{bad}");
        assert_eq!(codes(&response["data"]), data, "{bad}");
        assert_eq!(state(&server), before, "{bad}");
    }
    // Nobody was signed out, and the record is as it was.
    ann.post("/api/collections/users/auth-refresh", json!({})).await.expect(200);
    assert_eq!(root.get(&format!("{OPEN}/kkkkkkkkkkkkkkk")).await.expect(200), kept);
    // Without the bad one all of it happens.
    send(&root, json!(good)).await.expect(200);
    ann.post("/api/collections/users/auth-refresh", json!({})).await.expect(401);
    root.get(&format!("{OPEN}/kkkkkkkkkkkkkkk")).await.expect(404);
}

#[tokio::test]
async fn whoever_is_denied_alone_is_denied_in_a_batch() {
    let (server, root) = start().await;
    let view = json!({"name": "vw", "type": "view", "viewQuery": "select id, title from open"});
    root.post("/api/collections", view).await.expect(200);
    for (name, rule) in [("locked", Json::Null), ("free", json!("")), ("ruled", json!("@request.auth.id = 'nobody'"))] {
        let body = json!({
            "name": name, "type": "base", "fields": [{"name": "title", "type": "text"}, {"name": "secret", "type": "text", "hidden": true}],
            "listRule": rule, "viewRule": rule, "createRule": rule, "updateRule": rule, "deleteRule": rule,
        });
        root.post("/api/collections", body).await.expect(200);
    }
    let user = server.user("ann").await;
    let stale = {
        let mut client = user.clone();
        client.token = client.token.map(|token| format!("{token}x"));
        client
    };
    for name in ["locked", "free", "ruled", "vw", "users", "_superusers"] {
        let records = format!("/api/collections/{name}/records");
        let record = format!("{records}/aaaaaaaaaaaaaaa");
        let missing = format!("{records}/mmmmmmmmmmmmmmm");
        for (who, client) in [("guest", &server.guest()), ("user", &user), ("stale", &stale), ("root", &root)] {
            for (method, url) in
                [("POST", &records), ("PATCH", &record), ("PATCH", &missing), ("DELETE", &missing), ("DELETE", &record)]
            {
                // The record is there for each try; made anew where the last try deleted it.
                if ["locked", "free", "ruled"].contains(&name) {
                    let _ = root.post(&records, json!({"id": "aaaaaaaaaaaaaaa"})).await;
                }
                let body = json!({"title": "x", "secret": "s3cret"});
                let batched = send(client, json!([item(method, url, body.clone())])).await;
                if ["locked", "free", "ruled"].contains(&name) {
                    let _ = root.post(&records, json!({"id": "aaaaaaaaaaaaaaa"})).await;
                }
                let alone =
                    client.send(client.request(Method::from_bytes(method.as_bytes()).unwrap(), url).json(&body)).await;
                let case = format!("{who}: {method} {url}");
                if alone.status.is_success() {
                    let batched = batched.expect(200);
                    assert_eq!(batched[0]["status"], alone.status.as_u16(), "{case}");
                    let shows = batched.to_string().contains("s3cret");
                    assert_eq!(shows, alone.text.contains("s3cret"), "{case}");
                } else {
                    let (_, response) = failure(batched);
                    assert_eq!(response, alone.body, "{case}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_upsert_is_judged_by_the_rule_of_what_it_does() {
    let (server, root) = start().await;
    for (name, create, update) in [("adders", json!(""), Json::Null), ("changers", Json::Null, json!(""))] {
        let body = json!({
            "name": name, "type": "base", "fields": [{"name": "title", "type": "text"}], "createRule": create, "updateRule": update,
        });
        root.post("/api/collections", body).await.expect(200);
        root.post(&format!("/api/collections/{name}/records"), json!({"id": "aaaaaaaaaaaaaaa"})).await.expect(200);
    }
    let guest = server.guest();
    for (name, id, status) in [
        ("adders", "aaaaaaaaaaaaaaa", 403),
        ("adders", "nnnnnnnnnnnnnnn", 200),
        ("changers", "aaaaaaaaaaaaaaa", 200),
        ("changers", "nnnnnnnnnnnnnnn", 403),
    ] {
        let records = format!("/api/collections/{name}/records");
        let answer = send(&guest, json!([item("PUT", &records, json!({"id": id, "title": "x"}))])).await;
        let got =
            if answer.status == 200 { answer.body[0]["status"].clone() } else { failure(answer).1["status"].clone() };
        assert_eq!(got, status, "{name} {id}");
    }
}

#[tokio::test]
async fn nobody_acts_as_somebody_else() {
    let (server, root) = start().await;
    root.post("/api/collections", json!({"name": "locked", "type": "base"})).await.expect(200);
    let token = root.token.clone().unwrap();
    let with = |name: &str, value: &str| json!([{"method": "POST", "url": "/api/collections/locked/records", "headers": {name: value}, "body": {}}]);
    for name in ["Authorization", "authorization"] {
        let (_, response) = failure(send(&server.guest(), with(name, &token)).await);
        assert_eq!(response["status"], 403);
        send(&root, with(name, "nonsense")).await.expect(200);
    }
}

#[tokio::test]
async fn passwords_are_hashed_and_checked() {
    let (server, root) = start().await;
    let users = "/api/collections/users/records";
    let new = |id: &str, password: &str| json!({"id": id, "email": format!("{id}@example.com"), "password": password, "passwordConfirm": password});
    let change =
        |old: &str, password: &str| json!({"oldPassword": old, "password": password, "passwordConfirm": password});
    let one = format!("{users}/uuuuuuuuuuuuuu1");

    // Made and changed in one go, by somebody who needs no old password.
    let requests = json!([
        item("POST", users, new("uuuuuuuuuuuuuu1", "first password")),
        item("PATCH", &one, json!({"password": PASSWORD, "passwordConfirm": PASSWORD})),
        item("PUT", users, new("uuuuuuuuuuuuuu2", "first password")),
        item("PUT", users, new("uuuuuuuuuuuuuu2", PASSWORD)),
        item("POST", users, new("uuuuuuuuuuuuuu3", PASSWORD)),
        item("DELETE", &format!("{users}/uuuuuuuuuuuuuu3"), json!({})),
        item("PUT", users, new("uuuuuuuuuuuuuu3", PASSWORD)),
    ]);
    let answer = send(&root, requests).await;
    assert!(!answer.text.contains("password") && !answer.text.contains("argon2"), "{}", answer.text);
    answer.expect(200);
    let ann = server.sign_in("users", "uuuuuuuuuuuuuu1@example.com").await;
    server.sign_in("users", "uuuuuuuuuuuuuu2@example.com").await;
    server.sign_in("users", "uuuuuuuuuuuuuu3@example.com").await;

    // Guests sign up in a batch.
    send(&server.guest(), json!([item("POST", users, new("uuuuuuuuuuuuuu4", PASSWORD))])).await.expect(200);
    server.sign_in("users", "uuuuuuuuuuuuuu4@example.com").await;
    let mut unlike = new("uuuuuuuuuuuuuu5", PASSWORD);
    unlike["passwordConfirm"] = json!("other");
    let (_, response) = failure(send(&server.guest(), json!([item("POST", users, unlike)])).await);
    assert_eq!(response["data"]["passwordConfirm"]["code"], "validation_values_mismatch");

    // Old passwords. The rule language is not there yet, so the collection is open for this.
    root.patch("/api/collections/users", json!({"updateRule": ""})).await.expect(200);
    for (who, requests, at) in [
        ("wrong", json!([item("PATCH", &one, change("wrong", "next password"))]), "0"),
        // Its hash is not known before the transaction.
        (
            "made in the same batch",
            json!([
                item("POST", users, new("uuuuuuuuuuuuuu6", PASSWORD)),
                item("PATCH", &format!("{users}/uuuuuuuuuuuuuu6"), change(PASSWORD, "next password")),
            ]),
            "1",
        ),
        (
            "changed twice",
            json!([
                item("PATCH", &one, change(PASSWORD, "next password")),
                item("PATCH", &one, change(PASSWORD, "last password"))
            ]),
            "1",
        ),
    ] {
        let (index, response) = failure(send(&ann, requests).await);
        assert_eq!(
            (index.as_str(), &response["data"]["oldPassword"]["code"]),
            (at, &json!("validation_invalid_old_password")),
            "{who}"
        );
    }
    server.sign_in("users", "uuuuuuuuuuuuuu1@example.com").await;
    send(&ann, json!([item("PATCH", &one, change(PASSWORD, "next password"))])).await.expect(200);
    let identity = |password: &str| json!({"identity": "uuuuuuuuuuuuuu1@example.com", "password": password});
    let path = "/api/collections/users/auth-with-password";
    server.guest().post(path, identity("next password")).await.expect(200);
    server.guest().post(path, identity(PASSWORD)).await.expect(400);
}

#[tokio::test]
async fn a_batch_ends_in_time() {
    let (server, root) = start().await;
    set(&root, json!({"timeout": 1})).await;
    let before = state(&server);
    // Another process holds the database for longer than the batch may take.
    let holder = database(&server.folder);
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let guest = server.guest();
    let requests = json!([item("POST", OPEN, json!({"title": "late"}))]);
    let (answer, ()) = tokio::join!(send(&guest, requests.clone()), async {
        tokio::time::sleep(Duration::from_millis(1300)).await;
        holder.execute_batch("ROLLBACK").unwrap();
    });
    let refused = answer.expect(400);
    assert_eq!(refused["data"], json!({}));
    assert_eq!(state(&server), before);
    set(&root, json!({"timeout": 60})).await;
    send(&guest, requests).await.expect(200);
}

#[tokio::test]
async fn a_batch_that_is_stopped_half_way_leaves_nothing() {
    let (server, _) = start().await;
    let before = state(&server);
    let folder = server.stop();
    let opened = larder::app::open(&config(&folder), Clock::system()).unwrap();
    let catalog = opened.catalog.load_full();
    for (allowed, is_done) in [(0, false), (2, false), (3, false), (4, true)] {
        let catalog = catalog.clone();
        let result = opened.db.write(move |tx| {
            let body = json!({"title": "x"});
            let create = || BatchItem {
                body: body.as_object().cloned().unwrap(),
                target: Some(Target::Create { collection: "open".to_owned() }),
                ..BatchItem::default()
            };
            let items = [create(), create(), create()];
            let request = BatchRequest { items: &items, passwords: &[], options: SaveOptions::default() };
            let asked = std::cell::Cell::new(0);
            let may_go_on = || asked.replace(asked.get() + 1) < allowed;
            larder::batch::run(
                tx,
                larder::records::as_larder(&catalog, &larder::query::RequestInfo::default()),
                &request,
                may_go_on,
            )
        });
        let result = result.await;
        assert_eq!(result.is_ok(), is_done, "{allowed}: {result:?}");
        let sql = "SELECT (SELECT COUNT(*) FROM open), (SELECT COALESCE(MAX(seq), 0) FROM _larder_changes)";
        let counts = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let left: (i64, i64) =
            opened.db.read_blocking(|tx| tx.query_row(sql, [], counts).map_err(DbError::from)).unwrap();
        let made = if is_done { 3 } else { 0 };
        assert_eq!(left, (before.0 + made, before.1 + made), "{allowed}");
    }
    opened.db.close();
}

#[tokio::test]
async fn hashing_counts_as_time() {
    let (server, root) = start().await;
    set(&root, json!({"timeout": 1, "maxRequests": 5000})).await;
    let before = state(&server);
    let users: Vec<Json> = (0..1000)
        .map(|n| {
            let body = json!({"email": format!("u{n}@example.com"), "password": PASSWORD, "passwordConfirm": PASSWORD});
            item("POST", "/api/collections/users/records", body)
        })
        .collect();
    let begun = std::time::Instant::now();
    assert_eq!(send(&server.guest(), json!(users)).await.expect(400)["data"], json!({}));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(state(&server), before);
}

#[tokio::test]
async fn multipart_bodies() {
    let (server, _) = start().await;
    let guest = server.guest();
    let url = format!("{OPEN}?fields=title");
    let payload = |title: &str| json!({"requests": [item("POST", &url, json!({"title": title}))]}).to_string();
    let form = || reqwest::multipart::Form::new();
    let post = |form| guest.send(guest.request(Method::POST, "/api/batch").multipart(form));
    let answer = post(form().text("@jsonPayload", payload("a"))).await.expect(200);
    assert_eq!(answer, json!([{"body": {"title": "a"}, "status": 200}]));
    let answer = post(form().text("@jsonPayload", payload("a")).text("@jsonPayload", payload("b"))).await.expect(200);
    assert_eq!(answer, json!([{"body": {"title": "b"}, "status": 200}]), "the last one counts");
    for (name, value) in [("@jsonPayload", "bad"), ("@jsonPayload", "[]"), ("requests", "x"), ("x", "y")] {
        post(form().text(name.to_owned(), value.to_owned())).await.expect(400);
    }
    let file = reqwest::multipart::Part::bytes(vec![1, 2, 3]).file_name("a.png");
    // The collection has no such field.
    post(form().text("@jsonPayload", payload("file")).part("requests.0.file", file)).await.expect(200);
    let urlencoded = guest.request(Method::POST, "/api/batch").form(&[("@jsonPayload", payload("c"))]);
    guest.send(urlencoded).await.expect(200);
    assert_eq!(guest.get(OPEN).await.expect(200)["totalItems"], 4);
}

#[tokio::test]
async fn bodies_over_the_limit() {
    let (server, root) = start().await;
    set(&root, json!({"maxBodySize": 100})).await;
    let guest = server.guest();
    let requests = json!([item("POST", OPEN, json!({"title": "x".repeat(100)}))]);
    send(&guest, requests.clone()).await.expect(413);
    let payload = json!({"requests": requests}).to_string();
    let form = reqwest::multipart::Form::new().text("@jsonPayload", payload);
    guest.send(guest.request(Method::POST, "/api/batch").multipart(form)).await.expect(413);
    set(&root, json!({"maxBodySize": 0})).await;
    send(&guest, requests).await.expect(200);
    // More than an ordinary request may have.
    let big = item("POST", OPEN, json!({"title": "x".repeat(34 << 20)}));
    assert_eq!(failure(send(&guest, json!([big])).await).1["data"]["title"]["code"], "validation_max_text_constraint");
}

#[tokio::test]
async fn hostile_bodies() {
    let (server, _) = start().await;
    let guest = server.guest();
    let cases = [
        ("deep", format!("{{\"requests\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000))),
        ("deep body", format!("{{\"requests\":[{{\"method\":\"POST\",\"url\":\"{OPEN}\",\"body\":{}}}]}}", "{\"a\":".repeat(100_000))),
        ("a million items", format!("{{\"requests\":[{}{{}}]}}", "{},".repeat(1_000_000))),
        ("half a million items", format!("{{\"requests\":[{}{{}}]}}", "{},".repeat(400_000))),
        ("a million numbers", format!("{{\"requests\":[{}0]}}", "0,".repeat(999_000))),
        ("huge url", format!("{{\"requests\":[{{\"method\":\"POST\",\"url\":\"/api/collections/{}/records\"}}]}}", "x".repeat(10 << 20))),
        ("NUL in the url", format!("{{\"requests\":[{{\"method\":\"DELETE\",\"url\":\"{OPEN}/\\u0000\"}}]}}")),
        ("SQL in the url", "{\"requests\":[{\"method\":\"PUT\",\"url\":\"/api/collections/open`;drop/records\",\"body\":{\"id\":\"' or 1=1 --\"}}]}".to_owned()),
        ("SQL in the id", format!("{{\"requests\":[{{\"method\":\"PUT\",\"url\":\"{OPEN}\",\"body\":{{\"id\":\"' or 1=1 --\",\"title\":\"x\"}}}}]}}")),
        ("not UTF-8", format!("{{\"requests\":[{{\"method\":\"DELETE\",\"url\":\"{OPEN}/%ff\"}}]}}")),
        ("trailing comma", "{\"requests\":[{},]}".to_owned()),
    ];
    for (name, body) in cases {
        let request = guest.request(Method::POST, "/api/batch").header("content-type", "application/json").body(body);
        let answer = guest.send(request).await;
        assert!(answer.status.is_client_error(), "{name}: {}", answer.status);
        assert_eq!(answer.body["status"], answer.status.as_u16(), "{name}");
    }
    assert_eq!(guest.get(OPEN).await.expect(200)["totalItems"], 0);
    guest.get("/api/health").await.expect(200);
}

#[tokio::test]
async fn many_small_items_and_large_answers() {
    let (server, root) = start().await;
    set(&root, json!({"maxRequests": 5000})).await;
    let guest = server.guest();
    let items: Vec<Json> = (0..3000)
        .map(|n| item("POST", &format!("{OPEN}?fields=n,title"), json!({"title": "x".repeat(200), "n": n})))
        .collect();
    let answer = send(&guest, json!(items)).await.expect(200);
    let answers = answer.as_array().unwrap();
    assert_eq!(answers.len(), 3000);
    assert!(answers.iter().enumerate().all(|(n, answer)| answer["body"]["n"] == n && answer["status"] == 200));
}

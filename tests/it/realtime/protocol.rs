//! The bytes of the stream and the answers to those who subscribe.

use std::collections::BTreeSet;
use std::process::Command;

use larder::config::Config;
use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value as Json, json};

use super::stream::{Event, Refused, Stream, in_time};
use crate::crash::{Process, make_superuser};
use crate::server::{Client, PASSWORD, SUPERUSER_EMAIL, TestServer, config};

/// A server with the open collection `notes`.
async fn start() -> (TestServer, Client) {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.open_collection("notes", json!([{"name": "text", "type": "text"}])).await;
    (server, root)
}

/// Writes a note: its id.
async fn note(client: &Client, text: &str) -> String {
    let made = client.post("/api/collections/notes/records", json!({"text": text})).await.expect(200);
    made["id"].as_str().unwrap().to_owned()
}

fn texts(events: &[Event]) -> Vec<(&str, &str)> {
    events.iter().map(|event| (event.topic.as_str(), event.record()["text"].as_str().unwrap())).collect()
}

fn is_last(event: &Event) -> bool {
    event.record()["text"] == "last"
}

#[tokio::test]
async fn the_answer_is_an_event_stream_and_nothing_holds_it_back() {
    let (server, root) = start().await;
    for encodings in ["identity", "gzip, deflate, br, zstd", "gzip;q=1, identity;q=0"] {
        let mut stream = Stream::to(&server.base).header("Accept-Encoding", encodings).open().await;
        for (name, want) in [
            ("content-type", Some("text/event-stream")),
            ("cache-control", Some("no-store")),
            ("x-accel-buffering", Some("no")),
            ("x-content-type-options", Some("nosniff")),
            ("content-encoding", None),
            ("content-length", None),
        ] {
            assert_eq!(stream.header(name), want, "{name} for {encodings}");
        }
        // Nothing waits in a compressor either.
        stream.subscribe(&server.guest(), &["notes/*"]).await;
        note(&root, "at once").await;
        assert_eq!(stream.next().await.record()["text"], "at once");
    }
}

#[tokio::test]
async fn a_client_is_greeted_with_its_id_and_the_number_of_the_last_change() {
    let (server, root) = start().await;
    note(&root, "first").await;
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let stream = Stream::to(&server.base).open().await;
        let (id, seq) = (&stream.id, stream.position.unwrap());
        assert!(seq > 0);
        let want = format!("id:{id}\nevent:PB_CONNECT\ndata:{{\"clientId\":\"{id}\",\"seq\":{seq}}}\n\n");
        assert_eq!(stream.greeting, want);
        assert!(seen.insert(stream.id.clone()), "{id} twice");
    }
    let (before, mut listener) = (Stream::to(&server.base).open().await, Stream::to(&server.base).open().await);
    listener.subscribe(&server.guest(), &["notes/*"]).await;
    note(&root, "second").await;
    let seq = listener.next().await.seq();
    assert!(Some(seq) > before.position);
    assert_eq!(Stream::to(&server.base).open().await.position, Some(seq));
}

#[tokio::test]
async fn frames_are_named_as_the_client_wrote_the_topic() {
    let (server, root) = start().await;
    let id = note(&root, "x").await;
    let collection = root.get("/api/collections/notes").await.expect(200)["id"].as_str().unwrap().to_owned();
    let topics = [
        "notes/*".to_owned(),
        "notes".to_owned(),
        format!("notes/{id}"),
        format!("{collection}/*"),
        format!("{collection}/{id}"),
        "notes/*?options=%7B%7D".to_owned(),
        "notes/*?options=%7b%7d".to_owned(),
        r#"notes/*?options={"query":{"fields":"id,text"}}"#.to_owned(),
        r#"notes/*?options={ "query" : { "filter" : "text = 'é ✓'" } }"#.to_owned(),
        "notes/*?options=%7B%22query%22%3A%7B%22filter%22%3A%22text%20%3D%20'%C3%A9%20%E2%9C%93'%22%7D%7D".to_owned(),
    ];
    let mut stream = Stream::of(&server.guest(), &topics.each_ref().map(String::as_str)).await;
    let path = format!("/api/collections/notes/records/{id}");
    let shown = root.patch(&path, json!({"text": "é ✓"})).await.expect(200);
    let mut seqs = BTreeSet::new();
    let mut heard = BTreeSet::new();
    for _ in &topics {
        let event = stream.next().await;
        assert_eq!(event.action(), "update");
        let partly = event.topic.contains("fields");
        let want = if partly { json!({"id": id, "text": "é ✓"}) } else { shown.clone() };
        assert_eq!(*event.record(), want, "{}", event.topic);
        seqs.insert(event.seq());
        heard.insert(event.topic);
    }
    assert_eq!(heard, topics.into_iter().collect());
    assert_eq!(seqs.len(), 1, "one change");
}

#[tokio::test]
async fn each_set_of_subscriptions_replaces_the_one_before() {
    let (server, root) = start().await;
    let other = root.open_collection("others", json!([{"name": "text", "type": "text"}])).await;
    assert_eq!(other["name"], "others");
    let guest = server.guest();
    let mut stream = Stream::to(&server.base).open().await;
    let both = async |text: &str| {
        note(&root, text).await;
        root.post("/api/collections/others/records", json!({"text": text})).await.expect(200);
    };
    both("nobody listens yet").await;
    stream.subscribe(&guest, &["notes/*", "notes/*"]).await;
    both("a").await;
    stream.subscribe(&guest, &["others/*"]).await;
    both("b").await;
    stream.subscribe(&guest, &[]).await;
    both("nobody listens").await;
    stream.subscribe(&guest, &["notes/*", "others/*", "nowhere/*", "", "/", "*", "notes/", "@oauth2"]).await;
    both("last").await;
    let heard = stream.until(|event| event.topic == "others/*" && is_last(event)).await;
    assert_eq!(texts(&heard), [("notes/*", "a"), ("others/*", "b"), ("notes/*", "last")]);
}

/// What a body of `POST /api/realtime` is answered with, as status and codes.
const BODIES: &[(&str, &str, u16, &str)] = &[
    ("nothing", "", 400, r#"{"clientId":"validation_required"}"#),
    ("an empty object", "{}", 400, r#"{"clientId":"validation_required"}"#),
    ("null", "null", 400, r#"{"clientId":"validation_required"}"#),
    ("no JSON", "{", 400, "{}"),
    ("an array", "[]", 400, "{}"),
    ("no id", r#"{"clientId":"","subscriptions":[]}"#, 400, r#"{"clientId":"validation_required"}"#),
    ("a number as id", r#"{"clientId":5}"#, 400, "{}"),
    ("an unknown id", r#"{"clientId":"nope","subscriptions":["a"]}"#, 404, "{}"),
    ("a text as topics", r#"{"clientId":"$ID","subscriptions":"a"}"#, 400, "{}"),
    ("numbers as topics", r#"{"clientId":"$ID","subscriptions":[1]}"#, 400, "{}"),
    ("objects as topics", r#"{"clientId":"$ID","subscriptions":[{}]}"#, 400, "{}"),
    ("no topics", r#"{"clientId":"$ID"}"#, 204, "null"),
    ("null as topics", r#"{"clientId":"$ID","subscriptions":null}"#, 204, "null"),
    ("unknown keys", r#"{"clientId":"$ID","subscriptions":["a","a"],"x":[1]}"#, 204, "null"),
    (
        "a line end",
        r#"{"clientId":"$ID","subscriptions":["a","b\nevent:x"]}"#,
        400,
        r#"{"subscriptions":{"1":"validation_invalid_topic"}}"#,
    ),
    (
        "control characters",
        r#"{"clientId":"$ID","subscriptions":["\u0000","b","\r","\u007f","\u0085"]}"#,
        400,
        r#"{"subscriptions":{"0":"validation_invalid_topic","2":"validation_invalid_topic","3":"validation_invalid_topic","4":"validation_invalid_topic"}}"#,
    ),
];

/// The codes of an error's data, in its shape.
fn codes(node: &Json) -> Json {
    match (node["code"].as_str(), node.as_object()) {
        (Some(code), _) => code.into(),
        (None, Some(map)) => map.iter().map(|(key, value)| (key.clone(), codes(value))).collect(),
        _ => Json::Null,
    }
}

#[tokio::test]
async fn odd_bodies_are_refused_and_change_nothing() {
    let (server, root) = start().await;
    let guest = server.guest();
    let mut stream = Stream::of(&guest, &["notes/*"]).await;
    let spare = Stream::to(&server.base).open().await;
    let send = async |body: String| {
        let request = guest.request(Method::POST, "/api/realtime").header("Content-Type", "application/json");
        let answer = guest.send(request.body(body)).await;
        (answer.status.as_u16(), codes(&answer.body["data"]), answer)
    };
    for (name, body, status, want) in BODIES {
        let id = if *status == 204 { &spare.id } else { &stream.id };
        let (got, data, answer) = send(body.replace("$ID", id)).await;
        assert_eq!((got, data), (*status, serde_json::from_str(want).unwrap()), "{name}: {}", answer.text);
        assert!(*status == 204 || answer.body["status"] == *status, "{name}: {}", answer.text);
    }
    let topics = |count: usize| -> Vec<String> { (0..count).map(|n| format!("notes/{n}")).collect() };
    let too_long = "validation_length_too_long";
    for (name, id, list, status, want) in [
        ("256 characters of id", "x".repeat(256), vec![], 400, json!({"clientId": "validation_length_out_of_range"})),
        ("255 characters of id", "x".repeat(255), vec![], 404, json!({})),
        ("1001 topics", stream.id.clone(), topics(1001), 400, json!({"subscriptions": too_long})),
        ("the same 1001 times", stream.id.clone(), vec!["a".into(); 1001], 400, json!({"subscriptions": too_long})),
        ("1000 topics", spare.id.clone(), topics(1000), 204, Json::Null),
        ("2500 characters", spare.id.clone(), vec!["a".into(), "b".repeat(2500)], 204, Json::Null),
        (
            "2501 characters",
            stream.id.clone(),
            vec!["a".into(), "b".repeat(2501)],
            400,
            json!({"subscriptions": {"1": too_long}}),
        ),
        (
            "everything too long",
            "x".repeat(256),
            vec!["a".repeat(2501), "b".into(), "c".repeat(9000)],
            400,
            json!({"clientId": "validation_length_out_of_range", "subscriptions": {"0": too_long, "2": too_long}}),
        ),
    ] {
        let (got, data, answer) = send(json!({"clientId": id, "subscriptions": list}).to_string()).await;
        assert_eq!((got, data), (status, want), "{name}: {}", answer.text);
    }
    note(&root, "last").await;
    assert!(is_last(&stream.next().await), "what was refused changed nothing");
}

#[tokio::test]
async fn forms_are_taken_as_json_is() {
    let (server, root) = start().await;
    let guest = server.guest();
    root.open_collection("others", json!([{"name": "text", "type": "text"}])).await;
    let mut stream = Stream::to(&server.base).open().await;
    let pairs = [("clientId", stream.id.as_str()), ("subscriptions", "notes/*"), ("subscriptions", "others/*")];
    let form = guest.request(Method::POST, "/api/realtime").form(&pairs);
    guest.send(form).await.expect(204);
    note(&root, "a").await;
    root.post("/api/collections/others/records", json!({"text": "b"})).await.expect(200);
    assert_eq!(texts(&[stream.next().await, stream.next().await]), [("notes/*", "a"), ("others/*", "b")]);
    let parts = Form::new().text("clientId", stream.id.clone()).text("subscriptions", "notes");
    guest.send(guest.request(Method::POST, "/api/realtime").multipart(parts)).await.expect(204);
    note(&root, "c").await;
    assert_eq!(texts(&[stream.next().await]), [("notes", "c")]);
    // What looks like a number is a topic, too.
    let pairs = [("clientId", stream.id.as_str()), ("subscriptions", "1"), ("subscriptions", "true")];
    guest.send(guest.request(Method::POST, "/api/realtime").form(&pairs)).await.expect(204);
    let payload = stream.request(&["notes/*"], &json!({})).to_string();
    let parts = Form::new().text("@jsonPayload", payload);
    guest.send(guest.request(Method::POST, "/api/realtime").multipart(parts)).await.expect(204);
    note(&root, "d").await;
    assert_eq!(texts(&[stream.next().await]), [("notes/*", "d")]);
}

#[tokio::test]
async fn an_authorization_header_on_the_stream_is_nobodys() {
    let (server, root) = start().await;
    root.patch("/api/collections/notes", json!({"listRule": "@request.auth.id != ''"})).await.expect(200);
    root.open_collection("markers", json!([])).await;
    let ann = server.user("ann").await;
    let opening = Stream::to(&server.base).header("Authorization", ann.token.as_ref().unwrap());
    let mut stream = opening.open().await;
    stream.subscribe(&server.guest(), &["notes/*", "markers/*"]).await;
    note(&root, "for users").await;
    root.post("/api/collections/markers/records", json!({})).await.expect(200);
    assert_eq!(stream.next().await.topic, "markers/*");
}

/// Asks with the id of a stream until the server has noticed that it is gone.
async fn until_unknown(guest: &Client, id: &str) {
    let body = json!({"clientId": id, "subscriptions": ["notes/*"]});
    let gone = async {
        loop {
            match guest.post("/api/realtime", body.clone()).await.status.as_u16() {
                204 => tokio::task::yield_now().await,
                status => return status,
            }
        }
    };
    assert_eq!(in_time(gone).await, 404);
}

#[tokio::test]
async fn an_id_ends_with_its_stream() {
    let (server, root) = start().await;
    let guest = server.guest();
    let idle = Stream::to(&server.base).open().await;
    let subscribed = Stream::of(&guest, &["notes/*"]).await;
    let (first, second) = (idle.id.clone(), subscribed.id.clone());
    drop(idle);
    until_unknown(&guest, &first).await;
    // Something waits to be read when this one goes.
    note(&root, "unread").await;
    drop(subscribed);
    until_unknown(&guest, &second).await;
    let body = json!({"clientId": second, "subscriptions": []});
    guest.post("/api/realtime", body).await.expect(404);
}

#[tokio::test]
async fn a_stream_belongs_to_the_address_that_opened_it() {
    let (server, root) = start().await;
    let guest = server.guest();
    root.patch("/api/settings", json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}})).await.expect(200);
    let mut stream = Stream::to(&server.base).header("X-Forwarded-For", "203.0.113.9").open().await;
    let body = stream.request(&["notes/*"], &json!({}));
    let from = async |address: &str| {
        let request = guest.request(Method::POST, "/api/realtime").header("X-Forwarded-For", address);
        guest.send(request.json(&body)).await
    };
    for address in ["203.0.113.8", "10.0.0.1", "::1", "nowhere"] {
        let refused = from(address).await.expect(400);
        assert_eq!(refused["data"], json!({}), "{address}");
    }
    guest.post("/api/realtime", body.clone()).await.expect(400);
    note(&root, "nobody listens yet").await;
    from("203.0.113.9").await.expect(204);
    from("203.0.113.8").await.expect(400);
    note(&root, "last").await;
    assert!(is_last(&stream.next().await));
}

/// The status that somebody who may not open a stream is answered with.
async fn refusal(base: &str, address: &str) -> u16 {
    match Stream::to(base).header("X-Forwarded-For", address).attempt().await {
        Ok(_) => 200,
        Err(Refused::Answered { status, body }) => {
            assert_eq!((&body["status"], &body["data"]), (&json!(status), &json!({})), "{body}");
            status
        }
        Err(Refused::Lost) => panic!("no answer"),
    }
}

/// The real binary with these limits, and a superuser; a proxy names the addresses.
async fn limited(variables: &[(&str, &str)]) -> (tempfile::TempDir, Process, Client) {
    let folder = tempfile::tempdir().unwrap();
    make_superuser(folder.path());
    let mut command = Command::new(env!("CARGO_BIN_EXE_larder"));
    command.envs(variables.iter().copied());
    let server = Process::start_with(command, folder.path(), &[]);
    let body = json!({"identity": SUPERUSER_EMAIL, "password": PASSWORD});
    let guest = Client::at(&server.base);
    let auth = guest.post("/api/collections/_superusers/auth-with-password", body).await.expect(200);
    let root = guest.signed_in(&auth);
    root.patch("/api/settings", json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}})).await.expect(200);
    (folder, server, root)
}

#[tokio::test]
async fn connections_of_an_address_are_limited() {
    let (_folder, server, root) = limited(&[("LARDER_REALTIME_CONNECTIONS_PER_IP", "2")]).await;
    let open = async |address: &str| Stream::to(&server.base).header("X-Forwarded-For", address).open().await;
    let (first, _second) = (open("203.0.113.9").await, open("203.0.113.9").await);
    for _ in 0..3 {
        assert_eq!(refusal(&server.base, "203.0.113.9").await, 429);
    }
    let _others = [open("203.0.113.8").await, open("203.0.113.8").await];
    let status = root.get("/api/realtime/status").await.expect(200);
    assert_eq!((&status["connections"], &status["refused"]), (&json!(4), &json!(3)));
    drop(first);
    let again = async {
        while refusal(&server.base, "203.0.113.9").await != 200 {
            tokio::task::yield_now().await;
        }
    };
    in_time(again).await;
}

#[tokio::test]
async fn connections_of_a_server_are_limited() {
    let (_folder, server, root) = limited(&[("LARDER_REALTIME_CONNECTIONS", "3")]).await;
    let mut open = Vec::new();
    for n in 0..3 {
        open.push(Stream::to(&server.base).header("X-Forwarded-For", &format!("203.0.113.{n}")).open().await);
    }
    assert_eq!(refusal(&server.base, "203.0.113.9").await, 503);
    assert_eq!(root.get("/api/realtime/status").await.expect(200)["refused"], 1);
    open.pop();
    let again = async {
        while refusal(&server.base, "203.0.113.9").await != 200 {
            tokio::task::yield_now().await;
        }
    };
    in_time(again).await;
}

#[tokio::test]
async fn superusers_see_what_goes_on() {
    let (server, root) = start().await;
    let ann = server.user("ann").await;
    for (client, want) in [(server.guest(), 401), (ann, 403)] {
        let refused = client.get("/api/realtime/status").await;
        assert_eq!(refused.status.as_u16(), want);
        assert!(!refused.text.contains("connections"), "{}", refused.text);
    }
    let keys = ["connections", "events", "lag", "overflows", "refused", "resyncs", "subscriptions"];
    let status = async || root.get("/api/realtime/status").await.expect(200);
    let idle = status().await;
    assert_eq!(idle.as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>(), keys.into());
    assert!(idle.as_object().unwrap().values().all(Json::is_number), "{idle}");
    assert_eq!((&idle["connections"], &idle["subscriptions"]), (&json!(0), &json!(0)));
    let mut stream = Stream::of(&server.guest(), &["notes/*", "notes"]).await;
    let _other = Stream::to(&server.base).open().await;
    note(&root, "a").await;
    for _ in 0..2 {
        stream.next().await;
    }
    let busy = status().await;
    assert_eq!((&busy["connections"], &busy["subscriptions"]), (&json!(2), &json!(2)), "{busy}");
    // Counted once they are on their way.
    let events = idle["events"].as_i64().unwrap() + 2;
    let counted = async {
        loop {
            let status = status().await;
            if status["events"] == events && status["lag"] == 0 {
                break;
            }
        }
    };
    in_time(counted).await;
    drop(stream);
    let gone = async { while status().await["connections"] != 1 {} };
    in_time(gone).await;
    assert_eq!(status().await["subscriptions"], 0);
}

#[tokio::test]
async fn streams_end_by_themselves() {
    let life = |idle: u64, age: u64| {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { realtime_idle_timeout: idle, realtime_max_age: age, ..config(&folder) };
        TestServer::with(folder, config)
    };
    // Nothing is sent on it.
    let server = life(1, 1000);
    let mut stream = Stream::to(&server.base).open().await;
    assert!(in_time(stream.next_or_end()).await.is_none());
    // However much is sent on it.
    let server = life(1000, 3);
    let root = server.superuser().await;
    root.open_collection("notes", json!([{"name": "text", "type": "text"}])).await;
    let mut stream = Stream::of(&server.guest(), &["notes/*"]).await;
    let heard = async {
        let mut heard = 0;
        while let (_, Some(_)) = tokio::join!(note(&root, "again"), stream.next_or_end()) {
            heard += 1;
        }
        heard
    };
    assert!(in_time(heard).await > 0);
}

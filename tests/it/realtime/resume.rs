//! What a client is told of that was away: what it missed, in order, or that it has to load afresh.

use serde_json::{Value as Json, json};

use super::stream::{Event, Opening, Stream};
use super::world::{MARKERS, World, records};
use crate::server::{Client, TestServer, config, database};

/// Action, topic and `n` of events; the names of those that are about no record.
fn outline(events: &[Event]) -> Vec<String> {
    let line = |event: &Event| match event.topic.as_str() {
        name @ ("@resumed" | "@resync") => name.to_owned(),
        topic => format!("{} {topic} {}", event.action(), event.record()["n"]),
    };
    events.iter().map(line).collect()
}

/// Everything up to `@resumed` or `@resync`, which is the last of it.
async fn told(stream: &mut Stream) -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        events.push(stream.next().await);
        if events.last().unwrap().topic.starts_with("@res") {
            return events;
        }
    }
}

/// Comes back as somebody and asks for what came after `seq`.
async fn come_back(client: &Client, topics: &[&str], seq: i64) -> (Stream, Vec<Event>) {
    let mut stream = Stream::to(&client.base).open().await;
    stream.resume(client, topics, seq).await;
    let events = told(&mut stream).await;
    (stream, events)
}

/// The number of the last change.
async fn last_seq(world: &World) -> i64 {
    Stream::to(&world.root.base).open().await.position.unwrap()
}

/// How an opening is changed to say a number.
type Ask = fn(Opening, &str) -> Opening;

/// Three changes that are heard of live: their numbers.
async fn three(world: &World) -> Vec<i64> {
    let mut stream = Stream::of(&world.guest, &["notes/*"]).await;
    let mut seqs = Vec::new();
    for n in 1..=3 {
        world.create("notes", json!({"n": n})).await;
        seqs.push(stream.next().await.seq());
    }
    seqs
}

#[tokio::test]
async fn a_client_says_where_it_left_off_in_any_of_three_ways() {
    let world = World::start().await;
    let seqs = three(&world).await;
    let open = || Stream::to(&world.root.base);
    let first = seqs[0].to_string();
    let ways: [(&str, Ask, Json); 4] = [
        ("query", |opening, seq| opening.query(&format!("lastEventSeq={seq}")), json!({})),
        ("header", |opening, seq| opening.header("Last-Event-ID", seq), json!({})),
        ("body", |opening, _| opening, json!({"lastEventSeq": seqs[0]})),
        ("body of a form", |opening, _| opening, json!({"lastEventSeq": first})),
    ];
    for (way, ask, more) in ways {
        let mut stream = ask(open(), &first).open().await;
        let body = stream.request(&["notes/*"], &more);
        world.guest.post("/api/realtime", body).await.expect(204);
        let events = told(&mut stream).await;
        assert_eq!(outline(&events), ["create notes/* 2", "create notes/* 3", "@resumed"], "{way}");
        assert_eq!([events[0].seq(), events[1].seq()], seqs[1..], "{way}");
        assert!(events[2].seq() >= seqs[2], "{way}");
        // From here on it is a stream like any other; the next set of subscriptions asks for nothing.
        stream.subscribe(&world.guest, &["notes/*", MARKERS]).await;
        assert_eq!(world.outline(&mut stream).await, <[&str; 0]>::default(), "{way}");
    }
}

#[tokio::test]
async fn what_is_no_number_asks_for_nothing() {
    let world = World::start().await;
    three(&world).await;
    let earlier = "x".repeat(40);
    for text in [&earlier, "1.5", "-1", "0x1", "99999999999999999999", "1 2"] {
        for is_header in [true, false] {
            let opening = Stream::to(&world.root.base);
            let opening = if is_header {
                opening.header("Last-Event-ID", text)
            } else {
                opening.query(&format!("lastEventSeq={}", text.replace(' ', "%20")))
            };
            let mut stream = opening.open().await;
            stream.subscribe(&world.guest, &["notes/*", MARKERS]).await;
            assert_eq!(world.outline(&mut stream).await, <[&str; 0]>::default(), "{text}");
        }
    }
    // Who says so on purpose is told.
    let stream = Stream::to(&world.root.base).open().await;
    for seq in [json!(-1), json!(1.5), json!("x"), json!([1]), json!(true)] {
        let body = stream.request(&[], &json!({"lastEventSeq": seq}));
        let refused = world.guest.post("/api/realtime", body).await.expect(400);
        assert_eq!(refused["data"]["lastEventSeq"]["code"], "validation_invalid_seq", "{seq}");
    }
}

#[tokio::test]
async fn a_client_hears_from_the_beginning_or_nothing_new() {
    let world = World::start().await;
    three(&world).await;
    let id = world.create("notes", json!({"n": 4})).await;
    world.update("notes", &id, json!({"n": 5})).await;
    world.delete("notes", &id).await;
    let (_, events) = come_back(&world.guest, &["notes/*"], 0).await;
    let expected = ["create notes/* 1", "create notes/* 2", "create notes/* 3"];
    let outlined = outline(&events);
    assert_eq!(outlined[..3], expected);
    // What it was between these is no longer known, but that it was.
    let actions: Vec<_> = events[3..6].iter().map(Event::action).collect();
    assert_eq!(actions, ["create", "update", "delete"]);
    assert_eq!((events[5].record()["n"].as_i64(), outlined[6].as_str(), outlined.len()), (Some(5), "@resumed", 7));
    let last = last_seq(&world).await;
    let (mut stream, events) = come_back(&world.guest, &["notes/*"], last).await;
    assert_eq!((outline(&events), events[0].seq()), (vec!["@resumed".to_owned()], last));
    world.create("notes", json!({"n": 6})).await;
    assert_eq!(stream.next().await.seq(), last + 1);
}

#[tokio::test]
async fn who_comes_from_another_life_of_the_folder_loads_afresh() {
    let world = World::start().await;
    three(&world).await;
    let last = last_seq(&world).await;
    for seq in [last + 1, last + 1_000_000, i64::MAX] {
        let (stream, events) = come_back(&world.guest, &["notes/*"], seq).await;
        assert_eq!((outline(&events), events[0].seq()), (vec!["@resync".to_owned()], last), "{seq}");
        let (_, events) = come_back(&world.guest, &["notes/*"], stream.position.unwrap()).await;
        assert_eq!(outline(&events), ["@resumed"], "{seq}");
    }
    let (mut stream, _) = come_back(&world.guest, &["notes/*"], last + 1).await;
    world.create("notes", json!({"n": 4})).await;
    assert_eq!(stream.next().await.seq(), last + 1);
}

#[tokio::test]
async fn who_was_away_for_longer_than_the_feed_is_kept_loads_afresh() {
    let world = World::start().await;
    let seqs = three(&world).await;
    let settings = config(&world.server.folder);
    let World { server, .. } = world;
    let folder = server.stop();
    let db = database(&folder);
    assert!(db.execute("DELETE FROM _larder_changes WHERE seq <= ?1", [seqs[1]]).unwrap() > 1);
    drop(db);
    let server = TestServer::with(folder, settings);
    let guest = server.guest();
    for (seq, want) in [
        (0, vec!["@resync"]),
        (seqs[0], vec!["@resync"]),
        (seqs[1], vec!["create notes/* 3", "@resumed"]),
        (seqs[2], vec!["@resumed"]),
    ] {
        let (stream, events) = come_back(&guest, &["notes/*"], seq).await;
        assert_eq!(outline(&events), want, "{seq}");
        assert_eq!(stream.position, Some(seqs[2]), "{seq}");
    }
    // An empty feed still knows its last number.
    let settings = config(&server.folder);
    let folder = server.stop();
    database(&folder).execute("DELETE FROM _larder_changes", []).unwrap();
    let server = TestServer::with(folder, settings);
    let guest = server.guest();
    for (seq, want) in [(seqs[1], "@resync"), (seqs[2], "@resumed"), (seqs[2] + 1, "@resync")] {
        let (_, events) = come_back(&guest, &["notes/*"], seq).await;
        assert_eq!((outline(&events), events[0].seq()), (vec![want.to_owned()], seqs[2]), "{seq}");
    }
}

#[tokio::test]
async fn a_number_outlives_the_server() {
    let world = World::start().await;
    let seqs = three(&world).await;
    let settings = config(&world.server.folder);
    let World { server, .. } = world;
    let server = TestServer::with(server.stop(), settings);
    let guest = server.guest();
    let (mut stream, events) = come_back(&guest, &["notes/*"], seqs[1]).await;
    assert_eq!(outline(&events), ["create notes/* 3", "@resumed"]);
    guest.post(&records("notes"), json!({"n": 4})).await.expect(200);
    assert_eq!(stream.next().await.seq(), seqs[2] + 1);
}

#[tokio::test]
async fn a_deletion_is_told_to_whom_the_record_was_shown() {
    let world = World::start().await;
    let rule = "owner = @request.auth.id || @request.auth.name = 'sid'";
    world.rules("notes", json!({"listRule": rule, "viewRule": rule})).await;
    let start = last_seq(&world).await;
    let mut ids = Vec::new();
    for (n, owner) in [(1, &world.ann_id), (2, &world.bob_id), (3, &world.ann_id)] {
        ids.push(world.create("notes", json!({"n": n, "owner": owner, "secret": "hidden-value"})).await);
    }
    let created = last_seq(&world).await;
    world.delete("notes", &ids[0]).await;
    world.delete("notes", &ids[1]).await;
    // The last thing known of this one is that it is Bob's.
    world.update("notes", &ids[2], json!({"owner": world.bob_id})).await;
    world.delete("notes", &ids[2]).await;
    for (who, client, want) in [
        ("guest", &world.guest, vec![]),
        ("ann", &world.ann, vec!["delete notes/* 1"]),
        ("bob", &world.bob, vec!["delete notes/* 2", "update notes/* 3", "delete notes/* 3"]),
        ("sid", &world.sid, vec!["delete notes/* 1", "delete notes/* 2", "update notes/* 3", "delete notes/* 3"]),
        ("root", &world.root, vec!["delete notes/* 1", "delete notes/* 2", "update notes/* 3", "delete notes/* 3"]),
    ] {
        let (_, events) = come_back(client, &["notes/*"], created).await;
        let want: Vec<_> = want.into_iter().chain(["@resumed"]).collect();
        assert_eq!(outline(&events), want, "{who}");
        for event in events.iter().filter(|event| event.topic == "notes/*") {
            let secret = event.record().get("secret").and_then(Json::as_str);
            assert_eq!(secret, (who == "root").then_some("hidden-value"), "{who}: {event:?}");
        }
    }
    // By the record's own topic, which its viewers may have.
    let topic = format!("notes/{}", ids[0]);
    for (client, count) in [(&world.ann, 3), (&world.bob, 1)] {
        let (_, events) = come_back(client, &[&topic], start).await;
        assert_eq!(events.len(), count, "{events:?}");
    }
}

#[tokio::test]
async fn the_feed_keeps_no_secrets_of_deleted_accounts() {
    let world = World::start().await;
    let start = last_seq(&world).await;
    world.update("members", &world.bob_id, json!({"pin": "another pin"})).await;
    world.delete("members", &world.bob_id).await;
    for (who, client, email, pin) in [("guest", &world.guest, false, false), ("root", &world.root, true, true)] {
        let (_, events) = come_back(client, &["members/*"], start).await;
        let actions: Vec<_> = events.iter().map(Event::action).collect();
        assert_eq!(actions, ["update", "delete", ""], "{who}");
        for event in &events[..2] {
            let record = event.record();
            assert_eq!(record.get("email").is_some(), email, "{who}: {event:?}");
            assert_eq!(record.get("pin").is_some(), pin, "{who}: {event:?}");
            assert!(record.get("password").is_none() && record.get("tokenKey").is_none(), "{who}: {event:?}");
        }
    }
    let db = database(&world.server.folder);
    let images: String = db
        .query_row("SELECT group_concat(image) FROM _larder_changes WHERE image IS NOT NULL", [], |row| row.get(0))
        .unwrap();
    assert!(images.contains("another pin") && !images.contains("$argon2"), "{images}");
}

#[tokio::test]
async fn what_went_with_its_parent_is_told_of_or_has_to_be_loaded() {
    let world = World::start().await;
    let rule = "note.owner = @request.auth.id";
    world.rules("comments", json!({"listRule": rule, "viewRule": rule})).await;
    let note = world.create("notes", json!({"owner": world.ann_id})).await;
    let comment = world.create("comments", json!({"note": note, "text": "c"})).await;
    let start = last_seq(&world).await;
    world.delete("notes", &note).await;
    for (who, client, may_hear) in [("ann", &world.ann, true), ("bob", &world.bob, false)] {
        let (stream, events) = come_back(client, &["comments/*"], start).await;
        let (end, told) = events.split_last().unwrap();
        let heard: Vec<_> = told.iter().map(|e| (e.action(), e.record()["id"].as_str().unwrap())).collect();
        if may_hear && end.topic == "@resumed" {
            assert_eq!(heard, [("delete", comment.as_str())], "{who}");
        } else {
            assert_eq!(heard, [], "{who}");
        }
        assert!(stream.position > Some(start), "{who}");
    }
}

/// Somebody who leaves before the end knows all up to the last frame, or is told otherwise later on.
#[tokio::test]
async fn what_cannot_be_told_is_not_passed_over() {
    let world = World::start().await;
    let rule = "note.owner = @request.auth.id";
    world.rules("comments", json!({"listRule": rule, "viewRule": rule})).await;
    let note = world.create("notes", json!({"owner": world.ann_id})).await;
    world.create("comments", json!({"note": note})).await;
    let start = last_seq(&world).await;
    world.delete("notes", &note).await;
    for _ in 0..3 {
        world.mark().await;
    }
    let topics = ["comments/*", MARKERS];
    let mut stream = Stream::to(&world.root.base).open().await;
    stream.resume(&world.ann, &topics, start).await;
    let first = stream.next().await;
    let position = stream.position.unwrap();
    drop(stream);
    let (_, rest) = come_back(&world.ann, &topics, position).await;
    let is_known =
        |event: &Event| event.topic == "@resync" || (event.action(), event.topic.as_str()) == ("delete", "comments/*");
    assert!(is_known(&first) || rest.iter().any(is_known), "the deletion is lost: {first:?}, then {rest:?}");
}

#[tokio::test]
async fn a_cascade_may_be_cut_anywhere() {
    let world = World::start().await;
    let rule = "note.owner = @request.auth.id";
    world.rules("comments", json!({"listRule": rule, "viewRule": rule})).await;
    world.rules("grants", json!({"listRule": rule, "viewRule": rule})).await;
    let topics = ["notes/*", "comments/*", "grants/*", MARKERS];
    let mut stream = Stream::of(&world.ann, &topics).await;
    let note = world.create("notes", json!({"owner": world.ann_id})).await;
    world.create("comments", json!({"note": note})).await;
    world.create("comments", json!({"note": note})).await;
    world.create("grants", json!({"note": note})).await;
    let start = last_seq(&world).await;
    world.delete("notes", &note).await;
    let mut live = world.heard(&mut stream).await;
    live.retain(|event| event.action() == "delete");
    assert_eq!(live.len(), 4, "{live:?}");
    let seqs: Vec<i64> = live.iter().map(Event::seq).collect();
    for position in std::iter::once(start).chain(seqs.clone()) {
        let (_, events) = come_back(&world.ann, &topics, position).await;
        let told: Vec<i64> = events.iter().filter(|e| e.action() == "delete").map(Event::seq).collect();
        let missed: Vec<i64> = seqs.iter().copied().filter(|seq| *seq > position).collect();
        let has_to_load = events.last().unwrap().topic == "@resync";
        assert!(told == missed || has_to_load, "after {position} of {seqs:?}: {events:?}");
    }
}

#[tokio::test]
async fn what_was_missed_is_judged_as_of_today() {
    let world = World::start().await;
    let seqs = three(&world).await;
    let own = world.create("notes", json!({"n": 4, "owner": world.ann_id})).await;
    world.rules("notes", json!({"listRule": "owner = @request.auth.id && owner != ''"})).await;
    let (_, events) = come_back(&world.guest, &["notes/*"], seqs[0]).await;
    assert_eq!(outline(&events), ["@resumed"]);
    let (_, events) = come_back(&world.ann, &["notes/*"], seqs[0]).await;
    assert_eq!(outline(&events), ["create notes/* 4", "@resumed"]);
    world.update("notes", &own, json!({"owner": world.bob_id})).await;
    let (_, events) = come_back(&world.ann, &["notes/*"], seqs[0]).await;
    assert_eq!(outline(&events), ["@resumed"]);
    for collection in ["comments", "grants", "notes"] {
        world.root.delete(&format!("/api/collections/{collection}")).await.expect(204);
    }
    let (_, events) = come_back(&world.root, &["notes/*"], seqs[0]).await;
    assert_eq!(outline(&events), ["@resumed"], "a collection that is gone has no records");
}

/// A connection may be cut between two frames of one change.
#[tokio::test]
async fn a_change_on_two_topics_is_told_on_both() {
    let world = World::start().await;
    let filtered = super::with_options("notes/*", &json!({"query": {"filter": "n > 0"}}));
    let topics = ["notes/*", filtered.as_str()];
    let mut stream = Stream::of(&world.guest, &topics).await;
    world.create("notes", json!({"n": 1})).await;
    let first = stream.next().await;
    // The other frame is not read any more.
    let position = stream.position.unwrap();
    drop(stream);
    let (_, events) = come_back(&world.guest, &topics, position).await;
    let other = topics.iter().find(|topic| **topic != first.topic).unwrap();
    assert!(events.iter().any(|event| event.topic == **other), "heard on {} only: {events:?}", first.topic);
}

#[tokio::test]
async fn many_changes_are_resumed_in_parts_and_live_ones_come_after() {
    let world = World::start().await;
    let batch = json!({"batch": {"enabled": true, "timeout": 60, "maxRequests": 500}});
    world.root.patch("/api/settings", batch).await.expect(200);
    let start = last_seq(&world).await;
    let text = "x".repeat(4000);
    let url = records("notes");
    for part in 0..4 {
        let item = |n: i64| json!({"method": "POST", "url": url, "body": {"n": part * 250 + n, "label": text}});
        let requests: Vec<Json> = (0..250).map(item).collect();
        world.root.post("/api/batch", json!({"requests": requests})).await.expect(200);
    }
    // Four MiB, more than may wait for a client at a time: it is not told faster than it reads.
    let mut stream = Stream::to(&world.root.base).open().await;
    stream.resume(&world.guest, &["notes/*"], start).await;
    for n in 1000..1010 {
        world.create("notes", json!({"n": n})).await;
    }
    let mut heard = stream.until(|event| event.record()["n"] == 1009).await;
    if heard.iter().all(|event| event.topic == "notes/*") {
        // It has caught up with the live ones.
        heard.push(stream.next().await);
    }
    let numbers: Vec<i64> = heard.iter().filter_map(|event| event.record()["n"].as_i64()).collect();
    assert_eq!(numbers, (0..1009).collect::<Vec<_>>());
    let others: Vec<_> = heard.iter().map(|event| event.topic.as_str()).filter(|topic| *topic != "notes/*").collect();
    assert_eq!(others, ["@resumed"]);
}

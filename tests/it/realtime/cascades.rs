//! Records that go together, and what may hide or show them goes with them: who hears of that, live and later.

use serde_json::{Value as Json, json};

use super::stream::{Event, Stream};
use super::with_options;
use super::world::{MARKERS, World, part_of, records, text};
use crate::server::database;

const NOTE: &str = "note00000000001";

const COMMENTS: [&str; 2] = ["comment00000001", "comment00000002"];

const REPLIES: [&str; 2] = ["reply0000000001", "reply0000000002"];

/// Rules of comments that let ann hear of all of them as long as everything is there, and bob of none.
const OF_COMMENTS: [&str; 6] = [
    "note.owner = @request.auth.id",
    "@collection.notes.owner ?= @request.auth.id",
    "@collection.notes.id ?= note && @request.auth.name = 'ann'",
    "note.grants_via_note.member ?= @request.auth.id",
    "note.comments_via_note.text ?= 'second' && @request.auth.name = 'ann'",
    "@collection.replies.comment ?= id && @request.auth.name = 'ann'",
];

/// The same of replies to them.
const OF_REPLIES: [&str; 4] = [
    "comment.note.owner = @request.auth.id",
    "@collection.comments.id ?= comment && @request.auth.name = 'ann'",
    "comment.note.comments_via_note.text ?= 'second' && @request.auth.name = 'ann'",
    "@collection.grants.member ?= @request.auth.id && comment.note.label != 'other'",
];

async fn start() -> World {
    let world = World::start().await;
    world.root.patch("/api/settings", json!({"batch": {"enabled": true}})).await.expect(200);
    let comment = part_of("comment", &json!(world.ids["comments"]));
    world.root.open_collection("replies", json!([text("text"), comment])).await;
    world
}

/// A note of ann's, granted to her, with two comments that have a reply each.
async fn make_family(world: &World) {
    world.create("notes", json!({"id": NOTE, "owner": world.ann_id, "label": "note"})).await;
    world.create("grants", json!({"note": NOTE, "member": world.ann_id})).await;
    for (n, what) in ["first", "second"].into_iter().enumerate() {
        world.create("comments", json!({"id": COMMENTS[n], "note": NOTE, "text": what})).await;
        world.create("replies", json!({"id": REPLIES[n], "comment": COMMENTS[n], "text": what})).await;
    }
}

fn deletion(collection: &str, id: &str) -> Json {
    json!({"method": "DELETE", "url": format!("{}/{id}", records(collection))})
}

fn update(collection: &str, id: &str, body: &Json) -> Json {
    json!({"method": "PATCH", "url": format!("{}/{id}", records(collection)), "body": body})
}

/// One transaction, of which the changes are told in one turn.
async fn batch(world: &World, requests: Vec<Json>) {
    world.root.post("/api/batch", json!({"requests": requests})).await.expect(200);
}

/// Ids of what was deleted, in alphabetical order; also the names of events that are of no record.
fn outline(events: &[Event]) -> Vec<&str> {
    let lines = events.iter().map(|event| event.record()["id"].as_str().unwrap_or(&event.topic));
    let mut lines: Vec<&str> = lines.collect();
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn what_goes_together_is_judged_while_all_of_it_is_there() {
    let world = start().await;
    let of_root = with_options("replies/*", &json!({"query": {"filter": "@collection.notes.id != 'q'"}}));
    for (n, comments) in OF_COMMENTS.into_iter().enumerate() {
        let replies = OF_REPLIES[n % OF_REPLIES.len()];
        world.rules("comments", json!({"listRule": comments})).await;
        world.rules("replies", json!({"listRule": replies})).await;
        for how in ["by the note", "one by one, in a batch", "all notes"] {
            let what = format!("{comments}; {replies}: {how}");
            make_family(&world).await;
            let topics = ["comments/*", "replies/*", MARKERS];
            let mut ann = Stream::of(&world.ann, &topics).await;
            let mut bob = Stream::of(&world.bob, &topics).await;
            let mut root = Stream::of(&world.root, &[&of_root, MARKERS]).await;
            for stream in [&mut ann, &mut bob, &mut root] {
                world.heard(stream).await;
            }
            match how {
                "by the note" => world.delete("notes", NOTE).await,
                "all notes" => {
                    world.root.delete("/api/collections/notes/truncate").await.expect(204);
                }
                _ => {
                    let all = REPLIES.map(|id| deletion("replies", id)).into_iter();
                    let all = all.chain(COMMENTS.map(|id| deletion("comments", id)));
                    batch(&world, all.chain([deletion("notes", NOTE)]).collect()).await;
                }
            }
            assert_eq!(outline(&world.heard(&mut ann).await), [COMMENTS, REPLIES].concat(), "{what}");
            assert_eq!(outline(&world.heard(&mut bob).await), [""; 0], "{what}");
            assert_eq!(outline(&world.heard(&mut root).await), REPLIES, "{what}");
        }
    }
}

#[tokio::test]
async fn what_others_may_not_see_any_more_is_not_told_by_what_they_saw_before() {
    let world = start().await;
    for rule in
        ["grants_via_note.member ?= @request.auth.id", "@collection.grants.note ?= id && @request.auth.name = 'ann'"]
    {
        world.rules("notes", json!({"listRule": rule})).await;
        for is_updated_before in [false, true] {
            world.create("notes", json!({"id": NOTE, "label": "for ann"})).await;
            let grant = world.create("grants", json!({"note": NOTE, "member": world.ann_id})).await;
            let mut ann = Stream::of(&world.ann, &["notes/*", MARKERS]).await;
            world.heard(&mut ann).await;
            let mut requests = Vec::new();
            if is_updated_before {
                requests.push(update("notes", NOTE, &json!({"label": "for ann, too"})));
            }
            requests.push(deletion("grants", &grant));
            requests.push(update("notes", NOTE, &json!({"label": "for nobody"})));
            requests.push(deletion("notes", NOTE));
            batch(&world, requests).await;
            for event in world.heard(&mut ann).await {
                assert_ne!(event.record()["label"], "for nobody", "{rule}: {event:?}");
            }
        }
    }
}

/// Writes that wait for each other are told of in one turn.
#[tokio::test]
async fn what_other_writes_did_in_the_same_turn_counts() {
    let world = start().await;
    world.rules("comments", json!({"listRule": "note.grants_via_note.member ?= @request.auth.id"})).await;
    world.create("notes", json!({"id": NOTE})).await;
    let mut ann = Stream::of(&world.ann, &["comments/*", MARKERS]).await;
    let db = database(&world.server.folder);
    let granted = json!({"id": "grant0000000001", "note": NOTE, "member": world.ann_id});
    for (round, (is_granted, deletes_first)) in
        [(true, false), (true, true), (false, false), (false, true)].into_iter().cycle().take(12).enumerate()
    {
        let comment = format!("comment{round:08}");
        if is_granted {
            world.create("grants", granted.clone()).await;
        }
        world.create("comments", json!({"id": comment, "note": NOTE})).await;
        world.heard(&mut ann).await;
        let seq = ann.position.unwrap();
        // Until the other transaction ends, requests queue up.
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        let delete = world.delete("comments", &comment);
        let change = async {
            if is_granted {
                world.delete("grants", "grant0000000001").await;
            } else {
                world.create("grants", granted.clone()).await;
            }
        };
        let release = async {
            for _ in 0..3 {
                world.guest.get("/api/health").await.expect(200);
            }
            db.execute_batch("COMMIT").unwrap();
        };
        if deletes_first {
            tokio::join!(delete, change, release);
        } else {
            tokio::join!(change, delete, release);
        }
        // Who came first is known now.
        let sql = "SELECT record FROM _larder_changes WHERE seq > ?1 LIMIT 1";
        let first: String = db.query_row(sql, [seq], |row| row.get(0)).unwrap();
        let want = if is_granted == (first == comment) { vec![comment.as_str()] } else { vec![] };
        assert_eq!(outline(&world.heard(&mut ann).await), want, "granted before: {is_granted}, first: {first}");
        if !is_granted {
            world.delete("grants", "grant0000000001").await;
        }
    }
}

/// What somebody is told of comments who comes back and has missed everything after `seq`.
async fn told_later(world: &World, seq: i64) -> Vec<Event> {
    let mut stream = Stream::to(&world.root.base).open().await;
    stream.resume(&world.ann, &["comments/*"], seq).await;
    let mut events = Vec::new();
    loop {
        events.push(stream.next().await);
        if events.last().unwrap().topic.starts_with("@res") {
            return events;
        }
    }
}

#[tokio::test]
async fn what_hid_a_record_hides_it_when_both_are_gone() {
    let world = start().await;
    for rule in [
        "note.label != 'draft'",
        "@collection.notes.label != 'draft'",
        "note.grants_via_note.member != @request.auth.id",
    ] {
        world.rules("comments", json!({"listRule": rule, "viewRule": rule})).await;
        make_family(&world).await;
        world.update("notes", NOTE, json!({"label": "draft"})).await;
        let mut ann = Stream::of(&world.ann, &["comments/*", MARKERS]).await;
        world.heard(&mut ann).await;
        let seq = ann.position.unwrap();
        world.delete("notes", NOTE).await;
        assert_eq!(outline(&world.heard(&mut ann).await), [""; 0], "{rule}: live");
        assert_eq!(outline(&told_later(&world, seq).await), ["@resync"], "{rule}: later");
    }
}

#[tokio::test]
async fn a_record_with_the_id_of_one_that_is_gone_is_not_taken_for_it() {
    let world = start().await;
    let rule = "note.owner = @request.auth.id";
    world.rules("comments", json!({"listRule": rule, "viewRule": rule})).await;
    world.create("notes", json!({"id": NOTE, "owner": world.bob_id})).await;
    world.create("comments", json!({"id": COMMENTS[0], "note": NOTE, "text": "for bob"})).await;
    let seq = Stream::to(&world.root.base).open().await.position.unwrap();
    world.delete("notes", NOTE).await;
    world.create("notes", json!({"id": NOTE, "owner": world.ann_id})).await;
    assert_eq!(outline(&told_later(&world, seq).await), ["@resync"]);
}

#[tokio::test]
async fn what_was_deleted_earlier_raises_no_doubts() {
    let world = start().await;
    let rule = "note.owner = @request.auth.id && @collection.grants.note ?= note";
    world.rules("comments", json!({"listRule": rule, "viewRule": rule})).await;
    make_family(&world).await;
    let grant = world.create("grants", json!({"note": NOTE})).await;
    world.delete("grants", &grant).await;
    let seq = Stream::to(&world.root.base).open().await.position.unwrap();
    world.delete("comments", COMMENTS[0]).await;
    assert_eq!(outline(&told_later(&world, seq).await), ["@resumed", COMMENTS[0]]);
    // Now what shows it is gone, too.
    world.delete("notes", NOTE).await;
    assert_eq!(outline(&told_later(&world, seq).await), ["@resync"]);
}

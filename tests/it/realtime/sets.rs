//! Another set of subscriptions while a client is told what it missed, and what records were just before they went.

use serde_json::json;

use super::stream::{Event, Stream};
use super::with_options;
use super::world::{MARKERS, World, records};

/// Notes with the numbers from 1 to `count`; the number of the last change before them.
async fn missed(world: &World, count: usize) -> i64 {
    let before = Stream::to(&world.root.base).open().await.position.unwrap();
    world
        .root
        .patch("/api/settings", json!({"batch": {"enabled": true, "maxRequests": 1000, "timeout": 60}}))
        .await
        .expect(200);
    let write = |n| json!({"method": "POST", "url": records("notes"), "body": {"n": n}});
    let requests: Vec<_> = (1..=count).map(write).collect();
    world.root.post("/api/batch", json!({"requests": requests})).await.expect(200);
    before
}

fn numbers<'e>(events: impl IntoIterator<Item = &'e Event>, topic: &str) -> Vec<usize> {
    let of_topic = events.into_iter().filter(|event| event.topic == topic);
    of_topic.map(|event| usize::try_from(event.record()["n"].as_u64().unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn another_set_loses_nothing_of_what_was_missed() {
    const COUNT: usize = 900;
    let world = World::start().await;
    let before = missed(&world, COUNT).await;
    let all: Vec<usize> = (1..=COUNT).collect();
    for says_again in [false, true] {
        let mut stream = Stream::to(&world.root.base).query(&format!("lastEventSeq={before}")).open().await;
        stream.subscribe(&world.guest, &["notes/*"]).await;
        // At once, while most of it is still on its way.
        let more = if says_again { json!({"lastEventSeq": before}) } else { json!({}) };
        let body = stream.request(&["notes/*", MARKERS], &more);
        world.guest.post("/api/realtime", body).await.expect(204);
        let events = stream.until(|event| event.topic == "@resumed").await;
        assert_eq!(numbers(&events, "notes/*"), all, "{says_again}");
    }
}

#[tokio::test]
async fn a_topic_that_is_new_gets_what_it_missed_and_the_others_nothing_twice() {
    let world = World::start().await;
    let before = missed(&world, 3).await;
    let mut stream = Stream::to(&world.root.base).open().await;
    stream.resume(&world.guest, &["notes/*"], before).await;
    let events = stream.until(|event| event.topic == "@resumed").await;
    assert_eq!(numbers(&events, "notes/*"), [1, 2, 3]);
    // All of it again, as a client does that always says where it is.
    let now = stream.position.unwrap();
    stream.resume(&world.guest, &["notes/*", MARKERS], now).await;
    assert!(stream.until(|event| event.topic == "@resumed").await.is_empty());
    stream.resume(&world.guest, &["notes/*", MARKERS], now + 1_000_000).await;
    assert!(stream.until(|event| event.topic == "@resync").await.is_empty(), "nobody can have heard of that");
}

#[tokio::test]
async fn what_a_record_became_is_for_those_who_may_see_that() {
    let world = World::start().await;
    world.root.patch("/api/settings", json!({"batch": {"enabled": true}})).await.expect(200);
    world.rules("comments", json!({"listRule": "note.owner = @request.auth.id && note.owner != ''"})).await;
    let note = async |owner: &str| world.create("notes", json!({"owner": owner})).await;
    let (of_ann, of_bob) = (note(&world.ann_id).await, note(&world.bob_id).await);
    let comment = world.create("comments", json!({"note": of_ann, "text": "for ann"})).await;
    let listen = async |client| Stream::of(client, &["comments/*", MARKERS]).await;
    let (mut ann, mut bob) = (listen(&world.ann).await, listen(&world.bob).await);
    // Something they have to ask the store about, so that both are told by the lane that does.
    world.update("comments", &comment, json!({"text": "for ann, too"})).await;
    assert_eq!(world.outline(&mut ann).await, ["update comments/*"]);
    assert_eq!(world.outline(&mut bob).await, <[&str; 0]>::default());
    let url = format!("{}/{comment}", records("comments"));
    let requests = json!([
        {"method": "PATCH", "url": url, "body": {"note": of_bob, "text": "for bob alone"}},
        {"method": "DELETE", "url": url},
    ]);
    world.root.post("/api/batch", json!({"requests": requests})).await.expect(200);
    for event in world.heard(&mut ann).await {
        assert_ne!(event.record()["text"], "for bob alone");
    }
    assert_eq!(world.outline(&mut bob).await, ["update comments/*", "delete comments/*"]);
}

#[tokio::test]
async fn people_hear_that_their_own_account_is_gone() {
    let world = World::start().await;
    let own = "id = @request.auth.id";
    world.rules("members", json!({"listRule": own, "viewRule": own, "deleteRule": own})).await;
    world.rules("notes", json!({"listRule": "@request.auth.id != ''"})).await;
    let topic = format!("members/{}", world.ann_id);
    let mut stream = Stream::of(&world.ann, &["members/*", &topic, "notes/*", MARKERS]).await;
    world.ann.delete(&format!("{}/{}", records("members"), world.ann_id)).await.expect(204);
    world.create("notes", json!({"label": "later"})).await;
    assert_eq!(world.outline(&mut stream).await, ["delete members/*".to_owned(), format!("delete {topic}")]);
    // It is a guest's now, who may become somebody.
    stream.subscribe(&world.bob, &[MARKERS]).await;
}

#[tokio::test]
async fn expensive_subscriptions_hold_up_nobody_else() {
    let world = World::start().await;
    let mut bystander = Stream::of(&world.bob, &["notes/*", MARKERS]).await;
    let pattern = "a".repeat(900);
    let costly = |n: usize| with_options("notes/*", &json!({"query": {"filter": format!("label ~ '{pattern}b{n}'")}}));
    let picky = |n: usize| with_options("notes/*", &json!({"query": {"fields": format!("*,x{n}")}}));
    let mut hostile = Vec::new();
    for topics in [(0..1000).map(costly).collect::<Vec<_>>(), (0..1000).map(picky).collect()] {
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        hostile.push(Stream::of(&world.guest, &topics).await);
    }
    for n in 0..3 {
        world.create("notes", json!({"n": n, "label": "a".repeat(5000)})).await;
        assert_eq!(numbers(&world.heard(&mut bystander).await, "notes/*"), [n]);
    }
}

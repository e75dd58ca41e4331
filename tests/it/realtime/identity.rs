//! Who a listener is while the accounts behind it change.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value as Json, json};

use super::stream::{Event, Stream};
use super::world::{MARKERS, World, records};
use crate::server::{Client, PASSWORD};

/// A world whose notes are for those who signed in.
async fn start() -> World {
    let world = World::start().await;
    world.rules("notes", json!({"listRule": "@request.auth.id != ''"})).await;
    world
}

/// Whether a note written now is heard.
async fn hears(world: &World, stream: &mut Stream) -> bool {
    let id = world.create("notes", json!({"label": "x"})).await;
    let heard = world.heard(stream).await;
    let is_it = |event: &Event| event.topic == "notes/*" && event.record()["id"] == *id;
    assert!(heard.iter().all(is_it), "{heard:?}");
    !heard.is_empty()
}

/// As [`hears`], for somebody who may have heard more before.
async fn told_to(world: &World, stream: &mut Stream) -> bool {
    world.heard(stream).await;
    hears(world, stream).await
}

async fn listen(client: &Client) -> Stream {
    Stream::of(client, &["notes/*", MARKERS]).await
}

/// The status of subscribing again.
async fn again(stream: &Stream, client: &Client) -> u16 {
    stream.try_subscribe(client, &["notes/*", MARKERS]).await.status.as_u16()
}

#[tokio::test]
async fn a_guest_may_become_somebody_and_then_nobody_else() {
    let world = start().await;
    let mut stream = listen(&world.guest).await;
    assert!(!hears(&world, &mut stream).await);
    assert_eq!(again(&stream, &world.guest).await, 204);
    assert_eq!(again(&stream, &world.ann).await, 204);
    assert!(hears(&world, &mut stream).await);
    let forged = world.guest.with_token("eyJhbGciOiJIUzI1NiJ9.e30.x");
    for client in [&world.bob, &world.sid, &world.root, &world.guest, &forged] {
        let refused = stream.try_subscribe(client, &[]).await.expect(403);
        assert_eq!(refused["data"], json!({}));
    }
    assert!(hears(&world, &mut stream).await, "what was refused changed nothing");
    // Another token of the same account.
    let ann = world.server.sign_in("members", "ann@example.com").await;
    assert_eq!(again(&stream, &ann).await, 204);
    assert!(hears(&world, &mut stream).await);
}

#[tokio::test]
async fn rules_see_an_account_as_it_is() {
    let world = World::start().await;
    world.rules("notes", json!({"listRule": "@request.auth.name = 'ann' && @request.auth.pin != ''"})).await;
    let mut stream = listen(&world.ann).await;
    assert!(hears(&world, &mut stream).await);
    for (change, want) in [
        (json!({"name": "zed"}), false),
        (json!({"name": "ann"}), true),
        (json!({"pin": ""}), false),
        (json!({"pin": "1"}), true),
        (json!({"verified": true}), true),
    ] {
        world.update("members", &world.ann_id, change.clone()).await;
        assert_eq!(hears(&world, &mut stream).await, want, "{change}");
    }
    // The account is heard of by rules that go through it, too.
    world.rules("notes", json!({"listRule": "owner.name = @request.auth.name"})).await;
    let id = world.create("notes", json!({"owner": world.ann_id})).await;
    assert_eq!(world.outline(&mut stream).await, ["create notes/*"]);
    world.update("members", &world.ann_id, json!({"name": "anna"})).await;
    world.update("notes", &id, json!({"n": 1})).await;
    assert_eq!(world.outline(&mut stream).await, ["update notes/*"]);
}

#[tokio::test]
async fn a_new_password_makes_a_guest_of_every_listener() {
    let world = start().await;
    world.rules("members", json!({"listRule": "id = @request.auth.id", "viewRule": "id = @request.auth.id"})).await;
    let own = format!("members/{}", world.ann_id);
    let topics = ["notes/*", "members/*", &own, MARKERS];
    let (mut first, mut second) = (Stream::of(&world.ann, &topics).await, Stream::of(&world.ann, &topics).await);
    let mut bob = listen(&world.bob).await;
    world.update("members", &world.ann_id, json!({"name": "anna"})).await;
    for stream in [&mut first, &mut second] {
        let mut heard = world.outline(stream).await;
        heard.sort();
        assert_eq!(heard, ["update members/*".to_owned(), format!("update {own}")]);
    }
    let password = "quite another one";
    let change = json!({"password": password, "passwordConfirm": password});
    world.update("members", &world.ann_id, change).await;
    // Before the change itself is told.
    for stream in [&mut first, &mut second] {
        assert_eq!(world.outline(stream).await, <[&str; 0]>::default());
        assert!(!told_to(&world, stream).await);
    }
    assert!(told_to(&world, &mut bob).await);
    // The stream is a guest's now, who may become anybody.
    assert_eq!(again(&first, &world.ann).await, 204, "an old token is no token");
    assert!(!hears(&world, &mut first).await);
    let body = json!({"identity": "ann@example.com", "password": password});
    let auth = world.guest.post("/api/collections/members/auth-with-password", body).await.expect(200);
    assert_eq!(again(&first, &world.guest.signed_in(&auth)).await, 204);
    assert!(hears(&world, &mut first).await);
    assert_eq!(again(&second, &world.bob).await, 204);
    assert!(told_to(&world, &mut second).await);
}

#[tokio::test]
async fn an_account_that_is_gone_hears_nothing() {
    let world = start().await;
    let (mut ann, mut bob, mut sid) = (listen(&world.ann).await, listen(&world.bob).await, listen(&world.sid).await);
    for stream in [&mut ann, &mut bob, &mut sid] {
        assert!(told_to(&world, stream).await);
    }
    world.delete("members", &world.ann_id).await;
    assert!(!told_to(&world, &mut ann).await);
    assert!(told_to(&world, &mut bob).await);
    // The secret that all their tokens are signed with.
    world.rules("members", json!({"authToken": {"secret": "x".repeat(40)}})).await;
    assert!(!told_to(&world, &mut bob).await);
    assert!(told_to(&world, &mut sid).await);
    world.root.delete("/api/collections/staff").await.expect(204);
    assert!(!told_to(&world, &mut sid).await);
    for stream in [&ann, &bob, &sid] {
        assert_eq!(again(stream, &world.guest).await, 204, "a guest's");
    }
}

#[tokio::test]
async fn an_account_of_the_same_name_is_another_one() {
    let world = start().await;
    let mut stream = listen(&world.ann).await;
    world.delete("members", &world.ann_id).await;
    let person = json!({
        "id": world.ann_id, "email": "ann@example.com", "name": "ann", "password": PASSWORD, "passwordConfirm": PASSWORD,
    });
    world.create("members", person).await;
    assert!(!told_to(&world, &mut stream).await);
    let ann = world.server.sign_in("members", "ann@example.com").await;
    assert_eq!(again(&stream, &ann).await, 204);
    assert!(hears(&world, &mut stream).await);
}

#[tokio::test]
async fn a_listener_outlasts_the_token() {
    let world = start().await;
    let path = format!("/api/collections/members/impersonate/{}", world.ann_id);
    let auth = world.root.post(&path, json!({"duration": 60})).await.expect(200);
    let short = world.guest.signed_in(&auth);
    let mut stream = listen(&short).await;
    world.server.clock.advance(Duration::from_secs(61));
    short.post("/api/collections/members/auth-refresh", json!({})).await.expect(401);
    assert!(hears(&world, &mut stream).await);
    // Whoever comes with it now is a guest, and the stream is somebody's.
    assert_eq!(again(&stream, &short).await, 403);
    assert!(hears(&world, &mut stream).await);
    assert_eq!(again(&listen(&world.guest).await, &short).await, 204);
}

#[tokio::test]
async fn a_superuser_with_a_new_password_hears_no_locked_records() {
    let world = World::start().await;
    let second = json!({"email": "second@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    let id = world.create("_superusers", second).await;
    let second = world.server.sign_in("_superusers", "second@example.com").await;
    let topics = ["vault/*", "_superusers/*", MARKERS];
    let (mut first, mut stream) = (Stream::of(&world.root, &topics).await, Stream::of(&second, &topics).await);
    world.create("vault", json!({"x": "1"})).await;
    assert_eq!(world.outline(&mut stream).await, ["create vault/*"]);
    let password = "quite another one";
    world.update("_superusers", &id, json!({"password": password, "passwordConfirm": password})).await;
    world.create("vault", json!({"x": "2"})).await;
    assert_eq!(world.outline(&mut stream).await, <[&str; 0]>::default());
    let heard = world.heard(&mut first).await;
    let outline: Vec<_> = heard.iter().map(|event| (event.action(), event.topic.as_str())).collect();
    assert_eq!(outline, [("create", "vault/*"), ("update", "_superusers/*"), ("create", "vault/*")]);
    for secret in ["password", "tokenKey"] {
        assert!(heard[1].record().get(secret).is_none(), "{secret} is sent to a superuser");
    }
}

#[tokio::test]
async fn a_superuser_at_an_address_that_is_taken_off_the_list_hears_nothing() {
    const INSIDE: &str = "10.1.2.3";
    const OUTSIDE: &str = "203.0.113.9";
    let world = World::start().await;
    let root = &world.root;
    let open = async |address: &str| {
        let stream = Stream::to(&root.base).header("X-Forwarded-For", address).open().await;
        let body = stream.request(&["vault/*", MARKERS], &json!({}));
        let request = root.request(Method::POST, "/api/realtime").header("X-Forwarded-For", address);
        root.send(request.json(&body)).await.expect(204);
        stream
    };
    let (mut inside, mut outside) = (open(INSIDE).await, open(OUTSIDE).await);
    let write = async |path: String, body: Json| {
        let request = root.request(Method::POST, &path).header("X-Forwarded-For", INSIDE);
        root.send(request.json(&body)).await.expect(200)["id"].clone()
    };
    write(records("vault"), json!({"x": "before"})).await;
    root.patch("/api/settings", json!({"superuserIPs": ["10.0.0.0/8"]})).await.expect(200);
    write(records("vault"), json!({"x": "after"})).await;
    let marker = write(records("markers"), json!({})).await;
    let is_marker = |event: &Event| event.record()["id"] == marker;
    let values = |events: Vec<Event>| events.iter().map(|event| event.record()["x"].clone()).collect::<Vec<_>>();
    assert_eq!(values(inside.until(is_marker).await), ["before", "after"]);
    assert_eq!(values(outside.until(is_marker).await), ["before"]);
    // Nor does it become a superuser's again.
    let body = outside.request(&["vault/*"], &json!({}));
    let request = root.request(Method::POST, "/api/realtime").header("X-Forwarded-For", OUTSIDE);
    root.send(request.json(&body)).await.expect(403);
}

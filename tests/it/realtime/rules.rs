//! What REST does not show is not heard of either: every kind of rule, topic and change for every kind of caller.

use serde_json::{Value as Json, json};

use super::world::{Audience, Topic, World, topics_of};

const NOTE: &str = "note00000000001";

const EXPAND: &str = "owner,box,comments_via_note.member,grants_via_note";

const FIELDS: &str = "id,label,secret,expand.owner.name,expand.owner.pin,expand.box.x,expand.comments_via_note.text";

/// Rules for listing and viewing, and how many events of creating, updating twice and deleting at least one hears.
const RULES: &[(Option<&str>, bool)] = &[
    (None, true),
    (Some(""), true),
    (Some("@request.auth.id != ''"), true),
    (Some("owner = @request.auth.id"), true),
    (Some("owner != @request.auth.id"), true),
    (Some("owner.name = 'ann'"), true),
    (Some("owner.pin = 'p-ann'"), true),
    (Some("owner.id ?= @request.auth.id && owner.email ~ 'ann'"), true),
    (Some("@request.auth.collectionName = 'staff'"), true),
    (Some("@request.auth.name = 'ann' || @request.auth.pin = 'p-sid'"), true),
    (Some("secret = 's1'"), true),
    (Some("box.x = 'gold'"), true),
    (Some("n > 1 && tags:length = 2 && label:lower = 'label'"), true),
    (Some("tags:each ~ 'e'"), true),
    (Some("created <= @now && updated > '2020-01-01 00:00:00.000Z'"), true),
    (Some("comments_via_note.member ?= @request.auth.id"), true),
    (Some("comments_via_note.text = 'mine'"), true),
    (Some("@collection.grants.note ?= id && @collection.grants.member ?= @request.auth.id"), true),
    (Some("@collection.comments:c.note ?= id && @collection.comments:c.text ?= 'mine'"), true),
    (Some("@request.query.key = '1'"), false),
];

fn note_topics(world: &World) -> Vec<Topic> {
    let mut topics = topics_of("notes", &world.ids["notes"], NOTE, EXPAND, FIELDS);
    for filter in
        ["n > 1", "owner.name = 'ann' && tags ?= 'red'", "comments_via_note.text ?= 'mine'", "label != 'x' || n = 7"]
    {
        topics.push(Topic::filtered("notes", NOTE, filter));
    }
    for filter in ["@request.auth.id != ''", "@collection.grants.member != ''", "@request.method = 'GET'"] {
        topics.push(Topic::filtered_for_superusers("notes", NOTE, filter));
    }
    for filter in ["secret = 's1'", "secret != 'x' || n > 0", "owner.pin != 'x'", "box.x = 'gold'", "n >", "nope = 1"] {
        topics.push(Topic::refused("notes", NOTE, filter));
    }
    topics
}

/// Creates, updates twice and deletes the note.
async fn live_through(world: &World, audience: &mut Audience<'_>, what: &str) {
    let note = json!({
        "id": NOTE, "label": "Label", "n": 1, "secret": "s1", "owner": world.ann_id, "box": "vault0000000001",
        "tags": ["red", "green"],
    });
    audience.hears("create", what, world.create("notes", note)).await;
    world.create("comments", json!({"text": "mine", "note": NOTE, "member": world.bob_id})).await;
    world.create("grants", json!({"note": NOTE, "member": world.ann_id})).await;
    audience.hears("update", what, world.update("notes", NOTE, json!({"n": 2}))).await;
    let other = json!({"owner": world.bob_id, "secret": "s2", "label": "x"});
    audience.hears("update", what, world.update("notes", NOTE, other)).await;
    audience.hears_of_the_end(what, world.delete("notes", NOTE)).await;
}

#[tokio::test]
async fn nobody_hears_what_rest_does_not_show() {
    let world = World::start().await;
    let topics = note_topics(&world);
    let mut audience = Audience::gather(&world, &topics).await;
    for (rule, others_hear) in RULES {
        // Superusers hear on everything that is not filtered: 8 topics, 4 changes.
        let before = audience.count + 32;
        world.rules("notes", json!({"listRule": rule, "viewRule": rule})).await;
        live_through(&world, &mut audience, &format!("rule {rule:?}")).await;
        assert!(audience.count > before || !others_hear, "{rule:?}: {} events", audience.count);
    }
}

#[tokio::test]
async fn topics_of_all_are_listed_and_topics_of_one_are_viewed() {
    let world = World::start().await;
    let topics = note_topics(&world);
    let mut audience = Audience::gather(&world, &topics).await;
    for (list, view) in [
        (json!(""), Json::Null),
        (Json::Null, json!("")),
        (json!("owner = @request.auth.id"), json!("owner != @request.auth.id")),
    ] {
        let what = format!("list {list}, view {view}");
        world.rules("notes", json!({"listRule": list, "viewRule": view})).await;
        live_through(&world, &mut audience, &what).await;
    }
}

#[tokio::test]
async fn expansions_follow_the_rules_of_what_they_lead_to() {
    let world = World::start().await;
    let topics = topics_of("notes", &world.ids["notes"], NOTE, EXPAND, FIELDS);
    let mut audience = Audience::gather(&world, &topics).await;
    for (members, vault, comments) in [
        (Json::Null, json!(""), json!("")),
        (json!("id = @request.auth.id"), json!("@request.auth.id != ''"), json!("member = @request.auth.id")),
        (json!(""), Json::Null, Json::Null),
    ] {
        let what = format!("members {members}, vault {vault}, comments {comments}");
        for (collection, rule) in [("members", members), ("vault", vault), ("comments", comments)] {
            world.rules(collection, json!({"listRule": rule, "viewRule": rule})).await;
        }
        live_through(&world, &mut audience, &what).await;
    }
}

#[tokio::test]
async fn members_hear_of_addresses_that_are_shown_to_them() {
    let world = World::start().await;
    let (id, members) = (world.bob_id.as_str(), &world.ids["members"]);
    let mut topics = topics_of("members", members, id, "notes_via_owner", "id,email,pin,name,tokenKey,password");
    topics.push(Topic::filtered("members", id, "name ~ 'b'"));
    let mut audience = Audience::gather(&world, &topics).await;
    for (rule, manage) in [
        (json!(""), Json::Null),
        (json!(""), json!("@request.auth.collectionName = 'staff'")),
        (json!("id = @request.auth.id"), Json::Null),
        (Json::Null, Json::Null),
    ] {
        let what = format!("rule {rule}, manage {manage}");
        world.rules("members", json!({"listRule": rule, "viewRule": rule, "manageRule": manage})).await;
        for (is_public, name) in [(true, "bobby"), (false, "bob")] {
            let change = json!({"emailVisibility": is_public, "name": name, "pin": name});
            audience.hears("update", &what, world.update("members", id, change)).await;
        }
    }
    // Somebody new, and their end.
    let newcomer = "member000000001";
    let topics = topics_of("members", members, newcomer, "", "id,email,pin,name");
    let mut audience = Audience::gather(&world, &topics).await;
    world.rules("members", json!({"listRule": "", "viewRule": "", "manageRule": "@request.auth.name = 'ann'"})).await;
    for is_public in [true, false] {
        let what = format!("visible {is_public}");
        let password = "newcomers own";
        let person = json!({
            "id": newcomer, "email": "new@example.com", "emailVisibility": is_public, "pin": "p-new",
            "password": password, "passwordConfirm": password,
        });
        audience.hears("create", &what, world.create("members", person)).await;
        audience.hears_of_the_end(&what, world.delete("members", newcomer)).await;
    }
}

#[tokio::test]
async fn options_are_the_request_of_a_rule() {
    let world = World::start().await;
    let rule = "@request.context = 'realtime' && @request.method = 'GET' && @request.query.key = '1' \
                && @request.headers.x_token = 'q' && @request.body.key = ''";
    world.rules("notes", json!({"listRule": rule, "viewRule": rule})).await;
    let topic = |options: Json| super::with_options("notes/*", &options);
    let good = [
        topic(json!({"query": {"key": 1}, "headers": {"X-Token": "q"}})),
        topic(json!({"query": {"key": "1"}, "headers": {"xToken": "q", "other": 7}})),
    ];
    let bad = [
        "notes/*".to_owned(),
        topic(json!({"query": {"key": 2}, "headers": {"X-Token": "q"}})),
        topic(json!({"query": {"key": 1}})),
        topic(json!({"query": {"key": 1}, "headers": {"X-Token": "r"}, "body": {"key": ""}, "method": "GET"})),
        "notes/*?options=%7B".to_owned(),
        "notes/*?key=1&x_token=q".to_owned(),
    ];
    let topics: Vec<&str> = good.iter().chain(&bad).map(String::as_str).chain([super::world::MARKERS]).collect();
    let mut stream = super::stream::Stream::of(&world.guest, &topics).await;
    world.create("notes", json!({})).await;
    let mut heard: Vec<String> = world.heard(&mut stream).await.into_iter().map(|event| event.topic).collect();
    heard.sort();
    let mut want = good.to_vec();
    want.sort();
    assert_eq!(heard, want);
}

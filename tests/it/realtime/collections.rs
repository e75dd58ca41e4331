//! Collections that change while somebody listens, and writes that touch several records.

use serde_json::{Value as Json, json};

use super::stream::Stream;
use super::world::{MARKERS, World, part_of, records, relation, text};

const NOTHING: [&str; 0] = [];

#[tokio::test]
async fn a_changed_rule_counts_at_once() {
    let world = World::start().await;
    let topics = ["notes/*", "notes/note00000000001", MARKERS];
    let (mut ann, mut guest) = (Stream::of(&world.ann, &topics).await, Stream::of(&world.guest, &topics).await);
    world.create("notes", json!({"id": "note00000000001", "owner": world.ann_id})).await;
    for stream in [&mut ann, &mut guest] {
        world.heard(stream).await;
    }
    for (n, list, view, for_ann, for_guest) in [
        (1, Json::Null, Json::Null, vec![], vec![]),
        (2, json!(""), Json::Null, vec!["notes/*"], vec!["notes/*"]),
        (3, Json::Null, json!("owner = @request.auth.id"), vec!["notes/note00000000001"], vec![]),
        (4, json!("n = 4"), json!("n = 5"), vec!["notes/*"], vec!["notes/*"]),
        (5, json!("@request.auth.id = ''"), Json::Null, vec![], vec!["notes/*"]),
    ] {
        world.rules("notes", json!({"listRule": list, "viewRule": view})).await;
        world.update("notes", "note00000000001", json!({"n": n})).await;
        for (stream, want) in [(&mut ann, for_ann), (&mut guest, for_guest)] {
            let want: Vec<String> = want.iter().map(|topic| format!("update {topic}")).collect();
            assert_eq!(world.outline(stream).await, want, "{list} {view}");
        }
    }
}

#[tokio::test]
async fn topics_follow_the_name_or_the_id_of_a_collection() {
    let world = World::start().await;
    let by_id = format!("{}/*", world.ids["notes"]);
    let mut stream = Stream::of(&world.guest, &["notes/*", "papers/*", &by_id, MARKERS]).await;
    let written = async |collection: &str, stream: &mut Stream| {
        world.create(collection, json!({"label": "x"})).await;
        let mut heard = world.outline(stream).await;
        heard.sort();
        heard
    };
    let both = |name: &str| {
        let mut topics = vec![format!("create {name}/*"), format!("create {by_id}")];
        topics.sort();
        topics
    };
    assert_eq!(written("notes", &mut stream).await, both("notes"));
    world.rules("notes", json!({"name": "papers"})).await;
    assert_eq!(written("papers", &mut stream).await, both("papers"));
    // Another collection takes the name.
    world.root.open_collection("notes", json!([text("label")])).await;
    assert_eq!(written("notes", &mut stream).await, ["create notes/*"]);
    assert_eq!(written("papers", &mut stream).await, both("papers"));
    world.root.delete("/api/collections/notes").await.expect(204);
    assert_eq!(written("papers", &mut stream).await, both("papers"));
}

#[tokio::test]
async fn fields_that_change_while_somebody_listens() {
    let world = World::start().await;
    let filtered = super::with_options("notes/*", &json!({"query": {"filter": "n = 1", "fields": "n,extra"}}));
    let mut stream = Stream::of(&world.guest, &["notes/*", &filtered, MARKERS]).await;
    let fields = world.root.get("/api/collections/notes").await.expect(200)["fields"].as_array().unwrap().clone();
    let mut more = fields.clone();
    more.push(json!({"name": "extra", "type": "number"}));
    world.rules("notes", json!({"fields": more})).await;
    world.create("notes", json!({"n": 1, "extra": 7, "secret": "s"})).await;
    for event in world.heard(&mut stream).await {
        assert_eq!(event.record()["extra"], 7, "{event:?}");
        assert_eq!(event.record().get("secret"), None, "{event:?}");
    }
    // The hidden field is shown, and the number is hidden: its filter no longer holds for anybody.
    for field in &mut more {
        let is_hidden = field["name"] == "n";
        if is_hidden || field["name"] == "secret" {
            field["hidden"] = is_hidden.into();
        }
    }
    world.rules("notes", json!({"fields": more})).await;
    world.create("notes", json!({"n": 1, "extra": 8, "secret": "s"})).await;
    let heard = world.heard(&mut stream).await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    let record = heard[0].record();
    assert_eq!((&record["secret"], record.get("n"), &record["extra"]), (&json!("s"), None, &json!(8)));
}

#[tokio::test]
async fn views_tell_nothing_and_system_collections_do() {
    let world = World::start().await;
    let view = json!({
        "name": "labels", "type": "view", "listRule": "", "viewRule": "", "viewQuery": "select id, label from notes",
    });
    world.root.post("/api/collections", view).await.expect(200);
    let topics = ["labels/*", "notes/*", "_externalAuths/*", "_superusers/*", MARKERS];
    let mut root = Stream::of(&world.root, &topics).await;
    let mut guest = Stream::of(&world.guest, &topics).await;
    world.create("notes", json!({"label": "x"})).await;
    let link = json!({
        "collectionRef": world.ids["members"], "recordRef": world.ann_id, "provider": "google", "providerId": "7",
    });
    world.create("_externalAuths", link).await;
    assert_eq!(world.outline(&mut root).await, ["create notes/*", "create _externalAuths/*"]);
    assert_eq!(world.outline(&mut guest).await, ["create notes/*"]);
}

#[tokio::test]
async fn a_batch_is_heard_of_whole_and_in_order_or_not_at_all() {
    let world = World::start().await;
    let batch = json!({"batch": {"enabled": true, "timeout": 60}});
    world.root.patch("/api/settings", batch).await.expect(200);
    let mut stream = Stream::of(&world.guest, &["notes/*", "comments/*", MARKERS]).await;
    let note = |n: u8| format!("note0000000000{n}");
    let item = |method: &str, url: String, body: Json| json!({"method": method, "url": url, "body": body});
    let (notes, comments) = (records("notes"), records("comments"));
    let mut requests = vec![
        item("POST", notes.clone(), json!({"id": note(1), "n": 1})),
        item("POST", notes.clone(), json!({"id": note(2), "n": 2})),
        item("POST", comments.clone(), json!({"note": note(1), "text": "c"})),
        item("PATCH", format!("{notes}/{}", note(2)), json!({"n+": 5})),
        item("DELETE", format!("{notes}/{}", note(1)), json!({})),
    ];
    world.root.post("/api/batch", json!({"requests": requests})).await.expect(200);
    let heard = world.heard(&mut stream).await;
    // The comment goes with its note, which ends before or after it.
    let mut outline: Vec<String> = heard.iter().map(|e| format!("{} {}", e.action(), e.record()["id"])).collect();
    assert_eq!(outline.len(), 6, "{heard:?}");
    let of_notes: Vec<_> = heard.iter().filter(|event| event.topic == "notes/*").collect();
    let told: Vec<_> = of_notes.iter().map(|e| (e.action(), e.record()["id"].as_str().unwrap())).collect();
    let (one, two) = (note(1), note(2));
    assert_eq!(told, [("create", &*one), ("create", &*two), ("update", &*two), ("delete", &*one)]);
    assert_eq!(of_notes[2].record()["n"], 7);
    let of_comments = heard.iter().filter(|event| event.topic == "comments/*").map(super::stream::Event::action);
    assert_eq!(of_comments.collect::<Vec<_>>(), ["create", "delete"]);
    outline.dedup();
    assert_eq!(outline.len(), 6);
    // One that fails takes the others with it.
    requests.insert(2, item("POST", notes.clone(), json!({"id": "no id"})));
    world.root.post("/api/batch", json!({"requests": requests})).await.expect(400);
    assert_eq!(world.outline(&mut stream).await, NOTHING);
}

/// Notes, parts of them, and parts of those, for whom the note belongs to.
async fn families(world: &World) {
    let rule = "note.owner = @request.auth.id";
    world.rules("comments", json!({"listRule": rule, "viewRule": rule})).await;
    let replies =
        world.root.open_collection("replies", json!([part_of("comment", &json!(world.ids["comments"]))])).await;
    let rule = "comment.note.owner = @request.auth.id";
    world.rules("replies", json!({"listRule": rule, "viewRule": rule})).await;
    world
        .root
        .open_collection(
            "links",
            json!([relation("note", &json!(world.ids["notes"])), relation("reply", &replies["id"])]),
        )
        .await;
    world.create("notes", json!({"id": "note00000000001", "owner": world.ann_id})).await;
    world.create("comments", json!({"id": "comment00000001", "note": "note00000000001"})).await;
    world.create("replies", json!({"id": "reply0000000001", "comment": "comment00000001"})).await;
    world
        .create("links", json!({"id": "link00000000001", "note": "note00000000001", "reply": "reply0000000001"}))
        .await;
}

#[tokio::test]
async fn what_goes_with_a_record_is_judged_as_it_was() {
    let world = World::start().await;
    families(&world).await;
    let topics = ["notes/*", "comments/*", "replies/*", "replies/reply0000000001", "links/*", MARKERS];
    let (mut ann, mut bob) = (Stream::of(&world.ann, &topics).await, Stream::of(&world.bob, &topics).await);
    world.delete("notes", "note00000000001").await;
    let heard = world.heard(&mut ann).await;
    let mut outline: Vec<String> = heard.iter().map(|e| format!("{} {}", e.action(), e.topic)).collect();
    outline.sort();
    let deleted = ["comments/*", "notes/*", "replies/*", "replies/reply0000000001"].map(|t| format!("delete {t}"));
    let mut mine = deleted.to_vec();
    let unset = outline.iter().filter(|line| *line == "update links/*").count();
    mine.extend(vec!["update links/*".to_owned(); unset]);
    assert_eq!(outline, mine);
    assert!((1..=2).contains(&unset), "the links were emptied: {heard:?}");
    let last_link = heard.iter().rfind(|event| event.topic == "links/*").unwrap().record();
    assert_eq!((&last_link["note"], &last_link["reply"]), (&json!(""), &json!("")));
    let reply = heard.iter().find(|event| event.topic == "replies/*").unwrap().record();
    assert_eq!(reply["comment"], "comment00000001", "as it was");
    let mut outline = world.outline(&mut bob).await;
    outline.dedup();
    outline.sort();
    assert_eq!(outline, ["delete notes/*", "update links/*"]);
}

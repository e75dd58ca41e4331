//! Clients that mean no good: refused or harmless, and the others do not notice.

use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use super::stream::{Stream, in_time};
use super::with_options;
use super::world::{MARKERS, World};

/// Somebody else who listens all the time.
struct Bystander<'a> {
    world: &'a World,
    stream: Stream,
    n: i64,
}

impl<'a> Bystander<'a> {
    async fn new(world: &'a World) -> Self {
        let stream = Stream::of(&world.bob, &["notes/*", MARKERS]).await;
        Self { world, stream, n: 0 }
    }

    /// A note is written, and heard of.
    async fn hears(&mut self, after: &str) {
        self.n += 1;
        self.world.create("notes", json!({"n": self.n, "label": "aaaaaaaaaa", "owner": self.world.ann_id})).await;
        let event = self.stream.next().await;
        assert_eq!((event.topic.as_str(), &event.record()["n"]), ("notes/*", &json!(self.n)), "after {after}");
    }
}

#[tokio::test]
async fn absurd_topics_are_harmless() {
    let world = World::start().await;
    let mut bystander = Bystander::new(&world).await;
    let deep = |open: &str, close: &str, n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
    let brackets = deep("[", "]", 1100);
    let objects = deep(r#"{"a":"#, "}", 300);
    let conditions = deep("(", ")", 1000);
    let topics: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("blanks", "   ".into()),
        ("slashes", "/".repeat(2500)),
        ("stars", "*".repeat(2500)),
        ("questions", "?".repeat(2500)),
        ("a way up", "../../etc/passwd".into()),
        ("SQL", "notes/' OR 1=1 --".into()),
        ("SQL as collection", "notes; DROP TABLE notes/*".into()),
        ("a quote", "no\"tes`/*".into()),
        ("NUL written out", "notes/%00".into()),
        ("the feed", "_larder_changes/*".into()),
        ("the schema", "sqlite_master/*".into()),
        ("emoji", "📦/🗒️".into()),
        ("directions", "notes\u{202e}/*".into()),
        ("separators", "notes\u{2028}/*".into()),
        ("no JSON", "notes/*?options={".into()),
        ("no options", "notes/*?options=".into()),
        ("broken percents", "notes/*?options=%7%zz%".into()),
        ("invalid UTF-8", "notes/*?options=%ff%fe".into()),
        ("two options", r#"notes/*?options={}&options={"query":{"filter":"n>"}}"#.into()),
        ("an array", "notes/*?options=[]".into()),
        ("a query of another type", r#"notes/*?options={"query":[1],"headers":"x"}"#.into()),
        ("a nested query", r#"notes/*?options={"query":{"filter":{"a":[{"b":1}]},"expand":[["owner"]]}}"#.into()),
        ("huge numbers", r#"notes/*?options={"query":{"a":1e999,"b":-0.0,"c":12345678901234567890}}"#.into()),
        ("lone surrogates", r#"notes/*?options={"query":{"a":"\ud800"}}"#.into()),
        ("repeated keys", r#"notes/*?options={"query":{"filter":"n > 0","filter":"n >"}}"#.into()),
        ("deep arrays", format!("notes/*?options={brackets}")),
        ("deep objects", format!("notes/*?options={{\"query\":{objects}}}")),
        ("deep conditions", format!(r#"notes/*?options={{"query":{{"filter":"{conditions}"}}}}"#)),
        ("headers", format!(r#"notes/*?options={{"headers":{{"{}":"x"}}}}"#, "a-".repeat(1000))),
        ("line ends in headers", r#"notes/*?options={"headers":{"a\r\nb":"c\r\nd"}}"#.into()),
        ("expands", with_options("notes/*", &json!({"query": {"expand": "owner,".repeat(100)}}))),
        ("deep expands", with_options("notes/*", &json!({"query": {"expand": "comments_via_note.note.".repeat(20)}}))),
        ("fields", with_options("notes/*", &json!({"query": {"fields": "*,id:excerpt(9999999,true),".repeat(20)}}))),
    ];
    for (name, topic) in &topics {
        let mut stream = Stream::to(&world.root.base).open().await;
        let length = topic.chars().count();
        let answer = stream.try_subscribe(&world.guest, &[topic, MARKERS]).await;
        let want = if length > 2500 { 400 } else { 204 };
        assert_eq!(answer.status.as_u16(), want, "{name}: {}", answer.text);
        bystander.hears(name).await;
        if want == 204 {
            let heard = world.heard(&mut stream).await;
            bystander.stream.next().await;
            for event in heard {
                assert!(event.topic == *topic && event.topic.starts_with("notes"), "{name}: {event:?}");
                let record = event.record();
                assert!(
                    record.get("secret").is_none() && record.get("expand").is_none_or(Json::is_object),
                    "{event:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn expensive_filters_hold_up_nobody() {
    let world = World::start().await;
    let mut bystander = Bystander::new(&world).await;
    for _ in 0..20 {
        world.create("comments", json!({"text": "x".repeat(100)})).await;
        bystander.hears("a comment").await;
    }
    let many = |part: &str, join: &str, times: usize| vec![part; times].join(join);
    let filters = [
        many("label ~ '%a%a%a%a%a%a%a%a%a%a%b'", " || ", 50),
        many("owner.name = 'x'", " || ", 90),
        many("comments_via_note.text ?~ '%a%b%c%'", " || ", 40),
        "comments_via_note.note.comments_via_note.note.comments_via_note.note.label = 'x'".to_owned(),
        many("tags:each = 'red'", " && ", 80),
    ];
    let mut streams = Vec::new();
    for filter in &filters {
        // Each topic is another one.
        let topics: Vec<String> = (0..200)
            .map(|n| with_options("notes/*", &json!({"query": {"filter": filter, "n": n}})))
            .filter(|topic| topic.chars().count() <= 2500)
            .collect();
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        let stream = Stream::to(&world.root.base).open().await;
        let status = stream.try_subscribe(&world.ann, &topics).await.status.as_u16();
        assert!([204, 429].contains(&status), "{status}");
        streams.push(stream);
    }
    for _ in 0..5 {
        bystander.hears("expensive filters").await;
    }
    drop(streams);
    bystander.hears("expensive filters are gone").await;
}

#[tokio::test]
async fn thousands_of_topics_hold_up_nobody() {
    let world = World::start().await;
    let mut bystander = Bystander::new(&world).await;
    let mut streams = Vec::new();
    for client in 0..20 {
        let mut topics: Vec<String> = (0..998).map(|n| format!("notes/{client:05}{n:010}")).collect();
        topics.extend(["notes/*".to_owned(), MARKERS.to_owned()]);
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        let stream = Stream::to(&world.root.base).open().await;
        match stream.try_subscribe(&world.guest, &topics).await.status.as_u16() {
            204 => streams.push(stream),
            // There may be a limit to what one address takes.
            status => assert_eq!(status, 429),
        }
    }
    assert!(!streams.is_empty());
    bystander.hears("thousands of topics").await;
    for stream in &mut streams {
        assert_eq!(stream.next().await.topic, "notes/*");
    }
    world.create("notes", json!({"id": "000000000000007", "n": 7})).await;
    let topics = [streams[0].next().await.topic, streams[0].next().await.topic];
    assert!(topics.contains(&"notes/000000000000007".to_owned()), "{topics:?}");
}

#[tokio::test]
async fn ids_of_others_are_of_no_use() {
    let world = World::start().await;
    world.rules("notes", json!({"listRule": "owner = @request.auth.id"})).await;
    let mut ann = Stream::of(&world.ann, &["notes/*", MARKERS]).await;
    for client in [&world.bob, &world.sid, &world.root, &world.guest] {
        ann.try_subscribe(client, &["vault/*"]).await.expect(403);
        ann.try_subscribe(client, &[]).await.expect(403);
    }
    let id = ann.id.clone();
    let near = [
        id.to_lowercase() + "x",
        id[..39].to_owned(),
        format!("{id} "),
        format!(" {id}"),
        format!("{id}\u{0}"),
        format!("{}%", &id[..39]),
        "_".repeat(40),
        "%".repeat(40),
        "' OR 1=1 --".to_owned(),
    ];
    for id in near {
        let body = json!({"clientId": id, "subscriptions": ["vault/*"]});
        world.ann.post("/api/realtime", body).await.expect(404);
    }
    world.create("notes", json!({"owner": world.bob_id})).await;
    world.create("notes", json!({"owner": world.ann_id})).await;
    let heard = world.heard(&mut ann).await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0].record()["owner"], *world.ann_id);
}

#[tokio::test]
async fn two_hundred_come_and_go_at_once() {
    let world = World::start().await;
    let mut bystander = Bystander::new(&world).await;
    let mut visitors = JoinSet::new();
    for n in 0..200 {
        let (guest, ann) = (world.guest.clone(), world.ann.clone());
        visitors.spawn(async move {
            let client = if n % 2 == 0 { guest } else { ann };
            let mut stream = Stream::to(&client.base).open().await;
            match n % 4 {
                // Gone before or while it subscribes.
                0 => {}
                1 => {
                    let body = stream.request(&["notes/*"], &json!({"lastEventSeq": 0}));
                    let request = client.request("POST".parse().unwrap(), "/api/realtime").json(&body);
                    let (answer, ()) = tokio::join!(request.send(), async { drop(stream) });
                    assert!([204, 404].contains(&answer.unwrap().status().as_u16()));
                }
                2 => stream.subscribe(&client, &["notes/*", "notes"]).await,
                _ => stream.resume(&client, &["notes/*"], 0).await,
            }
        });
    }
    bystander.hears("the first came").await;
    while let Some(visitor) = visitors.join_next().await {
        visitor.unwrap();
    }
    bystander.hears("all are gone").await;
    let status = async || world.root.get("/api/realtime/status").await.expect(200);
    in_time(async { while status().await["connections"] != 1 {} }).await;
    assert_eq!(status().await["subscriptions"], 2);
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let world = World::start().await;
    let mut bystander = Bystander::new(&world).await;
    let stream = Stream::to(&world.root.base).open().await;
    for (name, body, statuses) in [
        ("8 MiB", format!("{{\"clientId\":\"{}\"}}", "x".repeat(8 << 20)), [413, 413]),
        ("deep", format!("{{\"clientId\":{}", "[".repeat(100_000)), [400, 400]),
        ("a million topics", format!("{{\"subscriptions\":[{}\"\"]}}", "\"\",".repeat(1_000_000)), [400, 413]),
        ("a long number", format!("{{\"clientId\":\"x\",\"lastEventSeq\":{}}}", "9".repeat(10_000)), [400, 404]),
    ] {
        let request = world.guest.request("POST".parse().unwrap(), "/api/realtime");
        let answer = world.guest.send(request.header("Content-Type", "application/json").body(body)).await;
        assert!(statuses.contains(&answer.status.as_u16()), "{name}: {}", answer.status);
        bystander.hears(name).await;
    }
    drop(stream);
}

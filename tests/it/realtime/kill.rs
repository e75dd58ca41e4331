//! Nothing is lost: clients who leave at any moment and come back hear of every change they may see, in order, while
//! several write and the server is killed again and again; and never of a change they may not see.
//!
//! `LARDER_CRASH_ROUNDS` makes it longer by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde_json::{Value as Json, json};
use tokio::sync::watch;

use super::stream::{Event, Stream, in_time};
use super::world::{part_of, records, relation, text};
use crate::crash::{Process, make_superuser};
use crate::server::{Client, PASSWORD, SUPERUSER_EMAIL};

const WRITERS: usize = 6;

/// Writes acknowledged in a round before the server is killed.
const WRITES_PER_ROUND: usize = 150;

/// Collections whose rules need the record and the caller alone: every single change of these can be told.
const PLAIN: [&str; 4] = ["open", "guarded", "mixed", "locked"];

/// Children, whose rule goes through a parent that may be gone. Then a client may have to load afresh.
const FAMILIES: [&str; 2] = ["parents", "children"];

/// The last write, which everybody hears of.
const LAST: &str = "zzzzzzzzzzzzzzz";

/// What everybody chooses by: `splitmix64`.
#[derive(Clone)]
struct Choices(Arc<AtomicU64>);

impl Choices {
    /// A number below `end`.
    fn below(&self, end: usize) -> usize {
        let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }
}

/// Who may see a record is written in its id: collection, owner (`a`nn, `b`ob or `n`obody) and whether it is shared.
fn id_of(collection: &str, owner: char, is_shared: bool, writer: usize, n: usize) -> String {
    format!("{}{owner}{}w{writer:02}n{n:08}", &collection[..1], u8::from(is_shared))
}

/// The collection, and whether somebody may see the record of an id.
fn read_id(id: &str, who: &str) -> (&'static str, bool) {
    let collection = PLAIN.iter().chain(&FAMILIES).find(|name| name[..1] == id[..1]).unwrap();
    let is_owner = who[..1] == id[1..2];
    let is_seen = match *collection {
        "open" => true,
        "locked" => false,
        "mixed" => is_owner || &id[2..3] == "1",
        _ => is_owner,
    };
    (collection, is_seen || who == "root")
}

/// Makes the collections: the ids of ann and bob.
async fn fill(root: &Client) -> BTreeMap<char, String> {
    let members = json!({"name": "members", "type": "auth", "fields": [text("name")]});
    let members = root.post("/api/collections", members).await.expect(200);
    let mut owners = BTreeMap::from([('n', String::new())]);
    for (letter, name) in [('a', "ann"), ('b', "bob")] {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
        let made = root.post(&records("members"), body).await.expect(200);
        owners.insert(letter, made["id"].as_str().unwrap().to_owned());
    }
    let fields = json!([
        {"name": "n", "type": "number"}, {"name": "secret", "type": "text", "hidden": true},
        {"name": "shared", "type": "bool"}, relation("owner", &members["id"]),
    ]);
    let guarded = "owner = @request.auth.id && owner != ''";
    let mixed = "shared = true || (owner = @request.auth.id && owner != '')";
    let mut parents = Json::Null;
    for (name, rule) in [
        ("open", json!("")),
        ("guarded", json!(guarded)),
        ("mixed", json!(mixed)),
        ("locked", Json::Null),
        ("parents", json!(guarded)),
    ] {
        let body = json!({"name": name, "type": "base", "fields": fields, "listRule": rule, "viewRule": rule});
        parents = root.post("/api/collections", body).await.expect(200)["id"].clone();
    }
    let rule = "parent.owner = @request.auth.id && parent.owner != ''";
    let fields = json!([{"name": "n", "type": "number"}, part_of("parent", &parents)]);
    let body = json!({"name": "children", "type": "base", "fields": fields, "listRule": rule, "viewRule": rule});
    root.post("/api/collections", body).await.expect(200);
    root.patch("/api/settings", json!({"batch": {"enabled": true, "timeout": 60}})).await.expect(200);
    owners
}

async fn sign_in(base: &str, collection: &str, email: &str) -> Client {
    let guest = Client::at(base);
    let body = json!({"identity": email, "password": PASSWORD});
    let auth = guest.post(&format!("/api/collections/{collection}/auth-with-password"), body).await.expect(200);
    guest.signed_in(&auth)
}

/// A request to one record or to all, alone or as a part of a batch.
fn item(method: &str, collection: &str, id: &str, body: &Json) -> Json {
    let url = if method == "POST" { records(collection) } else { format!("{}/{id}", records(collection)) };
    json!({"method": method, "url": url, "body": body})
}

/// What a writer does next: a few writes that belong together.
fn next_writes(choices: &Choices, owners: &BTreeMap<char, String>, author: usize, n: usize) -> Vec<Vec<Json>> {
    let owner = ['a', 'b', 'n'][choices.below(3)];
    let is_shared = choices.below(3) == 0;
    let body = |id: &str| json!({"id": id, "n": 1, "secret": "s", "shared": is_shared, "owner": owners[&owner]});
    if choices.below(4) == 0 {
        // A parent with two children, which go with it.
        let parent = id_of("parents", owner, is_shared, author, n);
        let child = |at: usize| id_of("children", owner, is_shared, author, 10 * n + at);
        let mut steps = vec![vec![
            item("POST", "parents", "", &body(&parent)),
            item("POST", "children", "", &json!({"id": child(0), "n": 1, "parent": parent})),
            item("POST", "children", "", &json!({"id": child(1), "n": 1, "parent": parent})),
        ]];
        steps.push(vec![item("PATCH", "children", &child(choices.below(2)), &json!({"n+": 1}))]);
        match choices.below(3) {
            0 => steps.push(vec![item("DELETE", "parents", &parent, &json!({}))]),
            1 => steps.push(vec![item("DELETE", "children", &child(0), &json!({}))]),
            _ => {}
        }
        return steps;
    }
    let collection = PLAIN[choices.below(PLAIN.len())];
    let id = id_of(collection, owner, is_shared, author, n);
    let mut writes = vec![item("POST", collection, "", &body(&id))];
    for _ in 0..choices.below(4) {
        writes.push(item("PATCH", collection, &id, &json!({"n+": 1})));
    }
    if choices.below(2) == 0 {
        writes.push(item("DELETE", collection, &id, &json!({})));
    }
    // One after the other, or as one.
    if choices.below(3) == 0 { vec![writes] } else { writes.into_iter().map(|write| vec![write]).collect() }
}

/// Writes until the server is gone.
async fn write(
    root: Client,
    choices: Choices,
    owners: Arc<BTreeMap<char, String>>,
    writer: usize,
    numbers: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
) {
    loop {
        let n = numbers.fetch_add(1, Ordering::Relaxed);
        for step in next_writes(&choices, &owners, writer, n) {
            let count = step.len();
            let request = match step.as_slice() {
                [one] => {
                    let method = one["method"].as_str().unwrap().parse().unwrap();
                    root.request(method, one["url"].as_str().unwrap()).json(&one["body"])
                }
                _ => root.request("POST".parse().unwrap(), "/api/batch").json(&json!({"requests": step})),
            };
            match request.send().await {
                Ok(answer) if answer.status().is_success() => done.fetch_add(count, Ordering::Relaxed),
                Ok(answer) => panic!("{}: {}", answer.status(), answer.text().await.unwrap_or_default()),
                Err(_) => return,
            };
        }
    }
}

/// What a listener knows.
struct Listener {
    who: &'static str,
    topics: Vec<String>,
    client: Client,
    /// The number before the first change that concerns it.
    start: i64,
    position: Option<i64>,
    /// The changes it heard of.
    heard: BTreeMap<i64, (String, String)>,
    /// The number in each record it knows of.
    known: BTreeMap<String, i64>,
    connections: usize,
    /// Where it was told to load afresh: after the first and up to the second number.
    gaps: Vec<(i64, i64)>,
}

impl Listener {
    /// Listens, leaving at moments of its own choice, until it hears of the last change.
    async fn listen(mut self, mut bases: watch::Receiver<String>, choices: Choices) -> Self {
        loop {
            let base = bases.borrow_and_update().clone();
            self.client.base.clone_from(&base);
            match self.connect(&choices).await {
                Some(true) => return self,
                Some(false) => {}
                // Killed: another one will be started.
                None => drop(in_time(bases.changed()).await),
            }
        }
    }

    /// One connection: whether the last change came, if the server did not go away.
    async fn connect(&mut self, choices: &Choices) -> Option<bool> {
        // What waits in the sockets after these is not read.
        let mut frames = 1 + choices.below(40);
        let mut stream = Stream::to(&self.client.base).attempt().await.ok()?;
        self.connections += 1;
        if self.position.is_none() {
            self.load().await?;
            (self.position, self.start) = (stream.position, stream.position.unwrap());
        }
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        let body = stream.request(&topics, &json!({"lastEventSeq": self.position}));
        let request = self.client.request("POST".parse().unwrap(), "/api/realtime").json(&body);
        let answer = request.send().await.ok()?;
        assert_eq!(answer.status(), 204, "{}", answer.text().await.unwrap_or_default());
        let resumed_after = self.position.unwrap();
        let mut last_seq = self.position;
        while frames > 0 {
            let event = in_time(stream.next_or_end()).await?;
            assert!(last_seq <= Some(event.seq()), "{}: {event:?} after {last_seq:?}", self.who);
            last_seq = Some(event.seq());
            if event.topic == "@resync" {
                self.load().await?;
                self.gaps.push((resumed_after, event.seq()));
            } else if event.topic != "@resumed" {
                self.hear(&event);
            }
            // What was received counts, whether or not more of it waits.
            self.position = last_seq;
            if event.record()["id"] == LAST {
                return Some(true);
            }
            frames -= 1;
        }
        Some(false)
    }

    fn hear(&mut self, event: &Event) {
        let record = event.record();
        let id = record["id"].as_str().unwrap();
        if id != LAST {
            let (collection, may_see) = read_id(id, self.who);
            assert!(may_see, "{} hears {event:?}", self.who);
            assert_eq!(event.topic, format!("{collection}/*"));
            let secret = record.get("secret").is_some();
            assert_eq!(secret, self.who == "root" && collection != "children", "{event:?}");
        }
        let told = (event.action().to_owned(), id.to_owned());
        let before = self.heard.insert(event.seq(), told.clone());
        assert!(before.is_none_or(|before| before == told), "{event:?}");
        match event.action() {
            "delete" => drop(self.known.remove(id)),
            _ => drop(self.known.insert(id.to_owned(), record["n"].as_i64().unwrap())),
        }
    }

    /// Forgets all and loads what REST shows.
    async fn load(&mut self) -> Option<()> {
        // All of it or, if the server goes away, nothing.
        let mut loaded = BTreeMap::new();
        for topic in &self.topics {
            loaded.extend(stored(&self.client, topic.trim_end_matches("/*")).await?);
        }
        self.known = loaded;
        Some(())
    }
}

/// What somebody sees of a collection, unless the server is gone.
async fn stored(client: &Client, collection: &str) -> Option<BTreeMap<String, i64>> {
    let mut all = BTreeMap::new();
    for page in 1.. {
        let url = format!("{}?perPage=1000&sort=id&page={page}", records(collection));
        let answer = client.request("GET".parse().unwrap(), &url).send().await.ok()?;
        if answer.status() == 403 {
            return Some(all);
        }
        let body: Json = answer.json().await.ok()?;
        let items = body["items"].as_array().unwrap();
        let read = |item: &Json| (item["id"].as_str().unwrap().to_owned(), item["n"].as_i64().unwrap());
        all.extend(items.iter().map(read));
        if items.len() < 1000 {
            break;
        }
    }
    Some(all)
}

/// The feed: number, action and record.
fn feed(data: &Path) -> Vec<(i64, String, String)> {
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute("ATTACH ?1 AS d", [data.join("data.db").to_str().unwrap()]).unwrap();
    let mut query = conn.prepare("SELECT seq, action, record FROM d._larder_changes ORDER BY seq").unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test]
async fn everybody_hears_of_every_change_they_may_see() {
    let rounds: usize = std::env::var("LARDER_CRASH_ROUNDS").map_or(3, |n| n.parse().unwrap());
    let choices = Choices(Arc::new(AtomicU64::new(getrandom::u64().unwrap())));
    let folder = tempfile::tempdir().unwrap();
    make_superuser(folder.path());
    let mut server = Process::start(folder.path());
    let mut root = sign_in(&server.base, "_superusers", SUPERUSER_EMAIL).await;
    let owners = Arc::new(fill(&root).await);
    let ann = sign_in(&server.base, "members", "ann@example.com").await;
    let bob = sign_in(&server.base, "members", "bob@example.com").await;
    let guest = Client::at(&server.base);
    let (sender, bases) = watch::channel(server.base.clone());
    let mut listeners = tokio::task::JoinSet::new();
    let everybody = [("guest", &guest), ("ann", &ann), ("bob", &bob), ("root", &root)];
    let mut listen = |who, client: &Client, collections: &[&str]| {
        let mut topics: Vec<String> = collections.iter().map(|name| format!("{name}/*")).collect();
        if !collections.contains(&"open") {
            topics.push("open/*".to_owned());
        }
        let listener = Listener {
            who,
            topics,
            client: client.clone(),
            start: 0,
            position: None,
            heard: BTreeMap::new(),
            known: BTreeMap::new(),
            connections: 0,
            gaps: Vec::new(),
        };
        listeners.spawn(listener.listen(bases.clone(), choices.clone()));
    };
    for (who, client) in everybody {
        listen(who, client, &PLAIN);
        listen(who, client, &["mixed", "guarded"]);
        listen(who, client, &FAMILIES);
    }
    let numbers = Arc::new(AtomicUsize::new(0));
    for _ in 0..rounds {
        let done = Arc::new(AtomicUsize::new(0));
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let (choices, owners) = (choices.clone(), Arc::clone(&owners));
            let (numbers, done) = (Arc::clone(&numbers), Arc::clone(&done));
            writers.spawn(write(root.clone(), choices, owners, writer, numbers, done));
        }
        while done.load(Ordering::Relaxed) < WRITES_PER_ROUND {
            tokio::task::yield_now().await;
        }
        server.kill();
        while let Some(writer) = writers.join_next().await {
            writer.unwrap();
        }
        server = Process::start(folder.path());
        root.base.clone_from(&server.base);
        sender.send(server.base.clone()).unwrap();
    }
    root.post(&records("open"), json!({"id": LAST, "n": 1})).await.expect(200);
    let feed = feed(folder.path());
    let (mut connections, mut gaps) = (0, 0);
    while let Some(listener) = in_time(listeners.join_next()).await {
        let listener = listener.unwrap();
        check(&listener, &feed).await;
        if !listener.topics.contains(&"children/*".to_owned()) {
            (connections, gaps) = (connections + listener.connections, gaps + listener.gaps.len());
        }
    }
    assert!(connections > 8 * rounds, "{connections} connections of 8 listeners");
    // A busy machine may make the server give up on somebody; that is no way to tell of everything.
    assert!(gaps * 10 <= connections, "{gaps} times of {connections} they had to load afresh");
}

/// Compares what a listener heard with what there was.
async fn check(listener: &Listener, feed: &[(i64, String, String)]) {
    let Listener { who, topics, start, .. } = listener;
    let is_theirs = |record: &str| {
        record == LAST || {
            let (collection, may_see) = read_id(record, who);
            may_see && topics.contains(&format!("{collection}/*"))
        }
    };
    let since = feed.iter().filter(|(seq, ..)| seq > start);
    let expected: BTreeMap<i64, (String, String)> = since
        .filter(|(.., record)| is_theirs(record))
        .map(|(seq, action, record)| (*seq, (action.clone(), record.clone())))
        .collect();
    let heard: BTreeSet<i64> = listener.heard.keys().copied().collect();
    let is_in_gap = |seq: i64| listener.gaps.iter().any(|(after, until)| (after + 1..=*until).contains(&seq));
    let missed = expected.iter().filter(|(seq, _)| !heard.contains(seq) && !is_in_gap(**seq));
    let missed: Vec<_> = missed.collect();
    assert!(missed.is_empty(), "{who} {topics:?} missed {missed:?}");
    for (seq, told) in &listener.heard {
        assert_eq!(expected.get(seq), Some(told), "{who} {topics:?}: {seq}");
    }
    let mut stored_now = BTreeMap::new();
    for topic in topics {
        stored_now.extend(stored(&listener.client, topic.trim_end_matches("/*")).await.unwrap());
    }
    assert_eq!(listener.known, stored_now, "{who} {topics:?}");
}

//! Several people who listen, and what REST shows each of them.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json};

use super::stream::{Event, Stream};
use super::with_options;
use crate::server::{Client, PASSWORD, TestServer};

/// Open to everybody: what is heard on it came after everything before.
pub(crate) const MARKERS: &str = "markers/*";

/// A server on which notes belong to members, and `staff` are another auth collection.
pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) root: Client,
    pub(crate) guest: Client,
    pub(crate) ann: Client,
    pub(crate) bob: Client,
    pub(crate) sid: Client,
    pub(crate) ann_id: String,
    pub(crate) bob_id: String,
    /// Ids of the collections, by name.
    pub(crate) ids: BTreeMap<String, String>,
}

pub(crate) fn text(name: &str) -> Json {
    json!({"name": name, "type": "text"})
}

pub(crate) fn relation(name: &str, collection: &Json) -> Json {
    json!({"name": name, "type": "relation", "collectionId": collection, "maxSelect": 1})
}

/// A relation whose record goes with the one it is to.
pub(crate) fn part_of(name: &str, collection: &Json) -> Json {
    json!({"name": name, "type": "relation", "collectionId": collection, "maxSelect": 1, "cascadeDelete": true})
}

impl World {
    pub(crate) async fn start() -> Self {
        let server = TestServer::start();
        let (root, guest) = (server.superuser().await, server.guest());
        root.patch("/api/settings", json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}})).await.expect(200);
        let hidden = |name: &str| json!({"name": name, "type": "text", "hidden": true});
        let auth = |name: &str| {
            json!({
                "name": name, "type": "auth", "fields": [text("name"), hidden("pin")],
                "listRule": "", "viewRule": "", "authAlert": {"enabled": false},
            })
        };
        let members = root.post("/api/collections", auth("members")).await.expect(200);
        let staff = root.post("/api/collections", auth("staff")).await.expect(200);
        let vault = json!({"name": "vault", "type": "base", "fields": [text("x")]});
        let vault = root.post("/api/collections", vault).await.expect(200);
        let fields = json!([
            text("label"), {"name": "n", "type": "number"}, hidden("secret"), relation("owner", &members["id"]),
            relation("box", &vault["id"]),
            {"name": "tags", "type": "select", "values": ["red", "green", "blue"], "maxSelect": 3},
            {"name": "created", "type": "autodate", "onCreate": true},
            {"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true},
        ]);
        let notes = root.open_collection("notes", fields).await;
        let member = relation("member", &members["id"]);
        let comments = json!([text("text"), part_of("note", &notes["id"]), member]);
        let comments = root.open_collection("comments", comments).await;
        let grants = root.open_collection("grants", json!([part_of("note", &notes["id"]), member])).await;
        let markers = root.open_collection("markers", json!([])).await;
        let mut people = Vec::new();
        for (collection, name, is_public) in
            [("members", "ann", true), ("members", "bob", false), ("staff", "sid", false)]
        {
            let email = format!("{name}@example.com");
            let person = json!({
                "email": email, "emailVisibility": is_public, "name": name, "pin": format!("p-{name}"),
                "password": PASSWORD, "passwordConfirm": PASSWORD,
            });
            let made = root.post(&records(collection), person).await.expect(200);
            let id = made["id"].as_str().unwrap().to_owned();
            people.push((server.sign_in(collection, &email).await, id));
        }
        root.post(&records("vault"), json!({"id": "vault0000000001", "x": "gold"})).await.expect(200);
        let [(ann, ann_id), (bob, bob_id), (sid, _)] = people.try_into().ok().unwrap();
        let all = [members, staff, vault, notes, comments, grants, markers];
        let ids = all.map(|c| (c["name"].as_str().unwrap().to_owned(), c["id"].as_str().unwrap().to_owned()));
        Self { server, root, guest, ann, bob, sid, ann_id, bob_id, ids: ids.into() }
    }

    pub(crate) fn everybody(&self) -> [(&'static str, &Client); 5] {
        [
            ("guest", &self.guest),
            ("ann", &self.ann),
            ("bob", &self.bob),
            ("sid of staff", &self.sid),
            ("a superuser", &self.root),
        ]
    }

    pub(crate) async fn rules(&self, collection: &str, rules: Json) {
        self.root.patch(&format!("/api/collections/{collection}"), rules).await.expect(200);
    }

    /// Makes a change that every listener hears of: its id.
    pub(crate) async fn mark(&self) -> String {
        let made = self.root.post(&records("markers"), json!({})).await.expect(200);
        made["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn create(&self, collection: &str, record: Json) -> String {
        let made = self.root.post(&records(collection), record).await.expect(200);
        made["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn update(&self, collection: &str, id: &str, change: Json) {
        self.root.patch(&format!("{}/{id}", records(collection)), change).await.expect(200);
    }

    pub(crate) async fn delete(&self, collection: &str, id: &str) {
        self.root.delete(&format!("{}/{id}", records(collection))).await.expect(204);
    }

    /// What a listener heard until now, which has to have subscribed to the markers; without those made for others.
    pub(crate) async fn heard(&self, stream: &mut Stream) -> Vec<Event> {
        let marker = self.mark().await;
        let mut heard = stream.until(|event| event.topic == MARKERS && event.record()["id"] == *marker).await;
        heard.retain(|event| event.topic != MARKERS);
        heard
    }

    /// The topics and actions a listener heard until now.
    pub(crate) async fn outline(&self, stream: &mut Stream) -> Vec<String> {
        let heard = self.heard(stream).await;
        heard.iter().map(|event| format!("{} {}", event.action(), event.topic)).collect()
    }
}

pub(crate) fn records(collection: &str) -> String {
    format!("/api/collections/{collection}/records")
}

/// What REST would have to show for an event on a topic to come.
#[derive(Debug, Clone)]
enum Shown {
    /// The record's view.
    Viewed,
    /// The record, listed with this filter.
    Listed(&'static str),
    /// The same, but for superusers only.
    ListedForSuperusers(&'static str),
    /// Whatever it shows: there is no event for anybody.
    Never,
}

/// A topic to compare with REST.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) text: String,
    collection: String,
    id: String,
    /// `expand` and `fields`, as a query.
    picked: String,
    shown: Shown,
}

/// Every kind of topic on one record.
pub(crate) fn topics_of(collection: &str, collection_id: &str, record: &str, expand: &str, fields: &str) -> Vec<Topic> {
    let mut topics = Vec::new();
    let mut add = |of: &str, query: Json, shown: Shown| {
        let mut picked = String::new();
        for key in ["expand", "fields"] {
            if let Some(value) = query[key].as_str() {
                picked.extend(["&", key, "="]);
                picked.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
            }
        }
        let has_options = query.as_object().is_some_and(|query| !query.is_empty());
        let text = if has_options { with_options(of, &json!({"query": query})) } else { of.to_owned() };
        topics.push(Topic { text, collection: collection.to_owned(), id: record.to_owned(), picked, shown });
    };
    let (all, one) = (format!("{collection}/*"), format!("{collection}/{record}"));
    add(&all, json!({}), Shown::Listed(""));
    add(collection, json!({}), Shown::Listed(""));
    add(&format!("{collection_id}/*"), json!({}), Shown::Listed(""));
    add(&one, json!({}), Shown::Viewed);
    add(&format!("{collection_id}/{record}"), json!({"expand": expand}), Shown::Viewed);
    add(&all, json!({"expand": expand}), Shown::Listed(""));
    add(&all, json!({"expand": expand, "fields": fields}), Shown::Listed(""));
    add(&one, json!({"expand": expand, "fields": fields}), Shown::Viewed);
    topics
}

impl Topic {
    /// `collection/*` with a filter that REST takes from everybody.
    pub(crate) fn filtered(collection: &str, record: &str, filter: &'static str) -> Self {
        Self::with(collection, record, filter, Shown::Listed(filter))
    }

    /// With a filter that only superusers may use.
    pub(crate) fn filtered_for_superusers(collection: &str, record: &str, filter: &'static str) -> Self {
        Self::with(collection, record, filter, Shown::ListedForSuperusers(filter))
    }

    /// With a filter that nobody may use here.
    pub(crate) fn refused(collection: &str, record: &str, filter: &'static str) -> Self {
        Self::with(collection, record, filter, Shown::Never)
    }

    fn with(collection: &str, record: &str, filter: &str, shown: Shown) -> Self {
        let text = with_options(&format!("{collection}/*"), &json!({"query": {"filter": filter}}));
        Self { text, collection: collection.to_owned(), id: record.to_owned(), picked: String::new(), shown }
    }

    /// What REST shows somebody now.
    async fn shown_to(&self, who: &str, client: &Client) -> Option<Json> {
        let path = records(&self.collection);
        let filter = match self.shown {
            Shown::Viewed => {
                let answer = client.get(&format!("{path}/{}?{}", self.id, self.picked)).await;
                return (answer.status == 200).then_some(answer.body);
            }
            Shown::Listed(filter) => filter,
            Shown::ListedForSuperusers(filter) if who == "a superuser" => filter,
            Shown::ListedForSuperusers(_) | Shown::Never => return None,
        };
        let id = format!("id = '{}'", self.id);
        let filter = if filter.is_empty() { id } else { format!("{id} && ({filter})") };
        let filter = utf8_percent_encode(&filter, NON_ALPHANUMERIC);
        // As from another address each time: many empty lists in a row would be slowed down.
        let address = format!("2001:db8::{:x}:{:x}", getrandom::u32().unwrap() >> 16, getrandom::u32().unwrap() >> 16);
        let answer = client.get_from(&address, &format!("{path}?filter={filter}{}", self.picked)).await;
        answer.body["items"].as_array().and_then(|items| items.first().cloned())
    }
}

/// Everybody with an open stream and the same topics.
pub(crate) struct Audience<'a> {
    world: &'a World,
    topics: &'a [Topic],
    streams: Vec<(&'static str, &'a Client, Stream)>,
    /// Events that came.
    pub(crate) count: usize,
}

/// What each of them is shown, by topic.
type Views = Vec<BTreeMap<String, Json>>;

impl<'a> Audience<'a> {
    pub(crate) async fn gather(world: &'a World, topics: &'a [Topic]) -> Self {
        let mut texts: Vec<&str> = topics.iter().map(|topic| topic.text.as_str()).collect();
        texts.push(MARKERS);
        let mut streams = Vec::new();
        for (who, client) in world.everybody() {
            streams.push((who, client, Stream::of(client, &texts).await));
        }
        Self { world, topics, streams, count: 0 }
    }

    async fn views(&self) -> Views {
        let mut views = Vec::new();
        for (who, client, _) in &self.streams {
            let mut view = BTreeMap::new();
            for topic in self.topics {
                if let Some(record) = topic.shown_to(who, client).await {
                    view.insert(topic.text.clone(), record);
                }
            }
            views.push(view);
        }
        views
    }

    /// Creates or updates the record: everybody hears of it as REST shows it afterwards.
    pub(crate) async fn hears(&mut self, action: &str, what: &str, write: impl Future) {
        write.await;
        let views = self.views().await;
        self.compare(action, what, views).await;
    }

    /// Deletes the record: everybody hears of it as REST showed it before.
    pub(crate) async fn hears_of_the_end(&mut self, what: &str, write: impl Future) {
        let views = self.views().await;
        write.await;
        self.compare("delete", what, views).await;
    }

    async fn compare(&mut self, action: &str, what: &str, views: Views) {
        let marker = self.world.mark().await;
        for ((who, _, stream), view) in self.streams.iter_mut().zip(views) {
            let heard = stream.until(|event| event.topic == MARKERS && event.record()["id"] == *marker).await;
            self.count += heard.len();
            let mut got = BTreeMap::new();
            for event in heard {
                assert_eq!(event.action(), action, "{who}, {what}: {event:?}");
                let again = got.insert(event.topic.clone(), event.record().clone());
                assert_eq!(again, None, "{who}, {what}: {} twice", event.topic);
            }
            for (topic, record) in &view {
                assert_eq!(got.remove(topic).as_ref(), Some(record), "{who}, {what}: {action} on {topic}");
            }
            assert_eq!(got, BTreeMap::new(), "{who} is shown nothing of it, {what}: {action}");
        }
    }
}

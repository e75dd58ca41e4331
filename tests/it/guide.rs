//! Runs every example of `docs/rules-and-filters.md`.

use std::collections::HashMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json};

use crate::server::{Client, PASSWORD, TestServer};

const GUIDE: &str = include_str!("../../docs/rules-and-filters.md");
const POSTS: &str = "/api/collections/posts/records";

/// The guide's sample data on a server.
struct Sample {
    server: TestServer,
    root: Client,
    ids: HashMap<String, String>,
}

impl Sample {
    async fn make() -> Self {
        let server = TestServer::start();
        let root = server.superuser().await;
        let mut sample = Self { server, root, ids: HashMap::new() };
        let users = sample.make_collections().await;
        let data = GUIDE.rsplit("```json").next().unwrap().split("```").next().unwrap();
        let data: Json = serde_json::from_str(data).unwrap();
        for (collection, id) in [("users", users.as_str()), ("posts", "posts"), ("comments", "comments")] {
            for record in data[collection].as_array().unwrap() {
                let mut record = sample.resolved(record);
                let name = record.as_object_mut().unwrap().remove("@");
                if let (true, Some(Json::String(name))) = (collection == "users", &name) {
                    record["email"] = json!(format!("{name}@example.com"));
                    record["password"] = json!(PASSWORD);
                    record["passwordConfirm"] = json!(PASSWORD);
                }
                let made = sample.root.post(&format!("/api/collections/{id}/records"), record).await.expect(200);
                if let Some(Json::String(name)) = name {
                    sample.ids.insert(format!("@{name}"), made["id"].as_str().unwrap().to_owned());
                }
            }
        }
        sample
    }

    /// Yields the id of `users`.
    async fn make_collections(&self) -> String {
        let users = self.root.get("/api/collections/users").await.expect(200);
        let mut fields = users["fields"].as_array().unwrap().clone();
        fields.push(json!({"name": "role", "type": "text"}));
        let body = json!({"fields": fields, "listRule": "", "viewRule": ""});
        self.root.patch("/api/collections/users", body).await.expect(200);
        let relation = |name: &str, to: &Json, max: usize| json!({"name": name, "type": "relation", "collectionId": to, "maxSelect": max});
        let fields = json!([
            {"name": "title", "type": "text"},
            {"name": "status", "type": "select", "values": ["draft", "public"], "maxSelect": 1},
            {"name": "stars", "type": "number"},
            {"name": "tags", "type": "select", "values": ["news", "tips", "rust"], "maxSelect": 3},
            relation("author", &users["id"], 1),
            relation("editors", &users["id"], 5),
            {"name": "meta", "type": "json"},
            {"name": "published", "type": "date"},
            {"name": "place", "type": "geoPoint"},
        ]);
        let posts = self.root.open_collection("posts", fields).await;
        let fields = json!([
            relation("post", &posts["id"], 1),
            relation("by", &users["id"], 1),
            {"name": "text", "type": "text"},
            {"name": "approved", "type": "bool"},
            {"name": "score", "type": "number"},
        ]);
        self.root.open_collection("comments", fields).await;
        users["id"].as_str().unwrap().to_owned()
    }

    /// With ids in the place of `@name`.
    fn resolved(&self, value: &Json) -> Json {
        match value {
            Json::String(text) => json!(self.ids.get(text).unwrap_or(text)),
            Json::Array(items) => items.iter().map(|item| self.resolved(item)).collect(),
            Json::Object(object) => object.iter().map(|(key, value)| (key.clone(), self.resolved(value))).collect(),
            other => other.clone(),
        }
    }

    async fn client(&self, who: &str) -> Client {
        match who {
            "guest" => self.server.guest(),
            _ => self.server.sign_in("users", &format!("{who}@example.com")).await,
        }
    }

    async fn set_rule(&self, rule: &str, text: &str) {
        self.root.patch("/api/collections/posts", json!({rule: text})).await.expect(200);
    }

    async fn titles(&self, client: &Client, query: &str) -> String {
        let page = client.get(&format!("{POSTS}?{query}")).await.expect(200);
        let titles = page["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap());
        titles.collect::<Vec<_>>().join(", ")
    }

    /// What a row of a table of examples comes to, and what the guide says.
    async fn run(&self, header: &[String], row: &[String]) -> Option<(String, String)> {
        let code = |at: usize| row[at].trim_matches('`').to_owned();
        let encoded = utf8_percent_encode(row[0].trim_matches('`'), NON_ALPHANUMERIC);
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        match header.as_slice() {
            ["Filter", "Posts", ..] => {
                let got = self.titles(&self.root, &format!("sort=title&filter={encoded}")).await;
                Some((got, row[1].clone()))
            }
            ["Sort", "Posts"] => Some((self.titles(&self.root, &format!("sort={encoded}")).await, row[1].clone())),
            ["List rule", "Caller", "Posts"] => {
                self.set_rule("listRule", &code(0)).await;
                let got = self.titles(&self.client(&row[1]).await, "sort=title").await;
                self.set_rule("listRule", "").await;
                Some((got, row[2].clone()))
            }
            [kind @ ("Create rule" | "Update rule"), "Caller", "Body", "Status"] => {
                let body = self.resolved(&serde_json::from_str(&code(2)).unwrap());
                let client = self.client(&row[1]).await;
                let answer = if *kind == "Create rule" {
                    self.set_rule("createRule", &code(0)).await;
                    client.post(POSTS, body).await
                } else {
                    self.set_rule("updateRule", &code(0)).await;
                    client.patch(&format!("{POSTS}/{}", self.ids["@alpha"]), body).await
                };
                match answer.body["id"].as_str().filter(|_| *kind == "Create rule") {
                    Some(id) => self.root.delete(&format!("{POSTS}/{id}")).await.expect(204),
                    None => self
                        .root
                        .patch(&format!("{POSTS}/{}", self.ids["@alpha"]), json!({"stars": 3}))
                        .await
                        .expect(200),
                };
                Some((answer.status.as_u16().to_string(), row[3].clone()))
            }
            _ => None,
        }
    }
}

/// The cells of a line of a table; `\|` is a `|`.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches('|');
    let line = line.strip_suffix('|').unwrap_or(line).replace("\\|", "\u{1}");
    line.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}

#[tokio::test]
async fn every_example_is_true() {
    let sample = Sample::make().await;
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut header: Option<Vec<String>> = None;
    for line in GUIDE.lines() {
        if !line.starts_with('|') {
            header = None;
        } else if let Some(header) = &header {
            if line.starts_with("|---") {
                continue;
            }
            if let Some((got, want)) = sample.run(header, &cells(line)).await {
                count += 1;
                if got != want {
                    wrong.push(format!("{line}\n    got {got}"));
                }
            }
        } else {
            header = Some(cells(line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 60, "{count} examples");
}

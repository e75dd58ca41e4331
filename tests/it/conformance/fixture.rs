//! The collections and records every case starts from, made over HTTP.
//!
//! In the JSON files a collection or record that is named again gets what is new: they refer to each other in circles.

use serde_json::{Value as Json, json};

use crate::server::Client;

/// What everybody in the fixture signs in with.
pub(crate) const PASSWORD: &str = "12345678";

const RULES: [&str; 5] = ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"];

pub(crate) struct Fixture {
    collections: Vec<Json>,
    records: Vec<(String, Json)>,
}

impl Fixture {
    /// Reads a fixture file and what others add to it.
    pub(crate) fn read(files: &[&str]) -> Self {
        let (mut collections, mut records) = (Vec::new(), Vec::new());
        for file in files {
            let file: Json = serde_json::from_str(file).unwrap();
            collections.extend(file["collections"].as_array().unwrap().iter().cloned());
            records.extend(serde_json::from_value::<Vec<(String, Json)>>(file["records"].clone()).unwrap());
        }
        Self { collections, records }
    }

    /// The value a rule has outside of cases that change it.
    pub(crate) fn rule(&self, collection: &str, rule: &str) -> Json {
        let given = self.collections.iter().find(|c| c["name"] == collection).and_then(|c| c.get(rule));
        given.cloned().unwrap_or_else(|| if RULES.contains(&rule) { json!("") } else { Json::Null })
    }

    pub(crate) async fn make(&self, root: &Client) {
        for collection in &self.collections {
            self.make_collection(root, collection).await;
        }
        let mut made = Vec::new();
        for (collection, record) in &self.records {
            let id = record["id"].as_str().unwrap();
            let path = format!("/api/collections/{collection}/records");
            if made.contains(&id) {
                root.patch(&format!("{path}/{id}"), record.clone()).await.expect(200);
                continue;
            }
            made.push(id);
            let mut record = record.clone();
            if record.get("email").is_some() {
                record["password"] = json!(PASSWORD);
                record["passwordConfirm"] = json!(PASSWORD);
            }
            root.post(&path, record).await.expect(200);
        }
    }

    async fn make_collection(&self, root: &Client, given: &Json) {
        let name = given["name"].as_str().unwrap();
        let mut fields = given.get("fields").cloned().unwrap_or(json!([]));
        for field in fields.as_array_mut().unwrap() {
            if let Some(target) = field.get("to").and_then(Json::as_str) {
                field["collectionId"] = json!(super::run::long(target));
            }
        }
        let path = format!("/api/collections/{name}");
        let there = root.get(&path).await;
        if there.status == 200 {
            let mut all = there.body["fields"].as_array().unwrap().clone();
            all.extend(fields.as_array().unwrap().iter().cloned());
            root.patch(&path, json!({"fields": all})).await.expect(200);
            return;
        }
        let mut body = json!({"type": "base"});
        let whole = body.as_object_mut().unwrap();
        whole.extend(RULES.map(|rule| (rule.to_owned(), self.rule(name, rule))));
        whole.extend(given.as_object().unwrap().clone());
        whole.insert("id".to_owned(), json!(super::run::long(name)));
        whole.insert("fields".to_owned(), fields);
        root.post("/api/collections", body).await.expect(200);
    }
}

//! What people type, to texts as people write them.

use serde_json::{Value as Json, json};

use super::{add, caught_up, list, searched, values};
use crate::server::{Client, TestServer};

const CORPUS: &str = include_str!("../../../src/fulltext/testdata/corpus.txt");

async fn library(server: &TestServer, root: &Client) {
    let fields =
        json!([{"name": "key", "type": "text"}, {"name": "title", "type": "text"}, {"name": "text", "type": "editor"}]);
    let search = json!({"fields": [{"name": "title", "weight": 3}, "text"], "language": "english"});
    let id = searched(root, "library", fields, search).await;
    for line in CORPUS.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<_> = line.split(" | ").collect();
        let [key, title, text] = parts[..] else { panic!("not three parts: {line}") };
        add(root, "library", json!({"key": key, "title": title, "text": format!("<p>{text}</p>")})).await;
    }
    caught_up(server, root, &id).await;
}

/// What is typed, and what has to come first.
const QUESTIONS: &[(&str, &str)] = &[
    // As it is written, and in other forms.
    ("tomato soup", "soup-tomato"),
    ("nobel prize", "curie"),
    ("20431", "invoice"),
    ("info@example.org", "email"),
    ("repair bicycles", "bicycle-repair"),
    ("how to brew the coffee", "coffee"),
    // While typing.
    ("choc", "cake-chocolate"),
    ("marie cu", "curie"),
    ("bicycle ch", "bicycle-chain"),
    // Mistyped.
    ("chocolat caek", "cake-chocolate"),
    ("tomatoe soop", "soup-tomato"),
    ("bycicle chain", "bicycle-chain"),
    ("adjustible wrench", "wrench"),
    ("lighthuose", "lighthouse"),
    ("chikpea", "curry-chickpea"),
    // Accents.
    ("creme brulee", "creme-brulee"),
    ("CRÈME BRÛLÉE", "creme-brulee"),
    ("zurich", "zurich"),
    ("sao paulo", "sao-paulo"),
    ("strasse", "strasse"),
    // Phrases, exclusions, fields.
    ("\"last ferry\"", "island"),
    ("ferry -island", "istanbul"),
    ("soup -onion -lentil", "soup-tomato"),
    ("title:\"wi-fi\"", "wifi"),
    // More than any text has.
    ("easy chickpea curry recipe with spinach", "curry-chickpea"),
    ("alan turing machine computer inventor", "turing"),
    // Other scripts.
    ("京都", "kyoto"),
    ("東京ラーメン", "ramen-ja"),
    ("김치", "kimchi"),
    ("борщ", "borsch"),
];

#[tokio::test]
async fn what_is_meant_comes_first() {
    let server = TestServer::start();
    let root = server.superuser().await;
    library(&server, &root).await;
    let guest = server.guest();
    let mut answers: Vec<Json> = Vec::new();
    for (typed, first) in QUESTIONS {
        let page = list(&guest, "library", &[("search", typed)]).await.expect(200);
        let found = values(&page, "key");
        assert_eq!(found.first(), Some(first), "{typed}: {found:?}");
        answers.push(page);
    }
    // A rule that every record meets changes nothing in the order and the totals, nor does a filter.
    for (rule, filter) in [("title != ''", ""), ("", "title != ''"), ("title != ''", "key != ''")] {
        root.patch("/api/collections/library", json!({"listRule": rule})).await.expect(200);
        for ((typed, _), open) in QUESTIONS.iter().zip(&answers) {
            let page = list(&guest, "library", &[("search", typed), ("filter", filter)]).await.expect(200);
            assert_eq!(values(&page, "key"), values(open, "key"), "{typed}, {rule:?}, {filter:?}");
            assert_eq!(page["totalItems"], open["totalItems"], "{typed}, {rule:?}, {filter:?}");
        }
    }
}

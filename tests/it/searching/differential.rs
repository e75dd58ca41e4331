//! Searching compared with listing: for random rules, filters and callers over random records, who searches finds a part of
//! what lists show, and everything that is counted agrees with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::{add, caught_up, list, searched};
use crate::server::{Client, TestServer};

/// Numbers that are the same whenever the test runs.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }
}

const WORDS: &[&str] = &[
    "apple",
    "apples",
    "banana",
    "cherry",
    "chery",
    "date",
    "elder",
    "fig",
    "grape",
    "grapefruit",
    "honey",
    "iris",
    "juniper",
    "kiwi",
    "lemon",
    "lemonade",
    "mango",
    "melon",
    "nectarine",
    "olive",
    "crème",
    "東京",
];

const RULES: &[Option<&str>] = &[
    Some(""),
    Some("public = true"),
    Some("owner = @request.auth.id"),
    Some("@request.auth.id != '' && n > 3"),
    Some("owner = @request.auth.id || status = 'open'"),
    Some("owner.name = 'ann'"),
    Some("title ~ 'a' && secret != 'lemon'"),
    Some("@collection.users.name ?= 'bob' && n < 8"),
    Some("id = ''"),
    Some("@request.auth.name.x = ''"),
    None,
];

const FILTERS: &[&str] =
    &["", "", "n < 7", "status = 'open'", "owner != ''", "title ~ 'e' || n = 1", "owner.name = 'bob'", "nope = 1"];

const SORTS: &[&str] = &["", "", "-n,id", "owner.name,-id", "nope"];

fn question(dice: &mut Dice) -> String {
    let word = |dice: &mut Dice| {
        let word = dice.pick(WORDS);
        match dice.roll(6) {
            0 => word.chars().take(3).collect(),
            1 => word.to_uppercase(),
            2 => word.replace('e', ""),
            3 => format!("{word}*"),
            _ => word.to_owned(),
        }
    };
    let (first, second) = (word(dice), word(dice));
    match dice.roll(8) {
        0 => format!("{first} {second}"),
        1 => format!("\"{first} {second}\""),
        2 => format!("{first} -{second}"),
        3 => format!("title:{first}"),
        4 => format!("secret:{first} {second}"),
        5 => format!("{first} {second} {}", word(dice)),
        _ => first,
    }
}

async fn fill(root: &Client, users: &[String], dice: &mut Dice) -> String {
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "body", "type": "text"},
        {"name": "secret", "type": "text", "hidden": true},
        {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_"},
        {"name": "status", "type": "select", "values": ["open", "closed", "lost"]},
        {"name": "n", "type": "number"},
        {"name": "public", "type": "bool"},
    ]);
    let search = json!({
        "fields": [{"name": "title", "weight": 2}, "body", "secret"], "facets": ["status", "n", "public", "owner"],
    });
    let id = searched(root, "fruits", fields, search).await;
    for _ in 0..150 {
        let text = |dice: &mut Dice, words: usize| (0..words).map(|_| dice.pick(WORDS)).collect::<Vec<_>>().join(" ");
        let owner = if dice.roll(4) == 0 { "" } else { users[dice.roll(users.len())].as_str() };
        let record = json!({
            "title": text(dice, 2), "body": text(dice, 3), "secret": text(dice, 1), "owner": owner,
            "status": dice.pick(&["open", "closed", "lost", ""]), "n": dice.roll(10), "public": dice.roll(2) == 0,
        });
        add(root, "fruits", record).await;
    }
    id
}

fn ids(page: &Json) -> Vec<String> {
    super::values(page, "id").into_iter().map(str::to_owned).collect()
}

/// How often records have the values of a field, by the value's JSON.
fn count(items: &[&Json], field: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for item in items.iter().filter(|item| item[field] != "") {
        *counts.entry(item[field].to_string()).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn who_searches_finds_a_part_of_what_lists_show() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    root.patch("/api/collections/users", json!({"listRule": "", "viewRule": ""})).await.expect(200);
    let users = ids(&root.get("/api/collections/users/records").await.expect(200));
    let mut dice = Dice(7);
    let id = fill(&root, &users, &mut dice).await;
    caught_up(&server, &root, &id).await;
    let guest = server.guest();
    let callers = [("guest", &guest), ("ann", &ann), ("bob", &bob), ("root", &root)];
    let (mut found_any, mut found_none, mut refused) = (0, 0, 0);
    for round in 0..80 {
        let (filter, sort, text) = (dice.pick(FILTERS), dice.pick(SORTS), question(&mut dice));
        // What anybody could find, if nothing were hidden from anybody.
        root.patch("/api/collections/fruits", json!({"listRule": ""})).await.expect(200);
        let open = list(&guest, "fruits", &[("search", &text), ("perPage", "1000")]).await.expect(200);
        let rule = dice.pick(RULES);
        root.patch("/api/collections/fruits", json!({"listRule": rule})).await.expect(200);
        for (who, client) in callers {
            let about = format!("round {round}: {who}, {rule:?}, {filter:?}, {sort:?}, {text:?}");
            let all = [("filter", filter), ("sort", sort), ("perPage", "1000")];
            let listed = list(client, "fruits", &all).await;
            let facets = ("facets", "status,n,public,owner");
            let found = list(client, "fruits", &[&all[..], &[("search", &text), facets]].concat()).await;
            assert_eq!(found.status, listed.status, "{about}: {}", found.text);
            if listed.status != 200 {
                assert_eq!(found.text, listed.text, "{about}");
                refused += 1;
                continue;
            }
            let (listed, found) = (listed.body, found.body);
            let hits = ids(&found);
            let by_id: BTreeMap<&str, &Json> =
                listed["items"].as_array().unwrap().iter().map(|item| (item["id"].as_str().unwrap(), item)).collect();
            let shown: Option<Vec<&Json>> = hits.iter().map(|id| by_id.get(id.as_str()).copied()).collect();
            let shown = shown.unwrap_or_else(|| panic!("{about}: more than the list shows"));
            assert_eq!(found["totalItems"], hits.len(), "{about}");
            for field in ["status", "n", "public", "owner"] {
                let counts = found["facets"][field].as_array().unwrap().iter();
                let counts = counts.map(|c| (c["value"].to_string(), c["count"].as_u64().unwrap())).collect();
                assert_eq!(count(&shown, field), counts, "{about}: {field}");
            }
            if !sort.is_empty() {
                let set: BTreeSet<&String> = hits.iter().collect();
                let order: Vec<String> = ids(&listed).into_iter().filter(|id| set.contains(id)).collect();
                assert_eq!(hits, order, "{about}");
            }
            // What is taken more liberally finds more, unless something is excluded.
            if !text.contains('-') && !text.contains("secret:") && who != "root" {
                let missing = ids(&open).into_iter().filter(|id| by_id.contains_key(id.as_str()) && !hits.contains(id));
                assert_eq!(missing.collect::<Vec<_>>(), Vec::<String>::new(), "{about}");
            }
            // Pages are parts of the whole.
            let mut pages = Vec::new();
            for page in 1..=hits.len() / 7 + 1 {
                let number = page.to_string();
                let one = [
                    ("search", text.as_str()),
                    ("filter", filter),
                    ("sort", sort),
                    ("perPage", "7"),
                    ("page", &number),
                ];
                pages.extend(ids(&list(client, "fruits", &one).await.expect(200)));
            }
            assert_eq!(pages, hits, "{about}");
            if hits.is_empty() { found_none += 1 } else { found_any += 1 }
        }
    }
    assert!(found_any > 50 && found_none > 20 && refused > 20, "{found_any} {found_none} {refused}");
}

//! Who is denied reading a record is denied everywhere: every rule against every kind of caller. The routes of
//! collections, for superusers only, are in `collections`.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::server::{Client, TestServer};

/// A collection with one record, its rules, and who gets what for list, view, create, update, delete.
struct Ruled {
    name: &'static str,
    rule: Option<&'static str>,
    guest: [u16; 5],
    user: [u16; 5],
}

const DENIED: [u16; 5] = [200, 404, 400, 404, 404];
const ALLOWED: [u16; 5] = [200, 200, 200, 200, 204];

const RULES: &[Ruled] = &[
    Ruled { name: "locked", rule: None, guest: [403; 5], user: [403; 5] },
    Ruled { name: "open", rule: Some(""), guest: ALLOWED, user: ALLOWED },
    Ruled { name: "for_users", rule: Some("@request.auth.id != ''"), guest: DENIED, user: ALLOWED },
    Ruled { name: "for_nobody", rule: Some("title = 'elsewhere'"), guest: DENIED, user: DENIED },
    // A path that fails only when it is evaluated for somebody.
    Ruled { name: "broken", rule: Some("@request.auth.name.x = ''"), guest: ALLOWED, user: [400, 404, 400, 404, 404] },
];

async fn fill(root: &Client) {
    for Ruled { name, rule, .. } in RULES {
        let body = json!({
            "name": name, "type": "base", "fields": [{"name": "title", "type": "text"}],
            "listRule": rule, "viewRule": rule, "createRule": rule, "updateRule": rule, "deleteRule": rule,
            "search": {"fields": ["title"]},
        });
        root.post("/api/collections", body).await.expect(200);
        let path = format!("/api/collections/{name}/records");
        root.post(&path, json!({"id": "aaaaaaaaaaaaaaa", "title": "here"})).await.expect(200);
    }
}

#[tokio::test]
async fn rules_hold_for_every_action() {
    let server = TestServer::start();
    let root = server.superuser().await;
    fill(&root).await;
    let user = server.user("ann").await;
    assert_eq!(server.search.settle().await, []);
    for Ruled { name, guest, user: statuses, .. } in RULES {
        let records = format!("/api/collections/{name}/records");
        let record = format!("{records}/aaaaaaaaaaaaaaa");
        for (who, client, [list, view, create, update, delete]) in
            [("guest", &server.guest(), guest), ("user", &user, statuses)]
        {
            let listed = client.get(&records).await;
            assert_eq!(listed.status.as_u16(), *list, "{who} lists {name}");
            let shows = listed.text.contains("here");
            assert_eq!(shows, *view == 200, "{who} lists {name}: {}", listed.text);
            assert_eq!(client.get(&record).await.status.as_u16(), *view, "{who} views {name}");
            // Searching is listing: who is denied one is denied the other.
            for path in [
                format!("{records}?search=here"),
                format!("/api/collections/{name}/suggest?q=her"),
                format!("/api/search?q=here&collections={name}"),
            ] {
                let found = client.get(&path).await;
                assert_eq!(found.status.as_u16(), *list, "{who}: {path}: {}", found.text);
                assert_eq!(found.text.contains("here"), *view == 200, "{who}: {path}: {}", found.text);
            }
            let made = client.post(&records, json!({"title": "new"})).await;
            assert_eq!(made.status.as_u16(), *create, "{who} creates in {name}");
            let changed = client.patch(&record, json!({"title": "here"})).await;
            assert_eq!(changed.status.as_u16(), *update, "{who} updates {name}");
            if *delete == 204 {
                root.post(&records, json!({"id": "bbbbbbbbbbbbbbb"})).await.expect(200);
            }
            let gone = client.delete(&format!("{records}/bbbbbbbbbbbbbbb")).await;
            assert_eq!(gone.status.as_u16(), *delete, "{who} deletes in {name}");
        }
    }
}

#[tokio::test]
async fn hidden_fields_and_addresses_stay_hidden() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([{"name": "title", "type": "text"}, {"name": "secret", "type": "text", "hidden": true}]);
    root.open_collection("notes", fields).await;
    let made = root.post("/api/collections/notes/records", json!({"title": "t", "secret": "s3cret"})).await.expect(200);
    assert_eq!(made["secret"], "s3cret");
    let record = format!("/api/collections/notes/records/{}", made["id"].as_str().unwrap());
    let guest = server.guest();
    for path in [record.as_str(), "/api/collections/notes/records", &format!("{record}?fields=*,secret")] {
        assert!(!guest.get(path).await.text.contains("s3cret"), "{path}");
    }
    guest.get("/api/collections/notes/records?sort=secret").await.expect(400);
    root.get("/api/collections/notes/records?sort=secret").await.expect(200);
    let changed = guest.patch(&record, json!({"secret": "mine", "title": "u"})).await.expect(200);
    assert_eq!(changed["title"], "u");
    assert_eq!(root.get(&record).await.expect(200)["secret"], "s3cret");

    root.patch("/api/collections/users", json!({"listRule": "", "viewRule": ""})).await.expect(200);
    let ann = server.user("ann").await;
    let bob = server.user("bob").await;
    let emails = |body: &Json| body["items"].as_array().unwrap().iter().filter(|u| u.get("email").is_some()).count();
    for (who, client, want) in [("guest", &guest, 0), ("ann", &ann, 1), ("bob", &bob, 1), ("root", &root, 2)] {
        let listed = client.get("/api/collections/users/records").await.expect(200);
        assert_eq!(emails(&listed), want, "{who}");
        let text = listed.to_string();
        assert!(!text.contains("tokenKey") && !text.contains("argon2") && !text.contains("\"password\""), "{who}");
    }
}

#[tokio::test]
async fn routes_for_superusers_only() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let user = server.user("ann").await;
    let before = root.get("/api/settings").await.text;
    for (method, path, body) in [
        (Method::GET, "/api/settings", Json::Null),
        (Method::HEAD, "/api/settings", Json::Null),
        (Method::PATCH, "/api/settings", json!({"batch": {"enabled": true}})),
        (Method::POST, "/api/settings/test/email", json!({"email": "ann@example.com", "template": "otp"})),
        (Method::POST, "/api/settings/test/s3", json!({"filesystem": "storage"})),
        (Method::GET, "/api/settings/mail/status", Json::Null),
        (Method::POST, "/api/settings/apple/generate-client-secret", json!({})),
        (Method::GET, "/api/search/status", Json::Null),
        (Method::POST, "/api/collections/users/search/rebuild", Json::Null),
        (Method::POST, "/api/collections/nope/search/rebuild", Json::Null),
        (Method::POST, "/api/sql", json!({"query": "delete from users"})),
        (Method::GET, "/api/logs", Json::Null),
        (Method::HEAD, "/api/logs", Json::Null),
        (Method::GET, "/api/logs/stats", Json::Null),
        (Method::GET, "/api/logs/aaaaaaaaaaaaaaa", Json::Null),
        (Method::DELETE, "/api/logs", Json::Null),
        (Method::POST, "/api/collections/users/rules/test", json!({"action": "create", "body": {}})),
        (Method::POST, "/api/collections/nope/rules/test", json!({"action": "create"})),
    ] {
        for (who, client, want) in [("guest", &server.guest(), 401), ("user", &user, 403)] {
            let answer = client.send(client.request(method.clone(), path).json(&body)).await;
            assert_eq!(answer.status.as_u16(), want, "{method} {path} as {who}: {}", answer.text);
            assert!(!answer.text.contains("smtp"), "{method} {path} as {who}");
            // A body that cannot be read is not even looked at.
            let unreadable = client.request(method.clone(), path).body("{").header("content-type", "text/x");
            assert_eq!(client.send(unreadable).await.status.as_u16(), want, "{method} {path} as {who}");
        }
    }
    assert_eq!(root.get("/api/settings").await.text, before);
}

//! The change feed, seen in the database: what deletions leave in it.

use rusqlite::Connection;
use serde_json::{Value as Json, json};

use crate::server::{PASSWORD, TestServer, database};

/// Collections and images (by field name) of all deletions so far, in order, but for that of the installer account.
fn deletions(conn: &Connection) -> Vec<(String, Json)> {
    let mut query = conn
        .prepare(
            "SELECT c.name, c.fields, f.record, f.image, \
             (SELECT COUNT(*) FROM _larder_changes WHERE action <> 'delete' AND image IS NOT NULL) \
             FROM _larder_changes AS f JOIN _collections AS c ON c.id = f.collection \
             WHERE f.action = 'delete' AND c.name <> '_superusers' ORDER BY f.seq",
        )
        .unwrap();
    let rows = query.query_map([], |row| {
        let text = |column| row.get::<_, String>(column);
        assert_eq!(row.get::<_, i64>(4)?, 0, "only deletions have images");
        let fields: Json = serde_json::from_str(&text(1)?).unwrap();
        let image: Json = serde_json::from_str(&text(3)?).unwrap();
        let name_of = |id: &str| {
            let field = fields.as_array().unwrap().iter().find(|field| field["id"] == id).unwrap();
            field["name"].as_str().unwrap().to_owned()
        };
        let named: serde_json::Map<String, Json> =
            image.as_object().unwrap().iter().map(|(id, value)| (name_of(id), value.clone())).collect();
        assert_eq!(named["id"], text(2)?, "the image is of the record");
        Ok((text(0)?, Json::Object(named)))
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn deleted_records_leave_their_images() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([
        {"name": "title", "type": "text"}, {"name": "n", "type": "number"}, {"name": "done", "type": "bool"},
        {"name": "data", "type": "json"}, {"name": "code", "type": "password"},
    ]);
    let parents = root.open_collection("parents", fields).await;
    let parent = json!({"name": "parent", "type": "relation", "collectionId": parents["id"], "cascadeDelete": true});
    root.open_collection("children", json!([parent])).await;
    let post = async |collection: &str, body| {
        root.post(&format!("/api/collections/{collection}/records"), body).await.expect(200);
    };
    let parent = |id: &str| json!({"id": id, "title": "<é> \"x\"", "n": 1, "done": true, "data": {"a": [1, null]}, "code": "secret word"});
    post("parents", parent("parent000000001")).await;
    post("children", json!({"id": "child0000000001", "parent": "parent000000001"})).await;
    root.delete("/api/collections/parents/records/parent000000001").await.expect(204);
    let conn = database(&server.folder);
    // As the table has them: numbers without a fraction and bools as integers, JSON as text. The password is not there.
    let image = |id: &str| json!({"id": id, "title": "<é> \"x\"", "n": 1, "done": 1, "data": r#"{"a":[1,null]}"#});
    let child = json!({"id": "child0000000001", "parent": "parent000000001"});
    let mut want = vec![("parents".to_owned(), image("parent000000001")), ("children".to_owned(), child)];
    assert_eq!(deletions(&conn), want);
    // The same when all records go.
    post("parents", parent("parent000000002")).await;
    root.delete("/api/collections/parents/truncate").await.expect(204);
    want.push(("parents".to_owned(), image("parent000000002")));
    assert_eq!(deletions(&conn), want);
}

#[tokio::test]
async fn deleted_accounts_leave_images_without_secrets() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let ann = json!({"id": "ann000000000001", "email": "ann@example.com", "password": PASSWORD,
        "passwordConfirm": PASSWORD, "name": "Ann"});
    let ann = root.post("/api/collections/users/records", ann).await.expect(200);
    let owner = json!({"collectionRef": ann["collectionId"], "recordRef": ann["id"]});
    for (collection, own) in [
        ("_otps", json!({"password": "12345678", "sentTo": "ann@example.com"})),
        ("_mfas", json!({"method": "password"})),
        ("_externalAuths", json!({"provider": "github", "providerId": "7"})),
        ("_authOrigins", json!({"fingerprint": "f"})),
    ] {
        let mut row = owner.clone();
        row.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        root.post(&format!("/api/collections/{collection}/records"), row).await.expect(200);
    }
    let conn = database(&server.folder);
    let secret = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    let secrets = [
        secret("SELECT password FROM users"),
        secret("SELECT tokenKey FROM users"),
        secret("SELECT password FROM _otps"),
    ];
    assert!(secrets.iter().all(|secret| !secret.is_empty()));
    root.delete("/api/collections/users/records/ann000000000001").await.expect(204);
    let deletions = deletions(&conn);
    let (account, belonging) = deletions.split_last().unwrap();
    assert_eq!(account.0, "users");
    assert_eq!((&account.1["email"], &account.1["name"]), (&json!("ann@example.com"), &json!("Ann")));
    let mut names: Vec<&str> = belonging.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["_authOrigins", "_externalAuths", "_mfas", "_otps"]);
    for (name, image) in belonging {
        assert_eq!((&image["recordRef"], &image["collectionRef"]), (&ann["id"], &ann["collectionId"]), "{name}");
    }
    for (name, image) in &deletions {
        let text = image.to_string();
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{name}: {text}");
    }
}

//! `/api/collections`: who may use it, and what it answers.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::server::TestServer;

/// Every route, with a body that would do something if it were let through.
fn routes() -> Vec<(Method, &'static str, Json)> {
    vec![
        (Method::GET, "/api/collections", Json::Null),
        (Method::POST, "/api/collections", json!({"name": "intruder"})),
        (Method::GET, "/api/collections/users", Json::Null),
        (Method::PATCH, "/api/collections/users", json!({"listRule": ""})),
        (Method::DELETE, "/api/collections/users", Json::Null),
        (Method::PUT, "/api/collections/import", json!({"collections": [{"name": "intruder"}], "deleteMissing": true})),
        (Method::GET, "/api/collections/meta/scaffolds", Json::Null),
        (Method::GET, "/api/collections/meta/oauth2-providers", Json::Null),
        (Method::POST, "/api/collections/meta/dry-run-view", json!({"query": "select id, email from users"})),
        (Method::DELETE, "/api/collections/users/truncate", Json::Null),
        (Method::GET, "/api/collections/missing", Json::Null),
    ]
}

#[tokio::test]
async fn only_superusers_get_in() {
    let server = TestServer::start();
    let superuser = server.superuser().await;
    let user = server.user("ann").await;
    let forged = {
        let mut client = superuser.clone();
        client.token = client.token.map(|token| format!("{token}x"));
        client
    };
    for (method, path, body) in routes() {
        for (who, client, want) in
            [("guest", &server.guest(), 401), ("user", &user, 403), ("forged token", &forged, 401)]
        {
            let request = client.request(method.clone(), path);
            let request = if body.is_null() { request } else { request.json(&body) };
            let answer = client.send(request).await;
            assert_eq!(answer.status.as_u16(), want, "{method} {path} as {who}: {}", answer.text);
            assert_eq!(answer.body["data"], json!({}), "{method} {path} as {who}");
        }
        // A body that cannot be read is not even looked at.
        let answer = user.send(user.request(method.clone(), path).body("{").header("content-type", "text/x")).await;
        assert_eq!(answer.status.as_u16(), 403, "{method} {path}");
    }
    let all = superuser.get("/api/collections?fields=name&sort=name").await.expect(200);
    let names: Vec<&str> = all["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["_authOrigins", "_externalAuths", "_mfas", "_otps", "_superusers", "users"]);
}

#[tokio::test]
async fn a_collection_lives_and_goes() {
    let server = TestServer::start();
    let superuser = server.superuser().await;
    let fields = json!([{"name": "title", "type": "text", "required": true}]);
    let made = superuser.post("/api/collections", json!({"name": "posts", "fields": fields})).await.expect(200);
    assert_eq!(made["id"], "pbc_1125843985");
    assert_eq!(superuser.get("/api/collections/POSTS").await.expect(200), made);
    superuser.post("/api/collections/posts/records", json!({"title": "one"})).await.expect(200);

    let mut field = made["fields"][1].clone();
    field["name"] = json!("heading");
    let changed = superuser.patch("/api/collections/posts", json!({"name": "articles", "fields": [field]})).await;
    let changed = changed.expect(200);
    assert_eq!((&changed["id"], &changed["name"]), (&made["id"], &json!("articles")));
    let records = superuser.get("/api/collections/articles/records").await.expect(200);
    assert_eq!(records["items"][0]["heading"], "one");
    superuser.get("/api/collections/posts/records").await.expect(404);

    superuser.delete("/api/collections/articles").await.expect(204);
    superuser.get("/api/collections/articles").await.expect(404);
    superuser.delete("/api/collections/articles").await.expect(404);
    superuser.delete("/api/collections/_superusers").await.expect(400);
}

#[tokio::test]
async fn errors_are_in_the_envelope() {
    let server = TestServer::start();
    let superuser = server.superuser().await;
    for (body, data) in [
        (json!({"name": "a b"}), json!({"name": "validation_match_invalid"})),
        (json!({"name": 5}), json!({})),
        (json!({"name": "n", "fields": [5]}), json!({})),
        (json!({"name": "sqlite_n"}), json!({})),
    ] {
        let answer = superuser.post("/api/collections", body.clone()).await;
        assert_eq!(answer.codes(), data, "{body}");
        let body = answer.expect(400);
        assert_eq!(body["status"], 400);
    }
    let malformed = superuser.request(Method::POST, "/api/collections").header("content-type", "application/json");
    superuser.send(malformed.body("{")).await.expect(400);
    let answer = superuser.patch("/api/collections/users", json!({"fields": [{"name": "a", "type": "select"}]})).await;
    assert_eq!(answer.expect(400)["data"]["fields"]["1"]["values"]["code"], "validation_required");
    for query in [
        "sort=fields",
        "page=x",
        "perPage=1e3",
        "skipTotal=maybe",
        "filter=name=",
        "filter=%20",
        "filter=nope=1",
        "filter=fields=1",
        "filter=@request.method='GET'",
    ] {
        superuser.get(&format!("/api/collections?{query}")).await.expect(400);
    }
    let page = superuser.get("/api/collections?page=2&perPage=4&sort=-name&fields=id,name").await.expect(200);
    let want = json!({
        "items": [{"id": "pbc_2281828961", "name": "_externalAuths"}, {"id": "pbc_4275539003", "name": "_authOrigins"}],
        "page": 2, "perPage": 4, "totalItems": 6, "totalPages": 2,
    });
    assert_eq!(page, want);
    let filter = "filter=system=true%26%26name~'mfa'%7C%7Cname='users'%26%26type='auth'%26%26created<=@now";
    let page = superuser.get(&format!("/api/collections?{filter}&sort=name&fields=name")).await.expect(200);
    assert_eq!((&page["items"], &page["totalItems"]), (&json!([{"name": "_mfas"}, {"name": "users"}]), &json!(2)));
    let page = superuser.get("/api/collections?skipTotal=1").await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalPages"]), (&json!(-1), &json!(-1)));
}

#[tokio::test]
async fn imports_are_all_or_nothing() {
    let server = TestServer::start();
    let superuser = server.superuser().await;
    superuser.put("/api/collections/import", json!({"collections": []})).await.expect(400);
    let bad = json!({"collections": [{"name": "good"}, {"name": "a b"}]});
    let answer = superuser.put("/api/collections/import", bad).await;
    assert_eq!(answer.codes(), json!({"collections": "validation_collections_import_failure"}));
    answer.expect(400);
    superuser.get("/api/collections/good").await.expect(404);
    superuser.put("/api/collections/import", json!({"collections": [{"name": "good"}]})).await.expect(204);
    superuser.get("/api/collections/good").await.expect(200);
}

#[tokio::test]
async fn views_can_be_tried_first() {
    let server = TestServer::start();
    let superuser = server.superuser().await;
    server.user("ann").await;
    let query = json!({"query": "select id, name, email from users"});
    let tried = superuser.post("/api/collections/meta/dry-run-view", query).await.expect(200);
    assert_eq!(tried["fields"].as_array().map(Vec::len), Some(3));
    assert_eq!(tried["sample"][0]["email"], "ann@example.com");
    for query in
        [json!(""), json!(5), json!("select password from users"), json!("drop table users"), json!("x".repeat(5001))]
    {
        superuser.post("/api/collections/meta/dry-run-view", json!({"query": query})).await.expect(400);
    }
    let view = json!({"name": "names", "type": "view", "viewQuery": "select id, name from users", "listRule": ""});
    superuser.post("/api/collections", view).await.expect(200);
    let listed = server.guest().get("/api/collections/names/records").await.expect(200);
    assert_eq!(listed["items"][0]["name"], "ann");
}

#[tokio::test]
async fn what_the_dashboard_asks_for() {
    let server = TestServer::start();
    let superuser = server.superuser().await;
    let scaffolds = superuser.get("/api/collections/meta/scaffolds").await.expect(200);
    assert_eq!(scaffolds["auth"]["authToken"], json!({"duration": 432_000}));
    assert_eq!(scaffolds["base"]["fields"][0]["name"], "id");
    assert_eq!(scaffolds["view"]["viewQuery"], "");
    let providers = superuser.get("/api/collections/meta/oauth2-providers").await.expect(200);
    let providers = providers.as_array().unwrap();
    assert_eq!((providers.len(), &providers[0]["name"]), (32, &json!("apple")));
    assert!(providers.iter().all(|provider| provider["logo"].as_str().unwrap().starts_with("<svg")));
}

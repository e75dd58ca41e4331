//! Logs: what is stored of requests, how it is read, and that no secret is ever among it.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::crash::{Process, make_superuser};
use crate::server::{Client, PASSWORD, SUPERUSER_EMAIL, TestServer};

/// The entries of a filter, in order.
async fn entries(root: &Client, filter: &str) -> Vec<Json> {
    let url = reqwest::Url::parse_with_params(
        "http://x/api/logs",
        [("filter", filter), ("sort", "@rowid"), ("perPage", "500")],
    );
    let url = url.unwrap();
    let path = format!("{}?{}", url.path(), url.query().unwrap());
    root.get(&path).await.expect(200)["items"].as_array().unwrap().clone()
}

async fn set_logs(root: &Client, logs: Json) {
    root.patch("/api/settings", json!({ "logs": logs })).await.expect(200);
}

#[tokio::test]
async fn requests_are_logged_as_by_the_reference() {
    let server = TestServer::start();
    let root = server.superuser().await;
    set_logs(&root, json!({"logAuthId": true})).await;
    let ann = server.user("ann").await;
    ann.get("/api/health?case=plain%20x").await.expect(200);
    ann.get("/api/collections/users/records?case=known").await.expect(200);
    ann.get("/api/collections/nope/records?case=missing").await.expect(404);
    server.guest().post("/api/collections/users/records?case=invalid", json!({"email": "nope"})).await.expect(400);
    root.with_token("forged").get("/api/settings?case=forged").await.expect(401);
    server.guest().get("/nowhere.txt?case=file").await.expect(404);
    let preflight = server.guest().request(Method::OPTIONS, "/api/health?case=options").header("Origin", "http://a");
    server.guest().send(preflight).await;
    server.guest().get("/_?case=dashboard").await;
    let head = ann
        .request(Method::HEAD, "/api/health?case=head")
        .header("Referer", "http://r/")
        .header("User-Agent", "tester");
    let answer = ann.send(head.header("X-Larder-Client", "dashboard").header("X-Request-Id", "req-1")).await;
    assert_eq!(answer.headers["x-request-id"], "req-1");
    let found = entries(&root, "data.url ~ 'case=' && data.url !~ '/api/logs'").await;
    let summary: Vec<Json> = found
        .iter()
        .map(|e| {
            json!([e["message"], e["level"], e["data"]["status"], e["data"]["auth"], e["data"]["error"].is_string()])
        })
        .collect();
    let users = "users";
    let want = json!([
        ["GET /api/health?case=plain x", 0, 200, users, false],
        ["GET /api/collections/users/records?case=known", 0, 200, users, false],
        ["GET /api/collections/nope/records?case=missing", 8, 404, users, true],
        ["POST /api/collections/users/records?case=invalid", 8, 400, "", true],
        ["GET /api/settings?case=forged", 8, 401, "", true],
        ["GET /nowhere.txt?case=file", 8, 404, "", true],
        ["HEAD /api/health?case=head", 0, 200, users, false],
    ]);
    assert_eq!(json!(summary), want);
    assert_eq!(found[3]["data"]["details"]["password"]["code"], "validation_required");
    assert_eq!(found[2]["data"]["details"], Json::Null);
    let last = &found[6];
    let keys: Vec<&String> = last["data"].as_object().unwrap().keys().collect();
    let names = "auth authId client execTime method referer remoteIP requestId status type url userAgent userIP";
    assert_eq!(keys, names.split(' ').collect::<Vec<_>>());
    let data = &last["data"];
    assert_eq!(
        json!([
            data["client"],
            data["method"],
            data["referer"],
            data["userAgent"],
            data["requestId"],
            data["type"],
            data["userIP"],
            data["remoteIP"]
        ]),
        json!(["dashboard", "HEAD", "http://r/", "tester", "req-1", "request", "127.0.0.1", "127.0.0.1"])
    );
    assert!(data["execTime"].as_f64().unwrap() > 0.0);
    let one = root.get(&format!("/api/logs/{}", last["id"].as_str().unwrap())).await;
    assert!(one.text.starts_with("{\"id\":") && one.text.trim_end().ends_with("\"level\":0}"), "{}", one.text);
    assert_eq!(&one.body, last);
    let picked = root.get(&format!("/api/logs/{}?fields=id,data.url", last["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(picked, json!({"id": last["id"], "data": {"url": "/api/health?case=head"}}));
    root.get("/api/logs/nope").await.expect(404);

    set_logs(&root, json!({"logAuthId": false, "logIP": false})).await;
    ann.get("/api/health?case=private").await.expect(200);
    let data = entries(&root, "data.url ~ 'case=private' && data.url !~ '/api/logs'").await[0]["data"].clone();
    assert_eq!((data.get("userIP"), data.get("remoteIP"), data.get("authId")), (None, None, None));
    assert_eq!(data["auth"], "users");
}

#[tokio::test]
async fn streams_are_logged_when_they_begin() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let mut stream = server.guest().request(Method::GET, "/api/realtime?case=stream").send().await.unwrap();
    stream.chunk().await.unwrap().unwrap();
    let found = entries(&root, "data.url = '/api/realtime?case=stream'").await;
    assert_eq!((found.len(), &found[0]["data"]["status"]), (1, &json!(200)));
}

/// Requests of the test that were not found.
const NOPE: &str = "filter=message~'/api/nope/'%26%26data.status=404";

#[tokio::test]
async fn lists_are_filtered_sorted_and_paged() {
    let server = TestServer::start();
    let root = server.superuser().await;
    for n in 0..5 {
        server.guest().get(&format!("/api/nope/{n}")).await.expect(404);
    }
    let list = |query: &str| {
        let (root, path) = (root.clone(), format!("/api/logs?fields=message&{query}"));
        async move { root.get(&path).await.expect(200) }
    };
    let messages = |page: &Json| {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["message"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect::<String>()
    };
    for (query, want) in [
        ("sort=@rowid", "01234"),
        ("sort=-@rowid", "43210"),
        ("sort=-message", "43210"),
        ("sort=-data.url", "43210"),
        ("sort=level,-created,-@rowid&perPage=2", "43"),
        ("sort=@rowid&perPage=2&page=3", "4"),
        ("sort=@rowid&perPage=2&page=9", ""),
        ("sort=@rowid&skipTotal=1&perPage=3", "012"),
    ] {
        let page = list(&format!("{NOPE}&{query}")).await;
        assert_eq!(messages(&page), want, "{query}");
        let total = if query.contains("skipTotal") { -1 } else { 5 };
        assert_eq!(page["totalItems"], total, "{query}");
    }
    let page = list(&format!("{NOPE}&sort=@rowid&page=2&perPage=2")).await;
    assert_eq!((&page["page"], &page["perPage"], &page["totalPages"]), (&json!(2), &json!(2), &json!(3)));
    for (filter, count) in [
        ("data.status>=400%26%26data.auth=''", 5),
        ("data.error!=''%26%26level=8", 5),
        ("created>=@todayStart%26%26data.status=404", 5),
        ("data.details.x=null%26%26data.status=404", 5),
        ("data.a.b.c='x'", 0),
        ("data.0='x'", 0),
        ("data~'/api/nope/3\"'", 1),
        ("message='it''s'", 0),
        ("created<'2000'", 0),
    ] {
        let answer = root.get(&format!("/api/logs?perPage=1&filter={filter}")).await;
        let got = if answer.status == 200 { answer.body["totalItems"].as_i64() } else { None };
        let want = if filter.contains("it''s") { None } else { Some(count) };
        assert_eq!(got, want, "{filter}: {}", answer.text);
    }
    let nested = format!("filter={}level=1{}", "(".repeat(400), ")".repeat(400));
    let long = format!("filter=message='{}'", "x".repeat(4000));
    for query in [
        "filter=foo=1",
        "filter=rowid>0",
        "filter=@rowid>0",
        "filter=@request.auth.id=''",
        "filter=@collection.users.id=''",
        "filter=level=",
        "filter=level=1;DROP",
        "filter=data..x=1",
        "filter=message.x=1",
        "filter=id:nope=1",
        "sort=foo",
        "sort=rowid",
        "sort=-@rowid;",
        "sort=(SELECT 1)",
        "page=x",
        "perPage=1.5",
        "skipTotal=maybe",
        &long,
    ] {
        let answer = root.get(&format!("/api/logs?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
    root.get(&format!("/api/logs?{nested}")).await.expect(200);
    for query in ["filter=foo=1", "filter=level=", "filter=@collection.users.id=''"] {
        root.get(&format!("/api/logs/stats?{query}")).await.expect(400);
    }
    for id in ["%00", "%27%20OR%201=1", "stats%2F", "%F0%9F%92%A9", &"x".repeat(5000)] {
        root.get(&format!("/api/logs/{id}")).await.expect(404);
    }
    let stats = root.get("/api/logs/stats?filter=message~'/api/nope/'%26%26data.status=404").await.expect(200);
    let (date, total) = (stats[0]["date"].as_str().unwrap(), stats[0]["total"].as_i64());
    assert!(total == Some(5) || stats.as_array().unwrap().len() == 2, "{stats}");
    assert!(date.ends_with(":00:00.000Z") && date.len() == 24, "{date}");
    assert_eq!(root.get("/api/logs/stats?filter=level>100").await.expect(200), json!([]));
    assert!(root.get("/api/logs/stats?fields=total").await.expect(200)[0].get("date").is_none());
}

#[tokio::test]
async fn only_what_the_settings_keep_is_stored() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let all = async |root: &Client| root.get("/api/logs?perPage=1").await.expect(200)["totalItems"].as_i64().unwrap();
    set_logs(&root, json!({"minLevel": 8})).await;
    root.delete("/api/logs").await.expect(204);
    server.guest().get("/api/health").await.expect(200);
    assert_eq!(all(&root).await, 0);
    server.guest().get("/api/nope").await.expect(404);
    assert_eq!(all(&root).await, 1);
    set_logs(&root, json!({"minLevel": 0, "maxDays": 0})).await;
    root.delete("/api/logs").await.expect(204);
    server.guest().get("/api/nope").await.expect(404);
    assert_eq!(all(&root).await, 0);
    set_logs(&root, json!({"maxDays": 1})).await;
    server.guest().get("/api/nope").await.expect(404);
    assert!(all(&root).await >= 1);
}

#[tokio::test]
async fn a_killed_server_leaves_a_readable_file() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    make_superuser(&data);
    let mut process = Process::start(&data);
    let guest = Client::at(&process.base);
    let sign_in = json!({"identity": SUPERUSER_EMAIL, "password": PASSWORD});
    let auth = guest.post("/api/collections/_superusers/auth-with-password", sign_in.clone()).await.expect(200);
    let root = guest.signed_in(&auth);
    guest.get("/api/nope/before").await.expect(404);
    assert_eq!(entries(&root, "message ~ '/before' && data.status = 404").await.len(), 1);
    for _ in 0..300 {
        guest.get("/api/nope/after").await.expect(404);
    }
    process.kill();
    let process = Process::start(&data);
    let guest = Client::at(&process.base);
    let root =
        guest.signed_in(&guest.post("/api/collections/_superusers/auth-with-password", sign_in).await.expect(200));
    assert_eq!(entries(&root, "message ~ '/before' && data.status = 404").await.len(), 1);
    assert!(!data.join("auxiliary.db.damaged").exists());
}

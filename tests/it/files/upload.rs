//! Files come with creates, updates and batches.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};

use super::{DOCS, await_stored, docs, file, paths};
use crate::server::TestServer;

fn names(record: &Json, field: &str) -> Vec<String> {
    record[field].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn files_come_with_a_create() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let form = Form::new()
        .text("title", "t")
        .part("one", file("Test Name.TXT", "hello"))
        .part("many", file("a.txt", "first"))
        .part("many", file("b.txt", "second"));
    let made = guest.submit(Method::POST, DOCS, form).await.expect(200);
    assert!(made["one"].as_str().unwrap().starts_with("test_name_"), "{made}");
    let extension = made["one"].as_str().unwrap().rsplit('.').next();
    assert_eq!(extension, Some("TXT"), "it stays as it is");
    assert_eq!((made["title"].as_str(), names(&made, "many").len()), (Some("t"), 2));
    await_stored(&server, &paths(&collection, &made)).await;
    let url = format!("/api/files/docs/{}/{}", made["id"].as_str().unwrap(), names(&made, "many")[1]);
    assert_eq!(guest.get(&url).await.text, "second");
}

#[tokio::test]
async fn file_names_may_be_written_in_the_extended_form() {
    let server = TestServer::start();
    docs(&server).await;
    for (parameters, want) in [
        ("filename*=UTF-8''a%20gr%C3%BCn.txt", "a_gr_n_"),
        ("filename=\"plain.txt\"; filename*=utf-8'en'extended.txt", "extended_"),
        ("filename*=UTF-8''%2e%2e%2fname.txt", "name_"),
    ] {
        let head = format!("Content-Disposition: form-data; name=\"one\"; {parameters}");
        let request = server
            .guest()
            .request(Method::POST, DOCS)
            .header("Content-Type", "multipart/form-data; boundary=b")
            .body(format!("--b\r\n{head}\r\n\r\nhello\r\n--b--\r\n"));
        let made = server.guest().send(request).await.expect(200);
        let name = made["one"].as_str().unwrap();
        assert!(name.starts_with(want) && name.len() == want.len() + "0123456789.txt".len(), "{parameters}: {name}");
    }
}

#[tokio::test]
async fn the_last_of_several_files_for_one_place_stays() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let form = Form::new().part("one", file("a.txt", "first")).part("one", file("b.txt", "second"));
    let made = server.guest().submit(Method::POST, DOCS, form).await.expect(200);
    assert!(made["one"].as_str().unwrap().starts_with('b'), "{made}");
    await_stored(&server, &paths(&collection, &made)).await;
}

#[tokio::test]
async fn updates_add_replace_and_remove() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let form = Form::new().part("one", file("one.txt", "1")).part("many", file("aaa.txt", "a"));
    let made = guest.submit(Method::POST, DOCS, form).await.expect(200);
    let url = format!("{DOCS}/{}", made["id"].as_str().unwrap());
    let first = names(&made, "many")[0].clone();

    let form = Form::new().part("many+", file("bbb.txt", "b")).part("one", file("two.txt", "2"));
    let grown = guest.submit(Method::PATCH, &url, form).await.expect(200);
    assert_eq!((names(&grown, "many").len(), &names(&grown, "many")[0]), (2, &first));
    await_stored(&server, &paths(&collection, &grown)).await;

    let form = Form::new().part("+many", file("ccc.txt", "c"));
    let grown = guest.submit(Method::PATCH, &url, form).await.expect(200);
    assert_eq!(&names(&grown, "many")[1], &first);
    let all = names(&grown, "many");

    // Names that are sent beside uploads are kept.
    let form = Form::new().text("many", all[2].clone()).part("many", file("ddd.txt", "d"));
    let mixed = guest.submit(Method::PATCH, &url, form).await.expect(200);
    assert_eq!((names(&mixed, "many").len(), &names(&mixed, "many")[0]), (2, &all[2]));
    await_stored(&server, &paths(&collection, &mixed)).await;

    // Unknown names to remove are nothing.
    let less = guest.patch(&url, json!({"many-": [all[2], "unknown.txt"], "one": null})).await.expect(200);
    assert_eq!((names(&less, "many").len(), &less["one"]), (1, &json!("")));
    await_stored(&server, &paths(&collection, &less)).await;

    let form = Form::new().text("many-", names(&less, "many")[0].clone()).part("many+", file("eee.txt", "e"));
    let both = guest.submit(Method::PATCH, &url, form).await.expect(200);
    assert!(names(&both, "many")[0].starts_with("eee"), "{both}");
    await_stored(&server, &paths(&collection, &both)).await;

    guest.delete(&url).await.expect(204);
    await_stored(&server, &[]).await;
}

#[tokio::test]
async fn refused_saves_leave_no_file() {
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    let guest = server.guest();
    let large = || file("big.txt", "x".repeat(1001));
    for (form, codes) in [
        (Form::new().part("one", large()), json!({"one": "validation_file_size_limit"})),
        (Form::new().text("one", "made_up.txt"), json!({"one": "validation_invalid_file"})),
        (
            (0..4).fold(Form::new(), |form, n| form.part("many", file(&format!("f{n}.txt"), "x"))),
            json!({"many": "validation_too_many_files"}),
        ),
        (
            Form::new().text("id", "../../../../x/x").part("one", file("a.txt", "x")),
            json!({"id": "validation_invalid_format"}),
        ),
    ] {
        let refused = guest.submit(Method::POST, DOCS, form).await;
        assert_eq!((refused.status.as_u16(), refused.codes()), (400, codes), "{}", refused.text);
    }
    root.patch("/api/collections/docs", json!({"createRule": "title = 'yes'"})).await.expect(200);
    let form = Form::new().part("one", file("a.txt", "x"));
    guest.submit(Method::POST, DOCS, form).await.expect(400);
    let form = Form::new().text("title", "yes").part("one", file("a.txt", "x"));
    let made = guest.submit(Method::POST, DOCS, form).await.expect(200);
    // The table refuses what the rehearsal lets through.
    let again = Form::new().text("title", "yes").text("id", made["id"].as_str().unwrap().to_owned());
    let again = guest.submit(Method::POST, DOCS, again.part("one", file("b.txt", "x"))).await;
    assert_eq!(again.codes(), json!({"id": "validation_not_unique"}), "{}", again.text);
    let collection = root.get("/api/collections/docs").await.body["id"].as_str().unwrap().to_owned();
    await_stored(&server, &paths(&collection, &made)).await;
}

#[tokio::test]
async fn a_batch_brings_files() {
    let server = TestServer::start();
    let (root, collection) = docs(&server).await;
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).await.expect(200);
    let guest = server.guest();
    let form = Form::new().part("many", file("old.txt", "old"));
    let before = guest.submit(Method::POST, DOCS, form).await.expect(200);
    let requests = json!({"requests": [
        {"method": "POST", "url": DOCS, "body": {"title": "new"}},
        {"method": "PATCH", "url": format!("{DOCS}/{}", before["id"].as_str().unwrap())},
        {"method": "PUT", "url": DOCS, "body": {"id": "upsertupsertupx"}},
    ]});
    let payload = || Part::text(requests.to_string());
    let form = Form::new()
        .part("@jsonPayload", payload())
        .part("requests.0.one", file("zero.txt", "0"))
        .part("requests[1].many+", file("one.txt", "1"))
        .part("requests.2.secret", file("two.txt", "2"))
        .part("requests.7.one", file("seven.txt", "7"))
        .part("requests.0.unknown", file("none.txt", "-"));
    let answer = guest.submit(Method::POST, "/api/batch", form).await.expect(200);
    let records: Vec<&Json> = answer.as_array().unwrap().iter().map(|item| &item["body"]).collect();
    assert_eq!((names(records[1], "many").len(), &records[2]["id"]), (2, &json!("upsertupsertupx")));
    let mut want: Vec<String> = records.iter().flat_map(|record| paths(&collection, record)).collect();
    assert_eq!(want.len(), 4);
    await_stored(&server, &want).await;

    // One item that fails takes all files with it.
    let requests = json!({"requests": [
        {"method": "POST", "url": DOCS},
        {"method": "PATCH", "url": format!("{DOCS}/nothingthereatall")},
    ]});
    let form = Form::new()
        .text("@jsonPayload", requests.to_string())
        .part("requests.0.one", file("x.txt", "0"))
        .part("requests.1.one", file("y.txt", "1"));
    guest.submit(Method::POST, "/api/batch", form).await.expect(400);
    want.sort();
    await_stored(&server, &want).await;
}

#[tokio::test]
async fn rules_see_what_is_known_of_uploads() {
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    let guest = server.guest();
    for (rule, status) in [
        ("@request.body.one.size = 5", 200),
        ("@request.body.one.size > 5", 400),
        ("@request.body.one.originalName = 'My Name.txt'", 200),
        ("@request.body.one.name ~ 'my_name_%'", 200),
        ("@request.body.many.1.size = 6 && @request.body.many:length = 2", 200),
        ("@request.body.one:isset = true && @request.body.one != ''", 200),
        // Whoever must not set a field must not send a file for it either.
        ("@request.body.one:changed = false", 400),
        ("@request.body.many:changed = false", 400),
        ("@request.body.secret:changed = false", 200),
    ] {
        root.patch("/api/collections/docs", json!({"createRule": rule})).await.expect(200);
        let form = Form::new()
            .part("one", file("My Name.txt", "hello"))
            .part("many", file("a.txt", "first"))
            .part("many", file("b.txt", "second"));
        let answer = guest.submit(Method::POST, DOCS, form).await;
        assert_eq!(answer.status.as_u16(), status, "{rule}: {}", answer.text);
    }
}

#[tokio::test]
async fn rules_see_the_names_of_uploads() {
    let server = TestServer::start();
    let (root, _) = docs(&server).await;
    let guest = server.guest();
    for (rule, files, status) in [
        ("@request.body.many:length = 2", 2, 200),
        ("@request.body.many:length = 2", 1, 400),
        ("@request.body.many:isset = true", 1, 200),
        ("@request.body.many:isset = false", 1, 400),
        ("many:length = 1", 1, 200),
        ("many:each ~ 'f0%'", 1, 200),
    ] {
        root.patch("/api/collections/docs", json!({"createRule": rule})).await.expect(200);
        let form = (0..files).fold(Form::new(), |form, n| form.part("many", file(&format!("f{n}{n}{n}.txt"), "x")));
        let answer = guest.submit(Method::POST, DOCS, form).await;
        assert_eq!(answer.status.as_u16(), status, "{rule}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_batch_stores_nothing_for_who_may_not_write() {
    let server = TestServer::start();
    let (root, collection) = docs(&server).await;
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).await.expect(200);
    root.patch("/api/collections/docs", json!({"createRule": null})).await.expect(200);
    let send = async |method: &str| {
        let requests = json!({"requests": [{"method": method, "url": DOCS, "body": {"id": "upsertupsertupx"}}]});
        let form = Form::new().text("@jsonPayload", requests.to_string()).part("requests.0.one", file("x.txt", "0"));
        server.guest().submit(Method::POST, "/api/batch", form).await
    };
    let refused = send("POST").await.expect(400);
    assert_eq!(refused["data"]["requests"]["0"]["response"]["status"], 403, "{refused}");
    assert!(!server.folder.path().join("data/storage").join(&collection).exists());
    // It might be an update.
    let refused = send("PUT").await.expect(400);
    assert_eq!(refused["data"]["requests"]["0"]["response"]["status"], 403, "{refused}");
    root.patch("/api/collections/docs", json!({"updateRule": null})).await.expect(200);
    send("PUT").await.expect(400);
    await_stored(&server, &[]).await;
}

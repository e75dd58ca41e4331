//! `/api/settings/test/s3`. Who may use it is in `access`.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::s3_front::{ACCESS_KEY, BUCKET, Fate, S3Front, SECRET, Step};
use crate::server::{Answer, Client, TestServer};

/// The settings of the bucket of a server there.
pub(crate) fn settings(endpoint: &str) -> Json {
    json!({
        "enabled": true, "bucket": BUCKET, "region": "eu-1", "endpoint": endpoint,
        "accessKey": ACCESS_KEY, "secret": SECRET, "forcePathStyle": true,
    })
}

async fn test(root: &Client, filesystem: &str) -> Answer {
    root.post("/api/settings/test/s3", json!({"filesystem": filesystem})).await
}

#[tokio::test]
async fn the_saved_settings_are_tried() {
    let s3 = S3Front::start().await;
    let server = TestServer::start();
    let root = server.superuser().await;
    for filesystem in ["storage", "backups"] {
        let answer = test(&root, filesystem).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.body["message"], "S3 was not tested: S3 is not enabled for it.");
        assert_eq!(answer.body["data"], json!({}));
    }
    assert_eq!(s3.steps(), []);
    let endpoint = format!("http://127.0.0.1:{}", s3.port);
    root.patch("/api/settings", json!({"backups": {"s3": settings(&endpoint)}})).await.expect(200);
    test(&root, "storage").await.expect(400);
    test(&root, "backups").await.expect(204);
    root.patch("/api/settings", json!({"s3": settings(&endpoint), "backups": {"s3": {"enabled": false}}}))
        .await
        .expect(200);
    test(&root, "storage").await.expect(204);
    test(&root, "backups").await.expect(400);
    assert_eq!(s3.stored(), Vec::<String>::new());
    assert!(s3.steps().contains(&Step::Put) && s3.steps().contains(&Step::Get) && s3.steps().contains(&Step::Delete));
}

#[tokio::test]
async fn what_is_wrong_is_told_without_secrets() {
    let s3 =
        S3Front::with(|step, _| if step == Step::Get { Fate::error(403, "AccessDenied") } else { Fate::Fine }).await;
    let server = TestServer::start();
    let root = server.superuser().await;
    let endpoint = format!("http://127.0.0.1:{}", s3.port);
    for (change, expected) in [
        (json!({}), "The test of S3 failed: the service denies access (AccessDenied)."),
        (json!({"secret": "nope"}), "The test of S3 failed: the service denies access (SignatureDoesNotMatch)."),
        (json!({"bucket": "a/b"}), "The test of S3 failed: the name of the bucket is missing or not valid."),
        (json!({"endpoint": "http://127.0.0.1:1"}), "The test of S3 failed: no connection to the service: "),
    ] {
        let mut wrong = settings(&endpoint);
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        root.patch("/api/settings", json!({"s3": wrong})).await.expect(200);
        let answer = test(&root, "storage").await;
        assert_eq!(answer.status, 400, "{change}");
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.starts_with(expected), "{message}");
        for secret in [SECRET, "nope", ACCESS_KEY, "127.0.0.1"] {
            assert!(!answer.text.contains(secret), "{}", answer.text);
        }
    }
    assert_eq!(s3.stored(), Vec::<String>::new());
}

#[tokio::test]
async fn forms_that_name_no_filesystem() {
    let server = TestServer::start();
    let root = server.superuser().await;
    for (body, code) in [
        (json!({}), "validation_required"),
        (json!({"filesystem": null}), "validation_required"),
        (json!({"filesystem": ""}), "validation_required"),
        (json!({"filesystem": "Storage"}), "validation_in_invalid"),
    ] {
        let answer = root.post("/api/settings/test/s3", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.body["data"]["filesystem"]["code"], code, "{body}");
    }
    for body in [json!({"filesystem": 5}), json!([])] {
        let answer = root.post("/api/settings/test/s3", body.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.body["data"]), (400, &json!({})), "{body}");
    }
    let get = root.send(root.request(Method::GET, "/api/settings/test/s3")).await;
    assert_eq!(get.status, 404);
}

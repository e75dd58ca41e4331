//! `/api/settings`. Who may use it is in `access`.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::server::{Client, TestServer, config};

/// The codes of a refused change by path: `{"batch.timeout": "validation_required"}`.
fn codes(data: &Json) -> Json {
    fn walk(node: &Json, path: &str, out: &mut serde_json::Map<String, Json>) {
        let Some(object) = node.as_object() else { return };
        for (key, value) in object {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match value["code"].as_str() {
                Some(code) => drop(out.insert(path, code.trim_start_matches("validation_").into())),
                None => walk(value, &path, out),
            }
        }
    }
    let mut out = serde_json::Map::new();
    walk(data, "", &mut out);
    Json::Object(out)
}

async fn patch(client: &Client, body: Json) -> Json {
    client.patch("/api/settings", body).await.expect(200)
}

#[tokio::test]
async fn a_new_folder_has_the_defaults() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let want = json!({
        "superuserIPs": [],
        "smtp": {"enabled": false, "port": 587, "host": "smtp.example.com", "username": "", "authMethod": "", "tls": false, "localName": ""},
        "backups": {"cron": "", "cronMaxKeep": 3, "s3": {"enabled": false, "bucket": "", "region": "", "endpoint": "", "accessKey": "", "forcePathStyle": false}},
        "s3": {"enabled": false, "bucket": "", "region": "", "endpoint": "", "accessKey": "", "forcePathStyle": false},
        "meta": {"accentColor": "#1055c9", "appName": "Acme", "appURL": "http://localhost:8090", "senderName": "Support", "senderAddress": "support@example.com", "hideControls": false},
        "rateLimits": {
            "rules": [
                {"label": "*:auth", "audience": "", "duration": 3, "maxRequests": 2},
                {"label": "*:create", "audience": "", "duration": 5, "maxRequests": 20},
                {"label": "/api/batch", "audience": "", "duration": 1, "maxRequests": 3},
                {"label": "/api/", "audience": "", "duration": 10, "maxRequests": 300},
            ],
            "excludedIPs": [], "enabled": false,
        },
        "trustedProxy": {"headers": [], "useLeftmostIP": false},
        "batch": {"enabled": false, "maxRequests": 50, "timeout": 3, "maxBodySize": 0},
        "logs": {"maxDays": 5, "minLevel": 0, "logIP": true, "logAuthId": false},
    });
    assert_eq!(root.get("/api/settings").await.expect(200), want);
    let picked = root.get("/api/settings?fields=meta.appName,batch").await.expect(200);
    assert_eq!(picked, json!({"meta": {"appName": "Acme"}, "batch": want["batch"]}));
}

#[tokio::test]
async fn changes_are_merged_and_outlive_a_restart() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let changed = patch(&root, json!({"meta": {"appName": "Mine"}, "batch": null, "nope": {"x": 1}})).await;
    assert_eq!((&changed["meta"]["appName"], &changed["meta"]["senderName"]), (&json!("Mine"), &json!("Support")));
    assert_eq!(root.get("/api/settings").await.expect(200), changed);
    assert_eq!(patch(&root, json!({})).await, changed);
    let picked = root.patch("/api/settings?fields=batch.timeout", json!({"batch": {"timeout": 7}})).await.expect(200);
    assert_eq!(picked, json!({"batch": {"timeout": 7}}));
    // Rules are replaced as a whole: nothing of the old ones shines through.
    let rules = json!([{"label": "/x", "maxRequests": 1, "duration": 2}]);
    let changed = patch(&root, json!({"rateLimits": {"rules": rules}})).await;
    let want = json!([{"label": "/x", "audience": "", "maxRequests": 1, "duration": 2}]);
    assert_eq!(changed["rateLimits"]["rules"], want);
    let form = reqwest::multipart::Form::new().text("@jsonPayload", "{\"meta\":{\"appName\":\"Form\"}}");
    let answer = root.send(root.request(Method::PATCH, "/api/settings").multipart(form)).await.expect(200);
    assert_eq!(answer["meta"]["appName"], "Form");

    let folder = server.stop();
    let settings = config(&folder);
    let server = TestServer::with(folder, settings);
    let root = server.sign_in("_superusers", crate::server::SUPERUSER_EMAIL).await;
    assert_eq!(root.get("/api/settings").await.expect(200), answer);
}

#[tokio::test]
async fn secrets_are_written_but_never_read() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let bucket = |secret: Json| json!({"enabled": true, "bucket": "b", "region": "r", "endpoint": "https://s3.example.com", "accessKey": "k", "secret": secret});
    let body = json!({"smtp": {"password": "hunter2"}, "s3": bucket(json!("hunter2")), "backups": {"s3": bucket(json!("hunter2"))}});
    let answer = root.patch("/api/settings", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for path in ["/api/settings", "/api/settings?fields=smtp.password,s3.secret,backups"] {
        assert!(!answer.text.contains("hunter2") && !root.get(path).await.text.contains("hunter2"), "{path}");
    }
    // Kept when absent or null: an S3 that is enabled without one would be refused.
    for body in [json!({"meta": {"appName": "x"}}), json!({"s3": {"bucket": "c"}}), json!({"s3": {"secret": null}})] {
        patch(&root, body).await;
    }
    let refused = root.patch("/api/settings", json!({"s3": {"secret": ""}})).await.expect(400);
    assert_eq!(codes(&refused["data"]), json!({"s3.secret": "required"}));
    patch(&root, json!({"s3": {"secret": "", "enabled": false}})).await;
    patch(&root, json!({"smtp": {"password": ""}})).await;
}

#[tokio::test]
async fn what_is_refused() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let before = root.get("/api/settings").await.text;
    for (body, want) in [
        (
            json!({"batch": {"enabled": true, "maxRequests": 0, "timeout": 0}}),
            json!({"batch.maxRequests": "required", "batch.timeout": "required"}),
        ),
        (
            json!({"batch": {"maxRequests": -1, "timeout": -1, "maxBodySize": -1}, "logs": {"maxDays": -1}}),
            json!({
                "batch.maxRequests": "min_greater_equal_than_required", "batch.timeout": "min_greater_equal_than_required",
                "batch.maxBodySize": "min_greater_equal_than_required", "logs.maxDays": "min_greater_equal_than_required",
            }),
        ),
        (
            json!({"meta": {"appName": "", "senderName": "", "appURL": "", "senderAddress": "", "accentColor": "red"}}),
            json!({
                "meta.appName": "required", "meta.senderName": "required", "meta.appURL": "required",
                "meta.senderAddress": "required", "meta.accentColor": "length_invalid",
            }),
        ),
        (
            json!({"meta": {"appName": "é".repeat(128), "appURL": "x", "senderAddress": "x", "accentColor": "#12345g"}}),
            json!({
                "meta.appName": "length_out_of_range", "meta.appURL": "is_url", "meta.senderAddress": "is_email",
                "meta.accentColor": "is_hex_color",
            }),
        ),
        (
            json!({"superuserIPs": ["", "x", "::1"], "rateLimits": {"excludedIPs": ["1.2.3.4/33"]}}),
            json!({"superuserIPs.0": "required", "superuserIPs.1": "invlaid_ip_or_subnet", "rateLimits.excludedIPs.0": "invlaid_ip_or_subnet"}),
        ),
        (json!({"rateLimits": {"enabled": true, "rules": []}}), json!({"rateLimits.rules": "required"})),
        (
            json!({"rateLimits": {"rules": [{"label": "bad label", "audience": "x", "maxRequests": -1}, {}]}}),
            json!({
                "rateLimits.rules.0.label": "match_invalid", "rateLimits.rules.0.audience": "in_invalid",
                "rateLimits.rules.0.maxRequests": "min_greater_equal_than_required", "rateLimits.rules.0.duration": "required",
                "rateLimits.rules.1.label": "required", "rateLimits.rules.1.maxRequests": "required", "rateLimits.rules.1.duration": "required",
            }),
        ),
        (
            json!({"rateLimits": {"rules": [
                {"label": "/a", "audience": "@auth", "maxRequests": 1, "duration": 1},
                {"label": "/a", "audience": "@guest", "maxRequests": 1, "duration": 1},
                {"label": "/a", "maxRequests": 1, "duration": 1},
            ]}}),
            json!({"rateLimits.rules.2.label": "conflicting_rate_limit_rule"}),
        ),
        (
            json!({"smtp": {"enabled": true, "host": "", "port": 0, "authMethod": "plain", "localName": "a b"}}),
            json!({"smtp.host": "required", "smtp.port": "required", "smtp.authMethod": "in_invalid", "smtp.localName": "is_host"}),
        ),
        (json!({"s3": {"endpoint": "bad endpoint"}}), json!({"s3.endpoint": "is_url"})),
        (
            json!({"backups": {"s3": {"enabled": true, "bucket": "b"}, "cron": "* * * * MON", "cronMaxKeep": 0}}),
            json!({
                "backups.s3.endpoint": "required", "backups.s3.region": "required", "backups.s3.accessKey": "required",
                "backups.s3.secret": "required", "backups.cron": "invalid_cron", "backups.cronMaxKeep": "required",
            }),
        ),
    ] {
        let refused = root.patch("/api/settings", body.clone()).await.expect(400);
        assert_eq!(codes(&refused["data"]), want, "{body}");
    }
    for body in
        [json!([]), json!(5), json!({"batch": []}), json!({"batch": {"enabled": "true"}}), json!({"superuserIPs": [1]})]
    {
        let refused = root.patch("/api/settings", body.clone()).await.expect(400);
        assert_eq!(refused["data"], json!({}), "{body}");
    }
    assert_eq!(root.get("/api/settings").await.text, before);
}

/// Made for these tests: `openssl ecparam -name prime256v1 -genkey`, `openssl pkcs8 -topk8 -nocrypt`.
const EC_KEY: &str = include_str!("fixtures/apple_key.pem");

/// The public half of it.
const EC_POINT: (&str, &str) =
    ("gFOg_rZQ3Cw9u9JHfoPMBdt6s3g7aCnTcMv6RK5J3qw", "5aVmVzLX8fL840FsSqKhMFosO6tZ7IhXjwFyP4_xajY");

#[tokio::test]
async fn client_secrets_for_apple() {
    const PATH: &str = "/api/settings/apple/generate-client-secret";
    let server = TestServer::start();
    let root = server.superuser().await;
    let form = json!({
        "clientId": "com.example.app", "teamId": "TEAM567890", "keyId": "KEY4567890", "privateKey": EC_KEY, "duration": 100,
    });
    let with = |changes: &Json| {
        let mut form = form.clone();
        form.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        form
    };
    for changes in [json!({}), json!({"privateKey": format!("junk\n{}junk", EC_KEY.replace('\n', "\r\n"))})] {
        let secret = root.post(PATH, with(&changes)).await.expect(200)["secret"].as_str().unwrap().to_owned();
        let header = jsonwebtoken::decode_header(&secret).unwrap();
        assert_eq!((header.alg, header.kid.as_deref()), (jsonwebtoken::Algorithm::ES256, Some("KEY4567890")));
        let mut validation = jsonwebtoken::Validation::new(header.alg);
        validation.set_audience(&["https://appleid.apple.com"]);
        let key = jsonwebtoken::DecodingKey::from_ec_components(EC_POINT.0, EC_POINT.1).unwrap();
        let claims = jsonwebtoken::decode::<Json>(&secret, &key, &validation).unwrap().claims;
        let issued_at = claims["iat"].as_i64().unwrap();
        assert!((server.clock.unix_seconds() - issued_at).abs() < 3600, "{claims}");
        let want = json!({
            "iss": "TEAM567890", "sub": "com.example.app", "aud": ["https://appleid.apple.com"],
            "iat": issued_at, "exp": issued_at + 100,
        });
        assert_eq!(claims, want);
    }
    root.post(PATH, with(&json!({"duration": 15_777_000}))).await.expect(200);

    let all = json!({
        "clientId": "required", "teamId": "required", "keyId": "required", "privateKey": "required", "duration": "required",
    });
    for (body, want) in [
        (json!({}), all.clone()),
        (json!({"clientId": null, "teamId": "", "duration": 0}), all),
        (
            with(&json!({"teamId": "123456789", "keyId": "12345678901"})),
            json!({"teamId": "length_invalid", "keyId": "length_invalid"}),
        ),
        (with(&json!({"duration": -1})), json!({"duration": "min_greater_equal_than_required"})),
        (with(&json!({"duration": 15_777_001})), json!({"duration": "max_less_equal_than_required"})),
        (with(&json!({"privateKey": "x"})), json!({"privateKey": "match_invalid"})),
        (with(&json!({"privateKey": EC_KEY.replace("PRIVATE", "EC PRIVATE")})), json!({"privateKey": "match_invalid"})),
        // In shape a key, but none.
        (with(&json!({"privateKey": EC_KEY.replace("MIG", "MIH")})), json!({})),
        (with(&json!({"privateKey": "-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----"})), json!({})),
        (with(&json!({"clientId": 5})), json!({})),
        (with(&json!({"duration": "5"})), json!({})),
        (with(&json!({"duration": 1.5})), json!({})),
        (json!([]), json!({})),
    ] {
        let refused = root.post(PATH, body.clone()).await;
        assert!(!refused.text.contains("MIG"), "{body}: {}", refused.text);
        assert_eq!(codes(&refused.expect(400)["data"]), want, "{body}");
    }
}

//! Auth endpoints and what does not belong in their bodies, nor in the names and addresses that reach mails.

use reqwest::Method;
use serde_json::{Map, Value as Json, json};

use crate::flows::{start, users};
use crate::server::{Answer, Client, PASSWORD, TestServer};
use crate::smtp::MailServer;

/// Part of everything that is sent as a secret.
const SECRET: &str = "sEcReT";

/// Keys whose values are nobody else's business.
const SECRET_KEYS: [&str; 6] = ["password", "passwordConfirm", "token", "code", "codeVerifier", "otpId"];

/// An endpoint, who asks it, and a body that it looks at closely.
struct Endpoint {
    name: String,
    client: Client,
    good: Map<String, Json>,
}

/// Every endpoint that takes a body.
fn endpoints(guest: &Client, ann: &Client, root: &Client, record: &str) -> Vec<Endpoint> {
    let email = "ann@example.com";
    let secret = |rest: &str| format!("{SECRET}{rest}");
    let table = [
        ("auth-with-password", guest, json!({"identity": email, "password": secret("1"), "identityField": "email"})),
        ("auth-with-otp", guest, json!({"otpId": secret("2"), "password": secret("3"), "mfaId": "x"})),
        (
            "auth-with-oauth2",
            guest,
            json!({"provider": "oidc", "code": secret("4"), "codeVerifier": secret("5"), "redirectURL": "x", "createData": {}}),
        ),
        ("request-otp", guest, json!({"email": email})),
        ("request-verification", guest, json!({"email": email})),
        ("confirm-verification", guest, json!({"token": secret("6")})),
        ("request-password-reset", guest, json!({"email": email})),
        (
            "confirm-password-reset",
            guest,
            json!({"token": secret("7"), "password": secret("8"), "passwordConfirm": secret("8")}),
        ),
        ("request-email-change", ann, json!({"newEmail": "new@example.com"})),
        ("confirm-email-change", guest, json!({"token": secret("9"), "password": secret("0")})),
        ("auth-refresh", ann, json!({"x": 1})),
        (&format!("impersonate/{record}"), root, json!({"duration": 100})),
    ];
    let endpoint = |(name, client, good): (&str, &Client, Json)| Endpoint {
        name: users(name),
        client: client.clone(),
        good: good.as_object().unwrap().clone(),
    };
    table.into_iter().map(endpoint).collect()
}

/// Values that no key expects, as JSON text.
fn odd_values() -> Vec<String> {
    let mut values: Vec<String> = [
        "{\"a\":1}",
        "{}",
        "[\"x\"]",
        "[]",
        "[[[[]]]]",
        "12345678",
        "1.5",
        "-1",
        "-0.0",
        "1e308",
        "1e999",
        "true",
        "false",
        "null",
        "\"\"",
        "\" \"",
        "\"a\\u0000b@example.com\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"ann@example.com\\r\\nBcc: b@example.com\"",
        "\"' OR 1=1 --\"",
        "\"%00%ff\"",
        "\"ann@example.com,b@c.de\"",
        "9223372036854775808",
        "18446744073709551616",
        "x",
        "\"\u{202e}\u{feff}\"",
    ]
    .map(str::to_owned)
    .to_vec();
    values.extend([255, 256, 300, 50_000].map(|n| format!("\"{SECRET}{}\"", "x".repeat(n))));
    values.extend([60, 200].map(|n| format!("\"{SECRET}{}\"", "é".repeat(n))));
    values.push("\"".to_owned());
    values
}

/// Whole bodies that are odd, with their types.
fn odd_bodies(good: &Map<String, Json>) -> Vec<(&'static str, String)> {
    let text = Json::Object(good.clone()).to_string();
    let doubled: Vec<String> = good.iter().map(|(key, value)| format!("\"{key}\":{value},\"{key}\":null")).collect();
    let capitals: Map<String, Json> = good.iter().map(|(key, value)| (key.to_uppercase(), value.clone())).collect();
    let pairs: Vec<String> = good.keys().map(|key| format!("{key}=%00%ff&{key}={SECRET}")).collect();
    let deep = format!("{}{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    let part = |key: &String| format!("--b\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\na\0b\r\n");
    let parts: String = good.keys().map(part).collect();
    let file = "--b\r\nContent-Disposition: form-data; name=\"email\"; filename=\"x\"\r\n\r\nx\r\n--b--\r\n".to_owned();
    vec![
        ("application/json", text.clone()),
        ("application/json", format!("{text}{text}")),
        ("application/json", format!("[{text}]")),
        ("application/json", format!("{{{}}}", doubled.join(","))),
        ("application/json", Json::Object(capitals).to_string()),
        ("application/json", text[..text.len() - 1].to_owned()),
        ("application/json", "\"x\"".to_owned()),
        ("application/json", "1".to_owned()),
        ("application/json", "null".to_owned()),
        ("application/json", String::new()),
        ("application/json", deep),
        ("application/x-www-form-urlencoded", pairs.join("&")),
        ("application/x-www-form-urlencoded", format!("@jsonPayload={{{SECRET}")),
        ("application/x-www-form-urlencoded", "%zz=%&&==&a".to_owned()),
        ("multipart/form-data; boundary=b", format!("{parts}--b--\r\n")),
        ("multipart/form-data; boundary=b", parts),
        ("multipart/form-data; boundary=b", file),
        ("multipart/form-data", text.clone()),
        ("text/plain", text.clone()),
        ("", text),
    ]
}

/// A server on which all of them are switched on, and the id of Ann's record.
async fn world() -> (TestServer, Client, Client, String) {
    let server = TestServer::start();
    let root = server.superuser().await;
    let ann = server.user("ann").await;
    // Nobody listens there.
    let unreachable = "http://127.0.0.1:1/";
    let provider = json!({
        "name": "oidc", "clientId": "c", "clientSecret": "s",
        "authURL": unreachable, "tokenURL": unreachable, "userInfoURL": unreachable,
    });
    let options = json!({"otp": {"enabled": true}, "oauth2": {"enabled": true, "providers": [provider]}});
    root.patch("/api/collections/users", options).await.expect(200);
    // Guesses are counted for each address; here every request has its own.
    root.patch("/api/settings", json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}})).await.expect(200);
    let list = root.get("/api/collections/users/records").await.expect(200);
    let record = list["items"][0]["id"].as_str().unwrap().to_owned();
    (server, root, ann, record)
}

/// Who sends requests from ever new addresses.
#[derive(Default)]
struct Strangers(u32);

impl Strangers {
    async fn send(&mut self, endpoint: &Endpoint, content_type: &str, body: Vec<u8>) -> Answer {
        self.0 += 1;
        let address = std::net::Ipv4Addr::from(0x0b00_0000 + self.0).to_string();
        let request = endpoint.client.request(Method::POST, &endpoint.name).header("X-Forwarded-For", address);
        endpoint.client.send(request.header("Content-Type", content_type).body(body)).await
    }
}

/// What every answer to a bad request must be: refused or harmless, in the envelope, and silent about what was sent.
fn check(what: &str, answer: &Answer) {
    let status = answer.status.as_u16();
    assert!(status < 500, "{what}: {status} {}", answer.text);
    if status >= 400 {
        assert_eq!(answer.body["status"], status, "{what}: {}", answer.text);
    }
    assert!(!answer.text.contains(SECRET), "{what}: {}", answer.text);
}

#[tokio::test]
async fn no_value_of_any_key_breaks_an_endpoint_or_is_told_back() {
    let (server, root, ann, record) = world().await;
    let mut strangers = Strangers::default();
    for endpoint in endpoints(&server.guest(), &ann, &root, &record) {
        for key in endpoint.good.keys() {
            let others = endpoint.good.iter().filter(|(other, _)| *other != key);
            let others: Vec<String> = others.map(|(other, value)| format!(",\"{other}\":{value}")).collect();
            let others = others.concat();
            for value in odd_values() {
                // What is no secret may be told: the name of a provider is.
                let value = if SECRET_KEYS.contains(&key.as_str()) { value } else { value.replace(SECRET, "x") };
                let body = format!("{{\"{key}\":{value}{others}}}");
                let answer = strangers.send(&endpoint, "application/json", body.into_bytes()).await;
                let what = format!("{} with {key} = {}", endpoint.name, value.chars().take(60).collect::<String>());
                check(&what, &answer);
            }
        }
    }
    server.guest().get("/api/health").await.expect(200);
}

#[tokio::test]
async fn no_body_breaks_an_endpoint_or_is_told_back() {
    let (server, root, ann, record) = world().await;
    let mut strangers = Strangers::default();
    for endpoint in endpoints(&server.guest(), &ann, &root, &record) {
        for (content_type, body) in odd_bodies(&endpoint.good) {
            let what = format!("{}: {content_type} {}", endpoint.name, body.chars().take(60).collect::<String>());
            check(&what, &strangers.send(&endpoint, content_type, body.into_bytes()).await);
        }
        let invalid = b"{\"email\":\"\xff\xfe\"}".to_vec();
        check(&endpoint.name, &strangers.send(&endpoint, "application/json", invalid).await);
    }
    server.guest().get("/api/health").await.expect(200);
}

#[tokio::test]
async fn a_megabyte_is_refused_whatever_key_it_is_in() {
    let (server, root, ann, record) = world().await;
    let mut strangers = Strangers::default();
    for endpoint in endpoints(&server.guest(), &ann, &root, &record) {
        for key in endpoint.good.keys() {
            let mut body = endpoint.good.clone();
            body.insert(key.clone(), "x".repeat(1 << 20).into());
            let answer =
                strangers.send(&endpoint, "application/json", Json::Object(body).to_string().into_bytes()).await;
            assert_eq!(answer.status, 413, "{} {key}: {}", endpoint.name, answer.text);
            assert_eq!(answer.body["status"], 413, "{} {key}", endpoint.name);
        }
    }
}

#[tokio::test]
async fn whoever_may_not_impersonate_is_refused_before_the_body_is_read() {
    let (server, root, ann, record) = world().await;
    let path = users(&format!("impersonate/{record}"));
    // Malformed, which only somebody who reads it would notice.
    let malformed = async |client: &Client| {
        let request = client.request(Method::POST, &path).header("Content-Type", "application/json");
        client.send(request.body("{")).await
    };
    malformed(&server.guest()).await.expect(401);
    malformed(&ann).await.expect(403);
    malformed(&root).await.expect(400);
}

/// A name that would be three headers and a body if it got into a mail as it is.
const EVIL: &str = "é\r\nBcc: evil@example.com\r\nX: y\r\n\r\n<script>alert(1)</script>";

async fn next_is_harmless(mails: &mut MailServer, to: &str) {
    let mail = mails.next().await;
    let mut names = mail.header_names();
    names.sort();
    assert_eq!(names, ["content-type", "date", "from", "message-id", "mime-version", "subject", "to"], "{}", mail.raw);
    assert_eq!(mail.to, to);
    assert!(!mail.part("text/html").contains("<script>"), "{}", mail.raw);
    assert!(mail.part("text/html").contains("&lt;script&gt;"), "the name is in the mail: {}", mail.raw);
}

#[tokio::test]
async fn names_of_records_make_no_headers() {
    let (server, root, mut mails) = start().await;
    let ann = server.user("ann").await;
    root.patch("/api/settings", json!({"meta": {"appName": EVIL, "senderName": EVIL}})).await.expect(200);
    let template = json!({"subject": "{APP_NAME} {RECORD:name}", "body": "<p>{APP_NAME} {RECORD:name} {OTP}</p>"});
    let options = json!({
        "otp": {"enabled": true, "emailTemplate": template}, "authAlert": {"enabled": true, "emailTemplate": template},
        "verificationTemplate": template, "resetPasswordTemplate": template, "confirmEmailChangeTemplate": template,
    });
    root.patch("/api/collections/users", options).await.expect(200);
    let list = root.get("/api/collections/users/records").await.expect(200);
    let record = list["items"][0]["id"].as_str().unwrap();
    root.patch(&users(&format!("records/{record}")), json!({"name": EVIL})).await.expect(200);
    let guest = server.guest();
    let email = "ann@example.com";
    for request in ["request-verification", "request-password-reset", "request-otp"] {
        let answer = guest.post(&users(request), json!({"email": email})).await;
        assert!(answer.status.is_success(), "{request}: {}", answer.text);
        next_is_harmless(&mut mails, email).await;
    }
    ann.post(&users("request-email-change"), json!({"newEmail": "new@example.com"})).await.expect(204);
    next_is_harmless(&mut mails, "new@example.com").await;
    let body = json!({"identity": email, "password": PASSWORD});
    let from_elsewhere = guest.request(Method::POST, &users("auth-with-password")).header("User-Agent", "Phone");
    guest.send(from_elsewhere.json(&body)).await.expect(200);
    next_is_harmless(&mut mails, email).await;
    assert_eq!(mails.commands("RCPT").len(), 5);
}

#[tokio::test]
async fn addresses_make_no_recipients() {
    let (server, _root, mut mails) = start().await;
    let ann = server.user("ann").await;
    for address in [
        "new@example.com\r\nBcc: evil@example.com",
        "new@example.com\nRCPT TO:<evil@example.com>",
        "new@example.com>,<evil@example.com",
        "new@example.com,evil@example.com",
        "Ann <new@example.com>",
        "\"a\r\nb\"@example.com",
        "new@example.com\0",
        "new@[127.0.0.1]\r\n",
    ] {
        let answer = ann.post(&users("request-email-change"), json!({"newEmail": address})).await;
        assert_eq!(answer.codes(), json!({"newEmail": "validation_is_email"}), "{address:?}");
        for request in ["request-verification", "request-password-reset"] {
            let answer = server.guest().post(&users(request), json!({"email": address})).await;
            assert_eq!(answer.codes(), json!({"email": "validation_is_email"}), "{request} {address:?}");
        }
    }
    ann.post(&users("request-email-change"), json!({"newEmail": "new@example.com"})).await.expect(204);
    assert_eq!(mails.next().await.to, "new@example.com");
    assert_eq!(mails.commands("RCPT").len(), 1);
}

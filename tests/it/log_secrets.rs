//! Known secrets go through every way in; none of them may come out in the stored logs or in what is printed.

use std::path::Path;
use std::process::{Command, Stdio};

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::crash::{Process, make_superuser};
use crate::server::{Client, PASSWORD, SUPERUSER_EMAIL};

const SECRET: &str = "hunter2hunter2";

/// Method and path of every kind of endpoint.
const ENDPOINTS: &str = "
    POST /api/collections/users/auth-with-password
    POST /api/collections/users/auth-with-otp
    POST /api/collections/users/auth-with-oauth2
    POST /api/collections/users/auth-refresh
    POST /api/collections/users/request-otp
    POST /api/collections/users/request-password-reset
    POST /api/collections/users/confirm-password-reset
    POST /api/collections/users/request-verification
    POST /api/collections/users/confirm-verification
    POST /api/collections/users/request-email-change
    POST /api/collections/users/confirm-email-change
    POST /api/collections/users/impersonate/x
    POST /api/collections/users/records
    POST /api/collections/_superusers/auth-with-password
    POST /api/collections/_superusers/request-password-reset
    POST /api/collections/users/rules/test
    POST /api/collections/meta/dry-run-view
    POST /api/collections
    POST /api/batch
    POST /api/realtime
    POST /api/files/token
    POST /api/settings/test/email
    POST /api/settings/test/s3
    POST /api/settings/apple/generate-client-secret
    POST /api/oauth2-redirect
    PUT /api/collections/import
    PATCH /api/settings
    PATCH /api/collections/nope
    PATCH /api/collections/users/records/x
    DELETE /api/collections/users/records/x
    DELETE /api/collections/nope
    DELETE /api/collections/nope/truncate
    GET /api/health
    GET /api/oauth2-redirect
    GET /api/realtime/status
    GET /api/collections
    GET /api/collections/users
    GET /api/collections/users/records
    GET /api/collections/users/records/x
    GET /api/collections/users/auth-methods
    GET /api/collections/meta/scaffolds
    GET /api/collections/meta/oauth2-providers
    GET /api/files/users/x/y.png
    GET /api/settings
    GET /api/settings/mail/status
    GET /api/logs
    GET /api/logs/stats
    GET /api/logs/x
    GET /_/
    GET /nowhere
    GET /nowhere/TOKEN/x
";

/// Everything that holds a secret somewhere; no endpoint is content with it.
fn body(token: &str) -> Json {
    json!({
        "identity": "a@example.com", "email": "a@example.com", "password": SECRET, "passwordConfirm": SECRET,
        "oldPassword": SECRET, "token": token, "code": SECRET, "codeVerifier": SECRET, "otpId": SECRET, "mfaId": SECRET,
        "provider": SECRET, "newEmail": "b@example.com", "clientId": SECRET, "subscriptions": [SECRET],
        "requests": [{"method": "POST", "url": "/x", "body": {"password": SECRET}}], "smtp": {"password": SECRET},
        "privateKey": SECRET, "keyId": SECRET, "teamId": SECRET, "duration": 1, "query": "", "template": "otp",
    })
}

/// The files of the logs.
fn stored_in(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let logs = files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("auxiliary.db"));
    logs.map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()).collect()
}

fn assert_absent(secret: &str, text: &str, place: &str) {
    if let Some(at) = text.find(secret) {
        let (from, to) = (text.floor_char_boundary(at.saturating_sub(200)), text.floor_char_boundary(at + 100));
        panic!("{secret} is in {place}: {}", &text[from..to]);
    }
}

/// The part of a token without which it is worth nothing.
fn signature(token: &str) -> &str {
    token.rsplit('.').next().unwrap()
}

/// Signed tokens in a text.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
    words.filter(|word| word.starts_with("eyJ") && word.matches('.').count() == 2)
}

/// Sends every request, in each way a secret can be with it; how many there were.
async fn send_all(guest: &Client, root: &Client, query: &str, token: &str) -> usize {
    let mut count = 0;
    for endpoint in ENDPOINTS.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (method, path) = endpoint.split_once(' ').unwrap();
        let (method, path) = (Method::from_bytes(method.as_bytes()).unwrap(), path.replace("TOKEN", token));
        for client in [guest, root, &guest.with_token(format!("Bearer {token}x"))] {
            for path in [path.clone(), format!("{path}?{query}")] {
                let referer = format!("https://ann:{SECRET}@example.com/x?token={token}&code={SECRET}");
                let request = client.request(method.clone(), &path).header("Referer", referer);
                let request = request.header("Cookie", format!("session={SECRET}")).header("X-Request-Id", "scan");
                client.send(if method == Method::GET { request } else { request.json(&body(token)) }).await;
                count += 1;
            }
        }
    }
    count
}

#[tokio::test]
async fn no_secret_is_ever_logged() {
    let folder = tempfile::tempdir().unwrap();
    let (data, output) = (folder.path().join("data"), folder.path().join("stderr"));
    make_superuser(&data);
    let mut command = Command::new(env!("CARGO_BIN_EXE_larder"));
    command.args(["serve", "--http", "127.0.0.1:0", "--log-format", "json", "--dev", "--dir", data.to_str().unwrap()]);
    command.stdout(Stdio::piped()).stderr(std::fs::File::create(&output).unwrap());
    let mut process = Process::of(command);
    let guest = Client::at(&process.base);
    let sign_in = json!({"identity": SUPERUSER_EMAIL, "password": PASSWORD});
    let auth = guest.post("/api/collections/_superusers/auth-with-password", sign_in).await.expect(200);
    let (root, token) = (guest.signed_in(&auth), auth["token"].as_str().unwrap());
    let settings = json!({"logs": {"minLevel": -4}, "smtp": {"password": SECRET}, "s3": {"secret": SECRET}});
    root.patch("/api/settings", settings).await.expect(200);
    let file_token = root.post("/api/files/token", json!({})).await.expect(200)["token"].as_str().unwrap().to_owned();
    let user = json!({"email": "a@example.com", "password": SECRET, "passwordConfirm": SECRET});
    guest.post("/api/collections/users/records", user).await.expect(200);
    let query = format!(
        "token={token}&code={SECRET}&state={SECRET}&password={SECRET}&pass%77ord={SECRET}&mfaId={SECRET}&secret={SECRET}\
         &access_token={SECRET}&to=https%3A%2F%2Fx%2F%3Fcode%3D{SECRET}&file={file_token}&filter=tokenKey%3D'{SECRET}'"
    );
    let count = send_all(&guest, &root, &query, token).await;
    // Redirects that were followed are among them, too; the dashboard's files are not, if it is there.
    let logged = root.get("/api/logs?filter=data.requestId='scan'&perPage=1").await.expect(200);
    assert!(logged["totalItems"].as_u64().unwrap() + 6 >= count as u64, "{logged}");
    process.terminate();

    let (stored, printed) = (stored_in(&data), std::fs::read_to_string(output).unwrap());
    assert!(stored.contains("shutting down"), "messages are stored, too");
    let lines: Vec<Json> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["message"] == "shutting down"), "{printed}");
    // With --dev, mails are printed for the developer on purpose, and nowhere else.
    let (mails, printed): (Vec<&str>, Vec<&str>) = printed.lines().partition(|line| line.contains("a mail, not sent"));
    let (mails, printed) = (mails.concat(), printed.concat());
    assert!(tokens(&mails).count() > 0, "{mails}");
    for token in tokens(&mails) {
        assert_absent(signature(token), &stored, "the database");
    }
    for secret in [SECRET, PASSWORD, signature(token), signature(&file_token)] {
        assert_absent(secret, &stored, "the database");
        assert_absent(secret, &printed, "what was printed");
    }
}

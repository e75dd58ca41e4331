//! Sign-in, tokens and what ends them.

use std::time::Duration;

use serde_json::json;

use crate::server::{PASSWORD, SUPERUSER_EMAIL, TestServer};

#[tokio::test]
async fn tokens_expire_and_are_exchanged_for_fresh_ones() {
    let server = TestServer::start();
    let mut ann = server.user("ann").await;
    server.clock.advance(Duration::from_secs(400_000));
    let renewed = ann.post("/api/collections/users/auth-refresh", json!({})).await.expect(200);
    server.clock.advance(Duration::from_secs(40_000));
    ann.post("/api/collections/users/auth-refresh", json!({})).await.expect(401);
    ann.token = Some(renewed["token"].as_str().unwrap().to_owned());
    ann.post("/api/collections/users/auth-refresh", json!({})).await.expect(200);
    ann.post("/api/collections/_superusers/auth-refresh", json!({})).await.expect(403);
    server.guest().post("/api/collections/users/auth-refresh", json!({})).await.expect(401);
}

/// A JWT of these parts, not signed.
fn unsigned(header: &str, claims: &str) -> String {
    use jsonwebtoken::{EncodingKey, Header, encode};
    let signed = encode(&Header::default(), &json!({}), &EncodingKey::from_secret(b"x")).unwrap();
    let signature = signed.rsplit('.').next().unwrap().to_owned();
    format!("{}.{}.{signature}", base64url(header), base64url(claims))
}

fn base64url(text: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let n = chunk.iter().enumerate().fold(0u32, |n, (i, b)| n | u32::from(*b) << (16 - 8 * i));
        for i in 0..=chunk.len() {
            out.push(char::from(ALPHABET[(n >> (18 - 6 * i) & 63) as usize]));
        }
    }
    out
}

#[tokio::test]
async fn forged_tokens_are_guests() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let id = root.get("/api/collections/_superusers/records").await.expect(200)["items"][0]["id"].clone();
    let claims =
        json!({"id": id, "collectionId": "pbc_3142635823", "type": "auth", "exp": 4_000_000_000_i64}).to_string();
    let real = root.token.clone().unwrap();
    let parts: Vec<&str> = real.split('.').collect();
    let forged = [
        String::new(),
        "x".into(),
        "..".into(),
        real[..real.len() - 10].to_owned(),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], base64url(&claims), parts[2]),
        unsigned(r#"{"alg":"none","typ":"JWT"}"#, &claims),
        unsigned(r#"{"alg":"RS256","typ":"JWT"}"#, &claims),
        unsigned(r#"{"alg":"HS512","typ":"JWT"}"#, &claims),
        unsigned(r#"{"alg":"HS256","typ":"JWT"}"#, &claims.replace("\"exp\":4000000000,", "")),
        unsigned("[", "["),
        "a.".repeat(5000),
    ];
    for token in forged {
        let mut client = server.guest();
        client.token = Some(token.clone());
        let answer = client.get("/api/collections").await;
        assert_eq!(answer.status, 401, "{}", &token[..token.len().min(80)]);
    }
    // The scheme may be named, in any case.
    for prefix in ["Bearer ", "bearer ", "BEARER "] {
        let mut client = server.guest();
        client.token = Some(format!("{prefix}{real}"));
        client.get("/api/collections").await.expect(200);
    }
}

#[tokio::test]
async fn a_second_factor_is_never_skipped() {
    let server = TestServer::start();
    let root = server.superuser().await;
    server.user("ann").await;
    let options = json!({"otp": {"enabled": true}, "mfa": {"enabled": true, "duration": 600}});
    root.patch("/api/collections/users", options).await.expect(200);
    let body = json!({"identity": "ann@example.com", "password": PASSWORD});
    let answer = server.guest().post("/api/collections/users/auth-with-password", body.clone()).await;
    let challenge = answer.expect(401);
    let session = challenge["mfaId"].as_str().unwrap().to_owned();
    assert_eq!(challenge, json!({"mfaId": session}));
    // The same factor twice is one factor; nor does a made-up session do.
    for session in [session.as_str(), "made_up_session"] {
        let mut second = body.clone();
        second["mfaId"] = json!(session);
        let answer = server.guest().post("/api/collections/users/auth-with-password", second).await;
        answer.expect(400);
    }
}

#[tokio::test]
async fn wrong_password_and_unknown_account_look_alike() {
    let server = TestServer::start();
    server.superuser().await;
    let mut answers = Vec::new();
    for identity in [SUPERUSER_EMAIL, "nobody@example.com"] {
        let body = json!({"identity": identity, "password": "wrong password"});
        let answer = server.guest().post("/api/collections/_superusers/auth-with-password", body).await;
        answers.push((answer.status, answer.body));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 400);
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    let server = TestServer::start();
    let path = server.setup_path.clone().unwrap();
    let mut installer = server.guest();
    installer.token = Some(path.rsplit('/').next().unwrap().to_owned());
    let account =
        |n: u32| json!({"email": format!("root{n}@example.com"), "password": PASSWORD, "passwordConfirm": PASSWORD});
    installer.post("/api/collections/_superusers/records", account(1)).await.expect(200);
    installer.post("/api/collections/_superusers/records", account(2)).await.expect(403);
    let root = server.sign_in("_superusers", "root1@example.com").await;
    let accounts = root.get("/api/collections/_superusers/records").await.expect(200);
    assert_eq!(accounts["totalItems"], 1, "{accounts}");
    let id = accounts["items"][0]["id"].as_str().unwrap();
    root.delete(&format!("/api/collections/_superusers/records/{id}")).await.expect(400);
    let config = crate::server::config(&server.folder);
    let server = TestServer::with(server.stop(), config);
    assert_eq!(server.setup_path, None);
}

//! Guessing at passwords and codes: it ends soon, it tells nothing, and it locks nobody else out.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::factors::{digits_of, own_id, request_otp, set, start_with_otp, with_otp, with_password};
use crate::flows::{code, start, users};
use crate::server::PASSWORD;

#[tokio::test]
async fn guessing_codes_ends_soon() {
    let (server, _root, mut mails) = start_with_otp().await;
    server.user("ann").await;
    let guest = server.guest();
    let id = request_otp(&guest, "ann@example.com").await;
    let digits = digits_of(&mails.next().await);
    for _ in 0..5 {
        with_otp(&guest, &id, "00000000").await.expect(400);
    }
    let answer = with_otp(&guest, &id, &digits).await;
    assert!(answer.headers.contains_key("retry-after"));
    answer.expect(429);
    server.clock.advance(Duration::from_secs(181));
    with_otp(&guest, &id, &digits).await.expect(400);
}

#[tokio::test]
async fn refused_guesses_do_not_tell_accounts_from_other_addresses() {
    let (server, _root, mut mails) = start_with_otp().await;
    server.user("ann").await;
    let guest = server.guest();
    for n in 0..6 {
        with_otp(&guest, &format!("made_up_code_{n:02}"), "00000000").await.expect(400);
    }
    let mut seen = Vec::new();
    for email in ["ann@example.com", "nobody@example.com"] {
        let mut statuses = Vec::new();
        for _ in 0..2 {
            let id = request_otp(&guest, email).await;
            for _ in 0..4 {
                statuses.push(with_otp(&guest, &id, "00000000").await.status.as_u16());
            }
        }
        seen.push(statuses);
    }
    assert_eq!(seen[0], [400, 400, 400, 400, 400, 429, 429, 429]);
    assert_eq!(seen[0], seen[1]);
    mails.next().await;
}

#[tokio::test]
async fn nobody_behind_the_same_proxy_is_locked_out() {
    let (server, _root, _mails) = start().await;
    server.user("ann").await;
    let from = async |address: &str, password: &str| {
        let guest = server.guest();
        let request = guest.request(Method::POST, &users("auth-with-password")).header("X-Forwarded-For", address);
        let body = json!({"identity": "ann@example.com", "password": password});
        guest.send(request.json(&body)).await.status.as_u16()
    };
    for _ in 0..10 {
        assert_eq!(from("6.6.6.6", "wrong password").await, 400);
    }
    assert_eq!(from("6.6.6.6", PASSWORD).await, 429);
    // What the client itself says stands before what the proxy adds.
    assert_eq!(from("5.5.5.5, 6.6.6.6", PASSWORD).await, 429);
    assert_eq!(from("5.5.5.5", PASSWORD).await, 200);
}

#[tokio::test]
async fn headers_do_not_make_guesses_free() {
    let (server, _root, _mails) = start().await;
    server.user("ann").await;
    let guest = server.guest();
    let mut refused = 0;
    for n in 0..110 {
        let request = guest.request(Method::POST, &users("auth-with-password"));
        let request = request.header("X-Forwarded-For", format!("10.1.{}.{}", n / 250, n % 250));
        let body = json!({"identity": "ann@example.com", "password": "wrong password"});
        refused += i32::from(guest.send(request.json(&body)).await.status == 429);
    }
    assert_eq!(refused, 10);
}

#[tokio::test]
async fn ones_own_account_does_not_clear_guesses_at_others() {
    let (server, _root, _mails) = start().await;
    server.user("victim").await;
    // By default addresses are told apart by case.
    server.user("VICTIM").await;
    let guest = server.guest();
    let mut statuses = Vec::new();
    for n in 0..20 {
        let (name, password) = if n % 5 == 4 { ("VICTIM", PASSWORD) } else { ("victim", "wrong password") };
        let body = json!({"identity": format!("{name}@example.com"), "password": password});
        statuses.push(guest.post(&users("auth-with-password"), body).await.status.as_u16());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 10, "{statuses:?}");
}

#[tokio::test]
async fn passwords_of_others_are_not_tried_in_a_batch() {
    let (server, root, _mails) = start().await;
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).await.expect(200);
    server.user("ann").await;
    let id = own_id(&root, "ann").await;
    let guest = server.guest();
    // The first item fails; the second is looked at before that is known.
    let attempt = async |id: &str, old: &str| {
        let change = json!({"oldPassword": old, "password": "new password", "passwordConfirm": "new password"});
        let requests = json!([
            {"method": "PATCH", "url": "/api/collections/users/records/nobody", "body": {}},
            {"method": "PATCH", "url": users(&format!("records/{id}")), "body": change},
        ]);
        guest.post("/api/batch", json!({ "requests": requests })).await.status.as_u16()
    };
    for _ in 0..25 {
        assert_eq!(attempt(&id, "wrong password").await, 400);
        assert_eq!(attempt("unknown_record_", "wrong password").await, 400);
    }
    let ann = server.sign_in("users", "ann@example.com").await;
    let change = json!({"oldPassword": PASSWORD, "password": "new password", "passwordConfirm": "new password"});
    ann.patch(&users(&format!("records/{id}")), change).await.expect(200);
}

#[tokio::test]
async fn a_code_guessed_at_through_another_collection_is_no_fresher() {
    let (server, root, mut mails) = start_with_otp().await;
    server.user("ann").await;
    set(&root, json!({"otp": {"duration": 3600}})).await;
    let other = json!({"name": "others", "type": "auth", "otp": {"enabled": true}, "createRule": ""});
    root.post("/api/collections", other).await.expect(200);
    let guest = server.guest();
    let id = request_otp(&guest, "ann@example.com").await;
    mails.next().await;
    let from = async |collection: &str, address: u8| {
        let path = format!("/api/collections/{collection}/auth-with-otp");
        let request = guest.request(Method::POST, &path).header("X-Forwarded-For", format!("192.0.2.{address}"));
        guest.send(request.json(&json!({"otpId": id, "password": "00000000"}))).await
    };
    for n in 0..20 {
        from("others", n / 2).await;
    }
    for n in 20..30 {
        from("users", n).await.expect(400);
    }
    server.clock.advance(Duration::from_secs(1000));
    from("users", 40).await.expect(429);
}

#[tokio::test]
async fn trying_new_addresses_ends_soon() {
    let (server, _root, _mails) = start().await;
    let ann = server.user("ann").await;
    server.user("bob").await;
    for _ in 0..10 {
        ann.post(&users("request-email-change"), json!({"newEmail": "bob@example.com"})).await.expect(400);
    }
    ann.post(&users("request-email-change"), json!({"newEmail": "bob@example.com"})).await.expect(429);
}

#[tokio::test]
async fn guessing_passwords_ends_soon_for_accounts_that_exist_or_not() {
    let (server, _root, _mails) = start().await;
    server.user("ann").await;
    let guest = server.guest();
    for identity in ["ann@example.com", "nobody@example.com"] {
        let attempt = |password: &str| json!({"identity": identity, "password": password});
        for _ in 0..10 {
            guest.post(&users("auth-with-password"), attempt("wrong password")).await.expect(400);
        }
        let refused = guest.post(&users("auth-with-password"), attempt(PASSWORD)).await;
        assert!(refused.headers.contains_key("retry-after"));
        refused.expect(429);
    }
    server.clock.advance(Duration::from_secs(301));
    with_password(&guest, "ann").await.expect(200);
}

#[tokio::test]
async fn a_session_is_not_enough_to_guess_the_password() {
    let (server, _root, _mails) = start().await;
    let ann = server.user("ann").await;
    let own = ann.post(&users("auth-refresh"), json!({})).await.expect(200)["record"]["id"].clone();
    let path = users(&format!("records/{}", own.as_str().unwrap()));
    let change = |old: &str| json!({"oldPassword": old, "password": "new password", "passwordConfirm": "new password"});
    for _ in 0..10 {
        let refused = ann.patch(&path, change("wrong password")).await.expect(400);
        assert_eq!(code(&refused, "oldPassword"), "validation_invalid_old_password");
    }
    ann.patch(&path, change(PASSWORD)).await.expect(429);
    with_password(&server.guest(), "ann").await.expect(200);
    server.clock.advance(Duration::from_secs(301));
    ann.patch(&path, change(PASSWORD)).await.expect(200);
}

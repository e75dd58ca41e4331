//! One-time codes, second factors, places a sign-in comes from, impersonation.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::flows::{code, start, users};
use crate::server::{Answer, Client, PASSWORD, TestServer, database};
use crate::smtp::{MailServer, Received};

pub(crate) async fn set(root: &Client, options: Json) {
    root.patch("/api/collections/users", options).await.expect(200);
}

/// Asks until it is so; a minute at the most.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let asking = async { while !is_so().await {} };
    tokio::time::timeout(Duration::from_mins(1), asking).await.expect("it becomes so");
}

/// The digits in a mail.
pub(crate) fn digits_of(mail: &Received) -> String {
    let text = mail.part("text/plain");
    text.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() >= 4).expect("a code").to_owned()
}

pub(crate) async fn request_otp(client: &Client, email: &str) -> String {
    let answer = client.post(&users("request-otp"), json!({"email": email})).await.expect(200);
    answer["otpId"].as_str().unwrap().to_owned()
}

pub(crate) async fn with_otp(client: &Client, id: &str, digits: &str) -> Answer {
    client.post(&users("auth-with-otp"), json!({"otpId": id, "password": digits})).await
}

pub(crate) async fn with_password(client: &Client, name: &str) -> Answer {
    let body = json!({"identity": format!("{name}@example.com"), "password": PASSWORD});
    client.post(&users("auth-with-password"), body).await
}

pub(crate) async fn start_with_otp() -> (TestServer, Client, MailServer) {
    let (server, root, mails) = start().await;
    set(&root, json!({"otp": {"enabled": true}, "authAlert": {"enabled": false}})).await;
    (server, root, mails)
}

#[tokio::test]
async fn a_code_from_a_mail_signs_in_once() {
    let (server, _root, mut mails) = start_with_otp().await;
    let ann = server.user("ann").await;
    let guest = server.guest();
    let id = request_otp(&guest, "ann@example.com").await;
    let mail = mails.next().await;
    assert_eq!(mail.to, "ann@example.com");
    let digits = digits_of(&mail);
    assert_eq!(digits.len(), 8);
    with_otp(&guest, &id, "00000000").await.expect(400);
    with_otp(&guest, "unknown_otp_id_", &digits).await.expect(400);
    let answer = with_otp(&guest, &id, &digits).await.expect(200);
    assert_eq!(answer["record"]["verified"], true, "the mailbox is theirs");
    with_otp(&guest, &id, &digits).await.expect(400);
    // Somebody else may have made the account: their password and sessions are gone.
    ann.post(&users("auth-refresh"), json!({})).await.expect(401);
    with_password(&guest, "ann").await.expect(400);
    // The second time nothing changes but the sign-in.
    let signed_in = guest.signed_in(&answer);
    let id = request_otp(&guest, "ann@example.com").await;
    let digits = digits_of(&mails.next().await);
    with_otp(&guest, &id, &digits).await.expect(200);
    signed_in.post(&users("auth-refresh"), json!({})).await.expect(200);
}

#[tokio::test]
async fn codes_expire_and_belong_to_their_collection() {
    let (server, root, mut mails) = start_with_otp().await;
    server.user("ann").await;
    let other = json!({"name": "others", "type": "auth", "otp": {"enabled": true}, "createRule": ""});
    root.post("/api/collections", other).await.expect(200);
    let guest = server.guest();
    let id = request_otp(&guest, "ann@example.com").await;
    let digits = digits_of(&mails.next().await);
    let body = json!({"otpId": id, "password": digits});
    guest.post("/api/collections/others/auth-with-otp", body).await.expect(400);
    server.clock.advance(Duration::from_secs(181));
    with_otp(&guest, &id, &digits).await.expect(400);
}

#[tokio::test]
async fn unknown_addresses_look_like_known_ones() {
    let (server, root, mut mails) = start_with_otp().await;
    server.user("ann").await;
    let guest = server.guest();
    for email in ["ann@example.com", "nobody@example.com"] {
        let mut ids = Vec::new();
        for _ in 0..12 {
            ids.push(request_otp(&guest, email).await);
        }
        assert!(ids.iter().all(|id| id.len() == 15));
        assert!(ids[9] == ids[10] && ids[10] == ids[11], "{ids:?}");
        ids.dedup();
        assert_eq!(ids.len(), 10);
    }
    for _ in 0..10 {
        assert_eq!(mails.next().await.to, "ann@example.com");
    }
    let stored = root.get("/api/collections/_otps/records").await.expect(200);
    assert_eq!(stored["totalItems"], 10);
    assert_eq!(stored["items"][0]["password"], "", "{stored}");
}

#[tokio::test]
async fn a_code_that_cannot_be_sent_is_removed() {
    let (server, root, mails) = start_with_otp().await;
    server.user("ann").await;
    mails.answer_once("RCPT", "550 no such mailbox");
    request_otp(&server.guest(), "ann@example.com").await;
    // The removal is an ordinary write that happens after the refusal.
    until(async || {
        let stored = root.get("/api/collections/_otps/records").await.expect(200);
        !mails.commands("RCPT").is_empty() && stored["totalItems"] == 0
    })
    .await;
}

#[tokio::test]
async fn a_code_never_goes_to_an_address_that_was_given_up() {
    let (server, root, mut mails) = start_with_otp().await;
    server.user("ann").await;
    let id = own_id(&root, "ann").await;
    let guest = server.guest();
    // Requests for codes and the change of the address meet in every order.
    let asking = (0..8).map(|_| request_otp(&guest, "ann@example.com"));
    let change = async {
        root.patch(&users(&format!("records/{id}")), json!({"email": "new@example.com"})).await.expect(200);
    };
    let (otps, ()) = futures_util::future::join(futures_util::future::join_all(asking), change).await;
    let last = request_otp(&guest, "new@example.com").await;
    let digits = loop {
        let mail = mails.next().await;
        if mail.to == "new@example.com" {
            break digits_of(&mail);
        }
        for otp in &otps {
            assert_ne!(with_otp(&guest, otp, &digits_of(&mail)).await.status, 200, "a code of the old mailbox");
        }
    };
    server.clock.advance(Duration::from_secs(1));
    assert!([200, 429].contains(&with_otp(&guest, &last, &digits).await.status.as_u16()));
}

pub(crate) async fn own_id(root: &Client, name: &str) -> String {
    let list = root.get(&users(&format!("records?filter=name='{name}'"))).await.expect(200);
    list["items"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn failing_mails_do_not_tell_who_has_an_account() {
    let server = TestServer::start();
    let root = server.superuser().await;
    set(&root, json!({"otp": {"enabled": true}})).await;
    server.user("ann").await;
    for email in ["ann@example.com", "nobody@example.com"] {
        let mut ids = Vec::new();
        for _ in 0..12 {
            ids.push(request_otp(&server.guest(), email).await);
            // Mails fail at once here; what follows from it is done before the next write is.
            root.patch("/api/settings", json!({})).await.expect(200);
        }
        ids.dedup();
        assert_eq!(ids.len(), 10, "{email}");
    }
}

#[tokio::test]
async fn a_second_factor_completes_the_first() {
    let (server, root, mut mails) = start_with_otp().await;
    server.user("ann").await;
    server.user("bob").await;
    set(&root, json!({"mfa": {"enabled": true, "duration": 600}})).await;
    let guest = server.guest();
    let mfa_id = async |answer: Answer| answer.expect(401)["mfaId"].as_str().unwrap().to_owned();
    // Password, then code.
    let session = mfa_id(with_password(&guest, "ann").await).await;
    let id = request_otp(&guest, "ann@example.com").await;
    let digits = digits_of(&mails.next().await);
    let body = json!({"otpId": id, "password": digits, "mfaId": session});
    let answer = guest.post(&users("auth-with-otp"), body).await.expect(200);
    assert_eq!(answer["record"]["verified"], true);
    // With MFA the password stays: without it there would be one factor left.
    let session = mfa_id(with_password(&guest, "ann").await).await;
    // Somebody else's session does not complete mine, nor does mine twice; a code used in vain is used.
    let bobs = mfa_id(with_password(&guest, "bob").await).await;
    for (session, status) in [(&bobs, 400), (&session, 200), (&session, 400)] {
        let id = request_otp(&guest, "ann@example.com").await;
        let digits = digits_of(&mails.next().await);
        let body = json!({"otpId": id, "password": digits, "mfaId": session});
        guest.post(&users("auth-with-otp"), body).await.expect(status);
    }
    // Code, then password, with the session in the query.
    let id = request_otp(&guest, "ann@example.com").await;
    let digits = digits_of(&mails.next().await);
    let session = mfa_id(with_otp(&guest, &id, &digits).await).await;
    with_otp(&guest, &id, &digits).await.expect(400);
    let body = json!({"identity": "ann@example.com", "password": PASSWORD});
    let path = users(&format!("auth-with-password?mfaId={session}"));
    server.clock.advance(Duration::from_secs(599));
    guest.post(&path, body.clone()).await.expect(200);
    // Sessions expire.
    let session = mfa_id(with_password(&guest, "ann").await).await;
    let id = request_otp(&guest, "ann@example.com").await;
    let digits = digits_of(&mails.next().await);
    set(&root, json!({"otp": {"duration": 3600}})).await;
    server.clock.advance(Duration::from_secs(601));
    let body = json!({"otpId": id, "password": digits, "mfaId": session});
    guest.post(&users("auth-with-otp"), body).await.expect(400);
}

#[tokio::test]
async fn the_mfa_rule_says_for_whom() {
    let (server, root, _mails) = start_with_otp().await;
    server.user("ann").await;
    server.user("bob").await;
    set(&root, json!({"mfa": {"enabled": true, "duration": 600, "rule": "name = 'ann'"}})).await;
    with_password(&server.guest(), "ann").await.expect(401);
    with_password(&server.guest(), "bob").await.expect(200);
    // Where the rule cannot be evaluated nobody gets in; it can for guests, of whom it asks for nothing.
    let bob = server.sign_in("users", "bob@example.com").await;
    set(&root, json!({"mfa": {"rule": "@request.auth.name.x != ''"}})).await;
    with_password(&server.guest(), "bob").await.expect(200);
    with_password(&bob, "bob").await.expect(400);
}

#[tokio::test]
async fn a_new_password_ends_half_finished_sign_ins() {
    let (server, root, mut mails) = start_with_otp().await;
    server.user("ann").await;
    set(&root, json!({"mfa": {"enabled": true, "duration": 600}})).await;
    let guest = server.guest();
    let session = with_password(&guest, "ann").await.expect(401)["mfaId"].clone();
    let id = request_otp(&guest, "ann@example.com").await;
    let digits = digits_of(&mails.next().await);
    let list = root.get("/api/collections/users/records").await.expect(200);
    let record = list["items"][0]["id"].as_str().unwrap();
    let body = json!({"password": "new password", "passwordConfirm": "new password"});
    root.patch(&users(&format!("records/{record}")), body).await.expect(200);
    for rows in ["_mfas", "_otps", "_authOrigins"] {
        let left = root.get(&format!("/api/collections/{rows}/records?filter=recordRef='{record}'")).await.expect(200);
        assert_eq!(left["totalItems"], 0, "{rows}");
    }
    let body = json!({"otpId": id, "password": digits, "mfaId": session});
    guest.post(&users("auth-with-otp"), body).await.expect(400);
}

/// A sign-in with a browser's name.
async fn from(server: &TestServer, agent: &str) -> Json {
    let guest = server.guest();
    let request = guest.request(Method::POST, &users("auth-with-password")).header("User-Agent", agent);
    let body = json!({"identity": "ann@example.com", "password": PASSWORD});
    guest.send(request.json(&body)).await.expect(200)
}

#[tokio::test]
async fn a_sign_in_from_a_new_place_is_told_of() {
    let (server, root, mut mails) = start().await;
    server.user("ann").await;
    let origins = async || {
        let list =
            root.get("/api/collections/_authOrigins/records?sort=created&filter=collectionRef='_pb_users_auth_'");
        list.await.expect(200)["items"].as_array().unwrap().clone()
    };
    assert_eq!(origins().await.len(), 1, "the first place is noted without a mail");
    from(&server, "Phone <b>").await;
    let mail = mails.next().await;
    assert_eq!(mail.to, "ann@example.com");
    assert!(mail.part("text/html").contains("127.0.0.1 Phone &lt;b&gt;"), "{}", mail.raw);
    from(&server, "Phone <b>").await;
    for agent in ["Tablet", "Watch", "Fridge", "Car", "Toaster"] {
        from(&server, agent).await;
        assert!(mails.next().await.part("text/html").contains(agent));
    }
    assert_eq!(origins().await.len(), 5);
}

#[tokio::test]
async fn a_known_place_is_refreshed_and_an_unsent_alert_is_tried_again() {
    let (server, root, mut mails) = start().await;
    server.user("ann").await;
    let updated = async || {
        let list = root.get("/api/collections/_authOrigins/records?filter=collectionRef='_pb_users_auth_'");
        list.await.expect(200)["items"].clone()
    };
    let before = updated().await;
    with_password(&server.guest(), "ann").await.expect(200);
    assert_eq!(updated().await, before);
    server.clock.advance(Duration::from_secs(61));
    with_password(&server.guest(), "ann").await.expect(200);
    let after = updated().await;
    assert_eq!(after.as_array().unwrap().len(), 1);
    assert_ne!(after[0]["updated"], before[0]["updated"]);
    mails.answer_once("RCPT", "550 no");
    from(&server, "Phone").await;
    until(async || updated().await.as_array().unwrap().len() == 1 && !mails.commands("RCPT").is_empty()).await;
    from(&server, "Phone").await;
    assert!(mails.next().await.part("text/html").contains("Phone"));
}

#[tokio::test]
async fn superusers_get_tokens_of_others_that_cannot_be_renewed() {
    let (server, root, _mails) = start().await;
    let ann = server.user("ann").await;
    let list = root.get("/api/collections/users/records").await.expect(200);
    let id = list["items"][0]["id"].as_str().unwrap();
    let path = users(&format!("impersonate/{id}"));
    server.guest().post(&path, json!({})).await.expect(401);
    ann.post(&path, json!({})).await.expect(403);
    root.post(&users("impersonate/unknown"), json!({})).await.expect(404);
    root.post("/api/collections/_mfas/impersonate/x", json!({})).await.expect(404);
    let answer = root.post(&path, json!({"duration": -1})).await.expect(400);
    assert_eq!(code(&answer, "duration"), "validation_min_greater_equal_than_required");
    for bad in [json!("x"), json!([]), json!(1.5), json!(9_223_372_036_854_775_807_i64)] {
        root.post(&path, json!({"duration": bad})).await.expect(400);
    }
    let answer = root.post(&path, json!({"duration": 100})).await.expect(200);
    assert_eq!(answer["record"]["email"], "ann@example.com");
    assert!(answer.get("meta").is_none());
    let as_ann = server.guest().signed_in(&answer);
    let refreshed = as_ann.post(&users("auth-refresh"), json!({})).await.expect(200);
    assert_eq!(refreshed["token"], answer["token"], "the same token comes back");
    server.clock.advance(Duration::from_secs(101));
    as_ann.post(&users("auth-refresh"), json!({})).await.expect(401);
}

#[tokio::test]
async fn expired_codes_and_sessions_are_removed_at_the_next_start() {
    let (server, root, mut mails) = start_with_otp().await;
    server.user("ann").await;
    set(&root, json!({"mfa": {"enabled": true, "duration": 600}})).await;
    with_password(&server.guest(), "ann").await.expect(401);
    request_otp(&server.guest(), "ann@example.com").await;
    mails.next().await;
    // As if they were from long ago.
    let config = crate::server::config(&server.folder);
    let folder = server.stop();
    let db = database(&folder);
    for table in ["_mfas", "_otps"] {
        let changed = db.execute(&format!("UPDATE {table} SET created = '2020-01-01 00:00:00.000Z'"), []).unwrap();
        assert_eq!(changed, 1, "{table}");
    }
    drop(db);
    let server = TestServer::with(folder, config);
    let root = server.superuser().await;
    for table in ["_mfas", "_otps"] {
        let path = format!("/api/collections/{table}/records");
        until(async || root.get(&path).await.expect(200)["totalItems"] == 0).await;
    }
}

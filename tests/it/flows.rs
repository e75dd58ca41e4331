//! The flows that go through a mailbox, with a real mail server: verification, password reset, e-mail change.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::server::{Client, PASSWORD, TestServer};
use crate::smtp::{MailServer, Received};

/// A server that sends its mails to one of the test's own.
pub(crate) async fn start() -> (TestServer, Client, MailServer) {
    let (server, mails) = (TestServer::start(), MailServer::start());
    let root = server.superuser().await;
    root.patch("/api/settings", json!({"smtp": mails.settings()})).await.expect(200);
    (server, root, mails)
}

pub(crate) fn users(route: &str) -> String {
    format!("/api/collections/users/{route}")
}

/// The token of the link in a mail.
pub(crate) fn token_of(mail: &Received) -> String {
    let text = mail.part("text/html");
    let start = text.find("eyJ").expect("a token");
    text[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect()
}

/// The code of a field's error.
pub(crate) fn code(body: &Json, field: &str) -> String {
    body["data"][field]["code"].as_str().unwrap_or_default().to_owned()
}

async fn is_signed_in(client: &Client) -> bool {
    client.post(&users("auth-refresh"), json!({})).await.status == 200
}

async fn own_record(root: &Client, email: &str) -> Json {
    let list = root.get(&format!("/api/collections/users/records?filter=email='{email}'")).await.expect(200);
    list["items"][0].clone()
}

#[tokio::test]
async fn an_address_is_verified_by_the_link_in_a_mail() {
    let (server, root, mut mails) = start().await;
    let ann = server.user("ann").await;
    let guest = server.guest();
    guest.post(&users("request-verification"), json!({"email": "ann@example.com"})).await.expect(204);
    let mail = mails.next().await;
    assert_eq!(mail.to, "ann@example.com");
    let token = token_of(&mail);
    let wrong = guest.post("/api/collections/_superusers/confirm-verification", json!({"token": token})).await;
    wrong.expect(400);
    guest.post(&users("confirm-verification"), json!({"token": token})).await.expect(204);
    assert_eq!(own_record(&root, "ann@example.com").await["verified"], true);
    assert!(is_signed_in(&ann).await, "being verified ends no session");
    // The link may be opened again, and there is nothing left to send.
    guest.post(&users("confirm-verification"), json!({"token": token})).await.expect(204);
    guest.post(&users("request-verification"), json!({"email": "ann@example.com"})).await.expect(204);
    // Unknown addresses look the same.
    guest.post(&users("request-verification"), json!({"email": "nobody@example.com"})).await.expect(204);
    server.user("bob").await;
    guest.post(&users("request-verification"), json!({"email": "bob@example.com"})).await.expect(204);
    assert_eq!(mails.next().await.to, "bob@example.com", "no other mail was sent before");
}

#[tokio::test]
async fn a_verification_mail_is_not_repeated_for_two_minutes() {
    let (server, _root, mut mails) = start().await;
    server.user("ann").await;
    server.user("bob").await;
    let ask = async |name: &str| {
        let body = json!({"email": format!("{name}@example.com")});
        server.guest().post(&users("request-verification"), body).await.expect(204);
    };
    ask("ann").await;
    assert_eq!(mails.next().await.to, "ann@example.com");
    ask("ann").await;
    ask("bob").await;
    assert_eq!(mails.next().await.to, "bob@example.com");
    server.clock.advance(Duration::from_secs(121));
    ask("ann").await;
    assert_eq!(mails.next().await.to, "ann@example.com");
}

#[tokio::test]
async fn a_verification_without_password_sign_in_replaces_the_password() {
    let (server, root, mut mails) = start().await;
    let ann = server.user("ann").await;
    let options = json!({"passwordAuth": {"enabled": false}, "otp": {"enabled": true}});
    root.patch("/api/collections/users", options).await.expect(200);
    server.guest().post(&users("request-verification"), json!({"email": "ann@example.com"})).await.expect(204);
    let token = token_of(&mails.next().await);
    server.guest().post(&users("confirm-verification"), json!({"token": token})).await.expect(204);
    assert!(!is_signed_in(&ann).await, "who made the account is out");
    root.patch("/api/collections/users", json!({"passwordAuth": {"enabled": true}})).await.expect(200);
    let body = json!({"identity": "ann@example.com", "password": PASSWORD});
    server.guest().post(&users("auth-with-password"), body).await.expect(400);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced() {
    let (server, root, mut mails) = start().await;
    let ann = server.user("ann").await;
    let guest = server.guest();
    let request = users("request-password-reset");
    let confirm = users("confirm-password-reset");
    guest.post(&request, json!({"email": "ann@example.com"})).await.expect(204);
    guest.post(&request, json!({"email": "nobody@example.com"})).await.expect(204);
    let token = token_of(&mails.next().await);
    let form = |token: &str, password: &str, again: &str| json!({"token": token, "password": password, "passwordConfirm": again});
    for (body, field, want) in [
        (form("", "new password", "new password"), "token", "validation_required"),
        (form("x", "new password", "new password"), "token", "validation_invalid_token"),
        (form(&token, "", ""), "password", "validation_required"),
        (form(&token, "short", "short"), "password", "validation_length_out_of_range"),
        (form(&token, "new password", ""), "passwordConfirm", "validation_required"),
        (form(&token, "new password", "other password"), "passwordConfirm", "validation_values_mismatch"),
        (form(ann.token.as_deref().unwrap(), "new password", "new password"), "token", "validation_invalid_token"),
    ] {
        let answer = guest.post(&confirm, body.clone()).await.expect(400);
        assert_eq!(code(&answer, field), want, "{body} {answer}");
    }
    guest.post(&confirm, form(&token, "new password", "new password")).await.expect(204);
    assert!(!is_signed_in(&ann).await, "old sessions end");
    assert_eq!(own_record(&root, "ann@example.com").await["verified"], true, "the mailbox is theirs");
    let sign_in = |password: &str| json!({"identity": "ann@example.com", "password": password});
    guest.post(&users("auth-with-password"), sign_in(PASSWORD)).await.expect(400);
    guest.post(&users("auth-with-password"), sign_in("new password")).await.expect(200);
    let again = guest.post(&confirm, form(&token, "third password", "third password")).await.expect(400);
    assert_eq!(code(&again, "token"), "validation_invalid_token", "a link works once");
    // A new mail can be asked for at once, and an old link expires.
    guest.post(&request, json!({"email": "ann@example.com"})).await.expect(204);
    let token = token_of(&mails.next().await);
    server.clock.advance(Duration::from_secs(1801));
    guest.post(&confirm, form(&token, "third password", "third password")).await.expect(400);
}

#[tokio::test]
async fn superusers_reset_their_passwords_too_but_not_the_set_up_account() {
    let (server, _root, mut mails) = start().await;
    let request = "/api/collections/_superusers/request-password-reset";
    let guest = server.guest();
    guest.post(request, json!({"email": "__pbinstaller@example.com"})).await.expect(204);
    guest.post(request, json!({"email": "root@example.com"})).await.expect(204);
    let mail = mails.next().await;
    assert_eq!(mail.to, "root@example.com");
    let body = json!({"token": token_of(&mail), "password": "new password", "passwordConfirm": "new password"});
    // The token is of the other collection.
    let answer = guest.post(&users("confirm-password-reset"), body.clone()).await.expect(400);
    assert_eq!(code(&answer, "token"), "validation_token_collection_mismatch");
    guest.post("/api/collections/_superusers/confirm-password-reset", body).await.expect(204);
    for (route, body) in [
        ("request-verification", json!({"email": "root@example.com"})),
        ("confirm-verification", json!({"token": "x"})),
        ("confirm-email-change", json!({"token": "x", "password": "y"})),
    ] {
        guest.post(&format!("/api/collections/_superusers/{route}"), body).await.expect(400);
    }
}

#[tokio::test]
async fn a_reset_after_the_address_changed_does_not_verify_it() {
    let (server, root, mut mails) = start().await;
    server.user("ann").await;
    server.guest().post(&users("request-password-reset"), json!({"email": "ann@example.com"})).await.expect(204);
    let token = token_of(&mails.next().await);
    let id = own_record(&root, "ann@example.com").await["id"].as_str().unwrap().to_owned();
    root.patch(&users(&format!("records/{id}")), json!({"email": "victim@example.com"})).await.expect(200);
    let body = json!({"token": token, "password": "new password", "passwordConfirm": "new password"});
    let answer = server.guest().post(&users("confirm-password-reset"), body).await.expect(400);
    assert_eq!(code(&answer, "token"), "validation_invalid_token", "a new address ends every token");
    assert_eq!(own_record(&root, "victim@example.com").await["verified"], false);
}

#[tokio::test]
async fn an_address_is_changed_by_who_reads_the_new_mailbox_and_knows_the_password() {
    let (server, root, mut mails) = start().await;
    let ann = server.user("ann").await;
    server.user("bob").await;
    let request = users("request-email-change");
    server.guest().post(&request, json!({"newEmail": "new@example.com"})).await.expect(401);
    root.post(&request, json!({"newEmail": "new@example.com"})).await.expect(403);
    for (new_email, want) in [
        ("", "validation_required"),
        ("no address", "validation_is_email"),
        ("ann@example.com", "validation_not_in_invalid"),
        ("bob@example.com", "validation_invalid_new_email"),
    ] {
        let answer = ann.post(&request, json!({"newEmail": new_email})).await.expect(400);
        assert_eq!(code(&answer, "newEmail"), want, "{new_email}");
    }
    ann.post(&request, json!({"newEmail": "new@example.com"})).await.expect(204);
    let mail = mails.next().await;
    assert_eq!(mail.to, "new@example.com");
    let token = token_of(&mail);
    let confirm = users("confirm-email-change");
    let guest = server.guest();
    for (token, password, field, want) in [
        ("", PASSWORD, "token", "validation_required"),
        ("x", PASSWORD, "token", "validation_invalid_token_payload"),
        (token.as_str(), "", "password", "validation_required"),
        (token.as_str(), "wrong password", "password", "validation_invalid_password"),
    ] {
        let answer = guest.post(&confirm, json!({"token": token, "password": password})).await.expect(400);
        assert_eq!(code(&answer, field), want, "{answer}");
    }
    guest.post(&confirm, json!({"token": token, "password": PASSWORD})).await.expect(204);
    assert!(!is_signed_in(&ann).await);
    let changed = own_record(&root, "new@example.com").await;
    assert_eq!((&changed["verified"], &changed["name"]), (&json!(true), &json!("ann")));
    guest.post(&confirm, json!({"token": token, "password": PASSWORD})).await.expect(400);
}

#[tokio::test]
async fn an_address_taken_meanwhile_is_not_changed_to() {
    let (server, _root, mut mails) = start().await;
    let ann = server.user("ann").await;
    ann.post(&users("request-email-change"), json!({"newEmail": "bob@example.com"})).await.expect(204);
    let token = token_of(&mails.next().await);
    server.user("bob").await;
    let body = json!({"token": token, "password": PASSWORD});
    let answer = server.guest().post(&users("confirm-email-change"), body).await.expect(400);
    assert_eq!(code(&answer, "token"), "validation_invalid_token_email");
}

#[tokio::test]
async fn an_email_change_without_a_mail_server_says_so() {
    let server = TestServer::start();
    let ann = server.user("ann").await;
    ann.post(&users("request-email-change"), json!({"newEmail": "new@example.com"})).await.expect(400);
    // Where it would tell who has an account, nothing shows.
    server.guest().post(&users("request-password-reset"), json!({"email": "ann@example.com"})).await.expect(204);
}

#[tokio::test]
async fn tokens_do_for_nothing_but_what_they_are_for() {
    let (server, _root, mut mails) = start().await;
    let ann = server.user("ann").await;
    let guest = server.guest();
    guest.post(&users("request-verification"), json!({"email": "ann@example.com"})).await.expect(204);
    let verification = token_of(&mails.next().await);
    guest.post(&users("request-password-reset"), json!({"email": "ann@example.com"})).await.expect(204);
    let reset = token_of(&mails.next().await);
    ann.post(&users("request-email-change"), json!({"newEmail": "new@example.com"})).await.expect(204);
    let change = token_of(&mails.next().await);
    let auth = ann.token.clone().unwrap();
    for (name, token) in [("verification", &verification), ("reset", &reset), ("change", &change), ("auth", &auth)] {
        let mut client = server.guest();
        client.token = Some(token.clone());
        assert_eq!(is_signed_in(&client).await, name == "auth", "{name}");
        let attempts = [
            ("confirm-verification", json!({"token": token}), "verification"),
            ("confirm-email-change", json!({"token": token, "password": PASSWORD}), "change"),
            (
                "confirm-password-reset",
                json!({"token": token, "password": "new password", "passwordConfirm": "new password"}),
                "reset",
            ),
        ];
        for (route, body, right) in attempts {
            if name != right {
                guest.post(&users(route), body).await.expect(400);
            }
        }
    }
    guest.post(&users("confirm-verification"), json!({"token": verification})).await.expect(204);
}

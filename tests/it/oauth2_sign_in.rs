//! Signing in through other services, with two providers: what happens to accounts, and who gets into which.

use serde_json::{Value as Json, json};

use crate::fake_provider::FakeProvider;
use crate::flows::{code, start, users};
use crate::server::{Answer, Client, PASSWORD, TestServer};

/// Where the app would be sent back to.
const REDIRECT: &str = "https://app.test/back?a=1&b=ü";

/// A server with the providers `oidc` and `oidc2`.
pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) root: Client,
    providers: [(&'static str, FakeProvider); 2],
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(TestServer::start()).await
    }

    pub(crate) async fn with(server: TestServer) -> Self {
        let root = server.superuser().await;
        let providers = [("oidc", FakeProvider::start().await), ("oidc2", FakeProvider::start().await)];
        let options: Vec<Json> = providers.iter().map(|(name, provider)| provider.options(name)).collect();
        let oauth2 = json!({"enabled": true, "providers": options, "mappedFields": {"name": "name"}});
        root.patch("/api/collections/users", json!({"oauth2": oauth2})).await.expect(200);
        make_email_optional(&root).await;
        Self { server, root, providers }
    }

    /// As an app does: the methods, the provider's page, the code brought back. `more` goes into the last request.
    pub(crate) async fn sign_in(&self, client: &Client, provider: &str, user: &Json, more: Json) -> Answer {
        let methods = client.get(&users("auth-methods")).await.expect(200);
        let listed = methods["oauth2"]["providers"].as_array().unwrap();
        let chosen = listed.iter().find(|listed| listed["name"] == provider).expect("the provider is listed");
        let (_, fake) = self.providers.iter().find(|(name, _)| *name == provider).unwrap();
        let (code, state) = fake.sign_in(chosen["authURL"].as_str().unwrap(), REDIRECT, user);
        assert_eq!(chosen["state"], state);
        let mut body = json!({
            "provider": provider, "code": code, "codeVerifier": chosen["codeVerifier"], "redirectURL": REDIRECT,
        });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        client.post(&users("auth-with-oauth2"), body).await
    }

    pub(crate) async fn guest_signs_in(&self, provider: &str, user: &Json) -> Json {
        self.sign_in(&self.server.guest(), provider, user, json!({})).await.expect(200)
    }

    /// Providers that an account is linked with.
    async fn links(&self, record: &Json) -> Vec<String> {
        let id = record["id"].as_str().unwrap();
        let path = format!("/api/collections/_externalAuths/records?sort=created&filter=recordRef='{id}'");
        let list = self.root.get(&path).await.expect(200);
        let links = list["items"].as_array().unwrap();
        links.iter().map(|link| format!("{} {}", link["provider"], link["providerId"]).replace('"', "")).collect()
    }

    async fn total(&self) -> Json {
        self.root.get(&users("records")).await.expect(200)["totalItems"].clone()
    }
}

/// Providers may not tell an address, or not vouch for it.
async fn make_email_optional(root: &Client) {
    let mut fields = root.get("/api/collections/users").await.expect(200)["fields"].clone();
    for field in fields.as_array_mut().unwrap().iter_mut().filter(|field| field["name"] == "email") {
        field["required"] = false.into();
    }
    root.patch("/api/collections/users", json!({"fields": fields})).await.expect(200);
}

pub(crate) fn person(id: &str, email: &str, verified: bool) -> Json {
    json!({"sub": id, "email": email, "email_verified": verified, "name": format!("Name of {id}"), "picture": "https://x.test/p.png"})
}

async fn is_signed_in(client: &Client) -> bool {
    client.post(&users("auth-refresh"), json!({})).await.status == 200
}

#[tokio::test]
async fn a_new_user_gets_an_account_and_finds_it_again() {
    let world = World::start().await;
    let ann = person("1", "ann@example.com", true);
    let first = world.guest_signs_in("oidc", &ann).await;
    let (record, meta) = (&first["record"], &first["meta"]);
    assert_eq!((&record["email"], &record["verified"]), (&json!("ann@example.com"), &json!(true)));
    assert_eq!(record["name"], "Name of 1");
    assert_eq!(meta["isNew"], true);
    assert_eq!((&meta["id"], &meta["rawUser"]["sub"]), (&json!("1"), &json!("1")));
    for key in ["accessToken", "refreshToken", "expiry", "avatarURL", "avatarUrl"] {
        assert_ne!(meta[key], "", "{key}");
    }
    let client = world.server.guest().signed_in(&first);
    assert!(is_signed_in(&client).await);
    // The address may have changed at the provider: the id counts.
    let second = world.guest_signs_in("oidc", &person("1", "other@example.com", true)).await;
    assert_eq!(second["record"]["id"], record["id"]);
    assert_eq!(second["meta"]["isNew"], false);
    assert_eq!(second["record"]["email"], "ann@example.com");
    assert!(is_signed_in(&client).await, "signing in again ends no session");
    // Another provider with the same verified address is the same person.
    let third = world.guest_signs_in("oidc2", &person("x", "ann@example.com", true)).await;
    assert_eq!(third["record"]["id"], record["id"]);
    assert_eq!(world.links(record).await, ["oidc 1", "oidc2 x"]);
    assert!(is_signed_in(&client).await);
    // Links are the owner's to list and to remove.
    let id = record["id"].as_str().unwrap();
    let own = client.get("/api/collections/_externalAuths/records").await.expect(200);
    assert_eq!(own["totalItems"], 2);
    let bob = world.server.user("bob").await;
    assert_eq!(bob.get("/api/collections/_externalAuths/records").await.expect(200)["totalItems"], 0);
    let link = own["items"][0]["id"].as_str().unwrap();
    bob.delete(&format!("/api/collections/_externalAuths/records/{link}")).await.expect(404);
    client.delete(&format!("/api/collections/_externalAuths/records/{link}")).await.expect(204);
    world.root.delete(&users(&format!("records/{id}"))).await.expect(204);
    assert!(world.links(record).await.is_empty(), "links go with the account");
}

#[tokio::test]
async fn an_account_made_before_its_owner_came_is_taken_from_who_made_it() {
    // Attack 1: the attacker makes an unverified account with the victim's address, and waits.
    let world = World::start().await;
    let attacker = world.server.user("victim").await;
    // Also with a link to the attacker's own account at a provider.
    let own = person("attacker", "", false);
    world.sign_in(&attacker, "oidc2", &own, json!({})).await.expect(200);
    let attacker = world.server.sign_in("users", "victim@example.com").await;
    let signed_in = world.guest_signs_in("oidc", &person("v", "victim@example.com", true)).await;
    let record = &signed_in["record"];
    assert_eq!(record["verified"], true);
    assert_eq!(world.links(record).await, ["oidc v"], "the attacker's link is gone");
    assert!(!is_signed_in(&attacker).await, "the attacker's session is over");
    let body = json!({"identity": "victim@example.com", "password": PASSWORD});
    world.server.guest().post(&users("auth-with-password"), body).await.expect(400);
    let elsewhere = world.guest_signs_in("oidc2", &own).await;
    assert_ne!(elsewhere["record"]["id"], record["id"], "the attacker's provider leads elsewhere");
}

#[tokio::test]
async fn an_address_in_create_data_is_not_vouched_for() {
    // Attack 2: the attacker's provider, with the victim's address in the data for the new record.
    let world = World::start().await;
    let own = person("attacker", "attacker@example.com", true);
    let data = json!({"createData": {"email": "victim@example.com", "verified": true, "password": PASSWORD, "passwordConfirm": PASSWORD}});
    // Nobody but a superuser may say that an account is verified.
    world.sign_in(&world.server.guest(), "oidc2", &own, data).await.expect(400);
    let data =
        json!({"createData": {"email": "victim@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD}});
    let made = world.sign_in(&world.server.guest(), "oidc2", &own, data).await.expect(200);
    assert_eq!((&made["record"]["email"], &made["record"]["verified"]), (&json!("victim@example.com"), &json!(false)));
    let attacker = world.server.guest().signed_in(&made);
    let victim = world.guest_signs_in("oidc", &person("v", "victim@example.com", true)).await;
    assert_eq!(victim["record"]["id"], made["record"]["id"]);
    assert_eq!(world.links(&victim["record"]).await, ["oidc v"]);
    assert!(!is_signed_in(&attacker).await);
    let again = world.guest_signs_in("oidc2", &own).await;
    assert_ne!(again["record"]["id"], victim["record"]["id"]);
    let body = json!({"identity": "victim@example.com", "password": PASSWORD});
    world.server.guest().post(&users("auth-with-password"), body).await.expect(400);
}

#[tokio::test]
async fn the_attacks_fail_as_well_when_the_victim_comes_by_mail() {
    let (server, root, mut mails) = start().await;
    let provider = FakeProvider::start().await;
    let oauth2 = json!({"enabled": true, "providers": [provider.options("oidc")]});
    root.patch("/api/collections/users", json!({"oauth2": oauth2})).await.expect(200);
    make_email_optional(&root).await;
    let world = World { server, root, providers: [("oidc", provider), ("oidc2", FakeProvider::start().await)] };
    let attacker = world.server.user("victim").await;
    world.sign_in(&attacker, "oidc", &person("attacker", "", false), json!({})).await.expect(200);
    let attacker = world.server.sign_in("users", "victim@example.com").await;
    world.server.guest().post(&users("request-verification"), json!({"email": "victim@example.com"})).await.expect(204);
    let html = mails.next().await.part("text/html");
    let token: String = html[html.find("eyJ").unwrap()..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c))
        .collect();
    world.server.guest().post(&users("confirm-verification"), json!({"token": token})).await.expect(204);
    assert!(!is_signed_in(&attacker).await, "links of the time before end with all sessions");
    let elsewhere = world.guest_signs_in("oidc", &person("attacker", "", false)).await;
    assert_eq!(elsewhere["meta"]["isNew"], true);
}

#[tokio::test]
async fn unverified_addresses_of_providers_lead_nowhere() {
    let world = World::start().await;
    let owner = world.server.user("victim").await;
    let attacker = world.guest_signs_in("oidc", &person("attacker", "victim@example.com", false)).await;
    assert_eq!(attacker["meta"]["isNew"], true);
    assert_eq!(attacker["record"]["email"], "", "an address nobody vouches for is not taken over");
    assert!(is_signed_in(&owner).await);
    // Addresses compare as they are.
    let other = world.guest_signs_in("oidc", &person("b", "VICTIM@example.com", true)).await;
    assert_ne!(other["record"]["email"], "victim@example.com");
}

#[tokio::test]
async fn a_signed_in_user_adds_a_provider() {
    let world = World::start().await;
    let ann = world.server.user("ann").await;
    let linked = world.sign_in(&ann, "oidc", &person("1", "elsewhere@example.com", true), json!({})).await.expect(200);
    assert_eq!(linked["record"]["email"], "ann@example.com");
    assert_eq!(linked["record"]["verified"], false, "another address proves nothing");
    assert!(is_signed_in(&ann).await, "their own session goes on");
    // While an account is unverified, only the newest link counts.
    let linked = world.sign_in(&ann, "oidc2", &person("2", "ann@example.com", true), json!({})).await.expect(200);
    assert_eq!(linked["record"]["verified"], true);
    assert_eq!(world.links(&linked["record"]).await, ["oidc2 2"]);
    // What is linked already stays with its account, whoever is signed in.
    let bob = world.server.user("bob").await;
    let taken = world.sign_in(&bob, "oidc2", &person("2", "", false), json!({})).await.expect(200);
    assert_eq!(taken["record"]["id"], linked["record"]["id"]);
    assert!(world.links(&json!({"id": bob_id(&world).await})).await.is_empty());
    // A superuser's token is one of another collection: it links nothing.
    let fresh = world.sign_in(&world.root, "oidc", &person("3", "", false), json!({})).await.expect(200);
    assert_eq!(fresh["meta"]["isNew"], true);
}

async fn bob_id(world: &World) -> String {
    let list = world.root.get(&users("records?filter=email='bob@example.com'")).await.expect(200);
    list["items"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_create_rule_decides_who_may_sign_up() {
    let world = World::start().await;
    let set = async |rule: Json| {
        world.root.patch("/api/collections/users", json!({"createRule": rule})).await.expect(200);
    };
    let before = world.total().await;
    set(Json::Null).await;
    let guest = world.server.guest();
    world.sign_in(&guest, "oidc", &person("1", "a@example.com", true), json!({})).await.expect(403);
    set(json!("@request.context = 'oauth2' && @request.body.name = 'Invited'")).await;
    world.sign_in(&guest, "oidc", &person("1", "a@example.com", true), json!({})).await.expect(400);
    assert_eq!(world.total().await, before);
    let invited = json!({"createData": {"name": "Invited"}});
    world.sign_in(&guest, "oidc", &person("1", "a@example.com", true), invited).await.expect(200);
    // Who has an account signs in all the same.
    set(Json::Null).await;
    world.sign_in(&guest, "oidc", &person("1", "a@example.com", true), json!({})).await.expect(200);
    // Fields are checked as for everybody.
    set(json!("")).await;
    let bad = json!({"createData": {"id": "x"}});
    let answer = world.sign_in(&guest, "oidc", &person("9", "", true), bad).await.expect(400);
    assert_eq!(code(&answer, "id"), "validation_min_text_constraint");
}

#[tokio::test]
async fn mapped_user_names_that_do_not_do_are_left_out() {
    let world = World::start().await;
    let fields = world.root.get("/api/collections/users").await.expect(200)["fields"].clone();
    let mut fields = fields.as_array().unwrap().clone();
    fields.push(json!({"name": "handle", "type": "text", "pattern": "^[a-z]+$"}));
    fields.push(json!({"name": "picture", "type": "url"}));
    fields.push(json!({"name": "theirs", "type": "text"}));
    let collection = world.root.get("/api/collections/users").await.expect(200);
    let mut indexes = collection["indexes"].as_array().unwrap().clone();
    indexes.push(json!("CREATE UNIQUE INDEX idx_handle ON users (handle) WHERE handle != ''"));
    let mapped = json!({"id": "theirs", "username": "handle", "avatarURL": "picture", "name": "name"});
    let body = json!({"fields": fields, "indexes": indexes, "oauth2": {"mappedFields": mapped}});
    world.root.patch("/api/collections/users", body).await.expect(200);
    let with_handle = |id: &str, handle: &str| {
        let mut user = person(id, "", false);
        user["preferred_username"] = handle.into();
        user
    };
    for (id, handle, want) in [("1", "ann", "ann"), ("2", "ann", ""), ("3", "Not OK", "")] {
        let made = world.guest_signs_in("oidc", &with_handle(id, handle)).await;
        assert_eq!(made["record"]["handle"], want);
        assert_eq!(made["record"]["picture"], "https://x.test/p.png");
        assert_eq!(made["record"]["theirs"], id);
    }
    let own = json!({"createData": {"handle": "mine", "picture": ""}});
    let made = world.sign_in(&world.server.guest(), "oidc", &with_handle("4", "theirs"), own).await.expect(200);
    assert_eq!((&made["record"]["handle"], &made["record"]["picture"]), (&json!("mine"), &json!("")));
}

#[tokio::test]
async fn rules_and_second_factors_hold() {
    let world = World::start().await;
    world.root.patch("/api/collections/users", json!({"authRule": "name != 'Name of 1'"})).await.expect(200);
    let guest = world.server.guest();
    world.sign_in(&guest, "oidc", &person("1", "a@example.com", true), json!({})).await.expect(403);
    let options = json!({"authRule": "", "mfa": {"enabled": true, "duration": 600}});
    world.root.patch("/api/collections/users", options).await.expect(200);
    let ann = world.server.guest();
    let body = json!({"email": "ann@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    ann.post(&users("records"), body).await.expect(200);
    let body = json!({"identity": "ann@example.com", "password": PASSWORD});
    let session = ann.post(&users("auth-with-password"), body.clone()).await.expect(401)["mfaId"].clone();
    // The account is not verified yet: signing in through a provider replaces the password, which ends the session.
    world.sign_in(&ann, "oidc", &person("2", "ann@example.com", true), json!({"mfaId": session})).await.expect(400);
    let list = world.root.get(&users("records?filter=email='ann@example.com'")).await.expect(200);
    let id = list["items"][0]["id"].as_str().unwrap();
    let reset = json!({"password": PASSWORD, "passwordConfirm": PASSWORD});
    world.root.patch(&users(&format!("records/{id}")), reset).await.expect(200);
    let session = ann.post(&users("auth-with-password"), body).await.expect(401)["mfaId"].clone();
    let user = person("2", "ann@example.com", true);
    let done = world.sign_in(&ann, "oidc", &user, json!({"mfaId": session})).await.expect(200);
    assert_eq!(done["meta"]["isNew"], false);
}

#[tokio::test]
async fn bad_requests_are_refused() {
    let world = World::start().await;
    let guest = world.server.guest();
    let path = users("auth-with-oauth2");
    for (body, field, want) in [
        (json!({"code": "x"}), "provider", "validation_required"),
        (json!({"provider": "oidc"}), "code", "validation_required"),
        (json!({"provider": "google", "code": "x"}), "provider", "validation_invalid_provider"),
        (json!({"provider": "x".repeat(101), "code": "x"}), "provider", "validation_length_too_long"),
    ] {
        let answer = guest.post(&path, body).await.expect(400);
        assert_eq!(code(&answer, field), want, "{answer}");
    }
    for body in
        [json!({"provider": "oidc", "code": "made up"}), json!({"provider": 1, "code": []}), json!([]), json!("x")]
    {
        guest.post(&path, body).await.expect(400);
    }
    let user = person("1", "a@example.com", true);
    for wrong in [
        json!({"codeVerifier": "wrong"}),
        json!({"redirectURL": "https://user@app.test@evil.test/"}),
        json!({"createData": 1}),
    ] {
        world.sign_in(&guest, "oidc", &user, wrong).await.expect(400);
    }
    // A code of one provider is nothing to the other.
    world.sign_in(&guest, "oidc", &user, json!({"provider": "oidc2"})).await.expect(400);
    guest
        .post("/api/collections/_superusers/auth-with-oauth2", json!({"provider": "oidc", "code": "x"}))
        .await
        .expect(403);
    let off = json!({"oauth2": {"enabled": false}});
    world.root.patch("/api/collections/users", off).await.expect(200);
    guest.post(&path, json!({"provider": "oidc", "code": "x"})).await.expect(403);
}

#[tokio::test]
async fn concurrent_first_sign_ins_make_one_account() {
    let world = World::start().await;
    let user = person("1", "ann@example.com", true);
    let guest = world.server.guest();
    let attempts = (0..8).map(|_| world.sign_in(&guest, "oidc", &user, json!({})));
    for answer in futures_util::future::join_all(attempts).await {
        answer.expect(200);
    }
    assert_eq!(world.total().await, 1);
}

//! Nobody becomes or changes somebody else: every route of signing in against every kind of token of everybody, where a
//! record of another collection and a superuser have the ids of the victims. The API makes no such ids; an imported
//! folder may have them.

use std::collections::BTreeMap;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use larder::identity::{Claims, TokenKind, issue_token};
use reqwest::Method;
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::{Value as Json, json};

use crate::factors::digits_of;
use crate::fake_provider::FakeProvider;
use crate::flows::token_of;
use crate::server::{Answer, Client, PASSWORD, TestServer, config, database};
use crate::smtp::MailServer;

/// Far enough for every test.
const LATER: i64 = 4_000_000_000;

const REDIRECT: &str = "https://app.test/back";

/// What tokens are for, and how a collection calls it.
const KINDS: [(TokenKind, &str); 5] = [
    (TokenKind::Auth, "auth"),
    (TokenKind::File, "file"),
    (TokenKind::Verification, "verification"),
    (TokenKind::PasswordReset, "passwordReset"),
    (TokenKind::EmailChange, "emailChange"),
];

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Principal {
    collection: &'static str,
    id: String,
}

/// A token and what it is good for.
struct Token {
    name: String,
    text: Option<String>,
    /// Whose it is and what for, if it holds.
    genuine: Option<(Principal, TokenKind)>,
}

/// A server on which ids clash, and its database.
struct World {
    server: TestServer,
    db: Connection,
    mails: MailServer,
    provider: FakeProvider,
    /// Ids and options of the collections, by name; no test changes the secrets.
    collections: BTreeMap<String, (String, Json)>,
    ann: Principal,
    bob: Principal,
    cid: Principal,
    root: Principal,
}

impl World {
    async fn start() -> Self {
        let (server, mails, provider) = (TestServer::start(), MailServer::start(), FakeProvider::start().await);
        let root = server.superuser().await;
        root.patch("/api/settings", json!({"smtp": mails.settings()})).await.expect(200);
        let ways = json!({
            "oauth2": {"enabled": true, "providers": [provider.options("oidc")]},
            "otp": {"enabled": true}, "authAlert": {"enabled": false},
        });
        let mut others = ways.clone();
        for (key, value) in [("name", "others"), ("type", "auth"), ("createRule", "")] {
            others[key] = value.into();
        }
        root.post("/api/collections", others).await.expect(200);
        root.patch("/api/collections/users", ways).await.expect(200);
        let mut ids = Vec::new();
        for (collection, name) in [("users", "ann"), ("users", "bob"), ("others", "ann")] {
            let body =
                json!({"email": format!("{name}@example.com"), "password": PASSWORD, "passwordConfirm": PASSWORD});
            let made = root.post(&format!("/api/collections/{collection}/records"), body).await.expect(200);
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        let config = config(&server.folder);
        let folder = server.stop();
        let db = database(&folder);
        db.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
        for (table, id, old) in [("others", &ids[0], &ids[2]), ("_superusers", &ids[1], &String::new())] {
            let sql = format!("UPDATE {table} SET id = ?1 WHERE ?2 IN (id, '')");
            assert_eq!(db.execute(&sql, [id, old]).unwrap(), 1, "{table}");
        }
        let who = |collection, id: &str| Principal { collection, id: id.to_owned() };
        let (ann, bob, cid, root) =
            (who("users", &ids[0]), who("users", &ids[1]), who("others", &ids[0]), who("_superusers", &ids[1]));
        let server = TestServer::with(folder, config);
        let collections = collections(&db);
        Self { server, db, mails, provider, collections, ann, bob, cid, root }
    }

    fn everybody(&self) -> [&Principal; 4] {
        [&self.ann, &self.bob, &self.cid, &self.root]
    }

    fn text(&self, sql: &str, key: &str) -> String {
        self.db.query_row(sql, [key], |row| row.get(0)).unwrap()
    }

    fn claims(&self, whose: &Principal, kind: TokenKind, new_email: &str) -> Claims {
        let email = self.text(&format!("SELECT email FROM {} WHERE id = ?1", whose.collection), &whose.id);
        let (is_auth, is_change) = (kind == TokenKind::Auth, kind == TokenKind::EmailChange);
        Claims {
            collection_id: self.collections[whose.collection].0.clone(),
            email: (!is_auth && kind != TokenKind::File).then_some(email),
            exp: LATER,
            id: whose.id.clone(),
            new_email: is_change.then(|| new_email.to_owned()),
            refreshable: is_auth.then_some(true),
            kind,
            nbf: None,
            iat: None,
        }
    }

    /// The two halves of the key that a principal's tokens of a kind are signed with.
    fn keys(&self, whose: &Principal, kind: &str) -> (String, String) {
        let options = &self.collections[whose.collection].1;
        let token_key = self.text(&format!("SELECT tokenKey FROM {} WHERE id = ?1", whose.collection), &whose.id);
        (token_key, options[format!("{kind}Token")]["secret"].as_str().unwrap().to_owned())
    }

    /// Every token: of everybody for everything as the server would make it now, and those of the kind `wanted` that it
    /// would not make.
    fn tokens(&self, wanted: TokenKind, new_email: &str) -> Vec<Token> {
        let mut tokens = vec![Token { name: "none".into(), text: None, genuine: None }];
        for whose in self.everybody() {
            for (kind, name) in KINDS {
                let (token_key, secret) = self.keys(whose, name);
                let claims = self.claims(whose, kind, new_email);
                tokens.push(Token {
                    name: format!("{name} of {whose:?}"),
                    text: Some(issue_token(&claims, &token_key, &secret)),
                    genuine: Some((whose.clone(), kind)),
                });
            }
        }
        let name = KINDS.iter().find(|(kind, _)| *kind == wanted).unwrap().1;
        let claims = self.claims(&self.ann, wanted, new_email);
        let (key, secret) = self.keys(&self.ann, name);
        let (bobs, _) = self.keys(&self.bob, name);
        let (cids, others) = self.keys(&self.cid, name);
        let other_kind = if name == "auth" { "verification" } else { "auth" };
        let expired = Claims { exp: 1, ..claims.clone() };
        let moved = |collection: &str| Claims { collection_id: collection.to_owned(), ..claims.clone() };
        let id_of_others = self.claims(&self.cid, wanted, new_email).collection_id;
        let signed = |algorithm, key: String| {
            jsonwebtoken::encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(key.as_bytes())).unwrap()
        };
        let bad = [
            ("expired", issue_token(&expired, &key, &secret)),
            ("unsigned", unsigned(&claims)),
            ("signed with a guess", issue_token(&claims, "guess", "guess")),
            ("signed with nothing", issue_token(&claims, "", "")),
            ("signed with the collection's half only", issue_token(&claims, "", &secret)),
            ("signed with the record's half only", issue_token(&claims, &key, "")),
            ("signed with Bob's key", issue_token(&claims, &bobs, &secret)),
            ("signed with the key of the same id elsewhere", issue_token(&claims, &cids, &others)),
            ("signed for something else", issue_token(&claims, &key, &self.keys(&self.ann, other_kind).1)),
            ("moved to the other collection", issue_token(&moved(&id_of_others), &key, &secret)),
            ("moved to the other collection by name", issue_token(&moved("others"), &key, &secret)),
            ("signed with HS384", signed(Algorithm::HS384, format!("{key}{secret}"))),
        ];
        for (how, text) in bad {
            tokens.push(Token { name: format!("{name} of Ann, {how}"), text: Some(text), genuine: None });
        }
        tokens
    }

    /// What there is of everybody, links to providers included.
    fn state(&self) -> BTreeMap<Principal, Vec<Vec<Value>>> {
        let mut state = BTreeMap::new();
        for whose in self.everybody() {
            let own = format!("SELECT * FROM {} WHERE id = ?1 AND ?2 != ''", whose.collection);
            let links = "SELECT * FROM _externalAuths WHERE recordRef = ?1 AND collectionRef = ?2 ORDER BY rowid";
            let collection = &self.collections[whose.collection].0;
            let mut rows = Vec::new();
            for sql in [own.as_str(), links] {
                let mut query = self.db.prepare(sql).unwrap();
                let width = query.column_count();
                let read =
                    |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>();
                let found = query.query_map([&whose.id, collection], read).unwrap();
                rows.extend(found.map(Result::unwrap));
            }
            state.insert(whose.clone(), rows);
        }
        state
    }

    /// Undoes what attempts do: addresses are the first ones and to be verified, and nobody has links.
    fn reset(&self) {
        for (whose, name) in [(&self.ann, "ann"), (&self.bob, "bob"), (&self.cid, "ann")] {
            let sql = format!("UPDATE {} SET verified = 0, email = ?2 WHERE id = ?1", whose.collection);
            self.db.execute(&sql, [&whose.id, &format!("{name}@example.com")]).unwrap();
        }
        self.db.execute("DELETE FROM _externalAuths", []).unwrap();
    }

    /// Who a token of the server is for; nobody if it does not say.
    fn owner_of(&self, token: &str) -> Principal {
        use base64::Engine as _;
        let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Json = serde_json::from_slice(&claims).unwrap();
        let is_named = |name: &&str| self.collections[*name].0 == claims["collectionId"];
        let collection = ["users", "others", "_superusers"].into_iter().find(is_named).unwrap();
        Principal { collection, id: claims["id"].as_str().unwrap().to_owned() }
    }
}

fn collections(db: &Connection) -> BTreeMap<String, (String, Json)> {
    let mut query = db.prepare("SELECT name, id, options FROM _collections").unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?));
    let found = query.query_map([], row).unwrap().map(Result::unwrap);
    found.map(|(name, id, options)| (name, (id, serde_json::from_str(&options).unwrap()))).collect()
}

/// `alg: none`, as attackers send it.
fn unsigned(claims: &Claims) -> String {
    use base64::Engine as _;
    let part = |json: Json| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.", part(json!({"alg": "none", "typ": "JWT"})), part(serde_json::to_value(claims).unwrap()))
}

/// Something to try with a token.
#[derive(Debug, Clone)]
enum Attempt {
    Refresh(&'static str),
    RequestEmailChange(&'static str),
    ConfirmVerification(&'static str),
    ConfirmPasswordReset(&'static str),
    ConfirmEmailChange(&'static str),
    Impersonate(Principal),
    /// An update that only superusers, or the owner with the old password, may make.
    Edit(Principal, Json),
    /// With the right password of Bob, whoever the header says.
    PasswordOfBob,
}

impl Attempt {
    fn all(world: &World) -> Vec<Self> {
        let mut all = vec![Self::PasswordOfBob];
        for collection in ["users", "others", "_superusers"] {
            all.extend([
                Self::Refresh(collection),
                Self::RequestEmailChange(collection),
                Self::ConfirmVerification(collection),
                Self::ConfirmPasswordReset(collection),
                Self::ConfirmEmailChange(collection),
            ]);
        }
        for whom in world.everybody() {
            all.push(Self::Impersonate(whom.clone()));
        }
        for whom in [&world.ann, &world.bob, &world.cid] {
            for change in [
                json!({"password": PASSWORD, "passwordConfirm": PASSWORD}),
                json!({"email": "edited@example.com"}),
                json!({"verified": true}),
            ] {
                all.push(Self::Edit(whom.clone(), change));
            }
        }
        all
    }

    /// What a token has to be for.
    fn wanted(&self) -> TokenKind {
        match self {
            Self::ConfirmVerification(_) => TokenKind::Verification,
            Self::ConfirmPasswordReset(_) => TokenKind::PasswordReset,
            Self::ConfirmEmailChange(_) => TokenKind::EmailChange,
            _ => TokenKind::Auth,
        }
    }

    /// Who may get or change something, given what the token proves.
    fn whom(&self, world: &World, genuine: Option<&(Principal, TokenKind)>) -> Option<Principal> {
        let of = |collection: &str| {
            genuine
                .filter(|(who, kind)| who.collection == collection && *kind == self.wanted())
                .map(|(who, _)| who.clone())
        };
        match self {
            // Superusers have neither.
            Self::RequestEmailChange("_superusers")
            | Self::ConfirmVerification("_superusers")
            | Self::ConfirmEmailChange("_superusers") => None,
            Self::Refresh(collection)
            | Self::RequestEmailChange(collection)
            | Self::ConfirmVerification(collection)
            | Self::ConfirmPasswordReset(collection)
            | Self::ConfirmEmailChange(collection) => of(collection),
            Self::Impersonate(whom) | Self::Edit(whom, _) => of("_superusers").map(|_| whom.clone()),
            Self::PasswordOfBob => Some(world.bob.clone()),
        }
    }

    async fn make(&self, guest: &Client, token: &Token, new_email: &str) -> Answer {
        let signed = token.text.as_ref().map_or_else(|| guest.clone(), |text| guest.with_token(text.as_str()));
        let path = |collection: &str, route: &str| format!("/api/collections/{collection}/{route}");
        let sent = token.text.as_deref().unwrap_or_default();
        match self {
            Self::Refresh(collection) => signed.post(&path(collection, "auth-refresh"), json!({})).await,
            Self::RequestEmailChange(collection) => {
                signed.post(&path(collection, "request-email-change"), json!({"newEmail": new_email})).await
            }
            Self::ConfirmVerification(collection) => {
                guest.post(&path(collection, "confirm-verification"), json!({"token": sent})).await
            }
            Self::ConfirmPasswordReset(collection) => {
                let body = json!({"token": sent, "password": PASSWORD, "passwordConfirm": PASSWORD});
                guest.post(&path(collection, "confirm-password-reset"), body).await
            }
            Self::ConfirmEmailChange(collection) => {
                let body = json!({"token": sent, "password": PASSWORD});
                guest.post(&path(collection, "confirm-email-change"), body).await
            }
            Self::Impersonate(whom) => {
                signed.post(&path(whom.collection, &format!("impersonate/{}", whom.id)), json!({})).await
            }
            Self::Edit(whom, change) => {
                signed.patch(&path(whom.collection, &format!("records/{}", whom.id)), change.clone()).await
            }
            Self::PasswordOfBob => {
                let body = json!({"identity": "bob@example.com", "password": PASSWORD});
                signed.post(&path("users", "auth-with-password"), body).await
            }
        }
    }
}

#[tokio::test]
async fn no_token_gets_or_changes_anything_of_somebody_else() {
    let mut world = World::start().await;
    let guest = world.server.guest();
    let (mut count, mut mailed) = (0, 0);
    for attempt in Attempt::all(&world) {
        for at in 0..world.tokens(attempt.wanted(), "").len() {
            // Made anew each time: what succeeds changes keys.
            count += 1;
            let new_email = format!("new{count}@example.com");
            world.reset();
            let token = world.tokens(attempt.wanted(), &new_email).swap_remove(at);
            let before = world.state();
            let answer = attempt.make(&guest, &token, &new_email).await;
            let context = format!("{attempt:?} with {}: {} {}", token.name, answer.status, answer.text);
            let after = world.state();
            let mut touched: Vec<Principal> =
                before.into_iter().filter(|(who, rows)| after[who] != *rows).map(|(who, _)| who).collect();
            if let Some(token) = answer.body["token"].as_str() {
                touched.push(world.owner_of(token));
            }
            if matches!(attempt, Attempt::RequestEmailChange(_)) && answer.status == 204 {
                let mail = world.mails.next().await;
                mailed += 1;
                assert_eq!(mail.to, new_email, "{context}");
                touched.push(world.owner_of(&token_of(&mail)));
            }
            if let Some(whom) = attempt.whom(&world, token.genuine.as_ref()) {
                assert!(answer.status.is_success(), "{context}");
                assert_eq!(touched, [whom], "{context}");
            } else {
                assert!(answer.status.is_client_error(), "{context}");
                assert!(touched.is_empty(), "{touched:?}: {context}");
            }
        }
    }
    assert_eq!(world.mails.commands("RCPT").len(), mailed, "no mail but those that were asked for with right");
}

/// Signs in through the provider at a collection.
async fn with_provider(world: &World, client: &Client, collection: &str, user: &str) -> Answer {
    let methods = client.get(&format!("/api/collections/{collection}/auth-methods")).await.expect(200);
    let method = &methods["oauth2"]["providers"][0];
    let user = json!({"sub": user, "email": format!("{user}@provider.test"), "email_verified": true});
    let (code, _) = world.provider.sign_in(method["authURL"].as_str().unwrap(), REDIRECT, &user);
    let body =
        json!({"provider": "oidc", "code": code, "codeVerifier": method["codeVerifier"], "redirectURL": REDIRECT});
    client.post(&format!("/api/collections/{collection}/auth-with-oauth2"), body).await
}

#[tokio::test]
async fn a_provider_is_linked_to_nobody_but_who_is_signed_in() {
    let world = World::start().await;
    let guest = world.server.guest();
    for collection in ["users", "others"] {
        for (at, token) in world.tokens(TokenKind::Auth, "").iter().enumerate() {
            world.reset();
            let before = world.state();
            let signed = token.text.as_ref().map_or_else(|| guest.clone(), |text| guest.with_token(text.as_str()));
            let answer = with_provider(&world, &signed, collection, &format!("{collection}-{at}")).await;
            let context = format!("{collection} with {}: {}", token.name, answer.text);
            let owner = world.owner_of(answer.expect(200)["token"].as_str().unwrap());
            let after = world.state();
            let touched: Vec<_> =
                before.into_iter().filter(|(who, rows)| after[who] != *rows).map(|(who, _)| who).collect();
            match &token.genuine {
                Some((whom, TokenKind::Auth)) if whom.collection == collection => {
                    assert_eq!((&touched[..], &owner), (&[whom.clone()][..], whom), "{context}");
                }
                _ => {
                    assert!(touched.is_empty(), "{touched:?}: {context}");
                    assert!(!world.everybody().contains(&&owner), "{context}");
                }
            }
        }
    }
}

#[tokio::test]
async fn links_and_codes_of_the_same_id_elsewhere_lead_nowhere() {
    let mut world = World::start().await;
    let guest = world.server.guest();
    let auth = |whose: &Principal| {
        let (token_key, secret) = world.keys(whose, "auth");
        guest.with_token(issue_token(&world.claims(whose, TokenKind::Auth, ""), &token_key, &secret))
    };
    let (ann, cid, root) = (auth(&world.ann), auth(&world.cid), auth(&world.root));
    let bob = auth(&world.bob);
    world.db.execute_batch("UPDATE users SET verified = 1; UPDATE others SET verified = 1").unwrap();
    // The provider's user is Ann's of `users`, not the one of the same id and address.
    with_provider(&world, &ann, "users", "x").await.expect(200);
    let elsewhere = with_provider(&world, &guest, "others", "x").await.expect(200);
    assert_eq!(elsewhere["meta"]["isNew"], true);
    assert_ne!(elsewhere["record"]["id"], world.cid.id.as_str());
    // Only she and superusers see and remove the link.
    let links = "/api/collections/_externalAuths/records";
    let own = ann.get(links).await.expect(200);
    assert_eq!(own["totalItems"], 1);
    let link = format!("{links}/{}", own["items"][0]["id"].as_str().unwrap());
    for other in [&cid, &bob, &guest] {
        assert_eq!(other.get(links).await.body["totalItems"].as_i64().unwrap_or_default(), 0);
        other.get(&link).await.expect(404);
        other.send(other.request(Method::DELETE, &link)).await.expect(404);
    }
    // A code is for one account.
    let mut code_of = async |collection: &str| {
        let path = format!("/api/collections/{collection}/request-otp");
        let id = guest.post(&path, json!({"email": "ann@example.com"})).await.expect(200)["otpId"].clone();
        json!({"otpId": id, "password": digits_of(&world.mails.next().await)})
    };
    let code = code_of("users").await;
    guest.post("/api/collections/others/auth-with-otp", code.clone()).await.expect(400);
    guest.post("/api/collections/users/auth-with-otp", code).await.expect(200);
    // So is half a sign-in.
    let mfa = json!({"mfa": {"enabled": true, "duration": 600}});
    for collection in ["users", "others"] {
        root.patch(&format!("/api/collections/{collection}"), mfa.clone()).await.expect(200);
    }
    let password = json!({"identity": "ann@example.com", "password": PASSWORD});
    let half = guest.post("/api/collections/users/auth-with-password", password).await.expect(401);
    let session = half["mfaId"].as_str().unwrap();
    for (collection, status) in [("others", 400), ("users", 200)] {
        let code = code_of(collection).await;
        guest.post(&format!("/api/collections/{collection}/auth-with-otp?mfaId={session}"), code).await.expect(status);
    }
    // What goes with one account does not go with the other.
    let path = format!("/api/collections/others/records/{}", world.cid.id);
    root.patch(&path, json!({"password": "another one", "passwordConfirm": "another one"})).await.expect(200);
    root.delete(&path).await.expect(204);
    ann.get(&link).await.expect(200);
    ann.post("/api/collections/users/auth-refresh", json!({})).await.expect(200);
}

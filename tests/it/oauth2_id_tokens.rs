//! ID tokens, true and forged.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use larder::oauth2::{Grant, OAuth2Client, OAuth2Error, OAuth2Http, OAuth2User};
use larder::schema::auth_options::OAuth2Provider;
use serde_json::{Value as Json, json};

use crate::fake_http::{FakeHttp, Reply};
use crate::fake_provider::SigningKey;
use crate::oauth2_providers::{GRANT, NOW_MS, http, options};

const NOW: i64 = NOW_MS / 1000;

/// What the provider answers; tests change it.
#[derive(Clone, Default)]
struct Answers {
    id_token: Json,
    keys: Json,
    user: Json,
}

/// A provider of ID tokens.
struct Issuer {
    server: FakeHttp,
    answers: Arc<Mutex<Answers>>,
    http: OAuth2Http,
}

impl Issuer {
    async fn start() -> Self {
        let keys = json!({"keys": [
            {"kty": "new-kind", "kid": "new"},
            SigningKey::Rsa.public("rs256", Algorithm::RS256),
            SigningKey::Rsa.public("rs512", Algorithm::RS512),
            SigningKey::Rsa.public("ps256", Algorithm::PS256),
            SigningKey::P256.public("es256", Algorithm::ES256),
            SigningKey::Ed25519.public("eddsa", Algorithm::EdDSA),
            {"kty": "oct", "kid": "hs256", "alg": "HS256", "k": "c2VjcmV0"},
        ]});
        let answers = Arc::new(Mutex::new(Answers { keys, ..Answers::default() }));
        let shared = Arc::clone(&answers);
        let server = FakeHttp::start(move |request| {
            let answers = shared.lock().unwrap().clone();
            match request.path() {
                path if path.ends_with("/token") => {
                    Reply::json(&json!({"access_token": "the-token", "id_token": answers.id_token}))
                }
                "/userinfo" => Reply::json(&answers.user),
                "/keys" if answers.keys.is_null() => Reply::redirect("/elsewhere"),
                "/keys" => Reply::json(&answers.keys),
                path => panic!("{path} was asked"),
            }
        })
        .await;
        Self { server, answers, http: http() }
    }

    fn options(&self) -> OAuth2Provider {
        let extra = json!({"jwksURL": self.server.url("/keys"), "issuers": ["https://other", "https://issuer"]});
        self.options_with(&extra)
    }

    fn options_with(&self, extra: &Json) -> OAuth2Provider {
        let options = options("oidc", &self.server);
        OAuth2Provider { user_info_url: String::new(), extra: extra.as_object().cloned(), ..options }
    }

    async fn sign_in(
        &self,
        options: &OAuth2Provider,
        token: impl Into<Json>,
        now: i64,
    ) -> Result<OAuth2User, OAuth2Error> {
        self.answers.lock().unwrap().id_token = token.into();
        let grant = Grant { now_ms: now * 1000, apple_name: "Ann of the form", ..GRANT };
        OAuth2Client::configured(options).unwrap().fetch(&self.http, &grant).await
    }

    fn key_fetches(&self) -> usize {
        self.server.seen().iter().filter(|request| request.path() == "/keys").count()
    }
}

fn claims() -> Json {
    json!({
        "iss": "https://issuer", "aud": "client", "sub": "ann-1", "iat": NOW, "exp": NOW + 60, "name": "Ann Lee",
        "preferred_username": "ann", "email": "ann@example.com", "email_verified": true, "picture": "https://pics/a",
    })
}

fn claims_with(changes: &Json) -> Json {
    let mut claims = claims();
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims
}

fn encode(json: &Json) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// The cause of a refusal.
#[track_caller]
fn cause(result: Result<OAuth2User, OAuth2Error>, what: &str) -> String {
    match result.expect_err(what) {
        OAuth2Error::User(cause) => cause.to_string(),
        error @ OAuth2Error::Token(_) => panic!("{what}: {error}"),
    }
}

#[tokio::test]
async fn tokens_of_all_algorithms() {
    let issuer = Issuer::start().await;
    for (key, id, algorithm) in [
        (SigningKey::Rsa, "rs256", Algorithm::RS256),
        (SigningKey::Rsa, "rs512", Algorithm::RS512),
        (SigningKey::Rsa, "ps256", Algorithm::PS256),
        (SigningKey::P256, "es256", Algorithm::ES256),
        (SigningKey::Ed25519, "eddsa", Algorithm::EdDSA),
    ] {
        let token = key.sign(id, algorithm, &claims());
        let user = issuer.sign_in(&issuer.options(), token, NOW).await.unwrap_or_else(|e| panic!("{id}: {e}"));
        assert_eq!((user.id.as_str(), user.email.as_str()), ("ann-1", "ann@example.com"), "{id}");
        assert_eq!((user.name.as_str(), user.username.as_str()), ("Ann Lee", "ann"), "{id}");
        assert_eq!(user.avatar_url, "https://pics/a", "{id}");
        assert_eq!(Json::Object(user.raw_user), claims(), "{id}");
    }
    assert_eq!(issuer.key_fetches(), 1);
    let token = SigningKey::Rsa.sign("rs256", Algorithm::RS256, &claims_with(&json!({"email_verified": false})));
    assert_eq!(issuer.sign_in(&issuer.options(), token, NOW).await.unwrap().email, "");
}

#[tokio::test]
async fn forged_tokens() {
    let issuer = Issuer::start().await;
    let options = issuer.options();
    let good = SigningKey::Rsa.sign("rs256", Algorithm::RS256, &claims());
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let admin = encode(&claims_with(&json!({"sub": "admin"})));
    // The public key as the secret of an HMAC, in the forms an attacker has it.
    let public = SigningKey::Rsa.public("rs256", Algorithm::RS256);
    let modulus = URL_SAFE_NO_PAD.decode(public["n"].as_str().unwrap()).unwrap();
    let hmac = |id: &str, secret: &[u8]| {
        let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(secret)).unwrap()
    };
    let unsigned = |algorithm: &str, signature: &str| {
        format!("{}.{payload}.{signature}", encode(&json!({"alg": algorithm, "kid": "rs256"})))
    };
    let rsa = |changes: Json| SigningKey::Rsa.sign("rs256", Algorithm::RS256, &claims_with(&changes));
    let without_id = format!("{}.{payload}.{signature}", encode(&json!({"alg": "RS256"})));
    for (what, token, want) in [
        ("alg none", unsigned("none", ""), "its signature algorithm is not accepted"),
        ("alg NONE with a signature", unsigned("NONE", signature), "its signature algorithm is not accepted"),
        ("HMAC with the modulus", hmac("rs256", &modulus), "its signature algorithm is not accepted"),
        (
            "HMAC with the key's text",
            hmac("rs256", public["n"].as_str().unwrap().as_bytes()),
            "its signature algorithm is not accepted",
        ),
        ("HMAC with a secret of the key set", hmac("hs256", b"secret"), "its signature algorithm is not accepted"),
        ("no signature", format!("{header}.{payload}."), "its signature is wrong"),
        ("a cut signature", good[..good.len() - 4].to_owned(), "its signature is wrong"),
        ("other claims", format!("{header}.{admin}.{signature}"), "its signature is wrong"),
        ("a foreign key", SigningKey::ForeignRsa.sign("rs256", Algorithm::RS256, &claims()), "its signature is wrong"),
        (
            "another algorithm than the key's",
            SigningKey::Rsa.sign("rs256", Algorithm::RS512, &claims()),
            "its signature algorithm is not accepted",
        ),
        (
            "a key of another kind",
            SigningKey::P256.sign("rs256", Algorithm::ES256, &claims()),
            "its signature algorithm is not accepted",
        ),
        ("another audience", rsa(json!({"aud": "someone"})), "it is meant for another client"),
        ("another issuer", rsa(json!({"iss": "https://issuer.evil"})), "its issuer is another one"),
        ("expired", rsa(json!({"exp": NOW - 301})), "it has expired"),
        ("never expires", rsa(json!({"exp": null})), "it has expired"),
        ("from the future", rsa(json!({"iat": NOW + 301})), "it is not valid yet"),
        ("no key id", without_id, "its key is not among the provider's"),
        ("no dots", "abc".to_owned(), "it cannot be read"),
        ("dots only", "..".to_owned(), "it cannot be read"),
        ("four parts", format!("{good}.x"), "its signature is wrong"),
        ("not base64", format!("!.{payload}.{signature}"), "it cannot be read"),
        ("claims that are a list", format!("{header}.{}.{signature}", encode(&json!([]))), "its signature is wrong"),
        ("a header that is a list", format!("{}.{payload}.{signature}", encode(&json!([]))), "it cannot be read"),
        ("huge", format!("{header}.{}.{signature}", "A".repeat(70_000)), "it cannot be read"),
        ("empty", String::new(), "there is none"),
    ] {
        let got = cause(issuer.sign_in(&options, token, NOW).await, what);
        assert!(got.starts_with("id_token: ") && got.ends_with(want), "{what}: {got}");
    }
    for other in [json!(null), json!(5), json!({"a": 1})] {
        assert_eq!(cause(issuer.sign_in(&options, other, NOW).await, "no text"), "id_token: there is none");
    }
    issuer.sign_in(&options, good.as_str(), NOW).await.unwrap();
    issuer.sign_in(&options, rsa(json!({"exp": NOW - 299})), NOW).await.unwrap();
}

#[tokio::test]
async fn keys_are_fetched_again_but_not_for_every_token() {
    let issuer = Issuer::start().await;
    let options = issuer.options();
    let token = |id: &str| SigningKey::Rsa.sign(id, Algorithm::RS256, &claims_with(&json!({"exp": NOW + 1_000_000})));
    issuer.sign_in(&options, token("rs256"), NOW).await.unwrap();
    assert_eq!(issuer.key_fetches(), 1);
    // The provider changes its key. A flood of unknown ids is one request.
    let rotated = json!({"keys": [SigningKey::Rsa.public("next", Algorithm::RS256)]});
    issuer.answers.lock().unwrap().keys = rotated;
    for _ in 0..3 {
        let error = cause(issuer.sign_in(&options, token("next"), NOW + 4).await, "too soon");
        assert!(error.ends_with("its key is not among the provider's"), "{error}");
    }
    assert_eq!(issuer.key_fetches(), 1);
    issuer.sign_in(&options, token("next"), NOW + 5).await.unwrap();
    assert_eq!(issuer.key_fetches(), 2);
    // The old key is withdrawn with it.
    let error = cause(issuer.sign_in(&options, token("rs256"), NOW + 11).await, "withdrawn");
    assert!(error.ends_with("its key is not among the provider's"), "{error}");
    assert_eq!(issuer.key_fetches(), 3);
    // A set is not believed forever, and a failure is not repeated at once.
    issuer.answers.lock().unwrap().keys = json!(null);
    issuer.sign_in(&options, token("next"), NOW + 3610).await.unwrap();
    for _ in 0..3 {
        let error = cause(issuer.sign_in(&options, token("next"), NOW + 3611).await, "old keys");
        assert!(error.ends_with("the provider's keys cannot be read"), "{error}");
    }
    assert_eq!(issuer.key_fetches(), 4);
}

#[tokio::test]
async fn keys_that_cannot_be_used() {
    let mut without_algorithm = SigningKey::Rsa.public("rs256", Algorithm::RS256);
    without_algorithm.as_object_mut().unwrap().remove("alg");
    for (what, keys, want) in [
        ("redirect", json!(null), "the provider's keys cannot be read"),
        ("no keys", json!({"error": 1}), "the provider's keys cannot be read"),
        ("a list", json!([without_algorithm.clone()]), "the provider's keys cannot be read"),
        ("none", json!({"keys": []}), "its key is not among the provider's"),
        ("junk", json!({"keys": [1, null, "x", {}, {"kty": "RSA"}]}), "its key is not among the provider's"),
        ("no algorithm", json!({"keys": [without_algorithm]}), "its signature algorithm is not accepted"),
        (
            "numbers that are none",
            json!({"keys": [{"kty": "RSA", "kid": "rs256", "alg": "RS256", "n": "", "e": ""}]}),
            "its signature is wrong",
        ),
        (
            "broken base64",
            json!({"keys": [{"kty": "RSA", "kid": "rs256", "alg": "RS256", "n": "!", "e": "!"}]}),
            "the provider's keys cannot be read",
        ),
    ] {
        let issuer = Issuer::start().await;
        issuer.answers.lock().unwrap().keys = keys;
        let token = SigningKey::Rsa.sign("rs256", Algorithm::RS256, &claims());
        let got = cause(issuer.sign_in(&issuer.options(), token, NOW).await, what);
        assert!(got.ends_with(want), "{what}: {got}");
    }
}

#[tokio::test]
async fn without_keys_the_channel_counts() {
    let issuer = Issuer::start().await;
    let unsigned = |changes: Json| format!("{}.{}.x", encode(&json!({"alg": "none"})), encode(&claims_with(&changes)));
    // The test's server is on this machine.
    for extra in [json!(null), json!({}), json!({"jwksURL": ""}), json!({"jwksURL": null, "issuers": "https://issuer"})]
    {
        let user = issuer.sign_in(&issuer.options_with(&extra), unsigned(json!({})), NOW).await.unwrap();
        assert_eq!(user.id, "ann-1", "{extra}");
    }
    assert_eq!(issuer.key_fetches(), 0);
    for (extra, changes, want) in [
        (json!({}), json!({"aud": "someone"}), "it is meant for another client"),
        (json!({}), json!({"exp": NOW - 301}), "it has expired"),
        (json!({"issuers": ["https://a"]}), json!({}), "its issuer is another one"),
        (json!({"issuers": {"a": "https://issuer"}}), json!({}), "the option `issuers` is not a list of texts"),
        (json!({"jwksURL": 5}), json!({}), "the provider's keys cannot be read"),
    ] {
        let got = cause(issuer.sign_in(&issuer.options_with(&extra), unsigned(changes), NOW).await, want);
        assert!(got.ends_with(want), "{extra}: {got}");
    }
}

#[tokio::test]
async fn the_leeway_is_configured() {
    let issuer = Issuer {
        http: OAuth2Http::new(larder::http_client::HttpClient::trusted(), Duration::ZERO),
        ..Issuer::start().await
    };
    let token = SigningKey::Rsa.sign("rs256", Algorithm::RS256, &claims_with(&json!({"exp": NOW})));
    issuer.sign_in(&issuer.options(), token.as_str(), NOW - 1).await.unwrap_err();
    let token = SigningKey::Rsa.sign("rs256", Algorithm::RS256, &claims_with(&json!({"exp": NOW + 1})));
    issuer.sign_in(&issuer.options(), token.as_str(), NOW).await.unwrap();
    issuer.sign_in(&issuer.options(), token.as_str(), NOW + 1).await.unwrap_err();
}

#[tokio::test]
async fn apple_tells_all_but_the_name_in_its_token() {
    let issuer = Issuer::start().await;
    let options = OAuth2Provider { name: "apple".into(), ..issuer.options() };
    let apple = |changes: Json| {
        let mut claims =
            claims_with(&json!({"iss": "https://appleid.apple.com", "name": null, "email_verified": "true"}));
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        SigningKey::Rsa.sign("rs256", Algorithm::RS256, &claims)
    };
    let user = issuer.sign_in(&options, apple(json!({})), NOW).await.unwrap();
    assert_eq!((user.id.as_str(), user.name.as_str()), ("ann-1", "Ann of the form"));
    assert_eq!((user.email.as_str(), user.username.as_str(), user.avatar_url.as_str()), ("ann@example.com", "", ""));
    let user = issuer.sign_in(&options, apple(json!({"name": "Ann", "email_verified": "false"})), NOW).await.unwrap();
    assert_eq!((user.name.as_str(), user.email.as_str()), ("Ann", ""));
    for (changes, want) in [
        (json!({"iss": "https://issuer"}), "its issuer is another one"),
        (json!({"aud": "someone"}), "it is meant for another client"),
        (json!({"exp": null}), "it has expired"),
        (json!({"sub": ""}), "the provider's answer has no user id"),
    ] {
        let got = cause(issuer.sign_in(&options, apple(changes), NOW).await, want);
        assert!(got.ends_with(want), "{got}");
    }
    let unsigned = format!("{}.{}.", encode(&json!({"alg": "none"})), encode(&claims()));
    let got = cause(issuer.sign_in(&options, unsigned, NOW).await, "unsigned");
    assert!(got.ends_with("its signature algorithm is not accepted"), "{got}");
}

#[tokio::test]
async fn microsoft_vouches_for_some_addresses_only() {
    let issuer = Issuer::start().await;
    issuer.answers.lock().unwrap().user = json!({"id": "ms-1", "displayName": "Ann", "mail": "graph@example.com"});
    let base = options("microsoft", &issuer.server);
    for (option, claims, want) in [
        (json!(null), json!({}), "graph@example.com"),
        (json!("something"), json!({}), "graph@example.com"),
        (json!("email"), json!({"email": "e@example.com"}), "e@example.com"),
        (json!("email"), json!({"email": null}), ""),
        (json!("verified_primary_email"), json!({"verified_primary_email": "v@example.com"}), "v@example.com"),
        (json!("verified_primary_email"), json!({"verified_primary_email": ["v@example.com"]}), "v@example.com"),
        (json!("verified_primary_email"), json!({"verified_primary_email": []}), ""),
        (json!("email_and_xms_edov"), json!({"email": "e@example.com", "xms_edov": true}), "e@example.com"),
        (json!("email_and_xms_edov"), json!({"email": "e@example.com", "xms_edov": "1"}), "e@example.com"),
        (json!("email_and_xms_edov"), json!({"email": "e@example.com", "xms_edov": 1}), "e@example.com"),
        (json!("email_and_xms_edov"), json!({"email": "e@example.com", "xms_edov": false}), ""),
        (json!("email_and_xms_edov"), json!({"email": "e@example.com"}), ""),
        (json!("any_verified"), json!({"email": "e@example.com", "xms_edov": true}), "e@example.com"),
        (
            json!("any_verified"),
            json!({"email": "e@example.com", "xms_edov": true, "verified_primary_email": "v@example.com"}),
            "v@example.com",
        ),
        (json!("any_verified"), json!({"email": "e@example.com"}), ""),
    ] {
        let extra = json!({"idTokenEmailClaim": option}).as_object().cloned();
        let options = OAuth2Provider { extra, ..base.clone() };
        let token = SigningKey::Rsa.sign("any", Algorithm::RS256, &claims_with(&claims));
        let user = issuer.sign_in(&options, token, NOW).await.unwrap();
        assert_eq!((user.id.as_str(), user.email.as_str()), ("ms-1", want), "{option} {claims}");
    }
    // What the administrators of all tenants of the world write down is nobody's word.
    for (tenant, claimed) in
        [("common", true), ("organizations", true), ("consumers", true), ("Common", true), ("our-tenant", false)]
    {
        let token_url = issuer.server.url(&format!("/{tenant}/oauth2/v2.0/token"));
        let options = OAuth2Provider { token_url, ..base.clone() };
        let token = SigningKey::Rsa.sign("any", Algorithm::RS256, &claims());
        let user = issuer.sign_in(&options, token, NOW).await.unwrap();
        let want = if claimed { ("", "graph@example.com") } else { ("graph@example.com", "") };
        assert_eq!((user.email.as_str(), user.claimed_email.as_str()), want, "{tenant}");
    }
    // A token that is missing or meant for somebody else vouches for nothing.
    let extra = json!({"idTokenEmailClaim": "email"}).as_object().cloned();
    let options = OAuth2Provider { extra, ..base };
    let of = |changes: Json| Json::from(SigningKey::Rsa.sign("any", Algorithm::RS256, &claims_with(&changes)));
    for token in [json!(null), of(json!({"aud": "someone"})), of(json!({"exp": NOW - 301}))] {
        let user = issuer.sign_in(&options, token.clone(), NOW).await.unwrap();
        assert_eq!((user.id.as_str(), user.email.as_str()), ("ms-1", ""), "{token}");
    }
}

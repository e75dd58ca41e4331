//! Every provider against a server that answers as the provider does. `fixtures/oauth2_users.json` has the answers and
//! what is made of them; the reference makes the same of them, but where ids are missing.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use larder::http_client::{HttpClient, Limits};
use larder::oauth2::{Grant, OAuth2Client, OAuth2Error, OAuth2Http, OAuth2User, known_providers};
use larder::schema::auth_options::OAuth2Provider;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use crate::fake_http::{FakeHttp, Reply, Seen};
use crate::fake_provider::FakeProvider;
use crate::server::{Client, TestServer};

/// Unix time in milliseconds at which these tests sign in.
pub(crate) const NOW_MS: i64 = 1_800_000_000_000;

pub(crate) const GRANT: Grant<'static> = Grant {
    code: "the-code",
    code_verifier: "the-verifier",
    redirect_url: "https://app.example.com/back?a=b",
    apple_name: "",
    now_ms: NOW_MS,
};

/// The server's endpoints under the usual paths.
pub(crate) fn options(name: &str, server: &FakeHttp) -> OAuth2Provider {
    OAuth2Provider {
        name: name.to_owned(),
        client_id: "client".into(),
        client_secret: "s&cret".into(),
        auth_url: server.url("/auth"),
        token_url: server.url("/token"),
        user_info_url: server.url("/userinfo"),
        ..OAuth2Provider::default()
    }
}

pub(crate) fn http() -> OAuth2Http {
    OAuth2Http::new(HttpClient::trusted(), Duration::from_mins(5))
}

async fn fetch(options: &OAuth2Provider) -> Result<OAuth2User, OAuth2Error> {
    OAuth2Client::configured(options).unwrap().fetch(&http(), &GRANT).await
}

fn token_answer() -> Json {
    json!({"access_token": "the-token", "token_type": "bearer", "refresh_token": "refresh", "expires_in": 3600})
}

/// One case of the fixture.
fn answer(case: &Json, request: &Seen) -> Reply {
    let status = |key: &str| u16::try_from(case[key].as_u64().unwrap_or(200)).unwrap();
    let json = |status: u16, body: &Json| Reply::text(status, "application/json", &body.to_string());
    match request.path() {
        "/token" => {
            let mut token = token_answer();
            token.as_object_mut().unwrap().extend(case["token"].as_object().cloned().unwrap_or_default());
            json(200, &token)
        }
        "/userinfo" => json(status("userInfoStatus"), &case["userInfo"]),
        "/userinfo/emails" if case.get("emails").is_some() => json(status("emailsStatus"), &case["emails"]),
        "/emails" if case.get("siblingEmails").is_some() => json(status("emailsStatus"), &case["siblingEmails"]),
        _ => json(404, &Json::Null),
    }
}

#[tokio::test]
async fn users_of_all_providers() {
    let cases: Vec<Json> = serde_json::from_str(include_str!("fixtures/oauth2_users.json")).unwrap();
    for provider in known_providers().filter(|provider| provider.name != "apple") {
        let of_provider = cases.iter().filter(|case| case["provider"] == provider.name);
        let (refused, accepted): (Vec<_>, Vec<_>) = of_provider.partition(|case| case["expect"].is_null());
        let has_both = !accepted.is_empty() && (!refused.is_empty() || provider.name.starts_with("oidc"));
        assert!(has_both, "{} lacks a case", provider.name);
    }
    for case in cases {
        let answers = case.clone();
        let server = FakeHttp::start(move |request| answer(&answers, request)).await;
        let name = format!("{}, {}", case["provider"], case["case"]);
        let found = fetch(&options(case["provider"].as_str().unwrap(), &server)).await;
        let seen = server.seen();
        assert_eq!(seen[1].method, case["method"].as_str().unwrap_or("GET"), "{name}");
        for request in &seen[1..] {
            assert_eq!(request.header("authorization"), "Bearer the-token", "{name}: {request:?}");
        }
        for (header, value) in case["headers"].as_object().unwrap_or(&Map::new()) {
            assert_eq!(seen[1].header(header), value, "{name}: {header}");
        }
        if case["expect"].is_null() {
            let error = found.expect_err(&name);
            assert!(matches!(error, OAuth2Error::User(_)), "{name}: {error}");
            continue;
        }
        let user = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        let got = json!({
            "id": user.id, "name": user.name, "username": user.username, "email": user.email, "avatarURL": user.avatar_url,
        });
        assert_eq!(got, case["expect"], "{name}");
        let raw = case.get("rawUser").unwrap_or(&case["userInfo"]);
        assert_eq!(Json::Object(user.raw_user), *raw, "{name}");
        assert_eq!((user.access_token.as_str(), user.refresh_token.as_str()), ("the-token", "refresh"), "{name}");
        assert_eq!(user.expiry, "2027-01-15 09:00:00.000Z", "{name}");
    }
}

#[tokio::test]
async fn queries_ask_for_what_is_mapped() {
    for (provider, fields) in [
        ("linear", ["viewer", "id", "displayName", "name", "email", "avatarUrl", "active"]),
        ("monday", ["me", "id", "enabled", "name", "email", "is_verified", "photo_small"]),
    ] {
        let server = FakeHttp::start(|request| match request.path() {
            "/token" => Reply::json(&token_answer()),
            _ => Reply::json(&json!({})),
        })
        .await;
        fetch(&options(provider, &server)).await.unwrap_err();
        let request = &server.seen()[1];
        assert_eq!(request.header("content-type"), "application/json", "{provider}");
        let body: Json = serde_json::from_str(&request.body).unwrap();
        let query = body["query"].as_str().unwrap();
        let words: Vec<&str> = query.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for field in fields {
            assert!(words.contains(&field), "{provider}: {field} in {query}");
        }
    }
}

#[tokio::test]
async fn codes_are_exchanged_with_basic_credentials_then_with_those_in_the_form() {
    let server = FakeHttp::start(|request| match request.path() {
        "/token" if request.form().get("client_secret").is_some_and(|s| s == "s&cret") => Reply::json(&token_answer()),
        "/token" => Reply::text(401, "application/json", r#"{"error":"invalid_client"}"#),
        _ => Reply::json(&json!({"sub": "1"})),
    })
    .await;
    let base = options("oidc", &server);
    fetch(&base).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 3, "{seen:?}");
    let [basic, form] = [seen[0].form(), seen[1].form()];
    // `client:s%26cret`, as RFC 6749 wants it.
    assert_eq!(seen[0].header("authorization"), "Basic Y2xpZW50OnMlMjZjcmV0");
    assert_eq!(seen[1].header("authorization"), "");
    for (key, value) in [
        ("grant_type", "authorization_code"),
        ("code", GRANT.code),
        ("redirect_uri", GRANT.redirect_url),
        ("code_verifier", GRANT.code_verifier),
    ] {
        assert_eq!(basic.get(key).map(String::as_str), Some(value), "{key}");
        assert_eq!(form.get(key).map(String::as_str), Some(value), "{key}");
    }
    assert_eq!((basic.len(), form.len()), (4, 6));

    // Without PKCE there is no verifier, without a redirect URL none is sent.
    let without = OAuth2Provider { pkce: Some(false), ..base };
    let grant = Grant { redirect_url: "", ..GRANT };
    OAuth2Client::configured(&without).unwrap().fetch(&http(), &grant).await.unwrap();
    let sent = server.seen()[3].form();
    assert!(!sent.contains_key("code_verifier") && !sent.contains_key("redirect_uri"), "{sent:?}");
}

#[tokio::test]
async fn providers_that_misbehave() {
    let deep = "[".repeat(10_000);
    let user = r#"{"sub":"1"}"#;
    let json = |body: &str| Reply::text(200, "application/json", body);
    let token = || Reply::json(&token_answer());
    let huge = Reply::Now(200, vec![], vec![b'['; 2 << 20]);
    for (what, token, user, want) in [
        ("token: huge", huge.clone(), json(user), "token: the answer is larger than 1048576 bytes"),
        ("token: endless", Reply::Endless, json(user), "token: the answer is larger than 1048576 bytes"),
        ("token: no JSON", json("<html>"), json(user), "token: the provider's answer cannot be read"),
        ("token: an array", json("[{}]"), json(user), "token: the provider's answer cannot be read"),
        ("token: deep", json(&deep), json(user), "token: the provider's answer cannot be read"),
        ("token: empty", json(""), json(user), "token: the provider's answer cannot be read"),
        ("token: none", json("{}"), json(user), "token: the provider's answer has no access token"),
        ("token: redirect", Reply::redirect("/elsewhere"), json(user), "token: the provider answered with status 302"),
        ("token: silence", Reply::Silence, json(user), "token: no answer in time"),
        (
            "token: line breaks",
            json(r#"{"access_token":"a\r\nx: y"}"#),
            json(user),
            "user: a header holds characters that cannot be sent",
        ),
        ("user: huge", token(), huge, "user: the answer is larger than 1048576 bytes"),
        ("user: endless", token(), Reply::Endless, "user: the answer is larger than 1048576 bytes"),
        ("user: no JSON", token(), json("sub=1"), "user: the provider's answer cannot be read"),
        ("user: an array", token(), json("[{\"sub\":\"1\"}]"), "user: the provider's answer"),
        ("user: text", token(), json("\"1\""), "user: the provider's answer"),
        ("user: deep", token(), json(&deep), "user: the provider's answer cannot be read"),
        ("user: no id", token(), json(r#"{"sub":""}"#), "user: the provider's answer has no user id"),
        ("user: id of another type", token(), json(r#"{"sub":["1"]}"#), "user: the provider's answer has no user id"),
        ("user: redirect", token(), Reply::redirect("/elsewhere"), "user: the provider answered with status 302"),
        ("user: silence", token(), Reply::Silence, "user: no answer in time"),
    ] {
        let server = FakeHttp::start(move |request| match request.path() {
            "/token" => token.clone(),
            "/userinfo" => user.clone(),
            path => panic!("{path} was asked"),
        })
        .await;
        // Long enough for all that answers, and what does not need not be waited for.
        let patience = if what.ends_with("silence") { 1 } else { 30 };
        let limits = Limits { answer: Duration::from_secs(patience), ..Limits::default() };
        let http = OAuth2Http::new(HttpClient::trusted().with_limits(limits), Duration::ZERO);
        let client = OAuth2Client::configured(&options("oidc", &server)).unwrap();
        let error = client.fetch(&http, &GRANT).await.expect_err(what);
        let (step, cause) = match &error {
            OAuth2Error::Token(cause) => ("token", cause),
            OAuth2Error::User(cause) => ("user", cause),
        };
        assert!(format!("{step}: {cause}").starts_with(want), "{what}: {step}: {cause}");
        let logged = format!("{error} {error:?}");
        for secret in ["the-code", "the-verifier", "the-token", "cret"] {
            assert!(!logged.contains(secret), "{what}: {logged}");
        }
        let paths: Vec<_> = server.seen().iter().map(|request| request.path().to_owned()).collect();
        assert!(paths.len() <= 3, "{what}: {paths:?}");
    }
}

#[test]
fn what_holds_secrets_does_not_show_them() {
    let options = OAuth2Provider {
        name: "github".into(),
        client_id: "client".into(),
        client_secret: "hunter2".into(),
        ..OAuth2Provider::default()
    };
    let client = OAuth2Client::configured(&options).unwrap();
    let authorization = client.authorization();
    let user = OAuth2User { access_token: "hunter2".into(), refresh_token: "hunter2".into(), ..OAuth2User::default() };
    let grant = Grant { code: "hunter2", code_verifier: "hunter2", ..GRANT };
    let shown = format!("{options:?} {client:?} {authorization:?} {user:?} {grant:?}");
    for secret in ["hunter2", &authorization.state, &authorization.code_verifier] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// The collection `users` with these providers.
async fn configure(root: &Client, providers: &[Json]) {
    let body = json!({"oauth2": {"enabled": true, "providers": providers}});
    root.patch("/api/collections/users", body).await.expect(200);
}

async fn auth_methods(server: &TestServer) -> Json {
    server.guest().get("/api/collections/users/auth-methods").await.expect(200)
}

/// The fixture was written down from the reference: name, name for people, authorization URL.
#[tokio::test]
async fn authorization_urls_of_all_providers() {
    let server = TestServer::start();
    let endpoints = json!({
        "authURL": "https://id.example.com/auth?a=b", "tokenURL": "https://id.example.com/t", "userInfoURL": "https://id.example.com/u",
    });
    let provider = |name: &str| {
        let mut options = json!({"name": name, "clientId": "id &~*", "clientSecret": "s"});
        if name == "mailcow" || name.starts_with("oidc") {
            options.as_object_mut().unwrap().extend(endpoints.as_object().unwrap().clone());
        }
        options
    };
    let all: Vec<Json> = known_providers().map(|known| provider(known.name)).collect();
    configure(&server.superuser().await, &all).await;
    let methods = auth_methods(&server).await;
    let providers = methods["oauth2"]["providers"].as_array().unwrap();
    let expected: Vec<&str> = include_str!("fixtures/oauth2_auth_urls.tsv").lines().collect();
    assert_eq!(providers.len(), expected.len());
    for (provider, line) in providers.iter().zip(expected) {
        let text = |key: &str| provider[key].as_str().unwrap().to_owned();
        let (state, verifier, challenge) = (text("state"), text("codeVerifier"), text("codeChallenge"));
        let mut url = text("authURL").replace(&state, "{state}");
        if !challenge.is_empty() {
            url = url.replace(&challenge, "{challenge}");
            assert_eq!(challenge, URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)), "{line}");
        }
        assert_eq!(format!("{}\t{}\t{url}", text("name"), text("displayName")), line);
        assert_eq!(provider["authUrl"], provider["authURL"], "{line}");
        let is_alphanumeric = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
        assert!(state.len() == 30 && is_alphanumeric(&state), "{line}: {state}");
        let uses_pkce = line.contains("code_challenge");
        assert_eq!(verifier.len(), if uses_pkce { 43 } else { 0 }, "{line}");
        assert_eq!(text("codeChallengeMethod"), if uses_pkce { "S256" } else { "" }, "{line}");
        assert!(is_alphanumeric(&verifier) && text("logo").starts_with("<svg"), "{line}");
    }
    // Old clients read another key, without logos.
    let mut without_logos = methods["oauth2"]["providers"].clone();
    for provider in without_logos.as_array_mut().unwrap() {
        provider["logo"] = "".into();
    }
    assert_eq!(methods["authProviders"], without_logos);
    let again = auth_methods(&server).await;
    for key in ["state", "codeVerifier"] {
        assert_ne!(again["oauth2"]["providers"][0][key], methods["oauth2"]["providers"][0][key], "{key}");
    }
}

#[tokio::test]
async fn auth_methods_follow_the_options() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let methods = auth_methods(&server).await;
    assert_eq!(methods["oauth2"], json!({"providers": [], "enabled": false}));
    assert_eq!((&methods["authProviders"], &methods["otp"]), (&Json::Null, &json!({"enabled": false, "duration": 0})));
    let github = json!({
        "name": "github", "clientId": "i", "clientSecret": "hunter2", "pkce": false, "displayName": "Hub",
        "authURL": "https://git.example.com/auth",
    });
    // One that lacks its endpoints is left out.
    let oidc = json!({"name": "oidc", "clientId": "i", "clientSecret": "hunter2"});
    configure(&root, &[oidc, github.clone()]).await;
    root.patch("/api/collections/users", json!({"otp": {"enabled": true}})).await.expect(200);
    let methods = auth_methods(&server).await;
    assert!(!methods.to_string().contains("hunter2"));
    assert_eq!(methods["otp"], json!({"enabled": true, "duration": 180}));
    assert_eq!(methods["oauth2"]["enabled"], true);
    let providers = methods["oauth2"]["providers"].as_array().unwrap();
    assert_eq!(providers.len(), 1, "{providers:?}");
    assert_eq!((&providers[0]["displayName"], &providers[0]["codeVerifier"]), (&json!("Hub"), &json!("")));
    let state = providers[0]["state"].as_str().unwrap();
    let url = format!(
        "https://git.example.com/auth?client_id=i&response_type=code&scope=read%3Auser+user%3Aemail&state={state}&redirect_uri="
    );
    assert_eq!(providers[0]["authURL"], url);
    for (extra, scope) in [
        (json!({}), "User.Read"),
        (json!({"idTokenEmailClaim": ""}), "User.Read"),
        (json!({"idTokenEmailClaim": null}), "User.Read"),
        (json!({"idTokenEmailClaim": "email"}), "User.Read+openid"),
        (json!({"idTokenEmailClaim": "other"}), "User.Read+openid"),
    ] {
        let microsoft = json!({"name": "microsoft", "clientId": "i", "clientSecret": "s", "extra": extra});
        configure(&root, &[microsoft]).await;
        let url = auth_methods(&server).await["oauth2"]["providers"][0]["authURL"].to_string();
        assert!(url.contains(&format!("&scope={scope}&")), "{extra}: {url}");
    }
    configure(&root, &[github]).await;
    root.patch("/api/collections/users", json!({"oauth2": {"enabled": false}})).await.expect(200);
    let methods = auth_methods(&server).await;
    assert_eq!(methods["oauth2"], json!({"providers": [], "enabled": false}));
    assert_eq!(methods["authProviders"], Json::Null);
}

#[tokio::test]
async fn a_whole_sign_in_with_two_providers() {
    const BACK: &str = "https://app.example.com/back?next=/a b&x=ü";
    let server = TestServer::start();
    let (first, second) = (FakeProvider::start().await, FakeProvider::start().await);
    let configured = [first.options("oidc"), second.options_with_id_token("oidc2")];
    configure(&server.superuser().await, &configured).await;
    let http = http();
    for (index, provider) in [&first, &second].into_iter().enumerate() {
        let options: OAuth2Provider = serde_json::from_value(configured[index].clone()).unwrap();
        let client = OAuth2Client::configured(&options).unwrap();
        let user =
            json!({"sub": format!("u{index}"), "email": "ann@example.com", "email_verified": true, "name": "Ann"});
        let listed = auth_methods(&server).await["oauth2"]["providers"][index].clone();
        let text = |key: &str| listed[key].as_str().unwrap().to_owned();
        let (verifier, auth_url) = (text("codeVerifier"), text("authURL"));
        let (code, state) = provider.sign_in(&auth_url, BACK, &user);
        assert_eq!(state, text("state"));
        let grant = |code| Grant {
            code,
            code_verifier: &verifier,
            redirect_url: BACK,
            now_ms: server.clock.unix_millis(),
            ..Grant::default()
        };
        let found = client.fetch(&http, &grant(&code)).await.unwrap();
        assert_eq!((found.id, found.email), (format!("u{index}"), "ann@example.com".to_owned()));
        // Codes work once, for whoever has the verifier, and for the redirect URL they were made for.
        let fresh: Vec<String> = (0..4).map(|_| provider.sign_in(&auth_url, BACK, &user).0).collect();
        for (what, wrong) in [
            ("used up", grant(&code)),
            ("guessed verifier", Grant { code_verifier: "guessed", ..grant(&fresh[0]) }),
            ("no verifier", Grant { code_verifier: "", ..grant(&fresh[1]) }),
            ("another redirect URL", Grant { redirect_url: "https://evil.example.com/", ..grant(&fresh[2]) }),
        ] {
            let error = client.fetch(&http, &wrong).await.expect_err(what);
            assert!(matches!(error, OAuth2Error::Token(_)), "{what}: {error}");
        }
        client.fetch(&http, &grant(&fresh[3])).await.unwrap();
    }
}

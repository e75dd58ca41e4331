//! An OpenID Connect provider: issues codes for the users it is told about, and holds clients to PKCE, redirect URL and
//! credentials.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use larder::clock::Clock;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::fake_http::{FakeHttp, Reply, Seen};

pub(crate) const CLIENT_ID: &str = "larder-client";
pub(crate) const CLIENT_SECRET: &str = "larder-client-secret";

/// A key that signs ID tokens; made for these tests.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SigningKey {
    Rsa,
    /// Nobody's key set has it.
    ForeignRsa,
    P256,
    Ed25519,
}

impl SigningKey {
    fn pem(self) -> &'static str {
        match self {
            Self::Rsa => include_str!("fixtures/oidc_rsa.pem"),
            Self::ForeignRsa => include_str!("fixtures/oidc_foreign_rsa.pem"),
            Self::P256 => include_str!("fixtures/oidc_ec.pem"),
            Self::Ed25519 => include_str!("fixtures/oidc_ed25519.pem"),
        }
    }

    fn private(self) -> EncodingKey {
        let base64: String = self.pem().lines().filter(|line| !line.starts_with("-----")).collect();
        let der = STANDARD.decode(base64).unwrap();
        match self {
            Self::Rsa | Self::ForeignRsa => EncodingKey::from_rsa_der(&der),
            Self::P256 => EncodingKey::from_ec_der(&der),
            Self::Ed25519 => EncodingKey::from_ed_der(&der),
        }
    }

    /// The public half as a member of a key set.
    pub(crate) fn public(self, id: &str, algorithm: Algorithm) -> Json {
        let mut key = Jwk::from_encoding_key(&self.private(), algorithm).unwrap();
        key.common.key_id = Some(id.to_owned());
        serde_json::to_value(key).unwrap()
    }

    pub(crate) fn sign(self, id: &str, algorithm: Algorithm, claims: &Json) -> String {
        let header = Header { kid: Some(id.to_owned()), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, claims, &self.private()).unwrap()
    }
}

/// What somebody agreed to and has not been exchanged yet.
struct Consent {
    redirect_url: String,
    challenge: String,
    user: Json,
}

#[derive(Default)]
struct State {
    consents: HashMap<String, Consent>,
    /// Users by access token.
    users: HashMap<String, Json>,
    count: usize,
}

/// The provider.
pub(crate) struct FakeProvider {
    pub(crate) server: FakeHttp,
    state: Arc<Mutex<State>>,
}

impl FakeProvider {
    pub(crate) async fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        let server = FakeHttp::start(move |request| match request.path() {
            "/token" => token(request, &mut shared.lock().unwrap()),
            "/userinfo" => user_info(request, &shared.lock().unwrap()),
            "/keys" => Reply::json(&json!({"keys": [SigningKey::Rsa.public("k1", Algorithm::RS256)]})),
            _ => Reply::text(404, "text/plain", ""),
        })
        .await;
        Self { server, state }
    }

    /// The provider as a collection configures it, under one of the names `oidc`, `oidc2`, `oidc3`.
    pub(crate) fn options(&self, name: &str) -> Json {
        json!({
            "name": name, "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "authURL": self.server.url("/authorize"),
            "tokenURL": self.server.url("/token"), "userInfoURL": self.server.url("/userinfo"),
        })
    }

    /// The same, where the ID token tells who the user is.
    pub(crate) fn options_with_id_token(&self, name: &str) -> Json {
        let mut options = self.options(name);
        options["userInfoURL"] = "".into();
        options["extra"] = json!({"jwksURL": self.server.url("/keys"), "issuers": [self.server.base]});
        options
    }

    /// Somebody signs in: `auth_url` is what `auth-methods` gave, `user` has the claims (`sub`, `email`, …). Answers the
    /// code and the state that the browser brings back.
    pub(crate) fn sign_in(&self, auth_url: &str, redirect_url: &str, user: &Json) -> (String, String) {
        // As clients do: the redirect URL is appended, encoded.
        let mut encoded = reqwest::Url::parse("http://x").unwrap();
        encoded.query_pairs_mut().append_pair("u", redirect_url);
        let full = format!("{auth_url}{}", encoded.query().unwrap().trim_start_matches("u="));
        let url = reqwest::Url::parse(&full).unwrap();
        assert!(full.starts_with(&self.server.url("/authorize?")), "{full}");
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        let get = |key: &str| query.get(key).cloned().unwrap_or_default();
        assert_eq!((get("client_id").as_str(), get("response_type").as_str()), (CLIENT_ID, "code"), "{full}");
        assert_eq!(get("redirect_uri"), redirect_url, "{full}");
        assert!(get("code_challenge").is_empty() || get("code_challenge_method") == "S256", "{full}");
        let mut state = self.state.lock().unwrap();
        state.count += 1;
        let code = format!("code-{}", state.count);
        let consent =
            Consent { redirect_url: redirect_url.to_owned(), challenge: get("code_challenge"), user: user.clone() };
        state.consents.insert(code.clone(), consent);
        (code, get("state"))
    }
}

fn token(request: &Seen, state: &mut State) -> Reply {
    let refuse = |code: &str| Reply::text(400, "application/json", &json!({"error": code}).to_string());
    let form = request.form();
    let get = |key: &str| form.get(key).map_or("", String::as_str);
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    if request.header("authorization") != basic {
        return refuse("invalid_client");
    }
    // A code is used up by whoever brings it first, rightly or not.
    let Some(consent) = state.consents.remove(get("code")) else { return refuse("invalid_grant") };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(get("code_verifier")));
    let is_proven = consent.challenge.is_empty() || consent.challenge == challenge;
    if get("grant_type") != "authorization_code" || get("redirect_uri") != consent.redirect_url || !is_proven {
        return refuse("invalid_grant");
    }
    let now = Clock::system().unix_seconds();
    let mut claims = consent.user.clone();
    let base = format!("http://{}", request.header("host"));
    for (key, value) in
        [("iss", json!(base)), ("aud", json!(CLIENT_ID)), ("iat", json!(now)), ("exp", json!(now + 600))]
    {
        claims[key] = value;
    }
    let access_token = format!("token-for-{}", get("code"));
    state.users.insert(access_token.clone(), consent.user);
    Reply::json(&json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": 600, "refresh_token": "refresh",
        "id_token": SigningKey::Rsa.sign("k1", Algorithm::RS256, &claims),
    }))
}

fn user_info(request: &Seen, state: &State) -> Reply {
    match state.users.get(request.header("authorization").trim_start_matches("Bearer ")) {
        Some(user) => Reply::json(user),
        None => Reply::text(401, "application/json", "{}"),
    }
}

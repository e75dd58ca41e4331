//! ID tokens (OpenID Connect Core, section 3.1.3.7): signed statements of a provider about who signed in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value as Json};

use super::keys::OAuth2Http;
use super::provider::Session;
use crate::http_client::{HttpError, Url, is_loopback};

/// Longest accepted token, in bytes.
const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// What is wrong with an ID token.
#[derive(Debug, thiserror::Error)]
pub enum IdTokenError {
    /// The token answer has none.
    #[error("there is none")]
    Missing,
    /// Not three parts of base64 and JSON.
    #[error("it cannot be read")]
    Malformed,
    /// Signed with an algorithm that is not one of public keys, or with another one than its key is for.
    #[error("its signature algorithm is not accepted")]
    Algorithm,
    /// The provider's keys do not have the one it names.
    #[error("its key is not among the provider's")]
    UnknownKey,
    /// The provider's keys cannot be read.
    #[error("the provider's keys cannot be read")]
    NoKeys,
    /// The signature does not fit.
    #[error("its signature is wrong")]
    Signature,
    /// Without keys it could only be believed if it came over TLS.
    #[error("it is not signed by a known key and came over a connection without TLS; configure jwksURL")]
    Untrusted,
    /// Of another issuer.
    #[error("its issuer is another one")]
    Issuer,
    /// The configured issuers are neither text nor a list of texts.
    #[error("the option `issuers` is not a list of texts")]
    IssuersOption,
    /// Meant for another client.
    #[error("it is meant for another client")]
    Audience,
    /// It has no `exp`, or that has passed.
    #[error("it has expired")]
    Expired,
    /// It has no `iat`, or that or its `nbf` lies in the future.
    #[error("it is not valid yet")]
    NotYetValid,
    /// The provider's keys could not be fetched.
    #[error("the provider's keys could not be fetched: {0}")]
    Http(#[from] HttpError),
}

/// What a token must fulfil.
pub(super) struct Expected<'a> {
    /// Where the keys are; `None` accepts what came straight from the token endpoint over TLS.
    pub(super) keys_url: Option<&'a str>,
    /// Accepted issuers; an empty list accepts any.
    pub(super) issuers: &'a [String],
}

/// The claims of the session's ID token, once everything about it is right.
pub(super) async fn verified_claims(
    session: &Session<'_>,
    expected: &Expected<'_>,
) -> Result<Map<String, Json>, IdTokenError> {
    let token = session.token.raw.get("id_token").and_then(Json::as_str).unwrap_or_default();
    if token.is_empty() {
        return Err(IdTokenError::Missing);
    }
    if token.len() > MAX_TOKEN_BYTES {
        return Err(IdTokenError::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(IdTokenError::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(IdTokenError::Malformed)?;
    let header = decode(header)?;
    match expected.keys_url {
        Some(url) => check_signature(session.http, url, &header, message, signature, session.now).await?,
        None => check_channel(&session.options.token_url)?,
    }
    let claims = decode(payload)?;
    check_claims(&claims, &session.options.client_id, expected.issuers, session.now, session.http.leeway())?;
    Ok(claims)
}

fn decode(part: &str) -> Result<Map<String, Json>, IdTokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| IdTokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| IdTokenError::Malformed)
}

/// Without keys, the client may rely on TLS instead of the signature (OpenID Connect Core, section 3.1.3.7, point 6):
/// whoever could forge the token could as well forge the answer it came in. That does not hold for plain HTTP, except on
/// this machine.
fn check_channel(token_url: &str) -> Result<(), IdTokenError> {
    let url = Url::parse(token_url).map_err(|_| IdTokenError::Untrusted)?;
    if url.scheme() == "https" || is_loopback(&url) { Ok(()) } else { Err(IdTokenError::Untrusted) }
}

async fn check_signature(
    http: &OAuth2Http,
    keys_url: &str,
    header: &Map<String, Json>,
    message: &str,
    signature: &str,
    now: i64,
) -> Result<(), IdTokenError> {
    let text = |key: &str| header.get(key).and_then(Json::as_str);
    let algorithm = text("alg").and_then(algorithm).ok_or(IdTokenError::Algorithm)?;
    let key = http.key(keys_url, text("kid").ok_or(IdTokenError::UnknownKey)?, now).await?;
    verify(&key, algorithm, message, signature)
}

/// Algorithms of public keys only: with HMAC the public key itself would sign, with `none` nobody.
fn algorithm(name: &str) -> Option<Algorithm> {
    Some(match name {
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" => Algorithm::EdDSA,
        _ => return None,
    })
}

/// The key says what it is for; the token's header, which anyone can write, has to agree.
fn verify(key: &Jwk, algorithm: Algorithm, message: &str, signature: &str) -> Result<(), IdTokenError> {
    if key.common.key_algorithm != Some(KeyAlgorithm::from(algorithm)) {
        return Err(IdTokenError::Algorithm);
    }
    let key = DecodingKey::from_jwk(key).map_err(|_| IdTokenError::NoKeys)?;
    match crypto::verify(signature, message.as_bytes(), &key, algorithm) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(IdTokenError::Signature),
    }
}

fn check_claims(
    claims: &Map<String, Json>,
    client_id: &str,
    issuers: &[String],
    now: i64,
    leeway: i64,
) -> Result<(), IdTokenError> {
    let issuer = claims.get("iss").and_then(Json::as_str);
    if !issuers.is_empty() && !issuers.iter().any(|accepted| issuer == Some(accepted)) {
        return Err(IdTokenError::Issuer);
    }
    let is_for_us = match claims.get("aud") {
        Some(Json::String(audience)) => audience == client_id,
        Some(Json::Array(audiences)) => audiences.iter().any(|audience| audience.as_str() == Some(client_id)),
        _ => false,
    };
    if !is_for_us {
        return Err(IdTokenError::Audience);
    }
    let time = |key: &str| claims.get(key).and_then(seconds);
    if time("exp").is_none_or(|expires| now.saturating_sub(leeway) >= expires) {
        return Err(IdTokenError::Expired);
    }
    for (key, is_required) in [("iat", true), ("nbf", false)] {
        let is_given = claims.get(key).is_some_and(|value| !value.is_null());
        if (is_required || is_given) && time(key).is_none_or(|at| now.saturating_add(leeway) < at) {
            return Err(IdTokenError::NotYetValid);
        }
    }
    Ok(())
}

/// Unix seconds; the fraction that a `NumericDate` may have is cut off.
fn seconds(value: &Json) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the conversion saturates, and no such time matters")]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims() {
        let base = json!({"iss": "https://i", "aud": "me", "exp": 1000, "iat": 900});
        let issuers = ["https://i".to_owned(), "https://j".to_owned()];
        let check = |changes: Json, now: i64, issuers: &[String]| {
            let mut claims = base.as_object().unwrap().clone();
            claims.extend(changes.as_object().unwrap().clone());
            check_claims(&claims, "me", issuers, now, 300)
        };
        for (changes, now) in [
            (json!({}), 950),
            (json!({}), 1299),
            (json!({}), 600),
            (json!({"aud": ["you", "me"]}), 950),
            (json!({"iss": "https://j"}), 950),
            (json!({"exp": 1000.9}), 950),
            (json!({"nbf": null}), 950),
            (json!({"nbf": 940}), 950),
        ] {
            check(changes.clone(), now, &issuers).unwrap_or_else(|error| panic!("{changes} at {now}: {error}"));
        }
        for (changes, now, want) in [
            (json!({}), 1300, "it has expired"),
            (json!({}), 599, "it is not valid yet"),
            (json!({"nbf": 2000}), 950, "it is not valid yet"),
            (json!({"iat": null}), 950, "it is not valid yet"),
            (json!({"iat": "soon"}), 950, "it is not valid yet"),
            (json!({"exp": null}), 950, "it has expired"),
            (json!({"exp": "9999999999"}), 950, "it has expired"),
            (json!({"exp": -1e300}), 950, "it has expired"),
            (json!({"aud": "you"}), 950, "it is meant for another client"),
            (json!({"aud": ""}), 950, "it is meant for another client"),
            (json!({"aud": []}), 950, "it is meant for another client"),
            (json!({"aud": {"me": "me"}}), 950, "it is meant for another client"),
            (json!({"iss": "https://i/"}), 950, "its issuer is another one"),
            (json!({"iss": null}), 950, "its issuer is another one"),
            (json!({"iss": ["https://i"]}), 950, "its issuer is another one"),
        ] {
            let error = check(changes.clone(), now, &issuers).expect_err(&changes.to_string());
            assert_eq!(error.to_string(), want, "{changes} at {now}");
        }
        check(json!({"iss": null}), 950, &[]).unwrap();
    }

    #[test]
    fn without_keys_only_a_safe_channel_will_do() {
        for (url, want) in [
            ("https://id.example.com/token", true),
            ("http://127.0.0.1:8080/token", true),
            ("http://[::1]/token", true),
            ("http://localhost/token", true),
            ("http://id.example.com/token", false),
            ("http://10.0.0.1/token", false),
            ("http://localhost.example.com/token", false),
            ("not a url", false),
        ] {
            assert_eq!(check_channel(url).is_ok(), want, "{url}");
        }
    }
}

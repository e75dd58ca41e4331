//! The client secret that Apple wants: a JWT that its owner signs with a key of Apple's developer pages.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};

use crate::identity::Superuser;
use crate::validation::{Issue, ValidationErrors};

/// Longest validity that Apple accepts, about half a year.
const MAX_SECONDS: i64 = 15_777_000;

/// Bytes of team and key ids.
const ID_BYTES: usize = 10;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// What a secret is made of, as the request body names it; absent and `null` are empty.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AppleSecretForm {
    /// The app's or service's identifier.
    pub client_id: Option<String>,
    /// Of the developer account.
    pub team_id: Option<String>,
    /// Of the private key.
    pub key_id: Option<String>,
    /// PEM of a PKCS #8 key on the curve P-256.
    pub private_key: Option<String>,
    /// Seconds of validity.
    pub duration: Option<i64>,
}

impl std::fmt::Debug for AppleSecretForm {
    // Private keys must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppleSecretForm").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Why no secret can be made.
#[derive(Debug, thiserror::Error)]
pub enum AppleSecretError {
    /// Values that will not do, keyed like the form.
    #[error("{}", .0.summary())]
    Invalid(ValidationErrors),
    /// The PEM holds something else than a P-256 key.
    #[error("the private key is not a PKCS #8 key on the curve P-256")]
    Key,
}

/// A fresh client secret. `now` is Unix time in seconds.
///
/// # Errors
/// [`AppleSecretError`].
pub fn apple_client_secret(
    _superuser: &Superuser,
    form: &AppleSecretForm,
    now: i64,
) -> Result<String, AppleSecretError> {
    #[derive(Serialize)]
    struct Claims<'a> {
        iss: &'a str,
        sub: &'a str,
        aud: [&'a str; 1],
        exp: i64,
        iat: i64,
    }
    check(form).into_result().map_err(AppleSecretError::Invalid)?;
    let text = |value: &'_ Option<String>| value.clone().unwrap_or_default();
    let (team, client) = (text(&form.team_id), text(&form.client_id));
    let claims = Claims {
        iss: &team,
        sub: &client,
        aud: ["https://appleid.apple.com"],
        exp: now.saturating_add(form.duration.unwrap_or_default()),
        iat: now,
    };
    let pem = text(&form.private_key);
    let key = pem_content(&pem).and_then(|base64| STANDARD.decode(base64).ok()).ok_or(AppleSecretError::Key)?;
    let header = Header { kid: form.key_id.clone(), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(&key)).map_err(|_| AppleSecretError::Key)
}

fn check(form: &AppleSecretForm) -> ValidationErrors {
    let mut errors = ValidationErrors::new();
    let mut required = |key: &str, value: &Option<String>, fits: fn(&str) -> bool, issue: Issue| {
        let value = value.as_deref().unwrap_or_default();
        if value.is_empty() {
            errors.add(key, Issue::required());
        } else if !fits(value) {
            errors.add(key, issue);
        }
    };
    let length = || {
        let issue = Issue::new("validation_length_invalid", format!("Must have {ID_BYTES} characters."));
        issue.with("min", ID_BYTES).with("max", ID_BYTES)
    };
    let pem = Issue::new("validation_match_invalid", format!("Must be a PEM text that begins with {BEGIN}."));
    required("clientId", &form.client_id, |_| true, Issue::required());
    required("teamId", &form.team_id, |id| id.len() == ID_BYTES, length());
    required("keyId", &form.key_id, |id| id.len() == ID_BYTES, length());
    required("privateKey", &form.private_key, |pem| pem_content(pem).is_some(), pem);
    match form.duration.unwrap_or_default() {
        0 => errors.add("duration", Issue::required()),
        1..=MAX_SECONDS => {}
        ..0 => {
            let issue = Issue::new("validation_min_greater_equal_than_required", "Must be 1 or more.");
            errors.add("duration", issue.with("threshold", 1));
        }
        _ => {
            let message = format!("Must be {MAX_SECONDS} or less.");
            let issue = Issue::new("validation_max_less_equal_than_required", message);
            errors.add("duration", issue.with("threshold", MAX_SECONDS));
        }
    }
    errors
}

/// The base64 between the marks, without blanks.
fn pem_content(pem: &str) -> Option<String> {
    let (_, rest) = pem.split_once(BEGIN)?;
    let (content, _) = rest.split_once(END)?;
    Some(content.chars().filter(|c| !c.is_ascii_whitespace()).collect())
}

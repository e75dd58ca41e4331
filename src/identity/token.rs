//! Tokens: HS256 JWTs, signed with the record's `tokenKey` and the collection's secret for that kind of token
//! (reference part 3, section 3).

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};

use crate::schema::AuthOptions;
use crate::schema::auth_options::TokenOptions;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenKind {
    /// Signs requests.
    Auth,
    /// Opens protected files.
    File,
    /// Confirms an e-mail address.
    Verification,
    /// Sets a new password.
    PasswordReset,
    /// Sets a new e-mail address.
    EmailChange,
}

impl TokenKind {
    /// The collection's secret and duration for this kind.
    pub fn options(self, options: &AuthOptions) -> &TokenOptions {
        match self {
            Self::Auth => &options.auth_token,
            Self::File => &options.file_token,
            Self::Verification => &options.verification_token,
            Self::PasswordReset => &options.password_reset_token,
            Self::EmailChange => &options.email_change_token,
        }
    }
}

/// The claims of a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// Id of the record's collection.
    pub collection_id: String,
    /// The record's address when the token was made; in tokens of mails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Unix seconds. A token without one is refused: the server never makes such a token.
    pub exp: i64,
    /// Id of the record.
    pub id: String,
    /// The address a token of an e-mail change is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_email: Option<String>,
    /// Whether the token may be exchanged for a fresh one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refreshable: Option<bool>,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: TokenKind,
    /// Not valid before, Unix seconds; never issued, respected if present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Issued at, Unix seconds; never issued, respected if present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
}

/// Longest accepted token, in bytes.
pub(super) const MAX_TOKEN_BYTES: usize = 4096;

/// Signs claims. The key is the record's `tokenKey` followed by the collection's secret, so that changing either ends
/// every token made with it.
///
/// # Panics
/// Never: HMAC accepts keys of any length and the claims are plain data.
pub fn issue_token(claims: &Claims, token_key: &str, secret: &str) -> String {
    let key = EncodingKey::from_secret(&signing_key(token_key, secret));
    #[expect(clippy::expect_used, reason = "signing plain claims with HMAC cannot fail")]
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("HS256 signs any claims")
}

pub(super) fn signing_key(token_key: &str, secret: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(token_key.len() + secret.len());
    key.extend_from_slice(token_key.as_bytes());
    key.extend_from_slice(secret.as_bytes());
    key
}

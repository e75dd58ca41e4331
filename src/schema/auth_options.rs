//! Options of auth collections (reference part 1, section 3), in the key order of the stored JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The `options` object of an auth collection; its serde form is the stored one, secrets included.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct AuthOptions {
    pub auth_rule: Option<String>,
    pub manage_rule: Option<String>,
    pub auth_alert: AuthAlert,
    pub oauth2: OAuth2Options,
    pub password_auth: PasswordAuth,
    pub mfa: MfaOptions,
    pub otp: OtpOptions,
    pub auth_token: TokenOptions,
    pub password_reset_token: TokenOptions,
    pub email_change_token: TokenOptions,
    pub verification_token: TokenOptions,
    pub file_token: TokenOptions,
    pub verification_template: EmailTemplate,
    pub reset_password_template: EmailTemplate,
    pub confirm_email_change_template: EmailTemplate,
}

/// Mail about a sign-in from a new place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct AuthAlert {
    pub enabled: bool,
    pub email_template: EmailTemplate,
}

/// Sign-in through other services.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct OAuth2Options {
    pub providers: Option<Vec<OAuth2Provider>>,
    pub mapped_fields: MappedFields,
    pub enabled: bool,
}

/// One configured OAuth2 provider.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct OAuth2Provider {
    pub pkce: Option<bool>,
    pub name: String,
    #[serde(rename = "clientId")]
    pub client_id: String,
    #[serde(rename = "clientSecret")]
    pub client_secret: String,
    #[serde(rename = "authURL")]
    pub auth_url: String,
    #[serde(rename = "tokenURL")]
    pub token_url: String,
    #[serde(rename = "userInfoURL")]
    pub user_info_url: String,
    #[serde(rename = "displayName")]
    pub display_name: String,
    pub extra: Option<Map<String, Json>>,
}

impl std::fmt::Debug for OAuth2Provider {
    // Secrets must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OAuth2Provider").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Fields that an OAuth2 sign-up fills.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct MappedFields {
    pub id: String,
    pub name: String,
    pub username: String,
    #[serde(rename = "avatarURL")]
    pub avatar_url: String,
}

/// Sign-in with a password.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct PasswordAuth {
    pub enabled: bool,
    pub identity_fields: Vec<String>,
}

/// Second factor.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct MfaOptions {
    pub enabled: bool,
    /// Seconds.
    pub duration: i64,
    pub rule: String,
}

/// One-time passwords by mail.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct OtpOptions {
    pub enabled: bool,
    /// Seconds.
    pub duration: i64,
    /// Digits.
    pub length: i64,
    pub email_template: EmailTemplate,
}

/// How one kind of token is signed and how long it lives.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct TokenOptions {
    pub secret: String,
    /// Seconds.
    pub duration: i64,
}

impl std::fmt::Debug for TokenOptions {
    // Secrets must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenOptions").field("duration", &self.duration).finish_non_exhaustive()
    }
}

/// Subject and HTML body of a mail.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct EmailTemplate {
    pub subject: String,
    pub body: String,
}

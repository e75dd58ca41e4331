//! The ways a collection's records can sign in, as clients ask for them.

use serde_json::{Value as Json, json};

use super::AuthError;
use super::sign_in::auth_options;
use crate::query::Catalog;

/// The answer of `auth-methods` (reference part 3, section 8.2), with the keys old clients read. OAuth2 providers are
/// listed once their flows exist.
///
/// # Errors
/// [`AuthError`] if the collection is unknown or its records cannot sign in.
pub fn auth_methods(catalog: &Catalog, collection: &str) -> Result<Json, AuthError> {
    let plan = catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    let options = auth_options(plan.collection())?;
    let password = &options.password_auth;
    let identity_fields: &[String] = if password.enabled { &password.identity_fields } else { &[] };
    let has = |name: &str| identity_fields.iter().any(|f| f == name);
    let duration = |enabled: bool, seconds: i64| if enabled { seconds } else { 0 };
    Ok(json!({
        "password": {"identityFields": identity_fields, "enabled": password.enabled},
        "oauth2": {"providers": [], "enabled": false},
        "mfa": {"enabled": options.mfa.enabled, "duration": duration(options.mfa.enabled, options.mfa.duration)},
        "otp": {"enabled": false, "duration": 0},
        "authProviders": null,
        "usernamePassword": has("username"),
        "emailPassword": has("email"),
    }))
}

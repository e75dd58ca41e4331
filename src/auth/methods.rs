//! The ways a collection's records can sign in, as clients ask for them.

use serde_json::{Value as Json, json};

use super::AuthError;
use super::sign_in::auth_options;
use crate::oauth2::{Authorization, OAuth2Client};
use crate::query::Catalog;

/// The answer of `auth-methods` (reference part 3, section 8.2), with the keys old clients read. Each call makes fresh
/// states and verifiers, which only the client keeps. Providers that lack an endpoint are left out.
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
    let oauth2 = &options.oauth2;
    let configured = oauth2.providers.iter().flatten().filter(|_| oauth2.enabled).filter_map(OAuth2Client::configured);
    let providers: Vec<Authorization> = configured.map(|client| client.authorization()).collect();
    let without_logos = || -> Vec<_> {
        providers.iter().map(|provider| Authorization { logo: String::new(), ..provider.clone() }).collect()
    };
    let auth_providers = oauth2.enabled.then(without_logos);
    Ok(json!({
        "password": {"identityFields": identity_fields, "enabled": password.enabled},
        "oauth2": {"providers": providers, "enabled": oauth2.enabled},
        "mfa": {"enabled": options.mfa.enabled, "duration": duration(options.mfa.enabled, options.mfa.duration)},
        "otp": {"enabled": options.otp.enabled, "duration": duration(options.otp.enabled, options.otp.duration)},
        "authProviders": auth_providers,
        "usernamePassword": has("username"),
        "emailPassword": has("email"),
    }))
}

//! What a client sends to sign in through another service.

use serde_json::{Map, Value as Json};

use crate::auth::AuthError;
use crate::auth::sign_in::auth_options;
use crate::query::Catalog;
use crate::schema::auth_options::OAuth2Provider;
use crate::validation::{Issue, ValidationErrors};

/// Longest name of a service, in characters.
const MAX_PROVIDER: usize = 100;

/// The keys of the body.
#[derive(Clone, Default)]
#[expect(missing_docs, reason = "the reference describes every key")]
pub struct OAuth2Form {
    pub provider: String,
    pub code: String,
    pub code_verifier: String,
    pub redirect_url: String,
    pub create_data: Map<String, Json>,
}

/// The configured service that the form names.
///
/// # Errors
/// [`AuthError::OAuth2AuthDisabled`], [`AuthError::Invalid`].
pub fn find_provider(catalog: &Catalog, collection: &str, form: &OAuth2Form) -> Result<OAuth2Provider, AuthError> {
    let plan = catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    let options = &auth_options(plan.collection())?.oauth2;
    if !options.enabled {
        return Err(AuthError::OAuth2AuthDisabled);
    }
    let found = options.providers.iter().flatten().find(|provider| provider.name == form.provider);
    let mut errors = ValidationErrors::new();
    if form.provider.is_empty() {
        errors.add("provider", Issue::required());
    } else if form.provider.chars().count() > MAX_PROVIDER {
        let issue = Issue::new("validation_length_too_long", "The name is too long.");
        errors.add("provider", issue.with("min", 0).with("max", MAX_PROVIDER));
    } else if found.is_none() {
        let issue = Issue::new("validation_invalid_provider", "The collection has no such provider.");
        errors.add("provider", issue.with("name", form.provider.clone()));
    }
    if form.code.is_empty() {
        errors.add("code", Issue::required());
    }
    match found {
        Some(provider) if errors.is_empty() => Ok(provider.clone()),
        _ => Err(AuthError::Invalid(errors)),
    }
}

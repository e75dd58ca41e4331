//! Apple: the user is in the ID token, but for the name, which it tells once and only to the redirect page.

use serde_json::Value as Json;

use super::mapped::beside;
use super::spec;
use crate::http_client::Url;
use crate::oauth2::id_token::{Expected, verified_claims};
use crate::oauth2::profile::{Profile, id, is_true, text};
use crate::oauth2::provider::{Finding, Found, Provider, ProviderSpec, Session};
use crate::oauth2::{Cause, IdTokenError};

pub(super) struct Apple;

static SPEC: ProviderSpec = ProviderSpec {
    reads_id_token: true,
    ..spec(
        "apple",
        "Apple",
        ["https://appleid.apple.com/auth/authorize", "https://appleid.apple.com/auth/token", ""],
        &["name", "email"],
    )
};

impl Provider for Apple {
    fn spec(&self) -> &ProviderSpec {
        &SPEC
    }

    fn parameter(&self) -> Option<(&'static str, &'static str)> {
        // Apple insists on it when scopes are asked for.
        Some(("response_mode", "form_post"))
    }

    fn fetch_user<'a>(&'a self, session: &'a Session<'a>) -> Finding<'a> {
        Box::pin(find(session))
    }
}

async fn find(session: &Session<'_>) -> Found {
    // `https://appleid.apple.com/auth/keys`, unless the token URL is another one.
    let token_url = Url::parse(&session.options.token_url).map_err(|_| IdTokenError::NoKeys)?;
    let keys_url = beside(&token_url, "keys");
    let issuers = ["https://appleid.apple.com".to_owned()];
    let expected = Expected { keys_url: Some(keys_url.as_str()), issuers: &issuers };
    let claims = Json::Object(verified_claims(session, &expected).await?);
    let name = text(&claims, "/name");
    let profile = Profile {
        id: id(&claims, "/sub"),
        name: if name.is_empty() { session.apple_name.to_owned() } else { name },
        email: if is_true(&claims, "/email_verified") { text(&claims, "/email") } else { String::new() },
        ..Profile::default()
    };
    let Json::Object(raw) = claims else { return Err(Cause::Malformed) };
    Ok((profile, raw))
}

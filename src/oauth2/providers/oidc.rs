//! Any OpenID Connect provider, configured by hand; three of them can be used side by side.

use serde_json::Value as Json;

use super::spec;
use crate::http_client::HttpRequest;
use crate::oauth2::id_token::{Expected, verified_claims};
use crate::oauth2::profile::{Profile, id, is_true, text};
use crate::oauth2::provider::{Finding, Found, Provider, ProviderSpec, Session};
use crate::oauth2::{Cause, IdTokenError};

pub(super) struct Oidc(ProviderSpec);

impl Oidc {
    pub(super) const fn new(name: &'static str) -> Self {
        let spec = spec(name, "OIDC", ["", "", ""], &["openid", "email", "profile"]);
        Self(ProviderSpec { reads_id_token: true, ..spec })
    }
}

impl Provider for Oidc {
    fn spec(&self) -> &ProviderSpec {
        &self.0
    }

    fn fetch_user<'a>(&'a self, session: &'a Session<'a>) -> Finding<'a> {
        Box::pin(find(session))
    }
}

async fn find(session: &Session<'_>) -> Found {
    let user = if session.options.user_info_url.is_empty() {
        Json::Object(claims(session).await?)
    } else {
        session.expect(HttpRequest::get(&session.options.user_info_url)?).await?
    };
    let profile = Profile {
        id: id(&user, "/sub"),
        name: text(&user, "/name"),
        username: text(&user, "/preferred_username"),
        avatar_url: text(&user, "/picture"),
        email: if is_true(&user, "/email_verified") { text(&user, "/email") } else { String::new() },
        claimed_email: String::new(),
    };
    let Json::Object(raw) = user else { return Err(Cause::Malformed) };
    Ok((profile, raw))
}

async fn claims(session: &Session<'_>) -> Result<serde_json::Map<String, Json>, IdTokenError> {
    let option = |key: &str| session.options.extra.as_ref().and_then(|extra| extra.get(key));
    let issuers = issuers(option("issuers"))?;
    let keys_url = match option("jwksURL") {
        None | Some(Json::Null) => None,
        Some(Json::String(url)) if url.is_empty() => None,
        Some(Json::String(url)) => Some(url.as_str()),
        // What was meant to be checked must not go unchecked.
        Some(_) => return Err(IdTokenError::NoKeys),
    };
    verified_claims(session, &Expected { keys_url, issuers: &issuers }).await
}

/// The accepted issuers, one or several.
fn issuers(option: Option<&Json>) -> Result<Vec<String>, IdTokenError> {
    match option {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::String(issuer)) if issuer.is_empty() => Ok(Vec::new()),
        Some(Json::String(issuer)) => Ok(vec![issuer.clone()]),
        Some(Json::Array(issuers)) => {
            let texts = issuers.iter().map(|issuer| issuer.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or(IdTokenError::IssuersOption)
        }
        Some(_) => Err(IdTokenError::IssuersOption),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn issuers_are_one_or_several() {
        for (option, want) in [
            (json!(null), Some(vec![])),
            (json!(""), Some(vec![])),
            (json!([]), Some(vec![])),
            (json!("a"), Some(vec!["a"])),
            (json!(["a", "b"]), Some(vec!["a", "b"])),
            (json!(["a", 1]), None),
            (json!(5), None),
            (json!({"a": "b"}), None),
        ] {
            let want = want.map(|list| list.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(issuers(Some(&option)).ok(), want, "{option}");
        }
    }
}

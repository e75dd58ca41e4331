//! Microsoft: the user comes from Graph. Its `mail` is whatever the tenant's administrator wrote there, so an option
//! takes the address from claims of the ID token that Microsoft vouches for.

use serde_json::Value as Json;

use super::mapped::{Email, Text};
use super::{Mapped, spec};
use crate::oauth2::id_token::{Expected, verified_claims};
use crate::oauth2::profile::{is_true, text};
use crate::oauth2::provider::{Finding, Found, Provider, ProviderSpec, Session};
use crate::schema::auth_options::OAuth2Provider;

pub(super) struct Microsoft;

static GRAPH: Mapped = Mapped {
    name: Text::At("/displayName"),
    email: Email::At("/mail"),
    ..Mapped::new(spec(
        "microsoft",
        "Microsoft",
        [
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
            "https://login.microsoftonline.com/common/oauth2/v2.0/token",
            "https://graph.microsoft.com/v1.0/me",
        ],
        &["User.Read"],
    ))
};

impl Provider for Microsoft {
    fn spec(&self) -> &ProviderSpec {
        &GRAPH.spec
    }

    fn extra_scope(&self, options: &OAuth2Provider) -> Option<&'static str> {
        let is_set = match option(options) {
            None | Some(Json::Null) => false,
            Some(value) => value != "",
        };
        is_set.then_some("openid")
    }

    fn fetch_user<'a>(&'a self, session: &'a Session<'a>) -> Finding<'a> {
        Box::pin(find(session))
    }
}

fn option(options: &OAuth2Provider) -> Option<&Json> {
    options.extra.as_ref()?.get("idTokenEmailClaim")
}

/// Whether people of every tenant may sign in. The administrator of any of them could write down somebody else's address;
/// of one tenant alone, they are the ones whose users these are.
fn is_for_all(options: &OAuth2Provider) -> bool {
    let host = options.token_url.split_once("://").map_or("", |(_, rest)| rest);
    let tenant = host.split('/').nth(1).unwrap_or_default();
    // The last one is the tenant of all private accounts.
    let open = ["common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"];
    open.iter().any(|open| open.eq_ignore_ascii_case(tenant))
}

/// How the address is read from the claims.
fn claim(options: &OAuth2Provider) -> Option<fn(&Json) -> String> {
    match option(options)?.as_str()? {
        "verified_primary_email" => Some(primary),
        "email_and_xms_edov" => Some(domain_verified),
        "any_verified" => Some(|claims| match primary(claims) {
            email if email.is_empty() => domain_verified(claims),
            email => email,
        }),
        "email" => Some(|claims| text(claims, "/email")),
        _ => None,
    }
}

/// Microsoft sends this claim as a list.
fn primary(claims: &Json) -> String {
    match claims.get("verified_primary_email") {
        Some(Json::Array(_)) => text(claims, "/verified_primary_email/0"),
        _ => text(claims, "/verified_primary_email"),
    }
}

/// The address, if its domain's owner is verified.
fn domain_verified(claims: &Json) -> String {
    let is_verified = is_true(claims, "/xms_edov") || claims.get("xms_edov").and_then(Json::as_i64) == Some(1);
    if is_verified { text(claims, "/email") } else { String::new() }
}

async fn find(session: &Session<'_>) -> Found {
    let (mut profile, raw) = GRAPH.find(session).await?;
    let reader = claim(session.options);
    if reader.is_none() && is_for_all(session.options) {
        profile.claimed_email = std::mem::take(&mut profile.email);
    }
    if let Some(read) = reader {
        // Microsoft's keys do not say which algorithm they are for; the token came straight from the token endpoint.
        profile.email = match verified_claims(session, &Expected { keys_url: None, issuers: &[] }).await {
            Ok(claims) => read(&Json::Object(claims)),
            // Who signed in is known from Graph; only the address has nobody to vouch for it.
            Err(error) => {
                tracing::warn!(%error, "Microsoft's ID token cannot be used, so its user has no verified address");
                String::new()
            }
        };
    }
    Ok((profile, raw))
}

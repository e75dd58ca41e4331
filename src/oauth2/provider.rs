//! What every provider has to say about itself.

use std::pin::Pin;

use serde_json::{Map, Value as Json};

use super::error::Cause;
use super::keys::OAuth2Http;
use super::profile::Profile;
use super::token::TokenAnswer;
use crate::http_client::HttpRequest;
use crate::schema::auth_options::OAuth2Provider;

/// What is fixed about a provider. Endpoints are the defaults and may be empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProviderSpec {
    pub(super) name: &'static str,
    pub(super) display_name: &'static str,
    pub(super) auth_url: &'static str,
    pub(super) token_url: &'static str,
    pub(super) user_info_url: &'static str,
    /// Whether the user comes from an `id_token` where there is no user info URL.
    pub(super) reads_id_token: bool,
    pub(super) scopes: &'static [&'static str],
    pub(super) pkce: bool,
}

/// What came of asking who the user is: the mapped profile and the provider's own answer.
pub(super) type Found = Result<(Profile, Map<String, Json>), Cause>;

/// A future of [`Found`].
pub(super) type Finding<'a> = Pin<Box<dyn Future<Output = Found> + Send + 'a>>;

/// A provider.
pub(super) trait Provider: Send + Sync {
    /// What is fixed about it.
    fn spec(&self) -> &ProviderSpec;

    /// A scope that some options ask for besides the usual ones.
    fn extra_scope(&self, _options: &OAuth2Provider) -> Option<&'static str> {
        None
    }

    /// A parameter of the authorization URL that only this provider has.
    fn parameter(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Finds out who signed in.
    fn fetch_user<'a>(&'a self, session: &'a Session<'a>) -> Finding<'a>;
}

/// One sign-in, after the code was exchanged.
pub(super) struct Session<'a> {
    pub(super) http: &'a OAuth2Http,
    /// With the defaults filled in.
    pub(super) options: &'a OAuth2Provider,
    pub(super) token: &'a TokenAnswer,
    /// What Apple told the redirect page; empty otherwise.
    pub(super) apple_name: &'a str,
    /// Unix seconds.
    pub(super) now: i64,
}

impl Session<'_> {
    /// Asks with the access token; the answer's status and JSON.
    pub(super) async fn ask(&self, request: HttpRequest) -> Result<(u16, Option<Json>), Cause> {
        let answer = self.http.client().send(request.bearer(&self.token.access_token)?).await?;
        Ok((answer.status, answer.json()))
    }

    /// As [`ask`](Self::ask), for an answer that has to be there.
    pub(super) async fn expect(&self, request: HttpRequest) -> Result<Json, Cause> {
        match self.ask(request).await? {
            (200..300, Some(json)) => Ok(json),
            (200..300, None) => Err(Cause::Malformed),
            (status, _) => Err(Cause::Status { status, code: String::new() }),
        }
    }
}

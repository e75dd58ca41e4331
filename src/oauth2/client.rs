//! One configured provider.

use serde_json::{Map, Value as Json};
use tokio::time::{Instant, timeout_at};

use super::authorization::{Authorization, Request};
use super::error::{Cause, OAuth2Error};
use super::keys::OAuth2Http;
use super::known::KnownProvider;
use super::provider::{Provider, Session};
use super::providers;
use super::token::exchange;
use crate::http_client::HttpError;
use crate::schema::auth_options::OAuth2Provider;
use crate::schema::fields::is_email;

/// One provider as a collection configures it: the known defaults with the options laid over them.
pub struct OAuth2Client {
    provider: &'static dyn Provider,
    options: OAuth2Provider,
    uses_pkce: bool,
}

impl std::fmt::Debug for OAuth2Client {
    // Secrets must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OAuth2Client").field("name", &self.options.name).finish_non_exhaustive()
    }
}

/// What a client brings back from a provider.
#[derive(Clone, Copy, Default)]
pub struct Grant<'a> {
    /// The code to exchange.
    pub code: &'a str,
    /// Empty if the client has none; ignored without PKCE.
    pub code_verifier: &'a str,
    /// The one of the authorization request; empty if it had none.
    pub redirect_url: &'a str,
    /// The name that Apple told the redirect page; empty otherwise.
    pub apple_name: &'a str,
    /// Unix time in milliseconds.
    pub now_ms: i64,
}

impl std::fmt::Debug for Grant<'_> {
    // Codes and verifiers must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant").finish_non_exhaustive()
    }
}

/// Who signed in, as the provider tells it.
#[derive(Clone, Default, PartialEq)]
pub struct OAuth2User {
    /// The provider's id of the user; never empty.
    pub id: String,
    /// Empty if unknown, as the next three.
    pub name: String,
    /// A name to sign in with.
    pub username: String,
    /// An address that the provider has verified.
    pub email: String,
    /// An address that nobody vouches for: good enough to begin a new record with, which is not verified then.
    pub claimed_email: String,
    /// Where a picture is: untrusted.
    pub avatar_url: String,
    /// The provider's own answer.
    pub raw_user: Map<String, Json>,
    /// For calls to the provider.
    pub access_token: String,
    /// For another access token; often empty.
    pub refresh_token: String,
    /// When the access token expires, as date text; empty if that is not told.
    pub expiry: String,
}

impl std::fmt::Debug for OAuth2User {
    // Tokens and personal data must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OAuth2User").field("expiry", &self.expiry).finish_non_exhaustive()
    }
}

impl OAuth2Client {
    /// The provider of these options; `None` if its name is unknown or an endpoint is missing.
    pub fn configured(options: &OAuth2Provider) -> Option<Self> {
        let provider = providers::find(&options.name)?;
        let spec = provider.spec();
        let mut options = options.clone();
        for (option, default) in [
            (&mut options.auth_url, spec.auth_url),
            (&mut options.token_url, spec.token_url),
            (&mut options.user_info_url, spec.user_info_url),
            (&mut options.display_name, spec.display_name),
        ] {
            if option.is_empty() {
                default.clone_into(option);
            }
        }
        let has_user = !options.user_info_url.is_empty() || spec.reads_id_token;
        let is_complete = !options.auth_url.is_empty() && !options.token_url.is_empty() && has_user;
        let uses_pkce = options.pkce.unwrap_or(spec.pkce);
        is_complete.then_some(Self { provider, options, uses_pkce })
    }

    /// What a client needs to send somebody to the provider, with a fresh state and verifier.
    pub fn authorization(&self) -> Authorization {
        let spec = self.provider.spec();
        let mut scopes = spec.scopes.to_vec();
        scopes.extend(self.provider.extra_scope(&self.options));
        Authorization::new(Request {
            name: spec.name,
            display_name: &self.options.display_name,
            logo: KnownProvider { name: spec.name, display_name: spec.display_name }.logo(),
            auth_url: &self.options.auth_url,
            client_id: &self.options.client_id,
            scopes: &scopes,
            uses_pkce: self.uses_pkce,
            parameter: self.provider.parameter(),
        })
    }

    /// Exchanges the code and asks who the user is. Takes as long as one answer may take (30 seconds by default): never
    /// inside of a transaction.
    ///
    /// # Errors
    /// [`OAuth2Error`], with a cause for the log.
    pub async fn fetch(&self, http: &OAuth2Http, grant: &Grant<'_>) -> Result<OAuth2User, OAuth2Error> {
        // One budget for all calls: a provider that is slow everywhere must not add up.
        let deadline = Instant::now() + http.client().limits().answer;
        let token = exchange(http.client(), &self.options, self.uses_pkce, grant);
        let token = before(deadline, token).await.map_err(OAuth2Error::Token)?;
        let session = Session {
            http,
            options: &self.options,
            token: &token,
            apple_name: grant.apple_name,
            now: grant.now_ms.div_euclid(1000),
        };
        let found = before(deadline, self.provider.fetch_user(&session)).await;
        let (profile, raw_user) = found.map_err(OAuth2Error::User)?;
        if profile.id.is_empty() {
            // All users without an id would share one account.
            return Err(OAuth2Error::User(Cause::NoUserId));
        }
        Ok(OAuth2User {
            id: profile.id,
            name: profile.name,
            username: profile.username,
            email: Some(profile.email).filter(|email| is_email(email)).unwrap_or_default(),
            claimed_email: Some(profile.claimed_email).filter(|email| is_email(email)).unwrap_or_default(),
            avatar_url: profile.avatar_url,
            raw_user,
            access_token: token.access_token,
            refresh_token: token.refresh_token,
            expiry: token.expiry,
        })
    }
}

async fn before<T>(deadline: Instant, work: impl Future<Output = Result<T, Cause>>) -> Result<T, Cause> {
    timeout_at(deadline, work).await.unwrap_or(Err(Cause::Http(HttpError::Timeout)))
}

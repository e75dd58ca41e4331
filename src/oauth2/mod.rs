//! Signing in with other services: the providers Larder knows, the address a browser is sent to, and what becomes of the
//! code it brings back.
//!
//! [`OAuth2Client`] is one configured provider. Nothing here touches the store: `auth` decides which record a
//! [`OAuth2User`] is. Calls go through the trusted HTTP client, never inside of a transaction.

mod authorization;
mod client;
mod error;
mod id_token;
mod keys;
mod known;
mod profile;
mod provider;
mod providers;
mod token;

pub use authorization::Authorization;
pub use client::{Grant, OAuth2Client, OAuth2User};
pub use error::{Cause, OAuth2Error};
pub use id_token::IdTokenError;
pub use keys::OAuth2Http;
pub use known::{KnownProvider, is_known_provider, known_providers};

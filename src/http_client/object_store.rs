//! What the S3 client of `storage` sends its requests with.

use std::time::Duration;

use object_store::client::HttpClient as ObjectStoreClient;
use reqwest::{Client, redirect};

use super::client::USER_AGENT;
use super::{HttpError, tls};

/// A client for the bucket a superuser configured: private addresses are allowed. Redirects are not followed, because
/// requests are signed for one host. Limits other than that of the connection are the caller's.
///
/// # Errors
/// If TLS cannot be set up.
pub fn object_store_client(connect: Duration) -> Result<ObjectStoreClient, HttpError> {
    let tls = tls::client_config().ok_or_else(|| HttpError::Transport("TLS cannot be set up".into()))?;
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .referer(false)
        // Parts of a file go faster on connections of their own.
        .http1_only()
        .connect_timeout(connect);
    Ok(ObjectStoreClient::new(builder.build()?))
}

//! Why a sign-in with another service failed. The texts go to the log: they hold neither secrets nor codes, tokens or
//! what a provider says of a person.

use super::IdTokenError;
use crate::http_client::HttpError;

/// Which step failed.
#[derive(Debug, thiserror::Error)]
pub enum OAuth2Error {
    /// The provider did not take the code.
    #[error("the code could not be exchanged for a token: {0}")]
    Token(Cause),
    /// The provider did not tell who the user is, or the user may not sign in.
    #[error("the user could not be read: {0}")]
    User(Cause),
}

/// Why it failed.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The provider could not be asked.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Answered with an error, and possibly a code of RFC 6749, section 5.2.
    #[error("the provider answered with status {status}{}{code}", if .code.is_empty() { "" } else { " and error code " })]
    Status {
        /// The status.
        status: u16,
        /// The error code; empty if there was none.
        code: String,
    },
    /// Not the JSON that was expected.
    #[error("the provider's answer cannot be read")]
    Malformed,
    /// The token answer has no access token.
    #[error("the provider's answer has no access token")]
    NoAccessToken,
    /// The user has no id, by which alone accounts are linked.
    #[error("the provider's answer has no user id")]
    NoUserId,
    /// The provider says that this account is not to be trusted.
    #[error("the provider's account {0}")]
    Refused(&'static str),
    /// The `id_token` is missing or wrong.
    #[error("id_token: {0}")]
    IdToken(#[from] IdTokenError),
}

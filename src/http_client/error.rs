//! Why another server could not be asked.

/// Why another server could not be asked. The texts name neither URLs nor anything that was sent, so they may be logged.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Not an absolute http or https URL.
    #[error("not an http or https address")]
    InvalidUrl,
    /// The URL holds a user name or a password, which must not be sent to wherever it points.
    #[error("the address holds credentials")]
    Credentials,
    /// The address lies on this machine or in a private network.
    #[error("the address is not a public one")]
    NotPublic,
    /// A header cannot carry the value.
    #[error("a header holds characters that cannot be sent")]
    InvalidHeader,
    /// Redirected more often than followed.
    #[error("redirected too often")]
    TooManyRedirects,
    /// The answer is larger than allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// No complete answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The download was answered with an error.
    #[error("answered with status {0}")]
    Status(u16),
    /// Name resolution, connection, TLS or protocol.
    #[error("{0}")]
    Transport(String),
}

/// A resolved name without a public address.
#[derive(Debug, thiserror::Error)]
#[error("the name has no public address")]
pub(super) struct NoPublicAddress;

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        // Only the causes are told: the error itself would quote the URL.
        let mut reasons = Vec::new();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            if inner.is::<NoPublicAddress>() {
                return Self::NotPublic;
            }
            reasons.push(inner.to_string());
            cause = inner.source();
        }
        Self::Transport(if reasons.is_empty() { "the connection failed".to_owned() } else { reasons.join(": ") })
    }
}

//! Why a mail was not sent.

/// Why a mail was not sent. The texts are for superusers and logs: they name servers and addresses, never passwords or
/// what a mail says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// There is nothing to send with.
    #[error(
        "no mail server is configured: fill in `smtp` in the settings and switch it on (on a developer's machine, \
         `larder serve --dev` writes mails to the log instead)"
    )]
    NoServer,
    /// Too many mails wait already.
    #[error("too many mails are waiting to be sent")]
    QueueFull,
    /// An address that is none, or a message that is too large.
    #[error("the mail cannot be sent as it is: {0}")]
    Unusable(String),
    /// A later attempt may succeed.
    #[error("{0}")]
    Temporary(String),
    /// Another attempt would fail too.
    #[error("{0}")]
    Permanent(String),
    /// The server stopped before the mail was sent.
    #[error("the server stopped before the mail was sent")]
    Stopped,
}

impl MailError {
    /// Whether a later attempt may succeed.
    pub(super) fn is_temporary(&self) -> bool {
        matches!(self, Self::Temporary(_))
    }
}

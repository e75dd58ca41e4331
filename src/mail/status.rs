//! How sending goes, for superusers.

use serde::Serialize;

/// How sending goes since the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// What mails go out by: `smtp`, `log` or `none`.
    pub transport: &'static str,
    /// Mails that wait, for their turn or for another attempt.
    pub queued: usize,
    /// Mails a mail server took, or that were logged.
    pub sent: u64,
    /// Mails given up.
    pub failed: u64,
    /// The latest failed attempt.
    pub last_error: Option<LastError>,
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastError {
    /// Date text.
    pub time: String,
    /// What went wrong, without secrets.
    pub message: String,
}

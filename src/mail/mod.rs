//! Sending mails: over SMTP, or into the log of a developer's machine.
//!
//! Knows no product rules: what a mail says and whom it goes to is decided elsewhere. Mails are queued in memory, sent
//! off the request path and tried again when the mail server has a bad moment. Contents, links and codes reach neither
//! logs nor errors; the exception is `Transport::Log`, which exists to show them.

mod error;
mod mailer;
mod message;
mod scrub;
mod smtp;
mod status;
mod text;
mod transport;

/// Target of the log lines that show mails to a developer. They hold tokens and codes: whoever keeps lines leaves these out.
pub const PRINTED_MAIL: &str = "larder::mail::printed";

pub use error::MailError;
pub use mailer::{Delivery, Mailer};
pub use message::{Address, Message};
pub use status::{LastError, Status};
pub use transport::{AuthMethod, SmtpServer, Transport};

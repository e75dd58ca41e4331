//! Signing in: passwords, refreshed tokens, the methods a collection offers, mails, and the superusers the command line makes.

mod error;
mod installer;
mod legacy;
mod mail_page;
mod mails;
mod methods;
mod refresh;
mod sign_in;
mod superusers;
mod test_mail;
mod upgrade;
mod with_password;

pub use error::AuthError;
pub use installer::{INSTALLER_TTL_SECONDS, has_superuser, installer_token};
pub use legacy::LegacyHashes;
pub use methods::auth_methods;
pub use refresh::refresh;
pub use superusers::{SuperuserChange, create_superuser, delete_superuser, update_superuser, upsert_superuser};
pub use test_mail::{TestMailForm, test_mail};
pub use upgrade::upgrade_hash;
pub use with_password::{Candidate, PasswordForm, find_candidate, finish_sign_in};

//! The app's settings: one JSON value in `_params`, changed by superusers, held in memory as a snapshot.
//!
//! What the machine's owner configures is in `config`. Some settings are kept for features to come.

mod apple_secret;
mod bucket;
mod checks;
mod cron;
mod error;
mod merge;
mod model;
mod secret;
mod store;
mod transport;
mod update;

pub use apple_secret::{AppleSecretError, AppleSecretForm, apple_client_secret};
pub use bucket::{TestS3Error, TestS3Form, test_s3};
pub use error::SettingsError;
pub use model::{Backups, Batch, Logs, Meta, RateLimitRule, RateLimits, S3, Settings, Smtp, TrustedProxy};
pub use secret::Secret;
pub use store::load;
pub use update::{set_superuser_ips, update};

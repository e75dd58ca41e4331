//! Which bucket files go to, as the settings say, and which one a superuser wants to try.

use serde::Deserialize;

use super::{S3, Settings};
use crate::identity::Superuser;
use crate::storage::{S3Limits, S3Options};
use crate::validation::{Issue, ValidationErrors};

impl S3 {
    /// The bucket, if it is switched on.
    pub fn options(&self) -> Option<S3Options> {
        self.enabled.then(|| S3Options {
            bucket: self.bucket.clone(),
            region: self.region.clone(),
            endpoint: self.endpoint.clone(),
            access_key: self.access_key.clone(),
            secret: self.secret.reveal().to_owned(),
            force_path_style: self.force_path_style,
            limits: S3Limits::default(),
        })
    }
}

impl Settings {
    /// What tells the place where files are kept from others, however it is reached: the folder or a bucket.
    pub fn files_place(&self) -> String {
        let S3 { enabled, endpoint, bucket, .. } = &self.s3;
        if *enabled { format!("s3 {} {bucket}", endpoint.trim_end_matches('/')) } else { "local".to_owned() }
    }
}

/// Which bucket to try, as the request body names it; absent and `null` are empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TestS3Form {
    /// `storage` or `backups`.
    pub filesystem: Option<String>,
}

/// Why there is nothing to try.
#[derive(Debug, thiserror::Error)]
pub enum TestS3Error {
    /// Values that will not do, keyed like the form.
    #[error("{}", .0.summary())]
    Invalid(ValidationErrors),
    /// The bucket is not switched on.
    #[error("S3 is not enabled for it")]
    Disabled,
}

/// The bucket that the form names.
///
/// # Errors
/// [`TestS3Error`].
pub fn test_s3(settings: &Settings, _superuser: &Superuser, form: &TestS3Form) -> Result<S3Options, TestS3Error> {
    let issue = match form.filesystem.as_deref().unwrap_or_default() {
        "storage" => return settings.s3.options().ok_or(TestS3Error::Disabled),
        "backups" => return settings.backups.s3.options().ok_or(TestS3Error::Disabled),
        "" => Issue::required(),
        _ => Issue::new("validation_in_invalid", "Must be one of storage, backups."),
    };
    let mut errors = ValidationErrors::new();
    errors.add("filesystem", issue);
    Err(TestS3Error::Invalid(errors))
}

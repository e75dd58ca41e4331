//! What is configured about a bucket, and what follows from it.

use std::net::IpAddr;
use std::time::Duration;

use super::super::StorageError;
use crate::http_client::Url;

/// Longest name of a bucket, key of access, or region.
const MAX_NAME_BYTES: usize = 255;

/// A bucket, and how to reach it.
#[derive(Clone, Default)]
pub struct S3Options {
    /// Name of the bucket.
    pub bucket: String,
    /// Region that requests are signed for.
    pub region: String,
    /// Where the service is, without the bucket: `https://s3.example.com` or `s3.example.com`, which means the same.
    /// Requests are encrypted unless this says `http://`.
    pub endpoint: String,
    /// Name of the key of access.
    pub access_key: String,
    /// Its secret.
    pub secret: String,
    /// Whether the bucket is named in the path instead of the host.
    pub force_path_style: bool,
    /// How long the service may take.
    pub limits: S3Limits,
}

impl std::fmt::Debug for S3Options {
    // Secrets must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("S3Options");
        out.field("endpoint", &self.endpoint).field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

/// How long a service may take, and how often it is asked again.
#[derive(Debug, Clone, Copy)]
pub struct S3Limits {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the service begins to answer; uploads have the time to send their bytes besides.
    pub answer: Duration,
    /// Slowest rate at which it may take the bytes of one request, in bytes a second.
    pub upload_rate: u64,
    /// Between one piece of an answer and the next.
    pub idle: Duration,
    /// Until a request is not tried again any more.
    pub retry: Duration,
    /// How often a request is tried again that failed in a way that may pass.
    pub retries: usize,
}

impl Default for S3Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(20),
            upload_rate: 64 << 10,
            idle: Duration::from_secs(20),
            retry: Duration::from_secs(15),
            retries: 3,
        }
    }
}

/// Where requests go.
#[derive(Debug, PartialEq)]
pub(super) struct Address {
    /// With the bucket in front where it belongs into the host; without a slash at the end.
    pub(super) endpoint: String,
    pub(super) has_bucket_in_host: bool,
}

impl S3Options {
    /// Checks everything that ends up in a URL or a header.
    pub(super) fn address(&self) -> Result<Address, StorageError> {
        let is_made_of = |text: &str, marks: &str| {
            (1..=MAX_NAME_BYTES).contains(&text.len())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
        };
        if !is_made_of(&self.bucket, ".-_") || self.bucket.starts_with('.') {
            return Err(StorageError::Options("the name of the bucket is missing or not valid"));
        }
        if !is_made_of(&self.region, "-_") {
            return Err(StorageError::Options("the region is missing or not valid"));
        }
        if !is_made_of(&self.access_key, ".-_+=:@") {
            return Err(StorageError::Options("the access key is missing or not valid"));
        }
        if self.secret.is_empty() {
            return Err(StorageError::Options("the secret is missing"));
        }
        let url = endpoint(&self.endpoint).ok_or(StorageError::Options("the endpoint is missing or not a URL"))?;
        let host = url.host_str().unwrap_or_default();
        // No name can be put in front of a number.
        let is_number = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        let has_bucket_in_host = !self.force_path_style && !is_number;
        let bucket = if has_bucket_in_host { format!("{}.", self.bucket) } else { String::new() };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let path = url.path().trim_end_matches('/');
        Ok(Address { endpoint: format!("{}://{bucket}{host}{port}{path}", url.scheme()), has_bucket_in_host })
    }
}

/// An address of http or https and nothing else: no credentials, no query.
fn endpoint(text: &str) -> Option<Url> {
    let text = text.trim();
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let url = url.ok()?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.host_str().is_some_and(|host| !host.is_empty());
    (matches!(url.scheme(), "http" | "https") && is_plain).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(endpoint: &str, force_path_style: bool) -> S3Options {
        S3Options {
            bucket: "files".into(),
            region: "eu-1".into(),
            endpoint: endpoint.into(),
            access_key: "AK".into(),
            secret: "hunter2".into(),
            force_path_style,
            limits: S3Limits::default(),
        }
    }

    #[test]
    fn endpoints() {
        for (endpoint, force_path_style, expected) in [
            ("https://s3.example.com", false, "https://files.s3.example.com"),
            ("s3.example.com", false, "https://files.s3.example.com"),
            ("s3.example.com/", true, "https://s3.example.com"),
            (" s3.example.com:9000 ", false, "https://files.s3.example.com:9000"),
            ("localhost:9000", true, "https://localhost:9000"),
            ("http://localhost:9000", false, "http://files.localhost:9000"),
            ("HTTP://S3.Example.com:80", true, "http://s3.example.com"),
            ("http://127.0.0.1:9000", false, "http://127.0.0.1:9000"),
            ("http://[::1]:9000", false, "http://[::1]:9000"),
            ("https://example.com/s3/", true, "https://example.com/s3"),
        ] {
            let address = options(endpoint, force_path_style).address().unwrap();
            let has_bucket_in_host = expected.contains("files.");
            assert_eq!(address, Address { endpoint: expected.into(), has_bucket_in_host }, "{endpoint}");
        }
    }

    #[test]
    fn what_cannot_be_right_is_refused() {
        let with = |change: fn(&mut S3Options)| {
            let mut changed = options("s3.example.com", false);
            change(&mut changed);
            changed
        };
        for wrong in [
            options("", false),
            options("ftp://s3.example.com", false),
            options("https://", false),
            options("https://user:hunter2@s3.example.com", false),
            options("https://s3.example.com/?x=hunter2", false),
            options("https://s3.exa mple.com", false),
            with(|o| o.bucket = String::new()),
            with(|o| o.bucket = "a/b".into()),
            with(|o| o.bucket = "..".into()),
            with(|o| o.bucket = "x@evil.example".into()),
            with(|o| o.region = "eu\r\nX: y".into()),
            with(|o| o.access_key = "ä".into()),
            with(|o| o.access_key = "a\nb".into()),
            with(|o| o.secret = String::new()),
        ] {
            let error = wrong.address().unwrap_err();
            assert!(matches!(error, StorageError::Options(_)), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let printed = format!("{:?}", options("s3.example.com", false));
        assert!(printed.contains("files") && !printed.contains("hunter2") && !printed.contains("AK"), "{printed}");
    }
}

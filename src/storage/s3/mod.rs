//! Files in a bucket of an S3-compatible service. Nothing here waits for ever ([`S3Limits`]), and memory is bounded
//! however large a file is.

mod error;
mod options;
mod place;
mod read;
mod service;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::Method;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::list::{PaginatedListOptions, PaginatedListStore as _};
use object_store::path::Path;
use object_store::signer::{SignedUrlOptions, Signer as _};
use object_store::{BackoffConfig, ObjectStoreExt as _, RetryConfig};
use tokio::sync::Semaphore;

use super::{Entry, StorageError, check_key};
use crate::http_client::object_store_client;
use error::translate;
pub use options::{S3Limits, S3Options};
pub use read::RemoteFile;
use service::Service;

/// Parts of uploads that are in memory at a time, of all uploads to a bucket.
const PARTS_IN_MEMORY: usize = 8;

/// Requests at a time that remove the files of a folder.
const REMOVALS: usize = 8;

/// What services tell at a time.
const SERVICE_PAGE: usize = 1000;

/// Longest time for which a URL may be valid: what services accept.
const MAX_EXPIRY: Duration = Duration::from_hours(7 * 24);

/// Longest pause before a request is tried again.
const MAX_BACKOFF: Duration = Duration::from_secs(2);

/// A bucket; clones share everything.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    store: Arc<AmazonS3>,
    parts: Arc<Semaphore>,
}

impl Bucket {
    pub(super) fn new(options: &S3Options) -> Result<Self, StorageError> {
        let address = options.address()?;
        let limits = options.limits;
        let client =
            object_store_client(limits.connect).map_err(|error| StorageError::Connection(error.to_string()))?;
        let retry = RetryConfig {
            backoff: BackoffConfig { max_backoff: MAX_BACKOFF, ..BackoffConfig::default() },
            max_retries: limits.retries,
            retry_timeout: limits.retry,
        };
        let store = AmazonS3Builder::new()
            .with_bucket_name(&options.bucket)
            .with_region(&options.region)
            .with_endpoint(address.endpoint)
            .with_virtual_hosted_style_request(address.has_bucket_in_host)
            .with_access_key_id(&options.access_key)
            .with_secret_access_key(&options.secret)
            .with_http_connector(Service { client, limits })
            .with_retry(retry)
            // Not every service has a request that removes many.
            .with_disable_bulk_delete(true)
            .build()
            .map_err(|_| StorageError::Options("the bucket cannot be addressed"))?;
        Ok(Self { store: Arc::new(store), parts: Arc::new(Semaphore::new(PARTS_IN_MEMORY)) })
    }

    pub(super) async fn open(&self, key: &str) -> Result<RemoteFile, StorageError> {
        RemoteFile::find(&self.store, path(key)?).await
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), StorageError> {
        match self.store.delete(&path(key)?).await.map_err(|error| translate(&error)) {
            Err(StorageError::NotFound) => Ok(()),
            result => result,
        }
    }

    pub(super) async fn delete_folder(&self, folder: &str) -> Result<(), StorageError> {
        let mut after = None;
        loop {
            let page = self.list(folder, after.as_deref(), SERVICE_PAGE).await?;
            let is_last = page.len() < SERVICE_PAGE;
            after = page.last().map(|entry| entry.key.clone());
            let bucket = self.clone();
            let keys = stream::iter(page).map(move |entry| {
                let bucket = bucket.clone();
                Ok(async move { bucket.delete(&entry.key).await })
            });
            keys.try_buffer_unordered(REMOVALS).try_collect::<()>().await?;
            if is_last {
                return Ok(());
            }
        }
    }

    pub(super) async fn list(
        &self,
        folder: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>, StorageError> {
        let mut entries = Vec::new();
        let mut pages = Pages::new(folder, after.map(str::to_owned), false);
        while entries.len() < limit
            && let Some(page) = pages.next(&self.store, limit - entries.len()).await?
        {
            entries.extend(page.objects.into_iter().filter_map(|object| {
                let key = String::from(object.location);
                // Some services tell the key to go on after once more; what is no key of ours is none of our business.
                let is_next = after.is_none_or(|after| key.as_str() > after) && check_key(&key).is_ok();
                let modified = SystemTime::from(object.last_modified);
                is_next.then_some(Entry { key, size: object.size, modified })
            }));
        }
        entries.truncate(limit);
        Ok(entries)
    }

    pub(super) async fn folders(
        &self,
        folder: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, StorageError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let after = after.map(|name| format!("{prefix}{name}/"));
        let mut names: Vec<String> = Vec::new();
        let mut pages = Pages::new(folder, after.clone(), true);
        while names.len() < limit
            && let Some(page) = pages.next(&self.store, SERVICE_PAGE).await?
        {
            names.extend(page.common_prefixes.into_iter().filter_map(|found| {
                let found = String::from(found);
                let is_next = after.as_deref().is_none_or(|after| format!("{found}/").as_str() > after);
                let name = found.strip_prefix(&prefix).filter(|name| check_key(name).is_ok());
                name.filter(|_| is_next).map(str::to_owned)
            }));
        }
        names.truncate(limit);
        Ok(names)
    }

    pub(super) async fn presigned_url(
        &self,
        key: &str,
        expires_in: Duration,
        content_disposition: &str,
        content_type: &str,
    ) -> Result<String, StorageError> {
        check_key(key)?;
        let headers = [("response-content-disposition", content_disposition), ("response-content-type", content_type)];
        let options = SignedUrlOptions::new().with_query(headers);
        let expires_in = expires_in.clamp(Duration::from_secs(1), MAX_EXPIRY);
        let url = self.store.signed_url_opts(Method::GET, &path(key)?, expires_in, &options).await;
        url.map(String::from).map_err(|error| translate(&error))
    }
}

/// A key in the client's words. It is the very same text: only its check is repeated.
fn path(key: &str) -> Result<Path, StorageError> {
    Path::parse(key).map_err(|_| StorageError::InvalidKey)
}

/// The pages in which a service lists what is below a folder.
struct Pages {
    prefix: Option<String>,
    after: Option<String>,
    is_by_folder: bool,
    token: Option<String>,
    is_done: bool,
    empty: usize,
}

/// Most pages in a row with nothing on them, which services may answer with, before we believe that it goes on so.
const MAX_EMPTY_PAGES: usize = 100;

impl Pages {
    fn new(folder: &str, after: Option<String>, is_by_folder: bool) -> Self {
        let prefix = (!folder.is_empty()).then(|| format!("{folder}/"));
        Self { prefix, after, is_by_folder, token: None, is_done: false, empty: 0 }
    }

    async fn next(
        &mut self,
        store: &AmazonS3,
        wanted: usize,
    ) -> Result<Option<object_store::ListResult>, StorageError> {
        if self.is_done {
            return Ok(None);
        }
        let options = PaginatedListOptions {
            offset: self.after.clone(),
            delimiter: self.is_by_folder.then_some("/".into()),
            max_keys: Some(wanted.clamp(1, SERVICE_PAGE)),
            page_token: self.token.take(),
            ..PaginatedListOptions::default()
        };
        let page = store.list_paginated(self.prefix.as_deref(), options).await.map_err(|error| translate(&error))?;
        self.token = page.page_token;
        self.is_done = self.token.is_none();
        let is_empty = page.result.objects.is_empty() && page.result.common_prefixes.is_empty();
        self.empty = if is_empty { self.empty + 1 } else { 0 };
        if self.empty > MAX_EMPTY_PAGES {
            return Err(StorageError::Protocol);
        }
        Ok(Some(page.result))
    }
}

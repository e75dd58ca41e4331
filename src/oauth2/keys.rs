//! The keys that providers sign ID tokens with, kept between sign-ins.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use serde_json::Value as Json;

use super::IdTokenError;
use crate::http_client::{HttpClient, HttpRequest};

/// Most key sets kept.
const MAX_SETS: usize = 64;

/// Most keys of a set that are looked at.
const MAX_KEYS: usize = 100;

/// Seconds after which a set is fetched anew: a provider that withdraws a key is believed by then.
const MAX_AGE: i64 = 3600;

/// Seconds between two fetches of one set, so that tokens with made-up key ids do not become requests.
const MIN_INTERVAL: i64 = 5;

/// What OAuth2 needs of the outside: the HTTP client and the providers' keys; clones share them.
#[derive(Debug, Clone)]
pub struct OAuth2Http {
    client: HttpClient,
    leeway: Duration,
    sets: Arc<Mutex<HashMap<String, Arc<KeySet>>>>,
}

/// The keys of one URL. The lock is held while they are fetched: whoever comes meanwhile wants the same answer.
type KeySet = tokio::sync::Mutex<Cached>;

#[derive(Debug, Default)]
struct Cached {
    keys: Vec<Jwk>,
    /// Unix seconds of the last successful fetch.
    fetched_at: Option<i64>,
    /// Unix seconds of the last attempt.
    tried_at: Option<i64>,
}

impl OAuth2Http {
    /// `leeway` is how far the clocks of providers may be off when ID tokens are checked.
    pub fn new(client: HttpClient, leeway: Duration) -> Self {
        Self { client, leeway, sets: Arc::default() }
    }

    pub(super) fn client(&self) -> &HttpClient {
        &self.client
    }

    /// Seconds.
    pub(super) fn leeway(&self) -> i64 {
        i64::try_from(self.leeway.as_secs()).unwrap_or(i64::MAX)
    }

    /// The key with that id from the key set at `url`.
    pub(super) async fn key(&self, url: &str, id: &str, now: i64) -> Result<Jwk, IdTokenError> {
        let set = self.set(url);
        let mut cached = set.lock().await;
        let is_fresh = cached.fetched_at.is_some_and(|at| is_within(now, at, MAX_AGE));
        if let Some(key) = cached.find(id).filter(|_| is_fresh) {
            return Ok(key);
        }
        if cached.tried_at.is_none_or(|at| !is_within(now, at, MIN_INTERVAL)) {
            cached.tried_at = Some(now);
            cached.keys = self.fetch(url).await?;
            cached.fetched_at = Some(now);
            return cached.find(id).ok_or(IdTokenError::UnknownKey);
        }
        Err(if is_fresh { IdTokenError::UnknownKey } else { IdTokenError::NoKeys })
    }

    fn set(&self, url: &str) -> Arc<KeySet> {
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.len() >= MAX_SETS && !sets.contains_key(url) {
            sets.clear();
        }
        Arc::clone(sets.entry(url.to_owned()).or_default())
    }

    async fn fetch(&self, url: &str) -> Result<Vec<Jwk>, IdTokenError> {
        let answer = self.client.send(HttpRequest::get(url)?).await?;
        let json = answer.json().filter(|_| answer.is_success()).ok_or(IdTokenError::NoKeys)?;
        let keys = json.get("keys").and_then(Json::as_array).ok_or(IdTokenError::NoKeys)?;
        // A key of a kind that is not known here does not spoil the others.
        Ok(keys.iter().take(MAX_KEYS).filter_map(|key| serde_json::from_value(key.clone()).ok()).collect())
    }
}

impl Cached {
    fn find(&self, id: &str) -> Option<Jwk> {
        self.keys.iter().find(|key| key.common.key_id.as_deref() == Some(id)).cloned()
    }
}

/// Whether `then` is less than `seconds` before `now`. A clock that was set back makes it long ago.
fn is_within(now: i64, then: i64, seconds: i64) -> bool {
    (0..seconds).contains(&(now - then))
}

//! What handlers share.

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;

use super::Probing;
use crate::auth::{AppleNames, LegacyHashes, OtpRequests};
use crate::config::{self, Config};
use crate::db::Db;
use crate::files::Files;
use crate::identity::Hasher;
use crate::limits::{Limits, Throttle};
use crate::logs::Logs;
use crate::mail::Mailer;
use crate::networks::Networks;
use crate::oauth2::OAuth2Http;
use crate::query::Catalog;
use crate::realtime::Hub;
use crate::records::SaveOptions;
use crate::schema;
use crate::search::{Indexes, Turns};
use crate::settings::Settings;

/// Calls to other services for sign-ins at the same time. Each may take half a minute.
const MAX_OAUTH2_CALLS: usize = 100;

/// What handlers share; clones share it.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The store.
    pub db: Db,
    /// Collections with their plans, replaced as a whole when they change.
    pub catalog: Arc<ArcSwap<Catalog>>,
    /// The settings, replaced as a whole when they change.
    pub settings: Arc<ArcSwap<Settings>>,
    /// What clients may do how often, and from where.
    pub limits: Arc<Limits>,
    /// The configuration's `trusted_proxies`.
    pub trusted_proxies: Arc<Networks>,
    /// Who probes for hidden records.
    pub probing: Arc<Probing>,
    /// Password hashing.
    pub hasher: Hasher,
    /// For what is done after an answer, on no worker: what comes next there must not tell what was done.
    pub background: tokio::runtime::Handle,
    /// Who guesses at secrets.
    pub throttle: Arc<Throttle>,
    /// One-time codes asked for of late.
    pub otp_requests: Arc<OtpRequests>,
    /// Collections with bcrypt hashes of an import.
    pub legacy_hashes: LegacyHashes,
    /// Connections that hear of changes.
    pub realtime: Hub,
    /// Search indexes.
    pub search: Indexes,
    /// Searches that run at the same time.
    pub search_turns: Turns,
    /// Requests and messages that are stored.
    pub logs: Logs,
    /// Uploaded files.
    pub files: Files,
    /// The queue of mails.
    pub mailer: Mailer,
    /// Calls to other services for sign-ins that may be under way at the same time.
    pub oauth2_calls: Arc<Semaphore>,
    /// Names that Apple gave browsers.
    pub apple_names: Arc<AppleNames>,
    /// What signing in with other services needs of the outside.
    pub oauth2: OAuth2Http,
    /// The machine's configuration.
    pub config: Arc<Config>,
}

impl AppState {
    /// Whether the settings let superusers come from this address: to be asked wherever somebody becomes a superuser by
    /// something else than the `Authorization` header, which is checked for every request.
    pub fn superuser_may_come_from(&self, address: IpAddr) -> bool {
        self.limits.superuser_may_come_from(&self.settings, address)
    }

    /// A limit of calls to other services.
    pub fn oauth2_calls() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(MAX_OAUTH2_CALLS))
    }

    /// Configuration of record saves.
    pub fn save_options(&self) -> SaveOptions {
        let id_order = match self.config.id_order {
            config::IdOrder::Time => schema::IdOrder::Time,
            config::IdOrder::Random => schema::IdOrder::Random,
        };
        SaveOptions { id_order }
    }
}

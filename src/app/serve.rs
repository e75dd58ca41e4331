//! Running the server: start-up, the set-up link, shutdown.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::{AppError, jobs};
use crate::api::{self, AppState, RunningServer};
use crate::auth;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, Durability, FolderLock};
use crate::files::{Files, FilesOptions};
use crate::http_client::HttpClient;
use crate::identity::{Hasher, hash_password};
use crate::limits::Limits;
use crate::logs::{Logs, LogsOptions, Queue};
use crate::mail::Mailer;
use crate::networks::Networks;
use crate::oauth2::OAuth2Http;
use crate::query::Catalog;
use crate::realtime::{ConnectionLimits, Hub, HubOptions};
use crate::schema::ids;
use crate::search::{Indexes, Turns};
use crate::settings::Settings;
use crate::storage::FileSync;

/// A serving Larder. Dropping it without [`stop`](Self::stop) leaves the clean-up to the next start.
#[derive(Debug)]
pub struct Server {
    running: RunningServer,
    realtime: Hub,
    files: Files,
    search: Indexes,
    mailer: Mailer,
    logs: Logs,
    hasher: Hasher,
    db: Db,
    setup_token: Option<String>,
    jobs: tokio::task::JoinHandle<()>,
    _lock: FolderLock,
}

/// Length of the set-up account's password, which nobody learns.
const INSTALLER_PASSWORD_LENGTH: usize = 40;

/// Connections that may wait to be accepted.
#[cfg(target_os = "linux")]
const MAX_WAITING: i32 = 4096;

/// How long a client may take nothing of what is sent to it, in milliseconds.
#[cfg(target_os = "linux")]
const STALLED_MILLIS: u32 = 5 * 60 * 1000;

impl Server {
    /// Takes the data folder and starts to serve it; needs an actix runtime.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn start(config: Config, clock: Clock) -> Result<Self, AppError> {
        Self::start_with_logs(config, clock, Queue::default()).await
    }

    /// As [`start`](Self::start), with a queue of log entries that is filled already and goes on to be from outside.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn start_with_logs(config: Config, clock: Clock, log_queue: Queue) -> Result<Self, AppError> {
        // For every TLS connection of the process. Fails only if it was done before, as in tests.
        let _ = rustls::crypto::ring::default_provider().install_default();
        super::raise_open_files();
        // First of all: whoever mistyped a path should not have made a data folder.
        let tls = config.tls_files().map(|(cert, key)| api::tls_config(cert, key)).transpose()?;
        let lock = FolderLock::take(&config.dir)?;
        let listener =
            TcpListener::bind(config.http).map_err(|source| AppError::Listen { address: config.http, source })?;
        prepare_listener(&listener);
        let folder = super::open(&config, clock)?;
        let search = Indexes::start(super::search_options(&config, &folder))?;
        let super::OpenFolder { db, catalog, settings } = folder;
        let logs = Logs::start(
            log_queue,
            LogsOptions {
                folder: &config.dir,
                db: super::db_options(&config),
                max_bytes: config.logs_max_mb << 20,
                settings: Arc::clone(&settings),
                clock: db.clock().clone(),
            },
        )?;
        let hasher = Hasher::new(config.hashing_threads())?;
        let (snapshot, is_dev) = (Arc::clone(&settings), config.dev);
        let mailer = Mailer::start(move || snapshot.load().smtp.transport(is_dev));
        let limits = Arc::new(Limits::new(&settings));
        let realtime = start_realtime(&config, &db, &catalog, &settings, &limits)?;
        let files = Files::start(FilesOptions {
            folder: config.dir.clone(),
            sync: match config.durability {
                Durability::Full => FileSync::Full,
                Durability::Normal => FileSync::Normal,
            },
            db: db.clone(),
            catalog: Arc::clone(&catalog),
            settings: Arc::clone(&settings),
            runtime: tokio::runtime::Handle::current(),
            thumb_workers: config.thumb_threads(),
            max_thumb_memory: config.thumb_memory_mb << 20,
            max_spool_bytes: config.max_spool_mb << 20,
        })?;
        let state = AppState {
            logs: logs.clone(),
            files: files.clone(),
            db: db.clone(),
            catalog,
            limits,
            realtime: realtime.clone(),
            search: search.clone(),
            search_turns: Turns::new(),
            trusted_proxies: Arc::new(Networks::of(&config.trusted_proxies)),
            settings,
            hasher: hasher.clone(),
            mailer: mailer.clone(),
            probing: std::sync::Arc::default(),
            background: tokio::runtime::Handle::current(),
            oauth2_calls: AppState::oauth2_calls(),
            throttle: Arc::default(),
            otp_requests: Arc::default(),
            apple_names: Arc::default(),
            legacy_hashes: auth::LegacyHashes::default(),
            oauth2: OAuth2Http::new(HttpClient::trusted(), Duration::from_secs(config.id_token_leeway)),
            config: Arc::new(config),
        };
        let setup_token = setup_token(&state).await?;
        let jobs = tokio::task::spawn_local(jobs::run(state.db.clone(), Arc::clone(&state.catalog), logs.clone()));
        let running = api::start(state, listener, tls)?;
        Ok(Self { running, realtime, files, search, mailer, logs, hasher, db, setup_token, jobs, _lock: lock })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// Scheme and address, as a URL that paths are appended to: `https://127.0.0.1:8090`.
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.running.scheme, self.running.address)
    }

    /// What hashes its passwords, and knows how many it has hashed.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Its search indexes.
    pub fn search(&self) -> &Indexes {
        &self.search
    }

    /// Path and fragment of the one-time set-up page, while there is no superuser.
    pub fn setup_path(&self) -> Option<String> {
        self.setup_token.as_ref().map(|token| format!("/_/#/pbinstall/{token}"))
    }

    /// Finishes requests in flight, sends the mails that still wait if that takes no more than seconds, writes everything down and closes the data folder.
    ///
    /// # Errors
    /// If the server failed.
    pub async fn stop(self) -> Result<(), AppError> {
        // First: streams never end by themselves, and the server waits for requests in flight.
        self.realtime.close();
        let stopped = self.running.stop().await;
        self.jobs.abort();
        self.files.close();
        self.search.close();
        self.mailer.stop().await;
        self.db.close();
        // Last, for the others may have something to say.
        self.logs.close();
        Ok(stopped?)
    }
}

/// Lets thousands of clients connect at once, as they do after a restart, and ends connections whose client takes nothing of
/// what is sent to it for minutes: nothing else does while the socket is full. What is accepted inherits that.
fn prepare_listener(listener: &TcpListener) {
    #[cfg(target_os = "linux")]
    {
        // The standard library lets 128 wait; asked again the system takes the new number.
        if let Err(error) = rustix::net::listen(listener, MAX_WAITING) {
            tracing::debug!(%error, "few connections may wait to be accepted");
        }
        if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(listener, STALLED_MILLIS) {
            tracing::debug!(%error, "stalled connections are not noticed");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = listener;
}

/// Starts what tells clients of changes.
fn start_realtime(
    config: &Config,
    db: &Db,
    catalog: &Arc<ArcSwap<Catalog>>,
    settings: &Arc<ArcSwap<Settings>>,
    limits: &Arc<Limits>,
) -> Result<Hub, AppError> {
    let (settings, limits) = (Arc::clone(settings), Arc::clone(limits));
    let options = HubOptions {
        db: db.clone(),
        catalog: Arc::clone(catalog),
        limits: ConnectionLimits {
            server: config.realtime_connections,
            per_address: config.realtime_connections_per_ip,
        },
        may_be_superuser: Box::new(move |address| limits.superuser_may_come_from(&settings, address)),
        runtime: tokio::runtime::Handle::current(),
    };
    Ok(Hub::start(options)?)
}

/// A token for the set-up page if there is no superuser yet.
async fn setup_token(state: &AppState) -> Result<Option<String>, AppError> {
    let has_superuser = state.db.read_blocking(|tx| auth::has_superuser(tx))?;
    if has_superuser {
        return Ok(None);
    }
    let password = ids::random_string(INSTALLER_PASSWORD_LENGTH, ids::ALPHANUMERIC);
    let hash = hash_password(&password);
    let (catalog, now) = (state.catalog.clone(), state.db.clock().unix_seconds());
    let token = state.db.write(move |tx| auth::installer_token(tx, &catalog.load(), &password, hash, now));
    Ok(token.await?)
}

//! What has to be known before the store opens, in layers: defaults, `larder.toml`, `LARDER_*` environment, flags.
//!
//! Product settings are not here: they live in the database and are edited in the dashboard.

mod layers;

pub use layers::{ConfigError, Overrides, load};

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::db::Durability;
use crate::networks::is_network;

/// Loopback, private and link-local networks: where a proxy on the same machine or network is.
const PRIVATE_NETWORKS: [&str; 8] =
    ["127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"];

/// How record ids are generated where the pattern is the default one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum IdOrder {
    /// They begin with the time.
    #[default]
    Time,
    /// They are random throughout.
    Random,
}

/// Every key of `larder.toml`. `config.example.toml` shows them all; a test compares the two.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are the switches of the file")]
pub struct Config {
    /// Address to listen on.
    pub http: SocketAddr,
    /// PEM file of the certificate chain; empty for plain HTTP.
    pub tls_cert: PathBuf,
    /// PEM file of the certificate's private key.
    pub tls_key: PathBuf,
    /// Data folder.
    pub dir: PathBuf,
    /// Folder of static files.
    pub public: PathBuf,
    /// Whether unknown paths get the public folder's `index.html`.
    pub index_fallback: bool,
    /// Origins browsers may call from.
    pub origins: Vec<String>,
    /// Addresses and networks of proxies whose word on a client's address is taken.
    pub trusted_proxies: Vec<String>,
    /// Most realtime connections.
    pub realtime_connections: usize,
    /// Most realtime connections from one address.
    pub realtime_connections_per_ip: usize,
    /// Seconds after which a realtime connection ends on which nothing was sent.
    pub realtime_idle_timeout: u64,
    /// Seconds after which a realtime connection ends.
    pub realtime_max_age: u64,
    /// How sure an acknowledged write is.
    pub durability: Durability,
    /// How record ids are generated.
    pub id_order: IdOrder,
    /// HTTP worker threads; 0 = one for each processor.
    pub workers: usize,
    /// MiB.
    pub writer_cache_mb: u32,
    /// MiB for each connection.
    pub reader_cache_mb: u32,
    /// Connections for long queries.
    pub slow_readers: u32,
    /// Seconds.
    pub query_timeout: u64,
    /// MiB.
    pub max_body_mb: usize,
    /// MiB that all uploads have on the disk while they arrive.
    pub max_spool_mb: u64,
    /// Password hashes at the same time; 0 = one for each processor.
    pub hash_threads: usize,
    /// Thumbnails made at the same time; 0 = one for each processor.
    pub thumb_threads: usize,
    /// MiB that thumbnails may take together while they are made.
    pub thumb_memory_mb: u64,
    /// MiB for changes on their way into search indexes.
    pub search_heap_mb: usize,
    /// Search indexes that are written to at the same time.
    pub search_writers: usize,
    /// Whether downloads of files that an S3 service keeps are sent there.
    pub s3_redirect: bool,
    /// Whether answers carry `Server-Timing`.
    pub server_timing: bool,
    /// Least level of log lines.
    pub log_level: LogLevel,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// MiB that stored logs take before the oldest are removed.
    pub logs_max_mb: u64,
    /// Milliseconds from which a query is reported as slow; 0 for never.
    pub slow_query_ms: u64,
    /// Seconds that the clocks of OAuth2 providers may be off.
    pub id_token_leeway: u64,
    /// Whether this is a developer's machine: mails that no server is configured for are written to the log.
    pub dev: bool,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object for each line.
    Json,
}

/// Least level of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http: SocketAddr::from(([127, 0, 0, 1], 8090)),
            tls_cert: PathBuf::new(),
            tls_key: PathBuf::new(),
            dir: "./larder_data".into(),
            public: "./larder_public".into(),
            index_fallback: true,
            origins: vec!["*".into()],
            trusted_proxies: PRIVATE_NETWORKS.map(Into::into).into(),
            realtime_connections: 20_000,
            realtime_connections_per_ip: 1000,
            realtime_idle_timeout: 300,
            realtime_max_age: 1800,
            durability: Durability::Full,
            id_order: IdOrder::Time,
            workers: 0,
            writer_cache_mb: 16,
            reader_cache_mb: 8,
            slow_readers: 4,
            query_timeout: 30,
            max_body_mb: 32,
            max_spool_mb: 8192,
            hash_threads: 0,
            thumb_threads: 0,
            thumb_memory_mb: 512,
            search_heap_mb: 96,
            search_writers: 3,
            s3_redirect: false,
            server_timing: false,
            log_level: LogLevel::Info,
            log_format: LogFormat::Text,
            logs_max_mb: 200,
            slow_query_ms: 1000,
            id_token_leeway: 300,
            dev: false,
        }
    }
}

impl Config {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// Names the key.
    fn validate(&self) -> Result<(), ConfigError> {
        let ranges = [
            ("slow_readers", u64::from(self.slow_readers), 1, 64),
            ("query_timeout", self.query_timeout, 1, 3600),
            ("workers", self.workers as u64, 0, 256),
            ("hash_threads", self.hash_threads as u64, 0, 256),
            ("thumb_threads", self.thumb_threads as u64, 0, 256),
            ("search_heap_mb", self.search_heap_mb as u64, 32, 4000),
            // One makes indexes, which must not keep others from following the changes.
            ("search_writers", self.search_writers as u64, 2, 64),
            ("max_body_mb", self.max_body_mb as u64, 1, 4096),
            ("logs_max_mb", self.logs_max_mb, 1, 1 << 20),
            ("slow_query_ms", self.slow_query_ms, 0, 3_600_000),
            ("thumb_memory_mb", self.thumb_memory_mb, 1, 1 << 20),
            ("max_spool_mb", self.max_spool_mb, 1, 1 << 30),
            ("id_token_leeway", self.id_token_leeway, 0, 86_400),
            ("writer_cache_mb", u64::from(self.writer_cache_mb), 1, 65_536),
            ("reader_cache_mb", u64::from(self.reader_cache_mb), 1, 65_536),
        ];
        for (key, value, min, max) in ranges {
            if !(min..=max).contains(&value) {
                return Err(ConfigError::Invalid { key: key.into(), reason: format!("must be from {min} to {max}") });
            }
        }
        if self.dir.as_os_str().is_empty() {
            return Err(ConfigError::Invalid { key: "dir".into(), reason: "must not be empty".into() });
        }
        for (key, path, other) in [("tls_key", &self.tls_key, "tls_cert"), ("tls_cert", &self.tls_cert, "tls_key")] {
            if path.as_os_str().is_empty() && self.has_tls_file() {
                return Err(ConfigError::Invalid { key: key.into(), reason: format!("must be set when `{other}` is") });
            }
        }
        if let Some(text) = self.trusted_proxies.iter().find(|text| !is_network(text)) {
            let reason = format!("`{text}` is not an IP address or a network such as 10.0.0.0/8");
            return Err(ConfigError::Invalid { key: "trusted_proxies".into(), reason });
        }
        Ok(())
    }

    fn has_tls_file(&self) -> bool {
        [&self.tls_cert, &self.tls_key].iter().any(|path| !path.as_os_str().is_empty())
    }

    /// The files of the certificate chain and of its key, if HTTPS is to be served.
    pub fn tls_files(&self) -> Option<(&Path, &Path)> {
        self.has_tls_file().then_some((&self.tls_cert, &self.tls_key))
    }

    /// HTTP worker threads, with 0 resolved.
    pub fn worker_threads(&self) -> usize {
        or_processors(self.workers)
    }

    /// Threads that hash passwords, with 0 resolved.
    pub fn hashing_threads(&self) -> usize {
        or_processors(self.hash_threads)
    }

    /// Searches at the same time: one for each processor.
    pub fn search_threads() -> usize {
        or_processors(0)
    }

    /// Thumbnails made at the same time, with 0 resolved.
    pub fn thumb_threads(&self) -> usize {
        or_processors(self.thumb_threads)
    }
}

fn or_processors(n: usize) -> usize {
    if n == 0 { std::thread::available_parallelism().map_or(1, std::num::NonZero::get) } else { n }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_shows_every_key_with_its_default() {
        let text = include_str!("../../config.example.toml");
        let example: Config = toml::from_str(text).unwrap();
        assert_eq!(example, Config::default());
        let keys = toml::Value::try_from(Config::default()).unwrap();
        for key in keys.as_table().unwrap().keys() {
            assert!(text.lines().any(|l| l.starts_with(&format!("{key} = "))), "{key} is missing in the example");
        }
    }
}

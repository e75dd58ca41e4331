//! `larder serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::api::{QUIET_TARGETS, block_on};
use crate::app::Server;
use crate::clock::Clock;
use crate::config::{Config, LogFormat, LogLevel, Overrides};
use crate::logs::{self, Queue};

/// Flags of `serve`; what is not given comes from the environment or the configuration file.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Address and port to listen on [default: 127.0.0.1:8090]
    #[arg(long, value_name = "ADDRESS:PORT")]
    http: Option<SocketAddr>,
    /// PEM file of the certificate chain, the server's own certificate first: serves HTTPS instead of HTTP
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// PEM file of the certificate's private key
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Folder of static files served at / [default: ./`larder_public`]
    #[arg(long, value_name = "FOLDER", alias = "publicDir")]
    public: Option<PathBuf>,
    /// Origins browsers may call from, comma-separated [default: *]
    #[arg(long, value_name = "ORIGINS")]
    origins: Vec<String>,
    /// Whether an acknowledged write survives a power cut: full or normal [default: full]
    #[arg(long, value_name = "LEVEL")]
    durability: Option<String>,
    /// HTTP worker threads [default: one for each processor]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// Least level of log lines: error, warn, info, debug or trace [default: info]
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// How log lines are written: text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// For a developer's machine: mails that no server is configured for are written to the log
    #[arg(long)]
    dev: bool,
}

impl ServeArgs {
    pub(super) fn overrides(&self) -> Overrides {
        let mut flags = Overrides::new();
        let mut add = |key, value: Option<String>| flags.extend(value.map(|v| (key, v)));
        add("http", self.http.map(|a| a.to_string()));
        let path = |path: &Option<PathBuf>| path.as_ref().map(|p| p.to_string_lossy().into_owned());
        add("tls_cert", path(&self.tls_cert));
        add("tls_key", path(&self.tls_key));
        add("public", path(&self.public));
        add("origins", (!self.origins.is_empty()).then(|| self.origins.join(",")));
        add("durability", self.durability.clone());
        add("workers", self.workers.map(|n| n.to_string()));
        add("log_level", self.log_level.clone());
        add("log_format", self.log_format.clone());
        add("dev", self.dev.then(|| "true".to_owned()));
        flags
    }
}

pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    let logs = Queue::default();
    start_logging(config, logs.clone());
    block_on(serve(config.clone(), logs))
}

async fn serve(config: Config, logs: Queue) -> anyhow::Result<()> {
    // Before the server starts, so that an early Ctrl-C is not lost.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let dir = config.dir.clone();
    let server = Server::start_with_logs(config, Clock::system(), logs).await?;
    let base = server.base_url();
    println!("Larder {} serves {}", env!("CARGO_PKG_VERSION"), dir.display());
    println!("├─ REST API:  {base}/api/");
    println!("└─ Dashboard: {base}/_/");
    if let Some(path) = server.setup_path() {
        println!();
        println!("There is no superuser yet. Open this link within 30 minutes to make one:");
        println!("  {base}{path}");
        println!("or run: larder superuser create EMAIL PASSWORD --dir {}", dir.display());
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("shutting down");
    server.stop().await?;
    Ok(())
}

/// Prints messages, and stores those that are kept.
fn start_logging(config: &Config, logs: Queue) {
    let level = match config.log_level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
        LogLevel::Trace => "trace",
    };
    let filter = EnvFilter::new(format!("{level},{QUIET_TARGETS}"));
    let colour = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour).with_target(false);
    let lines = match config.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_ansi(false).boxed(),
    };
    let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter));
    // Fails only if a subscriber is there already, as in tests.
    let _ = subscriber.with(logs::capture(logs, Clock::system())).try_init();
}

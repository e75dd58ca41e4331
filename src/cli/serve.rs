//! `larder serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::api::{QUIET_TARGETS, block_on};
use crate::app::Server;
use crate::clock::Clock;
use crate::config::{Config, LogLevel, Overrides};

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
        add("dev", self.dev.then(|| "true".to_owned()));
        flags
    }
}

pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    start_logging(config.log_level);
    block_on(serve(config.clone()))
}

async fn serve(config: Config) -> anyhow::Result<()> {
    // Before the server starts, so that an early Ctrl-C is not lost.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let dir = config.dir.clone();
    let server = Server::start(config, Clock::system()).await?;
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

fn start_logging(level: LogLevel) {
    let level = match level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
        LogLevel::Trace => "trace",
    };
    let filter = EnvFilter::new(format!("{level},{QUIET_TARGETS}"));
    let colour = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour);
    // Fails only if a subscriber is there already, as in tests.
    let _ = subscriber.with_target(false).try_init();
}

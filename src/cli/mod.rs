//! The command line. The only place that writes to standard output.
#![expect(clippy::print_stdout, reason = "what commands print is their result")]

mod import;
mod search;
mod serve;
mod superuser;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config, Overrides};

/// A self-hosted backend in one binary: collections, REST API, sign-in, access rules and a dashboard on embedded SQLite.
#[derive(Debug, Parser)]
#[command(name = "larder", version, arg_required_else_help = true, propagate_version = false)]
pub struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// Flags every command takes.
#[derive(Debug, Args)]
struct GlobalArgs {
    /// Data folder [default: ./`larder_data`]
    #[arg(long, global = true, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Configuration file [default: ./larder.toml if it exists]
    #[arg(long, global = true, value_name = "FILE", env = "LARDER_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server
    Serve(serve::ServeArgs),
    /// Manage the accounts that may do everything
    #[command(subcommand)]
    Superuser(superuser::SuperuserCommand),
    /// Look after the indexes of full-text search
    #[command(subcommand)]
    Search(search::SearchCommand),
    /// Move data in from another product
    #[command(subcommand)]
    Import(import::ImportCommand),
}

/// Runs a command line; the error is one line for people.
///
/// # Errors
/// What the command fails with.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Serve(args) => serve::run(&cli.global.load(args.overrides())?),
        Command::Superuser(command) => superuser::run(&cli.global.load(Vec::new())?, &command),
        Command::Search(command) => search::run(&cli.global.load(Vec::new())?, &command),
        Command::Import(command) => import::run(&cli.global.load(Vec::new())?, &command),
    }
}

impl GlobalArgs {
    /// The configuration with these flags on top.
    fn load(&self, mut flags: Overrides) -> anyhow::Result<Config> {
        if let Some(dir) = &self.dir {
            flags.push(("dir", dir.to_string_lossy().into_owned()));
        }
        Ok(config::load(self.config.as_deref(), std::env::vars(), &flags)?)
    }
}

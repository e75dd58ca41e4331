//! `larder import …`

use std::path::PathBuf;

use clap::Subcommand;

use crate::app;
use crate::clock::Clock;
use crate::config::Config;

/// Missing files listed on the terminal; the rest is counted.
const MAX_LISTED: usize = 20;

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Copy a PocketBase data folder (0.23 or newer) into a new Larder one; users stay signed in
    Pocketbase {
        /// The `pb_data` folder; it is only read, and may be in use
        source: PathBuf,
    },
}

pub(super) fn run(config: &Config, command: &ImportCommand) -> anyhow::Result<()> {
    let ImportCommand::Pocketbase { source } = command;
    let report = app::import_pocketbase(source, config, Clock::system(), |line| eprintln!("{line}"))?;
    let records: u64 = report.collections.iter().map(|(_, n)| n).sum();
    println!("Imported {} into {}:", source.display(), config.dir.display());
    println!("├─ {records} records in {} collections", report.collections.len());
    println!("├─ {} files, {} bytes", report.files, report.bytes);
    if report.uses_s3 {
        println!("├─ uploaded files stay on the S3 service of the settings");
    }
    println!("└─ {} files missing", report.missing_files.len());
    for file in report.missing_files.iter().take(MAX_LISTED) {
        println!("   {file}");
    }
    if report.missing_files.len() > MAX_LISTED {
        println!("   and {} more", report.missing_files.len() - MAX_LISTED);
    }
    println!("Start it with: larder serve --dir {}", config.dir.display());
    Ok(())
}

//! The `larder` binary: parses the command line and calls the library.

use std::process::ExitCode;

use clap::Parser;
use larder::cli::{Cli, run};

// Many small, short-lived allocations from several threads: the default allocator spends twice the time on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line: causes are joined.
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

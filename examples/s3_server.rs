//! An S3-compatible server for tests and for trying things out; nothing to keep files in.
//!
//! `cargo run --example s3_server -- <folder> [--port 9000] [--access-key larder] [--secret larder-secret]`
//!
//! Prints its address. Every folder in `<folder>` is a bucket; `files` and `backups` are made.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for developers")]

use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;

#[path = "../tests/it/s3_server.rs"]
mod s3_server;

/// An S3-compatible server for tests.
#[derive(Parser)]
struct Options {
    /// Where objects are kept.
    folder: PathBuf,
    /// 0 for any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[arg(long, default_value = "larder")]
    access_key: String,
    #[arg(long, default_value = "larder-secret")]
    secret: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::parse();
    for bucket in ["files", "backups"] {
        std::fs::create_dir_all(options.folder.join(bucket)).unwrap();
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", options.port)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let domain = format!("localhost:{}", address.port());
    let service = s3_server::service(&options.folder, &options.access_key, &options.secret, &domain);
    println!("http://{address}");
    s3_server::serve(listener, service, Arc::new(s3_server::handle)).await;
}

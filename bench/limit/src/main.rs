//! The practical ceiling of the stack actix-web + rusqlite: no schema, no rules, no request log,
//! no validation; hard-coded routes that run one prepared statement each and write JSON by hand.
//! Reads run on the worker's own connection. All writes go through one writer thread, which
//! commits whatever has queued up as one transaction (group commit). Checkpoints run on a thread of
//! their own, or with --checkpoint writer in the writer, every 1000 pages, as SQLite does by default.
//! --ids sorted makes ids that begin with the time, so that inserts go to the end of the key index.
//!
//!   limit --hash PASSWORD   prints a bcrypt hash, for seeding
//!   limit --dir DIR --http 127.0.0.1:PORT [--workers N] [--sync normal|full] [--ids random|sorted] [--checkpoint thread|writer]
mod db;
mod json;
mod web;

use std::path::PathBuf;

#[global_allocator]
static ALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub struct Opts {
    pub dir: PathBuf,
    pub http: String,
    pub workers: usize,
    pub sync_full: bool,
    pub sorted_ids: bool,
    pub checkpoint_in_writer: bool,
}

fn usage(msg: &str) -> ! {
    eprintln!("limit: {msg}\nusage: limit --dir DIR --http 127.0.0.1:PORT [--workers N] [--sync normal|full] [--ids random|sorted] [--checkpoint thread|writer]");
    std::process::exit(2)
}

fn main() -> std::io::Result<()> {
    let mut o = Opts {
        dir: PathBuf::new(),
        http: String::new(),
        workers: std::thread::available_parallelism().map_or(1, |n| n.get()),
        sync_full: false,
        sorted_ids: false,
        checkpoint_in_writer: false,
    };
    let mut it = std::env::args().skip(1);
    while let Some(k) = it.next() {
        let Some(v) = it.next() else { usage(&format!("{k} needs a value")) };
        match k.as_str() {
            "--hash" => {
                // Cost 10, as the reference server uses for its users.
                println!("{}", bcrypt::hash(v, 10).unwrap_or_else(|e| usage(&e.to_string())));
                return Ok(());
            }
            "--dir" => o.dir = v.into(),
            "--http" => o.http = v,
            "--workers" => o.workers = v.parse().unwrap_or_else(|_| usage("bad --workers")),
            "--sync" => o.sync_full = v == "full",
            "--checkpoint" => o.checkpoint_in_writer = v == "writer",
            "--ids" => o.sorted_ids = v == "sorted",
            _ => usage(&format!("unknown option {k}")),
        }
    }
    if o.http.is_empty() || o.dir.as_os_str().is_empty() {
        usage("--dir and --http are required");
    }
    std::fs::create_dir_all(o.dir.join("files"))?;
    actix_web::rt::System::new().block_on(web::serve(o))
}

//! Load generator for what wrk cannot do. Loopback only.
//!
//!   loadgen gen     deterministic documents (Zipf vocabulary) as JSON lines
//!   loadgen img     a deterministic JPEG
//!   loadgen replay  send raw HTTP/1.1 requests from a plan file (closed loop, once, or open loop)
//!   loadgen sse     N subscribers, measure create -> last delivery, and burst events/s; or hold them idle
mod gen;
mod http;
mod img;
mod replay;
mod sse;

use std::collections::HashMap;

/// `--key value` arguments; a key without a value is an error.
pub struct Args(HashMap<String, String>);

impl Args {
    fn parse(rest: &[String]) -> Args {
        let mut m = HashMap::new();
        let mut i = 0;
        while i < rest.len() {
            let Some(k) = rest[i].strip_prefix("--") else { fail(&format!("unexpected argument {}", rest[i])) };
            let Some(v) = rest.get(i + 1) else { fail(&format!("--{k} needs a value")) };
            m.insert(k.to_string(), v.clone());
            i += 2;
        }
        Args(m)
    }
    pub fn str(&self, k: &str) -> String {
        match self.0.get(k) {
            Some(v) => v.clone(),
            None => fail(&format!("--{k} is required")),
        }
    }
    pub fn opt(&self, k: &str) -> Option<String> {
        self.0.get(k).cloned()
    }
    pub fn num<T: std::str::FromStr>(&self, k: &str, default: T) -> T {
        match self.0.get(k) {
            None => default,
            Some(v) => v.parse().unwrap_or_else(|_| fail(&format!("--{k}: bad number {v}"))),
        }
    }
}

pub fn fail(msg: &str) -> ! {
    eprintln!("loadgen: {msg}");
    std::process::exit(2)
}

fn main() {
    let argv: Vec<String> = std::env::args().collect();
    let usage = "usage: loadgen gen|img|replay|sse --key value ...";
    let Some(cmd) = argv.get(1) else { fail(usage) };
    let args = Args::parse(&argv[2..]);
    match cmd.as_str() {
        "gen" => return gen::run(&args),
        "img" => return img::run(&args),
        _ => {}
    }
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    let local = tokio::task::LocalSet::new();
    match cmd.as_str() {
        "replay" => local.block_on(&rt, replay::run(&args)),
        "sse" => local.block_on(&rt, sse::run(&args)),
        _ => fail(usage),
    }
}

/// Only loopback targets, by construction.
pub fn target(args: &Args) -> std::net::SocketAddr {
    let port: u16 = args.num("port", 0);
    if port == 0 {
        fail("--port is required");
    }
    std::net::SocketAddr::from(([127, 0, 0, 1], port))
}

pub fn hist() -> hdrhistogram::Histogram<u64> {
    hdrhistogram::Histogram::new_with_bounds(1, 120_000_000, 3).expect("histogram")
}

pub fn hist_json(h: &hdrhistogram::Histogram<u64>) -> serde_json::Value {
    serde_json::json!({
        "count": h.len(),
        "mean_us": h.mean(),
        "p50_us": h.value_at_quantile(0.50),
        "p90_us": h.value_at_quantile(0.90),
        "p99_us": h.value_at_quantile(0.99),
        "max_us": h.max(),
    })
}

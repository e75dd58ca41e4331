//! What uploads, downloads and thumbnails cost the real binary in memory.

use std::process::Command;

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::raw::{END, connect, head, read_answer};
use super::samples::{bombs, gif, png};
use super::{DOCS, file, superuser_at};
use crate::crash::{Process, make_superuser};
use crate::server::Client;

const MB: u64 = 1 << 20;

/// The binary with an open collection `docs` that takes large files.
async fn start() -> (tempfile::TempDir, Process, Client) {
    start_with(&[]).await
}

async fn start_with(environment: &[(&str, &str)]) -> (tempfile::TempDir, Process, Client) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    make_superuser(&data);
    let mut command = Command::new(env!("CARGO_BIN_EXE_larder"));
    command.envs(environment.iter().copied());
    let server = Process::start_with(command, &data, &[]);
    let guest = Client::at(&server.base);
    let thumbs = ["20x10", "200x0", "0x300", "300x300f"];
    let fields = json!([{"name": "file", "type": "file", "maxSelect": 1, "maxSize": 400 * MB, "thumbs": thumbs}]);
    superuser_at(&server.base).await.open_collection("docs", fields).await;
    (folder, server, guest)
}

/// Bytes of memory from one look to the next.
struct Memory {
    process: u32,
    before: u64,
}

impl Memory {
    /// Looks from here on, at a process that has nothing to do.
    fn watch(server: &Process) -> Self {
        let process = server.id();
        // Makes the highest what there is now.
        std::fs::write(format!("/proc/{process}/clear_refs"), "5").unwrap();
        Self { process, before: peak(process) }
    }

    /// How much more than at the start it was at most.
    fn growth(&self) -> u64 {
        peak(self.process).saturating_sub(self.before)
    }
}

/// The most memory that a process had.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

async fn uploaded(guest: &Client, name: &str, bytes: Vec<u8>) -> String {
    let made = guest.submit(Method::POST, DOCS, Form::new().part("file", file(name, bytes))).await.expect(200);
    url(&made)
}

fn url(record: &Json) -> String {
    format!("/api/files/docs/{}/{}", record["id"].as_str().unwrap(), record["file"].as_str().unwrap())
}

#[tokio::test]
async fn large_files_take_no_memory() {
    const CHUNKS: usize = 300;
    let (_folder, server, guest) = start().await;
    // Sniffing, pools and caches have what they need after the first.
    guest.get(&uploaded(&guest, "small.bin", vec![1; 1 << 20]).await).await;
    let chunk: Vec<u8> = (0..1_u32 << 20).map(|n| (n % 251) as u8).collect();
    let memory = Memory::watch(&server);
    let part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n";
    let length = part.len() + CHUNKS * chunk.len() + 2 + END.len();
    let mut socket = connect(&server.base).await;
    socket.write_all(head(&format!("Content-Length: {length}")).as_bytes()).await.unwrap();
    socket.write_all(part.as_bytes()).await.unwrap();
    for _ in 0..CHUNKS {
        socket.write_all(&chunk).await.unwrap();
    }
    socket.write_all(&[b"\r\n", END].concat()).await.unwrap();
    let (status, made) = read_answer(&mut socket).await.unwrap();
    assert_eq!(status, 200, "{made}");
    let grown = memory.growth();
    assert!(grown < 40 * MB, "the upload took {grown} bytes");

    let mut socket = connect(&server.base).await;
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", url(&made));
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    let mut read = vec![0; chunk.len()];
    for _ in 0..CHUNKS {
        socket.read_exact(&mut read).await.unwrap();
        assert!(read == chunk);
    }
    assert_eq!(socket.read(&mut read).await.unwrap(), 0);
    let grown = memory.growth();
    assert!(grown < 40 * MB, "the download took {grown} bytes");
}

#[tokio::test]
async fn parallel_thumbnails_take_the_memory_of_a_few() {
    let picture = png(2000, 1500, [10, 120, 240]);
    let (_folder, server, guest) = start().await;
    let same = uploaded(&guest, "same.png", picture.clone()).await;
    let mut others = Vec::new();
    for _ in 0..10 {
        others.push(uploaded(&guest, "other.png", picture.clone()).await);
    }
    let memory = Memory::watch(&server);
    let different = others.iter().cycle().take(50).map(|url| format!("{url}?thumb=100x100"));
    let same = (0..50).map(|_| format!("{same}?thumb=100x100"));
    for paths in [same.collect::<Vec<_>>(), different.collect()] {
        let mut asking = tokio::task::JoinSet::new();
        for path in paths {
            let guest = guest.clone();
            asking.spawn(async move { guest.get(&path).await });
        }
        for answer in asking.join_all().await {
            assert_eq!(answer.status, 200);
            assert!(answer.headers["content-length"].to_str().unwrap().parse::<usize>().unwrap() < picture.len());
        }
        let grown = memory.growth();
        assert!(grown < 100 * MB, "thumbnails took {grown} bytes");
    }
}

#[tokio::test]
async fn all_thumbnails_together_keep_to_their_memory() {
    // Eight such pictures at a time take 144 MB, and one with an alpha channel 24.
    let picture = png(3000, 2000, [10, 120, 240]);
    let large = png(5000, 4000, [10, 120, 240]);
    let (_folder, server, guest) = start_with(&[("LARDER_THUMB_THREADS", "8"), ("LARDER_THUMB_MEMORY_MB", "40")]).await;
    let mut asking = Vec::new();
    for _ in 0..16 {
        asking.push(format!("{}?thumb=100x100", uploaded(&guest, "a.png", picture.clone()).await));
    }
    guest.get(&format!("{}?thumb=100x100", uploaded(&guest, "b.png", picture.clone()).await)).await;
    let memory = Memory::watch(&server);
    let asking: tokio::task::JoinSet<_> = asking.into_iter().map(|path| get(guest.clone(), path)).collect();
    for thumb in asking.join_all().await {
        assert!(thumb.len() < picture.len(), "{}", thumb.len());
    }
    let grown = memory.growth();
    assert!(grown < 80 * MB, "thumbnails took {grown} bytes");
    // What needs more than all may take is sent as it is.
    let url = uploaded(&guest, "large.png", large.clone()).await;
    assert!(get(guest.clone(), format!("{url}?thumb=100x100")).await == large);
}

/// The bytes of a download.
async fn get(guest: Client, path: String) -> Vec<u8> {
    let response = guest.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn pictures_that_claim_to_be_huge_take_no_memory() {
    let mut cases = bombs();
    cases.push(("thousand.gif", gif(400, 300, 1000)));
    let (_folder, server, guest) = start().await;
    // A decoder has been used before.
    guest.get(&format!("{}?thumb=100x100", uploaded(&guest, "a.png", png(300, 200, [1, 2, 3])).await)).await;
    let memory = Memory::watch(&server);
    for (name, bytes) in cases {
        let url = uploaded(&guest, name, bytes.clone()).await;
        for query in ["thumb=100x100", "thumb=20x10", "thumb=200x0&format=webp", "thumb=0x300", "thumb=300x300f"] {
            let response = guest.request(Method::GET, &format!("{url}?{query}")).send().await.unwrap();
            assert_eq!(response.status(), 200, "{name}: {query}");
            // Of the animation the first frame is a picture like others.
            let is_original = response.bytes().await.unwrap() == bytes;
            assert_eq!(is_original, name != "thousand.gif", "{name}: {query}");
        }
        let grown = memory.growth();
        assert!(grown < 30 * MB, "{name} took {grown} bytes");
        guest.get("/api/health").await.expect(200);
    }
}

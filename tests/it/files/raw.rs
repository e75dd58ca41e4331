//! Requests as no ordinary client sends them.

use std::path::Path;

use serde_json::Value as Json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::DOCS;
use crate::server::{Answer, Client};

/// The head of an upload whose body's length is told by this header line.
pub(super) fn head(length: &str) -> String {
    format!(
        "POST {DOCS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n"
    )
}

/// A part that holds a file, with what comes before its content.
pub(super) fn part(field: &str, name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

/// The last line of a body.
pub(super) const END: &[u8] = b"--b--\r\n";

/// Sends a body that says it is this.
pub(super) async fn send(client: &Client, content_type: &str, body: Vec<u8>) -> Answer {
    let request = client.request(reqwest::Method::POST, DOCS);
    client.send(request.header("Content-Type", content_type).body(body)).await
}

/// A connection to the server at `base`.
pub(super) async fn connect(base: &str) -> TcpStream {
    TcpStream::connect(base.trim_start_matches("http://")).await.unwrap()
}

/// Sends bytes and reads what comes: status and body; `None` if nothing does. Who ends says that there is no more to send.
pub(super) async fn exchange(base: &str, bytes: &[u8], ends: bool) -> Option<(u16, Json)> {
    let mut socket = connect(base).await;
    // The server may answer and hang up before it has seen everything.
    let _ = socket.write_all(bytes).await;
    if ends {
        let _ = socket.shutdown().await;
    }
    read_answer(&mut socket).await
}

/// Reads an answer up to its end.
pub(super) async fn read_answer(socket: &mut TcpStream) -> Option<(u16, Json)> {
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).unwrap_or_default()))
}

/// When a folder has last got or lost an entry.
pub(super) fn changed(folder: &Path) -> std::time::SystemTime {
    std::fs::metadata(folder).unwrap().modified().unwrap()
}

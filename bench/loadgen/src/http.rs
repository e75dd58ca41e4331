//! A small HTTP/1.1 client connection: write raw request bytes, read one response.
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Conn {
    addr: SocketAddr,
    sock: Option<TcpStream>,
    buf: Vec<u8>,
    len: usize,
}

pub struct Head {
    pub status: u16,
    pub header_len: usize,
    pub content_length: Option<usize>,
    pub chunked: bool,
    pub close: bool,
}

/// Ok(None): more bytes needed.
pub fn parse_head(buf: &[u8]) -> Result<Option<Head>, String> {
    let mut headers = [httparse::EMPTY_HEADER; 48];
    let mut r = httparse::Response::new(&mut headers);
    match r.parse(buf) {
        Ok(httparse::Status::Partial) => Ok(None),
        Err(e) => Err(format!("bad response head: {e}")),
        Ok(httparse::Status::Complete(header_len)) => {
            let mut h =
                Head { status: r.code.unwrap_or(0), header_len, content_length: None, chunked: false, close: false };
            for x in r.headers.iter() {
                if x.name.eq_ignore_ascii_case("content-length") {
                    let s = std::str::from_utf8(x.value).map_err(|e| e.to_string())?;
                    h.content_length = Some(s.trim().parse().map_err(|_| "bad content-length")?);
                } else if x.name.eq_ignore_ascii_case("transfer-encoding") {
                    h.chunked = x.value.to_ascii_lowercase().ends_with(b"chunked");
                } else if x.name.eq_ignore_ascii_case("connection") {
                    h.close = x.value.eq_ignore_ascii_case(b"close");
                }
            }
            Ok(Some(h))
        }
    }
}

/// Incremental decoder of chunked transfer coding.
#[derive(Default)]
pub struct Chunked {
    state: u8, // 0 size line, 1 data, 2 CRLF after data, 3 trailers
    left: usize,
    line: Vec<u8>,
    pub done: bool,
}

impl Chunked {
    /// Consumes `inp`, calls `sink` with body bytes, returns how many bytes were used.
    pub fn feed(&mut self, inp: &[u8], mut sink: impl FnMut(&[u8])) -> Result<usize, String> {
        let mut i = 0;
        while i < inp.len() && !self.done {
            match self.state {
                1 => {
                    let n = self.left.min(inp.len() - i);
                    sink(&inp[i..i + n]);
                    i += n;
                    self.left -= n;
                    if self.left == 0 {
                        self.state = 2;
                        self.line.clear();
                    }
                }
                _ => {
                    let b = inp[i];
                    i += 1;
                    if b != b'\n' {
                        self.line.push(b);
                        continue;
                    }
                    if self.line.last() == Some(&b'\r') {
                        self.line.pop();
                    }
                    match self.state {
                        0 => {
                            let s = std::str::from_utf8(&self.line).map_err(|e| e.to_string())?;
                            let s = s.split(';').next().unwrap_or("").trim();
                            self.left = usize::from_str_radix(s, 16).map_err(|_| format!("bad chunk size {s:?}"))?;
                            self.state = if self.left == 0 { 3 } else { 1 };
                        }
                        2 => self.state = 0,
                        _ => {
                            if self.line.is_empty() {
                                self.done = true;
                            }
                        }
                    }
                    self.line.clear();
                }
            }
        }
        Ok(i)
    }
}

impl Conn {
    pub fn new(addr: SocketAddr) -> Conn {
        Conn { addr, sock: None, buf: vec![0; 64 * 1024], len: 0 }
    }

    pub async fn ensure(&mut self) -> Result<(), String> {
        if self.sock.is_none() {
            let s = TcpStream::connect(self.addr).await.map_err(|e| format!("connect: {e}"))?;
            s.set_nodelay(true).map_err(|e| e.to_string())?;
            self.sock = Some(s);
            self.len = 0;
        }
        Ok(())
    }

    /// Sends one request and reads its whole response; returns (status, body length).
    /// `body` receives the body when given.
    pub async fn call(&mut self, req: &[u8], mut body: Option<&mut Vec<u8>>) -> Result<(u16, usize), String> {
        self.ensure().await?;
        let r = self.call_inner(req, &mut body).await;
        match &r {
            Err(_) => self.sock = None,
            Ok((_, _, true)) => self.sock = None,
            Ok(_) => {}
        }
        r.map(|(s, n, _)| (s, n))
    }

    async fn fill(&mut self) -> Result<(), String> {
        if self.len == self.buf.len() {
            self.buf.resize(self.buf.len() * 2, 0);
        }
        let s = self.sock.as_mut().ok_or("not connected")?;
        let n = s.read(&mut self.buf[self.len..]).await.map_err(|e| format!("read: {e}"))?;
        if n == 0 {
            return Err("connection closed by server".into());
        }
        self.len += n;
        Ok(())
    }

    async fn call_inner(&mut self, req: &[u8], body: &mut Option<&mut Vec<u8>>) -> Result<(u16, usize, bool), String> {
        let s = self.sock.as_mut().ok_or("not connected")?;
        s.write_all(req).await.map_err(|e| format!("write: {e}"))?;
        let head = loop {
            if self.len > 0 {
                if let Some(h) = parse_head(&self.buf[..self.len])? {
                    break h;
                }
            }
            self.fill().await?;
        };
        let mut pos = head.header_len;
        let mut got = 0usize;
        if head.status == 204 || head.status == 304 {
            // no body
        } else if head.chunked {
            let mut dec = Chunked::default();
            loop {
                let used = dec.feed(&self.buf[pos..self.len], |b| {
                    got += b.len();
                    if let Some(o) = body.as_deref_mut() {
                        o.extend_from_slice(b);
                    }
                })?;
                pos += used;
                if dec.done {
                    break;
                }
                self.len = 0;
                pos = 0;
                self.fill().await?;
            }
        } else {
            let want = head.content_length.ok_or("response has neither length nor chunks")?;
            while got < want {
                let n = (self.len - pos).min(want - got);
                if let Some(o) = body.as_deref_mut() {
                    o.extend_from_slice(&self.buf[pos..pos + n]);
                }
                got += n;
                pos += n;
                if got < want {
                    self.len = 0;
                    pos = 0;
                    self.fill().await?;
                }
            }
        }
        // Requests are not pipelined, so nothing may be left over.
        if pos != self.len {
            return Err(format!("{} unexpected bytes after response", self.len - pos));
        }
        self.len = 0;
        Ok((head.status, got, head.close))
    }

    /// Writes a request and leaves the response to the caller (event streams).
    pub async fn start(&mut self, req: &[u8]) -> Result<(), String> {
        self.ensure().await?;
        let s = self.sock.as_mut().ok_or("not connected")?;
        s.write_all(req).await.map_err(|e| format!("write: {e}"))
    }

    pub fn into_socket(self) -> Option<TcpStream> {
        self.sock
    }
}

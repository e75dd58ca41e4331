//! A client of the event stream that takes nothing but exactly the documented bytes.
//!
//! It speaks HTTP itself: a test can leave at any byte, read as slowly as it likes and see every header.

use std::io;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::server::{Answer, Client};

/// What is awaited for longer than this will not come: the test fails instead of hanging.
const DEADLINE: Duration = Duration::from_mins(1);

/// Awaits what has to happen.
#[track_caller]
pub(crate) fn in_time<T>(what: impl Future<Output = T>) -> impl Future<Output = T> {
    let asked_at = std::panic::Location::caller();
    async move {
        let waited = tokio::time::timeout(DEADLINE, what).await;
        waited.unwrap_or_else(|_| panic!("{asked_at}: nothing came for {DEADLINE:?}"))
    }
}

/// One frame.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// The event's name.
    pub(crate) topic: String,
    pub(crate) data: Json,
}

impl Event {
    pub(crate) fn record(&self) -> &Json {
        &self.data["record"]
    }

    pub(crate) fn action(&self) -> &str {
        self.data["action"].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn seq(&self) -> i64 {
        self.data["seq"].as_i64().unwrap_or_else(|| panic!("no seq: {}", self.data))
    }
}

/// Why there is no stream.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The server is not there, or went away.
    Lost,
    Answered {
        status: u16,
        body: Json,
    },
}

/// How a stream is to be opened.
#[derive(Clone)]
pub(crate) struct Opening {
    address: String,
    path: String,
    headers: String,
    receive_buffer: Option<u32>,
}

impl Opening {
    /// `lastEventSeq=7`
    pub(crate) fn query(mut self, query: &str) -> Self {
        self.path = format!("{}?{query}", self.path);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// Lets little wait in this machine's buffers, in bytes.
    pub(crate) fn receive_buffer(mut self, size: u32) -> Self {
        self.receive_buffer = Some(size);
        self
    }

    /// Opens it and reads the first frame.
    #[track_caller]
    pub(crate) fn open(self) -> impl Future<Output = Stream> {
        let asked_at = std::panic::Location::caller();
        async move { self.attempt().await.unwrap_or_else(|refused| panic!("{asked_at}: {refused:?}")) }
    }

    /// As [`Opening::open`], where it may be refused.
    pub(crate) async fn attempt(self) -> Result<Stream, Refused> {
        in_time(self.connect()).await
    }

    async fn connect(self) -> Result<Stream, Refused> {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(size) = self.receive_buffer {
            socket.set_recv_buffer_size(size).unwrap();
        }
        let Ok(socket) = socket.connect(self.address.parse().unwrap()).await else { return Err(Refused::Lost) };
        let mut stream = Stream {
            id: String::new(),
            greeting: String::new(),
            headers: Vec::new(),
            position: None,
            last: None,
            socket,
            raw: Vec::new(),
            text: Vec::new(),
            has_ended: false,
        };
        let head = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\n{}\r\n",
            self.path, self.address, self.headers
        );
        stream.socket.write_all(head.as_bytes()).await.map_err(|_| Refused::Lost)?;
        let status = stream.read_head().await?;
        if status != 200 {
            let body = stream.read_refusal().await?;
            return Err(Refused::Answered { status, body });
        }
        assert_eq!(stream.header("transfer-encoding"), Some("chunked"));
        let greeting = stream.next_frame().await.ok_or(Refused::Lost)?;
        stream.greet(greeting);
        Ok(stream)
    }
}

/// An open stream; dropping it closes the connection, whatever is still to be read.
pub(crate) struct Stream {
    /// The client id.
    pub(crate) id: String,
    /// The first frame as it came.
    pub(crate) greeting: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// What a client sends as `lastEventSeq` when it comes back.
    pub(crate) position: Option<i64>,
    /// The number of the last frame, which none may be below.
    last: Option<i64>,
    socket: TcpStream,
    /// Received with the marks of chunks.
    raw: Vec<u8>,
    /// Received without them.
    text: Vec<u8>,
    has_ended: bool,
}

impl Stream {
    /// Nobody says who they are when they open a stream.
    pub(crate) fn to(base: &str) -> Opening {
        Opening {
            address: base.trim_start_matches("http://").to_owned(),
            path: "/api/realtime".to_owned(),
            headers: String::new(),
            receive_buffer: None,
        }
    }

    /// A stream that somebody has subscribed on.
    pub(crate) async fn of(client: &Client, topics: &[&str]) -> Self {
        let mut stream = Self::to(&client.base).open().await;
        stream.subscribe(client, topics).await;
        stream
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The request that sets subscriptions, with `more` keys.
    pub(crate) fn request(&self, topics: &[&str], more: &Json) -> Json {
        let mut body = json!({"clientId": self.id, "subscriptions": topics});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    pub(crate) async fn subscribe(&mut self, client: &Client, topics: &[&str]) {
        let answer = self.try_subscribe(client, topics).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""), "{topics:?}");
    }

    pub(crate) async fn try_subscribe(&self, client: &Client, topics: &[&str]) -> Answer {
        client.post("/api/realtime", self.request(topics, &json!({}))).await
    }

    /// Subscribes and asks for what came after `seq`.
    pub(crate) async fn resume(&mut self, client: &Client, topics: &[&str], seq: i64) {
        let body = self.request(topics, &json!({"lastEventSeq": seq}));
        client.post("/api/realtime", body).await.expect(204);
    }

    /// The next frame.
    #[track_caller]
    pub(crate) fn next(&mut self) -> impl Future<Output = Event> {
        let asked_at = std::panic::Location::caller();
        let next = in_time(self.next_or_end());
        async move { next.await.unwrap_or_else(|| panic!("{asked_at}: the stream ended")) }
    }

    /// What came before the frame that `is_marker` knows, which has to come.
    #[track_caller]
    pub(crate) fn until(&mut self, is_marker: impl Fn(&Event) -> bool) -> impl Future<Output = Vec<Event>> {
        let asked_at = std::panic::Location::caller();
        async move {
            let mut events = Vec::new();
            loop {
                let next = tokio::time::timeout(DEADLINE, self.next_or_end()).await;
                let Ok(Some(event)) = next else { panic!("{asked_at}: no marker, but {events:?}") };
                if is_marker(&event) {
                    return events;
                }
                events.push(event);
            }
        }
    }

    /// The next frame; `None` when the server is gone or has closed the stream.
    pub(crate) async fn next_or_end(&mut self) -> Option<Event> {
        let frame = self.next_frame().await?;
        let (topic, text) = split_frame(&frame, &self.id);
        let data: Json = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let event = Event { topic: topic.to_owned(), data };
        check(&event, text);
        if let Some(seq) = event.data["seq"].as_i64() {
            assert!(self.last <= Some(seq), "{} after {:?}", event.data, self.last);
            (self.last, self.position) = (Some(seq), Some(seq));
        }
        Some(event)
    }

    fn greet(&mut self, frame: String) {
        let id = frame.strip_prefix("id:").and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        assert!(id.len() == 40 && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{frame:?}");
        id.clone_into(&mut self.id);
        let (topic, text) = split_frame(&frame, id);
        assert_eq!(topic, "PB_CONNECT");
        let data: Json = serde_json::from_str(text).unwrap();
        assert_eq!(data["clientId"], id);
        self.position = data["seq"].as_i64();
        self.greeting = frame;
    }

    async fn next_frame(&mut self) -> Option<String> {
        let mut searched = 0;
        loop {
            if let Some(at) = find(&self.text[searched..], b"\n\n") {
                let frame: Vec<u8> = self.text.drain(..searched + at + 2).collect();
                return Some(String::from_utf8(frame).unwrap());
            }
            // The end may lie across two pieces.
            searched = self.text.len().saturating_sub(1);
            if !self.take_chunk() && (self.has_ended || self.receive().await.is_err()) {
                return None;
            }
        }
    }

    /// Moves a chunk that came whole over to the text.
    fn take_chunk(&mut self) -> bool {
        let Some(line) = find(&self.raw, b"\r\n") else { return false };
        let digits = std::str::from_utf8(&self.raw[..line]).unwrap();
        let size = usize::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("{digits:?} is no chunk size"));
        let end = line + 2 + size;
        if self.raw.len() < end + 2 {
            return false;
        }
        assert_eq!(&self.raw[end..end + 2], b"\r\n");
        self.text.extend_from_slice(&self.raw[line + 2..end]);
        self.raw.drain(..end + 2);
        if size == 0 {
            self.has_ended = true;
        }
        true
    }

    async fn receive(&mut self) -> io::Result<()> {
        match self.socket.read_buf(&mut self.raw).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Reads the head of the answer: its status.
    async fn read_head(&mut self) -> Result<u16, Refused> {
        let end = loop {
            if let Some(end) = find(&self.raw, b"\r\n\r\n") {
                break end;
            }
            self.receive().await.map_err(|_| Refused::Lost)?;
        };
        let head: Vec<u8> = self.raw.drain(..end + 4).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()).unwrap();
        let parts = lines.map(|line| line.split_once(": ").unwrap());
        self.headers = parts.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Ok(status)
    }

    async fn read_refusal(&mut self) -> Result<Json, Refused> {
        let length: usize = self.header("content-length").unwrap().parse().unwrap();
        while self.raw.len() < length {
            self.receive().await.map_err(|_| Refused::Lost)?;
        }
        Ok(serde_json::from_slice(&self.raw).unwrap())
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// Topic and data of a frame, which has nothing else.
fn split_frame<'a>(frame: &'a str, id: &str) -> (&'a str, &'a str) {
    let rest = frame.strip_prefix(&format!("id:{id}\nevent:"));
    let parts = rest.and_then(|rest| rest.strip_suffix("\n\n")?.split_once("\ndata:"));
    let Some((topic, data)) = parts.filter(|(topic, data)| !topic.contains('\n') && !data.contains('\n')) else {
        panic!("{frame:?} is no frame of {id}");
    };
    (topic, data)
}

/// The data's keys, their order, and nothing between them.
fn check(event: &Event, text: &str) {
    let seq = event.data.get("seq");
    // Other servers of this protocol do not number their events.
    let tail = seq.map_or(String::new(), |seq| format!(",\"seq\":{}", seq.as_i64().unwrap()));
    match event.topic.as_str() {
        "@resumed" | "@resync" => assert_eq!(text, format!("{{{}}}", tail.trim_start_matches(','))),
        "@oauth2" => {}
        _ => {
            assert!(["create", "update", "delete"].contains(&event.action()), "{text}");
            let tail = format!(",\"action\":\"{}\"{tail}}}", event.action());
            let record = text.strip_prefix("{\"record\":").and_then(|rest| rest.strip_suffix(&tail));
            let record: Json = serde_json::from_str(record.unwrap_or_else(|| panic!("{text}"))).unwrap();
            assert!(record.is_object() && record == *event.record(), "{text}");
            assert_eq!(event.data.as_object().unwrap().len(), 2 + usize::from(seq.is_some()), "{text}");
        }
    }
    assert!(is_compact(text), "{text}");
}

/// Whether nothing is blank outside of strings.
fn is_compact(text: &str) -> bool {
    let (mut in_string, mut is_escaped) = (false, false);
    text.bytes().all(|byte| {
        let is_blank = byte.is_ascii_whitespace() && !in_string;
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_string,
            b'"' => in_string = !in_string,
            _ => {}
        }
        !is_blank
    })
}

#[test]
fn what_is_compact() {
    for (text, want) in [
        (r#"{"a b":"c \" d\\","e":1}"#, true),
        (r#"{"a": 1}"#, false),
        ("{\"a\":1}\n", false),
        (r#"{"a":"\\" ,"b":1}"#, false),
    ] {
        assert_eq!(is_compact(text), want, "{text}");
    }
}

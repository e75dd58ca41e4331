//! A mail server for one test: plain SMTP on port 0, which can be told to misbehave.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

/// How long a mail may take to come before the test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A mail server; its thread ends with the test.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    received: mpsc::UnboundedReceiver<Received>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Replies to give instead of the usual ones: (verb, reply).
    refusals: Mutex<VecDeque<(String, String)>>,
    /// Every command, connections as `CONNECT`.
    commands: Mutex<Vec<String>>,
    /// Offered ways to sign in; empty for none.
    mechanisms: String,
}

/// A mail as it came.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) raw: String,
}

impl MailServer {
    /// A server without sign-in.
    pub(crate) fn start() -> Self {
        Self::with_auth("")
    }

    /// A server that offers these ways to sign in (`PLAIN LOGIN`) and takes any credentials.
    pub(crate) fn with_auth(mechanisms: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, received) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { mechanisms: mechanisms.to_owned(), ..Shared::default() });
        let for_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (shared, sender) = (Arc::clone(&for_thread), sender.clone());
                // A client that hangs up in the middle is none of the server's business.
                std::thread::spawn(move || converse(&stream.unwrap(), &shared, &sender));
            }
        });
        Self { port, received, shared }
    }

    /// Answers the next command with this verb (`RCPT`, or `.` for the end of a mail) like this; `hang up` closes the
    /// connection, `be silent` never answers.
    pub(crate) fn answer_once(&self, verb: &str, reply: &str) {
        self.shared.refusals.lock().unwrap().push_back((verb.to_owned(), reply.to_owned()));
    }

    /// The next mail that was taken.
    pub(crate) async fn next(&mut self) -> Received {
        tokio::time::timeout(PATIENCE, self.received.recv()).await.expect("a mail comes").unwrap()
    }

    /// Every command so far that begins with this.
    pub(crate) fn commands(&self, verb: &str) -> Vec<String> {
        let commands = self.shared.commands.lock().unwrap();
        commands.iter().filter(|command| command.starts_with(verb)).cloned().collect()
    }

    /// The `smtp` settings to reach it by.
    pub(crate) fn settings(&self) -> Json {
        json!({"enabled": true, "host": "127.0.0.1", "port": self.port})
    }
}

impl Shared {
    fn note(&self, command: &str) {
        self.commands.lock().unwrap().push(command.to_owned());
    }

    /// The reply that was asked for, if any.
    fn refusal(&self, verb: &str) -> Option<String> {
        let mut refusals = self.refusals.lock().unwrap();
        let position = refusals.iter().position(|(wanted, _)| wanted == verb)?;
        refusals.remove(position).map(|(_, reply)| reply)
    }
}

fn converse(stream: &TcpStream, shared: &Shared, sender: &mpsc::UnboundedSender<Received>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let mut writer = stream;
    let mut say = |reply: &str| -> Option<()> {
        match reply {
            "hang up" => None,
            "be silent" => loop {
                std::thread::park();
            },
            reply => writer.write_all(format!("{reply}\r\n").as_bytes()).ok(),
        }
    };
    shared.note("CONNECT");
    say(&shared.refusal("CONNECT").unwrap_or_else(|| "220 test".to_owned()))?;
    let (mut from, mut to) = (String::new(), String::new());
    loop {
        let line = lines.next()?.ok()?;
        shared.note(&line);
        let verb = line.split(' ').next().unwrap_or_default().to_uppercase();
        if let Some(reply) = shared.refusal(&verb) {
            say(&reply)?;
            continue;
        }
        match verb.as_str() {
            "EHLO" if shared.mechanisms.is_empty() => say("250-test\r\n250 8BITMIME")?,
            "EHLO" => say(&format!("250-test\r\n250 AUTH {}", shared.mechanisms))?,
            "AUTH" if line.starts_with("AUTH LOGIN") => {
                for prompt in ["Username:", "Password:"] {
                    say(&format!("334 {}", BASE64_STANDARD.encode(prompt)))?;
                    shared.note(&format!("LOGIN {}", lines.next()?.ok()?));
                }
                say("235 welcome")?;
            }
            "AUTH" => say("235 welcome")?,
            "MAIL" => {
                from = line;
                say("250 ok")?;
            }
            "RCPT" => {
                to = line;
                say("250 ok")?;
            }
            "DATA" => {
                say("354 go on")?;
                let mut raw = String::new();
                loop {
                    let line = lines.next()?.ok()?;
                    if line == "." {
                        break;
                    }
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push_str("\r\n");
                }
                if let Some(reply) = shared.refusal(".") {
                    say(&reply)?;
                    continue;
                }
                let address = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                // Told first: a test that knows of the delivery finds the mail.
                sender.send(Received { from: address(&from), to: address(&to), raw }).ok()?;
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            "NOOP" | "RSET" => say("250 ok")?,
            _ => say("502 unknown")?,
        }
    }
}

impl Received {
    /// Names of all headers, in lower case.
    pub(crate) fn header_names(&self) -> Vec<String> {
        self.headers().into_iter().map(|(name, _)| name).collect()
    }

    /// A header's value, unfolded.
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers().into_iter().find(|(n, _)| n == name).expect(name).1
    }

    fn headers(&self) -> Vec<(String, String)> {
        headers_of(self.raw.split_once("\r\n\r\n").unwrap().0)
    }

    /// The decoded part of this type (`text/html`).
    pub(crate) fn part(&self, media_type: &str) -> String {
        let content_type = self.header("content-type");
        let boundary = content_type.split("boundary=").nth(1).unwrap().trim_matches('"');
        let part = self.raw.split(&format!("--{boundary}")).skip(1).find_map(|part| {
            let (head, body) = part.trim_start().split_once("\r\n\r\n")?;
            let headers = headers_of(head);
            let value = |name: &str| headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
            value("content-type").starts_with(media_type).then(|| match value("content-transfer-encoding") {
                "base64" => BASE64_STANDARD.decode(body.replace("\r\n", "")).unwrap(),
                "quoted-printable" => decode_quoted(body),
                _ => body.as_bytes().to_vec(),
            })
        });
        String::from_utf8(part.expect(media_type)).unwrap().replace("\r\n", "\n")
    }
}

fn headers_of(head: &str) -> Vec<(String, String)> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let pair = |line: &str| {
        let (name, value) = line.split_once(':').expect(line);
        (name.to_lowercase(), value.trim().to_owned())
    };
    unfolded.split("\r\n").map(pair).collect()
}

/// Quoted-printable (RFC 2045, section 6.7).
fn decode_quoted(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'=' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    out
}

//! What is logged, as the path of a request hands it over, and the row it becomes on the thread that writes.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::mask::{mask_json, mask_text, mask_url};
use crate::clock::date_text;
use crate::networks::full_text;
use crate::schema::{Collection, IdOrder, generate_id, json_text};
use crate::settings;

/// How much an entry matters; the numbers are the ones that are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Level {
    Debug = -4,
    Info = 0,
    Warn = 4,
    Error = 8,
}

/// Longest URL that is stored, in characters.
const MAX_URL: usize = 3000;

/// Longest referer and user agent, message and text attribute that is stored, in characters.
const MAX_TEXT: usize = 2000;

/// Most of a header or URL that is looked at, in bytes: what is masked becomes shorter.
const MAX_READ: usize = 8192;

/// Longest JSON of an error's details, in bytes.
const MAX_DETAILS: usize = 16 * 1024;

/// What a request says of itself. The texts are copies: parts of the request would keep its whole buffer in memory.
#[derive(Debug, Default)]
pub struct RequestTexts {
    text: String,
    ends: [usize; Self::COUNT],
}

impl RequestTexts {
    const COUNT: usize = 6;

    /// Copies method, path with query, `Referer`, `User-Agent`, request id and name of the client.
    pub fn new(parts: [&[u8]; Self::COUNT]) -> Self {
        let mut text = String::with_capacity(parts.iter().map(|part| part.len().min(MAX_READ)).sum());
        let ends = parts.map(|part| {
            text.push_str(&String::from_utf8_lossy(&part[..part.len().min(MAX_READ)]));
            text.len()
        });
        Self { text, ends }
    }

    fn parts(&self) -> [&str; Self::COUNT] {
        let mut start = 0;
        self.ends.map(|end| &self.text[std::mem::replace(&mut start, end)..end])
    }
}

/// Who a request was proven to come from.
#[derive(Debug, Clone)]
pub struct LoggedAuth {
    /// The record's collection.
    pub collection: Arc<Collection>,
    /// The record's id.
    pub id: String,
}

/// Why a request failed.
#[derive(Debug)]
pub struct Failure {
    /// What the client was told.
    pub message: Cow<'static, str>,
    /// What it was told by field, or what it was not told; null for nothing.
    pub details: Json,
}

/// An answered request.
#[derive(Debug)]
pub struct RequestEntry {
    /// Unix time in milliseconds.
    pub at_ms: i64,
    /// What it says of itself.
    pub texts: RequestTexts,
    /// The status of the answer.
    pub status: u16,
    /// How long it took until there was an answer.
    pub duration: Duration,
    /// Who it came from.
    pub auth: Option<LoggedAuth>,
    /// The address of the client.
    pub user_ip: IpAddr,
    /// The address of the connection.
    pub remote_ip: Option<IpAddr>,
    /// Boxed, for few have one.
    pub failure: Option<Box<Failure>>,
}

impl RequestEntry {
    /// How much it matters.
    pub fn level(&self) -> Level {
        Self::level_of(self.status, self.failure.is_some())
    }

    /// How much a request with this status matters.
    pub fn level_of(status: u16, has_failed: bool) -> Level {
        if has_failed || status >= 400 { Level::Error } else { Level::Info }
    }
}

/// Something the server says.
#[derive(Debug)]
pub struct MessageEntry {
    /// Unix time in milliseconds.
    pub at_ms: i64,
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// About what.
    pub data: Map<String, Json>,
}

/// Something to be stored.
#[derive(Debug)]
pub(super) enum Entry {
    Request(RequestEntry),
    Message(MessageEntry),
}

/// An entry as it is stored.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) level: i8,
    pub(super) message: String,
    /// JSON.
    pub(super) data: String,
    pub(super) created: String,
}

impl Entry {
    /// About the memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Request(request) => {
                    let failure = request.failure.as_ref();
                    request.texts.text.len()
                        + failure.map_or(0, |failure| failure.message.len() + weight(&failure.details))
                }
                Self::Message(entry) => entry.message.len() + entry.data.values().map(weight).sum::<usize>(),
            }
    }

    /// How much it matters.
    pub(super) fn level(&self) -> Level {
        match self {
            Self::Request(request) => request.level(),
            Self::Message(entry) => entry.level,
        }
    }

    /// What is stored of it.
    pub(super) fn into_row(self, settings: &settings::Logs) -> Row {
        let level = self.level() as i8;
        let (at_ms, message, data) = match self {
            Self::Request(request) => {
                let (message, data) = request.describe(settings);
                (request.at_ms, message, data)
            }
            Self::Message(entry) => {
                let mut data = Json::Object(entry.data);
                mask_json(&mut data);
                shorten(&mut data);
                let mut out = Vec::new();
                json_text::write_value(&mut out, &data);
                (entry.at_ms, cut(&printable(&mask_text(&entry.message)), MAX_TEXT).into_owned(), out)
            }
        };
        let data = String::from_utf8(data).unwrap_or_else(|_| "{}".to_owned());
        Row { id: generate_id(at_ms, IdOrder::Time), level, message, data, created: date_text(at_ms) }
    }
}

impl RequestEntry {
    /// Message and data.
    fn describe(&self, settings: &settings::Logs) -> (String, Vec<u8>) {
        let [method, url, referer, user_agent, request_id, client] = self.texts.parts();
        let url = mask_url(url);
        let decoded = percent_encoding::percent_decode_str(&url).decode_utf8_lossy();
        // What was encoded can look like a secret only now.
        let message = format!("{method} {}", cut(&printable(&mask_url(&decoded)), MAX_URL));
        let mut data = Data::new();
        data.text("auth", self.auth.as_ref().map_or("", |auth| auth.collection.name.as_str()));
        if let (true, Some(auth)) = (settings.log_auth_id, &self.auth) {
            data.text("authId", &auth.id);
        }
        if !client.is_empty() {
            data.text("client", client);
        }
        if let Some(failure) = &self.failure {
            data.key("details");
            data.out.extend_from_slice(&details_of(&failure.details));
            data.text("error", &cut(&mask_text(&failure.message), MAX_TEXT));
        }
        data.key("execTime");
        // Whole nanoseconds as milliseconds.
        json_text::write_number(&mut data.out, (self.duration.as_secs_f64() * 1e9).round() / 1e6);
        data.text("method", method);
        data.text("referer", &cut(&mask_url(referer), MAX_TEXT));
        if settings.log_ip {
            data.text("remoteIP", &self.remote_ip.map(full_text).unwrap_or_default());
        }
        data.text("requestId", &mask_text(request_id));
        data.key("status");
        json_text::write_integer(&mut data.out, i64::from(self.status));
        data.text("type", "request");
        data.text("url", &cut(&url, MAX_URL));
        data.text("userAgent", &cut(&mask_text(user_agent), MAX_TEXT));
        if settings.log_ip {
            data.text("userIP", &full_text(self.user_ip));
        }
        (message, data.finish())
    }
}

/// An object that is written key by key.
struct Data {
    out: Vec<u8>,
}

impl Data {
    fn new() -> Self {
        let mut out = Vec::with_capacity(512);
        out.push(b'{');
        Self { out }
    }

    fn key(&mut self, key: &str) {
        if self.out.len() > 1 {
            self.out.push(b',');
        }
        json_text::write_string(&mut self.out, key);
        self.out.push(b':');
    }

    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        json_text::write_string(&mut self.out, value);
    }

    fn finish(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }
}

fn details_of(details: &Json) -> Vec<u8> {
    let mut details = details.clone();
    mask_json(&mut details);
    shorten(&mut details);
    let mut out = Vec::new();
    json_text::write_value(&mut out, &details);
    if out.len() > MAX_DETAILS { b"\"...\"".to_vec() } else { out }
}

/// Cuts every text.
fn shorten(value: &mut Json) {
    match value {
        Json::String(text) => {
            if let Cow::Owned(short) = cut(text, MAX_TEXT) {
                *text = short;
            }
        }
        Json::Array(items) => items.iter_mut().for_each(shorten),
        Json::Object(members) => members.values_mut().for_each(shorten),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// The beginning of a text, with dots where something is left out.
fn cut(text: &str, max_characters: usize) -> Cow<'_, str> {
    // A character has at least a byte.
    if text.len() <= max_characters {
        return Cow::Borrowed(text);
    }
    match text.char_indices().nth(max_characters) {
        Some((end, _)) => Cow::Owned(format!("{}...", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Without characters that would end or hide a line; SQLite's text functions stop at the first NUL.
fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
        return Cow::Owned(text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "\u{FFFD}"));
    }
    Cow::Borrowed(text)
}

/// About the memory a value takes, in bytes.
fn weight(value: &Json) -> usize {
    size_of::<Json>()
        + match value {
            Json::String(text) => text.len(),
            Json::Array(items) => items.iter().map(weight).sum(),
            Json::Object(members) => members.iter().map(|(key, member)| key.len() + weight(member)).sum(),
            Json::Null | Json::Bool(_) | Json::Number(_) => 0,
        }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings() -> settings::Logs {
        crate::settings::Settings::default().logs
    }

    pub(super) fn request(url: &str, referer: &str, agent: &str) -> RequestEntry {
        RequestEntry {
            at_ms: 0,
            texts: RequestTexts::new([b"GET", url.as_bytes(), referer.as_bytes(), agent.as_bytes(), b"id1", b""]),
            status: 200,
            duration: Duration::from_nanos(1_234_567),
            auth: None,
            user_ip: [192, 0, 2, 1].into(),
            remote_ip: Some([127, 0, 0, 1].into()),
            failure: None,
        }
    }

    fn stored(entry: RequestEntry, settings: &settings::Logs) -> (String, Json) {
        let row = Entry::Request(entry).into_row(settings);
        (row.message, serde_json::from_str(&row.data).unwrap())
    }

    #[test]
    fn a_request_has_the_attributes_of_the_reference() {
        let (message, data) = stored(request("/api/health?a=b%20c", "http://x/", "curl"), &settings());
        assert_eq!(message, "GET /api/health?a=b c");
        let want = json!({
            "auth": "", "execTime": 1.234_567, "method": "GET", "referer": "http://x/", "remoteIP": "127.0.0.1",
            "requestId": "id1", "status": 200, "type": "request", "url": "/api/health?a=b%20c", "userAgent": "curl",
            "userIP": "192.0.2.1",
        });
        assert_eq!(data, want);
        let no_ip = settings::Logs { log_ip: false, ..settings() };
        let (_, data) = stored(request("/", "", ""), &no_ip);
        assert_eq!((data.get("userIP"), data.get("remoteIP")), (None, None));
    }

    #[test]
    fn texts_are_cut_and_masked() {
        let long = "ä".repeat(9000);
        let (message, data) = stored(request(&format!("/{long}?token=s3cret"), &long, &long), &settings());
        let length = |key: &str| data[key].as_str().unwrap().chars().count();
        assert_eq!((length("url"), length("referer"), length("userAgent")), (3003, 2003, 2003));
        assert!(data["url"].as_str().unwrap().ends_with("..."));
        assert_eq!(message.chars().count(), "GET ".len() + 3003);
        let (message, data) = stored(request("/a%00b?%74oken=s3cret", "http://x/?code=s3cret", ""), &settings());
        assert_eq!(message, "GET /a\u{FFFD}b?token=***");
        assert!(!data.to_string().contains("s3cret"));
    }

    #[test]
    fn failures_tell_message_and_details() {
        let failure = |details| Some(Box::new(Failure { message: "No.".into(), details }));
        let entry =
            RequestEntry { status: 204, failure: failure(json!({"mfaId": "s3cret", "n": 1})), ..request("/", "", "") };
        assert_eq!(entry.level(), Level::Error);
        let (_, data) = stored(entry, &settings());
        assert_eq!((&data["error"], &data["details"]), (&json!("No."), &json!({"mfaId": "***", "n": 1})));
        let large = json!(vec!["x".repeat(1000); 50]);
        let entry = RequestEntry { failure: failure(large), ..request("/", "", "") };
        assert_eq!(stored(entry, &settings()).1["details"], "...");
    }
}

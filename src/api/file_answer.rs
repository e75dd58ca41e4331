//! Answers that are files: conditions, ranges, and the headers that make user content harmless (reference part 3,
//! section 10.4).

use std::ops::Range;
use std::time::SystemTime;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, EntityTag, Header, HeaderValue, HttpDate, IfMatch, IfModifiedSince, IfNoneMatch, IfRange, IfUnmodifiedSince,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{StreamExt, stream};
use http_range::HttpRange;

use super::ApiError;
use super::file_body::FileContent;
use super::frame::MayBeFramed;
use crate::schema::ids;

/// Most parts of one answer. Who asks for more gets the whole file.
const MAX_RANGES: usize = 50;

/// Nothing in the file may run, load or send anything.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox");

/// How long an answer may be used again.
#[derive(Debug, Clone, Copy)]
pub(super) enum Caching {
    /// By everyone, for long: names never come back with other content.
    Public,
    /// By who got it, when asked for again each time: whoever may see it today may be denied it tomorrow.
    Protected,
    /// Not at all.
    None,
}

impl Caching {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Public => "max-age=2592000, stale-while-revalidate=86400",
            Self::Protected => "private, no-cache",
            Self::None => "no-store",
        })
    }
}

/// A file to be sent.
#[derive(Debug)]
pub(super) struct FileAnswer {
    pub(super) content: FileContent,
    /// Bytes.
    pub(super) size: u64,
    /// `None` for one that was made just now.
    pub(super) modified: Option<SystemTime>,
    pub(super) content_type: String,
    pub(super) disposition: String,
    pub(super) caching: Caching,
}

impl FileAnswer {
    /// The answer to this request.
    pub(super) fn respond(self, request: &HttpRequest) -> Result<HttpResponse, ApiError> {
        let tag = self.modified.map(|modified| entity_tag(self.size, modified));
        match condition(request, tag.as_ref(), self.modified) {
            Condition::Holds => {}
            Condition::Fails => return Err(ApiError::new(StatusCode::PRECONDITION_FAILED, "The file has changed.")),
            Condition::NotModified => return Ok(self.head(StatusCode::NOT_MODIFIED, tag.as_ref()).finish()),
        }
        let ranges = if applies(request, tag.as_ref(), self.modified) { self.ranges(request) } else { Ranges::Whole };
        match ranges {
            Ranges::Whole => {
                let mut response = self.head(StatusCode::OK, tag.as_ref());
                self.describe(&mut response);
                let whole = 0..self.size;
                Ok(self.send(response, whole))
            }
            Ranges::None => {
                let mut response = actix_web::ResponseError::error_response(&ApiError::new(
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    "The file has no such part.",
                ));
                response.headers_mut().insert(header::CONTENT_RANGE, text(&format!("bytes */{}", self.size)));
                Ok(response)
            }
            Ranges::One(range) => {
                let mut response = self.head(StatusCode::PARTIAL_CONTENT, tag.as_ref());
                self.describe(&mut response);
                response.insert_header((header::CONTENT_RANGE, self.content_range(&range)));
                Ok(self.send(response, range))
            }
            Ranges::Several(ranges) => Ok(self.send_parts(tag.as_ref(), ranges)),
        }
    }

    /// What every answer has, also one without a body.
    fn head(&self, status: StatusCode, tag: Option<&EntityTag>) -> actix_web::HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        response.extensions_mut().insert(MayBeFramed);
        response
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((header::CACHE_CONTROL, self.caching.header()));
        if let Some(tag) = tag {
            response.insert_header((header::ETAG, tag.to_string()));
        }
        if let Some(modified) = self.modified {
            response.insert_header((header::LAST_MODIFIED, HttpDate::from(modified)));
        }
        response
    }

    fn describe(&self, response: &mut actix_web::HttpResponseBuilder) {
        response
            .insert_header((header::CONTENT_TYPE, text(&self.content_type)))
            .insert_header((header::CONTENT_DISPOSITION, text(&self.disposition)))
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            // Ranges count the bytes of the file, not of a compressed one; the frame takes the header off again.
            .insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("identity")));
    }

    fn send(self, mut response: actix_web::HttpResponseBuilder, range: Range<u64>) -> HttpResponse {
        match self.content.read_now(&range) {
            Some(bytes) => response.body(bytes),
            None => response.body(SizedStream::new(range.end - range.start, self.content.read(range))),
        }
    }

    fn ranges(&self, request: &HttpRequest) -> Ranges {
        // An empty file has no part at all, and is what was asked for.
        let Some(asked) = request.headers().get(header::RANGE).filter(|_| self.size > 0) else { return Ranges::Whole };
        let Ok(ranges) = HttpRange::parse_bytes(asked.as_bytes(), self.size) else { return Ranges::None };
        let total = ranges.iter().fold(0, |total: u64, range| total.saturating_add(range.length));
        if ranges.is_empty() || ranges.len() > MAX_RANGES || total > self.size {
            return Ranges::Whole;
        }
        let mut ranges: Vec<_> = ranges.into_iter().map(|range| range.start..range.start + range.length).collect();
        if ranges.len() > 1 { Ranges::Several(ranges) } else { ranges.pop().map_or(Ranges::Whole, Ranges::One) }
    }

    fn content_range(&self, range: &Range<u64>) -> HeaderValue {
        text(&format!("bytes {}-{}/{}", range.start, range.end - 1, self.size))
    }

    /// Several parts in one body.
    fn send_parts(self, tag: Option<&EntityTag>, ranges: Vec<Range<u64>>) -> HttpResponse {
        let boundary = ids::random_string(30, ids::ALPHANUMERIC);
        let mut response = self.head(StatusCode::PARTIAL_CONTENT, tag);
        self.describe(&mut response);
        response.insert_header((header::CONTENT_TYPE, format!("multipart/byteranges; boundary={boundary}")));
        let mut length = 0;
        let mut pieces = Vec::with_capacity(ranges.len() + 1);
        for (index, range) in ranges.into_iter().enumerate() {
            let line = if index == 0 { "" } else { "\r\n" };
            let (from, to, size) = (range.start, range.end - 1, self.size);
            let content_type = &self.content_type;
            let head = format!(
                "{line}--{boundary}\r\nContent-Range: bytes {from}-{to}/{size}\r\nContent-Type: {content_type}\r\n\r\n"
            );
            length += head.len() as u64 + (range.end - range.start);
            pieces.push((Bytes::from(head), range));
        }
        let end = Bytes::from(format!("\r\n--{boundary}--\r\n"));
        length += end.len() as u64;
        pieces.push((end, 0..0));
        let content = self.content;
        let body = stream::iter(pieces).flat_map(move |(head, range)| {
            stream::once(std::future::ready(Ok(head))).chain(content.clone().read(range))
        });
        response.body(SizedStream::new(length, body))
    }
}

/// Which parts are asked for.
enum Ranges {
    Whole,
    One(Range<u64>),
    Several(Vec<Range<u64>>),
    /// None that the file has.
    None,
}

enum Condition {
    Holds,
    Fails,
    NotModified,
}

/// The conditions of RFC 9110, section 13.2.2, in its order.
fn condition(request: &HttpRequest, tag: Option<&EntityTag>, modified: Option<SystemTime>) -> Condition {
    if request.headers().contains_key(header::IF_MATCH) {
        match IfMatch::parse(request) {
            Ok(IfMatch::Any) => {}
            Ok(IfMatch::Items(items)) if items.iter().any(|item| tag.is_some_and(|tag| item.strong_eq(tag))) => {}
            _ => return Condition::Fails,
        }
    } else if let (Ok(IfUnmodifiedSince(since)), Some(modified)) = (IfUnmodifiedSince::parse(request), modified)
        && seconds(modified) > seconds(since.into())
    {
        return Condition::Fails;
    }
    if request.headers().contains_key(header::IF_NONE_MATCH) {
        let matches = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(items)) => items.iter().any(|item| tag.is_some_and(|tag| item.weak_eq(tag))),
            Err(_) => false,
        };
        return if matches { Condition::NotModified } else { Condition::Holds };
    }
    match (IfModifiedSince::parse(request), modified) {
        (Ok(IfModifiedSince(since)), Some(modified)) if seconds(modified) <= seconds(since.into()) => {
            Condition::NotModified
        }
        _ => Condition::Holds,
    }
}

/// Whether the request's range is meant for the file as it is.
fn applies(request: &HttpRequest, tag: Option<&EntityTag>, modified: Option<SystemTime>) -> bool {
    if !request.headers().contains_key(header::IF_RANGE) {
        return true;
    }
    match IfRange::parse(request) {
        Ok(IfRange::EntityTag(given)) => tag.is_some_and(|tag| given.strong_eq(tag)),
        Ok(IfRange::Date(date)) => modified.is_some_and(|modified| seconds(modified) == seconds(date.into())),
        Err(_) => false,
    }
}

/// HTTP dates have no fractions.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn entity_tag(size: u64, modified: SystemTime) -> EntityTag {
    let nanos = modified.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    EntityTag::new_strong(format!("{nanos:x}-{size:x}"))
}

/// A header's value; what cannot be one is left empty.
fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""))
}

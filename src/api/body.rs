//! Reads request bodies, bounded: JSON, forms and multipart, all into one JSON object.

use std::pin::pin;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::http::Version;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use actix_web::{HttpRequest, web};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Map, Value as Json};

use super::multipart::{self, FileParts, Form};
use super::{ApiError, form_body};
use crate::files::FilesError;

/// Most values in a JSON body. A value costs far more memory than its bytes on the wire: without this a body of `[0,0,…`
/// within the size limit would take twenty times its size.
pub(super) const MAX_JSON_VALUES: usize = 1_000_000;

/// Bodies above this size are parsed on another thread, so that they do not hold up everyone else on the worker.
pub(super) const INLINE_BYTES: usize = 256 * 1024;

/// Longest time between two pieces of a body.
const MAX_SILENCE: Duration = Duration::from_mins(1);

/// Why a body cannot be used.
#[derive(Debug)]
pub(super) enum BodyError {
    /// Larger than allowed.
    TooLarge,
    /// A content type nothing is known about.
    UnsupportedType,
    /// Not what its content type says, or not an object.
    Malformed,
    /// Its files cannot be kept.
    Files(FilesError),
}

impl BodyError {
    /// The answer, with the endpoint's own words for a malformed body.
    pub(super) fn into_api(self, malformed: &'static str) -> ApiError {
        match self {
            Self::TooLarge => ApiError::too_large(),
            Self::UnsupportedType => ApiError::bad_request("Unsupported Content-Type."),
            Self::Malformed => ApiError::bad_request(malformed),
            Self::Files(error) => error.into(),
        }
    }
}

/// Reads a body as an object; an empty one and `null` are empty objects. Files in it are left out.
pub(super) async fn read_object(
    request: &HttpRequest,
    payload: web::Payload,
    limit: usize,
) -> Result<Map<String, Json>, BodyError> {
    read_form(request, payload, limit, FileParts::Ignored).await.map(|form| form.values)
}

/// Reads a body as an object, and the files of a form, which may make it larger than the limit.
pub(super) async fn read_form(
    request: &HttpRequest,
    payload: web::Payload,
    limit: usize,
    files: FileParts<'_>,
) -> Result<Form, BodyError> {
    let form = |values| Form { values, files: Vec::new() };
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    let is = |media_type: &str| has_content_type(request, media_type);
    let is_multipart = is("multipart/form-data");
    let most = if is_multipart { limit.saturating_add(files.room()) } else { limit };
    if declared.is_some_and(|length| length > most as u64) {
        return Err(BodyError::TooLarge);
    }
    if is_multipart {
        return multipart::read(request, payload, limit, files).await;
    }
    let bytes = read_bytes(payload, declared, limit).await?;
    if bytes.is_empty() {
        return Ok(Form::default());
    }
    if is_json(request) {
        if bytes.len() > INLINE_BYTES {
            return web::block(move || parse_json(&bytes)).await.map_err(|_| BodyError::Malformed)?.map(form);
        }
        parse_json(&bytes).map(form)
    } else if is("application/x-www-form-urlencoded") {
        let pairs = form_body::parse_urlencoded(&bytes).map_err(|_| BodyError::Malformed)?;
        form_body::object_of(pairs).map_err(|_| BodyError::Malformed).map(form)
    } else {
        Err(BodyError::UnsupportedType)
    }
}

/// Largest body beside a request that has none by rights, in bytes.
const MAX_BESIDE_BYTES: usize = 1 << 20;

/// The body of a request that needs none: rules may ask about it all the same. One that cannot be read is as good as
/// none, but for its size.
pub(super) async fn read_beside(request: &HttpRequest, payload: web::Payload) -> Result<Map<String, Json>, ApiError> {
    let headers = request.headers();
    // HTTP/2 marks the end of a request that has no body, and may leave out the length of one that has.
    let has_body = request.version() == Version::HTTP_2
        || headers.contains_key(TRANSFER_ENCODING)
        || headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0");
    if !has_body {
        return Ok(Map::new());
    }
    match read_object(request, payload, MAX_BESIDE_BYTES).await {
        Ok(body) => Ok(body),
        Err(BodyError::TooLarge) => Err(ApiError::too_large()),
        Err(_) => Ok(Map::new()),
    }
}

/// Whether the body is JSON, whose values have types; a form's are guessed.
pub(super) fn is_json(request: &HttpRequest) -> bool {
    has_content_type(request, "application/json")
}

fn has_content_type(request: &HttpRequest, media_type: &str) -> bool {
    let given = request.headers().get(CONTENT_TYPE).map_or("", |v| v.to_str().unwrap_or("?")).trim_start();
    given.get(..media_type.len()).is_some_and(|start| start.eq_ignore_ascii_case(media_type))
}

/// The pieces of a body. One of which nothing comes for a while ends: whoever falls silent must not hold what was received
/// of it for ever.
pub(super) fn chunks(payload: web::Payload) -> impl Stream<Item = Result<web::Bytes, PayloadError>> {
    chunks_within(MAX_SILENCE, payload)
}

fn chunks_within<P>(max_silence: Duration, payload: P) -> impl Stream<Item = Result<web::Bytes, PayloadError>>
where
    P: Stream<Item = Result<web::Bytes, PayloadError>> + Unpin,
{
    stream::unfold(Some(payload), move |payload| async move {
        let mut payload = payload?;
        match tokio::time::timeout(max_silence, payload.next()).await {
            Ok(chunk) => Some((chunk?, Some(payload))),
            Err(_) => Some((Err(PayloadError::Incomplete(None)), None)),
        }
    })
    // Parsers ask on behind the end.
    .fuse()
}

async fn read_bytes(payload: web::Payload, declared: Option<u64>, limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut payload = pin!(chunks(payload));
    // What a client declares is not yet there: room for it is made as it comes.
    let expected = declared.and_then(|n| usize::try_from(n).ok()).unwrap_or(0).min(64 * 1024);
    let mut bytes = Vec::with_capacity(expected);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| BodyError::Malformed)?;
        if bytes.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Parses the first JSON value; what follows it is ignored, as in the reference. `serde_json` caps the nesting at 128.
fn parse_json(bytes: &[u8]) -> Result<Map<String, Json>, BodyError> {
    if bytes.len() > MAX_JSON_VALUES && count_values(bytes) > MAX_JSON_VALUES {
        return Err(BodyError::TooLarge);
    }
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    match serde::Deserialize::deserialize(&mut parser) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(Json::Null) => Ok(Map::new()),
        _ => Err(BodyError::Malformed),
    }
}

/// An upper bound of the number of values: each but the first follows a comma, a colon or an opening bracket.
pub(super) fn count_values(bytes: &[u8]) -> usize {
    let (mut count, mut in_string, mut is_escaped) = (1, false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if is_escaped => is_escaped = false,
            (true, b'\\') => is_escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b',' | b'[' | b'{') => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_falls_silent_ends() {
        let sent = stream::iter(["one", "two"]).map(|text| Ok(web::Bytes::from_static(text.as_bytes())));
        let silent = sent.chain(stream::pending());
        let chunks: Vec<_> = chunks_within(Duration::from_millis(1), silent).collect().await;
        assert_eq!(chunks.len(), 3, "{chunks:?}");
        assert!(chunks[..2].iter().all(Result::is_ok), "{chunks:?}");
        assert!(matches!(chunks[2], Err(PayloadError::Incomplete(None))), "{chunks:?}");
    }

    #[test]
    fn json_bodies() {
        for (text, want) in [
            (r#"{"a":1}"#, Some(r#"{"a":1}"#)),
            (r#"{"a":1} trailing"#, Some(r#"{"a":1}"#)),
            (r#"{"a":1,"a":2}"#, Some(r#"{"a":2}"#)),
            ("null", Some("{}")),
            ("[1]", None),
            ("{", None),
            ("\u{feff}{}", None),
        ] {
            let got = parse_json(text.as_bytes()).ok().map(|o| Json::Object(o).to_string());
            assert_eq!(got.as_deref(), want, "{text}");
        }
        assert!(parse_json(&b"[".repeat(10_000)).is_err());
        assert!(parse_json(b"{\"a\":\"\xff\"}").is_err());
    }

    #[test]
    fn too_many_values_are_refused_before_they_are_made() {
        let body = format!("{{\"a\":[{}0]}}", "0,".repeat(MAX_JSON_VALUES));
        assert!(matches!(parse_json(body.as_bytes()), Err(BodyError::TooLarge)));
        let text = format!("{{\"a\":\"{}\"}}", ",\\\"[".repeat(MAX_JSON_VALUES / 2));
        assert!(parse_json(text.as_bytes()).is_ok());
    }
}

//! Between the S3 client and the network: limits of time and size, and errors that can be told apart.
//!
//! The client itself would wait for ever for bytes that do not come, and make room for as many as an answer announces.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, HeaderMap, HeaderName};
use http::{Method, StatusCode};
use http_body::{Body, Frame};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use tokio::time::{Sleep, sleep, timeout};

use super::options::S3Limits;
use super::place::UPLOAD_ID;

/// Largest answer that is not a file, in bytes. A page of a list has a few hundred thousand.
const MAX_ANSWER_BYTES: usize = 8 << 20;

/// Longest code that is told of an error.
const MAX_CODE_BYTES: usize = 64;

/// The status of an answer that says no, and what the service calls the reason.
#[derive(Debug, thiserror::Error)]
#[error("status {status}")]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) code: Option<String>,
}

/// The service took too long.
#[derive(Debug, thiserror::Error)]
#[error("no answer in time")]
pub(super) struct TooLate;

/// An answer that is no file and too large.
#[derive(Debug, thiserror::Error)]
#[error("the answer is too large")]
struct TooLarge;

/// An answer to the request for a list that is something else.
#[derive(Debug, thiserror::Error)]
#[error("the answer is no list")]
struct NotAList;

/// Sends requests within limits.
#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) client: HttpClient,
    pub(super) limits: S3Limits,
}

impl HttpConnector for Service {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let sending = Duration::from_secs(request.body().content_length() as u64 / self.limits.upload_rate.max(1));
        let is_get = request.method() == Method::GET;
        let is_list = is_get && request.uri().query().is_some();
        let answer = timeout(self.limits.answer + sending, self.client.execute(request));
        let (mut head, body) = answer.await.unwrap_or_else(|_| Err(too_late()))?.into_parts();
        if !head.status.is_success() {
            // What cannot be read tells no more than the status does.
            let told = timeout(self.limits.answer, read(body)).await.ok().and_then(Result::ok);
            return Err(refused(head.status, told.as_deref()));
        }
        remove_unread(&mut head.headers);
        if is_get && !is_list {
            let body = HttpResponseBody::new(IdleLimit { body, limit: self.limits.idle, alarm: None });
            return Ok(HttpResponse::from_parts(head, body));
        }
        let body = timeout(self.limits.answer, read(body)).await.unwrap_or_else(|_| Err(too_late()))?;
        // The client takes every page of a web server for a list of nothing.
        if is_list && !names_list(&body) {
            return Err(HttpError::new(HttpErrorKind::Decode, NotAList));
        }
        Ok(HttpResponse::from_parts(head, body.into()))
    }
}

fn too_late() -> HttpError {
    HttpError::new(HttpErrorKind::Timeout, TooLate)
}

/// Headers that nobody reads here and the client stumbles over when they hold more than ASCII, as the names of
/// uploaded files do.
fn remove_unread(headers: &mut HeaderMap) {
    let is_unread = |name: &HeaderName| {
        name.as_str().strip_prefix("x-amz-meta-").is_some_and(|name| name != UPLOAD_ID)
            || [CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE].contains(name)
    };
    let unread: Vec<_> = headers.keys().filter(|name| is_unread(name)).cloned().collect();
    for name in unread {
        headers.remove(name);
    }
}

/// Whether to ask again follows from the kind: everything we ask for may be asked for twice.
fn refused(status: StatusCode, body: Option<&[u8]>) -> HttpError {
    let may_pass =
        status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    let kind = if may_pass { HttpErrorKind::Request } else { HttpErrorKind::Unknown };
    HttpError::new(kind, Refused { status, code: body.and_then(error_code) })
}

/// The word in `<Code>`, if it is one. Anything else of the answer may be anything.
fn error_code(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let is_word = (1..=MAX_CODE_BYTES).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    is_word.then(|| code.to_owned())
}

/// Whether the outermost element is the one of a list, as far as it can be seen at the beginning.
fn names_list(body: &[u8]) -> bool {
    const NAME: &[u8] = b"ListBucketResult";
    body[..body.len().min(1024)].windows(NAME.len()).any(|window| window == NAME)
}

async fn read(mut body: HttpResponseBody) -> Result<Bytes, HttpError> {
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame?.into_data() else { continue };
        if bytes.len() + data.len() > MAX_ANSWER_BYTES {
            return Err(HttpError::new(HttpErrorKind::Decode, TooLarge));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.into())
}

/// A body that ends with an error when the service pauses for too long. It counts only while somebody wants more.
struct IdleLimit {
    body: HttpResponseBody,
    limit: Duration,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Body for IdleLimit {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let limit = self.limit;
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.alarm = None;
            return Poll::Ready(frame);
        }
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(limit)));
        match alarm.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(too_late()))),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_words() {
        for (body, code) in [
            ("<?xml?><Error><Code>NoSuchKey</Code><Message>x</Message></Error>", Some("NoSuchKey")),
            ("<Error><Code></Code></Error>", None),
            ("<Error><Code>a b</Code></Error>", None),
            ("<Error><Code>NoEnd", None),
            ("</Code><Code>", None),
            ("not found", None),
        ] {
            assert_eq!(error_code(body.as_bytes()).as_deref(), code, "{body}");
        }
        assert_eq!(error_code(b"<Code>\xff</Code>"), None);
        assert_eq!(error_code(format!("<Code>{}</Code>", "x".repeat(65)).as_bytes()), None);
    }
}

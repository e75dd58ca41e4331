//! What surrounds every answer: CORS, security headers, request id, timing, and the net for panics.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use futures_util::FutureExt;

use super::origins::AllowedOrigins;
use super::request_log::{Observed, logging_state};
use super::respond::SEQ;
use super::{ApiError, AppState, admission};
use crate::schema::ids;

/// What whoever made the request should know although it was done.
pub(super) const WARNING: HeaderName = HeaderName::from_static("x-larder-warning");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const XSS_PROTECTION: HeaderName = HeaderName::from_static("x-xss-protection");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");

/// Length of a request id made here.
const REQUEST_ID_LENGTH: usize = 16;

/// Answers below this size are sent as they are: compressing them costs more than it saves.
const COMPRESS_FROM_BYTES: u64 = 1024;

/// Extension of an answer that pages of other sites may show in a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct MayBeFramed;

/// Runs a request inside the frame.
pub(super) async fn frame(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let (origin, server_timing) = match request.app_data::<web::Data<AppState>>() {
        Some(state) => {
            let allowed = request.app_data::<web::Data<AllowedOrigins>>();
            let origin = request.headers().get(header::ORIGIN).filter(|o| !o.is_empty());
            (allowed.zip(origin).and_then(|(allowed, origin)| allowed.answer(origin)), state.config.server_timing)
        }
        None => (None, false),
    };
    let request_id = request_id(request.headers());
    let logged = logging_state(&request).and_then(|state| Some((Observed::new(&request, started)?, state)));
    let mut response = if request.method() == Method::OPTIONS {
        let response = preflight(request.headers(), origin.is_some());
        request.into_response(response)
    } else {
        let admitted = AssertUnwindSafe(admission::admit(&request)).catch_unwind().await;
        match admitted.unwrap_or_else(|_| Err(ApiError::internal("the admission of a request panicked"))) {
            Ok(()) => match guarded(request, next).await {
                Ok(response) => response,
                Err(error) => {
                    if let Some((observed, state)) = logged {
                        observed.failed(&state, &error, &request_id);
                    }
                    return Err(error);
                }
            },
            Err(refused) => request.into_response(HttpResponse::from_error(refused)),
        }
    };
    if let Some((observed, state)) = logged {
        observed.answered(&state, &response, &request_id);
    }
    let is_small = matches!(response.response().body().size(), BodySize::Sized(size) if size < COMPRESS_FROM_BYTES);
    let may_be_framed = response.response().extensions().get::<MayBeFramed>().is_some();
    let headers = response.headers_mut();
    if is_small && !headers.contains_key(header::CONTENT_ENCODING) {
        // Tells the compressor around this frame to let it pass; `outermost` takes the header off again.
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        for name in [header::RETRY_AFTER, WARNING, SEQ] {
            if headers.contains_key(&name) {
                headers.append(header::ACCESS_CONTROL_EXPOSE_HEADERS, name.into());
            }
        }
    }
    headers.insert(XSS_PROTECTION, HeaderValue::from_static("1; mode=block"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !may_be_framed {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    }
    headers.insert(REQUEST_ID, request_id);
    if server_timing {
        let text = format!("total;dur={:.3}", started.elapsed().as_secs_f64() * 1e3);
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(SERVER_TIMING, value);
        }
    }
    Ok(response)
}

/// Takes off the mark that kept a small answer from being compressed.
pub(super) async fn outermost(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if headers.get(header::CONTENT_ENCODING).is_some_and(|v| v == "identity") {
        headers.remove(header::CONTENT_ENCODING);
    }
    Ok(response)
}

/// The answer of the inner services; a panic becomes a 500 and the connection lives on.
///
/// The request may not be cloned to answer it here: actix needs to be its only owner while it matches routes. So the
/// error travels outwards, past the rest of the frame, and becomes the plain envelope.
async fn guarded(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(answer) => answer.map(ServiceResponse::map_into_boxed_body),
        Err(_) => Err(ApiError::internal("a handler panicked").into()),
    }
}

/// 204; with what a browser asked to be allowed if its origin is.
fn preflight(headers: &HeaderMap, is_allowed: bool) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    if is_allowed {
        response
            .append_header((header::VARY, "Access-Control-Request-Method"))
            .append_header((header::VARY, "Access-Control-Request-Headers"))
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS));
        if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            response.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone()));
        }
    }
    response.finish()
}

/// The id a proxy gave the request, if it is harmless, or a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(REQUEST_ID).filter(|value| {
        let bytes = value.as_bytes();
        (1..=64).contains(&bytes.len()) && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    });
    given.cloned().unwrap_or_else(|| {
        let id = ids::random_string(REQUEST_ID_LENGTH, ids::LOWER_ALPHANUMERIC);
        HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("none"))
    })
}

//! What is logged of a request: noted in the frame, where all of them pass.

use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, Uri};
use actix_web::{Error, HttpMessage, web};
use serde_json::Value as Json;

use super::client_ip::ClientIp;
use super::request::AuthToken;
use super::{ApiError, AppState};
use crate::logs::{Failure, LoggedAuth, Logs, RequestEntry, RequestTexts};

/// The header by which a client says what it is, such as `dashboard`.
const CLIENT: HeaderName = HeaderName::from_static("x-larder-client");

/// Longest name of a client, in bytes.
const MAX_CLIENT_BYTES: usize = 32;

/// A request whose answer is going to be logged. It keeps what a panic would take along.
pub(super) struct Observed {
    method: Method,
    uri: Uri,
    remote: Option<std::net::SocketAddr>,
    started: Instant,
}

impl Observed {
    /// Begins with a request. What browsers ask by themselves before a request of another origin is not logged.
    pub(super) fn new(request: &ServiceRequest, started: Instant) -> Option<Self> {
        if request.method() == Method::OPTIONS {
            return None;
        }
        let (method, uri) = (request.method().clone(), request.uri().clone());
        Some(Self { method, uri, remote: request.peer_addr(), started })
    }

    /// Logs the answer.
    pub(super) fn answered(self, state: &AppState, response: &ServiceResponse<BoxBody>, request_id: &HeaderValue) {
        let failure = response.response().error().map(failure_of);
        let status = response.status().as_u16();
        // The dashboard's own files are no activity.
        if failure.is_none() && status < 400 && is_dashboard(self.uri.path()) {
            return;
        }
        let request = response.request();
        let auth = request.extensions().get::<AuthToken>().and_then(AuthToken::proven);
        self.log(state, request.headers(), status, request_id, failure, auth);
    }

    /// Logs a request of which nothing is left but the error.
    pub(super) fn failed(self, state: &AppState, error: &Error, request_id: &HeaderValue) {
        let status = error.as_response_error().status_code().as_u16();
        self.log(state, &HeaderMap::new(), status, request_id, Some(failure_of(error)), None);
    }

    fn log(
        self,
        state: &AppState,
        headers: &HeaderMap,
        status: u16,
        request_id: &HeaderValue,
        failure: Option<Failure>,
        auth: Option<LoggedAuth>,
    ) {
        if !Logs::keeps(&state.settings.load(), RequestEntry::level_of(status, failure.is_some())) {
            return;
        }
        let header = |name| headers.get(name).map_or(&b""[..], HeaderValue::as_bytes);
        let url = self.uri.path_and_query().map_or("", |url| url.as_str());
        let texts = RequestTexts::new([
            self.method.as_str().as_bytes(),
            url.as_bytes(),
            header(header::REFERER),
            header(header::USER_AGENT),
            request_id.as_bytes(),
            client_name(header(CLIENT)),
        ]);
        state.logs.request(RequestEntry {
            at_ms: state.db.clock().unix_millis(),
            texts,
            status,
            duration: self.started.elapsed(),
            auth,
            user_ip: ClientIp::from_parts(state, headers, self.remote).0,
            remote_ip: self.remote.map(|remote| remote.ip().to_canonical()),
            failure: failure.map(Box::new),
        });
    }
}

/// The state of the app, if requests are logged there.
pub(super) fn logging_state(request: &ServiceRequest) -> Option<web::Data<AppState>> {
    let state = request.app_data::<web::Data<AppState>>()?;
    (state.settings.load().logs.max_days != 0).then(|| state.clone())
}

fn is_dashboard(path: &str) -> bool {
    path == "/_" || path.starts_with("/_/")
}

/// Empty for what is no name.
fn client_name(name: &[u8]) -> &[u8] {
    let is_name = name.len() <= MAX_CLIENT_BYTES && name.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b));
    if is_name { name } else { b"" }
}

fn failure_of(error: &Error) -> Failure {
    match error.as_error::<ApiError>() {
        Some(error) => error.to_failure(),
        None => Failure { message: error.to_string().into(), details: Json::Null },
    }
}

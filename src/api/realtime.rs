//! `/api/realtime`: the stream of events and the subscriptions to it (reference part 3, section 11). `…/status` and the
//! ways to resume are additions of Larder.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::http::Version;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::{Stream, StreamExt};
use serde_json::{Map, Value as Json};
use tokio::time::{Instant, Sleep};

use super::request::require_superuser;
use super::{ApiError, AppState, AuthToken, ClientIp, QueryParameters, body, respond};
use crate::db::{DbError, ReadTx, last_seq};
use crate::realtime::{Client, ConnectError, Doorbell, Hub, Origin, SubscribeError, SubscribeRequest};
use crate::schema::cast;
use crate::validation::{Issue, ValidationErrors};

/// Largest body of a subscription, in bytes.
const MAX_BODY_BYTES: usize = 4 << 20;

/// Most topics of one client.
const MAX_TOPICS: usize = 1000;

/// Longest topic, in characters.
const MAX_TOPIC_CHARACTERS: usize = 2500;

/// Longest client id, in characters.
const MAX_CLIENT_ID_CHARACTERS: usize = 255;

/// Said of a body that cannot be read.
const MALFORMED: &str = "The subscriptions cannot be read.";

/// Said of a body with values that are not allowed.
const INVALID: &str = "The subscriptions are not valid.";

/// How often it is looked whether an HTTP/2 client is still there: it counts as a connection until then.
const LOOK_EVERY: Duration = Duration::from_secs(5);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// `GET /api/realtime`
pub(super) async fn connect(
    state: web::Data<AppState>,
    request: HttpRequest,
    query: QueryParameters,
    client: ClientIp,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let origin = Origin {
        seq: read_last_seq(&state).await?,
        address: client.0,
        account: ClientIp::of_guesser(&state, &request).address,
        resume_from: resume_from(&request, &query),
    };
    let client = state.realtime.connect(origin, worker_doorbell())?;
    let idle = Duration::from_secs(state.config.realtime_idle_timeout);
    let body = (request.version() == Version::HTTP_2).then_some(payload);
    let stream = EventStream::new(client, state.realtime.clone(), body, idle, state.config.realtime_max_age);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((ACCEL_BUFFERING, "no"))
        // Events must not wait in a compressor; the frame takes the header off again.
        .insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("identity")))
        .streaming(stream))
}

thread_local! {
    static DOORBELL: Arc<Doorbell> = {
        let (doorbell, ringing) = Doorbell::new();
        actix_web::rt::spawn(ringing.answer());
        doorbell
    };
}

/// The doorbell of this worker.
fn worker_doorbell() -> Arc<Doorbell> {
    DOORBELL.with(Arc::clone)
}

/// The last change an earlier connection of the client heard of. What is no number is none of ours: browsers send the
/// client id of the earlier connection.
fn resume_from(request: &HttpRequest, query: &QueryParameters) -> Option<i64> {
    let number = |text: &str| text.parse().ok().filter(|seq| *seq >= 0);
    let header = request.headers().get(LAST_EVENT_ID).and_then(|value| value.to_str().ok());
    number(query.get("lastEventSeq")).or_else(|| header.and_then(number))
}

async fn read_last_seq(state: &AppState) -> Result<i64, DbError> {
    state.db.read(|tx: &ReadTx<'_>| last_seq(tx)).await
}

/// The events of one client as a response's body.
struct EventStream {
    client: Arc<Client>,
    hub: Hub,
    /// The request's body, over HTTP/2: it fails once the client has given up the stream or the connection. actix notices
    /// that only when something is sent. (With HTTP/1.1 it drops this stream.)
    body: Option<web::Payload>,
    idle: Duration,
    /// When it ends whatever happens.
    end: Instant,
    /// When something was last sent.
    sent: Instant,
    timer: Pin<Box<Sleep>>,
}

impl EventStream {
    fn new(client: Arc<Client>, hub: Hub, body: Option<web::Payload>, idle: Duration, max_age_seconds: u64) -> Self {
        let now = Instant::now();
        let end = now + Duration::from_secs(max_age_seconds);
        // Goes off at once, to be set to what it is for.
        let timer = Box::pin(tokio::time::sleep_until(now));
        Self { client, hub, body, idle, end, sent: now, timer }
    }

    /// Whether the client has left without a trace in what is sent.
    fn is_given_up(&mut self, context: &mut Context<'_>) -> bool {
        let Some(body) = &mut self.body else { return false };
        matches!(body.poll_next_unpin(context), Poll::Ready(Some(Err(_))))
    }
}

impl Stream for EventStream {
    type Item = Result<Bytes, actix_web::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.client.poll_bytes(context) {
            Poll::Ready(Some(bytes)) => {
                let now = Instant::now();
                if now >= self.end {
                    return Poll::Ready(None);
                }
                self.sent = now;
                return Poll::Ready(Some(Ok(bytes.into())));
            }
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {}
        }
        // The timer is set anew when it goes off rather than with each event.
        while self.timer.as_mut().poll(context).is_ready() {
            let due = self.end.min(self.sent + self.idle);
            let now = Instant::now();
            if now >= due || self.is_given_up(context) {
                return Poll::Ready(None);
            }
            let next = if self.body.is_some() { due.min(now + LOOK_EVERY) } else { due };
            self.timer.as_mut().reset(next);
        }
        Poll::Pending
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.hub.leave(&self.client);
    }
}

/// `POST /api/realtime`
pub(super) async fn subscribe(
    state: web::Data<AppState>,
    request: HttpRequest,
    client: ClientIp,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let body = body::read_object(&request, payload, MAX_BODY_BYTES).await.map_err(|e| e.into_api(MALFORMED))?;
    let form = Form::read(body, body::is_json(&request))?;
    let subscribe = SubscribeRequest {
        client_id: &form.client_id,
        address: client.0,
        token: token.as_deref(),
        topics: &form.topics,
        resume_from: form.resume_from,
    };
    state.realtime.subscribe(subscribe).await?;
    Ok(respond::no_content())
}

/// What a client wants to subscribe to.
struct Form {
    client_id: String,
    topics: Vec<String>,
    resume_from: Option<i64>,
}

impl Form {
    fn read(mut body: Map<String, Json>, is_json: bool) -> Result<Self, ApiError> {
        let malformed = || ApiError::bad_request(MALFORMED);
        let client_id = match body.remove("clientId") {
            None | Some(Json::Null) => String::new(),
            Some(Json::String(id)) => id,
            Some(_) => return Err(malformed()),
        };
        let topics = match body.remove("subscriptions") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(topics)) => {
                let topic = |value| topic(value, is_json);
                topics.into_iter().map(topic).collect::<Option<_>>().ok_or_else(malformed)?
            }
            // A form with one.
            Some(value) if !is_json => vec![topic(value, is_json).ok_or_else(malformed)?],
            Some(_) => return Err(malformed()),
        };
        let mut errors = ValidationErrors::new();
        let resume_from = match body.remove("lastEventSeq") {
            None | Some(Json::Null) => None,
            Some(value) => {
                let seq = text(value.clone()).and_then(|text| text.parse().ok()).or_else(|| value.as_i64());
                if seq.is_none_or(|seq: i64| seq < 0) {
                    let issue = Issue::new("validation_invalid_seq", "Must be the `seq` of an event.");
                    errors.add("lastEventSeq", issue);
                }
                seq
            }
        };
        check(&client_id, &topics, &mut errors);
        if errors.is_empty() {
            Ok(Self { client_id, topics, resume_from })
        } else {
            Err(ApiError::invalid(INVALID, &errors))
        }
    }
}

fn topic(value: Json, is_json: bool) -> Option<String> {
    match value {
        // A form's values that look like JSON were read as such.
        Json::Number(_) | Json::Bool(_) if !is_json => Some(cast::text(&value)),
        value => text(value),
    }
}

fn text(value: Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text),
        _ => None,
    }
}

fn check(client_id: &str, topics: &[String], errors: &mut ValidationErrors) {
    let too_long = |max: usize| {
        let issue = Issue::new("validation_length_too_long", format!("Must be no longer than {max}."));
        issue.with("max", max).with("min", 0)
    };
    if client_id.is_empty() {
        errors.add("clientId", Issue::required());
    } else if client_id.chars().nth(MAX_CLIENT_ID_CHARACTERS).is_some() {
        let message = format!("Must be no longer than {MAX_CLIENT_ID_CHARACTERS}.");
        let issue = Issue::new("validation_length_out_of_range", message);
        errors.add("clientId", issue.with("max", MAX_CLIENT_ID_CHARACTERS).with("min", 1));
    }
    if topics.len() > MAX_TOPICS {
        errors.add("subscriptions", too_long(MAX_TOPICS));
        return;
    }
    for (at, topic) in topics.iter().enumerate() {
        let path = format!("subscriptions.{at}");
        if topic.chars().nth(MAX_TOPIC_CHARACTERS).is_some() {
            errors.add(&path, too_long(MAX_TOPIC_CHARACTERS));
        } else if topic.chars().any(char::is_control) {
            // It is the name of events, in a protocol of lines.
            errors.add(&path, Issue::new("validation_invalid_topic", "Must not contain control characters."));
        }
    }
}

/// `GET /api/realtime/status`
pub(super) async fn status(
    state: web::Data<AppState>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token).await?;
    let status = state.realtime.status(read_last_seq(&state).await?);
    respond::json(serde_json::to_vec(&status).map_err(ApiError::internal)?, query.get("fields"))
}

impl From<ConnectError> for ApiError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::ServerFull => Self::overloaded(),
            ConnectError::AddressFull => Self::too_many("Too many realtime connections from this address.", 60),
        }
    }
}

impl From<SubscribeError> for ApiError {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::UnknownClient => {
                Self::new(actix_web::http::StatusCode::NOT_FOUND, "There is no such realtime client.")
            }
            SubscribeError::ForeignClient => Self::bad_request("The realtime client is not yours."),
            SubscribeError::OtherIdentity => {
                Self::forbidden("The realtime client was authorized as somebody else before.")
            }
            SubscribeError::TooMany | SubscribeError::Busy => Self::overloaded(),
        }
    }
}

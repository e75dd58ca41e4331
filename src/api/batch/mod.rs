//! `POST /api/batch`: several record writes as one.

mod decode;
mod uploads;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde_json::{Map, Value as Json, json};

use super::body::INLINE_BYTES;
use super::multipart::{FileParts, Form};
use super::{ApiError, AppState, Incoming, admission, body, respond};
use crate::batch::{self, BatchError, BatchItem, BatchRequest, ItemAnswer, ItemError};
use crate::db::{ReadTx, WriteTx};
use crate::fields_picker::Picker;
use crate::query::Context;
use crate::records::{Answer, PasswordWork, RecordError};
use crate::schema::json_text;
use crate::settings;

/// Said of a body that cannot be read.
const MALFORMED: &str = "The submitted batch cannot be read.";

/// Said of a batch that was not done.
const FAILED: &str = "The batch failed, nothing was changed.";

/// Largest body if the settings name no limit, in bytes.
const DEFAULT_MAX_BODY_BYTES: usize = 128 << 20;

/// Bytes of answers with related records from which on they are left out: all answers are in memory together.
const MAX_EXPANDED_BYTES: usize = 32 << 20;

/// Longest time if the settings name none, and the longest they can name, in seconds.
const DEFAULT_TIMEOUT_SECONDS: u64 = 3;
const MAX_TIMEOUT_SECONDS: u64 = 24 * 60 * 60;

/// What the settings allow.
#[derive(Debug, Clone, Copy)]
struct Limits {
    max_requests: usize,
    timeout: Duration,
    max_body_bytes: usize,
}

impl Limits {
    /// `None` if they allow no batch at all.
    fn of(settings: settings::Batch) -> Option<Self> {
        let positive = |value: i64| u64::try_from(value).ok().filter(|&n| n > 0);
        let size = |value: i64| positive(value).map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let seconds = positive(settings.timeout).unwrap_or(DEFAULT_TIMEOUT_SECONDS);
        Some(Self {
            max_requests: size(settings.max_requests).filter(|_| settings.enabled)?,
            timeout: Duration::from_secs(seconds.min(MAX_TIMEOUT_SECONDS)),
            max_body_bytes: size(settings.max_body_size).unwrap_or(DEFAULT_MAX_BODY_BYTES),
        })
    }
}

/// `POST /api/batch`
pub(super) async fn run(
    state: web::Data<AppState>,
    request: HttpRequest,
    incoming: Incoming,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let limits = Limits::of(state.settings.load().batch);
    let limits = limits.ok_or_else(|| ApiError::forbidden("Batch requests are switched off."))?;
    // Which fields the files are for is known once all is read.
    let max_bytes = |_: &str| u64::try_from(limits.max_body_bytes).ok();
    let files = FileParts::Received { spool: state.files.spool(), max_bytes: &max_bytes, room: 0 };
    let form = body::read_form(&request, payload, limits.max_body_bytes, files).await;
    let Form { values, files } = form.map_err(|error| error.into_api(MALFORMED))?;
    let mut items = decode::items(values, limits.max_requests)?;
    let files = uploads::assign(&state, &mut items, files);
    let items = Arc::new(items);
    admission::admit_items(&state, &request, &items).await.map_err(failed)?;
    let deadline = Instant::now() + limits.timeout;
    let passwords = hash_passwords(&state, &items, &incoming, deadline).await?;
    let storing = Instant::now();
    let placements = uploads::place(&state, &incoming, files).await?;
    // How long a storage may take is its own affair. What the settings limit is the time for the items.
    let deadline = deadline + storing.elapsed();

    // Dropped with this request: a batch nobody waits for any more is not done.
    let asker = Arc::new(());
    let is_awaited = Arc::downgrade(&asker);
    let may_go_on = move || Instant::now() < deadline && is_awaited.strong_count() > 0;
    let (options, input, sent) = (state.save_options(), Arc::clone(&items), incoming.within(Context::Batch));
    let write = move |tx: &mut WriteTx<'_>| {
        let entered = sent.enter(tx, tx.now_millis())?;
        let request = BatchRequest { items: &input, passwords: &passwords, options };
        let answers = batch::run(tx, entered.request(), &request, may_go_on)?;
        for placement in placements {
            placement.keep_with(tx)?;
        }
        Ok::<_, BatchError>((answers, tx.last_change()))
    };
    let (answers, seq) = state.db.write(write).await.map_err(failed)?;
    drop(asker);
    let answers = completed(&state, answers).await?;
    Ok(respond::with_seq(answer(items, answers, incoming).await?, seq))
}

/// The JSON of an item's record; nothing after a delete.
type Body = Option<Vec<u8>>;

/// Makes the answers for which other records have to be read, now that the batch is committed.
async fn completed(state: &AppState, answers: Vec<ItemAnswer>) -> Result<Vec<Body>, ApiError> {
    let (catalog, answers) = (state.catalog.clone(), Arc::new(answers));
    let is_pending = |answer: &ItemAnswer| matches!(answer, Some(Answer::Pending(_)));
    if answers.iter().any(is_pending) {
        let asked = Arc::clone(&answers);
        let read = move |tx: &ReadTx<'_>| {
            let catalog = catalog.load();
            let mut expanded_bytes = 0;
            let mut bodies = Vec::with_capacity(asked.len());
            for answer in asked.iter() {
                bodies.push(match answer {
                    None => None,
                    Some(Answer::Ready(body)) => Some(body.clone()),
                    Some(Answer::Pending(pending)) => {
                        let has_room = expanded_bytes < MAX_EXPANDED_BYTES;
                        let body = if has_room { pending.make(tx, &catalog)? } else { pending.make_plain()? };
                        expanded_bytes += body.len();
                        Some(body)
                    }
                });
            }
            Ok::<_, RecordError>(bodies)
        };
        match state.db.read(read).await {
            Ok(bodies) => return Ok(bodies),
            // There may be no room for the read. The batch is done: an error would make the client send it again.
            Err(error) => tracing::warn!(%error, "the answer to a batch is sent without related records"),
        }
        return answers.iter().map(without_related).collect();
    }
    let answers = Arc::try_unwrap(answers).map_err(|_| ApiError::internal("the answers are shared"))?;
    let body = |answer| match answer {
        Some(Answer::Ready(body)) => Some(body),
        Some(Answer::Pending(_)) | None => None,
    };
    Ok(answers.into_iter().map(body).collect())
}

fn without_related(answer: &ItemAnswer) -> Result<Body, ApiError> {
    Ok(match answer {
        None => None,
        Some(Answer::Ready(body)) => Some(body.clone()),
        Some(Answer::Pending(pending)) => Some(pending.make_plain()?),
    })
}

/// Hashes the passwords of all items before the write, one after the other so that a batch takes no more of the hasher
/// than any other request, and no longer than the batch may take.
async fn hash_passwords(
    state: &AppState,
    items: &Arc<Vec<BatchItem>>,
    incoming: &Incoming,
    deadline: Instant,
) -> Result<Vec<PasswordWork>, ApiError> {
    if !batch::concern_passwords(&state.catalog.load(), items) {
        return Ok(Vec::new());
    }
    let now = state.db.clock().unix_millis();
    let guesser = incoming.guesser(state);
    let (incoming, items) = (incoming.within(Context::Batch), Arc::clone(items));
    let read = move |tx: &ReadTx<'_>| {
        let entered = incoming.enter_read(tx, now, &Map::new())?;
        batch::plan_passwords(tx, entered.request(), &items)
    };
    let plans = state.db.read(read).await?;
    let mut passwords = Vec::with_capacity(plans.len());
    for plan in plans {
        if Instant::now() >= deadline {
            return Err(failed(BatchError::Stopped));
        }
        passwords.push(plan.run(&state.hasher, guesser).await?);
    }
    Ok(passwords)
}

/// The answers as one array: `[{"body": …, "status": 200}, …]`.
async fn answer(items: Arc<Vec<BatchItem>>, answers: Vec<Body>, incoming: Incoming) -> Result<HttpResponse, ApiError> {
    let bytes: usize = answers.iter().flatten().map(Vec::len).sum();
    let write = move || write_answers(&items, answers, incoming.parameter("fields"));
    // Picking fields of much JSON takes time that others on this worker wait for.
    let body = if bytes > INLINE_BYTES { web::block(write).await.map_err(ApiError::internal)?? } else { write()? };
    Ok(respond::ready(body))
}

fn write_answers(items: &[BatchItem], answers: Vec<Body>, outer_fields: &str) -> Result<Vec<u8>, ApiError> {
    let answers = items.iter().zip(answers).map(|(item, answer)| picked(item, answer));
    let mut out = Vec::with_capacity(1024);
    if outer_fields.is_empty() {
        out.push(b'[');
        for (index, answer) in answers.enumerate() {
            if index > 0 {
                out.push(b',');
            }
            let answer = answer?;
            out.extend_from_slice(b"{\"body\":");
            out.extend_from_slice(answer.as_deref().unwrap_or(b"null"));
            out.extend_from_slice(if answer.is_some() { b",\"status\":200}" } else { b",\"status\":204}" });
        }
        out.push(b']');
    } else if let Ok(picker) = Picker::parse(outer_fields) {
        let parse = |answer: Result<Body, ApiError>| match answer? {
            Some(bytes) => Ok(json!({"body": parsed(&bytes)?, "status": 200})),
            None => Ok(json!({"body": null, "status": 204})),
        };
        let whole = Json::Array(answers.map(parse).collect::<Result<_, ApiError>>()?);
        json_text::write_value(&mut out, &picker.apply(&whole));
    }
    Ok(out)
}

/// An item's answer, reduced to what its own `fields` parameter names.
fn picked(item: &BatchItem, answer: Body) -> Result<Body, ApiError> {
    let (Some(bytes), fields) = (&answer, item.parameter("fields")) else { return Ok(answer) };
    if fields.is_empty() {
        return Ok(answer);
    }
    // It parsed before the batch ran.
    let Ok(picker) = Picker::parse(fields) else { return Ok(answer) };
    let mut out = Vec::with_capacity(bytes.len());
    json_text::write_value(&mut out, &picker.apply(&parsed(bytes)?));
    Ok(Some(out))
}

fn parsed(bytes: &[u8]) -> Result<Json, ApiError> {
    serde_json::from_slice(bytes).map_err(ApiError::internal)
}

/// The envelope of a batch that was not done. A failing item's own envelope is in it, unless the failure is the server's.
fn failed(error: BatchError) -> ApiError {
    let (index, error) = match error {
        BatchError::FilesMoved(moved) => return moved.into(),
        BatchError::Stopped => return ApiError::bad_request(FAILED),
        BatchError::Db(cause) => return cause.into(),
        BatchError::Item { index, error } => (index, error),
    };
    let response: ApiError = match error {
        ItemError::Unsupported => ApiError::bad_request("A batch cannot do this."),
        ItemError::TooManyRequests(refused) => refused.into(),
        ItemError::Record(cause) => cause.into(),
    };
    if response.status_code().is_server_error() {
        return response;
    }
    let issue = json!({
        "code": "batch_request_failed",
        "message": "This request failed.",
        "response": response.to_json(),
    });
    let requests = Map::from_iter([(index.to_string(), issue)]);
    ApiError::with_data(StatusCode::BAD_REQUEST, FAILED, json!({"requests": requests}))
}

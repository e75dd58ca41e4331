//! `/api/collections/{collection}/records`

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::{ApiError, AppState, ClientIp, Incoming, body, found, respond, save};
use crate::db::{ReadTx, WriteTx};
use crate::query::Rule;
use crate::records::{self, Action, Answer, RecordError, Request};

/// Said of a body that cannot be read.
pub(super) const MALFORMED: &str = "The request body cannot be read.";

/// The parts of a record's path.
#[derive(Debug, Deserialize)]
pub(super) struct RecordPath {
    pub(super) collection: String,
    pub(super) id: String,
}

/// `GET /api/collections/{collection}/records`
pub(super) async fn list(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    incoming: Incoming,
    client: ClientIp,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read_beside(&request, payload).await?;
    let now = state.db.clock().unix_millis();
    let is_picky = !incoming.parameter("filter").is_empty() || found::is_search(&incoming);
    let probed = if is_picky { probed_collection(&state, &collection) } else { None };
    let (body, shows_nothing) = if found::is_search(&incoming) {
        found::list(&state, incoming, collection.into_inner(), sent).await?
    } else {
        let read = move |tx: &ReadTx<'_>| {
            let entered = incoming.enter_read(tx, now, &sent)?;
            let is_superuser = entered.request().caller.is_superuser();
            let body = records::list(tx, entered.request(), &collection, &found::list_query(&incoming))?;
            let shows_nothing = is_empty(&body) && !is_superuser;
            Ok::<_, ApiError>((respond::pick(tx, body, incoming.parameter("fields"))?, shows_nothing))
        };
        state.db.read(read).await?
    };
    if shows_nothing {
        slow_down(&state, client, probed, now).await;
    }
    Ok(respond::ready(body))
}

/// Makes somebody wait who may be probing for records of a collection that a rule hides, and was shown nothing.
pub(super) async fn slow_down(state: &AppState, client: ClientIp, probed: Option<String>, now_ms: i64) {
    let delay = probed.and_then(|collection| state.probing.note(client.0, &collection, now_ms));
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
}

/// Whether a page has no records.
pub(super) fn is_empty(page: &[u8]) -> bool {
    page.starts_with(b"{\"items\":[]")
}

/// The id of a collection that a filtered list or a search may be probing, be it by the time it takes: one whose list rule
/// hides some of its records.
pub(super) fn probed_collection(state: &AppState, collection: &str) -> Option<String> {
    let plan = state.catalog.load().find(collection).cloned()?;
    matches!(plan.rules().list(), Rule::Expression(_)).then(|| plan.collection().id.clone())
}

/// `GET /api/collections/{collection}/records/{id}`
pub(super) async fn view(
    state: web::Data<AppState>,
    request: HttpRequest,
    path: web::Path<RecordPath>,
    incoming: Incoming,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read_beside(&request, payload).await?;
    let now = state.db.clock().unix_millis();
    let read = move |tx: &ReadTx<'_>| {
        let entered = incoming.enter_read(tx, now, &sent)?;
        let body = records::view(tx, entered.request(), &path.collection, &path.id, incoming.parameter("expand"))?;
        respond::pick(tx, body, incoming.parameter("fields"))
    };
    Ok(respond::ready(state.db.read(read).await?))
}

/// `POST /api/collections/{collection}/records`
pub(super) async fn create(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    incoming: Incoming,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let path = RecordPath { collection: collection.into_inner(), id: String::new() };
    let (saved, seq) = save::save(&state, Action::Create, path, &request, &incoming, payload).await?;
    Ok(respond::with_seq(answer(&state, &incoming, saved).await?, seq))
}

/// `PATCH /api/collections/{collection}/records/{id}`
pub(super) async fn update(
    state: web::Data<AppState>,
    request: HttpRequest,
    path: web::Path<RecordPath>,
    incoming: Incoming,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let (saved, seq) = save::save(&state, Action::Update, path.into_inner(), &request, &incoming, payload).await?;
    Ok(respond::with_seq(answer(&state, &incoming, saved).await?, seq))
}

/// The answer to a committed save, reduced to what the `fields` parameter names.
async fn answer(state: &AppState, incoming: &Incoming, answer: Answer) -> Result<HttpResponse, ApiError> {
    let pending = match answer {
        Answer::Ready(body) => return respond::json(body, incoming.parameter("fields")),
        Answer::Pending(pending) => pending,
    };
    let pending = std::sync::Arc::new(pending);
    let (catalog, sent, asked) = (state.catalog.clone(), incoming.clone(), std::sync::Arc::clone(&pending));
    let read = move |tx: &ReadTx<'_>| {
        let body = asked.make(tx, &catalog.load())?;
        respond::pick(tx, body, sent.parameter("fields"))
    };
    match state.db.read(read).await {
        Ok(body) => Ok(respond::ready(body)),
        // There may be no room for the read. The record is saved: an error would make the client save it again.
        Err(error) => {
            tracing::warn!(?error, "the answer to a save is sent without related records");
            respond::json(pending.make_plain()?, incoming.parameter("fields"))
        }
    }
}

/// `DELETE /api/collections/{collection}/records/{id}`
pub(super) async fn delete(
    state: web::Data<AppState>,
    request: HttpRequest,
    path: web::Path<RecordPath>,
    incoming: Incoming,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read_beside(&request, payload).await?;
    let write = move |tx: &mut WriteTx<'_>| {
        let entered = incoming.enter_with(tx, tx.now_millis(), &sent)?;
        records::delete(tx, entered.request(), &path.collection, &path.id)?;
        Ok::<_, RecordError>(tx.last_change())
    };
    let seq = state.db.write(write).await?;
    Ok(respond::with_seq(respond::no_content(), seq))
}

/// `DELETE /api/collections/{collection}/truncate`
pub(super) async fn truncate(
    state: web::Data<AppState>,
    collection: web::Path<String>,
    incoming: Incoming,
) -> Result<HttpResponse, ApiError> {
    let write = move |tx: &mut WriteTx<'_>| {
        let entered = incoming.enter(tx, tx.now_millis())?;
        let Request { catalog, caller, .. } = entered.request();
        records::truncate(tx, catalog, caller.superuser()?, &collection)?;
        Ok::<_, ApiError>(tx.last_change())
    };
    let seq = state.db.write(write).await?;
    Ok(respond::with_seq(respond::no_content(), seq))
}

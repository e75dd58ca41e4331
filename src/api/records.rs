//! `/api/collections/{collection}/records`

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::{ApiError, AppState, ClientIp, Incoming, body, respond};
use crate::db::{ReadTx, WriteTx};
use crate::query::Rule;
use crate::records::{
    self, Action, Answer, CreateRequest, ListQuery, PasswordWork, RecordError, Request, UpdateRequest,
};
use crate::schema::{Collection, Field, FieldOptions};

/// Said of a body that cannot be read.
const MALFORMED: &str = "The request body cannot be read.";

/// The parts of a record's path.
#[derive(Debug, Deserialize)]
pub(super) struct RecordPath {
    collection: String,
    id: String,
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
    let probed = probed_collection(&state, &incoming, &collection);
    let read = move |tx: &ReadTx<'_>| {
        let entered = incoming.enter_read(tx, now, &sent)?;
        let is_superuser = entered.request().caller.is_superuser();
        let list = ListQuery {
            page: incoming.parameter("page"),
            per_page: incoming.parameter("perPage"),
            skip_total: incoming.parameter("skipTotal"),
            sort: incoming.parameter("sort"),
            filter: incoming.parameter("filter"),
            expand: incoming.parameter("expand"),
            cursor: incoming.find_parameter("cursor"),
            max_total: incoming.parameter("maxTotal"),
        };
        let body = records::list(tx, entered.request(), &collection, &list)?;
        let is_empty = body.starts_with(b"{\"items\":[]");
        Ok::<_, ApiError>((respond::pick(tx, body, incoming.parameter("fields"))?, is_empty && !is_superuser))
    };
    let (body, shows_nothing) = state.db.read(read).await?;
    if let (true, Some(collection)) = (shows_nothing, probed)
        && let Some(delay) = state.probing.note(client.0, &collection, now)
    {
        tokio::time::sleep(delay).await;
    }
    Ok(respond::ready(body))
}

/// The id of a collection that a filtered list may be probing: one whose list rule hides some of its records.
fn probed_collection(state: &AppState, incoming: &Incoming, collection: &str) -> Option<String> {
    if incoming.parameter("filter").is_empty() {
        return None;
    }
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
    let limit = admit(&state, Action::Create, &collection, &incoming).await?;
    let body = body::read_object(&request, payload, limit).await.map_err(|e| e.into_api(MALFORMED))?;
    let path = RecordPath { collection: collection.into_inner(), id: String::new() };
    let (path, body, passwords) = hash_passwords(&state, Action::Create, path, body, &incoming).await?;
    let (sent, options) = (incoming.clone(), state.save_options());
    let write = move |tx: &mut WriteTx<'_>| {
        let entered = sent.enter(tx, tx.now_millis())?;
        let what = CreateRequest { collection: &path.collection, body: &body, passwords: &passwords, options };
        let saved = records::create(tx, entered.request(), &what)?;
        saved.into_answer(entered.request(), sent.parameter("expand"))
    };
    answer(&state, &incoming, state.db.write(write).await?).await
}

/// `PATCH /api/collections/{collection}/records/{id}`
pub(super) async fn update(
    state: web::Data<AppState>,
    request: HttpRequest,
    path: web::Path<RecordPath>,
    incoming: Incoming,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let limit = admit(&state, Action::Update, &path.collection, &incoming).await?;
    let body = body::read_object(&request, payload, limit).await.map_err(|e| e.into_api(MALFORMED))?;
    let (path, body, passwords) = hash_passwords(&state, Action::Update, path.into_inner(), body, &incoming).await?;
    let (sent, options) = (incoming.clone(), state.save_options());
    let write = move |tx: &mut WriteTx<'_>| {
        let entered = sent.enter(tx, tx.now_millis())?;
        let what =
            UpdateRequest { collection: &path.collection, id: &path.id, body: &body, passwords: &passwords, options };
        let saved = records::update(tx, entered.request(), &what)?;
        saved.into_answer(entered.request(), sent.parameter("expand"))
    };
    answer(&state, &incoming, state.db.write(write).await?).await
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
        records::delete(tx, entered.request(), &path.collection, &path.id)
    };
    state.db.write(write).await?;
    Ok(respond::no_content())
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
        Ok::<_, ApiError>(())
    };
    state.db.write(write).await?;
    Ok(respond::no_content())
}

/// The largest body of a record of this collection: the ordinary limit and room for its large fields.
///
/// Whoever may not write is turned away before the body is read, so that nobody can fill the memory with bodies that are
/// refused afterwards.
async fn admit(state: &AppState, action: Action, collection: &str, incoming: &Incoming) -> Result<usize, ApiError> {
    let plan = state.catalog.load().find(collection).cloned().ok_or(RecordError::CollectionNotFound)?;
    let collection = plan.collection();
    let rule = if action == Action::Create { &collection.rules.create } else { &collection.rules.update };
    if rule.is_none() || plan.is_view() {
        let now = state.db.clock().unix_millis();
        let (incoming, id) = (incoming.clone(), collection.id.clone());
        let check = move |tx: &ReadTx<'_>| records::admit(incoming.enter(tx, now)?.request(), action, &id);
        state.db.read(check).await?;
    }
    Ok((state.config.max_body_mb << 20).saturating_add(room_for_fields(collection)))
}

fn room_for_fields(collection: &Collection) -> usize {
    let room = |field: &Field| match &field.options {
        FieldOptions::Editor(options) => options.max_bytes(),
        FieldOptions::Json(options) => options.max_bytes(),
        _ => 0,
    };
    let total = collection.fields.iter().map(room).fold(0, i64::saturating_add);
    usize::try_from(total).unwrap_or(usize::MAX)
}

type Prepared = (RecordPath, serde_json::Map<String, serde_json::Value>, PasswordWork);

/// Hashes the body's passwords before the write; other bodies pass straight through.
async fn hash_passwords(
    state: &AppState,
    action: Action,
    path: RecordPath,
    body: serde_json::Map<String, serde_json::Value>,
    incoming: &Incoming,
) -> Result<Prepared, ApiError> {
    let is_concerned =
        state.catalog.load().find(&path.collection).is_some_and(|plan| records::concerns_passwords(plan, &body));
    if !is_concerned {
        return Ok((path, body, PasswordWork::default()));
    }
    let now = state.db.clock().unix_millis();
    let shared = std::sync::Arc::new((path, body));
    let guesser = incoming.guesser(state);
    let (input, incoming) = (std::sync::Arc::clone(&shared), incoming.clone());
    let read = move |tx: &ReadTx<'_>| {
        let (path, body) = &*input;
        let entered = incoming.enter_read(tx, now, body)?;
        records::plan_passwords(tx, entered.request(), action, &path.collection, &path.id, body)
    };
    let passwords = state.db.read(read).await?.run(&state.hasher, guesser).await?;
    let (path, body) =
        std::sync::Arc::try_unwrap(shared).map_err(|_| ApiError::internal("the read still holds its input"))?;
    Ok((path, body, passwords))
}

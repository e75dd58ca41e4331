//! `/api/collections/{collection}/records`

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::{ApiError, AppState, AuthToken, QueryParameters, body, respond};
use crate::identity::{TokenKind, verify};
use crate::records::{
    self, Action, CreateRequest, ListQuery, PasswordWork, RecordError, UpdateRequest, Visibility, write_record,
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
    collection: web::Path<String>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    let now = state.db.clock().unix_seconds();
    let catalog = state.catalog.clone();
    let sent = query.clone();
    let read = move |tx: &crate::db::ReadTx<'_>| {
        let catalog = catalog.load();
        let caller = verify(tx, &catalog, token.as_deref(), TokenKind::Auth, now)?;
        let list = ListQuery {
            page: sent.get("page"),
            per_page: sent.get("perPage"),
            skip_total: sent.get("skipTotal"),
            sort: sent.get("sort"),
            filter: sent.get("filter"),
        };
        let body = records::list(tx, &catalog, &caller, &collection, &list)?;
        respond::pick(tx, body, sent.get("fields"))
    };
    Ok(respond::ready(state.db.read(read).await?))
}

/// `GET /api/collections/{collection}/records/{id}`
pub(super) async fn view(
    state: web::Data<AppState>,
    path: web::Path<RecordPath>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    let now = state.db.clock().unix_seconds();
    let catalog = state.catalog.clone();
    let read = move |tx: &crate::db::ReadTx<'_>| {
        let catalog = catalog.load();
        let caller = verify(tx, &catalog, token.as_deref(), TokenKind::Auth, now)?;
        let body = records::view(tx, &catalog, &caller, &path.collection, &path.id)?;
        respond::pick(tx, body, query.get("fields"))
    };
    Ok(respond::ready(state.db.read(read).await?))
}

/// `POST /api/collections/{collection}/records`
pub(super) async fn create(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    query: QueryParameters,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let limit = admit(&state, Action::Create, &collection, &token).await?;
    let body = body::read_object(&request, payload, limit).await.map_err(|e| e.into_api(MALFORMED))?;
    let path = RecordPath { collection: collection.into_inner(), id: String::new() };
    let (path, body, token, passwords) = hash_passwords(&state, Action::Create, path, body, token).await?;
    let (catalog, options) = (state.catalog.clone(), state.save_options());
    let write = move |tx: &mut crate::db::WriteTx<'_>| {
        let catalog = catalog.load();
        let caller = verify(tx, &catalog, token.as_deref(), TokenKind::Auth, tx.now_millis().div_euclid(1000))?;
        let request = CreateRequest { collection: &path.collection, body: &body, passwords: &passwords, options };
        let record = records::create(tx, &catalog, &caller, &request)?;
        let mut out = Vec::with_capacity(1024);
        write_record(&record, Visibility::of(&caller), &mut out)?;
        Ok::<_, RecordError>(out)
    };
    respond::json(state.db.write(write).await?, &query)
}

/// `PATCH /api/collections/{collection}/records/{id}`
pub(super) async fn update(
    state: web::Data<AppState>,
    request: HttpRequest,
    path: web::Path<RecordPath>,
    query: QueryParameters,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let limit = admit(&state, Action::Update, &path.collection, &token).await?;
    let body = body::read_object(&request, payload, limit).await.map_err(|e| e.into_api(MALFORMED))?;
    let (path, body, token, passwords) = hash_passwords(&state, Action::Update, path.into_inner(), body, token).await?;
    let (catalog, options) = (state.catalog.clone(), state.save_options());
    let write = move |tx: &mut crate::db::WriteTx<'_>| {
        let catalog = catalog.load();
        let caller = verify(tx, &catalog, token.as_deref(), TokenKind::Auth, tx.now_millis().div_euclid(1000))?;
        let request =
            UpdateRequest { collection: &path.collection, id: &path.id, body: &body, passwords: &passwords, options };
        let record = records::update(tx, &catalog, &caller, &request)?;
        let mut out = Vec::with_capacity(1024);
        write_record(&record, Visibility::of(&caller), &mut out)?;
        Ok::<_, RecordError>(out)
    };
    respond::json(state.db.write(write).await?, &query)
}

/// `DELETE /api/collections/{collection}/records/{id}`
pub(super) async fn delete(
    state: web::Data<AppState>,
    path: web::Path<RecordPath>,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    let catalog = state.catalog.clone();
    let write = move |tx: &mut crate::db::WriteTx<'_>| {
        let catalog = catalog.load();
        let caller = verify(tx, &catalog, token.as_deref(), TokenKind::Auth, tx.now_millis().div_euclid(1000))?;
        records::delete(tx, &catalog, &caller, &path.collection, &path.id)
    };
    state.db.write(write).await?;
    Ok(respond::no_content())
}

/// `DELETE /api/collections/{collection}/truncate`
pub(super) async fn truncate(
    state: web::Data<AppState>,
    collection: web::Path<String>,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    let catalog = state.catalog.clone();
    let write = move |tx: &mut crate::db::WriteTx<'_>| {
        let catalog = catalog.load();
        let caller = verify(tx, &catalog, token.as_deref(), TokenKind::Auth, tx.now_millis().div_euclid(1000))?;
        records::truncate(tx, &catalog, caller.superuser()?, &collection)?;
        Ok::<_, ApiError>(())
    };
    state.db.write(write).await?;
    Ok(respond::no_content())
}

/// The largest body of a record of this collection: the ordinary limit and room for its large fields.
///
/// Whoever may not write is turned away before the body is read, so that nobody can fill the memory with bodies that are
/// refused afterwards.
async fn admit(state: &AppState, action: Action, collection: &str, token: &AuthToken) -> Result<usize, ApiError> {
    let plan = state.catalog.load().find(collection).cloned().ok_or(RecordError::CollectionNotFound)?;
    let collection = plan.collection();
    let rule = if action == Action::Create { &collection.rules.create } else { &collection.rules.update };
    if rule.as_deref() != Some("") {
        let now = state.db.clock().unix_seconds();
        let (catalog, token, id) = (state.catalog.clone(), token.clone(), collection.id.clone());
        let check = move |tx: &crate::db::ReadTx<'_>| {
            let catalog = catalog.load();
            let caller = verify(tx, &catalog, token.as_deref(), TokenKind::Auth, now)?;
            records::admit(&catalog, &caller, action, &id)
        };
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

type Prepared = (RecordPath, serde_json::Map<String, serde_json::Value>, AuthToken, PasswordWork);

/// Hashes the body's passwords before the write; other bodies pass straight through.
async fn hash_passwords(
    state: &AppState,
    action: Action,
    path: RecordPath,
    body: serde_json::Map<String, serde_json::Value>,
    token: AuthToken,
) -> Result<Prepared, ApiError> {
    let is_concerned =
        state.catalog.load().find(&path.collection).is_some_and(|plan| records::concerns_passwords(plan, &body));
    if !is_concerned {
        return Ok((path, body, token, PasswordWork::default()));
    }
    let now = state.db.clock().unix_seconds();
    let catalog = state.catalog.clone();
    let shared = std::sync::Arc::new((path, body, token));
    let input = std::sync::Arc::clone(&shared);
    let read = move |tx: &crate::db::ReadTx<'_>| {
        let (path, body, token) = &*input;
        let catalog = catalog.load();
        let caller = verify(tx, &catalog, token.as_deref(), TokenKind::Auth, now)?;
        records::plan_passwords(tx, &catalog, &caller, action, &path.collection, &path.id, body)
    };
    let passwords = state.db.read(read).await?.run(&state.hasher).await?;
    let (path, body, token) =
        std::sync::Arc::try_unwrap(shared).map_err(|_| ApiError::internal("the read still holds its input"))?;
    Ok((path, body, token, passwords))
}

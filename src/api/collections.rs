//! `/api/collections`: definitions of collections, for superusers only.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::body::{self, BodyError};
use super::{ApiError, AppState, AuthToken, QueryParameters, get, respond};
use crate::collections::{self, CollectionError, CollectionPage, ListParams};
use crate::db::{ReadTx, WriteTx};
use crate::oauth2::known_providers;
use crate::query::Catalog;
use crate::schema::{ApiCollection, Field};
use crate::validation::{Issue, ValidationErrors};

/// Said of a body that cannot be read.
const MALFORMED: &str = "The submitted collection cannot be read.";

/// The routes of this file. Fixed names come before the collection's.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    const COLLECTION: &str = "/api/collections/{collection}";
    config
        .route("/api/collections", get().to(list))
        .route("/api/collections", web::post().to(create))
        .route("/api/collections/import", web::put().to(import))
        .route("/api/collections/meta/scaffolds", get().to(scaffolds))
        .route("/api/collections/meta/oauth2-providers", get().to(oauth2_providers))
        .route("/api/collections/meta/dry-run-view", web::post().to(dry_run_view))
        .route(COLLECTION, get().to(view))
        .route(COLLECTION, web::patch().to(update))
        .route(COLLECTION, web::delete().to(delete));
}

/// `GET /api/collections`
async fn list(state: web::Data<AppState>, query: QueryParameters, token: AuthToken) -> Result<HttpResponse, ApiError> {
    let params = list_params(&query)?;
    let now = state.db.clock().unix_millis();
    let page = read(&state, token, move |conn, catalog| {
        let page = collections::list(conn, catalog, &params, now).map_err(|error| failed("list collections", error))?;
        to_json(&ListAnswer::of(&page))
    });
    respond::json(page.await?, query.get("fields"))
}

/// `GET /api/collections/{collection}`
async fn view(
    state: web::Data<AppState>,
    collection: web::Path<String>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    let found = read(&state, token, move |_, catalog| {
        let collection = catalog.schema().find(&collection).ok_or_else(ApiError::not_found)?;
        to_json(&ApiCollection(collection))
    });
    respond::json(found.await?, query.get("fields"))
}

/// `POST /api/collections`
async fn create(
    state: web::Data<AppState>,
    request: HttpRequest,
    query: QueryParameters,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let body = read_body(&state, &request, &token, payload, MALFORMED).await?;
    let created = change(&state, token, move |conn, now| {
        let created = collections::create(conn, now, &body).map_err(|error| failed("create collection", error))?;
        to_json(&ApiCollection(&created))
    });
    respond::json(created.await?, query.get("fields"))
}

/// `PATCH /api/collections/{collection}`
async fn update(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    query: QueryParameters,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let body = read_body(&state, &request, &token, payload, MALFORMED).await?;
    let updated = change(&state, token, move |conn, now| {
        let updated =
            collections::update(conn, now, &collection, &body).map_err(|error| failed("update collection", error))?;
        to_json(&ApiCollection(&updated))
    });
    respond::json(updated.await?, query.get("fields"))
}

/// `DELETE /api/collections/{collection}`
async fn delete(
    state: web::Data<AppState>,
    collection: web::Path<String>,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    let deleted = change(&state, token, move |conn, _| {
        collections::delete(conn, &collection).map_err(|error| failed("delete collection", error))
    });
    deleted.await?;
    Ok(respond::no_content())
}

/// `PUT /api/collections/import`
async fn import(
    state: web::Data<AppState>,
    request: HttpRequest,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let body = read_body(&state, &request, &token, payload, MALFORMED).await?;
    let imported = change(&state, token, move |conn, now| {
        collections::import(conn, now, &body).map_err(|error| failed("import collections", error))
    });
    imported.await?;
    Ok(respond::no_content())
}

/// `GET /api/collections/meta/scaffolds`
async fn scaffolds(
    state: web::Data<AppState>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    #[derive(Serialize)]
    struct Answer<'a> {
        auth: ApiCollection<'a>,
        base: ApiCollection<'a>,
        view: ApiCollection<'a>,
    }
    let answer = read(&state, token, |_, _| {
        let fresh = collections::scaffolds();
        to_json(&Answer {
            auth: ApiCollection(&fresh.auth),
            base: ApiCollection(&fresh.base),
            view: ApiCollection(&fresh.view),
        })
    });
    respond::json(answer.await?, query.get("fields"))
}

/// `GET /api/collections/meta/oauth2-providers`
async fn oauth2_providers(
    state: web::Data<AppState>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        name: &'static str,
        display_name: &'static str,
        logo: String,
    }
    let answer = read(&state, token, |_, _| {
        let providers = known_providers().map(|provider| Answer {
            name: provider.name,
            display_name: provider.display_name,
            logo: provider.logo(),
        });
        to_json(&providers.collect::<Vec<_>>())
    });
    respond::json(answer.await?, query.get("fields"))
}

/// `POST /api/collections/meta/dry-run-view`
async fn dry_run_view(
    state: web::Data<AppState>,
    request: HttpRequest,
    query: QueryParameters,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    const MALFORMED: &str = "The submitted query cannot be read.";
    #[derive(Serialize)]
    struct Answer {
        fields: Vec<Map<String, Json>>,
        sample: Vec<Box<serde_json::value::RawValue>>,
    }
    let body = read_body(&state, &request, &token, payload, MALFORMED).await?;
    let sql = match body.get("query") {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(sql)) => sql.clone(),
        Some(_) => return Err(ApiError::bad_request(MALFORMED)),
    };
    let catalog = state.catalog.clone();
    // On the writer, whose connection has the guard that user SQL runs under; nothing is written.
    let job = move |tx: &mut WriteTx<'_>| {
        require_superuser(tx, &catalog.load(), &token, tx.now_millis())?;
        let run = collections::dry_run_view(tx, &sql).map_err(|error| failed("run the query", error))?;
        let sample = run.sample.into_iter().map(serde_json::value::RawValue::from_string);
        to_json(&Answer {
            fields: run.fields.iter().map(Field::to_json).collect(),
            sample: sample.collect::<Result<_, _>>().map_err(ApiError::internal)?,
        })
    };
    respond::json(state.db.write(job).await?, query.get("fields"))
}

/// Page and sort as sent; absent ones have their defaults.
pub(super) fn list_params(query: &QueryParameters) -> Result<ListParams, ApiError> {
    let unusable = || ApiError::bad_request("The request's query parameters cannot be used.");
    let number = |name: &str| match query.get(name) {
        "" => Ok(0),
        text => text.parse().map_err(|_| unusable()),
    };
    Ok(ListParams {
        page: number("page")?,
        per_page: number("perPage")?,
        skip_total: match query.get("skipTotal") {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => true,
            "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => false,
            _ => return Err(unusable()),
        },
        sort: query.get("sort").to_owned(),
        filter: query.get("filter").to_owned(),
    })
}

/// The envelope of lists; totals that were not asked for are -1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListAnswer<'a> {
    items: Vec<ApiCollection<'a>>,
    page: usize,
    per_page: usize,
    total_items: i64,
    total_pages: i64,
}

impl<'a> ListAnswer<'a> {
    fn of(page: &'a CollectionPage) -> Self {
        let or_unknown = |count: Option<usize>| count.map_or(-1, |count| i64::try_from(count).unwrap_or(i64::MAX));
        Self {
            items: page.items.iter().map(|collection| ApiCollection(collection)).collect(),
            page: page.page,
            per_page: page.per_page,
            total_items: or_unknown(page.total_items),
            total_pages: or_unknown(page.total_pages()),
        }
    }
}

/// Runs `job` on the collections in memory, for a superuser.
async fn read(
    state: &AppState,
    token: AuthToken,
    job: impl Fn(&Connection, &Catalog) -> Result<Vec<u8>, ApiError> + Send + Sync + 'static,
) -> Result<Vec<u8>, ApiError> {
    let catalog = state.catalog.clone();
    let now = state.db.clock().unix_millis();
    let read = move |tx: &ReadTx<'_>| {
        let catalog = catalog.load();
        require_superuser(tx, &catalog, &token, now)?;
        job(tx, &catalog)
    };
    state.db.read(read).await
}

/// Runs `job`, which changes collections, for a superuser. The collections in memory follow once it is committed.
async fn change<T: Send + 'static>(
    state: &AppState,
    token: AuthToken,
    job: impl FnOnce(&Connection, &str) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let shared = state.catalog.clone();
    let write = move |tx: &mut WriteTx<'_>| {
        require_superuser(tx, &shared.load(), &token, tx.now_millis())?;
        let done = job(tx, &tx.now())?;
        let catalog = Arc::new(Catalog::new(collections::store::load_all(tx)?));
        tx.after_commit(move || shared.store(catalog));
        Ok(done)
    };
    state.db.write_schema(write).await
}

/// Reads a superuser's body; others are refused before theirs is looked at.
async fn read_body(
    state: &AppState,
    request: &HttpRequest,
    token: &AuthToken,
    payload: web::Payload,
    malformed: &'static str,
) -> Result<Map<String, Json>, ApiError> {
    read(state, token.clone(), |_, _| Ok(Vec::new())).await?;
    let body = body::read_object(request, payload, state.config.max_body_mb << 20).await;
    body.map_err(|error: BodyError| error.into_api(malformed))
}

fn require_superuser(conn: &Connection, catalog: &Catalog, token: &AuthToken, now_millis: i64) -> Result<(), ApiError> {
    let caller = token.verify(conn, catalog, now_millis.div_euclid(1000))?;
    caller.superuser()?;
    Ok(())
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(value).map_err(ApiError::internal)
}

/// The answer to a failed operation. SQLite's words are shown, since all callers are superusers.
fn failed(operation: &'static str, error: CollectionError) -> ApiError {
    match error {
        CollectionError::NotFound => ApiError::not_found(),
        CollectionError::MalformedType | CollectionError::Malformed => {
            ApiError::bad_request(format!("Failed to {operation}: a value has the wrong type."))
        }
        CollectionError::Invalid(errors) => ApiError::invalid(format!("Failed to {operation}."), &errors),
        CollectionError::System(name) => {
            ApiError::bad_request(format!("Failed to {operation}: \"{name}\" is a system collection."))
        }
        CollectionError::Referenced(names) => ApiError::bad_request(format!(
            "Failed to {operation}: relation fields of {} refer to it.",
            names.join(", ")
        )),
        CollectionError::UsedByViews(names) => {
            ApiError::bad_request(format!("Failed to {operation}: the views {} read from it.", names.join(", ")))
        }
        CollectionError::Rejected(reason) => {
            ApiError::bad_request(format!("Failed to {operation}. Raw error: \n{reason}."))
        }
        CollectionError::ViewQuery(reason) => {
            ApiError::bad_request(format!("Invalid view query. Raw error: \n{reason}."))
        }
        CollectionError::Import(reason) => {
            let issue = Issue::new("validation_collections_import_failure", format!("Nothing was imported: {reason}"));
            ApiError::invalid(format!("Failed to {operation}."), &ValidationErrors::of("collections", issue))
        }
        CollectionError::List(reason) => {
            ApiError::bad_request(format!("The request's query parameters cannot be used: {reason}."))
        }
        CollectionError::Db(cause) => cause.into(),
    }
}

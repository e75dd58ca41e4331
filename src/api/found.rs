//! Searching records: `search=` on lists, several collections at once, suggestions.

use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value as Json};

use super::records::is_empty;
use super::{ApiError, AppState, Incoming, body, respond};
use crate::db::ReadTx;
use crate::records::{self, Action, ListQuery, RecordError};
use crate::search::{self, AcrossQuery, SearchFailure, SearchQuery, SuggestQuery};

/// Longest wait for a change to be in the index.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// The parameters of a list.
pub(super) fn list_query(incoming: &Incoming) -> ListQuery<'_> {
    ListQuery {
        page: incoming.parameter("page"),
        per_page: incoming.parameter("perPage"),
        skip_total: incoming.parameter("skipTotal"),
        sort: incoming.parameter("sort"),
        filter: incoming.parameter("filter"),
        expand: incoming.parameter("expand"),
        cursor: incoming.find_parameter("cursor"),
        max_total: incoming.parameter("maxTotal"),
    }
}

/// Whether a list is a search.
pub(super) fn is_search(incoming: &Incoming) -> bool {
    !incoming.parameter("search").trim().is_empty()
}

/// The answer to a list that is a search, and whether it tells somebody who may not see everything that there is nothing.
pub(super) async fn list(
    state: &web::Data<AppState>,
    incoming: Incoming,
    collection: String,
    sent: Map<String, Json>,
) -> Result<(Vec<u8>, bool), ApiError> {
    await_change(state, &incoming, &collection).await?;
    let indexes = state.search.clone();
    run(state, move |tx, now, patience| {
        let entered = incoming.enter_read(tx, now, &sent)?;
        let query = SearchQuery {
            text: incoming.parameter("search"),
            highlight: incoming.parameter("highlight"),
            facets: incoming.parameter("facets"),
            list: list_query(&incoming),
        };
        let body = search::list(tx, entered.request(), &indexes, &collection, &query, patience)?;
        let shows_nothing = is_empty(&body) && !entered.request().caller.is_superuser();
        Ok((respond::pick(tx, body, incoming.parameter("fields"))?, shows_nothing))
    })
    .await
}

/// `GET /api/search`
pub(super) async fn across(
    state: web::Data<AppState>,
    request: HttpRequest,
    incoming: Incoming,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read_beside(&request, payload).await?;
    let indexes = state.search.clone();
    let body = run(&state, move |tx, now, patience| {
        let entered = incoming.enter_read(tx, now, &sent)?;
        let query = AcrossQuery {
            text: incoming.parameter("q"),
            collections: incoming.parameter("collections"),
            highlight: incoming.parameter("highlight"),
            list: list_query(&incoming),
        };
        let body = search::across(tx, entered.request(), &indexes, &query, patience)?;
        respond::pick(tx, body, incoming.parameter("fields"))
    })
    .await?;
    Ok(respond::ready(body))
}

/// `GET /api/collections/{collection}/suggest`
pub(super) async fn suggest(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    incoming: Incoming,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read_beside(&request, payload).await?;
    let indexes = state.search.clone();
    let body = run(&state, move |tx, now, patience| {
        let entered = incoming.enter_read(tx, now, &sent)?;
        let query = SuggestQuery { text: incoming.parameter("q"), limit: incoming.parameter("limit") };
        let suggestions = search::suggest(tx, entered.request(), &indexes, &collection, &query, patience)?;
        let body = serde_json::to_vec(&suggestions).map_err(ApiError::internal)?;
        respond::pick(tx, body, incoming.parameter("fields"))
    })
    .await?;
    Ok(respond::ready(body))
}

/// Runs a search when it is its turn, on a thread for slow reads. The job gets the time and how long it may take at most.
async fn run<T, F>(state: &AppState, job: F) -> Result<T, ApiError>
where
    T: Send + 'static,
    F: Fn(&ReadTx<'_>, i64, Duration) -> Result<T, ApiError> + Send + Sync + 'static,
{
    let _turn = state.search_turns.take().await?;
    let now = state.db.clock().unix_millis();
    let patience = Duration::from_secs(state.config.query_timeout);
    state.db.read_slow(move |tx: &ReadTx<'_>| job(tx, now, patience)).await
}

/// Waits until the change that `searchAfter` names is in the index.
async fn await_change(state: &AppState, incoming: &Incoming, collection: &str) -> Result<(), ApiError> {
    let text = incoming.parameter("searchAfter");
    if text.is_empty() {
        return Ok(());
    }
    let bad = || RecordError::BadQuery("`searchAfter` must be a whole number".to_owned());
    let seq: i64 = text.parse().map_err(|_| bad())?;
    // Whoever is denied does not wait for it.
    let (asker, name) = (incoming.clone(), collection.to_owned());
    let now = state.db.clock().unix_millis();
    let admit =
        move |tx: &ReadTx<'_>| records::admit(asker.enter_read(tx, now, &Map::new())?.request(), Action::List, &name);
    state.db.read(admit).await?;
    let id = state.catalog.load().find(collection).map(|plan| plan.collection().id.clone());
    let id = id.ok_or(RecordError::CollectionNotFound)?;
    state.search.snapshot(&id)?;
    if state.search.wait_for(&id, seq, Instant::now() + MAX_WAIT).await { Ok(()) } else { Err(ApiError::overloaded()) }
}

impl From<SearchFailure> for ApiError {
    fn from(failure: SearchFailure) -> Self {
        match failure {
            SearchFailure::Record(cause) => cause.into(),
            SearchFailure::NotSearchable(cause) => cause.into(),
            SearchFailure::TooSlow => Self::too_slow(),
            SearchFailure::Index(cause) => Self::internal(cause),
        }
    }
}

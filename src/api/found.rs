//! Searching records: `search=` on lists, several collections at once, suggestions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value as Json};

use super::records::{is_empty, probed_collection, slow_down};
use super::{ApiError, AppState, ClientIp, Incoming, body, respond};
use crate::db::{DbError, ReadTx, last_seq};
use crate::records::{self, Action, ListQuery, RecordError};
use crate::search::{self, AcrossQuery, SearchFailure, SearchQuery, SuggestQuery};

/// Longest wait for a change to be in the index.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// How often a search is read anew because the index knew of changes that the read did not see.
const MAX_READS: usize = 3;

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
    client: ClientIp,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read_beside(&request, payload).await?;
    let indexes = state.search.clone();
    let probed = probed_by(&state, incoming.parameter("collections"));
    let now = state.db.clock().unix_millis();
    let (body, shows_nothing) = run(&state, move |tx, now, patience| {
        let entered = incoming.enter_read(tx, now, &sent)?;
        let query = AcrossQuery {
            text: incoming.parameter("q"),
            collections: incoming.parameter("collections"),
            highlight: incoming.parameter("highlight"),
            list: list_query(&incoming),
        };
        let body = search::across(tx, entered.request(), &indexes, &query, patience)?;
        let shows_nothing = is_empty(&body) && !entered.request().caller.is_superuser();
        Ok((respond::pick(tx, body, incoming.parameter("fields"))?, shows_nothing))
    })
    .await?;
    if shows_nothing {
        slow_down(&state, client, probed, now).await;
    }
    Ok(respond::ready(body))
}

/// `GET /api/collections/{collection}/suggest`
pub(super) async fn suggest(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    incoming: Incoming,
    client: ClientIp,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read_beside(&request, payload).await?;
    let indexes = state.search.clone();
    let probed = probed_collection(&state, &collection);
    let now = state.db.clock().unix_millis();
    let (body, shows_nothing) = run(&state, move |tx, now, patience| {
        let entered = incoming.enter_read(tx, now, &sent)?;
        let query = SuggestQuery { text: incoming.parameter("q"), limit: incoming.parameter("limit") };
        let suggestions = search::suggest(tx, entered.request(), &indexes, &collection, &query, patience)?;
        let shows_nothing = suggestions.records.is_empty() && !entered.request().caller.is_superuser();
        let body = serde_json::to_vec(&suggestions).map_err(ApiError::internal)?;
        Ok((respond::pick(tx, body, incoming.parameter("fields"))?, shows_nothing))
    })
    .await?;
    if shows_nothing {
        slow_down(&state, client, probed, now).await;
    }
    Ok(respond::ready(body))
}

/// A collection that a question to several may be probing.
fn probed_by(state: &AppState, named: &str) -> Option<String> {
    let mut named = named.split(',').map(str::trim).filter(|name| !name.is_empty()).peekable();
    if named.peek().is_some() {
        return named.take(search::MAX_COLLECTIONS).find_map(|name| probed_collection(state, name));
    }
    let catalog = state.catalog.load();
    let mut all = catalog.schema().all().iter().filter(|collection| collection.search.is_some());
    all.find_map(|collection| probed_collection(state, &collection.id))
}

/// Runs a search when it is its turn, on a thread for searches. The job gets the time and how long it may take at most.
async fn run<T, F>(state: &AppState, job: F) -> Result<T, ApiError>
where
    T: Send + 'static,
    F: Fn(&ReadTx<'_>, i64, Duration) -> Result<T, Unanswered> + Send + Sync + 'static,
{
    let _turn = state.search_turns.take().await?;
    let patience = Duration::from_secs(state.config.query_timeout);
    let job = Arc::new(job);
    for _ in 0..MAX_READS {
        let (job, now) = (Arc::clone(&job), state.db.clock().unix_millis());
        match state.db.read_search(move |tx: &ReadTx<'_>| job(tx, now, patience)).await {
            Err(Unanswered::Early) => {}
            Err(Unanswered::Failed(error)) => return Err(error),
            Ok(answer) => return Ok(answer),
        }
    }
    Err(ApiError::overloaded())
}

/// Waits until the change that `searchAfter` names is in the index.
async fn await_change(state: &AppState, incoming: &Incoming, collection: &str) -> Result<(), ApiError> {
    let text = incoming.parameter("searchAfter");
    if text.is_empty() {
        return Ok(());
    }
    let bad = || RecordError::BadQuery("`searchAfter` must be a whole number".to_owned());
    let seq: i64 = text.parse().ok().filter(|seq| *seq >= 0).ok_or_else(bad)?;
    // Whoever is denied does not wait for it.
    let (asker, name) = (incoming.clone(), collection.to_owned());
    let now = state.db.clock().unix_millis();
    let admit = move |tx: &ReadTx<'_>| {
        records::admit(asker.enter_read(tx, now, &Map::new())?.request(), Action::List, &name)?;
        Ok::<_, RecordError>(last_seq(tx)?)
    };
    if seq > state.db.read(admit).await? {
        return Err(RecordError::BadQuery("`searchAfter` names a change that there has not been".to_owned()).into());
    }
    let id = state.catalog.load().find(collection).map(|plan| plan.collection().id.clone());
    let id = id.ok_or(RecordError::CollectionNotFound)?;
    state.search.snapshot(&id)?;
    if state.search.wait_for(&id, seq, Instant::now() + MAX_WAIT).await { Ok(()) } else { Err(ApiError::overloaded()) }
}

/// Why a read yields no answer to a search.
enum Unanswered {
    /// It began too early for the index; another one does.
    Early,
    Failed(ApiError),
}

impl From<SearchFailure> for Unanswered {
    fn from(failure: SearchFailure) -> Self {
        Self::Failed(match failure {
            SearchFailure::Early => return Self::Early,
            SearchFailure::Record(cause) => cause.into(),
            SearchFailure::NotSearchable(cause) => cause.into(),
            SearchFailure::TooSlow => ApiError::too_slow(),
            SearchFailure::Index(cause) => ApiError::internal(cause),
        })
    }
}

impl From<ApiError> for Unanswered {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

impl From<DbError> for Unanswered {
    fn from(error: DbError) -> Self {
        Self::Failed(error.into())
    }
}

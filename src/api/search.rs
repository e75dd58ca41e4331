//! Search indexes: how they are, and making one anew. For superusers only; an addition of Larder.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::request::require_superuser;
use super::{ApiError, AppState, AuthToken, QueryParameters, respond};
use crate::db::{ReadTx, last_seq};
use crate::search::{IndexStatus, NotSearchable};

/// The answer of `/api/search/status`.
#[derive(Serialize)]
struct StatusAnswer {
    /// The last change of the feed.
    seq: i64,
    indexes: Vec<IndexStatus>,
}

/// `GET /api/search/status`
pub(super) async fn status(
    state: web::Data<AppState>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token).await?;
    let seq = state.db.read(|tx: &ReadTx<'_>| last_seq(tx)).await?;
    // It looks at the disk.
    let search = state.search.clone();
    let indexes = web::block(move || search.status(seq)).await.map_err(ApiError::internal)?;
    let answer = StatusAnswer { seq, indexes };
    respond::json(serde_json::to_vec(&answer).map_err(ApiError::internal)?, query.get("fields"))
}

/// `POST /api/collections/{collection}/search/rebuild`
pub(super) async fn rebuild(
    state: web::Data<AppState>,
    collection: web::Path<String>,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token).await?;
    let id = state.catalog.load().schema().find(&collection).map(|found| found.id.clone());
    state.search.rebuild(&id.ok_or_else(ApiError::not_found)?)?;
    Ok(respond::no_content())
}

impl From<NotSearchable> for ApiError {
    fn from(error: NotSearchable) -> Self {
        match error {
            NotSearchable::Off => Self::bad_request("Search is not switched on for this collection."),
            NotSearchable::Building => Self::overloaded(),
        }
    }
}

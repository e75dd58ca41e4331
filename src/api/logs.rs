//! `/api/logs`: for superusers only (reference part 3, section 13). Removing all of them is an addition of Larder.

use actix_web::{HttpResponse, web};

use super::collections::list_params;
use super::request::superuser;
use super::{ApiError, AppState, AuthToken, QueryParameters, respond};
use crate::logs::LogsError;

/// `GET /api/logs`
pub(super) async fn list(
    state: web::Data<AppState>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    let superuser = superuser(&state, token).await?;
    let (params, now) = (list_params(&query)?, state.db.clock().unix_millis());
    let page = state.logs.list(&superuser, params, now).await.map_err(|error| match error {
        LogsError::BadQuery(reason) => {
            ApiError::bad_request(format!("The request's query parameters cannot be used: {reason}."))
        }
        other => other.into(),
    });
    respond::json(page?, query.get("fields"))
}

/// `GET /api/logs/stats`
pub(super) async fn stats(
    state: web::Data<AppState>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    let superuser = superuser(&state, token).await?;
    let now = state.db.clock().unix_millis();
    let hours = state.logs.stats(&superuser, query.get("filter").to_owned(), now).await?;
    respond::json(hours, query.get("fields"))
}

/// `GET /api/logs/{id}`
pub(super) async fn view(
    state: web::Data<AppState>,
    id: web::Path<String>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    let superuser = superuser(&state, token).await?;
    respond::json(state.logs.view(&superuser, id.into_inner()).await?, query.get("fields"))
}

/// `DELETE /api/logs`
pub(super) async fn truncate(state: web::Data<AppState>, token: AuthToken) -> Result<HttpResponse, ApiError> {
    let superuser = superuser(&state, token).await?;
    state.logs.truncate(&superuser).await?;
    Ok(respond::no_content())
}

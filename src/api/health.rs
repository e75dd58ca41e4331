//! `GET /api/health`

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::{ApiError, AppState, AuthToken, ClientIp, QueryParameters, respond};

/// `GET /api/health`: constant cost; superusers learn a little more.
pub(super) async fn health(
    state: web::Data<AppState>,
    request: actix_web::HttpRequest,
    query: QueryParameters,
    token: AuthToken,
    client: ClientIp,
) -> Result<HttpResponse, ApiError> {
    let mut data = json!({});
    if token.as_deref().is_some() {
        let now = state.db.clock().unix_seconds();
        let catalog = state.catalog.clone();
        let caller = move |tx: &crate::db::ReadTx<'_>| token.verify(tx, &catalog.load(), now);
        if state.db.read(caller).await?.is_superuser() {
            data = json!({"canBackup": false, "possibleProxyHeader": proxy_header(&request), "realIP": client.text()});
        }
    }
    let body = json!({"message": "The API is healthy.", "code": 200, "data": data});
    respond::json(body.to_string().into_bytes(), query.get("fields"))
}

/// The first header present that proxies put the client's address in.
fn proxy_header(request: &actix_web::HttpRequest) -> &'static str {
    let known = ["CF-Connecting-IP", "Fly-Client-IP", "X-Forwarded-For"];
    known.into_iter().find(|name| request.headers().contains_key(*name)).unwrap_or_default()
}

//! `/api/settings/test/email` and `/api/settings/mail/status`: for superusers only. The latter is an addition of Larder.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::Value as Json;

use super::request::require_superuser;
use super::{ApiError, AppState, AuthToken, QueryParameters, body, respond};
use crate::auth::{AuthError, TestMailForm, test_mail};
use crate::db::ReadTx;

/// Said of a body that cannot be read.
const MALFORMED: &str = "The submitted test mail cannot be read.";

/// Largest body, in bytes: it holds three short texts.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// `POST /api/settings/test/email`
pub(super) async fn test(
    state: web::Data<AppState>,
    request: HttpRequest,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token.clone()).await?;
    let body = body::read_object(&request, payload, MAX_BODY_BYTES).await.map_err(|e| e.into_api(MALFORMED))?;
    let form = TestMailForm::deserialize(Json::Object(body)).map_err(|_| ApiError::bad_request(MALFORMED))?;
    let (catalog, settings) = (state.catalog.clone(), state.settings.load_full());
    let now_ms = state.db.clock().unix_millis();
    let read = move |tx: &ReadTx<'_>| {
        let catalog = catalog.load();
        let caller = token.verify(tx, &catalog, now_ms.div_euclid(1000))?;
        match test_mail(&catalog, caller.superuser()?, &settings.meta, &form, now_ms) {
            Ok(message) => Ok(message),
            Err(AuthError::Invalid(errors)) => Err(ApiError::invalid("The test mail was not sent.", &errors)),
            Err(error) => Err(error.into()),
        }
    };
    let message = state.db.read(read).await?;
    let failed = |error| ApiError::bad_request(format!("The test mail was not sent: {error}."));
    state.mailer.send(message).await.map_err(failed)?;
    Ok(respond::no_content())
}

/// `GET /api/settings/mail/status`
pub(super) async fn status(
    state: web::Data<AppState>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token).await?;
    let status = serde_json::to_vec(&state.mailer.status()).map_err(ApiError::internal)?;
    respond::json(status, query.get("fields"))
}

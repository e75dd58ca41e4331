//! `/api/settings`: for superusers only.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value as Json, json};

use super::frame::WARNING;
use super::request::require_superuser;
use super::{ApiError, AppState, AuthToken, ClientIp, QueryParameters, body, respond};
use crate::db::{ReadTx, WriteTx};
use crate::settings::{self, AppleSecretForm, Settings};

/// Said of a body that cannot be read.
pub(super) const MALFORMED: &str = "The submitted settings cannot be read.";

/// `GET /api/settings`
pub(super) async fn view(
    state: web::Data<AppState>,
    query: QueryParameters,
    token: AuthToken,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token).await?;
    respond::json(to_json(&state.settings.load())?, query.get("fields"))
}

/// `PATCH /api/settings`
pub(super) async fn update(
    state: web::Data<AppState>,
    request: HttpRequest,
    query: QueryParameters,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token.clone()).await?;
    let limit = state.config.max_body_mb << 20;
    let body = body::read_object(&request, payload, limit).await.map_err(|e| e.into_api(MALFORMED))?;
    let (catalog, snapshot) = (state.catalog.clone(), state.settings.clone());
    let write = move |tx: &mut WriteTx<'_>| {
        let now = tx.now_millis().div_euclid(1000);
        let caller = token.verify(tx, &catalog.load(), now)?;
        let settings = settings::update(tx, caller.superuser()?, &body)?;
        let answer = to_json(&settings)?;
        tx.after_commit(move || snapshot.store(Arc::new(settings)));
        Ok::<_, ApiError>(answer)
    };
    let mut response = respond::json(state.db.write(write).await?, query.get("fields"))?;
    let logs = state.logs.clone();
    state.background.spawn(async move { logs.prune(true).await });
    // By the new settings, which may also have changed where the address is taken from.
    let address = ClientIp::of(&state, &request).0;
    if !state.superuser_may_come_from(address) {
        response.headers_mut().insert(WARNING, lock_out_warning(&address));
    }
    Ok(response)
}

/// What somebody reads who has just locked themselves out.
fn lock_out_warning(address: &IpAddr) -> HeaderValue {
    let text = format!(
        "superuserIPs does not contain the address of this request, {address}: superusers are refused from there now. \
         Run `larder superuser ips` on the server to let them in again."
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("superuserIPs does not contain your address"))
}

/// Largest body of the form below, in bytes: a key has a few hundred.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// `POST /api/settings/apple/generate-client-secret`
pub(super) async fn apple_client_secret(
    state: web::Data<AppState>,
    request: HttpRequest,
    query: QueryParameters,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token.clone()).await?;
    let body = body::read_object(&request, payload, MAX_FORM_BYTES).await.map_err(|e| e.into_api(MALFORMED))?;
    let form: AppleSecretForm =
        serde_json::from_value(Json::Object(body)).map_err(|_| ApiError::bad_request(MALFORMED))?;
    let (catalog, now) = (state.catalog.clone(), state.db.clock().unix_seconds());
    let read = move |tx: &ReadTx<'_>| {
        let caller = token.verify(tx, &catalog.load(), now)?;
        Ok::<_, ApiError>(settings::apple_client_secret(caller.superuser()?, &form, now)?)
    };
    let secret = state.db.read(read).await?;
    respond::json(json!({"secret": secret}).to_string().into_bytes(), query.get("fields"))
}

fn to_json(settings: &Settings) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(settings).map_err(ApiError::internal)
}

//! `/api/collections/{collection}/auth-…`

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value as Json};

use super::{ApiError, AppState, AuthToken, Incoming, QueryParameters, body, respond};
use crate::auth::{self, AuthError, Candidate, PasswordForm};
use crate::query::Context;
use crate::schema::cast;

/// Largest body of a sign-in, in bytes.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// Said of a body that cannot be read.
const MALFORMED: &str = "The submitted data cannot be read.";

/// `GET /api/collections/{collection}/auth-methods`
pub(super) async fn methods(
    state: web::Data<AppState>,
    collection: web::Path<String>,
    query: QueryParameters,
) -> Result<HttpResponse, ApiError> {
    let methods = auth::auth_methods(&state.catalog.load(), &collection)?;
    respond::json(methods.to_string().into_bytes(), query.get("fields"))
}

/// `POST /api/collections/{collection}/auth-with-password`
pub(super) async fn with_password(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    incoming: Incoming,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let body = body::read_object(&request, payload, MAX_FORM_BYTES).await.map_err(|e| e.into_api(MALFORMED))?;
    let form = password_form(&body, body::is_json(&request))?;
    let password = form.password.clone();
    let (catalog, now) = (state.catalog.clone(), state.db.clock().unix_millis());
    let find = move |tx: &crate::db::ReadTx<'_>| auth::find_candidate(tx, &catalog.load(), &collection, &form);
    let Candidate { collection, found } = state.db.read(find).await?;
    let (id, hash) = found.unzip();
    let legacy = state.legacy_hashes.sample(&state.db, &state.catalog, &collection).await?;
    let is_right = state.hasher.verify(password.clone(), hash.clone(), legacy).await?;
    let (Some(id), Some(hash), true) = (id, hash, is_right) else { return Err(AuthError::Failed.into()) };
    let hash = auth::upgrade_hash(&state.db, &state.catalog, &state.hasher, &collection, &id, password, hash).await;
    let sent = incoming.within(Context::Password);
    let finish = move |tx: &crate::db::ReadTx<'_>| {
        let entered = sent.enter_read(tx, now, &body)?;
        auth::finish_sign_in(tx, entered.request(), &collection, &id, &hash, now.div_euclid(1000))
    };
    respond::json(state.db.read(finish).await?, incoming.parameter("fields"))
}

/// Keys in any case. In JSON only strings will do; a form's value that looks like a number or a boolean was read as one.
fn password_form(body: &Map<String, Json>, is_json: bool) -> Result<PasswordForm, ApiError> {
    let text = |key: &str| {
        let found = body.get(key).or_else(|| body.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v));
        match found {
            None | Some(Json::Null) => Ok(String::new()),
            Some(Json::String(text)) => Ok(text.clone()),
            Some(value @ (Json::Number(_) | Json::Bool(_))) if !is_json => Ok(cast::text(value)),
            Some(_) => Err(ApiError::bad_request(MALFORMED)),
        }
    };
    Ok(PasswordForm {
        identity: text("identity")?,
        password: text("password")?,
        identity_field: text("identityField")?,
    })
}

/// `POST /api/collections/{collection}/auth-refresh`
pub(super) async fn refresh(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    incoming: Incoming,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    // Only rules look at it, but a body left unread would cost the client its connection.
    let body = body::read_object(&request, payload, MAX_FORM_BYTES).await.map_err(|e| e.into_api(MALFORMED))?;
    let now = state.db.clock().unix_millis();
    let sent = incoming.clone();
    let read = move |tx: &crate::db::ReadTx<'_>| {
        let entered = sent.enter_read(tx, now, &body)?;
        let presented = token.as_deref().unwrap_or_default();
        auth::refresh(tx, entered.request(), &collection, presented, now.div_euclid(1000))
    };
    respond::json(state.db.read(read).await?, incoming.parameter("fields"))
}

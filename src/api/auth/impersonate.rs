//! `POST /api/collections/{collection}/impersonate/{id}`

use actix_web::{HttpRequest, HttpResponse, web};

use super::MAX_FORM_BYTES;
use super::form::Form;
use crate::api::request::require_superuser;
use crate::api::{ApiError, AppState, AuthToken, Incoming, respond};
use crate::auth;
use crate::db::ReadTx;

/// A token of another record, for superusers.
///
/// Not a [`Call`](super::call::Call): that would read the body of everybody.
pub(super) async fn impersonate(
    state: web::Data<AppState>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    incoming: Incoming,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token).await?;
    let form = Form::read(&request, payload, MAX_FORM_BYTES).await?;
    let duration = form.integer("duration")?;
    let now = state.db.clock().unix_millis();
    let (sent, (collection, id)) = (incoming.clone(), path.into_inner());
    let read = move |tx: &ReadTx<'_>| {
        let entered = sent.enter_read(tx, now, &form.body)?;
        auth::impersonate(tx, entered.request(), &collection, &id, duration, now.div_euclid(1000))
    };
    respond::json(state.db.read(read).await?, incoming.parameter("fields"))
}

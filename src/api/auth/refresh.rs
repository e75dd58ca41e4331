//! `POST /api/collections/{collection}/auth-refresh`

use actix_web::{HttpRequest, HttpResponse, web};

use super::form::Form;
use crate::api::{ApiError, AppState, AuthToken, Incoming, respond};
use crate::auth;

/// Exchanges a token for a fresh one.
pub(super) async fn refresh(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    incoming: Incoming,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    // Only rules look at it, but a body left unread would cost the client its connection.
    let body = Form::read(&request, payload).await?.body;
    let now = state.db.clock().unix_millis();
    let sent = incoming.clone();
    let read = move |tx: &crate::db::ReadTx<'_>| {
        let entered = sent.enter_read(tx, now, &body)?;
        let presented = token.as_deref().unwrap_or_default();
        auth::refresh(tx, entered.request(), &collection, presented, now.div_euclid(1000))
    };
    respond::json(state.db.read(read).await?, incoming.parameter("fields"))
}

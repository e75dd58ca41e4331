//! `POST /api/collections/{collection}/auth-refresh`

use actix_web::HttpResponse;

use super::call::Call;
use crate::api::{ApiError, AuthToken, respond};
use crate::auth;
use crate::db::ReadTx;

/// Exchanges a token for a fresh one. Only rules look at the body, but one left unread would cost the client its
/// connection.
pub(super) async fn refresh(call: Call, token: AuthToken) -> Result<HttpResponse, ApiError> {
    let Call { state, collection, incoming, form, .. } = call;
    let now = state.db.clock().unix_millis();
    let sent = incoming.clone();
    let read = move |tx: &ReadTx<'_>| {
        let entered = sent.enter_read(tx, now, &form.body)?;
        let presented = token.as_deref().unwrap_or_default();
        auth::refresh(tx, entered.request(), &collection, presented, now.div_euclid(1000))
    };
    respond::json(state.db.read(read).await?, incoming.parameter("fields"))
}

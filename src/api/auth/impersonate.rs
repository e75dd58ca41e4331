//! `POST /api/collections/{collection}/impersonate/{id}`

use actix_web::{HttpResponse, web};

use super::call::Call;
use crate::api::{ApiError, respond};
use crate::auth;
use crate::db::ReadTx;

/// A token of another record, for superusers.
pub(super) async fn impersonate(path: web::Path<(String, String)>, call: Call) -> Result<HttpResponse, ApiError> {
    let Call { state, incoming, form, .. } = call;
    let duration = form.integer("duration")?;
    let now = state.db.clock().unix_millis();
    let (sent, (collection, id)) = (incoming.clone(), path.into_inner());
    let read = move |tx: &ReadTx<'_>| {
        let entered = sent.enter_read(tx, now, &form.body)?;
        auth::impersonate(tx, entered.request(), &collection, &id, duration, now.div_euclid(1000))
    };
    respond::json(state.db.read(read).await?, incoming.parameter("fields"))
}

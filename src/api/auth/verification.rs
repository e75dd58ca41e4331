//! `POST /api/collections/{collection}/request-verification`, `…/confirm-verification`

use actix_web::{HttpResponse, web};

use super::call::Call;
use crate::api::{ApiError, AppState, respond};
use crate::auth::{self, Confirmation};
use crate::db::{ReadTx, WriteTx};
use crate::limits::Resend;
use crate::records::Record;

/// Sends the mail. Whether there is such an account does not show: all that depends on it happens elsewhere.
pub(super) async fn request(call: Call) -> Result<HttpResponse, ApiError> {
    let Call { state, collection, form, .. } = call;
    let (catalog, email) = (state.catalog.clone(), form.text("email")?);
    let find = move |tx: &ReadTx<'_>| auth::find_unverified(tx, &catalog.load(), &collection, &email);
    if let Some(record) = state.db.read(find).await? {
        state.background.spawn(send(state.clone(), record));
    }
    Ok(respond::no_content())
}

async fn send(state: web::Data<AppState>, record: Record) {
    if !state.throttle.may_send(Resend::Verification, record.id(), state.db.clock().unix_millis()) {
        return;
    }
    let message = auth::verification_mail(&state.settings.load().meta, &record, state.db.clock().unix_seconds());
    match message {
        // The mailer logs what becomes of it; also an attempt in vain counts.
        Ok(message) => drop(state.mailer.queue(message).await),
        Err(error) => tracing::error!(%error, "a verification mail could not be made"),
    }
}

/// Marks the address as the record's.
pub(super) async fn confirm(call: Call) -> Result<HttpResponse, ApiError> {
    let Call { state, collection, form, .. } = call;
    let token = form.text("token")?;
    let (catalog, now) = (state.catalog.clone(), state.db.clock().unix_seconds());
    let (path, sent) = (collection.clone(), token.clone());
    let check = move |tx: &ReadTx<'_>| {
        let (record, what) = auth::check_verification(tx, &catalog.load(), &path, &sent, now)?;
        Ok::<_, ApiError>((record.id().to_owned(), what))
    };
    let (record, what) = state.db.read(check).await?;
    let password = match what {
        Confirmation::Nothing => return Ok(respond::no_content()),
        Confirmation::Verify => None,
        Confirmation::VerifyWithPassword => Some(state.hasher.hash_random().await?),
    };
    let catalog = state.catalog.clone();
    let write = move |tx: &mut WriteTx<'_>| {
        let now = tx.now_millis().div_euclid(1000);
        auth::confirm_verification(tx, &catalog.load(), &collection, &token, password, now)
    };
    state.db.write(write).await?;
    state.throttle.allow_resend(Resend::Verification, &record);
    Ok(respond::no_content())
}

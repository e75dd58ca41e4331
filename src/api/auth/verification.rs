//! `POST /api/collections/{collection}/request-verification`, `…/confirm-verification`

use actix_web::{HttpRequest, HttpResponse, web};

use super::form::Form;
use crate::api::{ApiError, AppState, respond};
use crate::auth::{self, Confirmation};
use crate::db::{ReadTx, WriteTx};
use crate::limits::Resend;
use crate::records::Record;

/// Sends the mail. Whether there is such an account does not show: all that depends on it happens after the answer.
pub(super) async fn request(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let email = Form::read(&request, payload).await?.text("email")?;
    let catalog = state.catalog.clone();
    let find = move |tx: &ReadTx<'_>| auth::find_unverified(tx, &catalog.load(), &collection, &email);
    if let Some(record) = state.db.read(find).await? {
        actix_web::rt::spawn(async move { send(&state, &record) });
    }
    Ok(respond::no_content())
}

fn send(state: &AppState, record: &Record) {
    if !state.throttle.may_send(Resend::Verification, record.id(), state.db.clock().unix_millis()) {
        return;
    }
    match auth::verification_mail(&state.settings.load().meta, record, state.db.clock().unix_seconds()) {
        // The mailer logs what becomes of it.
        Ok(message) => drop(state.mailer.queue(message)),
        Err(error) => tracing::error!(%error, "a verification mail could not be made"),
    }
}

/// Marks the address as the record's.
pub(super) async fn confirm(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let token = Form::read(&request, payload).await?.text("token")?;
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

//! `POST /api/collections/{collection}/request-password-reset`, `…/confirm-password-reset`

use actix_web::{HttpRequest, HttpResponse, web};

use super::form::Form;
use crate::api::{ApiError, AppState, respond};
use crate::auth::{self, PasswordResetForm};
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
    let find = move |tx: &ReadTx<'_>| auth::find_resettable(tx, &catalog.load(), &collection, &email);
    if let Some(record) = state.db.read(find).await? {
        actix_web::rt::spawn(send(state, record));
    }
    Ok(respond::no_content())
}

async fn send(state: web::Data<AppState>, record: Record) {
    if !state.throttle.may_send(Resend::PasswordReset, record.id(), state.db.clock().unix_millis()) {
        return;
    }
    let message = auth::password_reset_mail(&state.settings.load().meta, &record, state.db.clock().unix_seconds());
    match message {
        Ok(message) => {
            if state.mailer.queue(message).await.is_err() {
                state.throttle.allow_resend(Resend::PasswordReset, record.id());
            }
        }
        Err(error) => tracing::error!(%error, "a password reset mail could not be made"),
    }
}

/// Sets the password.
pub(super) async fn confirm(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let form = Form::read(&request, payload).await?;
    let form = PasswordResetForm {
        token: form.text("token")?,
        password: form.text("password")?,
        password_confirm: form.text("passwordConfirm")?,
    };
    let (catalog, now) = (state.catalog.clone(), state.db.clock().unix_seconds());
    let (path, sent) = (collection.clone(), form.clone());
    let check = move |tx: &ReadTx<'_>| auth::check_password_reset(tx, &catalog.load(), &path, &sent, now);
    state.db.read(check).await?;
    let hash = state.hasher.hash(form.password.clone()).await?;
    let catalog = state.catalog.clone();
    let write = move |tx: &mut WriteTx<'_>| {
        let now = tx.now_millis().div_euclid(1000);
        auth::confirm_password_reset(tx, &catalog.load(), &collection, &form, hash, now)
    };
    let record = state.db.write(write).await?;
    state.throttle.allow_resend(Resend::PasswordReset, record.id());
    Ok(respond::no_content())
}

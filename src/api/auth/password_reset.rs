//! `POST /api/collections/{collection}/request-password-reset`, `…/confirm-password-reset`

use actix_web::{HttpResponse, web};

use super::call::Call;
use crate::api::{ApiError, AppState, respond};
use crate::auth::{self, PasswordResetForm};
use crate::db::{ReadTx, WriteTx};
use crate::limits::Resend;
use crate::records::Record;

/// Sends the mail. Whether there is such an account does not show: all that depends on it happens elsewhere.
pub(super) async fn request(call: Call) -> Result<HttpResponse, ApiError> {
    let Call { state, collection, form, .. } = call;
    let (catalog, email) = (state.catalog.clone(), form.text("email")?);
    let find = move |tx: &ReadTx<'_>| auth::find_resettable(tx, &catalog.load(), &collection, &email);
    if let Some(record) = state.db.read(find).await? {
        state.background.spawn(send(state.clone(), record));
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
pub(super) async fn confirm(call: Call) -> Result<HttpResponse, ApiError> {
    let Call { state, collection, form, .. } = call;
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
    state.otp_requests.clear(&record.collection().id, record.text("email"));
    Ok(respond::no_content())
}

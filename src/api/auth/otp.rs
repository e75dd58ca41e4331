//! `POST /api/collections/{collection}/request-otp`, `…/auth-with-otp`

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::call::Call;
use super::mailing;
use crate::api::{ApiError, AppState, respond};
use crate::auth::{self, AuthError, NewOtp, OtpForm, OtpLookup, OtpRequest};
use crate::db::{ReadTx, WriteTx};
use crate::identity::PasswordHash;
use crate::limits::TooManyAttempts;
use crate::query::Context;
use crate::records::Record;

/// Makes a code and mails it. Whether there is such an account does not show: up to the answer the work is the same.
pub(super) async fn request(call: Call) -> Result<HttpResponse, ApiError> {
    let Call { state, collection, incoming, form, origin } = call;
    let email = form.text("email")?;
    let (catalog, sent) = (state.catalog.clone(), email.clone());
    let find = move |tx: &ReadTx<'_>| auth::find_otp_owner(tx, &catalog.load(), &collection, &sent);
    let owner = state.db.read(find).await?;
    let otp = NewOtp::generate(owner.length);
    let hash = state.hasher.hash(otp.password.clone()).await?;
    let now = state.db.clock().unix_millis();
    let asked = OtpRequest {
        collection: &owner.collection,
        email: &email,
        address: origin.guesser.address,
        id: &otp.id,
        lifetime: owner.duration,
    };
    let earlier = if state.config.dev { None } else { state.otp_requests.note(asked, now) };
    let id = earlier.clone().unwrap_or_else(|| otp.id.clone());
    if let (None, Some(record)) = (earlier, owner.record) {
        state.background.spawn(send(state.clone(), record, otp, hash));
    }
    respond::json(json!({"otpId": id}).to_string().into_bytes(), incoming.parameter("fields"))
}

async fn send(state: web::Data<AppState>, record: Record, otp: NewOtp, hash: PasswordHash) {
    let (catalog, options) = (state.catalog.clone(), state.save_options());
    let (owner, stored) = (record.clone(), otp.clone());
    let store = move |tx: &mut WriteTx<'_>| auth::store_otp(tx, &catalog.load(), &owner, &stored, hash, options);
    if let Err(error) = state.db.write(store).await {
        tracing::error!(%error, "a one-time code could not be stored");
        return;
    }
    match auth::otp_mail(&state.settings.load().meta, &record, &otp) {
        Ok(message) => {
            // Its place among the codes asked for stays taken, as it does for an address without an account.
            let catalog = state.catalog.clone();
            mailing::deliver_or(&state, message, move |tx| auth::forget_otp(tx, &catalog.load(), &otp.id));
        }
        Err(error) => tracing::error!(%error, "the mail with a one-time code could not be made"),
    }
}

/// Signs in with a code.
pub(super) async fn sign_in(call: Call) -> Result<HttpResponse, ApiError> {
    let call = Call { incoming: call.incoming.within(Context::Otp), ..call };
    let (state, form) = (&call.state, &call.form);
    let sent = OtpForm { otp_id: form.text("otpId")?, password: form.text("password")? };
    let now = || state.db.clock().unix_millis();
    let (catalog, wanted, at) = (state.catalog.clone(), sent.clone(), now());
    let collection = call.collection.clone();
    let find = move |tx: &ReadTx<'_>| auth::find_otp(tx, &catalog.load(), &collection, &wanted, at);
    let OtpLookup { collection, lifetime, candidate } = state.db.read(find).await?;
    let (id, mailbox) = ((collection.as_str(), sent.otp_id.as_str()), state.otp_requests.mailbox(&sent.otp_id));
    // A code that does not exist is guessed at like one that does.
    let attempt = state.throttle.otp_attempt(id, mailbox.as_deref(), lifetime, call.origin.guesser, now());
    let attempt = attempt.map_err(in_words_of_codes)?;
    let hash = candidate.as_ref().map(|candidate| candidate.hash.clone());
    let is_right = state.hasher.verify(sent.password.clone(), hash, None).await?;
    let settled = attempt.settle(is_right, now());
    if state.throttle.is_spent(id, now()) {
        state.otp_requests.forget(&sent.otp_id);
    }
    settled.map_err(in_words_of_codes)?;
    let (Some(candidate), true) = (candidate, is_right) else { return Err(AuthError::InvalidOtp.into()) };
    let password = if candidate.needs_password { Some(state.hasher.hash_random().await?) } else { None };
    let catalog = state.catalog.clone();
    let (collection, email) = (candidate.collection.clone(), candidate.record.text("email").to_owned());
    let consume = move |tx: &mut WriteTx<'_>| auth::consume_otp(tx, &catalog.load(), &sent, &candidate, password);
    let proof = state.db.write(consume).await?;
    state.otp_requests.clear(&collection, &email);
    call.complete(proof, None).await
}

fn in_words_of_codes(refused: TooManyAttempts) -> ApiError {
    ApiError::too_many("Too many wrong codes, please ask for a new one later.", refused.retry_after)
}

//! `POST /api/collections/{collection}/request-email-change`, `…/confirm-email-change`

use actix_web::HttpResponse;

use super::call::Call;
use crate::api::{ApiError, respond};
use crate::auth::{self, AuthError};
use crate::db::{ReadTx, WriteTx};
use crate::limits::TooManyAttempts;
use crate::validation::{Issue, ValidationErrors};

/// Most characters of the password that confirms.
const MAX_PASSWORD: usize = 255;

const WRONG_PASSWORD: &str = "validation_invalid_password";

/// Sends the mail to the new address. The client waits for it: they are signed in and want to know.
pub(super) async fn request(call: Call) -> Result<HttpResponse, ApiError> {
    let Call { state, collection, incoming, form, .. } = call;
    let new_email = form.text("newEmail")?;
    let now = state.db.clock().unix_millis();
    let settings = state.settings.load_full();
    let (sent, path) = (incoming.clone(), collection.clone());
    let ask = move |tx: &ReadTx<'_>| auth::email_change_owner(sent.enter(tx, now)?.request(), &path);
    let owner = state.db.read(ask).await?;
    let in_words = |refused: TooManyAttempts| {
        ApiError::too_many("Too many new addresses were tried, please wait a while.", refused.retry_after)
    };
    state.throttle.email_change(&owner, now).map_err(in_words)?;
    let compose = move |tx: &ReadTx<'_>| {
        let entered = incoming.enter_read(tx, now, &form.body)?;
        let now = now.div_euclid(1000);
        auth::email_change_mail(tx, entered.request(), &settings.meta, &collection, &new_email, now)
    };
    let message = state.db.read(compose).await?;
    // The mailer has logged why.
    let failed = |_| ApiError::bad_request("The mail to the new address could not be sent.");
    state.mailer.send(message).await.map_err(failed)?;
    Ok(respond::no_content())
}

/// Changes the address.
pub(super) async fn confirm(call: Call) -> Result<HttpResponse, ApiError> {
    let Call { state, collection, form, origin, .. } = call;
    let (token, password) = (form.text("token")?, form.text("password")?);
    let (catalog, now) = (state.catalog.clone(), state.db.clock().unix_seconds());
    let (path, sent) = (collection.clone(), token.clone());
    let check = move |tx: &ReadTx<'_>| auth::check_email_change(tx, &catalog.load(), &path, &sent, now);
    let mut errors = check_password(&password);
    let owner = match state.db.read(check).await {
        Err(AuthError::Invalid(of_token)) => {
            errors.merge("", of_token);
            // Clients of the reference get both: without an account there is no password that fits.
            errors.add("password", Issue::new(WRONG_PASSWORD, "The password cannot be checked."));
            return Err(AuthError::Invalid(errors).into());
        }
        checked => checked?,
    };
    errors.into_result().map_err(AuthError::Invalid)?;
    let now = || state.db.clock().unix_millis();
    let attempt = state.throttle.password_attempt("", &owner.id, origin.guesser, now())?;
    let is_right = state.hasher.verify(password, Some(owner.hash.clone()), None).await?;
    attempt.settle(is_right, now())?;
    if !is_right {
        let issue = Issue::new(WRONG_PASSWORD, "Wrong password.");
        return Err(AuthError::Invalid(ValidationErrors::of("password", issue)).into());
    }
    let catalog = state.catalog.clone();
    let write = move |tx: &mut WriteTx<'_>| {
        let now = tx.now_millis().div_euclid(1000);
        auth::confirm_email_change(tx, &catalog.load(), &collection, &token, &owner.hash, now)
    };
    state.db.write(write).await?;
    Ok(respond::no_content())
}

fn check_password(password: &str) -> ValidationErrors {
    let mut errors = ValidationErrors::new();
    if password.is_empty() {
        errors.add("password", Issue::required());
    } else if password.chars().count() > MAX_PASSWORD {
        let issue = Issue::new("validation_length_out_of_range", "The password is too long.");
        errors.add("password", issue.with("min", 1).with("max", MAX_PASSWORD));
    }
    errors
}

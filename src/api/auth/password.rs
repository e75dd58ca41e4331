//! `POST /api/collections/{collection}/auth-with-password`

use actix_web::{HttpRequest, HttpResponse, web};

use super::finish::{Origin, SignIn};
use super::form::Form;
use crate::api::{ApiError, AppState, ClientIp, Incoming};
use crate::auth::{self, AuthError, Candidate, PasswordForm};
use crate::query::Context;

/// Signs in with a password.
pub(super) async fn sign_in(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    incoming: Incoming,
    address: ClientIp,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let form = Form::read(&request, payload).await?;
    let sent = PasswordForm {
        identity: form.text("identity")?,
        password: form.text("password")?,
        identity_field: form.text("identityField")?,
    };
    let (identity, password) = (sent.identity.clone(), sent.password.clone());
    let catalog = state.catalog.clone();
    let find = move |tx: &crate::db::ReadTx<'_>| auth::find_candidate(tx, &catalog.load(), &collection, &sent);
    let Candidate { collection, found } = state.db.read(find).await?;
    let now = || state.db.clock().unix_millis();
    let attempt = state.throttle.password_attempt(&collection, &identity, address.0, now())?;
    let (proof, hash) = found.unzip();
    let legacy = state.legacy_hashes.sample(&state.db, &state.catalog, &collection).await?;
    let is_right = state.hasher.verify(password.clone(), hash.clone(), legacy).await?;
    attempt.settle(is_right, now())?;
    let (Some(proof), Some(hash), true) = (proof, hash, is_right) else { return Err(AuthError::Failed.into()) };
    auth::upgrade_hash(&state.db, &state.catalog, &state.hasher, &proof, password, hash).await;
    let origin = Origin::of(&request, address);
    SignIn { incoming: incoming.within(Context::Password), body: form.body, origin }.complete(&state, proof, None).await
}

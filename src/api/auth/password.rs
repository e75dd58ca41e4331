//! `POST /api/collections/{collection}/auth-with-password`

use actix_web::HttpResponse;

use super::call::Call;
use crate::api::ApiError;
use crate::auth::{self, AuthError, Candidate, PasswordForm};
use crate::db::ReadTx;
use crate::query::Context;

/// Signs in with a password.
pub(super) async fn sign_in(call: Call) -> Result<HttpResponse, ApiError> {
    let call = Call { incoming: call.incoming.within(Context::Password), ..call };
    let state = &call.state;
    let sent = PasswordForm {
        identity: call.form.text("identity")?,
        password: call.form.text("password")?,
        identity_field: call.form.text("identityField")?,
    };
    let (identity, password) = (sent.identity.clone(), sent.password.clone());
    let (catalog, collection) = (state.catalog.clone(), call.collection.clone());
    let find = move |tx: &ReadTx<'_>| auth::find_candidate(tx, &catalog.load(), &collection, &sent);
    let Candidate { collection, found } = state.db.read(find).await?;
    let now = || state.db.clock().unix_millis();
    let attempt = state.throttle.password_attempt(&collection, &identity, call.origin.guesser, now())?;
    let (proof, hash) = found.unzip();
    let legacy = state.legacy_hashes.sample(&state.db, &state.catalog, &collection).await?;
    let is_right = state.hasher.verify(password.clone(), hash.clone(), legacy).await?;
    attempt.settle(is_right, now())?;
    let (Some(proof), Some(hash), true) = (proof, hash, is_right) else { return Err(AuthError::Failed.into()) };
    auth::upgrade_hash(&state.db, &state.catalog, &state.hasher, &proof, password, hash).await;
    call.complete(proof, None).await
}

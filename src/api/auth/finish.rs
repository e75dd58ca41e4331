//! The last steps of every sign-in: rules, second factor, where it came from, token.

use actix_web::HttpResponse;
use serde_json::{Value as Json, json};

use super::call::{Call, Origin};
use super::mailing;
use crate::api::{ApiError, AppState, respond};
use crate::auth::{self, Accepted, AuthError, OriginState, Proof};
use crate::collections::SUPERUSERS;
use crate::db::{ReadTx, WriteTx};

impl Call {
    /// The session of a first factor that this one is to complete.
    fn mfa_id(&self) -> &str {
        let in_body = self.form.body.get("mfaId").and_then(Json::as_str).unwrap_or_default();
        self.incoming.find_parameter("mfaId").filter(|id| !id.is_empty()).unwrap_or(in_body)
    }

    /// Completes the sign-in. `meta` is what OAuth2 adds to the answer.
    pub(super) async fn complete(self, proof: Proof, meta: Option<Json>) -> Result<HttpResponse, ApiError> {
        let state = &self.state;
        let is_superuser =
            state.catalog.load().find(&proof.collection).is_some_and(|plan| plan.collection().name == SUPERUSERS);
        if is_superuser && !state.superuser_may_come_from(self.origin.address.0) {
            return Err(AuthError::AddressNotAllowed.into());
        }
        let accepted = self.accept(&proof).await?;
        if accepted.needs_second_factor {
            if self.mfa_id().is_empty() {
                return open_mfa(state, proof).await;
            }
            let (catalog, session, proven) = (state.catalog.clone(), self.mfa_id().to_owned(), proof.clone());
            let close = move |tx: &mut WriteTx<'_>| auth::close_mfa(tx, &catalog.load(), &proven, &session);
            state.db.write(close).await?;
        }
        if accepted.origin == Some(OriginState::ToNote)
            && let Err(error) = self.note_origin(&proof).await
        {
            tracing::warn!(?error, "where a sign-in came from could not be noted");
        }
        let now = state.db.clock().unix_millis();
        let (sent, body) = (self.incoming.clone(), self.form.body);
        let finish = move |tx: &ReadTx<'_>| {
            let entered = sent.enter_read(tx, now, &body)?;
            auth::finish(tx, entered.request(), &proof, meta.as_ref(), now.div_euclid(1000))
        };
        respond::json(state.db.read(finish).await?, self.incoming.parameter("fields"))
    }

    async fn accept(&self, proof: &Proof) -> Result<Accepted, ApiError> {
        let state = &self.state;
        let now = state.db.clock().unix_millis();
        let (sent, body, proof) = (self.incoming.clone(), self.form.body.clone(), proof.clone());
        let fingerprint = self.origin.fingerprint();
        let read = move |tx: &ReadTx<'_>| {
            let entered = sent.enter_read(tx, now, &body)?;
            auth::accept(tx, entered.request(), &proof, &fingerprint, now)
        };
        Ok(state.db.read(read).await?)
    }

    /// Notes the place; its owner hears of it if it is an unusual one.
    async fn note_origin(&self, proof: &Proof) -> Result<(), ApiError> {
        let state = &self.state;
        let (catalog, proven, options) = (state.catalog.clone(), proof.clone(), state.save_options());
        let fingerprint = self.origin.fingerprint();
        let note = move |tx: &mut WriteTx<'_>| auth::note_origin(tx, &catalog.load(), &proven, &fingerprint, options);
        let Some(new) = state.db.write(note).await?.filter(|new| new.is_alarming) else { return Ok(()) };
        let now = state.db.clock().unix_millis();
        let (catalog, settings, proof) = (state.catalog.clone(), state.settings.load_full(), proof.clone());
        let Origin { address, user_agent, .. } = self.origin.clone();
        let read = move |tx: &ReadTx<'_>| {
            auth::login_alert(tx, &catalog.load(), &settings.meta, &proof, address.0, &user_agent, now)
        };
        let Some(message) = state.db.read(read).await? else { return Ok(()) };
        let catalog = state.catalog.clone();
        mailing::deliver_or(state, message, move |tx| auth::forget_origin(tx, &catalog.load(), &new.id));
        Ok(())
    }
}

/// The first factor is right: asks for the second one.
async fn open_mfa(state: &AppState, proof: Proof) -> Result<HttpResponse, ApiError> {
    let (catalog, options) = (state.catalog.clone(), state.save_options());
    let open = move |tx: &mut WriteTx<'_>| auth::open_mfa(tx, &catalog.load(), &proof, options);
    let session = state.db.write(open).await?;
    Ok(HttpResponse::Unauthorized().json(json!({"mfaId": session})))
}

//! The last steps of every sign-in: rules, second factor, where it came from, token.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value as Json, json};

use super::mailing;
use crate::api::{ApiError, AppState, ClientIp, Incoming, respond};
use crate::auth::{self, Accepted, AuthError, OriginState, Proof};
use crate::collections::SUPERUSERS;
use crate::db::{ReadTx, WriteTx};

/// A request to sign in, once the proof is made.
pub(super) struct SignIn {
    pub(super) incoming: Incoming,
    /// The body, for rules and `mfaId`.
    pub(super) body: Map<String, Json>,
    pub(super) origin: Origin,
}

/// Where a request comes from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) address: ClientIp,
    user_agent: String,
}

impl Origin {
    pub(super) fn of(request: &HttpRequest, address: ClientIp) -> Self {
        let user_agent = request.headers().get(actix_web::http::header::USER_AGENT);
        let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self { address, user_agent: user_agent.unwrap_or_default() }
    }

    fn fingerprint(&self) -> String {
        auth::fingerprint(&self.address.text(), &self.user_agent)
    }
}

impl SignIn {
    /// The session of a first factor that this one is to complete.
    fn mfa_id(&self) -> &str {
        let in_body = self.body.get("mfaId").and_then(Json::as_str).unwrap_or_default();
        self.incoming.find_parameter("mfaId").filter(|id| !id.is_empty()).unwrap_or(in_body)
    }

    /// Completes the sign-in. `meta` is what OAuth2 adds to the answer.
    pub(super) async fn complete(
        self,
        state: &web::Data<AppState>,
        proof: Proof,
        meta: Option<Json>,
    ) -> Result<HttpResponse, ApiError> {
        let is_superuser =
            state.catalog.load().find(&proof.collection).is_some_and(|plan| plan.collection().name == SUPERUSERS);
        if is_superuser && !state.superuser_may_come_from(self.origin.address.0) {
            return Err(AuthError::AddressNotAllowed.into());
        }
        let accepted = self.accept(state, &proof).await?;
        if accepted.needs_second_factor {
            if self.mfa_id().is_empty() {
                return open_mfa(state, proof).await;
            }
            let (catalog, session, proven) = (state.catalog.clone(), self.mfa_id().to_owned(), proof.clone());
            let close = move |tx: &mut WriteTx<'_>| auth::close_mfa(tx, &catalog.load(), &proven, &session);
            state.db.write(close).await?;
        }
        if accepted.origin == Some(OriginState::ToNote)
            && let Err(error) = self.note_origin(state, &proof).await
        {
            tracing::warn!(?error, "where a sign-in came from could not be noted");
        }
        let now = state.db.clock().unix_millis();
        let (sent, body) = (self.incoming.clone(), self.body);
        let finish = move |tx: &ReadTx<'_>| {
            let entered = sent.enter_read(tx, now, &body)?;
            auth::finish(tx, entered.request(), &proof, meta.as_ref(), now.div_euclid(1000))
        };
        respond::json(state.db.read(finish).await?, self.incoming.parameter("fields"))
    }

    async fn accept(&self, state: &web::Data<AppState>, proof: &Proof) -> Result<Accepted, ApiError> {
        let now = state.db.clock().unix_millis();
        let (sent, body, proof) = (self.incoming.clone(), self.body.clone(), proof.clone());
        let fingerprint = self.origin.fingerprint();
        let read = move |tx: &ReadTx<'_>| {
            let entered = sent.enter_read(tx, now, &body)?;
            auth::accept(tx, entered.request(), &proof, &fingerprint, now)
        };
        Ok(state.db.read(read).await?)
    }

    /// Notes the place; its owner hears of it if it is an unusual one.
    async fn note_origin(&self, state: &web::Data<AppState>, proof: &Proof) -> Result<(), ApiError> {
        let (catalog, proven, options) = (state.catalog.clone(), proof.clone(), state.save_options());
        let fingerprint = self.origin.fingerprint();
        let note = move |tx: &mut WriteTx<'_>| auth::note_origin(tx, &catalog.load(), &proven, &fingerprint, options);
        let Some(new) = state.db.write(note).await?.filter(|new| new.is_alarming) else { return Ok(()) };
        let now = state.db.clock().unix_millis();
        let (catalog, settings, proof) = (state.catalog.clone(), state.settings.load_full(), proof.clone());
        let Origin { address, user_agent } = self.origin.clone();
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

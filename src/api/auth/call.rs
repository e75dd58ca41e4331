//! What every auth request has: a collection, a body, and somebody who sent it.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::USER_AGENT;
use actix_web::{FromRequest, HttpRequest, web};

use super::form::Form;
use crate::api::{ApiError, AppState, ClientIp, Incoming};
use crate::auth;
use crate::limits::Source;

/// An auth request.
pub(super) struct Call {
    pub(super) state: web::Data<AppState>,
    /// Collection id or name, as in the path.
    pub(super) collection: String,
    pub(super) incoming: Incoming,
    pub(super) origin: Origin,
    pub(super) form: Form,
}

/// Where a request comes from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) address: ClientIp,
    /// Who is guessing if a secret is wrong.
    pub(super) guesser: Source,
    pub(super) user_agent: String,
}

impl Origin {
    /// What tells places apart.
    pub(super) fn fingerprint(&self) -> String {
        auth::fingerprint(&self.address.text(), &self.user_agent)
    }
}

impl FromRequest for Call {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (incoming, payload) =
            (Incoming::from_request(request, payload), web::Payload::from_request(request, payload));
        let request = request.clone();
        Box::pin(async move {
            let incoming = incoming.await?;
            let payload = payload.await.map_err(ApiError::internal)?;
            let state =
                request.app_data::<web::Data<AppState>>().ok_or_else(|| ApiError::internal("no state"))?.clone();
            let user_agent = request.headers().get(USER_AGENT);
            let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            let origin = Origin {
                address: ClientIp::of(&state, &request),
                guesser: incoming.source(),
                user_agent: user_agent.unwrap_or_default(),
            };
            let collection = request.match_info().get("collection").unwrap_or_default().to_owned();
            let limit = super::body_limit(request.path());
            let form = Form::read(&request, payload, limit).await?;
            Ok(Self { state, collection, incoming, origin, form })
        })
    }
}

//! `/api/collections/{collection}/…` of auth collections: signing in, and the mails that belong to it.

mod call;
mod email_change;
mod finish;
mod form;
mod impersonate;
mod mailing;
mod oauth2;
mod otp;
mod password;
mod password_reset;
mod picture;
mod refresh;
mod verification;

use actix_web::{HttpResponse, web};

use super::{ApiError, AppState, QueryParameters, respond};
use crate::auth;

/// The routes.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    let path = |name: &str| format!("/api/collections/{{collection}}/{name}");
    config
        .route(&path("auth-refresh"), web::post().to(refresh::refresh))
        .route(&path("auth-with-password"), web::post().to(password::sign_in))
        .route(&path("auth-methods"), super::get().to(methods))
        .route(&path("auth-with-oauth2"), web::post().to(oauth2::sign_in))
        .route("/api/oauth2-redirect", super::get().to(oauth2::redirect))
        .route("/api/oauth2-redirect", web::post().to(oauth2::redirect_form))
        .route(&path("request-otp"), web::post().to(otp::request))
        .route(&path("auth-with-otp"), web::post().to(otp::sign_in))
        .route(&path("request-verification"), web::post().to(verification::request))
        .route(&path("confirm-verification"), web::post().to(verification::confirm))
        .route(&path("request-password-reset"), web::post().to(password_reset::request))
        .route(&path("confirm-password-reset"), web::post().to(password_reset::confirm))
        .route(&path("request-email-change"), web::post().to(email_change::request))
        .route(&path("confirm-email-change"), web::post().to(email_change::confirm))
        .route(&path("impersonate/{id}"), web::post().to(impersonate::impersonate));
}

/// Largest body of most routes, in bytes.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// Largest body that may hold the fields of a new record, in bytes.
const MAX_CREATE_DATA_BYTES: usize = 1 << 20;

/// Largest body of a route.
fn body_limit(path: &str) -> usize {
    if path.ends_with("/auth-with-oauth2") { MAX_CREATE_DATA_BYTES } else { MAX_FORM_BYTES }
}

/// `GET /api/collections/{collection}/auth-methods`
async fn methods(
    state: web::Data<AppState>,
    collection: web::Path<String>,
    query: QueryParameters,
) -> Result<HttpResponse, ApiError> {
    let methods = auth::auth_methods(&state.catalog.load(), &collection)?;
    respond::json(methods.to_string().into_bytes(), query.get("fields"))
}

//! The HTTP API: the only module that knows actix. Handlers translate; the work is in the domain's services.

mod admission;
mod auth;
mod batch;
mod body;
mod client_ip;
mod collections;
mod dashboard;
mod error;
mod file_answer;
mod file_body;
mod file_buffer;
mod files;
mod form_body;
mod found;
mod frame;
mod health;
mod in_flight;
mod logs;
mod mail;
mod multipart;
mod origins;
mod probing;
mod public_folder;
mod realtime;
mod records;
mod request;
mod request_log;
mod respond;
mod rules;
mod s3;
mod save;
mod search;
mod server;
mod settings;
mod sql;
mod state;
mod tls;

use actix_web::guard::{Any, Get, Head};
use actix_web::{Route, web};

pub use client_ip::ClientIp;
pub use error::ApiError;
pub use in_flight::MAX_REQUESTS_PER_CONNECTION;
pub use probing::Probing;
pub use request::{AuthToken, Incoming, QueryParameters};
pub use server::{QUIET_TARGETS, RunningServer, block_on, start};
pub use state::AppState;
pub use tls::{TlsError, tls_config};

/// All routes. The most used ones come first: they are matched in order.
///
/// Routes are registered one by one rather than as resources with several methods, so that a known path with another
/// method is an unknown path (404, as clients of the reference know it) instead of actix's 405.
fn configure(config: &mut web::ServiceConfig) {
    const RECORDS: &str = "/api/collections/{collection}/records";
    const RECORD: &str = "/api/collections/{collection}/records/{id}";
    config
        // Looked through from the top, so what is asked for most comes first.
        .route(RECORD, get().to(records::view))
        .route(RECORDS, get().to(records::list))
        .route(RECORDS, web::post().to(records::create))
        .route(RECORD, web::patch().to(records::update))
        .route(RECORD, web::delete().to(records::delete))
        .route("/api/files/{collection}/{record}/{name}", get().to(files::download))
        .configure(auth::configure)
        .route("/api/batch", web::post().to(batch::run))
        .route("/api/realtime", web::get().to(realtime::connect))
        .route("/api/realtime", web::post().to(realtime::subscribe))
        .route("/api/realtime/status", get().to(realtime::status))
        .route("/api/files/token", web::post().to(files::token))
        .route("/api/health", get().to(health::health))
        .route("/api/collections/{collection}/truncate", web::delete().to(records::truncate))
        .route("/api/collections/{collection}/rules/test", web::post().to(rules::test))
        .route("/api/collections/{collection}/search/rebuild", web::post().to(search::rebuild))
        .route("/api/collections/{collection}/suggest", get().to(found::suggest))
        .route("/api/search", get().to(found::across))
        .route("/api/search/status", get().to(search::status))
        .configure(collections::configure)
        .route("/api/sql", web::post().to(sql::run))
        .route("/api/settings", get().to(settings::view))
        .route("/api/settings", web::patch().to(settings::update))
        .route("/api/settings/test/email", web::post().to(mail::test))
        .route("/api/settings/test/s3", web::post().to(s3::test))
        .route("/api/settings/mail/status", get().to(mail::status))
        .route("/api/settings/apple/generate-client-secret", web::post().to(settings::apple_client_secret))
        .route("/api/logs", get().to(logs::list))
        .route("/api/logs", web::delete().to(logs::truncate))
        .route("/api/logs/stats", get().to(logs::stats))
        .route("/api/logs/{id}", get().to(logs::view))
        .route("/_", get().to(dashboard::redirect))
        .route("/_/{path:.*}", get().to(dashboard::asset))
        .default_service(web::route().to(public_folder::serve));
}

/// GET routes answer HEAD too.
fn get() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

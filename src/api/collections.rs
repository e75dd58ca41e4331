//! `/api/collections`

use actix_web::web;

/// The routes of this file.
pub(super) fn configure(_: &mut web::ServiceConfig) {}

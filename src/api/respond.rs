//! Successful answers.

use actix_web::HttpResponse;
use actix_web::http::header::{ContentType, HeaderName};

use super::ApiError;
use crate::db::ReadTx;
use crate::fields_picker::Picker;

/// The number of a write's last change.
pub(super) const SEQ: HeaderName = HeaderName::from_static("larder-seq");

/// 200 with JSON, reduced to what the `fields` parameter names. For answers of bounded size; what a read yields goes
/// through [`pick`] in the read.
pub(super) fn json(mut body: Vec<u8>, fields: &str) -> Result<HttpResponse, ApiError> {
    if !fields.is_empty() {
        body = picked(&body, fields)?;
    }
    Ok(ready(body))
}

/// Reduces a read's answer to what the `fields` parameter names, where the read runs: parsing a large answer would hold
/// up everyone else on a worker.
pub(super) fn pick(tx: &ReadTx<'_>, body: Vec<u8>, fields: &str) -> Result<Vec<u8>, ApiError> {
    if fields.is_empty() {
        return Ok(body);
    }
    tx.announce_work(body.len())?;
    picked(&body, fields)
}

/// 200 with JSON that is ready to be sent.
pub(super) fn ready(mut body: Vec<u8>) -> HttpResponse {
    if !body.is_empty() {
        body.push(b'\n');
    }
    HttpResponse::Ok().insert_header(ContentType::json()).body(body)
}

/// An unusable `fields` parameter yields an empty body, as clients of the reference know it.
fn picked(body: &[u8], fields: &str) -> Result<Vec<u8>, ApiError> {
    let Ok(picker) = Picker::parse(fields) else { return Ok(Vec::new()) };
    picker.pick(body).map_err(ApiError::internal)
}

/// Says which change of the feed was a write's last: a search can wait for it (`searchAfter`).
pub(super) fn with_seq(mut response: HttpResponse, seq: Option<i64>) -> HttpResponse {
    if let Some(seq) = seq {
        response.headers_mut().insert(SEQ, seq.into());
    }
    response
}

/// 204.
pub(super) fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

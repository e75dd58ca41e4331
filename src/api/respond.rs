//! Successful answers.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;

use super::fields_picker::Picker;
use super::{ApiError, QueryParameters};
use crate::schema::json_text;

/// 200 with JSON, reduced to what the `fields` parameter names.
pub(super) fn json(mut body: Vec<u8>, query: &QueryParameters) -> Result<HttpResponse, ApiError> {
    let fields = query.get("fields");
    if !fields.is_empty() {
        body = pick(&body, fields)?;
    }
    if !body.is_empty() {
        body.push(b'\n');
    }
    Ok(HttpResponse::Ok().insert_header(ContentType::json()).body(body))
}

/// An unusable `fields` parameter yields an empty body, as clients of the reference know it.
fn pick(body: &[u8], fields: &str) -> Result<Vec<u8>, ApiError> {
    let Ok(picker) = Picker::parse(fields) else { return Ok(Vec::new()) };
    let value = serde_json::from_slice(body).map_err(ApiError::internal)?;
    let mut out = Vec::with_capacity(body.len());
    json_text::write_value(&mut out, &picker.apply(&value));
    Ok(out)
}

/// 204.
pub(super) fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

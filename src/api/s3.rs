//! `/api/settings/test/s3`: for superusers only.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::Value as Json;

use super::request::require_superuser;
use super::{ApiError, AppState, AuthToken, body, respond};
use crate::db::ReadTx;
use crate::settings::{TestS3Error, TestS3Form, test_s3};
use crate::storage::Storage;

/// Said of a body that cannot be read.
const MALFORMED: &str = "The submitted test of S3 cannot be read.";

/// Largest body, in bytes: it holds a word.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// `POST /api/settings/test/s3`: with the settings as they are saved.
pub(super) async fn test(
    state: web::Data<AppState>,
    request: HttpRequest,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token.clone()).await?;
    let body = body::read_object(&request, payload, MAX_BODY_BYTES).await.map_err(|e| e.into_api(MALFORMED))?;
    let form = TestS3Form::deserialize(Json::Object(body)).map_err(|_| ApiError::bad_request(MALFORMED))?;
    let (catalog, settings) = (state.catalog.clone(), state.settings.load_full());
    let now = state.db.clock().unix_seconds();
    let read = move |tx: &ReadTx<'_>| {
        let caller = token.verify(tx, &catalog.load(), now)?;
        match test_s3(&settings, caller.superuser()?, &form) {
            Ok(options) => Ok(options),
            Err(TestS3Error::Invalid(errors)) => Err(ApiError::invalid("S3 was not tested.", &errors)),
            Err(error @ TestS3Error::Disabled) => Err(ApiError::bad_request(format!("S3 was not tested: {error}."))),
        }
    };
    let options = state.db.read(read).await?;
    let failed = |error| ApiError::bad_request(format!("The test of S3 failed: {error}."));
    Storage::s3(&options).map_err(failed)?.check().await.map_err(failed)?;
    Ok(respond::no_content())
}

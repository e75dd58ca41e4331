//! Tokens that superusers get for other records.

use super::AuthError;
use super::sign_in::{answer, auth_options, token, token_lasting};
use crate::db::ReadTx;
use crate::identity::TokenKind;
use crate::records::{Record, RecordError, Request};
use crate::validation::{Issue, ValidationErrors};

/// Longest life of a token, in seconds: three years, as for those of collections.
const MAX_SECONDS: i64 = 94_670_856;

/// The answer of a sign-in as the record, with a token that cannot be renewed. `duration` is in seconds, 0 = as long as the
/// collection's own tokens; `now` is Unix time in seconds.
///
/// # Errors
/// For everyone but superusers, and for a record that does not exist.
pub fn impersonate(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    collection: &str,
    id: &str,
    duration: i64,
    now: i64,
) -> Result<Vec<u8>, AuthError> {
    request.caller.superuser()?;
    let plan = request.catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    let options = auth_options(plan.collection())?;
    let record = Record::find(tx, plan, id)?.ok_or(RecordError::NotFound)?;
    let seconds = check_duration(duration)?;
    let token = if seconds == 0 {
        token(&record, TokenKind::Auth, now, false)?
    } else {
        token_lasting(&record, TokenKind::Auth, now + seconds, false, &options.auth_token.secret)
    };
    answer(tx, request, record, &token, None)
}

fn check_duration(seconds: i64) -> Result<i64, AuthError> {
    let (code, message, threshold) = if seconds < 0 {
        ("validation_min_greater_equal_than_required", "Must not be negative.", 0)
    } else if seconds > MAX_SECONDS {
        ("validation_max_less_equal_than_required", "Must not be more than three years.", MAX_SECONDS)
    } else {
        return Ok(seconds);
    };
    let issue = Issue::new(code, message).with("threshold", threshold);
    Err(AuthError::Invalid(ValidationErrors::of("duration", issue)))
}

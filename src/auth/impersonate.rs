//! Tokens that superusers get for other records.

use serde_json::Value as Json;

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
    duration: &Json,
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

fn check_duration(duration: &Json) -> Result<i64, AuthError> {
    let invalid = |issue| Err(AuthError::Invalid(ValidationErrors::of("duration", issue)));
    match duration.as_i64() {
        _ if duration.is_null() => Ok(0),
        None => Err(AuthError::Malformed),
        Some(seconds) if seconds < 0 => {
            let issue = Issue::new("validation_min_greater_equal_than_required", "Must not be negative.");
            invalid(issue.with("threshold", 0))
        }
        Some(seconds) if seconds > MAX_SECONDS => {
            let issue = Issue::new("validation_max_less_equal_than_required", "Must not be more than three years.");
            invalid(issue.with("threshold", MAX_SECONDS))
        }
        Some(seconds) => Ok(seconds),
    }
}

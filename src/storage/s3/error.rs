//! What a failed request means. Neither URLs nor what a service says in its own words are taken over: they may hold
//! anything.

use std::error::Error as StdError;

use http::StatusCode;
use object_store::client::{HttpError, HttpErrorKind};

use super::super::StorageError;
use super::service::{Refused, TooLate};

/// The error in words of ours, by what caused it in the end.
pub(super) fn translate(error: &object_store::Error) -> StorageError {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    let mut http = None;
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return by_status(refused);
        }
        if inner.is::<TooLate>() {
            return StorageError::Timeout;
        }
        http = inner.downcast_ref::<HttpError>().or(http);
        cause = inner.source();
    }
    match http {
        Some(error) if error.kind() == HttpErrorKind::Timeout => StorageError::Timeout,
        Some(error) if error.kind() != HttpErrorKind::Decode => StorageError::Connection(reason(error)),
        _ => StorageError::Protocol,
    }
}

fn by_status(refused: &Refused) -> StorageError {
    let code = refused.code.clone();
    match (refused.status, code.as_deref()) {
        (_, Some("NoSuchBucket")) => StorageError::NoBucket,
        (StatusCode::NOT_FOUND, _) => StorageError::NotFound,
        // Asked for the version we know only.
        (StatusCode::PRECONDITION_FAILED, _) => StorageError::WrongLength,
        (StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED, _) => StorageError::Denied { code },
        (StatusCode::INSUFFICIENT_STORAGE, _) | (_, Some("QuotaExceeded" | "XMinioStorageFull")) => {
            StorageError::NoSpace
        }
        (status, _) => StorageError::Status { status: status.as_u16(), code },
    }
}

/// The innermost cause, which is the system's word or the TLS library's. The outer ones quote URLs.
fn reason(error: &HttpError) -> String {
    let mut innermost: &dyn StdError = error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    innermost.to_string()
}

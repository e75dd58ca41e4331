//! The error envelope: `{"data":{…},"message":"…","status":N}`, built only here.

use std::borrow::Cow;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Value as Json, json};

use crate::auth::AuthError;
use crate::db::DbError;
use crate::files::{FilesError, FilesMoved};
use crate::identity::IdentityError;
use crate::limits::{TooManyAttempts, TooManyRequests};
use crate::logs::{Failure, LogsError};
use crate::records::{Action, PasswordError, RecordError, RuleTestError};
use crate::settings::{AppleSecretError, SettingsError};
use crate::storage::StorageError;
use crate::validation::ValidationErrors;

/// Seconds a client should wait before it repeats a request the server had no room for.
const RETRY_AFTER_SECONDS: u64 = 1;

/// An answer that is an error.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    message: Cow<'static, str>,
    data: Json,
    /// Seconds to wait before trying again.
    retry_after: Option<u64>,
    /// For the log.
    cause: Option<String>,
}

impl ApiError {
    /// An error with a message of ours.
    pub fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, message: message.into(), data: json!({}), retry_after: None, cause: None }
    }

    /// 400 with a message.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400 with errors by field.
    pub fn invalid(message: impl Into<Cow<'static, str>>, errors: &ValidationErrors) -> Self {
        Self { data: errors.to_json(), ..Self::bad_request(message) }
    }

    /// An error with data of the endpoint's own shape, an object.
    pub(super) fn with_data(status: StatusCode, message: impl Into<Cow<'static, str>>, data: Json) -> Self {
        Self { data, ..Self::new(status, message) }
    }

    /// The envelope.
    pub(super) fn to_json(&self) -> Json {
        json!({"data": self.data, "message": self.message, "status": self.status.as_u16()})
    }

    /// What is logged of it.
    pub(super) fn to_failure(&self) -> Failure {
        let details = match &self.cause {
            Some(cause) => Json::from(cause.as_str()),
            None if self.data.as_object().is_none_or(serde_json::Map::is_empty) => Json::Null,
            None => self.data.clone(),
        };
        Failure { message: self.message.clone(), details }
    }

    /// 401.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "This request needs a valid authorization token.")
    }

    /// 403 with a message.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "The requested resource wasn't found.")
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large.")
    }

    /// 500; the cause goes to the log, never to the client.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(error = %cause, "a request failed");
        let error = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong while processing the request.");
        Self { cause: Some(cause.to_string()), ..error }
    }

    /// 503 with `Retry-After`.
    pub fn overloaded() -> Self {
        let busy = Self::new(StatusCode::SERVICE_UNAVAILABLE, "The server is busy, please try again in a moment.");
        Self { retry_after: Some(RETRY_AFTER_SECONDS), ..busy }
    }

    /// 503 with `Retry-After`, for a read that was stopped.
    pub(super) fn too_slow() -> Self {
        let stopped = Self::new(StatusCode::SERVICE_UNAVAILABLE, "The query took too long and was stopped.");
        Self { retry_after: Some(RETRY_AFTER_SECONDS), ..stopped }
    }

    /// 429 with `Retry-After`, in seconds.
    pub fn too_many(message: impl Into<Cow<'static, str>>, retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, message) }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.message)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.content_type("application/json");
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        response.body(self.to_json().to_string())
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        if error.is_out_of_space() {
            tracing::error!(%error, "the disk is full");
            return Self::new(StatusCode::INSUFFICIENT_STORAGE, "The server's disk is full, nothing was changed.");
        }
        if error.is_read_only() {
            tracing::error!(%error, "the data folder cannot be written");
            return Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "The server cannot write its data, nothing was changed.",
            );
        }
        if error.is_interrupted() {
            return Self::too_slow();
        }
        if error.is_busy() {
            tracing::warn!(%error, "another process holds the database");
            return Self::overloaded();
        }
        match error {
            // Not a failure: the read begins anew elsewhere.
            DbError::NotInline | DbError::QueueFull | DbError::Closed => Self::overloaded(),
            other => Self::internal(other),
        }
    }
}

impl From<IdentityError> for ApiError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::TokenRequired => Self::unauthorized(),
            IdentityError::NotSuperuser => Self::forbidden("Only superusers may do this."),
        }
    }
}

impl From<LogsError> for ApiError {
    fn from(error: LogsError) -> Self {
        match error {
            LogsError::NotFound => Self::not_found(),
            LogsError::BadQuery(reason) => Self::bad_request(format!("The filter cannot be used: {reason}.")),
            LogsError::Unavailable => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "The logs cannot be used at the moment.")
            }
            LogsError::Db(cause) => cause.into(),
        }
    }
}

impl From<FilesMoved> for ApiError {
    fn from(_: FilesMoved) -> Self {
        Self::bad_request("Where files are kept has just changed, please try again.")
    }
}

impl From<FilesError> for ApiError {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::NoSpace => {
                tracing::error!("the disk is full");
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "The server's disk is full, nothing was changed.")
            }
            FilesError::Busy => Self::overloaded(),
            FilesError::Storage(StorageError::NotFound) => Self::not_found(),
            FilesError::Storage(StorageError::InvalidKey) => {
                Self::bad_request("Files cannot be stored below a record of this id.")
            }
            cause if cause.is_remote() => {
                tracing::error!(error = %cause, "the file storage failed");
                Self::new(StatusCode::BAD_GATEWAY, "The file storage cannot be used at the moment.")
            }
            other => Self::internal(other),
        }
    }
}

fn save_failed(action: Action) -> &'static str {
    match action {
        Action::Create => "Failed to create record.",
        Action::Update => "Failed to update record.",
        Action::Delete => "Failed to delete record.",
        Action::List | Action::View => "Failed to read records.",
    }
}

impl From<RecordError> for ApiError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::CollectionNotFound => Self::new(StatusCode::NOT_FOUND, "There is no such collection."),
            RecordError::NotFound => Self::not_found(),
            RecordError::SuperuserOnly(_) => Self::forbidden("Only superusers may do this."),
            RecordError::SuperuserQuery => {
                Self::forbidden("Only superusers may filter or sort by @request. and @collection. values.")
            }
            RecordError::RuleDenied => Self::bad_request(save_failed(Action::Create)),
            RecordError::ViewIsReadOnly => Self::bad_request("Records of a view cannot be changed."),
            RecordError::ViewCannotBeTruncated => {
                Self::bad_request("A view has no records of its own that could be deleted.")
            }
            RecordError::Invalid(action, errors) => Self::invalid(save_failed(action), &errors),
            RecordError::Constraint(action, _) => Self::bad_request(save_failed(action)),
            RecordError::RequiredReference { collection } => Self::bad_request(format!(
                "Failed to delete record: it is part of a required relation of \"{collection}\"."
            )),
            RecordError::LastSuperuser => Self::bad_request("The only superuser cannot be deleted."),
            RecordError::BadQuery(reason) => {
                Self::bad_request(format!("The request's query parameters cannot be used: {reason}."))
            }
            RecordError::UploadsElsewhere => Self::bad_request("The collection has just changed, please try again."),
            RecordError::FilesMoved(moved) => moved.into(),
            RecordError::TooLarge => {
                Self::bad_request("The answer would be too large: ask for fewer records at a time.")
            }
            RecordError::Db(cause) => cause.into(),
        }
    }
}

impl From<RuleTestError> for ApiError {
    fn from(error: RuleTestError) -> Self {
        match error {
            RuleTestError::CollectionNotFound => RecordError::CollectionNotFound.into(),
            RuleTestError::RecordNotFound => Self::new(StatusCode::NOT_FOUND, "The collection has no such record."),
            RuleTestError::Invalid(errors) => Self::invalid("The rule cannot be tested like that.", &errors),
            RuleTestError::Record(cause) => cause.into(),
        }
    }
}

impl From<TooManyRequests> for ApiError {
    fn from(refused: TooManyRequests) -> Self {
        Self::too_many("Too many requests, please wait a moment.", refused.retry_after.into())
    }
}

impl From<TooManyAttempts> for ApiError {
    fn from(refused: TooManyAttempts) -> Self {
        Self::too_many("Too many wrong attempts, please try again later.", refused.retry_after)
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::TooManyAttempts(refused) => refused.into(),
            PasswordError::Db(cause) => cause.into(),
        }
    }
}

impl From<SettingsError> for ApiError {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Malformed => Self::bad_request(super::settings::MALFORMED),
            SettingsError::Invalid(errors) => Self::invalid("The settings cannot be saved.", &errors),
            SettingsError::Db(cause) => cause.into(),
        }
    }
}

impl From<AppleSecretError> for ApiError {
    fn from(error: AppleSecretError) -> Self {
        match error {
            AppleSecretError::Invalid(errors) => Self::invalid("No client secret can be made of this.", &errors),
            AppleSecretError::Key => {
                Self::bad_request("The private key cannot sign: it has to be a PKCS #8 key on the curve P-256.")
            }
        }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::CollectionNotFound => Self::new(StatusCode::NOT_FOUND, "There is no such collection."),
            AuthError::NotAuthCollection => {
                Self::new(StatusCode::NOT_FOUND, "Records of this collection cannot sign in.")
            }
            AuthError::PasswordAuthDisabled => {
                Self::forbidden("This collection does not allow signing in with a password.")
            }
            AuthError::Failed | AuthError::SuperuserNotFound(_) => Self::bad_request("Failed to authenticate."),
            AuthError::RuleDenied => Self::forbidden("The collection's auth rule does not let this record sign in."),
            AuthError::OtpAuthDisabled => {
                Self::forbidden("This collection does not allow signing in with one-time codes.")
            }
            AuthError::OAuth2AuthDisabled => {
                Self::forbidden("This collection does not allow signing in through other services.")
            }
            AuthError::AddressNotAllowed => Self::forbidden("Superusers may not come from this address."),
            AuthError::InvalidOtp => Self::bad_request("The one-time code is wrong or has expired."),
            AuthError::MfaSessionExpired => Self::bad_request("The MFA session is unknown or has expired."),
            AuthError::OtherMfaSession => Self::bad_request("The MFA session is not one of this record."),
            AuthError::SameMethod => Self::bad_request("The second factor must be another method than the first."),
            AuthError::TooManyAttempts(refused) => refused.into(),
            AuthError::Refused(why) => Self::bad_request(why),
            AuthError::Identity(cause) => cause.into(),
            AuthError::TokenRequired => Self::unauthorized(),
            AuthError::OtherCollection(name) => {
                Self::forbidden(format!("The request's token is of the collection \"{name}\", not of this one."))
            }
            AuthError::Invalid(errors) => Self::invalid("The submitted data is not valid.", &errors),
            AuthError::Record(cause) => cause.into(),
            AuthError::Db(cause) => cause.into(),
        }
    }
}

//! Why a sign-in failed.

use crate::db::DbError;
use crate::identity::IdentityError;
use crate::limits::TooManyAttempts;
use crate::records::RecordError;
use crate::validation::ValidationErrors;

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// No such collection.
    #[error("no such collection")]
    CollectionNotFound,
    /// The collection's records cannot sign in.
    #[error("not an auth collection")]
    NotAuthCollection,
    /// Passwords are off for the collection.
    #[error("password sign-in is off")]
    PasswordAuthDisabled,
    /// One-time codes are off for the collection.
    #[error("sign-in with one-time codes is off")]
    OtpAuthDisabled,
    /// Sign-in through other services is off for the collection.
    #[error("sign-in through other services is off")]
    OAuth2AuthDisabled,
    /// Unknown account or wrong password: the two must look alike.
    #[error("wrong identity or password")]
    Failed,
    /// The collection's auth rule does not let the record in.
    #[error("the auth rule does not allow it")]
    RuleDenied,
    /// The superuser comes from an address that is not allowed.
    #[error("superusers may not come from this address")]
    AddressNotAllowed,
    /// Unknown, used or expired code, or wrong digits: they must look alike.
    #[error("invalid or expired one-time code")]
    InvalidOtp,
    /// The session of the first factor is unknown, used or expired.
    #[error("invalid or expired MFA session")]
    MfaSessionExpired,
    /// The session of the first factor is of another record.
    #[error("the MFA session is of another record")]
    OtherMfaSession,
    /// The second factor is the same method as the first.
    #[error("the second factor must be another method")]
    SameMethod,
    /// Too many wrong attempts.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// The request makes no sense for this collection; a sentence for the client.
    #[error("{0}")]
    Refused(&'static str),
    /// There is no token.
    #[error("a valid token is needed")]
    TokenRequired,
    /// The token is of another collection.
    #[error("the token is of the collection `{0}`")]
    OtherCollection(String),
    /// Fields were refused.
    #[error("{}", .0.summary())]
    Invalid(ValidationErrors),
    /// No superuser with this address.
    #[error("superuser with email \"{0}\" doesn't exist")]
    SuperuserNotFound(String),
    /// The caller lacks authority.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Reading or saving the record failed.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The store failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<rusqlite::Error> for AuthError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Db(error.into())
    }
}

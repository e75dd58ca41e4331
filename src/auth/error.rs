//! Why a sign-in failed.

use crate::db::DbError;
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
    /// Unknown account or wrong password: the two must look alike.
    #[error("wrong identity or password")]
    Failed,
    /// The collection's auth rule does not let the record in.
    #[error("the auth rule does not allow it")]
    RuleDenied,
    /// A second factor is needed that this server cannot ask for yet.
    #[error("a second factor is required")]
    SecondFactorUnavailable,
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

//! Why settings cannot be changed.

use crate::db::DbError;
use crate::validation::ValidationErrors;

/// Why settings cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A value of the body is of another type than its key.
    #[error("a setting has the wrong type")]
    Malformed,
    /// The settings as a whole break rules; keyed like their JSON.
    #[error("{}", .0.summary())]
    Invalid(ValidationErrors),
    /// The store failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

//! The caller of a request.

use std::sync::Arc;

use super::IdentityError;
use crate::collections::SUPERUSERS;
use crate::schema::Collection;

/// Who makes a request.
#[derive(Debug, Clone)]
pub enum Caller {
    /// Nobody known: no token, or none that is valid.
    Guest,
    /// A record of an auth collection.
    Record(AuthRecord),
    /// A superuser.
    Superuser(Superuser),
    /// Larder itself: the command line and start-up.
    System,
}

/// The record a token stands for.
#[derive(Debug, Clone)]
pub struct AuthRecord {
    /// Its collection.
    pub collection: Arc<Collection>,
    /// Its id.
    pub id: String,
    /// Whether the token may be exchanged for a fresh one.
    pub refreshable: bool,
    /// `email`.
    pub email: String,
    /// `emailVisibility`.
    pub email_visibility: bool,
    /// `verified`.
    pub verified: bool,
}

/// Proof that the caller is a superuser; only a verified token makes one. Services that only superusers may use ask for
/// it, so that forgetting the check does not compile.
#[derive(Debug, Clone)]
pub struct Superuser(AuthRecord);

impl Superuser {
    /// The superuser's record.
    pub fn record(&self) -> &AuthRecord {
        &self.0
    }
}

impl Caller {
    /// The caller that a verified record is.
    pub(super) fn of(record: AuthRecord) -> Self {
        if record.collection.name == SUPERUSERS { Self::Superuser(Superuser(record)) } else { Self::Record(record) }
    }

    /// The record behind the token, superusers included.
    pub fn record(&self) -> Option<&AuthRecord> {
        match self {
            Self::Guest | Self::System => None,
            Self::Record(record) | Self::Superuser(Superuser(record)) => Some(record),
        }
    }

    /// Whether rules do not apply.
    pub fn is_superuser(&self) -> bool {
        matches!(self, Self::Superuser(_) | Self::System)
    }

    /// Whether the caller is this record.
    pub fn is(&self, collection_id: &str, record_id: &str) -> bool {
        self.record().is_some_and(|r| r.id == record_id && r.collection.id == collection_id)
    }

    /// The proof that the caller is a superuser.
    ///
    /// # Errors
    /// [`IdentityError`], telling guests from others.
    pub fn superuser(&self) -> Result<&Superuser, IdentityError> {
        match self {
            Self::Guest => Err(IdentityError::TokenRequired),
            Self::Record(_) | Self::System => Err(IdentityError::NotSuperuser),
            Self::Superuser(superuser) => Ok(superuser),
        }
    }
}

//! Why a caller is turned away.

/// A caller lacks the authority an action needs.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
pub enum IdentityError {
    /// There is no valid token.
    #[error("a valid token is needed")]
    TokenRequired,
    /// The token's record is no superuser.
    #[error("only superusers may do this")]
    NotSuperuser,
}

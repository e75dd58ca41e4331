//! Who is calling: tokens, the caller they stand for, and passwords.
//!
//! Below `records`, whose services take a [`Caller`]; the sign-in flows are in `auth`.

mod caller;
mod error;
mod hashing;
mod session;
mod token;
mod verify;

pub use caller::{AuthRecord, Caller, Superuser};
pub use error::IdentityError;
pub use hashing::{HashCounts, Hasher, PasswordHash, hash_password, verify_password};
pub use session::Session;
pub use token::{Claims, TokenKind, issue_token};
pub use verify::{Proven, claims_without_proof, names_superuser, prove, verify};

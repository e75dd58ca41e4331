//! Why Larder cannot start or run.

use std::net::SocketAddr;

use crate::api::TlsError;
use crate::auth::AuthError;
use crate::collections::CollectionError;
use crate::db::DbError;
use crate::files::FilesError;

/// Why Larder cannot start or run.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The system collections cannot be made.
    #[error("cannot set up the data folder: {0}")]
    Collections(#[from] CollectionError),
    /// The set-up account cannot be made.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// HTTPS cannot be served with the configured files.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        source: std::io::Error,
    },
    /// Uploaded files cannot be kept.
    #[error("cannot keep uploaded files: {0}")]
    Files(#[from] FilesError),
    /// The server failed.
    #[error("the server failed: {0}")]
    Server(#[from] std::io::Error),
}

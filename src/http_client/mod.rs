//! The one client for everything remote over HTTP, on reqwest with rustls: time limits, bounded answers, two degrees of
//! trust. [`HttpClient::trusted`] is for URLs that a superuser configured, [`HttpClient::guarded`] for URLs that came from
//! outside: it asks public addresses only, whatever names, redirects or spellings lead to.

mod addresses;
mod client;
mod error;
mod object_store;
mod request;
mod resolver;
mod tls;

pub use client::{HttpClient, Limits, MAX_ANSWER_BYTES};
pub use error::HttpError;
pub use object_store::object_store_client;
pub use request::{HttpAnswer, HttpRequest};
pub use reqwest::Url;

/// A downloaded file.
pub struct Download {
    /// The file.
    pub bytes: Vec<u8>,
    /// Media type without parameters, in lower case, as the server tells it; empty if it does not.
    pub content_type: String,
    /// The last part of the URL's path, decoded; empty if there is none. As untrusted as the bytes.
    pub file_name: String,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Download");
        out.field("content_type", &self.content_type).field("file_name", &self.file_name);
        out.field("bytes", &self.bytes.len()).finish()
    }
}

/// Whether the URL leads to this very machine.
pub fn is_loopback(url: &Url) -> bool {
    url.host_str() == Some("localhost") || client::literal_address(url).is_some_and(|address| address.is_loopback())
}

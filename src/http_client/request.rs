//! What is asked of another server, and its answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value as Json;

use super::HttpError;

/// A request; its `Debug` shows neither headers nor body.
#[derive(Clone)]
pub struct HttpRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<String>,
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        f.debug_struct("HttpRequest").field("method", &self.method).field("host", &host).finish_non_exhaustive()
    }
}

impl HttpRequest {
    /// A `GET` that wants JSON.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn get(url: &str) -> Result<Self, HttpError> {
        Self::new(Method::GET, url, None)
    }

    /// A `POST` of a form.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn post_form(url: &str, pairs: &[(&str, &str)]) -> Result<Self, HttpError> {
        // The query of a URL is encoded as a form is, so that a URL can do it.
        let mut form = parse_url("http://localhost")?;
        form.query_pairs_mut().extend_pairs(pairs);
        let body = form.query().unwrap_or_default().to_owned();
        Self::new(Method::POST, url, Some(("application/x-www-form-urlencoded", body)))
    }

    /// A `POST` of JSON.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn post_json(url: &str, body: &Json) -> Result<Self, HttpError> {
        Self::new(Method::POST, url, Some(("application/json", body.to_string())))
    }

    fn new(method: Method, url: &str, body: Option<(&'static str, String)>) -> Result<Self, HttpError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let body = body.map(|(content_type, body)| {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            body
        });
        Ok(Self { method, url: parse_url(url)?, headers, body })
    }

    /// Adds a header.
    ///
    /// # Errors
    /// If the name or the value has characters that headers cannot carry.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, HttpError> {
        let name = HeaderName::try_from(name).map_err(|_| HttpError::InvalidHeader)?;
        let mut value = HeaderValue::from_str(value).map_err(|_| HttpError::InvalidHeader)?;
        value.set_sensitive(name == AUTHORIZATION);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Authorizes with a bearer token.
    ///
    /// # Errors
    /// If the token has characters that headers cannot carry.
    pub fn bearer(self, token: &str) -> Result<Self, HttpError> {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// Authorizes with a name and a password.
    ///
    /// # Errors
    /// Never in practice.
    pub fn basic(self, name: &str, password: &str) -> Result<Self, HttpError> {
        self.header(AUTHORIZATION.as_str(), &format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
    }
}

/// A complete answer; its `Debug` shows no content.
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// Media type without parameters, in lower case; empty if not told.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpAnswer {
    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON, if it is some; nested 128 levels at most.
    pub fn json(&self) -> Option<Json> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl std::fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// An absolute http or https URL.
pub(super) fn parse_url(text: &str) -> Result<Url, HttpError> {
    let url = Url::parse(text).map_err(|_| HttpError::InvalidUrl)?;
    check_scheme(&url)?;
    Ok(url)
}

pub(super) fn check_scheme(url: &Url) -> Result<(), HttpError> {
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(()) } else { Err(HttpError::InvalidUrl) }
}

//! What handlers read from a request's head.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};

use super::ApiError;

/// Most query parameters looked at.
const MAX_PARAMETERS: usize = 200;

/// The token of the `Authorization` header, with or without `Bearer`. Never fails: without one the caller is a guest.
#[derive(Debug, Clone, Default)]
pub struct AuthToken(Option<String>);

impl AuthToken {
    /// The token's text.
    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl FromRequest for AuthToken {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(AUTHORIZATION).and_then(|h| h.to_str().ok());
        let token = header.map(|text| match text.as_bytes().get(..7) {
            Some(prefix) if prefix.eq_ignore_ascii_case(b"bearer ") => &text[7..],
            _ => text,
        });
        ready(Ok(Self(token.filter(|t| !t.is_empty()).map(str::to_owned))))
    }
}

/// The query parameters; of repeated ones the first counts.
#[derive(Debug, Clone, Default)]
pub struct QueryParameters(Vec<(String, String)>);

impl QueryParameters {
    /// The first value of a parameter; empty if absent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

impl FromRequest for QueryParameters {
    type Error = ApiError;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.query_string();
        if text.is_empty() {
            return ready(Ok(Self::default()));
        }
        let parsed = web::Query::<Vec<(String, String)>>::from_query(text);
        ready(match parsed {
            Ok(pairs) if pairs.len() <= MAX_PARAMETERS => Ok(Self(pairs.into_inner())),
            Ok(_) => Err(ApiError::bad_request("The request has too many query parameters.")),
            Err(_) => Err(ApiError::bad_request("The query parameters cannot be read.")),
        })
    }
}

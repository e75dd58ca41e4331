//! Bodies of auth requests.

use actix_web::{HttpRequest, web};
use serde_json::{Map, Value as Json};

use crate::api::{ApiError, body};
use crate::schema::cast;

/// Said of a body that cannot be read.
pub(super) const MALFORMED: &str = "The submitted data cannot be read.";

/// A body whose keys are read by name.
pub(super) struct Form {
    /// As sent, for rules.
    pub(super) body: Map<String, Json>,
    is_json: bool,
}

impl Form {
    /// Reads the body, up to so many bytes.
    pub(super) async fn read(request: &HttpRequest, payload: web::Payload, limit: usize) -> Result<Self, ApiError> {
        let body = body::read_object(request, payload, limit).await.map_err(|e| e.into_api(MALFORMED))?;
        Ok(Self { body, is_json: body::is_json(request) })
    }

    /// The value of a key, which in JSON may be written in any case.
    pub(super) fn find(&self, key: &str) -> Option<&Json> {
        let in_another_case = || self.body.iter().find(|(k, _)| self.is_json && k.eq_ignore_ascii_case(key));
        self.body.get(key).or_else(|| in_another_case().map(|(_, value)| value))
    }

    /// A whole number; 0 if absent. A form's value is a text that may look like one.
    pub(super) fn integer(&self, key: &str) -> Result<i64, ApiError> {
        let found = match self.find(key) {
            None | Some(Json::Null) => Some(0),
            Some(Json::String(text)) if !self.is_json && text.is_empty() => Some(0),
            Some(Json::String(text)) if !self.is_json => text.parse().ok(),
            Some(value) => value.as_i64(),
        };
        found.ok_or_else(|| ApiError::bad_request(MALFORMED))
    }

    /// A text; empty if absent. In JSON only strings will do; a form's value that looks like a number or a boolean was
    /// read as one.
    pub(super) fn text(&self, key: &str) -> Result<String, ApiError> {
        match self.find(key) {
            None | Some(Json::Null) => Ok(String::new()),
            Some(Json::String(text)) => Ok(text.clone()),
            Some(value @ (Json::Number(_) | Json::Bool(_))) if !self.is_json => Ok(cast::text(value)),
            Some(_) => Err(ApiError::bad_request(MALFORMED)),
        }
    }
}

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

    /// The value of a key, written in any case.
    pub(super) fn find(&self, key: &str) -> Option<&Json> {
        self.body.get(key).or_else(|| self.body.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v))
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

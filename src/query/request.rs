//! What rules can ask about the request: the values behind `@request.…` and the macros.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::Plan;
use super::expr::Parameter;
use crate::schema::{FieldOptions, cast, json_text};

/// Where a condition is evaluated (`@request.context`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Context {
    #[default]
    Default,
    Batch,
    Expand,
    Realtime,
    ProtectedFile,
    Password,
    Otp,
    OAuth2,
}

impl Context {
    /// The word rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Batch => "batch",
            Self::Expand => "expand",
            Self::Realtime => "realtime",
            Self::ProtectedFile => "protectedFile",
            Self::Password => "password",
            Self::Otp => "otp",
            Self::OAuth2 => "oauth2",
        }
    }

    /// The context of a word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Default,
            Self::Batch,
            Self::Expand,
            Self::Realtime,
            Self::ProtectedFile,
            Self::Password,
            Self::Otp,
            Self::OAuth2,
        ];
        all.into_iter().find(|context| context.as_str() == word)
    }
}

/// The record a request is authenticated as.
#[derive(Debug, Clone)]
pub struct AuthInfo {
    /// Its collection.
    pub plan: Arc<Plan>,
    /// Its id.
    pub id: String,
    /// `email`.
    pub email: String,
    /// `emailVisibility`.
    pub email_visibility: bool,
    /// `verified`.
    pub verified: bool,
}

/// What a request says before its body.
#[derive(Debug, Clone, Default)]
pub struct RequestHead {
    /// Upper case.
    pub method: String,
    /// Query parameters in the order sent; the first of a name counts.
    pub query: Vec<(String, String)>,
    /// Headers, names in lower case with `_` for `-`; the first of a name counts.
    pub headers: Vec<(String, String)>,
}

/// A header's name as rules know it.
pub fn header_name(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// The request a condition is evaluated for.
#[derive(Debug, Clone, Default)]
pub struct RequestInfo {
    /// What was sent before the body.
    pub head: Arc<RequestHead>,
    /// Where the condition is evaluated.
    pub context: Context,
    /// The body. Of a create or update after modifiers were applied and fields cast, where json fields hold their JSON;
    /// of other requests as it was sent.
    pub body: Map<String, Json>,
    /// Whether the body's fields are cast.
    pub has_cast_body: bool,
    /// Who is calling; guests have none.
    pub auth: Option<AuthInfo>,
    /// Unix time in milliseconds.
    pub now_ms: i64,
}

impl RequestInfo {
    /// The same request seen from another place.
    #[must_use]
    pub fn in_context(&self, context: Context) -> Self {
        Self { context, ..self.clone() }
    }

    /// The same request with the body as a create or update sees it.
    #[must_use]
    pub fn with_cast_body(&self, body: Map<String, Json>) -> Self {
        Self { body, has_cast_body: true, ..self.clone() }
    }

    /// The value at a path of the body, if the key is there.
    pub(super) fn find_in_body(&self, path: &[&str]) -> Option<&Json> {
        let (first, rest) = path.split_first()?;
        let mut value = self.body.get(*first)?;
        for key in rest {
            value = match value {
                Json::Object(object) => object.get(*key)?,
                Json::Array(items) => items.get(key.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// The first value of a query parameter.
    pub(super) fn find_in_query(&self, name: &str) -> Option<&str> {
        first(&self.head.query, name)
    }

    /// The first value of a header.
    pub(super) fn find_in_headers(&self, name: &str) -> Option<&str> {
        first(&self.head.headers, name)
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// A value of the body as a parameter. `key` is the last segment of its path: text that stands where a number field of
/// the collection would is a number (reference part 2, section 3.4).
pub(super) fn parameter_of(value: &Json, key: &str, plan: &Plan) -> Parameter {
    match value {
        Json::Null => Parameter::Null,
        Json::Bool(flag) => Parameter::Bool(*flag),
        Json::Number(number) => Parameter::Number(number.as_f64().unwrap_or(0.0)),
        Json::String(text) => parameter_of_text(text, key, plan),
        Json::Array(_) | Json::Object(_) => Parameter::Text(json_text_of(value)),
    }
}

/// As [`parameter_of`], of a text.
pub(super) fn parameter_of_text(text: &str, key: &str, plan: &Plan) -> Parameter {
    let field = plan.collection().fields.iter().find(|f| f.name == key);
    if field.is_some_and(|f| matches!(f.options, FieldOptions::Number(_))) && is_numeric(text) {
        return Parameter::Number(cast::number_of_text(text));
    }
    Parameter::Text(text.to_owned())
}

/// Compact JSON with sorted keys, as columns hold it.
pub(super) fn json_text_of(value: &Json) -> String {
    let mut out = Vec::new();
    json_text::write_value(&mut out, value);
    String::from_utf8(out).unwrap_or_default()
}

fn is_numeric(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

//! `/api/collections/{collection}/rules/test`: what a rule says to a described request, for superusers only. An addition
//! of Larder.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json};

use super::request::require_superuser;
use super::{ApiError, AppState, AuthToken, body, respond};
use crate::db::ReadTx;
use crate::query::Context;
use crate::records::{RuleTest, RuleTestError, TestedAction, TestedRule, test_rule};

/// Said of a body that cannot be read.
const MALFORMED: &str = "The submitted test cannot be read.";

/// What is to be tested.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TestBody {
    action: String,
    #[serde(deserialize_with = "draft")]
    rule: TestedRule,
    caller: Option<CallerBody>,
    record: Option<String>,
    body: Option<Map<String, Json>>,
    query: Option<Map<String, Json>>,
    headers: Option<Map<String, Json>>,
    method: Option<String>,
    context: Option<String>,
}

/// A record that is said to be calling.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CallerBody {
    collection: String,
    id: String,
}

/// `null` is a value here: a locked rule.
fn draft<'d, D: Deserializer<'d>>(value: D) -> Result<TestedRule, D::Error> {
    Option::deserialize(value).map(TestedRule::Draft)
}

/// A test as the service takes it.
#[derive(Debug)]
struct Test {
    action: TestedAction,
    rule: TestedRule,
    caller: Option<CallerBody>,
    record: String,
    body: Map<String, Json>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    method: String,
    context: Context,
}

impl TestBody {
    fn read(object: Map<String, Json>) -> Result<Test, ApiError> {
        let body = Self::deserialize(Json::Object(object))
            .map_err(|error| ApiError::bad_request(format!("{MALFORMED} Reason: {error}.")))?;
        let action = match body.action.as_str() {
            "list" => TestedAction::List,
            "view" => TestedAction::View,
            "create" => TestedAction::Create,
            "update" => TestedAction::Update,
            "delete" => TestedAction::Delete,
            "manage" => TestedAction::Manage,
            "auth" => TestedAction::Auth,
            "" => return Err(RuleTestError::required("action").into()),
            _ => return Err(unknown("action")),
        };
        let context = match body.context.as_deref() {
            None | Some("") => Context::Default,
            Some(word) => Context::parse(word).ok_or_else(|| unknown("context"))?,
        };
        Ok(Test {
            action,
            rule: body.rule,
            caller: body.caller,
            record: body.record.unwrap_or_default(),
            body: body.body.unwrap_or_default(),
            query: texts("query", body.query)?,
            headers: texts("headers", body.headers)?,
            method: body.method.unwrap_or_default(),
            context,
        })
    }
}

fn unknown(key: &str) -> ApiError {
    RuleTestError::invalid(key, "validation_in_invalid", "There is no such value.").into()
}

/// Names and texts of an object; numbers and flags are written out.
fn texts(key: &str, object: Option<Map<String, Json>>) -> Result<Vec<(String, String)>, ApiError> {
    let text = |(name, value)| match value {
        Json::String(text) => Ok((name, text)),
        Json::Number(_) | Json::Bool(_) => Ok((name, value.to_string())),
        Json::Null | Json::Array(_) | Json::Object(_) => {
            Err(RuleTestError::invalid(key, "validation_invalid_type", "Its values must be texts.").into())
        }
    };
    object.unwrap_or_default().into_iter().map(text).collect()
}

/// `POST /api/collections/{collection}/rules/test`
pub(super) async fn test(
    state: web::Data<AppState>,
    request: HttpRequest,
    collection: web::Path<String>,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token.clone()).await?;
    let limit = state.config.max_body_mb << 20;
    let test = TestBody::read(body::read_object(&request, payload, limit).await.map_err(|e| e.into_api(MALFORMED))?)?;
    let (catalog, now_ms) = (state.catalog.clone(), state.db.clock().unix_millis());
    let read = move |tx: &ReadTx<'_>| {
        let catalog = catalog.load();
        let caller = token.verify(tx, &catalog, now_ms.div_euclid(1000))?;
        let what = RuleTest {
            collection: &collection,
            action: test.action,
            rule: &test.rule,
            caller: test.caller.as_ref().map(|caller| (caller.collection.as_str(), caller.id.as_str())),
            record: &test.record,
            body: &test.body,
            query: &test.query,
            headers: &test.headers,
            method: &test.method,
            context: test.context,
            now_ms,
        };
        let verdict = test_rule(tx, caller.superuser()?, &catalog, &what)?;
        serde_json::to_vec(&verdict).map_err(ApiError::internal)
    };
    Ok(respond::ready(state.db.read(read).await?))
}

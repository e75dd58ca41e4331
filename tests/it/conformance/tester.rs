//! Holds the rule tester to the real actions: for a case's request it must let through whom the action lets through.

use percent_encoding::percent_decode_str;
use reqwest::Method;
use serde_json::{Map, Value as Json, json};

use super::run::{long, pairs, text};
use super::table::Request;
use crate::server::{Answer, Client};

/// What the tester says of a request before it is made; `None` where it cannot be asked.
pub(crate) async fn ask(root: &Client, who: &str, client: &Client, request: &Request) -> Option<Json> {
    let (collection, id) = match request.target.split_once('/') {
        Some(("", _)) => return None,
        Some((collection, id)) => (collection, Some(id)),
        None => (request.target.as_str(), None),
    };
    let action = match (&request.method, id) {
        (&Method::GET, Some(_)) => "view",
        (&Method::POST, None) => "create",
        (&Method::PATCH, Some(_)) => "update",
        (&Method::DELETE, Some(_)) => "delete",
        _ => return None,
    };
    // The tester takes bodies as JSON.
    if text(request, "form").is_some() || text(request, "files").is_some() {
        return None;
    }
    let test = json!({
        "action": action,
        "caller": caller(who),
        "record": id.map(|id| long(&percent_decode_str(id).decode_utf8_lossy())),
        "body": body(request)?,
        "query": query(request),
        "headers": headers(client, request),
        "method": request.method.as_str(),
    });
    let verdict = root.post(&format!("/api/collections/{collection}/rules/test"), test).await;
    // Records that are not there and the like.
    (verdict.status == 200).then_some(verdict.body)
}

/// What is wrong with what the tester said, now that the request was made.
pub(crate) fn differs(verdict: &Json, request: &Request, answer: &Answer) -> Option<String> {
    let status = answer.status.as_u16();
    let was_denied = match (&request.method, status) {
        (_, 401 | 403 | 404) => true,
        // Values are refused by field, the rule is not.
        (&Method::POST, 400) => answer.body["data"].as_object().is_some_and(Map::is_empty),
        _ => false,
    };
    if verdict["allowed"] == json!(!was_denied) && is_sound(verdict) {
        None
    } else {
        Some(format!("{status}, and the tester says {verdict}"))
    }
}

/// The explanation of a verdict ends in it, and each `||` and `&&` is explained by its parts.
fn is_sound(verdict: &Json) -> bool {
    let root = &verdict["explanation"];
    if verdict["reason"] == "invalid_rule" {
        return verdict["error"].is_string() && verdict["allowed"] == false;
    }
    root.is_null() || ((root["result"] == true) == (verdict["allowed"] == true) && parts_explain(root))
}

fn parts_explain(node: &Json) -> bool {
    let parts = node["children"].as_array().unwrap();
    let is = |part: &Json, key: &str| part[key] == true;
    let whole = is(node, "result");
    let decisive: Vec<&Json> = parts.iter().filter(|part| is(part, "decisive")).collect();
    let explained = match node["kind"].as_str().unwrap() {
        "and" if whole => parts.iter().all(|part| is(part, "result")),
        "and" => node["note"].is_string() || parts.iter().any(|part| !is(part, "result")),
        "or" => parts.iter().any(|part| is(part, "result")) == whole,
        _ => parts.is_empty(),
    };
    let is_marked = parts.is_empty()
        || if is(node, "decisive") {
            let is_common = node["note"].is_string();
            !decisive.is_empty() && decisive.iter().all(|part| is_common || is(part, "result") == whole)
        } else {
            decisive.is_empty()
        };
    explained && is_marked && parts.iter().all(parts_explain)
}

fn caller(who: &str) -> Json {
    match who {
        "su" | "guest" => Json::Null,
        _ => json!({"collection": "people", "id": long(who)}),
    }
}

fn body(request: &Request) -> Option<Json> {
    match text(request, "body") {
        None => Some(json!({})),
        Some(body) => serde_json::from_str(body).ok().filter(Json::is_object),
    }
}

fn query(request: &Request) -> Json {
    let mut query = Map::new();
    for (name, value) in &request.values {
        match name.as_str() {
            "filter" | "sort" | "expand" | "fields" => {
                query.insert(name.clone(), json!(value));
            }
            "query" => {
                for (name, value) in pairs(value) {
                    query.entry(name).or_insert(json!(value));
                }
            }
            _ => {}
        }
    }
    Json::Object(query)
}

fn headers(client: &Client, request: &Request) -> Json {
    let mut headers = Map::new();
    for (name, value) in text(request, "header").map(pairs).unwrap_or_default() {
        headers.entry(name).or_insert(json!(value));
    }
    if let Some(token) = &client.token {
        headers.insert("Authorization".to_owned(), json!(token));
    }
    if let Some(body) = text(request, "body") {
        headers.insert("Content-Type".to_owned(), json!("application/json"));
        headers.insert("Content-Length".to_owned(), json!(body.len()));
    }
    headers.insert("Accept".to_owned(), json!("*/*"));
    Json::Object(headers)
}

//! From the body of a batch to its items.

use serde_json::{Map, Value as Json};

use super::MALFORMED;
use crate::api::{ApiError, form_body};
use crate::batch::{BatchItem, Target};
use crate::fields_picker::Picker;
use crate::files::Uploads;
use crate::validation::{Issue, ValidationErrors};

/// Longest URL of an item, in bytes.
const MAX_URL_BYTES: usize = 2000;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// The items of a body, checked: the answer to what is wrong with them otherwise.
pub(super) fn items(mut body: Map<String, Json>, max_requests: usize) -> Result<Vec<BatchItem>, ApiError> {
    let invalid = |errors: &ValidationErrors| ApiError::invalid("The submitted batch is not valid.", errors);
    let requests = match take(&mut body, "requests") {
        Json::Null => Vec::new(),
        Json::Array(requests) => requests,
        _ => return Err(malformed()),
    };
    if requests.is_empty() {
        return Err(invalid(&ValidationErrors::of("requests", Issue::required())));
    }
    if requests.len() > max_requests {
        let issue = too_long(format!("Must have no more than {max_requests} requests."), max_requests);
        return Err(invalid(&ValidationErrors::of("requests", issue)));
    }
    let mut errors = ValidationErrors::new();
    let mut items = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let Json::Object(request) = request else { return Err(malformed()) };
        items.push(item(request, &format!("requests.{index}"), &mut errors)?);
    }
    errors.into_result().map_err(|errors| invalid(&errors))?;
    Ok(items)
}

fn item(mut request: Map<String, Json>, at: &str, errors: &mut ValidationErrors) -> Result<BatchItem, ApiError> {
    let method = text(take(&mut request, "method"))?;
    let url = text(take(&mut request, "url"))?;
    let headers = headers(take(&mut request, "headers"))?;
    let body = match take(&mut request, "body") {
        Json::Null => Map::new(),
        Json::Object(body) => body,
        _ => return Err(malformed()),
    };
    if method.is_empty() {
        errors.add(&format!("{at}.method"), Issue::required());
    } else if !METHODS.contains(&method.as_str()) {
        let message = format!("Must be one of {}.", METHODS.join(", "));
        errors.add(&format!("{at}.method"), Issue::new("validation_in_invalid", message));
    }
    if url.is_empty() {
        errors.add(&format!("{at}.url"), Issue::required());
    } else if url.len() > MAX_URL_BYTES {
        let message = format!("Must have no more than {MAX_URL_BYTES} bytes.");
        errors.add(&format!("{at}.url"), too_long(message, MAX_URL_BYTES));
    }
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    let has_usable_fields = |query: &[(String, String)]| {
        let value = query.iter().find(|(key, _)| key == "fields").map_or("", |(_, value)| value);
        Picker::parse(value).is_ok()
    };
    let query = form_body::parse_urlencoded(query.as_bytes()).ok().filter(|query| has_usable_fields(query));
    // A fragment is for the client alone: whoever sends one means something else.
    let target = query.as_ref().filter(|_| !url.contains('#')).and_then(|_| Target::parse(&method, path));
    let (path, query) = (path.to_owned(), query.unwrap_or_default());
    Ok(BatchItem { method, path, query, headers, body, uploads: Uploads::default(), target })
}

/// An item's own headers. It cannot act as somebody else than the outer request does.
fn headers(json: Json) -> Result<Vec<(String, String)>, ApiError> {
    let headers = match json {
        Json::Null => return Ok(Vec::new()),
        Json::Object(headers) => headers,
        _ => return Err(malformed()),
    };
    let own = headers.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    own.map(|(name, value)| Ok((name, text(value)?))).collect()
}

/// Takes the value of a key, in any case; `null` if there is none.
fn take(object: &mut Map<String, Json>, key: &str) -> Json {
    let name = object.keys().find(|name| name.eq_ignore_ascii_case(key)).cloned();
    name.and_then(|name| object.remove(&name)).unwrap_or_default()
}

fn text(json: Json) -> Result<String, ApiError> {
    match json {
        Json::Null => Ok(String::new()),
        Json::String(text) => Ok(text),
        _ => Err(malformed()),
    }
}

fn too_long(message: String, max: usize) -> Issue {
    Issue::new("validation_length_too_long", message).with("min", 0).with("max", max)
}

fn malformed() -> ApiError {
    ApiError::bad_request(MALFORMED)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decoded(requests: &Json) -> Result<Vec<BatchItem>, ApiError> {
        let Json::Object(body) = json!({"requests": requests}) else { panic!("an object") };
        items(body, 3)
    }

    #[test]
    fn items_are_taken_apart() {
        let items = decoded(&json!([
            {"method": "POST", "url": "/api/collections/a/records?fields=id%2Cn&x=1", "headers": {"X-A": "1", "authorization": "t", "n": null}, "body": {"n": 1}},
            {"METHOD": "DELETE", "Url": "/api/collections/a/records/b", "body": null, "other": 1},
        ]))
        .unwrap();
        let [create, delete] = items.as_slice() else { panic!("two items") };
        assert_eq!((create.path.as_str(), create.parameter("fields")), ("/api/collections/a/records", "id,n"));
        assert_eq!(create.headers, [("X-A".to_owned(), "1".to_owned()), ("n".to_owned(), String::new())]);
        assert_eq!((&create.body["n"], create.target.is_some()), (&json!(1), true));
        assert_eq!(delete.target, Some(Target::Delete { collection: "a".into(), id: "b".into() }));
    }

    #[test]
    fn urls_that_cannot_be_read_have_no_target() {
        for url in [
            "/api/collections/a/records#x",
            "/api/collections/a/records?fields=(",
            "/api/collections/a/records?x=1#y",
            "/api/collections/a/records?fields=%zz",
            "/api/collections/a/records?a;b",
            "/api/collections/a/records/",
        ] {
            assert_eq!(decoded(&json!([{"method": "POST", "url": url}])).unwrap()[0].target, None, "{url}");
        }
    }

    #[test]
    fn wrong_types_are_malformed() {
        for requests in [
            json!({}),
            json!("x"),
            json!([1]),
            json!([null]),
            json!([[]]),
            json!([{"method": 5, "url": "x"}]),
            json!([{"method": "POST", "url": []}]),
            json!([{"method": "POST", "url": "x", "body": []}]),
            json!([{"method": "POST", "url": "x", "headers": []}]),
            json!([{"method": "POST", "url": "x", "headers": {"a": 1}}]),
        ] {
            assert!(decoded(&requests).is_err(), "{requests}");
        }
    }
}

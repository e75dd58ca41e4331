//! The code exchange (RFC 6749, section 4.1.3).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value as Json};

use super::client::Grant;
use super::error::Cause;
use crate::clock::date_text;
use crate::http_client::{HttpAnswer, HttpClient, HttpRequest, Url};
use crate::schema::auth_options::OAuth2Provider;

/// All that a form or a query leaves as it is; a blank is written as `+`.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b' ');

/// Longest error code of a provider that is worth telling.
const MAX_CODE_BYTES: usize = 60;

/// What a token endpoint answers.
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    pub(super) refresh_token: String,
    /// Date text; empty if the token does not expire or nothing is told.
    pub(super) expiry: String,
    /// The whole answer; values of a form-encoded one are texts.
    pub(super) raw: Json,
}

/// Text as queries and forms hold it.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string().replace(' ', "+")
}

/// Exchanges a code. The client's credentials go in the header first, where RFC 6749 wants them, and if the provider does
/// not like that once more in the form.
pub(super) async fn exchange(
    http: &HttpClient,
    options: &OAuth2Provider,
    uses_pkce: bool,
    grant: &Grant<'_>,
) -> Result<TokenAnswer, Cause> {
    let mut pairs = vec![("grant_type", "authorization_code"), ("code", grant.code)];
    if !grant.redirect_url.is_empty() {
        pairs.push(("redirect_uri", grant.redirect_url));
    }
    if uses_pkce && !grant.code_verifier.is_empty() {
        pairs.push(("code_verifier", grant.code_verifier));
    }
    let (id, secret) = (encode(&options.client_id), encode(&options.client_secret));
    let request = HttpRequest::post_form(&options.token_url, &pairs)?.basic(&id, &secret)?;
    match read(&http.send(request).await?, grant.now_ms) {
        Ok(answer) => return Ok(answer),
        Err(error) => tracing::debug!(%error, "a token endpoint wants the client's credentials in the form"),
    }
    pairs.extend([("client_id", options.client_id.as_str()), ("client_secret", options.client_secret.as_str())]);
    read(&http.send(HttpRequest::post_form(&options.token_url, &pairs)?).await?, grant.now_ms)
}

/// Reads an answer: JSON, or a form as some providers send it.
fn read(answer: &HttpAnswer, now_ms: i64) -> Result<TokenAnswer, Cause> {
    let raw = match answer.json() {
        Some(json @ Json::Object(_)) => Some(json),
        None if is_form(&answer.content_type) => Some(read_form(&answer.body)),
        Some(_) | None => None,
    };
    let text = |key: &str| raw.as_ref().and_then(|r| r.get(key)).and_then(Json::as_str).unwrap_or_default();
    let code = text("error");
    if !answer.is_success() || !code.is_empty() {
        return Err(Cause::Status { status: answer.status, code: error_code(code) });
    }
    let raw = raw.as_ref().ok_or(Cause::Malformed)?;
    let access_token = text("access_token").to_owned();
    if access_token.is_empty() {
        return Err(Cause::NoAccessToken);
    }
    Ok(TokenAnswer {
        access_token,
        refresh_token: text("refresh_token").to_owned(),
        expiry: expiry(raw.get("expires_in"), now_ms),
        raw: raw.clone(),
    })
}

fn is_form(content_type: &str) -> bool {
    matches!(content_type, "application/x-www-form-urlencoded" | "text/plain" | "text/html" | "")
}

/// The pairs of a form; of repeated ones the first counts.
fn read_form(body: &[u8]) -> Json {
    let mut out = Map::new();
    let text = String::from_utf8_lossy(body);
    // A URL's query is a form.
    if let Ok(mut url) = Url::parse("http://localhost") {
        url.set_query(Some(text.trim()));
        for (key, value) in url.query_pairs() {
            out.entry(key.into_owned()).or_insert_with(|| Json::String(value.into_owned()));
        }
    }
    Json::Object(out)
}

/// Error codes are words (`invalid_grant`). Anything else might repeat what was sent.
fn error_code(code: &str) -> String {
    let is_word = code.len() <= MAX_CODE_BYTES && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if is_word { code.to_owned() } else { String::new() }
}

fn expiry(expires_in: Option<&Json>, now_ms: i64) -> String {
    let seconds = match expires_in {
        Some(Json::Number(number)) => number.as_i64(),
        Some(Json::String(text)) => text.parse().ok(),
        _ => None,
    };
    let seconds = seconds.filter(|&seconds| seconds > 0);
    seconds.map_or_else(String::new, |seconds| date_text(now_ms.saturating_add(seconds.saturating_mul(1000))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, content_type: &str, body: &str) -> HttpAnswer {
        HttpAnswer { status, content_type: content_type.into(), body: body.into() }
    }

    #[test]
    fn queries_are_encoded() {
        assert_eq!(encode("id &+~*/ü-_.!'()"), "id+%26%2B~%2A%2F%C3%BC-_.%21%27%28%29");
    }

    #[test]
    fn answers_are_json_or_forms() {
        let json = r#"{"access_token":"a","refresh_token":"r","expires_in":60}"#;
        let form = "access_token=a&scope=&refresh_token=r&expires_in=60&access_token=b";
        for (content_type, body) in [
            ("application/json", json),
            ("text/plain", json),
            ("", json),
            ("application/x-www-form-urlencoded", form),
            ("text/plain", form),
        ] {
            let read = read(&answer(200, content_type, body), 0).unwrap();
            assert_eq!(read.access_token, "a", "{content_type}");
            assert_eq!(read.refresh_token, "r", "{content_type}");
            assert_eq!(read.expiry, "1970-01-01 00:01:00.000Z", "{content_type}");
        }
    }

    #[test]
    fn what_is_no_answer() {
        for (status, content_type, body, want) in [
            (200, "application/json", "[]", "the provider's answer cannot be read"),
            (200, "application/json", "access_token=a", "the provider's answer cannot be read"),
            (200, "application/json", "{}", "the provider's answer has no access token"),
            (200, "application/json", r#"{"access_token":5}"#, "the provider's answer has no access token"),
            (200, "text/plain", "", "the provider's answer has no access token"),
            (302, "text/html", "", "the provider answered with status 302"),
            (
                200,
                "text/plain",
                "error=bad_verification_code&access_token=a",
                "the provider answered with status 200 and error code bad_verification_code",
            ),
            (
                400,
                "application/json",
                r#"{"error":"invalid_grant"}"#,
                "the provider answered with status 400 and error code invalid_grant",
            ),
            (400, "application/json", r#"{"error":"the code X1"}"#, "the provider answered with status 400"),
        ] {
            let error = read(&answer(status, content_type, body), 0).err().unwrap();
            assert_eq!(error.to_string(), want, "{body}");
        }
    }

    #[test]
    fn expiries_of_any_size() {
        for (value, want) in [
            ("0", ""),
            ("-5", ""),
            ("1.5", ""),
            ("\"60\"", "1970-01-01 00:01:00.000Z"),
            ("\"x\"", ""),
            ("[1]", ""),
            ("9223372036854775807", "9999-12-31 23:59:59.999Z"),
        ] {
            assert_eq!(expiry(Some(&serde_json::from_str(value).unwrap()), 0), want, "{value}");
        }
        assert_eq!(expiry(None, 0), "");
    }
}

//! Keeps tokens, passwords and codes out of what is logged.
//!
//! A value is masked for the name it is sent under; what looks like a signed token is masked wherever it stands.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

/// Stands where a secret was.
const MASK: &str = "***";

/// Names (letters and digits, in lower case) under which endpoints take secrets, and others with a usual meaning.
///
/// `token` is read by file downloads; `code` and `state` by the OAuth2 redirect; `mfaId` by sign-ins, and `otpId` belongs to a
/// one-time code. Of the others none is read from a URL by any endpoint, but all of them are fields of bodies that somebody
/// may send there by mistake.
const SECRET_NAMES: &[&str] = &[
    "assertion",
    "auth",
    "code",
    "codeverifier",
    "key",
    "mfaid",
    "nonce",
    "otp",
    "otpid",
    "pass",
    "pwd",
    "session",
    "sid",
    "sig",
    "state",
];

/// Names of attributes that are secrets. What is an ordinary word there (`auth`, `code` of an error, `key` of a file) is none.
const SECRET_ATTRIBUTES: &[&str] = &["assertion", "codeverifier", "mfaid", "nonce", "otp", "otpid", "pass", "pwd"];

/// Parts of names that make any name one of a secret's: `access_token`, `oldPassword`, `X-Api-Key`.
const SECRET_PARTS: &[&str] = &[
    "apikey",
    "accesskey",
    "authorization",
    "cookie",
    "credential",
    "jwt",
    "passphrase",
    "password",
    "passwd",
    "privatekey",
    "secret",
    "signature",
    "token",
];

/// How often a value may be percent-encoded and still be looked through.
const MAX_ENCODINGS: usize = 3;

/// Whether the value of a URL's parameter of this name is a secret.
fn is_secret_parameter(name: &str) -> bool {
    let name = plain_name(name);
    SECRET_NAMES.contains(&name.as_str()) || has_secret_part(&name)
}

/// Whether the value of an attribute of this name is a secret.
fn is_secret_attribute(name: &str) -> bool {
    let name = plain_name(name);
    SECRET_ATTRIBUTES.contains(&name.as_str()) || has_secret_part(&name)
}

fn plain_name(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn has_secret_part(plain_name: &str) -> bool {
    SECRET_PARTS.iter().any(|part| plain_name.contains(part))
}

/// A URL, or its path and query, without secrets: those of parameters, a user's of the authority, and tokens anywhere.
pub(super) fn mask_url(url: &str) -> Cow<'_, str> {
    // Most URLs have nothing to look at.
    if !url.contains(['?', '#', '@', '&', ';']) && !url.contains(TOKEN_START) && !url.contains('%') {
        return Cow::Borrowed(url);
    }
    let start_of_query = |url: &str| url.find(['?', '#']).unwrap_or(url.len());
    let (head, _) = url.split_at(start_of_query(url));
    let in_clear = decoded(head);
    if in_clear.contains(['?', '#', '=']) {
        // A whole URL that somebody encoded as a path.
        let in_clear = in_clear + &url[head.len()..];
        let start = start_of_query(&in_clear);
        return Cow::Owned(mask_parts(&in_clear[..start], &in_clear[start..]));
    }
    Cow::Owned(mask_parts(head, &url[head.len()..]))
}

fn mask_parts(head: &str, query: &str) -> String {
    let mut masked = mask_user(head).into_owned();
    for piece in query.split_inclusive(['?', '&', '#', ';']) {
        let (pair, separator) = match piece.char_indices().next_back() {
            Some((at, '?' | '&' | '#' | ';')) => piece.split_at(at),
            _ => (piece, ""),
        };
        let (name, value) = pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value)));
        masked.push_str(name);
        if let Some(value) = value {
            let decoded_name = decoded(name);
            let is_secret = !value.is_empty() && (is_secret_parameter(&decoded_name) || names_secret(&decoded(value)));
            masked.push('=');
            masked.push_str(if is_secret { MASK } else { value });
        }
        masked.push_str(separator);
    }
    mask_tokens(&masked).into_owned()
}

/// Text without tokens.
pub(super) fn mask_text(text: &str) -> Cow<'_, str> {
    mask_tokens(text)
}

/// Masks texts that members of secret names hold, and tokens in all others.
pub(super) fn mask_json(value: &mut Json) {
    match value {
        Json::String(text) => {
            if let Cow::Owned(masked) = mask_tokens(text) {
                *text = masked;
            }
        }
        Json::Array(items) => items.iter_mut().for_each(mask_json),
        Json::Object(members) => {
            for (name, member) in members {
                match member {
                    Json::String(_) | Json::Number(_) if is_secret_attribute(name) => *member = MASK.into(),
                    _ => mask_json(member),
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// `https://user:password@host/…` without user and password.
fn mask_user(head: &str) -> Cow<'_, str> {
    let Some(start) = head.find("//").map(|at| at + 2) else { return Cow::Borrowed(head) };
    let authority = head[start..].split('/').next().unwrap_or_default();
    match authority.rfind('@') {
        Some(at) => Cow::Owned(format!("{}{MASK}{}", &head[..start], &head[start + at..])),
        None => Cow::Borrowed(head),
    }
}

/// Decoded as often as it was encoded: what is masked must not be readable one step further.
fn decoded(text: &str) -> String {
    let mut text = text.replace('+', " ");
    for _ in 0..MAX_ENCODINGS {
        if !text.contains('%') {
            break;
        }
        text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    text
}

/// Whether a value holds another URL, a filter or JSON in which something of a secret name has a value.
fn names_secret(value: &str) -> bool {
    let is_url = value.contains("://") || value.starts_with(['/', '?']);
    value.split(['?', '&', '#', ';', '(', ')', '{', '}', ',', '|', ' ']).any(|piece| {
        let Some((name, _)) = piece.split_once(['=', '~', ':', '!', '<', '>']) else { return false };
        let name = plain_name(name);
        has_secret_part(&name) || (is_url && SECRET_NAMES.contains(&name.as_str()))
    })
}

/// What a signed token begins with: `{"` in base64.
const TOKEN_START: &str = "eyJ";

/// Masks signed tokens: base64 that begins with `{"`, a dot, and more of it.
fn mask_tokens(text: &str) -> Cow<'_, str> {
    if !text.contains(TOKEN_START) {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(TOKEN_START) {
        masked.push_str(&rest[..at]);
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=');
        let length = rest[at..].find(|c| !is_part(c)).unwrap_or(rest.len() - at);
        let token = &rest[at..at + length];
        masked.push_str(if token.contains('.') { MASK } else { token });
        rest = &rest[at + length..];
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_of_urls_are_masked() {
        for (url, want) in [
            ("/api/health", "/api/health"),
            ("/api/files/a/b/c.png?token=s3cret&thumb=1x1", "/api/files/a/b/c.png?token=***&thumb=1x1"),
            ("/api/oauth2-redirect?state=s3cret&code=s3cret", "/api/oauth2-redirect?state=***&code=***"),
            ("/x?a=b%20c+d&e", "/x?a=b%20c+d&e"),
            ("/x?%74oken=s3cret", "/x?%74oken=***"),
            ("/x?%2574oken=s3cret", "/x?%2574oken=***"),
            ("/x?TOKEN=s3cret;access_token=s3cret", "/x?TOKEN=***;access_token=***"),
            ("/x?Api-Key=s3cret&old_Password=s3cret&empty=&token=", "/x?Api-Key=***&old_Password=***&empty=&token="),
            ("/x?to=https%3A%2F%2Fy%2F%3Fcode%3Ds3cret", "/x?to=***"),
            ("/x?to=https%253A%252F%252Fy%252F%253Ftoken%253Ds3cret", "/x?to=***"),
            ("/x?filter=tokenKey%3D%22s3cret%22", "/x?filter=***"),
            ("/x?filter=(title='a'%26%26password~'s3cret')", "/x?filter=***"),
            ("/x?filter=code='red'%26%26state='on'", "/x?filter=code='red'%26%26state='on'"),
            ("/x?body={\"password\":\"s3cret\"}", "/x?body=***"),
            ("https://ann:s3cret@host/p?q=1", "https://***@host/p?q=1"),
            ("https://host/a@b#token=s3cret", "https://host/a@b#token=***"),
            ("/_/#/auth/confirm/eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.s3cret", "/_/#/auth/confirm/***"),
            ("/eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.s3cret/x", "/***/x"),
            ("/eyJno/token?a=1", "/eyJno/token?a=1"),
            ("/x?sort=-created&page=2&cursor=abc", "/x?sort=-created&page=2&cursor=abc"),
            ("/x%3Ftoken=s3cret", "/x?token=***"),
            ("/x%253Fa=1%26code%3Ds3cret?b=2", "/x?a=1&code=***?b=2"),
            ("", ""),
            ("?", "?"),
            ("/ü?ü=ü%FF", "/ü?ü=ü%FF"),
        ] {
            assert_eq!(mask_url(url), want, "{url}");
        }
    }

    #[test]
    fn secrets_of_attributes_are_masked() {
        let mut value = json!({
            "mfaId": "s3cret", "deep": [{"clientSecret": "s3cret", "otp": 123_456}], "error": "eyJa.b.c is s3cretless",
            "password": {"code": "validation_required", "message": "Cannot be empty."}, "count": 3,
        });
        mask_json(&mut value);
        let want = json!({
            "mfaId": "***", "deep": [{"clientSecret": "***", "otp": "***"}], "error": "*** is s3cretless",
            "password": {"code": "validation_required", "message": "Cannot be empty."}, "count": 3,
        });
        assert_eq!(value, want);
    }
}

//! Record bodies sent as forms (reference part 1, section 1.2): pairs of text become the JSON object that a JSON body
//! would have been.
//!
//! Only the text: files of multipart bodies go another way. Query parameters are not merged in.

use super::body::{MAX_JSON_VALUES, count_values};
use serde_json::{Map, Value as Json};

use crate::schema::cast;

/// Key whose values are JSON objects that override the plain keys.
pub(super) const JSON_PAYLOAD_KEY: &str = "@jsonPayload";

/// Most pairs of one body.
pub(super) const MAX_FORM_PAIRS: usize = 50_000;

/// Why a form is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum FormError {
    /// A percent sign without two hexadecimal digits, or a semicolon.
    #[error("malformed form encoding")]
    Encoding,
    /// A value of `@jsonPayload` is not a JSON object.
    #[error("`@jsonPayload` must be a JSON object")]
    JsonPayload,
    /// More than [`MAX_FORM_PAIRS`].
    #[error("too many form values")]
    TooManyPairs,
    /// More than [`MAX_JSON_VALUES`] in `@jsonPayload`.
    #[error("too many values in `@jsonPayload`")]
    TooManyValues,
}

/// Splits an urlencoded body into its pairs, in order. Bytes that are not UTF-8 become U+FFFD.
///
/// # Errors
/// `Encoding` and `TooManyPairs`.
pub(super) fn parse_urlencoded(body: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    let mut pairs = Vec::new();
    for pair in body.split(|&b| b == b'&').filter(|pair| !pair.is_empty()) {
        if pair.contains(&b';') {
            return Err(FormError::Encoding);
        }
        if pairs.len() == MAX_FORM_PAIRS {
            return Err(FormError::TooManyPairs);
        }
        let split = pair.iter().position(|&b| b == b'=');
        let (key, value) = split.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
        pairs.push((decode(key)?, decode(value)?));
    }
    Ok(pairs)
}

/// Undoes the encoding of one key or value.
fn decode(text: &[u8]) -> Result<String, FormError> {
    let digit = |b: Option<&u8>| b.and_then(|&b| char::from(b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (Some(high), Some(low)) = (digit(text.get(at)), digit(text.get(at + 1))) else {
                    return Err(FormError::Encoding);
                };
                at += 2;
                high << 4 | low
            }
            other => other,
        });
    }
    Ok(String::from_utf8(out).unwrap_or_else(|err| String::from_utf8_lossy(err.as_bytes()).into_owned()))
}

/// The body that these pairs of a record form stand for.
///
/// A key given once has one value, one given several times an array of them. Values of `@jsonPayload` come last.
///
/// # Errors
/// `JsonPayload` and `TooManyPairs`.
pub(super) fn object_of<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Map<String, Json>, FormError>
where
    K: Into<String>,
    V: AsRef<str>,
{
    let mut grouped: Map<String, Json> = Map::new();
    let mut payloads: Vec<Map<String, Json>> = Vec::new();
    let mut values = 0;
    for (count, (key, value)) in pairs.into_iter().enumerate() {
        if count == MAX_FORM_PAIRS {
            return Err(FormError::TooManyPairs);
        }
        let (key, value) = (key.into(), value.as_ref());
        if key == JSON_PAYLOAD_KEY {
            values += count_values(value.as_bytes());
            if values > MAX_JSON_VALUES {
                return Err(FormError::TooManyValues);
            }
            let payload: Option<Map<String, Json>> = serde_json::from_str(value).map_err(|_| FormError::JsonPayload)?;
            payloads.extend(payload);
        } else {
            // Every key collects an array, so that an array is never mistaken for a value.
            let slot = grouped.entry(key).or_insert_with(|| Json::Array(Vec::new()));
            if let Json::Array(values) = slot {
                values.push(infer(value));
            }
        }
    }
    for value in grouped.values_mut() {
        if let Json::Array(values) = value
            && values.len() == 1
        {
            *value = values.pop().unwrap_or_default();
        }
    }
    for payload in payloads {
        grouped.extend(payload);
    }
    Ok(grouped)
}

/// The JSON value that a plain form value spells: a boolean, a number in its shortest decimal form, or the text itself.
fn infer(text: &str) -> Json {
    match text {
        "true" => return Json::Bool(true),
        "false" => return Json::Bool(false),
        _ => {}
    }
    let looks_numeric = text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'));
    if looks_numeric
        && let Ok(number) = text.parse::<f64>()
        && cast::text_of_number(number) == text
    {
        return cast::json_of_number(number);
    }
    Json::String(text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_inferred() {
        for (text, want) in [
            ("true", json!(true)),
            ("False", json!("False")),
            ("123", json!(123)),
            ("-1.5", json!(-1.5)),
            ("1.50", json!("1.50")),
            ("007", json!("007")),
            ("1e3", json!("1e3")),
            ("-", json!("-")),
            (".5", json!(".5")),
            ("5.", json!("5.")),
            ("--1", json!("--1")),
            ("1.2.3", json!("1.2.3")),
            ("1-2", json!("1-2")),
            ("12345678901234567890", json!("12345678901234567890")),
            ("0.0000001", json!(1e-7)),
            ("100000000000000000000000", json!(1e23)),
            ("-0", json!(-0.0)),
            ("", json!("")),
            ("{\"a\":1}", json!("{\"a\":1}")),
        ] {
            assert_eq!(infer(text), want, "{text}");
        }
    }

    #[test]
    fn forms_become_objects() {
        for (body, want) in [
            ("", json!({})),
            ("t=a+b%20c", json!({"t": "a b c"})),
            ("t", json!({"t": ""})),
            ("=x", json!({"": "x"})),
            ("t=a&&n=3&", json!({"t": "a", "n": 3})),
            ("t=a=b", json!({"t": "a=b"})),
            ("j=1&j=2&j=x", json!({"j": [1, 2, "x"]})),
            ("t=%ff%fe", json!({"t": "\u{fffd}\u{fffd}"})),
            ("t=x&@jsonPayload={\"t\":\"y\",\"n\":5}", json!({"t": "y", "n": 5})),
            ("@jsonPayload={\"t\":\"y\"}&t=x&@jsonPayload={\"t\":\"5\"}", json!({"t": "5"})),
            ("@jsonPayload=null&t=x", json!({"t": "x"})),
            ("%40jsonPayload=%7B%22t%22%3A%5B1%5D%7D", json!({"t": [1]})),
        ] {
            let pairs = parse_urlencoded(body.as_bytes()).unwrap();
            assert_eq!(object_of(pairs).map(Json::Object), Ok(want), "{body}");
        }
    }

    #[test]
    fn malformed_forms() {
        for body in ["t=a%zz", "t=a%", "t=%4", "t=a;b", "%zz=1"] {
            assert_eq!(parse_urlencoded(body.as_bytes()), Err(FormError::Encoding), "{body}");
        }
        for payload in ["[1]", "", "{bad", "5", "\"x\""] {
            assert_eq!(object_of([(JSON_PAYLOAD_KEY, payload)]), Err(FormError::JsonPayload), "{payload}");
        }
        let many = "a&".repeat(MAX_FORM_PAIRS + 1);
        assert_eq!(parse_urlencoded(many.as_bytes()), Err(FormError::TooManyPairs));
        assert_eq!(object_of((0..=MAX_FORM_PAIRS).map(|_| ("a", ""))), Err(FormError::TooManyPairs));
    }

    proptest! {
        /// Text that is inferred as something else reads back as the same text.
        #[test]
        fn inference_loses_nothing(text in "-?[0-9.]{0,24}|true|false|.*") {
            prop_assert_eq!(cast::text(&infer(&text)), text);
        }

        #[test]
        fn parsing_never_panics(body in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse_urlencoded(&body).map(object_of);
        }
    }
}

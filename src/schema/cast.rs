//! The loose casts that turn whatever a client sent, or a foreign database holds, into typed values (reference part 1,
//! section 9.3). None of them fails: what cannot be understood becomes the zero value.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::json_text;

/// **str**: strings as they are, numbers in decimals, booleans as words, else empty.
pub fn text(value: &Json) -> String {
    scalar_text(value).unwrap_or_default()
}

/// The **str** of a scalar (`null` is an empty one), `None` for arrays and objects.
fn scalar_text(value: &Json) -> Option<String> {
    match value {
        Json::Null => Some(String::new()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Number(number) => Some(text_of_number(number.as_f64().unwrap_or(0.0))),
        Json::String(text) => Some(text.clone()),
        Json::Array(_) | Json::Object(_) => None,
    }
}

/// A number in decimals without an exponent.
pub fn text_of_number(number: f64) -> String {
    let mut out = Vec::new();
    json_text::write_plain_number(&mut out, number);
    String::from_utf8(out).unwrap_or_default()
}

/// A number as JSON: an integer where it is one (`5`, not `5.0`).
pub fn json_of_number(number: f64) -> Json {
    if number == 0.0 && number.is_sign_negative() {
        return Json::from(number);
    }
    text_of_number(number).parse::<i64>().map_or_else(|_| Json::from(number), Json::from)
}

/// **num**: numbers, booleans as 1 and 0, strings parsed, else 0. Strings may say `NaN` and `Infinity`.
pub fn number(value: &Json) -> f64 {
    let number = match value {
        Json::Number(number) => number.as_f64().unwrap_or(0.0),
        Json::Bool(flag) => f64::from(*flag),
        Json::String(text) => number_of_text(text),
        Json::Null | Json::Array(_) | Json::Object(_) => 0.0,
    };
    // SQLite stores minus zero as 0; the answer to the write must not say otherwise.
    number + 0.0
}

/// **num** of a string: decimals with an optional exponent and single underscores between digits.
pub fn number_of_text(text: &str) -> f64 {
    let cleaned;
    let plain = if text.contains('_') {
        let bytes = text.as_bytes();
        let is_digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
        let misplaced = |(i, _)| i == 0 || !is_digit(i - 1) || !is_digit(i + 1);
        if text.match_indices('_').any(misplaced) {
            return 0.0;
        }
        cleaned = text.replace('_', "");
        cleaned.as_str()
    } else {
        text
    };
    match plain.parse::<f64>() {
        // Digits beyond the range of floats are an error, not infinity.
        Ok(number) if number.is_infinite() && plain.bytes().any(|b| b.is_ascii_digit()) => 0.0,
        Ok(number) => number,
        Err(_) => 0.0,
    }
}

/// **bool**: booleans, numbers other than 0, and the words for true.
pub fn boolean(value: &Json) -> bool {
    match value {
        Json::Bool(flag) => *flag,
        Json::Number(number) => number.as_f64().is_some_and(|n| n != 0.0),
        Json::String(text) => boolean_of_text(text),
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    }
}

/// **bool** of a string.
pub fn boolean_of_text(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// **list**: entries as text, without empty and repeated ones. An array that holds an array or object is refused as a
/// whole, that is, becomes empty.
pub fn list(value: &Json) -> Vec<String> {
    match value {
        Json::String(text) => list_of_text(text),
        Json::Array(items) => unique(items.iter().map(scalar_text).collect::<Option<_>>().unwrap_or_default()),
        other => unique(scalar_text(other).into_iter().collect()),
    }
}

/// **list** of a string: a JSON array of strings, or the string itself as the only entry.
pub fn list_of_text(text: &str) -> Vec<String> {
    if text.contains('[')
        && let Ok(items) = serde_json::from_str::<Vec<Option<String>>>(text)
    {
        return unique(items.into_iter().map(Option::unwrap_or_default).collect());
    }
    if text.is_empty() { Vec::new() } else { vec![text.to_owned()] }
}

/// Removes empty entries and those seen before.
pub fn unique(mut items: Vec<String>) -> Vec<String> {
    const FEW: usize = 16;
    items.retain(|item| !item.is_empty());
    if items.len() <= FEW {
        let mut at = 1;
        while at < items.len() {
            let (seen, rest) = items.split_at(at);
            if seen.contains(&rest[0]) {
                items.remove(at);
            } else {
                at += 1;
            }
        }
    } else {
        let mut seen = HashSet::with_capacity(items.len());
        items.retain(|item| seen.insert(item.clone()));
    }
    items
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts() {
        for (value, want) in [
            (json!("  x "), "  x "),
            (json!(1), "1"),
            (json!(1.0), "1"),
            (json!(1e21), "1000000000000000000000"),
            (json!(1e-7), "0.0000001"),
            (json!(u64::MAX), "18446744073709552000"),
            (json!(true), "true"),
            (json!(null), ""),
            (json!(["a"]), ""),
            (json!({"a": 1}), ""),
        ] {
            assert_eq!(text(&value), want, "{value}");
        }
    }

    #[test]
    fn numbers() {
        for (value, want) in [
            (json!(5), 5.0),
            (json!(true), 1.0),
            (json!(null), 0.0),
            (json!([5]), 0.0),
            (json!("1_000"), 1000.0),
            (json!("1_0.5_1"), 10.51),
            (json!("1__0"), 0.0),
            (json!("_1"), 0.0),
            (json!("1_"), 0.0),
            (json!("1_.5"), 0.0),
            (json!("0x10"), 0.0),
            (json!("1e5"), 1e5),
            (json!("+5"), 5.0),
            (json!(".5"), 0.5),
            (json!("5."), 5.0),
            (json!(" 5"), 0.0),
            (json!("5 "), 0.0),
            (json!(""), 0.0),
            (json!("1e400"), 0.0),
            (json!("1e-400"), 0.0),
            (json!("-inf"), f64::NEG_INFINITY),
            (json!("Infinity"), f64::INFINITY),
        ] {
            assert!((number(&value) - want).abs() == 0.0 || number(&value).to_bits() == want.to_bits(), "{value}");
        }
        assert!(number(&json!("nan")).is_nan());
    }

    #[test]
    fn booleans() {
        for (value, want) in [
            (json!(true), true),
            (json!(0.5), true),
            (json!(-1), true),
            (json!(0), false),
            (json!("t"), true),
            (json!("True"), true),
            (json!("tRUE"), false),
            (json!("yes"), false),
            (json!([1]), false),
            (json!(null), false),
        ] {
            assert_eq!(boolean(&value), want, "{value}");
        }
    }

    #[test]
    fn lists() {
        for (value, want) in [
            (json!(null), &[][..]),
            (json!(""), &[]),
            (json!("a"), &["a"]),
            (json!("[x"), &["[x"]),
            (json!(r#"["a","b"]"#), &["a", "b"]),
            (json!(r#" ["a","b","a",""]"#), &["a", "b"]),
            (json!(r#"["a",1]"#), &[r#"["a",1]"#]),
            (json!("[null]"), &[]),
            (json!("[]"), &[]),
            (json!(["a", "a", "", "b", null]), &["a", "b"]),
            (json!([1, true, 1.5]), &["1", "true", "1.5"]),
            (json!(["a", {}]), &[]),
            (json!(["a", ["b"]]), &[]),
            (json!(1), &["1"]),
            (json!(true), &["true"]),
            (json!({"a": "b"}), &[]),
        ] {
            assert_eq!(list(&value), want, "{value}");
        }
    }

    #[test]
    fn many_entries_stay_unique() {
        let items: Vec<_> = (0..100).map(|n| (n % 40).to_string()).collect();
        assert_eq!(unique(items), (0..40).map(|n| n.to_string()).collect::<Vec<_>>());
    }
}

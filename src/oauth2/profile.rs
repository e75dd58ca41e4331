//! The user as a provider describes it, and how values are read from its answers.

use serde_json::Value as Json;

/// What all providers' users are reduced to; empty where the provider tells nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) username: String,
    /// Verified by the provider, else empty.
    pub(super) email: String,
    /// What the user says it is, where that is worth having.
    pub(super) claimed_email: String,
    pub(super) avatar_url: String,
}

/// The text at a JSON pointer; empty if there is none.
pub(super) fn text(json: &Json, pointer: &str) -> String {
    json.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// The id at a JSON pointer; a whole number becomes decimal text. Zero is what services say for "none".
pub(super) fn id(json: &Json, pointer: &str) -> String {
    match json.pointer(pointer) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) if number.is_i64() || number.is_u64() => {
            if number.as_u64() == Some(0) {
                String::new()
            } else {
                number.to_string()
            }
        }
        _ => String::new(),
    }
}

/// Whether the value at a JSON pointer says yes; some services send text.
pub(super) fn is_true(json: &Json, pointer: &str) -> bool {
    match json.pointer(pointer) {
        Some(Json::Bool(value)) => *value,
        Some(Json::String(text)) => text.eq_ignore_ascii_case("true") || text == "1",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_texts_and_whole_numbers() {
        for (value, want) in [
            (json!("a1"), "a1"),
            (json!(5), "5"),
            (json!(u64::MAX), "18446744073709551615"),
            (json!(-5), "-5"),
            (json!(0), ""),
            (json!(1.5), ""),
            (json!(true), ""),
            (json!(null), ""),
            (json!(["a"]), ""),
            (json!({"a": 1}), ""),
        ] {
            assert_eq!(id(&json!({"id": value}), "/id"), want, "{value}");
        }
        assert_eq!(id(&json!([]), "/id"), "");
    }

    #[test]
    fn only_a_clear_yes_is_one() {
        for (value, want) in [
            (json!(true), true),
            (json!("true"), true),
            (json!("True"), true),
            (json!("1"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!(""), false),
            (json!("yes"), false),
            (json!(1), false),
            (json!(null), false),
            (json!([true]), false),
            (json!({"a": true}), false),
        ] {
            assert_eq!(is_true(&json!({"ok": value}), "/ok"), want, "{value}");
        }
    }
}

use super::*;
use crate::schema::testing::any_json;
use proptest::prelude::*;

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn numbers_are_shortest_with_the_exponents_of_the_wire() {
    for (number, json, plain) in [
        (0.0, "0", "0"),
        (-0.0, "-0", "-0"),
        (1.0, "1", "1"),
        (-1.5, "-1.5", "-1.5"),
        (0.1, "0.1", "0.1"),
        (123_456_789.125, "123456789.125", "123456789.125"),
        (0.000_001, "0.000001", "0.000001"),
        (0.000_000_1, "1e-7", "0.0000001"),
        (-1.5e-9, "-1.5e-9", "-0.0000000015"),
        (1e-10, "1e-10", "0.0000000001"),
        (9_007_199_254_740_993.0, "9007199254740992", "9007199254740992"),
        (12_345_678_901_234_567_890.0, "12345678901234567000", "12345678901234567000"),
        (1e20, "100000000000000000000", "100000000000000000000"),
        (1e21, "1e+21", "1000000000000000000000"),
        (1.25e22, "1.25e+22", "12500000000000000000000"),
        (f64::NAN, "0", "NaN"),
        (f64::INFINITY, "0", "+Inf"),
    ] {
        assert_eq!(written(|out| write_number(out, number)), json, "{number}");
        assert_eq!(written(|out| write_plain_number(out, number)), plain, "{number}");
    }
}

#[test]
fn strings_escape_what_html_and_scripts_would_read() {
    for (text, json) in [
        ("", r#""""#),
        ("plain", r#""plain""#),
        ("\"\\/", r#""\"\\/""#),
        ("a\n\r\t\u{8}\u{c}\u{0}\u{1f}\u{7f}", "\"a\\n\\r\\t\\b\\f\\u0000\\u001f\u{7f}\""),
        ("<a href='x'>&</a>", r#""\u003ca href='x'\u003e\u0026\u003c/a\u003e""#),
        ("\u{2028}\u{2029}\u{2027}\u{20ac}é😀", "\"\\u2028\\u2029\u{2027}\u{20ac}é😀\""),
        ("sixteen bytes ok, then <", r#""sixteen bytes ok, then \u003c""#),
    ] {
        assert_eq!(written(|out| write_string(out, text)), json, "{text:?}");
    }
}

#[test]
fn compact_keeps_order_numbers_and_repeated_keys() {
    for (text, want) in [
        (r#"{"b":1, "a":"<"}"#, r#"{"b":1,"a":"\u003c"}"#),
        (" [ 1 , 2.50,-0 , 1e400 ] \n", "[1,2.50,-0,1e400]"),
        (r#"{"a":1,"a":{ }}"#, r#"{"a":1,"a":{}}"#),
        (r#""\u00e9\/\ud800""#, r#""\u00e9\/\ud800""#),
        ("null", "null"),
        ("[[],{}, [ {\"x\" : [true,false]}]]", "[[],{},[{\"x\":[true,false]}]]"),
    ] {
        let mut out = b"before ".to_vec();
        assert!(write_compact(&mut out, text), "{text}");
        assert_eq!(String::from_utf8(out).unwrap(), format!("before {want}"), "{text}");
    }
    for text in [
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "[,]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{1:2}",
        "[1}",
        "{\"a\":1]",
        "01",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "-",
        "--1",
        "tru",
        "nul",
        "\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\n\"",
        "1 2",
        "[] []",
        "'a'",
    ] {
        let mut out = b"x".to_vec();
        assert!(!write_compact(&mut out, text), "{text}");
        assert_eq!(out, b"x", "{text}");
    }
}

#[test]
fn nesting_is_capped() {
    let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
    assert!(write_compact(&mut Vec::new(), &nested(128)));
    assert!(!write_compact(&mut Vec::new(), &nested(129)));
    assert!(!write_compact(&mut Vec::new(), &"[{\"a\":".repeat(1_000_000)));
}

proptest! {
    /// Any text survives being written and read by an ordinary parser.
    #[test]
    fn strings_read_back(text in ".*|[<>&\"\\\\\u{2028}\u{2029}\u{20ac}a\n]{0,60}") {
        let json = written(|out| write_string(out, &text));
        prop_assert_eq!(serde_json::from_str::<String>(&json)?, text);
        let has_special = json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
        prop_assert!(!has_special, "{}", json);
    }

    #[test]
    fn numbers_read_back(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
        for text in [written(|out| write_number(out, number)), written(|out| write_plain_number(out, number))] {
            let back: f64 = text.parse()?;
            prop_assert_eq!(back.to_bits(), number.to_bits(), "{}", text);
        }
    }

    /// The scanner accepts what the parser accepts, and changes nothing but the looks.
    #[test]
    fn compact_agrees_with_the_parser(value in any_json()) {
        let pretty = serde_json::to_string_pretty(&value)?;
        let compact = written(|out| assert!(write_compact(out, &pretty)));
        prop_assert_eq!(serde_json::from_str::<Json>(&compact)?, value);
    }

    #[test]
    fn compact_rejects_what_the_parser_rejects(text in "[\\[\\]{}\",:0-9eE+.\\\\ tn-]{0,12}|.*") {
        let accepted = write_compact(&mut Vec::new(), &text);
        let parsed = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
        prop_assert_eq!(accepted, parsed, "{}", text);
    }
}

//! Tests of the parser: tables from part 2 of the reference, what the reference binary answered, and properties.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::testing::{expression, without_spans, words};
use super::{Expression, ExpressionKind, MAX_COMPARISONS, MAX_GROUP_DEPTH, OperandKind, Problem, parse};

/// The text of `expression` with all groups and every `&&` and `||` in sight.
fn canonical(expression: &Expression) -> String {
    words(expression).join(" ")
}

fn canonical_of(text: &str) -> String {
    parse(text).map_or_else(|error| format!("{text:?}: {error}"), |expression| canonical(&expression))
}

#[test]
fn valid_texts() {
    let table = [
        // Precedence and groups.
        ("a=1&&b=2||c=3", "( a = 1 && b = 2 ) || c = 3"),
        ("a = 1 || b = 2 && c = 3", "a = 1 || ( b = 2 && c = 3 )"),
        ("a = 1 || b = 2 && c = 3 || d = 4", "a = 1 || ( b = 2 && c = 3 ) || d = 4"),
        ("(a = 1 || b = 2) && c = 3", "( a = 1 || b = 2 ) && c = 3"),
        ("((a = 1))", "a = 1"),
        ("(a = 1 && b = 2) && c = 3", "a = 1 && b = 2 && c = 3"),
        ("a = 1 || ((b = 2 || (c = 3)))", "a = 1 || b = 2 || c = 3"),
        ("a = 1 || (b = 2 && c = 3)", "a = 1 || ( b = 2 && c = 3 )"),
        // A group without a join takes the last one of its level.
        ("qty = 1 (qty = 2)", "qty = 1 && qty = 2"),
        ("qty = 1 || qty = 2 (qty = 0)", "qty = 1 || qty = 2 || qty = 0"),
        ("qty=1(qty=2)", "qty = 1 && qty = 2"),
        ("a = 'x'(b = 2)", "a = 'x' && b = 2"),
        ("((a=1)(b=2))", "a = 1 && b = 2"),
        ("(a = 1) || b=2 (c=0)", "a = 1 || b = 2 || c = 0"),
        ("a=1 || (b=2) (c=0) && (d=1)", "a = 1 || b = 2 || ( c = 0 && d = 1 )"),
        ("a = 1 (b=2 || c=0) (d=1)", "a = 1 && ( b = 2 || c = 0 ) && d = 1"),
        ("a=1 || (b=2 (c=3))", "a = 1 || ( b = 2 && c = 3 )"),
        // Blanks and comments.
        ("\n\t qty\n\t= \n1\n\t", "qty = 1"),
        ("qty = 1 // tail comment", "qty = 1"),
        ("qty=1 //", "qty = 1"),
        ("qty=1///", "qty = 1"),
        ("//\nqty=1", "qty = 1"),
        ("qty//x\n=//y\n1", "qty = 1"),
        ("qty=1 //\r\n", "qty = 1"),
        ("qty=1 // a\rb\n&& qty=1", "qty = 1 && qty = 1"),
        ("qty=1 // ünïcode ' \" ) \n", "qty = 1"),
        ("'' = label//'\n&&qty=0", "'' = label && qty = 0"),
        ("label = '// no'", "label = '// no'"),
        ("(qty=1 //\n)", "qty = 1"),
        // The reference does not understand these comments.
        ("(qty=1 //)\n)", "qty = 1"),
        ("(qty=1 //it's\n)", "qty = 1"),
        ("(f('%Y' // ' \n) != '')", "f( '%Y' , ) != ''"),
        // Texts.
        ("(label = ')')", "label = ')'"),
        ("(label = '(' )", "label = '('"),
        ("label = \"x'\"", r"label = 'x\''"),
        ("label = 'a\u{a0}\r\n\tb'", "label = 'a\u{a0}\r\n\tb'"),
        // Signs.
        (
            "a=1&&b!=1&&c>1&&d>=1&&e<1&&f<=1&&g~1&&h!~1",
            "a = 1 && b != 1 && c > 1 && d >= 1 && e < 1 && f <= 1 && g ~ 1 && h !~ 1",
        ),
        (
            "a?=1&&b?!=1&&c?>1&&d?>=1&&e?<1&&f?<=1&&g?~1&&h?!~1",
            "a ?= 1 && b ?!= 1 && c ?> 1 && d ?>= 1 && e ?< 1 && f ?<= 1 && g ?~ 1 && h ?!~ 1",
        ),
        ("qty>-1", "qty > -1"),
        ("-1=qty", "-1 = qty"),
        ("'a' = 'a'", "'a' = 'a'"),
        // Names.
        ("@request.auth.id != ''", "@request.auth.id != ''"),
        ("@collection.clubs:o.name ?= x_via_y.b:each", "@collection.clubs:o.name ?= x_via_y.b:each"),
        ("__ = a_", "__ = a_"),
        ("@_ = #1", "@_ = #1"),
        ("@1 = _1", "@1 = _1"),
        ("a.1 = a..b", "a.1 = a..b"),
        ("a::b = a:.b", "a::b = a:.b"),
        ("null = TRUE", "null = TRUE"),
        // Functions.
        ("f() = g( )", "f( ) = g( )"),
        ("f(1,'a',b) = 1", "f( 1 , 'a' , b , ) = 1"),
        ("f(1,) = f(1 , )", "f( 1 , ) = f( 1 , )"),
        ("f( //)(\n'%Y' // x'\n, //y\n'now'//)\n) != ''", "f( '%Y' , 'now' , ) != ''"),
        ("(f('%Y)') != '')", "f( '%Y)' , ) != ''"),
        ("'' != f(-1)(a=1)", "'' != f( -1 , ) && a = 1"),
        ("a.b(1) = @now()", "a.b( 1 , ) = @now( )"),
        // A NUL between words.
        ("qty\0=\u{0}1", "qty = 1"),
        ("qty = 1\0 && \0qty=1", "qty = 1 && qty = 1"),
        ("\0(qty=1)\0\0", "qty = 1"),
        // The reference stops reading here, and the second condition with it.
        ("(qty=1)\0 && qty=2", "qty = 1 && qty = 2"),
    ];
    for (text, expected) in table {
        assert_eq!(canonical_of(text), expected, "{text:?}");
    }
}

#[test]
fn numbers() {
    let table = [
        ("0", 0.0),
        ("-5.5", -5.5),
        ("007", 7.0),
        ("1.50", 1.5),
        ("-.5", -0.5),
        ("-00.50", -0.5),
        ("9007199254740993", 9_007_199_254_740_992.0),
        ("1.0000000000000000000000000000000000000000000001", 1.0),
    ];
    for (text, expected) in table {
        let parsed = parse(&format!("a = {text}")).unwrap();
        let ExpressionKind::Comparison(comparison) = parsed.kind else { panic!("{text}") };
        assert_eq!(comparison.right.kind, OperandKind::Number(expected), "{text}");
    }
}

#[test]
fn texts_are_decoded() {
    let table = [
        (r"''", ""),
        (r"'a\\b'", r"a\b"),
        (r"'a\b'", r"a\b"),
        (r"'a\\'", r"a\"),
        (r"'\\n'", r"\n"),
        (r"'x\'y'", "x'y"),
        (r#"'x\"y"z'"#, "x\"y\"z"),
        (r#""x\"y'z""#, "x\"y'z"),
        (r"'\n\r\t'", "\n\r\t"),
        (r"'\%\_\d\u0041\0'", r"\%\_\d\u0041\0"),
        (r"'\ü\€'", r"\ü\€"),
        ("'a\r\n\tñ'", "a\r\n\tñ"),
    ];
    for (text, expected) in table {
        for text in [format!("a = {text}"), format!("(((a = {text})))"), format!("f({text}) = 1 && a = {text}")] {
            let parsed = parse(&text).unwrap();
            let comparison = match parsed.kind {
                ExpressionKind::Comparison(comparison) => comparison,
                ExpressionKind::And(mut parts) => match parts.pop().unwrap().kind {
                    ExpressionKind::Comparison(comparison) => comparison,
                    _ => panic!("{text}"),
                },
                ExpressionKind::Or(_) => panic!("{text}"),
            };
            assert_eq!(comparison.right.kind, OperandKind::Text(expected.to_owned()), "{text}");
        }
    }
}

#[test]
fn invalid_texts() {
    let table = [
        ("", "nothing to compare at position 1"),
        (" \n\t ", "nothing to compare at position 5"),
        ("// only", "nothing to compare at position 8"),
        ("\0", "nothing to compare at position 2"),
        // What follows what.
        ("qty", "expected a sign, found the end at position 4"),
        ("qty =", "expected an operand, found the end at position 6"),
        ("= qty", "expected an operand or `(`, found `=` at position 1"),
        ("qty = 1 &&", "expected an operand or `(`, found the end at position 11"),
        ("&& qty=1", "expected an operand or `(`, found `&&` at position 1"),
        ("a=1 && && b=1", "expected an operand or `(`, found `&&` at position 8"),
        ("(qty = 1) qty = 2", "expected `&&`, `||` or the end, found `qty` at position 11"),
        ("qty = 1 and qty = 2", "expected `&&`, `||` or the end, found `and` at position 9"),
        ("qty = 1 // x\nqty = 2", "expected `&&`, `||` or the end, found `qty` at position 14"),
        ("qty = 1\0garbage", "expected `&&`, `||` or the end, found `garbage` at position 9"),
        ("label = 'x' 'y'", "expected `&&`, `||` or the end, found `'y'` at position 13"),
        ("qty=1,", "expected `&&`, `||` or the end, found `,` at position 6"),
        (",qty=1", "expected an operand or `(`, found `,` at position 1"),
        // The reference drops the operands before these groups.
        ("qty (qty = 1)", "expected a sign, found `(` at position 5"),
        ("qty = (qty = 1)", "expected an operand, found `(` at position 7"),
        ("f ('%Y') != ''", "expected a sign, found `(` at position 3"),
        ("1(1)=1", "expected a sign, found `(` at position 2"),
        // Groups.
        ("()", "expected an operand or `(`, found `)` at position 2"),
        ("( )", "expected an operand or `(`, found `)` at position 3"),
        ("(//\n)", "expected an operand or `(`, found `)` at position 5"),
        ("qty=1 ()", "expected an operand or `(`, found `)` at position 8"),
        ("(qty=1 &&)", "expected an operand or `(`, found `)` at position 10"),
        ("ñ=1", "unexpected character `ñ` at position 1"),
        ("(qty=1", "this parenthesis is never closed at position 1"),
        ("a='ñ' && ((qty=1)", "this parenthesis is never closed at position 10"),
        ("qty=1)", "expected `&&`, `||` or the end, found `)` at position 6"),
        ("(qty=1,)", "expected `&&`, `||` or the end, found `,` at position 7"),
    ];
    assert_errors(&table);
}

fn assert_errors(table: &[(&str, &str)]) {
    for (text, expected) in table {
        let error = parse(text).map(|found| canonical(&found)).expect_err(text);
        assert_eq!(error.to_string(), *expected, "{text:?}");
    }
}

#[test]
fn invalid_words() {
    let table = [
        // Signs and joins.
        ("qty == 1", "unknown sign `==` at position 5"),
        ("qty=>1", "unknown sign `=>` at position 4"),
        ("qty<>1", "unknown sign `<>` at position 4"),
        ("qty=!1", "unknown sign `=!` at position 4"),
        ("qty ? = 1", "unknown sign `?` at position 5"),
        ("qty ?? 1", "unknown sign `??` at position 5"),
        ("qty ??= 1", "unknown sign `??=` at position 5"),
        ("qty !?= 1", "unknown sign `!?=` at position 5"),
        ("qty ! 1", "unknown sign `!` at position 5"),
        ("qty > = 1", "expected an operand, found `=` at position 7"),
        ("a\u{0}=\0= 1", "expected an operand, found `=` at position 5"),
        ("qty ============================= 1", "unknown sign `========================…` at position 5"),
        ("a=1&&&b=1", "expected `&&` or `||`, found `&&&` at position 4"),
        ("a=1&&||b=1", "expected `&&` or `||`, found `&&||` at position 4"),
        ("a=1&b=1", "expected `&&` or `||`, found `&` at position 4"),
        ("a=1|b=1", "expected `&&` or `||`, found `|` at position 4"),
        // Numbers.
        ("qty = +1", "unexpected character `+` at position 7"),
        ("qty = .5", "unexpected character `.` at position 7"),
        ("qty = 1.", "invalid number `1.` at position 7"),
        ("qty = -5.", "invalid number `-5.` at position 7"),
        ("qty = 1.2.3", "invalid number `1.2.3` at position 7"),
        ("qty = 1..2", "invalid number `1..2` at position 7"),
        ("qty = -", "invalid number `-` at position 7"),
        ("qty = -.", "invalid number `-.` at position 7"),
        ("qty = --1", "invalid number `-` at position 7"),
        ("qty = - 1", "invalid number `-` at position 7"),
        ("qty = 1e2", "expected `&&`, `||` or the end, found `e2` at position 8"),
        ("qty = 0x1", "expected `&&`, `||` or the end, found `x1` at position 8"),
        ("qty = 1_0", "expected `&&`, `||` or the end, found `_0` at position 8"),
        ("qty = 1-1", "expected `&&`, `||` or the end, found `-1` at position 8"),
        ("1qty = 1", "expected a sign, found `qty` at position 2"),
        ("1 + 1 = 2", "unexpected character `+` at position 3"),
        // Names.
        ("a. = 1", "invalid name `a.` at position 1"),
        ("a: = 1", "invalid name `a:` at position 1"),
        ("a.@b = 1", "invalid name `a.` at position 1"),
        ("_ = 1", "invalid name `_` at position 1"),
        ("@ = 1", "invalid name `@` at position 1"),
        ("# = 1", "invalid name `#` at position 1"),
        ("_() = 1", "invalid name `_` at position 1"),
        ("a.() = 1", "invalid name `a.` at position 1"),
        ("@a@b = 1", "expected a sign, found `@b` at position 3"),
        ("a#b = 1", "expected a sign, found `#b` at position 2"),
        (".a = 1", "unexpected character `.` at position 1"),
        (":a = 1", "unexpected character `:` at position 1"),
        ("$qty=1", "unexpected character `$` at position 1"),
        ("qté = 1", "unexpected character `é` at position 3"),
        // Texts.
        ("label = `Lamp`", "unexpected character ``` at position 9"),
        ("label = 'x", "this text has no closing quote at position 9"),
        (r"label = 'x\'", "this text has no closing quote at position 9"),
        ("label = 'x''", "this text has no closing quote at position 12"),
        ("label = 'a\0b'", r"unexpected character `\0` at position 11"),
        // Blanks and comments.
        ("qty = 1\r\n", r"unexpected character `\r` at position 8"),
        ("qty=1\u{b}", r"unexpected character `\u{b}` at position 6"),
        ("qty=1\u{c}", r"unexpected character `\u{c}` at position 6"),
        ("qty=1\u{a0}", "unexpected character `\\u{a0}` at position 6"),
        ("\u{feff}qty=1", "unexpected character `\\u{feff}` at position 1"),
        ("qty=1;", "unexpected character `;` at position 6"),
        ("qty=1/qty=1", "a comment begins with `//` at position 6"),
        ("qty=1 /", "a comment begins with `//` at position 7"),
        ("qty=0/**/", "a comment begins with `//` at position 6"),
        ("qty=1 // \0 && qty=2", r"unexpected character `\0` at position 10"),
        ("(qty=1\0)", r"unexpected character `\0` at position 7"),
        ("f(1,\u{0}2) = 1", r"unexpected character `\0` at position 5"),
        // Functions.
        ("f(1,,2) = 1", "expected an argument, found `,` at position 5"),
        ("f(,1) = 1", "expected an argument, found `,` at position 3"),
        ("f(,) = 1", "expected an argument, found `,` at position 3"),
        ("f(1,,) = 1", "expected an argument, found `,` at position 5"),
        ("f(1 2) = 1", "expected `,` or `)`, found `2` at position 5"),
        ("f(a=1) = 1", "expected `,` or `)`, found `=` at position 4"),
        ("f((1)) = 1", "expected an argument, found `(` at position 3"),
        ("f(1,=) = 1", "expected an argument, found `=` at position 5"),
        ("f(1&&2) = 1", "expected `,` or `)`, found `&&` at position 4"),
        ("f(g(1)) = 1", "functions cannot be arguments of functions at position 3"),
        ("f(1.) = 1", "invalid number `1.` at position 3"),
        ("f(1", "this parenthesis is never closed at position 2"),
        ("a = f(1 // )", "this parenthesis is never closed at position 6"),
        ("f([1]) = 1", "unexpected character `[` at position 3"),
    ];
    assert_errors(&table);
}

#[test]
fn numbers_are_finite() {
    let digits = "9".repeat(400);
    assert!(matches!(parse(&format!("a = {digits}")).unwrap_err().problem, Problem::Number(_)));
    assert!(parse(&format!("a = 0.{digits}")).is_ok());
}

#[test]
fn errors_count_characters_and_bytes() {
    let error = parse("a = 'ñ€😀' && $").unwrap_err();
    assert_eq!((error.position, error.offset), (14, 19));
}

#[test]
fn spans_leave_out_parentheses_around() {
    let text = "((a=1)&&(b = f(x, 'ñ') || c ~ 2)) // end";
    let ExpressionKind::And(parts) = parse(text).unwrap().kind else { panic!() };
    let spans = |e: &Expression| text[e.span.clone()].to_owned();
    assert_eq!(spans(&parse(text).unwrap()), "(a=1)&&(b = f(x, 'ñ') || c ~ 2)");
    assert_eq!(parts.iter().map(spans).collect::<Vec<_>>(), ["a=1", "b = f(x, 'ñ') || c ~ 2"]);
    let ExpressionKind::Or(parts) = &parts[1].kind else { panic!() };
    let ExpressionKind::Comparison(comparison) = &parts[0].kind else { panic!() };
    assert_eq!(&text[comparison.left.span.clone()], "b");
    assert_eq!(&text[comparison.right.span.clone()], "f(x, 'ñ')");
    let OperandKind::Function { arguments, .. } = &comparison.right.kind else { panic!() };
    assert_eq!(&text[arguments[1].span.clone()], "'ñ'");
}

#[test]
fn limits() {
    let joined = |count: usize| vec!["a = 1"; count].join(" || ");
    assert!(parse(&joined(MAX_COMPARISONS)).is_ok());
    let error = parse(&joined(MAX_COMPARISONS + 1)).unwrap_err();
    assert_eq!((error.problem, error.offset), (Problem::TooManyComparisons, MAX_COMPARISONS * 9));
    let nested = |depth: usize| format!("{}a = 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(MAX_GROUP_DEPTH)).is_ok());
    let error = parse(&nested(MAX_GROUP_DEPTH + 1)).unwrap_err();
    assert_eq!((error.problem, error.offset), (Problem::TooDeep, MAX_GROUP_DEPTH));
}

/// Depth without end is not possible: groups alternate, and each level needs a comparison of its own.
#[test]
fn deep_trees_are_dropped_without_overflow() {
    let mut text = "a = 1".to_owned();
    for level in 1..MAX_COMPARISONS {
        text = format!("({text}) {} a = 1", if level % 2 == 0 { "&&" } else { "||" });
    }
    let spawned = std::thread::Builder::new().stack_size(64 * 1024).spawn(move || drop(parse(&text).unwrap()));
    spawned.unwrap().join().unwrap();
}

#[test]
fn long_texts_are_fast() {
    let texts = [
        "(".repeat(1_000_000),
        "(a=1)".repeat(200_000),
        format!("{}a=1", "//x\n".repeat(250_000)),
        format!("a=1{}", "/".repeat(1_000_000)),
        format!("f({})=1", "1,//(\n".repeat(170_000)),
        format!("a='{}'", r"\\".repeat(500_000)),
        format!("a='{}", r"\'".repeat(500_000)),
        format!("a={}", "1".repeat(1_000_000)),
        format!("a={}", "1.".repeat(500_000)),
        "a".repeat(1_000_000),
        "=".repeat(1_000_000),
        "&".repeat(1_000_000),
        "\0".repeat(1_000_000),
        format!("{}a=1{}", "(\n".repeat(2000), "//ñ\n)".repeat(2000)),
    ];
    for text in texts {
        let start = Instant::now();
        let _ = parse(&text);
        let shown = &text[..20];
        assert!(start.elapsed() < Duration::from_secs(2), "{shown} took {:?}", start.elapsed());
    }
}

proptest! {
    /// Every expression can be written, with any blanks between its words, and read again.
    #[test]
    fn written_expressions_are_read_again(tree in expression(), gaps in prop::collection::vec(0..6_usize, 1..50)) {
        let gaps = gaps.iter().map(|&gap| ["", " ", "", "\n", "\t ", "// ') ñ\n"][gap]).cycle();
        let text: String = words(&tree).iter().zip(gaps).flat_map(|(word, gap)| [word.as_str(), gap]).collect();
        let parsed = parse(&text).map_err(|error| TestCaseError::fail(format!("{text:?}: {error}")))?;
        prop_assert_eq!(without_spans(parsed), tree);
    }

    /// The piece of text at the span of a part says the same as the part.
    #[test]
    fn spans_hold_what_they_stand_for(tree in expression()) {
        let text = words(&tree).join(" ");
        let mut open = vec![parse(&text).unwrap()];
        while let Some(part) = open.pop() {
            let again = parse(&text[part.span.clone()]).unwrap();
            prop_assert_eq!(without_spans(again), without_spans(part.clone()));
            if let ExpressionKind::And(parts) | ExpressionKind::Or(parts) = part.kind {
                open.extend(parts);
            }
        }
    }

    /// Whatever the text, the parser answers, and errors point into it.
    #[test]
    fn any_text_has_an_answer(text in r#"\PC*|[ab@_.:(){}'"\\/=!~<>?&|,0-9 \n\r\x00-]{0,60}"#) {
        match parse(&text) {
            Ok(found) => prop_assert_eq!(canonical_of(&canonical(&found)), canonical(&found)),
            Err(error) => prop_assert!(text.is_char_boundary(error.offset), "{}", error),
        }
    }

    /// Random words, mostly in a sensible order.
    #[test]
    fn any_words_have_an_answer(words in prop::collection::vec(prop::sample::select(vec![
        "a", "=", "1", "(", ")", "&&", "||", "'x'", "f(", ",", "?!~", " ", "//\n", "a=1", "a=1 && b=2", "\0",
    ]), 0..30)) {
        let text = words.concat();
        if let Ok(found) = parse(&text) {
            prop_assert_eq!(canonical_of(&canonical(&found)), canonical(&found));
        }
    }
}

//! Any text: the parser of rules and filters must answer, and what it read must survive being cut out and read again.
//!
//! It takes in the sources of the module instead of depending on the package, so that only they are instrumented and
//! the build takes seconds.

#![no_main]
#![allow(dead_code, unused_imports, missing_docs, reason = "only `parse` is used of the module")]

#[path = "../../src/filter/mod.rs"]
mod filter;

use filter::{Expression, ExpressionKind, OperandKind};

libfuzzer_sys::fuzz_target!(|text: &str| {
    match filter::parse(text) {
        Ok(expression) => check(text, expression),
        Err(error) => {
            assert!(text.is_char_boundary(error.offset), "{error}");
            assert!(error.position <= text.chars().count() + 1, "{error}");
            assert!(error.to_string().len() < 300, "{error}");
        }
    }
});

/// Every part says the same on its own, and the tree has the shape it promises.
fn check(text: &str, expression: Expression) {
    let mut open = vec![expression];
    while let Some(part) = open.pop() {
        let alone = filter::parse(&text[part.span.clone()]).expect("a part of an expression is one itself");
        assert_eq!(shape(&alone), shape(&part));
        match part.kind {
            ExpressionKind::And(parts) => {
                assert!(parts.len() > 1 && !parts.iter().any(|part| matches!(part.kind, ExpressionKind::And(_))));
                open.extend(parts);
            }
            ExpressionKind::Or(parts) => {
                assert!(parts.len() > 1 && !parts.iter().any(|part| matches!(part.kind, ExpressionKind::Or(_))));
                open.extend(parts);
            }
            ExpressionKind::Comparison(comparison) => {
                for operand in [comparison.left, comparison.right] {
                    assert!(text.get(operand.span.clone()).is_some_and(|text| !text.is_empty()));
                    if let OperandKind::Number(number) = operand.kind {
                        assert!(number.is_finite());
                    }
                }
            }
        }
    }
}

/// The tree as text, without where things stand.
fn shape(expression: &Expression) -> String {
    match &expression.kind {
        ExpressionKind::And(parts) => format!("({})", parts.iter().map(shape).collect::<Vec<_>>().join(" && ")),
        ExpressionKind::Or(parts) => format!("({})", parts.iter().map(shape).collect::<Vec<_>>().join(" || ")),
        ExpressionKind::Comparison(comparison) => {
            let (left, right) = (operand(&comparison.left.kind), operand(&comparison.right.kind));
            format!("{left} {:?} {} {right}", comparison.sign, comparison.any)
        }
    }
}

fn operand(kind: &OperandKind) -> String {
    match kind {
        OperandKind::Function { name, arguments } => {
            format!(
                "{name}({})",
                arguments.iter().map(|argument| operand(&argument.kind)).collect::<Vec<_>>().join(", ")
            )
        }
        kind => format!("{kind:?}"),
    }
}

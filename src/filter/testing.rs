//! Random expressions, and their text: what the tests of the parser compare it with.

use proptest::prelude::*;

use super::{Comparison, Expression, ExpressionKind, Operand, OperandKind, Sign};

/// Forgets where everything stands.
pub(super) fn without_spans(mut expression: Expression) -> Expression {
    expression.span = 0..0;
    expression.kind = match expression.kind {
        ExpressionKind::And(parts) => ExpressionKind::And(parts.into_iter().map(without_spans).collect()),
        ExpressionKind::Or(parts) => ExpressionKind::Or(parts.into_iter().map(without_spans).collect()),
        ExpressionKind::Comparison(mut comparison) => {
            comparison.left = operand_without_spans(comparison.left);
            comparison.right = operand_without_spans(comparison.right);
            ExpressionKind::Comparison(comparison)
        }
    };
    expression
}

fn operand_without_spans(operand: Operand) -> Operand {
    let kind = match operand.kind {
        OperandKind::Function { name, arguments } => {
            OperandKind::Function { name, arguments: arguments.into_iter().map(operand_without_spans).collect() }
        }
        kind => kind,
    };
    Operand { kind, span: 0..0 }
}

/// The words of `expression`; anything blank may stand between them.
pub(super) fn words(expression: &Expression) -> Vec<String> {
    match &expression.kind {
        ExpressionKind::And(parts) => joined(parts, "&&"),
        ExpressionKind::Or(parts) => joined(parts, "||"),
        ExpressionKind::Comparison(comparison) => {
            let sign = sign_text(comparison.sign);
            let any = if comparison.any { "?" } else { "" };
            let mut words = operand_words(&comparison.left);
            words.push(format!("{any}{sign}"));
            words.extend(operand_words(&comparison.right));
            words
        }
    }
}

/// Parts that are not comparisons become groups, though an `&&` in an `||` would not need it.
fn joined(parts: &[Expression], join: &str) -> Vec<String> {
    let mut result = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            result.push(join.to_owned());
        }
        if let ExpressionKind::Comparison(_) = part.kind {
            result.extend(words(part));
        } else {
            result.push("(".to_owned());
            result.extend(words(part));
            result.push(")".to_owned());
        }
    }
    result
}

fn operand_words(operand: &Operand) -> Vec<String> {
    match &operand.kind {
        OperandKind::Identifier(name) => vec![name.clone()],
        OperandKind::Number(number) => vec![format!("{number}")],
        OperandKind::Text(text) => vec![format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))],
        OperandKind::Function { name, arguments } => {
            let mut words = vec![format!("{name}(")];
            for argument in arguments {
                words.extend(operand_words(argument));
                words.push(",".to_owned());
            }
            words.push(")".to_owned());
            words
        }
    }
}

fn sign_text(sign: Sign) -> &'static str {
    match sign {
        Sign::Equal => "=",
        Sign::NotEqual => "!=",
        Sign::Greater => ">",
        Sign::GreaterOrEqual => ">=",
        Sign::Less => "<",
        Sign::LessOrEqual => "<=",
        Sign::Like => "~",
        Sign::NotLike => "!~",
    }
}

/// Any expression a text can say, without spans.
pub(super) fn expression() -> impl Strategy<Value = Expression> {
    let comparison = comparison().prop_map(|c| bare(ExpressionKind::Comparison(Box::new(c))));
    let tree = comparison.prop_recursive(5, 40, 4, |part| {
        (any::<bool>(), prop::collection::vec(part, 2..4)).prop_map(|(is_and, parts)| join(is_and, parts))
    });
    tree.boxed()
}

fn bare(kind: ExpressionKind) -> Expression {
    Expression { kind, span: 0..0 }
}

/// Joins parts; those joined the same way are taken over.
fn join(is_and: bool, parts: Vec<Expression>) -> Expression {
    let flat = parts.into_iter().flat_map(|part| match part.kind {
        ExpressionKind::And(inner) if is_and => inner,
        ExpressionKind::Or(inner) if !is_and => inner,
        kind => vec![bare(kind)],
    });
    let flat = flat.collect();
    bare(if is_and { ExpressionKind::And(flat) } else { ExpressionKind::Or(flat) })
}

fn comparison() -> impl Strategy<Value = Comparison> {
    let signs = [
        Sign::Equal,
        Sign::NotEqual,
        Sign::Greater,
        Sign::GreaterOrEqual,
        Sign::Less,
        Sign::LessOrEqual,
        Sign::Like,
        Sign::NotLike,
    ];
    (operand(), prop::sample::select(signs.to_vec()), any::<bool>(), operand())
        .prop_map(|(left, sign, any, right)| Comparison { left, sign, any, right })
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z@#_]([a-zA-Z0-9_.:]{0,8}[a-zA-Z0-9_])".prop_map(String::from)
}

fn operand() -> impl Strategy<Value = Operand> {
    let plain = prop_oneof![
        name().prop_map(OperandKind::Identifier),
        prop_oneof![any::<f64>(), (-1000_i32..1000).prop_map(|n| f64::from(n) / 8.0)]
            .prop_filter("only finite numbers can be written", |number| number.is_finite())
            .prop_map(OperandKind::Number),
        r#"[^\x00]{0,6}|[\\'"nrt/()%_ x\n\r]{0,8}"#.prop_map(OperandKind::Text),
    ]
    .prop_map(|kind| Operand { kind, span: 0..0 });
    let function = (name(), prop::collection::vec(plain.clone(), 0..4))
        .prop_map(|(name, arguments)| Operand { kind: OperandKind::Function { name, arguments }, span: 0..0 });
    prop_oneof![4 => plain, 1 => function]
}

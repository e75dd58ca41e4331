//! Random values for the tests, rich in those that are on an edge.

use proptest::prelude::*;

use super::SqlValue;

/// Numbers of all sizes, short decimal fractions, whole ones and those with many digits.
pub(super) fn any_real() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("NaN is NULL in SQLite", |number| !number.is_nan()),
        any::<u64>().prop_map(f64::from_bits).prop_filter("NaN is NULL in SQLite", |number| !number.is_nan()),
        (any::<i32>(), -12..12_i32).prop_map(|(number, exponent)| f64::from(number) * 10_f64.powi(exponent)),
        (-100_000..100_000_i32).prop_map(|number| f64::from(number) / 100.0),
        #[expect(clippy::cast_precision_loss, reason = "the nearest number is what is wanted")]
        any::<i64>().prop_map(|number| number as f64),
        (-1100..1024_i32).prop_map(|exponent| 2_f64.powi(exponent)),
        (-330..309_i32).prop_map(|exponent| format!("1e{exponent}").parse().unwrap_or(0.0)),
        prop::sample::select(vec![0.0, -0.0, 1.0, 0.1, 9_007_199_254_740_992.0, f64::INFINITY, f64::MAX, 5e-324]),
    ]
}

/// Whole numbers, small and at the ends of what fits.
pub(super) fn any_integer() -> impl Strategy<Value = i64> {
    let edges = vec![i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1, 1 << 53, (1 << 53) + 1, 1 << 51, -(1 << 51)];
    prop_oneof![any::<i64>(), -10..10_i64, prop::sample::select(edges)]
}

/// Texts that are numbers, or nearly.
pub(super) fn number_like_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ \t\n]{0,2}[-+]?[0-9]{0,25}(\\.[0-9]{0,25})?([eE][-+]?[0-9]{0,4})?[ \r]{0,2}",
        "-?[0-9]{1,3}(\\.[0-9]{1,2})?",
        "[-+ .eEx0-9\u{0}a]{0,6}",
        any_real().prop_map(|number| format!("{number:e}")),
        any_real().prop_map(|number| format!("{number}")),
        any_integer().prop_map(|number| number.to_string()),
        any_integer().prop_map(|number| format!("{number}.0")),
        any::<u64>().prop_map(|number| number.to_string()),
        (any::<u64>(), -360..330_i32).prop_map(|(number, exponent)| format!("{number}e{exponent}")),
    ]
}

/// Any value.
pub(super) fn any_value() -> impl Strategy<Value = SqlValue> {
    prop_oneof![
        1 => Just(SqlValue::Null),
        3 => any_integer().prop_map(SqlValue::Integer),
        3 => any_real().prop_map(SqlValue::Real),
        3 => number_like_text().prop_map(SqlValue::Text),
        2 => ".{0,5}|[aAbBéÉ]{0,3}".prop_map(SqlValue::Text),
    ]
}

//! Comparison, the conversions it makes, and what columns keep.

use std::cmp::Ordering;

use super::number::{self, Form};
use super::{Affinity, Scalar, SqlValue, to_text};

/// Two to the power of 63, the first number too large for an `i64`.
const INTEGER_END: f64 = 9_223_372_036_854_775_808.0;

/// Whole numbers below this size are taken from the float a text reads as, larger ones from the text itself.
const EXACT_IN_FLOAT: i64 = 1 << 51;

/// How two values compare, after the conversions their affinities ask for; `None` if one of them is NULL.
pub(crate) fn compare(
    left: &Scalar<'_>,
    left_affinity: Affinity,
    right: &Scalar<'_>,
    right_affinity: Affinity,
) -> Option<Ordering> {
    if matches!(left, Scalar::Null) || matches!(right, Scalar::Null) {
        return None;
    }
    Some(match comparison_affinity(left_affinity, right_affinity) {
        Affinity::Numeric => order(&to_number(left), &to_number(right)),
        Affinity::Text if is_text(left) != is_text(right) => order(&as_text(left), &as_text(right)),
        _ => order(left, right),
    })
}

/// How two values are sorted: NULL first.
pub(crate) fn sort_order(left: &SqlValue, right: &SqlValue) -> Ordering {
    order(&left.into(), &right.into())
}

/// `IS`: like `=`, but NULL equals NULL and nothing else.
pub(crate) fn is(left: &Scalar<'_>, left_affinity: Affinity, right: &Scalar<'_>, right_affinity: Affinity) -> bool {
    match compare(left, left_affinity, right, right_affinity) {
        Some(ordering) => ordering == Ordering::Equal,
        None => matches!((left, right), (Scalar::Null, Scalar::Null)),
    }
}

/// The value as a condition: whether it is a number other than 0. `None` for NULL.
pub(crate) fn truth(value: &Scalar<'_>) -> Option<bool> {
    match value {
        Scalar::Null => None,
        Scalar::Integer(number) => Some(*number != 0),
        Scalar::Real(number) => Some(*number != 0.0),
        Scalar::Text(text) => Some(number::read(text).number != 0.0),
    }
}

/// The value as arithmetic takes it: numbers, and texts that are nothing but a number.
pub(crate) fn as_number(value: &Scalar<'_>) -> Option<f64> {
    match to_number(value) {
        #[expect(clippy::cast_precision_loss, reason = "the nearest number is what is wanted")]
        Scalar::Integer(number) => Some(number as f64),
        Scalar::Real(number) => Some(number),
        Scalar::Null | Scalar::Text(_) => None,
    }
}

/// What a column with this affinity keeps of a value.
pub(crate) fn stored_as(value: SqlValue, affinity: Affinity) -> SqlValue {
    match (affinity, value) {
        (Affinity::Text, value @ (SqlValue::Integer(_) | SqlValue::Real(_))) => {
            as_text(&Scalar::from(&value)).into_value()
        }
        (Affinity::Numeric, SqlValue::Real(number)) => whole_if_exact(number),
        (Affinity::Numeric, value @ SqlValue::Text(_)) => match to_number(&Scalar::from(&value)) {
            Scalar::Real(number) => whole_if_exact(number),
            Scalar::Text(_) => value,
            number => number.into_value(),
        },
        (_, value) => value,
    }
}

/// `sqlite3CompareAffinity`: between columns numbers win and texts change nothing; else the only column decides.
fn comparison_affinity(left: Affinity, right: Affinity) -> Affinity {
    match (left, right) {
        (Affinity::None, one) | (one, Affinity::None) => one,
        (Affinity::Numeric, _) | (_, Affinity::Numeric) => Affinity::Numeric,
        _ => Affinity::Blob,
    }
}

fn is_text(value: &Scalar<'_>) -> bool {
    matches!(value, Scalar::Text(_))
}

fn as_text<'v>(value: &'v Scalar<'_>) -> Scalar<'v> {
    to_text(value).map_or(Scalar::Null, Scalar::Text)
}

/// A text that is nothing but a number becomes it (`applyNumericAffinity`).
fn to_number<'v>(value: &'v Scalar<'_>) -> Scalar<'v> {
    let Scalar::Text(text) = value else { return value.borrow() };
    let reading = number::read(text);
    match reading.form {
        Form::Other => value.borrow(),
        Form::Real => Scalar::Real(reading.number),
        Form::Integer => {
            let whole = truncate(reading.number);
            let is_exact = (-EXACT_IN_FLOAT..EXACT_IN_FLOAT).contains(&whole);
            let whole = if is_exact { Some(whole) } else { number::read_integer(text) };
            whole.map_or(Scalar::Real(reading.number), Scalar::Integer)
        }
    }
}

/// The integer a real stands for, unless it is at the ends of what an integer can be.
fn whole_if_exact(number: f64) -> SqlValue {
    let whole = truncate(number);
    let is_inside = whole > i64::MIN && whole < i64::MAX;
    if is_inside && order_numbers(whole, number).is_eq() { SqlValue::Integer(whole) } else { SqlValue::Real(number) }
}

/// Towards zero; numbers that are too large become the largest integer.
#[expect(clippy::cast_possible_truncation, reason = "the cast does what is wanted")]
fn truncate(number: f64) -> i64 {
    number as i64
}

/// Numbers before texts, numbers by size, texts by bytes.
fn order(left: &Scalar<'_>, right: &Scalar<'_>) -> Ordering {
    match (left, right) {
        (Scalar::Integer(left), Scalar::Integer(right)) => left.cmp(right),
        (Scalar::Integer(left), Scalar::Real(right)) => order_numbers(*left, *right),
        (Scalar::Real(left), Scalar::Integer(right)) => order_numbers(*right, *left).reverse(),
        (Scalar::Real(left), Scalar::Real(right)) => left.partial_cmp(right).unwrap_or(Ordering::Equal),
        (Scalar::Text(left), Scalar::Text(right)) => left.as_bytes().cmp(right.as_bytes()),
        (left, right) => class(left).cmp(&class(right)),
    }
}

fn class(value: &Scalar<'_>) -> u8 {
    match value {
        Scalar::Null => 0,
        Scalar::Integer(_) | Scalar::Real(_) => 1,
        Scalar::Text(_) => 2,
    }
}

/// An integer and a float by their exact values.
fn order_numbers(left: i64, right: f64) -> Ordering {
    if right < -INTEGER_END {
        return Ordering::Greater;
    }
    if right >= INTEGER_END {
        return Ordering::Less;
    }
    // Where they agree up to the dot, the fraction decides; there is one only below 2^53.
    left.cmp(&truncate(right)).then_with(|| 0.0_f64.partial_cmp(&right.fract()).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;
    use rusqlite::{Connection, params};

    use super::super::testing::any_value;
    use super::*;

    const AFFINITIES: [Affinity; 4] = [Affinity::None, Affinity::Blob, Affinity::Text, Affinity::Numeric];

    /// One column of each affinity on each side.
    fn database() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE l (id INTEGER PRIMARY KEY, blob, text TEXT, numeric NUMERIC, json JSON, boolean BOOLEAN);
             CREATE TABLE r (id INTEGER PRIMARY KEY, blob, text TEXT, numeric NUMERIC);
             INSERT INTO l (id) VALUES (1); INSERT INTO r (id) VALUES (1);",
        )
        .unwrap();
        conn
    }

    fn column(side: &str, affinity: Affinity) -> String {
        match affinity {
            Affinity::None => format!("(SELECT +{side}.blob)"),
            Affinity::Blob => format!("{side}.blob"),
            Affinity::Text => format!("{side}.text"),
            Affinity::Numeric => format!("{side}.numeric"),
        }
    }

    fn stored(conn: &Connection, column: &str) -> SqlValue {
        let sql = format!("SELECT {column} FROM l, r");
        let mut query = conn.prepare_cached(&sql).unwrap();
        query.query_row([], |row| Ok(SqlValue::from_column(row.get_ref(0)?).unwrap())).unwrap()
    }

    /// What SQLite says to `=`, `<` and `IS` between two columns.
    fn sqlite_compares(conn: &Connection, left: &str, right: &str) -> (Option<bool>, Option<bool>, bool) {
        let sql = format!("SELECT {left} = {right}, {left} < {right}, {left} IS {right} FROM l, r");
        let mut query = conn.prepare_cached(&sql).unwrap();
        query.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
    }

    fn same(left: &SqlValue, right: &SqlValue) -> bool {
        match (left, right) {
            (SqlValue::Real(left), SqlValue::Real(right)) => left.to_bits() == right.to_bits(),
            _ => left == right,
        }
    }

    proptest! {

        #[test]
        fn columns_compare_like_in_sqlite(left in any_value(), right in any_value(), is_same in any::<bool>()) {
            let right = if is_same { left.clone() } else { right };
            let conn = database();
            conn.execute("UPDATE l SET blob = ?1, text = ?1, numeric = ?1, json = ?1, boolean = ?1", params![left]).unwrap();
            conn.execute("UPDATE r SET blob = ?1, text = ?1, numeric = ?1", params![right]).unwrap();
            for affinity in AFFINITIES {
                let kept = stored(&conn, &column("l", affinity));
                let ours = stored_as(left.clone(), affinity);
                prop_assert!(same(&ours, &kept), "{left:?} in {affinity:?}: {ours:?}, SQLite {kept:?}");
            }
            let kept = stored(&conn, "l.json");
            prop_assert!(same(&stored(&conn, "l.numeric"), &kept), "{:?}", kept);
            for l_aff in AFFINITIES {
                for r_aff in AFFINITIES {
                    let (l, r) = (stored_as(left.clone(), l_aff), stored_as(right.clone(), r_aff));
                    let (l, r) = (Scalar::from(&l), Scalar::from(&r));
                    let ordering = compare(&l, l_aff, &r, r_aff);
                    let ours = (ordering.map(Ordering::is_eq), ordering.map(Ordering::is_lt), is(&l, l_aff, &r, r_aff));
                    let theirs = sqlite_compares(&conn, &column("l", l_aff), &column("r", r_aff));
                    prop_assert_eq!(ours, theirs, "{:?} {:?} with {:?} {:?}", l, l_aff, r, r_aff);
                }
            }
        }

        #[test]
        fn conditions_hold_like_in_sqlite(value in any_value()) {
            let conn = Connection::open_in_memory().unwrap();
            let expected: Option<bool> =
                conn.query_row("SELECT CASE WHEN ?1 IS NULL THEN NULL WHEN ?1 THEN 1 ELSE 0 END", params![value], |row| row.get(0)).unwrap();
            prop_assert_eq!(truth(&Scalar::from(&value)), expected);
        }

        #[test]
        fn texts_are_those_of_sqlite(value in any_value()) {
            let conn = Connection::open_in_memory().unwrap();
            let expected: Option<String> = conn.query_row("SELECT CAST(? AS TEXT)", params![value], |row| row.get(0)).unwrap();
            prop_assert_eq!(to_text(&Scalar::from(&value)).map(Cow::into_owned), expected);
        }
    }
}

//! Numbers in texts, read and written digit by digit as SQLite does.

use super::powers::{to_binary, to_decimal};

/// What a text says as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// The number at its beginning, or 0.
    pub(super) number: f64,
    /// How much of it is a number.
    pub(super) form: Form,
}

/// How much of a text is a number; blanks around it do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// All of it, without a dot and an exponent.
    Integer,
    /// All of it, with a dot or an exponent.
    Real,
    /// A part, or nothing.
    Other,
}

/// From here on further digits of a mantissa only move the decimal point.
const FULL_MANTISSA: u64 = (u64::MAX - 9) / 10;

/// Largest exponent SQLite tells apart.
const MAX_EXPONENT: i32 = 10_000;

/// Reads the number at the beginning of `text` (`sqlite3AtoF`). A NUL ends the text.
pub(super) fn read(text: &str) -> Reading {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let mut index = skip_blanks(bytes, 0);
    let is_negative = at(index) == b'-';
    if matches!(at(index), b'-' | b'+') {
        index += 1;
    }
    let mut mantissa = 0_u64;
    let mut exponent = 0_i32;
    let mut has_digits = false;
    let mut form = Form::Integer;
    while at(index).is_ascii_digit() {
        has_digits = true;
        push_digit(&mut mantissa, at(index), &mut exponent, 1);
        index += 1;
    }
    if at(index) == b'.' {
        index += 1;
        while at(index).is_ascii_digit() {
            has_digits = true;
            push_digit(&mut mantissa, at(index), &mut exponent, 0);
            index += 1;
        }
        form = Form::Real;
    }
    if !has_digits {
        return Reading { number: 0.0, form: Form::Other };
    }
    if matches!(at(index), b'e' | b'E') {
        let is_signed = matches!(at(index + 1), b'-' | b'+');
        let digits = index + 1 + usize::from(is_signed);
        if at(digits).is_ascii_digit() {
            let sign = if at(index + 1) == b'-' { -1 } else { 1 };
            let mut written = 0;
            index = digits;
            while at(index).is_ascii_digit() {
                written =
                    if written < MAX_EXPONENT { written * 10 + i32::from(at(index) - b'0') } else { MAX_EXPONENT };
                index += 1;
            }
            exponent = exponent.saturating_add(sign * written);
            form = Form::Real;
        }
    }
    let number = to_binary(mantissa, exponent);
    let is_complete = at(skip_blanks(bytes, index)) == 0;
    Reading { number: if is_negative { -number } else { number }, form: if is_complete { form } else { Form::Other } }
}

/// Adds a digit while there is room; `when_full` goes to the exponent when there is none, and one is taken from it
/// for each digit after the dot (where `when_full` is 0).
fn push_digit(mantissa: &mut u64, digit: u8, exponent: &mut i32, when_full: i32) {
    if *mantissa < FULL_MANTISSA {
        *mantissa = *mantissa * 10 + u64::from(digit - b'0');
        *exponent += when_full - 1;
    } else {
        *exponent = exponent.saturating_add(when_full);
    }
}

fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|&&byte| matches!(byte, b'\t'..=b'\r' | b' ')).count()
}

/// The whole number a text in the form of one holds, if it fits.
pub(super) fn read_integer(text: &str) -> Option<i64> {
    text.trim_matches(|c| matches!(c, '\t'..='\r' | ' ')).parse().ok()
}

/// Significant digits SQLite writes.
const DIGITS: usize = 17;

/// The text of a number (`printf('%!.17g')`): 17 digits, or fewer if they read as the same number.
pub(super) fn real_to_text(number: f64) -> String {
    if number.is_infinite() {
        return if number < 0.0 { "-Inf" } else { "Inf" }.to_owned();
    }
    if number == 0.0 {
        return "0.0".to_owned();
    }
    let (digits, point) = significant_digits(number.abs());
    let sign = if number < 0.0 { "-" } else { "" };
    format!("{sign}{}", layout(&digits, point))
}

/// Puts `digits`, with the decimal point after the first `point` of them, into the usual forms.
fn layout(digits: &str, point: i32) -> String {
    let exponent = point - 1;
    if !(-4..=16).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let rest = if rest.is_empty() { "0" } else { rest };
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{first}.{rest}e{sign}{:02}", exponent.abs());
    }
    let Ok(whole) = usize::try_from(point) else {
        return format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
    };
    match digits.split_at_checked(whole) {
        Some(("", fraction)) => format!("0.{fraction}"),
        Some((whole, "")) => format!("{whole}.0"),
        Some((whole, fraction)) => format!("{whole}.{fraction}"),
        None => format!("{digits:0<whole$}.0"),
    }
}

/// The digits of a positive number without zeros at the end, and how many of them stand before the decimal point
/// (`sqlite3FpDecode`).
fn significant_digits(number: f64) -> (String, i32) {
    let (whole, power) = to_decimal(number);
    let mut digits = whole.to_string().into_bytes();
    let mut point = power + i32::try_from(digits.len()).unwrap_or(0);
    let keep = shorter(number, &digits, point).unwrap_or(DIGITS);
    let round_up = digits.get(keep).is_some_and(|&digit| digit >= b'5');
    digits.truncate(keep);
    if round_up {
        if let Some(index) = digits.iter().rposition(|&digit| digit != b'9') {
            digits.truncate(index + 1);
            digits[index] += 1;
        } else {
            digits = vec![b'1'];
            point += 1;
        }
    }
    (String::from_utf8_lossy(&digits).trim_end_matches('0').to_owned(), point)
}

/// How many digits to keep when a row of nines or zeros at the end can be left out without changing the number.
fn shorter(number: f64, digits: &[u8], point: i32) -> Option<usize> {
    let is = |index: usize, digit: u8| digits.get(index) == Some(&digit);
    let (kept, candidate) = if is(15, b'9') && is(14, b'9') {
        let kept = digits[..14].iter().rposition(|&digit| digit != b'9').map_or(0, |last| last + 1);
        (kept, if kept == 0 { 1 } else { whole(&digits[..kept]) + 1 })
    } else if usize::try_from(point).is_ok_and(|point| point >= digits.len())
        || (is(15, b'0') && is(14, b'0') && is(13, b'0'))
    {
        let kept = digits[..13].iter().rposition(|&digit| digit != b'0').map_or(1, |last| last + 1);
        (kept, whole(&digits[..kept]))
    } else {
        return None;
    };
    let exponent = point - i32::try_from(kept).unwrap_or(0);
    (to_binary(candidate, exponent).to_bits() == number.to_bits()).then_some(kept + 1)
}

fn whole(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::super::testing::{any_real, number_like_text};
    use super::*;

    fn sqlite_text(conn: &Connection, number: f64) -> String {
        conn.prepare_cached("SELECT CAST(? AS TEXT)").unwrap().query_row([number], |row| row.get(0)).unwrap()
    }

    #[test]
    fn texts_of_numbers() {
        let table = [
            (5.0, "5.0"),
            (-5.5, "-5.5"),
            (0.0, "0.0"),
            (-0.0, "0.0"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e15, "1000000000000000.0"),
            (1e16, "10000000000000000.0"),
            (1e17, "1.0e+17"),
            (1e300, "1.0e+300"),
            (1e-5, "1.0e-05"),
            (0.0001, "0.0001"),
            (1e23, "1.0e+23"),
            (5e-324, "4.9406564584124654e-324"),
            (f64::INFINITY, "Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        let conn = Connection::open_in_memory().unwrap();
        for (number, expected) in table {
            assert_eq!(sqlite_text(&conn, number), expected, "SQLite on {number:e}");
            assert_eq!(real_to_text(number), expected, "{number:e}");
        }
    }

    proptest! {

        #[test]
        fn numbers_are_written_like_sqlite(numbers in prop::collection::vec(any_real(), 50)) {
            let conn = Connection::open_in_memory().unwrap();
            for number in numbers {
                prop_assert_eq!(real_to_text(number), sqlite_text(&conn, number), "{:e}", number);
            }
        }

        #[test]
        fn numbers_are_read_like_sqlite(texts in prop::collection::vec(number_like_text(), 50)) {
            let conn = Connection::open_in_memory().unwrap();
            let mut query = conn.prepare_cached("SELECT CAST(? AS REAL)").unwrap();
            for text in texts {
                let expected: f64 = query.query_row([&text], |row| row.get(0)).unwrap();
                prop_assert_eq!(read(&text).number.to_bits(), expected.to_bits(), "{:?}", text);
            }
        }
    }
}

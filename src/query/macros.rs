//! The `@` words for moments in time (reference part 2, section 2.4). All in UTC.

use super::expr::Parameter;
use crate::clock::{Date, date_text, days_in_month};

const DAY_MS: i64 = 86_400_000;

/// The value of a macro at an instant in Unix milliseconds; `None` for unknown names.
pub(super) fn macro_value(name: &str, now_ms: i64) -> Option<Parameter> {
    let today = now_ms.div_euclid(DAY_MS) * DAY_MS;
    let second_of_day = (now_ms - today) / 1000;
    let date = Date::of_days(today / DAY_MS);
    let day = |date: Date| date.to_days() * DAY_MS;
    let text = |ms: i64| Some(Parameter::Text(date_text(ms)));
    let integer = |value: i64| Some(Parameter::Integer(value));
    match name {
        "@now" => text(now_ms),
        "@yesterday" => text(now_ms - DAY_MS),
        "@tomorrow" => text(now_ms + DAY_MS),
        "@second" => integer(second_of_day % 60),
        "@minute" => integer(second_of_day / 60 % 60),
        "@hour" => integer(second_of_day / 3600),
        "@day" => integer(date.day),
        "@month" => integer(date.month),
        "@year" => integer(date.year),
        // 1 January 1970 was a Thursday.
        "@weekday" => integer((today / DAY_MS + 4).rem_euclid(7)),
        "@todayStart" => text(today),
        "@todayEnd" => text(today + DAY_MS - 1),
        "@monthStart" => text(day(Date { day: 1, ..date })),
        "@monthEnd" => text(day(Date { day: days_in_month(date.year, date.month), ..date }) + DAY_MS - 1),
        "@yearStart" => text(day(Date { day: 1, month: 1, ..date })),
        "@yearEnd" => text(day(Date { day: 31, month: 12, ..date }) + DAY_MS - 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_of_a_leap_day() {
        // 2024-02-29 13:05:09.250, a Thursday.
        let now = 1_709_211_909_250;
        for (name, want) in [
            ("@now", "2024-02-29 13:05:09.250Z"),
            ("@yesterday", "2024-02-28 13:05:09.250Z"),
            ("@tomorrow", "2024-03-01 13:05:09.250Z"),
            ("@todayStart", "2024-02-29 00:00:00.000Z"),
            ("@todayEnd", "2024-02-29 23:59:59.999Z"),
            ("@monthStart", "2024-02-01 00:00:00.000Z"),
            ("@monthEnd", "2024-02-29 23:59:59.999Z"),
            ("@yearStart", "2024-01-01 00:00:00.000Z"),
            ("@yearEnd", "2024-12-31 23:59:59.999Z"),
        ] {
            assert_eq!(macro_value(name, now), Some(Parameter::Text(want.into())), "{name}");
        }
        for (name, want) in [
            ("@second", 9),
            ("@minute", 5),
            ("@hour", 13),
            ("@day", 29),
            ("@month", 2),
            ("@year", 2024),
            ("@weekday", 4),
        ] {
            assert_eq!(macro_value(name, now), Some(Parameter::Integer(want)), "{name}");
        }
        assert_eq!(macro_value("@Now", now), None);
        assert_eq!(macro_value("@request", now), None);
    }
}

//! The only place that reads the time of day, so that tests can move it.
//!
//! Dates travel as text: `YYYY-MM-DD HH:MM:SS.mmmZ`, UTC, three fractional digits (reference part 1, section 1.1).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A source of the current time; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Added to the system's time, in milliseconds. Zero outside tests.
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// Moves this clock and its clones forward (tests of expiry).
    pub fn advance(&self, by: std::time::Duration) {
        self.offset_ms.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Unix time in milliseconds.
    pub fn unix_millis(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "the clock is the one place that may ask the system")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX) + self.offset_ms.load(Ordering::Relaxed)
    }

    /// Unix time in whole seconds.
    pub fn unix_seconds(&self) -> i64 {
        self.unix_millis().div_euclid(1000)
    }

    /// The current time as date text.
    pub fn now_text(&self) -> String {
        date_text(self.unix_millis())
    }
}

/// Date text of a Unix time in milliseconds; years outside 0-9999 are clamped.
pub fn date_text(unix_millis: i64) -> String {
    const YEAR_0: i64 = -62_167_219_200_000;
    const YEAR_9999_END: i64 = 253_402_300_799_999;
    let t = unix_millis.clamp(YEAR_0, YEAR_9999_END);
    let (days, ms_of_day) = (t.div_euclid(86_400_000), t.rem_euclid(86_400_000));
    let date = Date::of_days(days);
    let s = ms_of_day / 1000;
    let mut out = *b"0000-00-00 00:00:00.000Z";
    put(&mut out[0..4], date.year);
    put(&mut out[5..7], date.month);
    put(&mut out[8..10], date.day);
    put(&mut out[11..13], s / 3600);
    put(&mut out[14..16], s / 60 % 60);
    put(&mut out[17..19], s % 60);
    put(&mut out[20..23], ms_of_day % 1000);
    String::from_utf8_lossy(&out).into_owned()
}

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Date {
    pub year: i64,
    /// From 1.
    pub month: i64,
    /// From 1.
    pub day: i64,
}

impl Date {
    /// The date of a number of days since 1970-01-01, after Howard Hinnant's `civil_from_days`: no table and no branch in
    /// the hot path.
    pub fn of_days(days: i64) -> Self {
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        Self { year: yoe + era * 400 + i64::from(month <= 2), month, day: doy - (153 * mp + 2) / 5 + 1 }
    }

    /// Days since 1970-01-01.
    pub fn to_days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let yoe = year.rem_euclid(400);
        let mp = (self.month + 9) % 12;
        let doy = (153 * mp + 2) / 5 + self.day - 1;
        era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
    }
}

/// Days of a month.
pub fn days_in_month(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    Date { year: next_year, month: next, day: 1 }.to_days() - Date { year, month, day: 1 }.to_days()
}

/// Writes the decimal digits of a number that fits the slot.
fn put(slot: &mut [u8], mut value: i64) {
    for digit in slot.iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_agree() {
        for days in (-800_000..2_900_000).step_by(97) {
            assert_eq!(Date::of_days(days).to_days(), days);
        }
        for (year, month, want) in [(2023, 2, 28), (2024, 2, 29), (1900, 2, 28), (2000, 2, 29), (2024, 12, 31)] {
            assert_eq!(days_in_month(year, month), want, "{year}-{month}");
        }
    }

    #[test]
    fn dates_of_known_instants() {
        for (ms, want) in [
            (0, "1970-01-01 00:00:00.000Z"),
            (951_782_399_999, "2000-02-28 23:59:59.999Z"),
            (951_782_400_000, "2000-02-29 00:00:00.000Z"),
            (-1, "1969-12-31 23:59:59.999Z"),
            (i64::MAX, "9999-12-31 23:59:59.999Z"),
            (i64::MIN, "0000-01-01 00:00:00.000Z"),
        ] {
            assert_eq!(date_text(ms), want, "{ms}");
        }
    }
}

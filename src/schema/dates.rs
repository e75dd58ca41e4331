//! Reads the date layouts clients send (reference part 1, section 10.6) into date text.
//!
//! A hand-written cursor: every layout is a handful of fixed pieces, and clients send dates on hot paths.

use crate::clock::date_text;

/// Date text of whatever layout `input` has; `""` if none fits or the date is the zero date.
pub fn parse(input: &str) -> String {
    if is_canonical(input.as_bytes()) {
        return input.to_owned();
    }
    parse_millis(input).map(date_text).unwrap_or_default()
}

/// Unix time in milliseconds of a date in any of the layouts; `None` also for the zero date (year 1 begins).
pub fn parse_millis(input: &str) -> Option<i64> {
    const ZERO_DATE: i64 = -62_135_596_800_000;
    // The longest layout with nine fraction digits fits; anything far longer cannot be a date.
    if input.len() > 100 || !input.is_ascii() {
        return None;
    }
    let input = input.as_bytes();
    let layouts = [numeric, day_month_year, rfc_1123, rfc_850, rfc_822, unix_date, stamp, kitchen];
    let found = layouts.iter().find_map(|layout| {
        let mut cursor = Cursor { rest: input };
        layout(&mut cursor).filter(|_| cursor.rest.is_empty())
    })?;
    found.millis().filter(|&ms| ms != ZERO_DATE)
}

/// Whether the text is date text already, as written by [`date_text`].
pub fn is_canonical(text: &[u8]) -> bool {
    let shape = *b"dddd-dd-dd dd:dd:dd.dddZ";
    if text.len() != shape.len() {
        return false;
    }
    let fits = |(&b, &s): (&u8, &u8)| if s == b'd' { b.is_ascii_digit() } else { b == s };
    if !text.iter().zip(&shape).all(fits) {
        return false;
    }
    let pair = |at: usize| (text[at] - b'0') * 10 + (text[at + 1] - b'0');
    let (month, day) = (pair(5), pair(8));
    if day > 28 || text.starts_with(b"0001-01-01") {
        // The 29th and later depend on month and year, and one instant is the zero date: the full parser looks.
        return std::str::from_utf8(text).is_ok_and(|text| parse_millis(text).is_some());
    }
    (1..=12).contains(&month) && day > 0 && pair(11) < 24 && pair(14) < 60 && pair(17) < 60
}

/// RFC 3339 text of date text (`2024-01-01T00:00:00Z`, fraction only if not zero), as issues quote it.
pub fn to_rfc3339(date: &str) -> String {
    match (date.get(..10), date.get(11..19), date.get(20..23)) {
        (Some(day), Some(time), Some(fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            let dot = if fraction.is_empty() { "" } else { "." };
            format!("{day}T{time}{dot}{fraction}Z")
        }
        _ => String::new(),
    }
}

/// A civil date and time with its distance from UTC.
#[derive(Debug, Clone, Copy, Default)]
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
    /// Added to UTC to get this civil time.
    offset_minutes: i64,
}

impl Civil {
    fn millis(self) -> Option<i64> {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let days_in_month = match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        if !(1..=days_in_month).contains(&self.day) || self.hour > 23 || self.minute > 59 || self.second > 59 {
            return None;
        }
        // Days from the civil date, after Howard Hinnant's `days_from_civil`.
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let yoe = year.rem_euclid(400);
        let doy = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        let days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
        let minutes = days * 1440 + self.hour * 60 + self.minute - self.offset_minutes;
        Some((minutes * 60 + self.second) * 1000 + self.millis)
    }
}

/// What is left to read.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn literal(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text.as_bytes())?;
        Some(())
    }

    fn has(&mut self, text: &str) -> bool {
        self.literal(text).is_some()
    }

    /// One blank or several: wherever a layout has a blank, a date may have more.
    fn blank(&mut self) -> Option<()> {
        self.literal(" ")?;
        while self.has(" ") {}
        Some(())
    }

    fn has_blank(&mut self) -> bool {
        self.blank().is_some()
    }

    /// Between `min` and `max` digits, as many as there are.
    fn number(&mut self, min: usize, max: usize) -> Option<i64> {
        let count = self.rest.iter().take(max).take_while(|b| b.is_ascii_digit()).count();
        if count < min {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        Some(digits.iter().fold(0, |n, b| n * 10 + i64::from(b - b'0')))
    }

    /// One of the names in any case; answers its position from 1.
    fn name(&mut self, names: &[&str]) -> Option<i64> {
        let matches =
            |name: &&str| self.rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()));
        let found = names.iter().position(matches)?;
        self.rest = &self.rest[names[found].len()..];
        i64::try_from(found + 1).ok()
    }

    fn month(&mut self) -> Option<i64> {
        self.name(&["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    }

    fn weekday(&mut self) -> Option<i64> {
        self.name(&["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
    }

    /// `HH:MM:SS` with an optional fraction; an hour of one digit is accepted.
    fn time(&mut self, civil: &mut Civil) -> Option<()> {
        civil.hour = self.number(1, 2)?;
        self.literal(":")?;
        civil.minute = self.number(2, 2)?;
        self.literal(":")?;
        civil.second = self.number(2, 2)?;
        if self.has(".") || self.has(",") {
            let count = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
            if count == 0 {
                return None;
            }
            let digit = |i: usize| if i < count { i64::from(self.rest[i] - b'0') } else { 0 };
            civil.millis = digit(0) * 100 + digit(1) * 10 + digit(2);
            self.rest = &self.rest[count..];
        }
        Some(())
    }

    /// `±HHMM`, or `±HH:MM` where `colon` allows it.
    fn offset(&mut self, civil: &mut Civil, colon: bool) -> Option<()> {
        let sign = match self.rest.first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let hours = self.number(2, 2)?;
        if colon {
            self.has(":");
        }
        let minutes = self.number(2, 2)?;
        civil.offset_minutes = sign * (hours * 60 + minutes);
        (hours <= 24 && minutes <= 60).then_some(())
    }

    /// A zone abbreviation, taken as UTC: three or four capitals, or a sign and two digits.
    fn zone(&mut self) -> Option<()> {
        let capitals = self.rest.iter().take_while(|b| b.is_ascii_uppercase()).count();
        let count = match (capitals, self.rest) {
            (3 | 4, _) => capitals,
            (0, [b'+' | b'-', a, b, ..]) if a.is_ascii_digit() && b.is_ascii_digit() => 3,
            _ => return None,
        };
        self.rest = &self.rest[count..];
        Some(())
    }
}

/// The canonical form, RFC 3339 and their relatives.
fn numeric(cursor: &mut Cursor<'_>) -> Option<Civil> {
    let mut civil = Civil { year: cursor.number(4, 4)?, ..Civil::default() };
    cursor.literal("-")?;
    civil.month = cursor.number(2, 2)?;
    cursor.literal("-")?;
    civil.day = cursor.number(2, 2)?;
    if cursor.rest.is_empty() {
        return Some(civil);
    }
    let with_t = cursor.has("T");
    if !with_t {
        cursor.blank()?;
    }
    cursor.time(&mut civil)?;
    if cursor.rest.is_empty() || cursor.has("Z") {
        return Some(civil);
    }
    if !with_t && cursor.has_blank() {
        let had_colon = cursor.rest.get(3) == Some(&b':');
        cursor.offset(&mut civil, true)?;
        if !had_colon && cursor.has_blank() {
            if cursor.rest == b"UTC" {
                // The name wins: the reference reads the offset as that of nowhere.
                civil.offset_minutes = 0;
            }
            cursor.zone()?;
        }
    } else {
        cursor.offset(&mut civil, true)?;
    }
    Some(civil)
}

/// `02 Jan 2006`
fn day_month_year(cursor: &mut Cursor<'_>) -> Option<Civil> {
    let day = cursor.number(2, 2)?;
    cursor.blank()?;
    let month = cursor.month()?;
    cursor.blank()?;
    Some(Civil { year: cursor.number(4, 4)?, month, day, ..Civil::default() })
}

/// `Mon, 02 Jan 2006 15:04:05 MST` or with `-0700`
fn rfc_1123(cursor: &mut Cursor<'_>) -> Option<Civil> {
    cursor.weekday()?;
    cursor.literal(",")?;
    cursor.blank()?;
    let mut civil = day_month_year(cursor)?;
    cursor.blank()?;
    cursor.time(&mut civil)?;
    cursor.blank()?;
    if cursor.offset(&mut civil, false).is_none() {
        cursor.zone()?;
    }
    Some(civil)
}

/// `Monday, 02-Jan-06 15:04:05 MST`
fn rfc_850(cursor: &mut Cursor<'_>) -> Option<Civil> {
    cursor.name(&["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"])?;
    cursor.literal(",")?;
    cursor.blank()?;
    let day = cursor.number(2, 2)?;
    cursor.literal("-")?;
    let month = cursor.month()?;
    cursor.literal("-")?;
    let mut civil = Civil { year: full_year(cursor.number(2, 2)?), month, day, ..Civil::default() };
    cursor.blank()?;
    cursor.time(&mut civil)?;
    cursor.blank()?;
    cursor.zone()?;
    Some(civil)
}

/// `02 Jan 06 15:04 MST` or with `-0700`
fn rfc_822(cursor: &mut Cursor<'_>) -> Option<Civil> {
    let day = cursor.number(2, 2)?;
    cursor.blank()?;
    let month = cursor.month()?;
    cursor.blank()?;
    let mut civil = Civil { year: full_year(cursor.number(2, 2)?), month, day, ..Civil::default() };
    cursor.blank()?;
    civil.hour = cursor.number(1, 2)?;
    cursor.literal(":")?;
    civil.minute = cursor.number(2, 2)?;
    cursor.blank()?;
    if cursor.offset(&mut civil, false).is_none() {
        cursor.zone()?;
    }
    Some(civil)
}

/// `Mon Jan _2 15:04:05 2006`, with `MST` or `-0700` before the year
fn unix_date(cursor: &mut Cursor<'_>) -> Option<Civil> {
    cursor.weekday()?;
    cursor.blank()?;
    let mut civil = stamp(cursor)?;
    cursor.blank()?;
    if !cursor.rest.first()?.is_ascii_digit() {
        if cursor.offset(&mut civil, false).is_none() {
            cursor.zone()?;
        }
        cursor.blank()?;
    }
    civil.year = cursor.number(4, 4)?;
    Some(civil)
}

/// `Jan _2 15:04:05`, in year 0
fn stamp(cursor: &mut Cursor<'_>) -> Option<Civil> {
    let month = cursor.month()?;
    cursor.blank()?;
    let mut civil = Civil { month, day: cursor.number(1, 2)?, ..Civil::default() };
    cursor.blank()?;
    cursor.time(&mut civil)?;
    Some(civil)
}

/// `3:04PM`, on the first day of year 0
fn kitchen(cursor: &mut Cursor<'_>) -> Option<Civil> {
    let hour = cursor.number(1, 2).filter(|hour| *hour <= 12)?;
    cursor.literal(":")?;
    let minute = cursor.number(2, 2)?;
    let afternoon = if cursor.has("PM") {
        12
    } else {
        cursor.literal("AM")?;
        0
    };
    Some(Civil { month: 1, day: 1, hour: hour % 12 + afternoon, minute, ..Civil::default() })
}

/// Two-digit years from 69 are of the last century.
fn full_year(year: i64) -> i64 {
    if year >= 69 { 1900 + year } else { 2000 + year }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepted_layouts() {
        for (input, want) in [
            ("2024-01-15 10:00:00.123456Z", "2024-01-15 10:00:00.123Z"),
            ("2024-01-15 10:00:00Z", "2024-01-15 10:00:00.000Z"),
            ("2024-01-15 10:00:00.9999", "2024-01-15 10:00:00.999Z"),
            ("2024-01-15 10:00:00,5", "2024-01-15 10:00:00.500Z"),
            ("2024-01-15 1:00:00", "2024-01-15 01:00:00.000Z"),
            ("2024-01-15T10:00:00+02:00", "2024-01-15 08:00:00.000Z"),
            ("2024-01-15T10:00:00+0200", "2024-01-15 08:00:00.000Z"),
            ("2024-01-15T10:00:00", "2024-01-15 10:00:00.000Z"),
            ("2024-01-15T10:00:00.5-0130", "2024-01-15 11:30:00.500Z"),
            ("2024-01-15 10:00:00+02:00", "2024-01-15 08:00:00.000Z"),
            ("2024-01-15 10:00:00 +02:00", "2024-01-15 08:00:00.000Z"),
            ("2024-01-15 10:00:00 +0200 CEST", "2024-01-15 08:00:00.000Z"),
            ("2024-01-15 10:00:00.5 +0200 UTC", "2024-01-15 10:00:00.500Z"),
            ("2024-01-15 10:00:00 +0200 GMT", "2024-01-15 08:00:00.000Z"),
            ("2024-01-15  10:00:00Z", "2024-01-15 10:00:00.000Z"),
            ("2024-01-15 10:00:00   +0200  CEST", "2024-01-15 08:00:00.000Z"),
            ("Mon,  15  Jan 2024 10:00:00 CET", "2024-01-15 10:00:00.000Z"),
            ("2024-01-15 10:00:00 -0200 -02", "2024-01-15 12:00:00.000Z"),
            ("2024-01-15", "2024-01-15 00:00:00.000Z"),
            ("15 Jan 2024", "2024-01-15 00:00:00.000Z"),
            ("Mon, 15 Jan 2024 10:00:00 CET", "2024-01-15 10:00:00.000Z"),
            ("tue, 15 jan 2024 10:00:00.5 +0200", "2024-01-15 08:00:00.500Z"),
            ("Monday, 15-Jan-69 10:00:00 GMT", "1969-01-15 10:00:00.000Z"),
            ("Monday, 15-Jan-68 10:00:00 GMT", "2068-01-15 10:00:00.000Z"),
            ("15 Jan 24 10:00 UTC", "2024-01-15 10:00:00.000Z"),
            ("15 Jan 24 10:00 +0200", "2024-01-15 08:00:00.000Z"),
            ("Mon Jan  5 10:00:00 2024", "2024-01-05 10:00:00.000Z"),
            ("Mon Jan 5 10:00:00 2024", "2024-01-05 10:00:00.000Z"),
            ("Mon Jan 15 10:00:00 UTC 2024", "2024-01-15 10:00:00.000Z"),
            ("Mon Jan 15 10:00:00 +0200 2024", "2024-01-15 08:00:00.000Z"),
            ("10:00PM", "0000-01-01 22:00:00.000Z"),
            ("12:30AM", "0000-01-01 00:30:00.000Z"),
            ("Jan  5 10:00:00.123456", "0000-01-05 10:00:00.123Z"),
            ("2024-02-29", "2024-02-29 00:00:00.000Z"),
            ("0000-01-01 00:00:00Z", "0000-01-01 00:00:00.000Z"),
            ("9999-12-31 23:59:59.999Z", "9999-12-31 23:59:59.999Z"),
            ("2024-01-15T10:00:00+24:00", "2024-01-14 10:00:00.000Z"),
            ("2024-01-15T10:00:00+23:60", "2024-01-14 10:00:00.000Z"),
        ] {
            assert_eq!(parse(input), want, "{input}");
        }
    }

    #[test]
    fn refused_layouts() {
        for input in [
            "",
            " 2024-01-15",
            "2024-01-15 ",
            "2024-01-15 10:00",
            "2024-01-15  ",
            "2024-01-15T  10:00:00Z",
            "2024-01-15 10:00:00  Z",
            "2024-01-15T10:00Z",
            "5 Jan 2024",
            "2024-01-15 10:00:00 UTC",
            "2024-01-15 10:00:00.Z",
            "2024-01-15 10:00:00.",
            "2024-01-15t10:00:00z",
            "2024-01-15 10:00:00z",
            "20240115",
            "1705312800",
            "2024/01/15",
            "2024-1-15",
            "January 15, 2024",
            "10:00:00",
            "10:00 PM",
            "2024-02-30",
            "2023-02-29",
            "2024-13-01",
            "2024-01-15 24:00:00Z",
            "2024-01-15 23:59:60Z",
            "10000-01-01",
            "-001-01-01",
            "0001-01-01 00:00:00.000Z",
            "2024-01-15T10:00:00+02",
            "2024-01-15T10:00:00+25:00",
            "2024-01-15T10:00:00.000 +0200",
            "2024-01-15 10:00:00 +0200 ABCDE",
            "2024-01-15 10:00:00 +0200 ab",
            "2024-01-15 10:00:00 +0200 CEST m=+0.01",
            "Xxx, 15 Jan 2024 10:00:00 +0200",
            "Mon, 5 Jan 2024 10:00:00 GMT",
            "2023-02-29 00:00:00.000Z",
            "2023-04-31 00:00:00.000Z",
            "2023-00-10 00:00:00.000Z",
            "2023-01-00 00:00:00.000Z",
            "２０２４-01-15",
        ] {
            assert_eq!(parse(input), "", "{input}");
        }
    }

    #[test]
    fn issues_quote_rfc_3339() {
        assert_eq!(to_rfc3339("2024-01-01 00:00:00.000Z"), "2024-01-01T00:00:00Z");
        assert_eq!(to_rfc3339("2024-01-01 00:00:00.120Z"), "2024-01-01T00:00:00.12Z");
        assert_eq!(to_rfc3339(""), "");
    }

    proptest! {
        #[test]
        fn date_text_is_a_fixed_point(ms in -62_167_219_200_000i64..253_402_300_800_000) {
            let text = date_text(ms);
            prop_assume!(ms != -62_135_596_800_000);
            prop_assert!(is_canonical(text.as_bytes()), "{}", text);
            prop_assert_eq!(parse_millis(&text), Some(ms));
            prop_assert_eq!(parse(&text), text);
        }

        #[test]
        fn parsing_never_panics(text in ".*|[0-9TZ:. +-]{0,40}|(Mon, |Monday, |Mon )?(Jan|[0-9]{1,2})[ a-zA-Z0-9:+.-]{0,30}") {
            let parsed = parse(&text);
            prop_assert!(parsed.is_empty() || is_canonical(parsed.as_bytes()), "{}", parsed);
        }
    }
}

//! A place on earth.

use rusqlite::types::ValueRef;
use serde_json::Value as Json;

use crate::schema::{GeoPoint, storage};
use crate::validation::Issue;

pub(in crate::schema) const COLUMN: &str = r#"JSON DEFAULT '{"lon":0,"lat":0}' NOT NULL"#;

/// A point from an object or its JSON text; members that are no numbers count as 0.
pub(in crate::schema) fn cast(value: &Json) -> GeoPoint {
    match value {
        Json::Object(members) => {
            let mut point = GeoPoint::default();
            for (key, member) in members {
                let slot = if key.eq_ignore_ascii_case("lon") {
                    &mut point.lon
                } else if key.eq_ignore_ascii_case("lat") {
                    &mut point.lat
                } else {
                    continue;
                };
                if let Some(number) = member.as_f64() {
                    *slot = number;
                }
            }
            point
        }
        Json::String(text) => parse(text),
        _ => GeoPoint::default(),
    }
}

fn parse(text: &str) -> GeoPoint {
    match serde_json::from_str(text) {
        Ok(object @ Json::Object(_)) => cast(&object),
        _ => GeoPoint::default(),
    }
}

pub(in crate::schema) fn check_value(point: GeoPoint, required: bool) -> Result<(), Issue> {
    if point == GeoPoint::default() {
        return if required { Err(Issue::required()) } else { Ok(()) };
    }
    if !(-90.0..=90.0).contains(&point.lat) {
        return Err(Issue::new("validation_invalid_latitude", "Latitude must be between -90 and 90 degrees."));
    }
    if !(-180.0..=180.0).contains(&point.lon) {
        return Err(Issue::new("validation_invalid_longitude", "Longitude must be between -180 and 180 degrees."));
    }
    Ok(())
}

/// A stored column as a point.
pub(in crate::schema) fn read(value: ValueRef<'_>) -> GeoPoint {
    parse(&storage::text(value))
}

pub(in crate::schema) fn write_json(value: ValueRef<'_>, out: &mut Vec<u8>) {
    match value {
        ValueRef::Text(bytes) if is_canonical(bytes) => out.extend_from_slice(bytes),
        other => read(other).write_json(out),
    }
}

/// Whether the text is the form we store, with numbers in their shortest form.
fn is_canonical(bytes: &[u8]) -> bool {
    let numbers = || {
        let rest = bytes.strip_prefix(br#"{"lon":"#)?;
        let (lon, rest) = split_number(rest)?;
        let (lat, rest) = split_number(rest.strip_prefix(br#","lat":"#)?)?;
        (rest == b"}").then_some((lon, lat))
    };
    numbers().is_some_and(|(lon, lat)| is_shortest(lon) && is_shortest(lat))
}

fn split_number(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'.'))?;
    Some(bytes.split_at(end))
}

/// Whether these digits, signs and dots are a decimal number that reads back and prints the same: up to 15 digits do.
fn is_shortest(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    if digits.len() > 15 || digits == b"0" && digits.len() < number.len() {
        return false;
    }
    let mut parts = digits.split(|&b| b == b'.');
    let (whole, fraction, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let is_whole = !whole.is_empty() && (whole == b"0" || whole[0] != b'0') && whole.iter().all(u8::is_ascii_digit);
    let is_fraction = |digits: &[u8]| {
        // Many leading zeros would print with an exponent.
        digits.last().is_some_and(|&b| b != b'0')
            && digits.iter().all(u8::is_ascii_digit)
            && !(whole == b"0" && digits.starts_with(b"000000"))
    };
    more.is_none() && is_whole && fraction.is_none_or(is_fraction)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn casts() {
        for (value, lon, lat) in [
            (json!({"lon": 1, "lat": 2}), 1.0, 2.0),
            (json!({"LON": 1, "Lat": 2, "x": 1}), 1.0, 2.0),
            (json!(r#" {"lon": 1.5, "lat": 2}"#), 1.5, 2.0),
            (json!({"lon": "1", "lat": 2}), 0.0, 2.0),
            (json!({"lon": 1}), 1.0, 0.0),
            (json!({"lon": null, "lat": 3}), 0.0, 3.0),
            (json!([1, 2]), 0.0, 0.0),
            (json!("[1,2]"), 0.0, 0.0),
            (json!("\"{}\""), 0.0, 0.0),
            (json!(null), 0.0, 0.0),
            (json!(5), 0.0, 0.0),
        ] {
            assert_eq!(cast(&value), GeoPoint { lon, lat }, "{value}");
        }
    }

    #[test]
    fn ranges() {
        for (lon, lat, required, want) in [
            (180.0, -90.0, true, None),
            (0.0, 0.0, false, None),
            (0.0, 0.0, true, Some("validation_required")),
            (0.0, 90.1, false, Some("validation_invalid_latitude")),
            (-180.1, 0.0, false, Some("validation_invalid_longitude")),
        ] {
            let code = check_value(GeoPoint { lon, lat }, required).err().map(|issue| issue.code.into_owned());
            assert_eq!(code.as_deref(), want, "{lon} {lat}");
        }
    }

    fn written(stored: &str) -> String {
        let mut out = Vec::new();
        write_json(ValueRef::Text(stored.as_bytes()), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn stored_forms() {
        for (stored, want) in [
            (r#"{"lon":10,"lat":-20.5}"#, r#"{"lon":10,"lat":-20.5}"#),
            (r#"{"lat": 1, "lon": 2.50}"#, r#"{"lon":2.5,"lat":1}"#),
            (r#"{"lon":0.0000001,"lat":0}"#, r#"{"lon":1e-7,"lat":0}"#),
            (r#"{"lon":1.,"lat":0}"#, r#"{"lon":0,"lat":0}"#),
            (r#"{"lon":01,"lat":0}"#, r#"{"lon":0,"lat":0}"#),
            ("garbage", r#"{"lon":0,"lat":0}"#),
            ("", r#"{"lon":0,"lat":0}"#),
        ] {
            assert_eq!(written(stored), want, "{stored}");
        }
    }

    proptest! {
        /// Copying is only a shortcut: the answer is that of the cast.
        #[test]
        fn the_short_cut_changes_nothing(lon in "-?[0-9]{1,4}(\\.[0-9]{0,12})?", lat in "-?0?(\\.0{0,8}[0-9]{0,3})?|[0-9-]{0,3}") {
            let stored = format!(r#"{{"lon":{lon},"lat":{lat}}}"#);
            let mut slow = Vec::new();
            parse(&stored).write_json(&mut slow);
            prop_assert_eq!(written(&stored), String::from_utf8(slow)?);
        }
    }
}

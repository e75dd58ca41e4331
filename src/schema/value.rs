//! A field's value while a record is worked on.

use super::json_text;

/// One field's value. Which variant a field uses depends on its type only (`Field::zero` shows it).
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// text, editor, email, url, date, autodate (date text or empty), password (the hash), and select, relation and
    /// file fields that hold one value.
    Text(String),
    /// number.
    Number(f64),
    /// bool.
    Bool(bool),
    /// select, relation and file fields that hold several values.
    List(Vec<String>),
    /// json: compact text as it goes on the wire (HTML-sensitive characters escaped); `null` when empty.
    Json(String),
    /// geoPoint.
    Geo(GeoPoint),
}

/// A place on earth in degrees; `(0, 0)` means not set.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GeoPoint {
    /// Longitude, -180 to 180.
    pub lon: f64,
    /// Latitude, -90 to 90.
    pub lat: f64,
}

impl GeoPoint {
    /// Writes `{"lon":x,"lat":y}`, which is both the API and the storage form.
    pub fn write_json(self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"lon":"#);
        json_text::write_number(out, self.lon);
        out.extend_from_slice(br#","lat":"#);
        json_text::write_number(out, self.lat);
        out.push(b'}');
    }
}

impl Value {
    /// Writes the JSON of the value. A password field's hash is written like any text: only
    /// [`Field::write_value`](super::Field::write_value) knows to hide it.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => json_text::write_string(out, text),
            Self::Number(number) => json_text::write_number(out, *number),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::List(items) => json_text::write_strings(out, items),
            Self::Json(text) => out.extend_from_slice(text.as_bytes()),
            Self::Geo(point) => point.write_json(out),
        }
    }

    /// The text of a `Text` value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries of a value that holds text, single or several; an empty text is no entry.
    pub fn entries(&self) -> &[String] {
        match self {
            Self::Text(text) if !text.is_empty() => std::slice::from_ref(text),
            Self::List(items) => items,
            _ => &[],
        }
    }
}

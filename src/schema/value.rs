//! A field's value while a record is worked on.

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
    /// json: compact text, object keys sorted; `null` when empty.
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

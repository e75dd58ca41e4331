//! A field as a JSON object: the strict reading of what clients send, the forgiving one of what folders hold, and the
//! writing.

use serde_json::{Map, Value as Json};

use super::fields::{
    AutodateOptions, DateOptions, DomainOptions, EditorOptions, FileOptions, JsonOptions, NumberOptions,
    PasswordOptions, RelationOptions, SelectOptions, TextOptions,
};
use super::{Field, FieldOptions, cast};

/// Why an object is no field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldDecodeError {
    /// `type` names none of the field types, or is missing.
    #[error("unknown field type {0:?}")]
    UnknownType(String),
    /// A key holds a value of the wrong JSON type.
    #[error("field key {key:?} must be {expected}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
}

/// A JSON object whose keys are read by type. Keys match in any case; a missing key and `null` give the zero value.
pub(super) struct Source<'a> {
    object: &'a Map<String, Json>,
    /// Read values of wrong types as zero instead of failing.
    tolerant: bool,
}

impl<'a> Source<'a> {
    fn find(&self, key: &str) -> Option<&'a Json> {
        let found = self.object.get(key).or_else(|| {
            let mut entries = self.object.iter();
            entries.find_map(|(name, value)| name.eq_ignore_ascii_case(key).then_some(value))
        });
        found.filter(|value| !value.is_null())
    }

    fn get<T>(
        &self,
        key: &'static str,
        expected: &'static str,
        convert: impl FnOnce(&'a Json) -> Option<T>,
    ) -> Result<Option<T>, FieldDecodeError> {
        let Some(value) = self.find(key) else { return Ok(None) };
        match convert(value) {
            None if !self.tolerant => Err(FieldDecodeError::WrongType { key, expected }),
            converted => Ok(converted),
        }
    }

    pub(super) fn text(&self, key: &'static str) -> Result<String, FieldDecodeError> {
        Ok(self.get(key, "a string", |value| value.as_str().map(str::to_owned))?.unwrap_or_default())
    }

    pub(super) fn boolean(&self, key: &'static str) -> Result<bool, FieldDecodeError> {
        Ok(self.get(key, "true or false", Json::as_bool)?.unwrap_or_default())
    }

    pub(super) fn integer(&self, key: &'static str) -> Result<i64, FieldDecodeError> {
        let tolerant = self.tolerant;
        let convert = |value: &Json| {
            #[expect(clippy::cast_possible_truncation, reason = "a float to integer cast saturates, which will do")]
            value.as_i64().or_else(|| value.as_f64().filter(|_| tolerant).map(|float| float as i64))
        };
        Ok(self.get(key, "an integer", convert)?.unwrap_or_default())
    }

    pub(super) fn number(&self, key: &'static str) -> Result<Option<f64>, FieldDecodeError> {
        self.get(key, "a number", Json::as_f64)
    }

    pub(super) fn texts(&self, key: &'static str) -> Result<Option<Vec<String>>, FieldDecodeError> {
        self.get(key, "a list of strings", |value| {
            let text = |item: &Json| match item {
                Json::String(text) => Some(text.clone()),
                Json::Null => Some(String::new()),
                _ => None,
            };
            value.as_array()?.iter().map(text).collect()
        })
    }
}

impl Field {
    /// Reads what a client sent; the id may be missing.
    ///
    /// # Errors
    /// An unknown type, or a value of the wrong JSON type (also a decimal where an integer belongs).
    pub fn from_json(object: &Map<String, Json>) -> Result<Self, FieldDecodeError> {
        Self::read_object(&Source { object, tolerant: false })
    }

    /// Reads a field of `_collections.fields`, perhaps written by another version: keys may be missing or have other
    /// types, which gives their defaults.
    ///
    /// # Errors
    /// Only an unknown type.
    pub fn from_stored_json(object: &Map<String, Json>) -> Result<Self, FieldDecodeError> {
        Self::read_object(&Source { object, tolerant: true })
    }

    fn read_object(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        let options = FieldOptions::read(source)?;
        let is_autodate = matches!(options, FieldOptions::Autodate(_));
        Ok(Self {
            id: source.text("id")?,
            name: source.text("name")?,
            system: source.boolean("system")?,
            hidden: source.boolean("hidden")?,
            presentable: source.boolean("presentable")?,
            help: if is_autodate { String::new() } else { source.text("help")? },
            required: !is_autodate && source.boolean("required")?,
            options,
        })
    }

    /// The field's JSON object, for the API and for `_collections.fields` alike.
    pub fn to_json(&self) -> Map<String, Json> {
        let mut object = self.options.to_json();
        let mut put = |key: &str, value: Json| object.insert(key.to_owned(), value);
        put("id", self.id.as_str().into());
        put("name", self.name.as_str().into());
        put("type", self.type_name().into());
        put("system", self.system.into());
        put("hidden", self.hidden.into());
        put("presentable", self.presentable.into());
        if !matches!(self.options, FieldOptions::Autodate(_)) {
            put("help", self.help.as_str().into());
            put("required", self.required.into());
        }
        object
    }
}

impl FieldOptions {
    fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        let type_name = source.text("type")?;
        let Some(default) = Self::new(&type_name) else { return Err(FieldDecodeError::UnknownType(type_name)) };
        Ok(match default {
            Self::Text(_) => Self::Text(TextOptions::read(source)?),
            Self::Editor(_) => Self::Editor(EditorOptions::read(source)?),
            Self::Number(_) => Self::Number(NumberOptions::read(source)?),
            Self::Bool => Self::Bool,
            Self::Email(_) => Self::Email(DomainOptions::read(source)?),
            Self::Url(_) => Self::Url(DomainOptions::read(source)?),
            Self::Date(_) => Self::Date(DateOptions::read(source)?),
            Self::Autodate(_) => Self::Autodate(AutodateOptions::read(source)?),
            Self::Select(_) => Self::Select(SelectOptions::read(source)?),
            Self::Relation(_) => Self::Relation(RelationOptions::read(source)?),
            Self::File(_) => Self::File(FileOptions::read(source)?),
            Self::Password(_) => Self::Password(PasswordOptions::read(source)?),
            Self::Json(_) => Self::Json(JsonOptions::read(source)?),
            Self::GeoPoint => Self::GeoPoint,
        })
    }

    /// The keys of the type's own options.
    fn to_json(&self) -> Map<String, Json> {
        let object = match self {
            Self::Text(options) => serde_json::to_value(options),
            Self::Editor(options) => serde_json::to_value(options),
            Self::Number(options) => serde_json::to_value(options).map(|mut object| {
                object["min"] = options.min.map(cast::json_of_number).into();
                object["max"] = options.max.map(cast::json_of_number).into();
                object
            }),
            Self::Email(options) | Self::Url(options) => serde_json::to_value(options),
            Self::Date(options) => serde_json::to_value(options),
            Self::Autodate(options) => serde_json::to_value(options),
            Self::Select(options) => serde_json::to_value(options),
            Self::Relation(options) => serde_json::to_value(options),
            Self::File(options) => serde_json::to_value(options),
            Self::Password(options) => serde_json::to_value(options),
            Self::Json(options) => serde_json::to_value(options),
            Self::Bool | Self::GeoPoint => return Map::new(),
        };
        match object {
            Ok(Json::Object(object)) => object,
            _ => Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decode(value: Json) -> Result<Field, FieldDecodeError> {
        let Json::Object(object) = value else { panic!("tests pass objects") };
        Field::from_json(&object)
    }

    /// Every type with its keys besides the common ones, at their defaults.
    const TYPES: [(&str, &str); 14] = [
        ("text", r#"{"autogeneratePattern":"","max":0,"min":0,"pattern":"","primaryKey":false}"#),
        ("editor", r#"{"convertURLs":false,"maxSize":0}"#),
        ("number", r#"{"max":null,"min":null,"onlyInt":false}"#),
        ("bool", "{}"),
        ("email", r#"{"exceptDomains":null,"onlyDomains":null}"#),
        ("url", r#"{"exceptDomains":null,"onlyDomains":null}"#),
        ("date", r#"{"max":"","min":""}"#),
        ("autodate", r#"{"onCreate":false,"onUpdate":false}"#),
        ("select", r#"{"maxSelect":0,"values":[]}"#),
        ("relation", r#"{"cascadeDelete":false,"collectionId":"","maxSelect":0,"minSelect":0}"#),
        ("file", r#"{"maxSelect":0,"maxSize":0,"mimeTypes":null,"protected":false,"thumbs":null}"#),
        ("password", r#"{"cost":0,"max":0,"min":0,"pattern":""}"#),
        ("json", r#"{"maxSize":0}"#),
        ("geoPoint", "{}"),
    ];

    #[test]
    fn every_type_has_its_keys() {
        for (kind, own) in TYPES {
            let field = decode(json!({"type": kind, "name": "x", "id": "i"})).unwrap();
            let mut want: Map<String, Json> = serde_json::from_str(own).unwrap();
            let common =
                json!({"id": "i", "name": "x", "type": kind, "system": false, "hidden": false, "presentable": false});
            want.extend(common.as_object().unwrap().clone());
            if kind != "autodate" {
                want.insert("help".into(), "".into());
                want.insert("required".into(), false.into());
            }
            assert_eq!(field.to_json(), want, "{kind}");
            assert_eq!(Field::from_json(&want), Ok(field), "{kind}");
        }
    }

    #[test]
    fn bodies_are_strictly_typed() {
        for (value, expected) in [
            (json!({"type": "text", "min": "5"}), "an integer"),
            (json!({"type": "text", "min": 1.5}), "an integer"),
            (json!({"type": "text", "min": 5.0}), "an integer"),
            (json!({"type": "text", "min": u64::MAX}), "an integer"),
            (json!({"type": "text", "name": 5}), "a string"),
            (json!({"type": "text", "hidden": "true"}), "true or false"),
            (json!({"type": "text", "hidden": 1}), "true or false"),
            (json!({"type": "number", "min": "1"}), "a number"),
            (json!({"type": "date", "min": 5}), "a string"),
            (json!({"type": "email", "onlyDomains": [1]}), "a list of strings"),
            (json!({"type": "email", "onlyDomains": "a.b"}), "a list of strings"),
            (json!({"type": 5}), "a string"),
        ] {
            match decode(value.clone()) {
                Err(FieldDecodeError::WrongType { expected: found, .. }) => assert_eq!(found, expected, "{value}"),
                other => panic!("{value}: {other:?}"),
            }
        }
        for value in [json!({}), json!({"type": null}), json!({"type": "nope"}), json!({"type": "geopoint"})] {
            assert!(matches!(decode(value.clone()), Err(FieldDecodeError::UnknownType(_))), "{value}");
        }
    }

    #[test]
    fn keys_match_in_any_case_and_null_is_no_value() {
        let field = decode(json!({"NAME": "x", "TYPE": "text", "MiN": 3, "max": null, "nope": []})).unwrap();
        let FieldOptions::Text(options) = &field.options else { panic!("{field:?}") };
        assert_eq!((field.name.as_str(), options.min, options.max), ("x", 3, 0));
        let field = decode(json!({"type": "email", "onlyDomains": [null]})).unwrap();
        assert_eq!(field.to_json()["onlyDomains"], json!([""]));
    }

    #[test]
    fn dates_are_normalised_and_whole_bounds_stay_whole() {
        let field = decode(json!({"type": "date", "min": "2024-01-01", "max": "xx"})).unwrap().to_json();
        assert_eq!((&field["min"], &field["max"]), (&json!("2024-01-01 00:00:00.000Z"), &json!("")));
        let field = decode(json!({"type": "number", "min": 5.0, "max": 1e30})).unwrap().to_json();
        assert_eq!((&field["min"], &field["max"]), (&json!(5), &json!(1e30)));
    }

    #[test]
    fn stored_fields_are_read_tolerantly() {
        let stored = json!({"type": "select", "name": "x", "values": null, "maxSelect": 2.0, "hidden": "x", "old": 1});
        let field = Field::from_stored_json(stored.as_object().unwrap()).unwrap();
        assert_eq!(field.options, FieldOptions::Select(SelectOptions { values: vec![], max_select: 2 }));
        assert!(Field::from_stored_json(json!({"type": "user"}).as_object().unwrap()).is_err());
    }
}

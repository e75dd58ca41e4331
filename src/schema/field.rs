//! A collection's field: the keys all types share, and the options of its type.

use serde_json::Value as Json;

use super::fields::{
    AutodateOptions, DateOptions, DomainOptions, EditorOptions, FileOptions, JsonOptions, NumberOptions,
    PasswordOptions, RelationOptions, SelectOptions, TextOptions, date, geo_point, json, select,
};
use super::generate::IdOrder;
use super::{GeoPoint, Modifier, Value, cast, ids};
use crate::validation::Issue;

/// One field of a collection.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the flags of the field's JSON object")]
pub struct Field {
    /// Stable identity: a renamed field keeps it.
    pub id: String,
    /// Column name.
    pub name: String,
    /// Cannot be removed or renamed while set.
    pub system: bool,
    /// Neither shown to nor writable by anyone but superusers.
    pub hidden: bool,
    /// Dashboard hint: part of a record's label.
    pub presentable: bool,
    /// Text shown beside the field in the dashboard; unused by autodate.
    pub help: String,
    /// A non-zero value is needed; unused by autodate.
    pub required: bool,
    /// Type and its options.
    pub options: FieldOptions,
}

/// The 14 field types with their options (reference part 1, section 10).
#[derive(Debug, Clone, PartialEq)]
pub enum FieldOptions {
    /// Plain text; the primary key is one.
    Text(TextOptions),
    /// HTML.
    Editor(EditorOptions),
    /// 64-bit float.
    Number(NumberOptions),
    /// True or false.
    Bool,
    /// E-mail address.
    Email(DomainOptions),
    /// Web address.
    Url(DomainOptions),
    /// Instant given by the client.
    Date(DateOptions),
    /// Instant set by the server.
    Autodate(AutodateOptions),
    /// One or several of fixed values.
    Select(SelectOptions),
    /// Ids of records of a collection.
    Relation(RelationOptions),
    /// Names of uploaded files.
    File(FileOptions),
    /// Password hash.
    Password(PasswordOptions),
    /// Any JSON.
    Json(JsonOptions),
    /// Longitude and latitude.
    GeoPoint,
}

impl FieldOptions {
    /// Default options of a type named as in JSON (exact case); `None` for other names.
    pub fn new(type_name: &str) -> Option<Self> {
        Some(match type_name {
            "text" => Self::Text(TextOptions::default()),
            "editor" => Self::Editor(EditorOptions::default()),
            "number" => Self::Number(NumberOptions::default()),
            "bool" => Self::Bool,
            "email" => Self::Email(DomainOptions::default()),
            "url" => Self::Url(DomainOptions::default()),
            "date" => Self::Date(DateOptions::default()),
            "autodate" => Self::Autodate(AutodateOptions::default()),
            "select" => Self::Select(SelectOptions::default()),
            "relation" => Self::Relation(RelationOptions::default()),
            "file" => Self::File(FileOptions::default()),
            "password" => Self::Password(PasswordOptions::default()),
            "json" => Self::Json(JsonOptions::default()),
            "geoPoint" => Self::GeoPoint,
            _ => return None,
        })
    }

    /// The type's name in JSON.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Editor(_) => "editor",
            Self::Number(_) => "number",
            Self::Bool => "bool",
            Self::Email(_) => "email",
            Self::Url(_) => "url",
            Self::Date(_) => "date",
            Self::Autodate(_) => "autodate",
            Self::Select(_) => "select",
            Self::Relation(_) => "relation",
            Self::File(_) => "file",
            Self::Password(_) => "password",
            Self::Json(_) => "json",
            Self::GeoPoint => "geoPoint",
        }
    }
}

impl Field {
    /// A field with the id derived from its type and name, and no flag set.
    pub fn new(name: &str, options: FieldOptions) -> Self {
        Self {
            id: ids::field_id(options.type_name(), name),
            name: name.to_owned(),
            system: false,
            hidden: false,
            presentable: false,
            help: String::new(),
            required: false,
            options,
        }
    }

    /// The type's name in JSON.
    pub fn type_name(&self) -> &'static str {
        self.options.type_name()
    }

    /// Whether the field holds a list: a select, relation or file field with `maxSelect` above 1.
    pub fn is_multiple(&self) -> bool {
        match &self.options {
            FieldOptions::Select(options) => options.max_select > 1,
            FieldOptions::Relation(options) => options.max_select > 1,
            FieldOptions::File(options) => options.max_select > 1,
            _ => false,
        }
    }

    /// Whether this is the collection's key.
    pub fn is_primary_key(&self) -> bool {
        matches!(&self.options, FieldOptions::Text(options) if options.primary_key)
    }

    /// The value of a record that has none.
    pub fn zero(&self) -> Value {
        match &self.options {
            FieldOptions::Number(_) => Value::Number(0.0),
            FieldOptions::Bool => Value::Bool(false),
            FieldOptions::Json(_) => Value::Json("null".to_owned()),
            FieldOptions::GeoPoint => Value::Geo(GeoPoint::default()),
            _ if self.is_multiple() => Value::List(Vec::new()),
            _ => Value::Text(String::new()),
        }
    }

    /// Whether a required field would refuse the value. For json that is `null`, `""`, `[]` and `{}`.
    pub fn is_zero(&self, value: &Value) -> bool {
        match value {
            Value::Text(text) => text.is_empty(),
            Value::Number(number) => *number == 0.0,
            Value::Bool(flag) => !flag,
            Value::List(items) => items.is_empty(),
            Value::Json(text) => json::is_empty(text),
            Value::Geo(point) => *point == GeoPoint::default(),
        }
    }

    /// The value a client means by `value`. Never fails: what cannot be understood is the zero value.
    ///
    /// A password stays plain here, and the names of a file field may be unknown.
    pub fn cast(&self, value: &Json) -> Value {
        match &self.options {
            FieldOptions::Text(_)
            | FieldOptions::Editor(_)
            | FieldOptions::Email(_)
            | FieldOptions::Url(_)
            | FieldOptions::Password(_) => Value::Text(cast::text(value)),
            FieldOptions::Number(_) => Value::Number(cast::number(value)),
            FieldOptions::Bool => Value::Bool(cast::boolean(value)),
            FieldOptions::Date(_) | FieldOptions::Autodate(_) => Value::Text(date::cast(value)),
            FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_) => {
                select::value_of(cast::list(value), self.is_multiple())
            }
            FieldOptions::Json(_) => Value::Json(json::cast(value)),
            FieldOptions::GeoPoint => Value::Geo(geo_point::cast(value)),
        }
    }

    /// The modifiers of the field's type.
    pub fn modifiers(&self) -> &'static [Modifier] {
        match &self.options {
            FieldOptions::Text(_) => &[Modifier::Autogenerate],
            FieldOptions::Number(_) => &[Modifier::Append, Modifier::Remove],
            FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_) => {
                &[Modifier::Append, Modifier::Prepend, Modifier::Remove]
            }
            _ => &[],
        }
    }

    /// The value after a modifier key; a modifier the type does not have changes nothing.
    ///
    /// `Autogenerate` makes fully random values here: [`autogenerate`](Self::autogenerate) knows time-ordered ids.
    pub fn apply_modifier(&self, modifier: Modifier, current: &Value, operand: &Json) -> Value {
        match (&self.options, modifier, current) {
            (FieldOptions::Text(_), Modifier::Autogenerate, _) => {
                Value::Text(self.autogenerate(&cast::text(operand), 0, IdOrder::Random))
            }
            (FieldOptions::Number(_), Modifier::Append, Value::Number(number)) => {
                Value::Number(number + cast::number(operand))
            }
            (FieldOptions::Number(_), Modifier::Remove, Value::Number(number)) => {
                Value::Number(number - cast::number(operand))
            }
            (FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_), modifier, _) => {
                select::apply(modifier, current, cast::list(operand), self.is_multiple())
            }
            _ => current.clone(),
        }
    }

    /// `prefix` and a text generated from the field's pattern, if it has one. `now_ms` is Unix time in milliseconds.
    pub fn autogenerate(&self, prefix: &str, now_ms: i64, order: IdOrder) -> String {
        match &self.options {
            FieldOptions::Text(options) => options.autogenerate(prefix, now_ms, order),
            _ => None,
        }
        .unwrap_or_else(|| prefix.to_owned())
    }

    /// Checks everything about a record's value that needs no database. `original` is the stored value, `None` on create.
    ///
    /// Not asked here: whether an id is taken, whether related records exist, whether uploads fit, and how a plain
    /// password looks ([`PasswordOptions::validate_plain`]).
    ///
    /// # Errors
    /// The issue of the first check that fails.
    pub fn validate_value(&self, new: &Value, original: Option<&Value>) -> Result<(), Issue> {
        match (&self.options, new) {
            (FieldOptions::Autodate(_), _) => return Ok(()),
            (FieldOptions::Text(options), Value::Text(text)) if options.primary_key => {
                return validate_key(options, text, original);
            }
            // These have checks of their own for values that count as empty.
            (FieldOptions::Number(options), Value::Number(number)) => {
                return options.check_value(*number, self.required);
            }
            (FieldOptions::Json(options), Value::Json(text)) => return options.check_value(text, self.required),
            (FieldOptions::GeoPoint, Value::Geo(point)) => return geo_point::check_value(*point, self.required),
            _ => {}
        }
        if self.is_zero(new) {
            return if self.required { Err(Issue::required()) } else { Ok(()) };
        }
        match (&self.options, new) {
            (FieldOptions::Text(options), Value::Text(text)) => options.check_value(text),
            (FieldOptions::Editor(options), Value::Text(text)) => options.check_value(text),
            (FieldOptions::Email(options), Value::Text(text)) => options.check_email(text),
            (FieldOptions::Url(options), Value::Text(text)) => options.check_url(text),
            (FieldOptions::Date(options), Value::Text(text)) => options.check_value(text),
            (FieldOptions::Select(options), value) => options.check_value(value.entries()),
            (FieldOptions::Relation(options), value) => options.check_value(value.entries()),
            (FieldOptions::File(options), value) => options.check_value(value.entries(), original),
            (FieldOptions::Bool, Value::Bool(_)) | (FieldOptions::Password(_), Value::Text(_)) => Ok(()),
            _ => Err(Issue::new("validation_unsupported_value_type", "The value has the wrong type.")),
        }
    }
}

/// Checks the value of a primary key; `original` is the stored one.
fn validate_key(options: &TextOptions, key: &str, original: Option<&Value>) -> Result<(), Issue> {
    match original.and_then(Value::as_text) {
        // Keys of imported records may break the pattern, and must stay usable.
        Some(stored) if stored == key => Ok(()),
        Some(_) => Err(Issue::new("validation_pk_change", "The id of a record cannot be changed.")),
        None if key.is_empty() => Err(Issue::required()),
        None => {
            options.check_value(key)?;
            options.check_new_key(key)
        }
    }
}

#[cfg(test)]
#[path = "field_tests.rs"]
mod tests;

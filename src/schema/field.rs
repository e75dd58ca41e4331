//! A collection's field: the keys all types share, and the options of its type.

use super::fields::{
    AutodateOptions, DateOptions, DomainOptions, EditorOptions, FileOptions, JsonOptions, NumberOptions,
    PasswordOptions, RelationOptions, SelectOptions, TextOptions,
};

/// One field of a collection.
#[derive(Debug, Clone, PartialEq)]
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

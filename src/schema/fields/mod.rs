//! The field types: one file each, with its options, checks, casts and storage form.
//!
//! The serde form of each options struct is its part of the field's JSON object.

use serde::{Deserialize, Serialize};

/// Options of text fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TextOptions {
    /// Fewest characters; 0 = no limit.
    pub min: i64,
    /// Most characters; 0 = 5000.
    pub max: i64,
    /// Regular expression searched for in the value.
    pub pattern: String,
    /// Regular expression that values are generated from.
    pub autogenerate_pattern: String,
    /// The collection's key.
    pub primary_key: bool,
}

/// Options of editor fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EditorOptions {
    /// Bytes; 0 = 5 MiB.
    pub max_size: i64,
    /// Dashboard hint.
    #[serde(rename = "convertURLs")]
    pub convert_urls: bool,
}

/// Options of number fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NumberOptions {
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
    /// Refuse fractions.
    pub only_int: bool,
}

/// Options of email and url fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DomainOptions {
    /// The only domains accepted; `None` or empty = any.
    pub only_domains: Option<Vec<String>>,
    /// Domains refused.
    pub except_domains: Option<Vec<String>>,
}

/// Options of date fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DateOptions {
    /// Date text, or empty.
    pub min: String,
    /// Date text, or empty.
    pub max: String,
}

/// Options of autodate fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutodateOptions {
    /// Set when the record is created.
    pub on_create: bool,
    /// Set at every later save.
    pub on_update: bool,
}

/// Options of select fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SelectOptions {
    /// Allowed values.
    pub values: Vec<String>,
    /// Most values; up to 1 = a single value.
    pub max_select: i64,
}

/// Options of relation fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RelationOptions {
    /// Id of the target collection.
    pub collection_id: String,
    /// Delete this record when its last target goes.
    pub cascade_delete: bool,
    /// Fewest ids.
    pub min_select: i64,
    /// Most ids; up to 1 = a single value.
    pub max_select: i64,
}

/// Options of file fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileOptions {
    /// Most files; up to 1 = a single value.
    pub max_select: i64,
    /// Bytes for each file; 0 = 5 MiB.
    pub max_size: i64,
    /// Accepted content types; `None` or empty = any.
    pub mime_types: Option<Vec<String>>,
    /// Thumbnail sizes.
    pub thumbs: Option<Vec<String>>,
    /// Needs a file token to download.
    pub protected: bool,
}

/// Options of password fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordOptions {
    /// Fewest characters; 0 = no limit.
    pub min: i64,
    /// Most characters; 0 = 71.
    pub max: i64,
    /// Regular expression searched for in the plain value.
    pub pattern: String,
    /// bcrypt cost of the reference; kept for export, new hashes are Argon2id.
    pub cost: i64,
}

/// Options of json fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JsonOptions {
    /// Bytes; 0 = 1 MiB.
    pub max_size: i64,
}

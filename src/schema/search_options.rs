//! Full-text search of a collection: which fields are searched, and how. An addition of Larder; collections that are not
//! searched do not have the key at all.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::{Field, FieldOptions, ids};
use crate::fulltext::Language;

/// Length of a [`SearchOptions::generation`].
const GENERATION_LENGTH: usize = 15;

/// What is searched in a collection. The serde form is the stored one; [`ApiSearchOptions`] is the one shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchOptions {
    /// The fields that are searched, in the order given.
    pub fields: Vec<SearchedField>,
    /// Name of a [`Language`], or empty.
    pub language: String,
    /// Names of fields whose values can be counted among hits.
    pub facets: Vec<String>,
    /// Whether the last word of a question may be the beginning of one.
    pub prefix: bool,
    /// Whether words may be mistyped.
    pub typos: bool,
    /// Names what an index is made of: another one whenever an index of before would not be right any more. Never shown.
    pub generation: String,
}

/// A field that is searched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchedField {
    /// Name of the field.
    pub name: String,
    /// How much a match in it counts, compared with other fields.
    pub weight: f64,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            fields: Vec::new(),
            language: String::new(),
            facets: Vec::new(),
            prefix: true,
            typos: true,
            generation: String::new(),
        }
    }
}

impl Default for SearchedField {
    fn default() -> Self {
        Self { name: String::new(), weight: 1.0 }
    }
}

impl SearchOptions {
    /// The language of the texts, if one is given that is known.
    pub fn known_language(&self) -> Option<Language> {
        self.language.parse().ok()
    }

    /// Makes indexes of before useless.
    pub fn renew_generation(&mut self) {
        self.generation = ids::random_string(GENERATION_LENGTH, ids::LOWER_ALPHANUMERIC);
    }

    /// Names of all fields it speaks of.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str()).chain(self.facets.iter().map(String::as_str))
    }
}

/// The option in the form the API shows.
#[derive(Debug)]
pub struct ApiSearchOptions<'a>(pub &'a SearchOptions);

impl Serialize for ApiSearchOptions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let options = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("fields", &options.fields)?;
        map.serialize_entry("language", &options.language)?;
        map.serialize_entry("facets", &options.facets)?;
        map.serialize_entry("prefix", &options.prefix)?;
        map.serialize_entry("typos", &options.typos)?;
        map.end()
    }
}

impl Field {
    /// Whether fields of this type hold words.
    pub fn is_searchable(&self) -> bool {
        matches!(
            self.options,
            FieldOptions::Text(_)
                | FieldOptions::Editor(_)
                | FieldOptions::Email(_)
                | FieldOptions::Url(_)
                | FieldOptions::Select(_)
                | FieldOptions::Json(_)
                | FieldOptions::Number(_)
        )
    }

    /// Whether values of this type can be counted among hits.
    pub fn is_facetable(&self) -> bool {
        matches!(
            self.options,
            FieldOptions::Select(_)
                | FieldOptions::Bool
                | FieldOptions::Number(_)
                | FieldOptions::Date(_)
                | FieldOptions::Autodate(_)
                | FieldOptions::Relation(_)
        )
    }
}

//! What an index holds, and a document for it.

use serde::{Deserialize, Serialize};

use super::Language;

/// A text that is searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextField {
    /// Its name in questions such as `title:soup`.
    pub name: String,
    /// How much a match in it counts, compared with other fields.
    pub weight: f32,
}

/// What the values of a facet are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FacetKind {
    /// Texts, told apart exactly as they are.
    Text,
    /// Numbers.
    Number,
    /// True and false.
    Bool,
    /// Times, in milliseconds since 1970.
    Date,
}

/// A column whose values can be counted among hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetField {
    /// The caller's name for it.
    pub name: String,
    /// What its values are.
    pub kind: FacetKind,
}

/// What an index holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexSpec {
    /// The texts that are searched; documents give theirs in this order.
    pub fields: Vec<TextField>,
    /// The language of the texts, or `None` to search words only as they are written.
    pub language: Option<Language>,
    /// The columns that can be counted; documents give their values in this order.
    pub facets: Vec<FacetField>,
}

impl IndexSpec {
    /// The position of the text field of that name.
    pub fn find_field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    /// The position of the facet of that name.
    pub fn find_facet(&self, name: &str) -> Option<usize> {
        self.facets.iter().position(|f| f.name == name)
    }

    /// Whether an index made for the other serves this one: names and weights may differ. Fields and facets are known to an
    /// index by their positions; whether those hold the same as before is for who made the documents to know.
    pub fn has_same_layout(&self, other: &Self) -> bool {
        let kinds = |spec: &Self| spec.facets.iter().map(|facet| facet.kind).collect::<Vec<_>>();
        self.fields.len() == other.fields.len() && self.language == other.language && kinds(self) == kinds(other)
    }
}

/// A value of a facet. A document may have several or none.
#[derive(Clone, Debug, PartialEq)]
pub enum FacetValue {
    /// True or false.
    Bool(bool),
    /// Milliseconds since 1970.
    Date(i64),
    /// A number. Those that are not finite are not counted.
    Number(f64),
    /// A text, exactly as it is.
    Text(String),
}

/// What is indexed of one record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Names it among all documents of the index.
    pub id: String,
    /// For each text field the texts it has there. Phrases do not reach from one text into the next.
    pub texts: Vec<Vec<String>>,
    /// For each facet the values it has.
    pub facets: Vec<Vec<FacetValue>>,
}

/// Which text fields may match, by their positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldSet(Vec<bool>);

impl FieldSet {
    /// All fields.
    pub fn all(spec: &IndexSpec) -> Self {
        Self(vec![true; spec.fields.len()])
    }

    /// Those for which `may_match` says so.
    pub fn only(spec: &IndexSpec, may_match: impl Fn(&TextField) -> bool) -> Self {
        Self(spec.fields.iter().map(may_match).collect())
    }

    /// Whether the field at this position may match.
    pub fn contains(&self, field: usize) -> bool {
        self.0.get(field).copied().unwrap_or(false)
    }

    /// The positions of the fields that may match.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().filter(|(_, may)| **may).map(|(i, _)| i)
    }
}

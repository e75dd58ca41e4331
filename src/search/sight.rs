//! What of an index a caller may look into: which texts may match and be shown, and which facets may be counted.
//!
//! Hidden fields are for superusers, and so are the e-mail addresses of auth collections: whether one is public differs from
//! record to record, which an index cannot tell. Fields are matched by their ids, so that an index of before does not give
//! the text of one field for that of another that has its name by now.

use super::{NotSearchable, SearchFailure, Searchable, texts};
use crate::fulltext::{FieldSet, IndexSpec, Question, TextField};
use crate::query::Plan;
use crate::records::Record;
use crate::schema::{Collection, CollectionKind, Field};

/// A name that nobody can type before a colon.
const NO_NAME: &str = " ";

/// Most facets of a request: each is another pass through all that is found.
const MOST_FACETS: usize = 8;

/// Most names in a parameter.
const MAX_NAMES: usize = 100;

/// What a caller sees of an index.
pub(super) struct Sight {
    /// The specification of the index, by the names fields have now and without those that may not match.
    spec: IndexSpec,
    /// For each text of the index the position of its field among those of the collection, if it may match.
    fields: Vec<Option<usize>>,
    may_match: FieldSet,
    /// For each facet of the index the name of its field, if it may be counted.
    facets: Vec<Option<String>>,
    /// Facets that may be counted once the index is made anew.
    coming: Vec<String>,
    /// Whether the index has something that the caller may not see.
    hides_something: bool,
}

/// A facet somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facet {
    /// Its position in the index.
    pub(super) position: usize,
    /// As it was asked for.
    pub(super) name: String,
}

impl Sight {
    pub(super) fn new(plan: &Plan, index: &Searchable, is_superuser: bool) -> Self {
        let collection = plan.collection();
        let option = collection.search.as_ref();
        let is_searched = |field: &Field| option.is_some_and(|o| o.fields.iter().any(|f| f.name == field.name));
        let is_counted = |field: &Field| option.is_some_and(|o| o.facets.contains(&field.name));
        let is_seen = |field: &Field| is_superuser || !(field.hidden || is_address(collection, field));
        let find = |id: &String| collection.fields.iter().position(|field| field.id == *id);
        let visible = |id: &String, is_wanted: &dyn Fn(&Field) -> bool| {
            find(id).filter(|at| is_wanted(&collection.fields[*at]) && is_seen(&collection.fields[*at]))
        };
        let recipe = &index.recipe;
        let fields: Vec<Option<usize>> = recipe.field_ids().iter().map(|id| visible(id, &is_searched)).collect();
        let facets = recipe.facet_ids().iter();
        let facets: Vec<Option<String>> =
            facets.map(|id| Some(collection.fields[visible(id, &is_counted)?].name.clone())).collect();
        let coming = collection.fields.iter().filter(|field| is_counted(field) && is_seen(field));
        let coming = coming.map(|field| field.name.clone()).filter(|name| !facets.contains(&Some(name.clone())));
        let coming = coming.collect();
        let is_indexed =
            |field: &Field| recipe.field_ids().contains(&field.id) || recipe.facet_ids().contains(&field.id);
        let hides_something = collection.fields.iter().any(|field| is_indexed(field) && !is_seen(field));
        let mut spec = index.snapshot.spec().clone();
        for (text, at) in spec.fields.iter_mut().zip(&fields) {
            text.name = at.map_or_else(|| NO_NAME.to_owned(), |at| collection.fields[at].name.clone());
        }
        let may_match = FieldSet::only(&spec, |text: &TextField| text.name != NO_NAME);
        Self { spec, fields, may_match, facets, coming, hides_something }
    }

    /// Takes apart what was typed.
    pub(super) fn question(&self, text: &str, limits: &crate::fulltext::Limits) -> Question {
        Question::parse(text, &self.spec, limits)
    }

    /// The fields that may match.
    pub(super) fn may_match(&self) -> &FieldSet {
        &self.may_match
    }

    /// Whether the index has something that the caller may not see.
    pub(super) fn hides_something(&self) -> bool {
        self.hides_something
    }

    /// The facets that a parameter names, separated by commas.
    ///
    /// # Errors
    /// For names that are no facets, hidden ones, and too many.
    pub(super) fn parse_facets(&self, parameter: &str) -> Result<Vec<Facet>, SearchFailure> {
        let mut facets: Vec<Facet> = Vec::new();
        let names = names(parameter)?;
        if names.len() > MOST_FACETS {
            return Err(SearchFailure::bad_query(format!("`facets` may name up to {MOST_FACETS} facets")));
        }
        for name in names {
            let position = self.facets.iter().position(|facet| facet.as_deref() == Some(name));
            let Some(position) = position else {
                if self.coming.iter().any(|coming| coming == name) {
                    return Err(NotSearchable::Building.into());
                }
                return Err(SearchFailure::bad_query(format!("`{}` is no facet of the collection", clip(name))));
            };
            if !facets.iter().any(|facet| facet.position == position) {
                facets.push(Facet { position, name: name.to_owned() });
            }
        }
        Ok(facets)
    }

    /// The texts of the index that a parameter names, separated by commas; `*` is all.
    ///
    /// # Errors
    /// For names that are no searched fields, and hidden ones.
    pub(super) fn parse_highlight(&self, parameter: &str) -> Result<Vec<usize>, SearchFailure> {
        let mut wanted = Vec::new();
        for name in names(parameter)? {
            if name == "*" {
                return Ok(self.may_match.iter().collect());
            }
            let text = self.spec.find_field(name).ok_or_else(|| {
                SearchFailure::bad_query(format!("`{}` is no searched field of the collection", clip(name)))
            })?;
            if !wanted.contains(&text) {
                wanted.push(text);
            }
        }
        Ok(wanted)
    }

    /// As [`parse_highlight`](Self::parse_highlight), passing over names of no searched fields.
    pub(super) fn known_highlight(&self, parameter: &str) -> Result<Vec<usize>, SearchFailure> {
        let known: Vec<&str> =
            names(parameter)?.into_iter().filter(|n| *n == "*" || self.spec.find_field(n).is_some()).collect();
        self.parse_highlight(&known.join(","))
    }

    /// The texts of the index by weight, greatest first, that may be shown.
    pub(super) fn by_weight(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.may_match.iter().collect();
        all.sort_by(|a, b| self.spec.fields[*b].weight.total_cmp(&self.spec.fields[*a].weight));
        all
    }

    /// The name of a text of the index.
    pub(super) fn name(&self, text: usize) -> &str {
        &self.spec.fields[text].name
    }

    /// What a record has for a text of the index; nothing if the caller may not see it.
    pub(super) fn texts(&self, record: &Record, text: usize) -> Vec<String> {
        let Some(at) = self.fields.get(text).copied().flatten() else { return Vec::new() };
        match (record.collection().fields.get(at), record.values().get(at)) {
            (Some(field), Some(value)) => texts(field, value),
            _ => Vec::new(),
        }
    }
}

/// Whether it is a field whose values are shown by the `emailVisibility` of each record.
fn is_address(collection: &Collection, field: &Field) -> bool {
    matches!(collection.kind, CollectionKind::Auth(_)) && field.name == "email"
}

fn names(parameter: &str) -> Result<Vec<&str>, SearchFailure> {
    let names: Vec<&str> =
        parameter.split(',').map(str::trim).filter(|name| !name.is_empty()).take(MAX_NAMES + 1).collect();
    if names.len() > MAX_NAMES { Err(SearchFailure::bad_query("too many fields are named")) } else { Ok(names) }
}

/// A name as it is repeated in a message.
fn clip(name: &str) -> &str {
    &name[..name.floor_char_boundary(100)]
}

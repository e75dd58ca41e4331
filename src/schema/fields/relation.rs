//! Ids of records of a collection. Whether the records exist is asked by `records`.

use serde::{Deserialize, Serialize};

use super::check_range;
use super::select::check_count;
use crate::schema::field_json::Source;
use crate::schema::{FieldDecodeError, FieldOptions, OptionsContext};
use crate::validation::{Issue, ValidationErrors};

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

/// What a relation may or may not point to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// A base or auth collection.
    Table,
    /// A view.
    View,
}

impl RelationOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self {
            collection_id: source.text("collectionId")?,
            cascade_delete: source.boolean("cascadeDelete")?,
            min_select: source.integer("minSelect")?,
            max_select: source.integer("maxSelect")?,
        })
    }

    pub(in crate::schema) fn check_options(&self, context: &OptionsContext<'_>, errors: &mut ValidationErrors) {
        if let Err(issue) = self.check_target(context) {
            errors.add("collectionId", issue);
        }
        check_range(errors, "minSelect", self.min_select, 0, i64::MAX);
        if self.max_select == 0 && self.min_select > 0 {
            errors.add("maxSelect", Issue::required());
        }
        check_range(errors, "maxSelect", self.max_select, self.min_select, i64::MAX);
    }

    fn check_target(&self, context: &OptionsContext<'_>) -> Result<(), Issue> {
        if self.collection_id.is_empty() {
            return Err(Issue::required());
        }
        if let Some(FieldOptions::Relation(stored)) = context.stored.map(|field| &field.options)
            && stored.collection_id != self.collection_id
        {
            return Err(Issue::new("validation_field_relation_change", "The target of a relation cannot be changed."));
        }
        match (context.find_collection)(&self.collection_id) {
            None => {
                Err(Issue::new("validation_field_relation_missing_collection", "There is no collection with this id."))
            }
            Some(TargetKind::View) if !context.owner_is_view => {
                Err(Issue::new("validation_relation_field_non_view_base_collection", "Only views may point to views."))
            }
            Some(_) => Ok(()),
        }
    }

    /// Checks the number of ids of a value that has any.
    pub(in crate::schema) fn check_value(&self, entries: &[String]) -> Result<(), Issue> {
        if i64::try_from(entries.len()).is_ok_and(|count| count < self.min_select) {
            let issue = Issue::new("validation_not_enough_values", format!("Select at least {}.", self.min_select));
            return Err(issue.with("minSelect", self.min_select));
        }
        check_count(entries, self.max_select)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let options = RelationOptions { min_select: 2, max_select: 3, ..RelationOptions::default() };
        for (count, want) in
            [(1, Some("validation_not_enough_values")), (2, None), (3, None), (4, Some("validation_too_many_values"))]
        {
            let entries = vec!["x".to_owned(); count];
            let code = options.check_value(&entries).err().map(|issue| issue.code.into_owned());
            assert_eq!(code.as_deref(), want, "{count}");
        }
    }
}

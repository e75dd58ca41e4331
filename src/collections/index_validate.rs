//! Checks of index definitions (reference part 1, section 6.3). Whether SQLite accepts them shows when they are made.

use crate::collections::error::CollectionError;
use crate::collections::validate::Subject;
use crate::query::IndexDefinition;
use crate::schema::Collection;
use crate::validation::{Issue, ValidationErrors};

/// Most indexes of a collection.
pub(crate) const MAX_INDEXES: usize = 100;

/// Longest definition, in bytes.
pub(crate) const MAX_INDEX_BYTES: usize = 10_000;

/// Checks the list; the first error is the only one.
pub(super) fn validate_indexes(subject: &Subject<'_>, errors: &mut ValidationErrors) -> Result<(), CollectionError> {
    let new = subject.new;
    if new.is_view() {
        if !new.indexes.is_empty() {
            let text = "Views cannot have indexes.";
            errors.add("indexes", Issue::new("validation_indexes_not_supported", text));
        }
        return Ok(());
    }
    if new.indexes.len() > MAX_INDEXES {
        let issue =
            Issue::new("validation_length_out_of_range", format!("At most {MAX_INDEXES} indexes are possible."));
        errors.add("indexes", issue.with("min", 0).with("max", MAX_INDEXES));
        return Ok(());
    }
    let mut seen: Vec<IndexDefinition> = Vec::with_capacity(new.indexes.len());
    for (position, sql) in new.indexes.iter().enumerate() {
        let index = IndexDefinition::parse(sql).filter(|_| sql.len() <= MAX_INDEX_BYTES);
        let issue = match &index {
            None => Some(Issue::new("validation_invalid_index_expression", "This is not a CREATE INDEX statement.")),
            Some(index) => check_index(subject, index, &seen)?,
        };
        if let Some(issue) = issue {
            errors.add(&format!("indexes.{position}"), issue);
            return Ok(());
        }
        seen.extend(index);
    }
    if let Some(issue) = subject.old.and_then(|old| missing_system_index(old, &seen)) {
        errors.add("indexes", issue);
    } else if let Some(column) = missing_auth_index(new, &seen) {
        let issue = Issue::new("validation_missing_required_unique_index", format!("{column} needs a unique index."));
        errors.add("indexes", issue.with("fieldName", column));
    }
    Ok(())
}

fn check_index(
    subject: &Subject<'_>,
    index: &IndexDefinition,
    earlier: &[IndexDefinition],
) -> Result<Option<Issue>, CollectionError> {
    if earlier.iter().any(|other| other.name.eq_ignore_ascii_case(&index.name)) {
        return Ok(Some(Issue::new("validation_duplicated_index_name", "Another index has this name.")));
    }
    if let Some(table) = other_table_with_index(subject, &index.name)? {
        let message = format!("An index of {table} has this name.");
        return Ok(Some(Issue::new("validation_existing_index_name", message).with("usedTableName", table)));
    }
    if earlier.iter().any(|other| other.is_same_definition(index)) {
        let text = "Another index is defined the same way.";
        return Ok(Some(Issue::new("validation_duplicated_index_definition", text)));
    }
    Ok(None)
}

/// The table of an index of this name that belongs to another collection.
fn other_table_with_index(subject: &Subject<'_>, name: &str) -> Result<Option<String>, CollectionError> {
    let mut query = subject
        .conn
        .prepare_cached("SELECT tbl_name FROM sqlite_master WHERE type = 'index' AND name = ?1 COLLATE NOCASE")?;
    let tables = query.query_map([name], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let own = |table: &String| {
        table.eq_ignore_ascii_case(&subject.new.name)
            || subject.old.is_some_and(|old| table.eq_ignore_ascii_case(&old.name))
    };
    Ok(tables.into_iter().find(|table| !own(table)))
}

/// A column of a unique index on system fields that is gone.
fn missing_system_index(old: &Collection, new: &[IndexDefinition]) -> Option<Issue> {
    let columns = |index: &IndexDefinition| -> Vec<String> {
        index.columns.iter().map(|column| column.expression.to_lowercase()).collect()
    };
    for index in old.indexes.iter().filter_map(|sql| IndexDefinition::parse(sql)).filter(|index| index.unique) {
        let is_system =
            |name: &str| old.fields.iter().any(|field| field.system && field.name.eq_ignore_ascii_case(name));
        let system_column = index.columns.iter().find(|column| is_system(&column.expression));
        if let Some(column) = system_column
            && !new.iter().any(|other| other.unique && columns(other) == columns(&index))
        {
            let message = format!("The unique index of the system field {} must stay.", column.expression);
            let issue = Issue::new("validation_invalid_unique_system_field_index", message);
            return Some(issue.with("fieldName", column.expression.as_str()));
        }
    }
    None
}

fn missing_auth_index(new: &Collection, indexes: &[IndexDefinition]) -> Option<&'static str> {
    let is_covered = |column: &str| {
        indexes.iter().any(|index| index.unique_column().is_some_and(|name| name.eq_ignore_ascii_case(column)))
    };
    new.auth_options()?;
    ["tokenKey", "email"].into_iter().find(|column| !is_covered(column))
}

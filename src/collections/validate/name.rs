//! Collection names (reference part 1, section 2.3).

use super::{Subject, format_issue, length_issue};
use crate::db::DbError;
use crate::schema::{has_via, is_word};
use crate::validation::Issue;

/// Longest name, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// The first thing wrong with the name.
pub(super) fn check_name(subject: &Subject<'_>) -> Result<Option<Issue>, DbError> {
    let name = &subject.new.name;
    let is_changed = subject.old.is_none_or(|old| !old.name.eq_ignore_ascii_case(name)) && !subject.is_import;
    let issue = if name.is_empty() {
        Issue::required()
    } else if name.len() > MAX_NAME_BYTES {
        length_issue(1, MAX_NAME_BYTES)
    } else if has_via(name) {
        Issue::new("validation_found_via", "`_via_` is reserved for relations.")
    } else if !is_word(name) {
        format_issue()
    } else if subject.old.is_some_and(|old| old.system && old.name != *name) {
        Issue::new("validation_collection_system_name_change", "System collections cannot be renamed.")
    } else if subject.others().any(|other| other.name.eq_ignore_ascii_case(name)) {
        Issue::new("validation_collection_name_exists", "Another collection has this name.")
    } else if subject.others().any(|other| other.id == *name) || (subject.is_import && subject.new.id == *name) {
        Issue::new("validation_collection_name_id_duplicate", "Another collection has this as its id.")
    } else if is_changed && is_table(subject, name)? {
        Issue::new("validation_collection_name_invalid", "A table of the server has this name.")
    } else {
        return Ok(None);
    };
    Ok(Some(issue))
}

fn is_table(subject: &Subject<'_>, name: &str) -> Result<bool, DbError> {
    let mut query = subject.conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE)",
    )?;
    Ok(query.query_row([name], |row| row.get(0))?)
}

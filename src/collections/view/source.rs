//! Where the values of a view's column come from.

use super::infer::find_source;
use super::query_parse::{parse_query, trim_query};
use crate::schema::{Collection, CollectionKind, Schema};

/// Views of views that are followed.
const MAX_DEPTH: usize = 10;

/// The collection and field that a view's field copies, however many views are between; `None` if it is computed.
pub fn view_source<'s>(schema: &'s Schema, view: &Collection, field: &str) -> Option<(&'s Collection, &'s str)> {
    let mut found = source_in(schema, view, field)?;
    for _ in 0..MAX_DEPTH {
        if !found.0.is_view() {
            return Some(found);
        }
        found = source_in(schema, found.0, found.1)?;
    }
    None
}

fn source_in<'s>(schema: &'s Schema, view: &Collection, field: &str) -> Option<(&'s Collection, &'s str)> {
    let CollectionKind::View { query } = &view.kind else { return None };
    let parsed = parse_query(trim_query(query)).ok()?;
    let column = parsed.columns.iter().find(|column| column.alias == field)?;
    let (collection, field) = find_source(&column.expression, &parsed, schema.all().iter().map(AsRef::as_ref))?;
    Some((collection, &field.name))
}

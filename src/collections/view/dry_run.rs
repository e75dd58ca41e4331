//! Trying a view query without making a view.

use rusqlite::Connection;

use super::inspect::{RowCheck, inspect};
use crate::collections::error::CollectionError;
use crate::collections::guarded::{Readable, select_only};
use crate::collections::store;
use crate::schema::{Field, ids, json_text};
use crate::validation::Issue;

/// Longest query of a dry run, in bytes.
pub const MAX_DRY_RUN_QUERY_BYTES: usize = 5000;

/// Rows shown.
const SAMPLE_ROWS: usize = 10;

/// What a view of a query would look like.
#[derive(Debug, Clone, PartialEq)]
pub struct DryRun {
    /// Fields in the order of the query.
    pub fields: Vec<Field>,
    /// The first rows as record JSON; hidden fields are left out.
    pub sample: Vec<String>,
}

/// Inspects a query and reads its first rows. Nothing is written, so this also works on a read-only connection.
///
/// # Errors
/// [`CollectionError::Invalid`] for an empty or too long query, [`CollectionError::ViewQuery`] for one that cannot be
/// a view.
pub fn dry_run_view(conn: &Connection, query: &str) -> Result<DryRun, CollectionError> {
    if query.is_empty() {
        return Err(CollectionError::invalid("query", Issue::required()));
    }
    if query.len() > MAX_DRY_RUN_QUERY_BYTES {
        let message = format!("Must be at most {MAX_DRY_RUN_QUERY_BYTES} bytes long.");
        let issue =
            Issue::new("validation_length_too_long", message).with("min", 0).with("max", MAX_DRY_RUN_QUERY_BYTES);
        return Err(CollectionError::invalid("query", issue));
    }
    let collections = store::load_all(conn)?;
    let inspected = inspect(conn, query, &collections, &[], RowCheck::FirstRows)?;
    if let Some(problem) = inspected.problem {
        return Err(CollectionError::ViewQuery(problem));
    }
    let readable = Readable::load(conn, &collections)?;
    let sql = format!("SELECT * FROM ({}) LIMIT {SAMPLE_ROWS}", inspected.select);
    let sample = select_only(conn, &readable, || {
        read_records(conn, &sql, &inspected.fields).map_err(|error| match CollectionError::from_statement(error) {
            CollectionError::Rejected(reason) => CollectionError::ViewQuery(reason),
            other => other,
        })
    })?;
    Ok(DryRun { fields: inspected.fields, sample })
}

/// Rows as record JSON, keys in order of their names.
fn read_records(conn: &Connection, sql: &str, fields: &[Field]) -> Result<Vec<String>, rusqlite::Error> {
    let name = format!("temp_view_{}", ids::random_string(5, ids::ALPHANUMERIC));
    let id = ids::collection_id("view", &name);
    let mut keys: Vec<(&str, Source<'_>)> =
        vec![("collectionId", Source::Constant(&id)), ("collectionName", Source::Constant(&name))];
    keys.extend(
        fields
            .iter()
            .enumerate()
            .filter(|(_, field)| !field.hidden)
            .map(|(at, field)| (field.name.as_str(), Source::Column(at, field))),
    );
    keys.sort_by_key(|(key, _)| *key);
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let mut json = vec![b'{'];
        for (position, (key, source)) in keys.iter().enumerate() {
            if position > 0 {
                json.push(b',');
            }
            json_text::write_string(&mut json, key);
            json.push(b':');
            match source {
                Source::Constant(text) => json_text::write_string(&mut json, text),
                Source::Column(at, field) => field.write_json(row.get_ref(*at)?, &mut json),
            }
        }
        json.push(b'}');
        records.push(String::from_utf8_lossy(&json).into_owned());
    }
    Ok(records)
}

/// Where a key's value comes from.
enum Source<'a> {
    Constant(&'a str),
    Column(usize, &'a Field),
}

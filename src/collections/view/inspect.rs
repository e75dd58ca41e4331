//! Checks a view query against the database and finds its fields (reference part 1, section 7.1).

use std::rc::Rc;

use rusqlite::Connection;

use super::forbidden::forbidden_word;
use super::infer::infer_fields;
use super::query_parse::{parse_query, trim_query};
use crate::collections::error::CollectionError;
use crate::collections::guarded::{Readable, select_only};
use crate::collections::validate::fields::target_kind;
use crate::query::quote_identifier;
use crate::schema::{Collection, Field, OptionsContext};

/// Longest view query, in bytes.
pub(crate) const MAX_VIEW_QUERY_BYTES: usize = 50_000;

/// Longest reason in a message, in characters.
const MAX_REASON_CHARS: usize = 500;

/// Rows that are looked at for empty and repeated ids.
const CHECKED_ROWS: usize = 10;

/// What is known about a view query.
pub(in crate::collections) struct InspectedQuery {
    /// As many fields as could be found out.
    pub(in crate::collections) fields: Vec<Field>,
    /// The `SELECT` for the view, whose `id` is text.
    pub(in crate::collections) select: String,
    /// Why the query cannot be a view.
    pub(in crate::collections) problem: Option<String>,
}

impl InspectedQuery {
    fn refused(problem: &impl ToString) -> Self {
        Self { fields: Vec::new(), select: String::new(), problem: Some(shorten(&problem.to_string())) }
    }
}

/// Whether the rows of the query are looked at too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::collections) enum RowCheck {
    FirstRows,
    None,
}

/// Inspects a query that reads from `collections`; `previous` are the view's fields before, if it exists.
///
/// Nothing is written: the query is compiled and run as an ordinary `SELECT` under the guard.
pub(in crate::collections) fn inspect(
    conn: &Connection,
    query: &str,
    collections: &[Collection],
    previous: &[Field],
    rows: RowCheck,
) -> Result<InspectedQuery, CollectionError> {
    let query = trim_query(query);
    if query.len() > MAX_VIEW_QUERY_BYTES {
        return Ok(InspectedQuery::refused(&format!("it is longer than {MAX_VIEW_QUERY_BYTES} bytes")));
    }
    if let Some(word) = forbidden_word(query) {
        return Ok(InspectedQuery::refused(&format!("`{word}` is not allowed, use ON")));
    }
    let parsed = match parse_query(query) {
        Ok(parsed) => parsed,
        Err(error) => return Ok(InspectedQuery::refused(&error)),
    };
    // A comment at the end would swallow the parenthesis that follows.
    let end = if query.contains("--") { "\n" } else { "" };
    let query = format!("{}{end}", parsed.with_aliases(query));
    let readable = Readable::load(conn, collections)?;
    let columns = match compile(conn, &readable, &query)? {
        Ok(columns) => columns,
        Err(reason) => return Ok(InspectedQuery::refused(&reason)),
    };
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut inspected = InspectedQuery {
        fields: infer_fields(&names, &parsed, collections, previous),
        select: with_text_id(&query, &columns),
        problem: None,
    };
    inspected.problem = find_problem(conn, &readable, &inspected, collections, rows)?;
    Ok(inspected)
}

/// A result column as SQLite sees it.
struct ResultColumn {
    name: String,
    is_text: bool,
}

/// Compiles the query; `Err` inside `Ok` is SQLite's objection.
fn compile(
    conn: &Connection,
    readable: &Rc<Readable>,
    query: &str,
) -> Result<Result<Vec<ResultColumn>, String>, CollectionError> {
    let sql = format!("SELECT * FROM ({query})");
    select_only(conn, readable, || {
        let statement = match conn.prepare(&sql) {
            Ok(statement) => statement,
            Err(error) => return objection(error).map(Err),
        };
        if statement.parameter_count() > 0 {
            return Ok(Err("parameters are not allowed in views".to_owned()));
        }
        let columns = statement.columns().map(|column| ResultColumn {
            name: column.name().to_owned(),
            is_text: column.decl_type().is_some_and(|kind| kind.eq_ignore_ascii_case("text")),
        });
        Ok(Ok(columns.collect()))
    })
}

/// SQLite's words if it refused the statement; the error itself if the store failed.
fn objection(error: rusqlite::Error) -> Result<String, CollectionError> {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) {
        return Ok("it takes too long to look at its first rows".to_owned());
    }
    match CollectionError::from_statement(error) {
        CollectionError::Rejected(reason) => Ok(reason),
        other => Err(other),
    }
}

/// The query, wrapped so that `id` is text if its column is not declared so.
fn with_text_id(query: &str, columns: &[ResultColumn]) -> String {
    if columns.iter().all(|column| column.name != "id" || column.is_text) {
        return query.to_owned();
    }
    let list: Vec<String> = columns
        .iter()
        .map(|column| {
            let name = quote_identifier(&column.name);
            if column.name == "id" { format!("CAST({name} as TEXT) {name}") } else { name }
        })
        .collect();
    format!("SELECT {} FROM ({query})", list.join(","))
}

/// The first thing wrong with a query that compiles.
fn find_problem(
    conn: &Connection,
    readable: &Rc<Readable>,
    inspected: &InspectedQuery,
    collections: &[Collection],
    rows: RowCheck,
) -> Result<Option<String>, CollectionError> {
    if !inspected.fields.iter().any(|field| field.name == "id") {
        return Ok(Some("it has no `id` column: `(ROW_NUMBER() OVER()) AS id` makes one".to_owned()));
    }
    for field in &inspected.fields {
        let context = OptionsContext {
            find_collection: &|id| target_kind(collections, id),
            owner_is_view: true,
            stored: None,
            primary_keys: 1,
        };
        let errors = field.validate_options(&context);
        if !errors.is_empty() {
            return Ok(Some(shorten(&format!("the column `{}` cannot be a field: {}", field.name, errors.summary()))));
        }
    }
    if rows == RowCheck::None {
        return Ok(None);
    }
    let sql = format!("SELECT `id` FROM ({}) LIMIT {CHECKED_ROWS}", inspected.select);
    let ids = select_only(conn, readable, || {
        let read = || conn.prepare(&sql)?.query_map([], |row| row.get::<_, Option<String>>(0))?.collect();
        match read() {
            Ok(ids) => Ok(Ok::<Vec<Option<String>>, String>(ids)),
            Err(rusqlite::Error::InvalidColumnType(..)) => Ok(Err("its ids are not text".to_owned())),
            Err(error) => objection(error).map(Err),
        }
    })?;
    let mut ids = match ids {
        Ok(ids) => ids,
        Err(reason) => return Ok(Some(reason)),
    };
    if ids.iter().any(|id| id.as_deref().is_none_or(str::is_empty)) {
        return Ok(Some("it returns rows without an id".to_owned()));
    }
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Ok(Some("it returns several rows with the same id".to_owned()));
    }
    Ok(None)
}

fn shorten(reason: &str) -> String {
    reason.chars().take(MAX_REASON_CHARS).collect()
}

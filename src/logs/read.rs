//! Reading logs: list, one, numbers by hour.

use std::sync::{Arc, LazyLock};

use rusqlite::{OptionalExtension, params_from_iter};

use super::error::LogsError;
use crate::collections::{DEFAULT_PER_PAGE, ListParams, MAX_PER_PAGE};
use crate::db::{DbError, ReadTx};
use crate::query::{Catalog, Plan, RequestInfo, Selection, SelectionQuery, Window};
use crate::records::{Positions, scan};
use crate::schema::fields::{JsonOptions, NumberOptions, TextOptions};
use crate::schema::{Collection, CollectionKind, Field, FieldOptions, Rules, json_text};

/// Largest answer, in bytes.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// Entries as filters see them.
static TABLE: LazyLock<Arc<Plan>> = LazyLock::new(|| {
    let text = |name| Field::new(name, FieldOptions::Text(TextOptions::default()));
    Arc::new(Plan::new(Arc::new(Collection {
        search: None,
        id: String::new(),
        name: "_logs".to_owned(),
        system: true,
        rules: Rules::default(),
        fields: vec![
            text("id"),
            text("created"),
            Field::new("data", FieldOptions::Json(JsonOptions::default())),
            text("message"),
            Field::new("level", FieldOptions::Number(NumberOptions::default())),
        ],
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        kind: CollectionKind::Base,
    })))
});

/// No filter reads anything but entries.
static NO_COLLECTIONS: LazyLock<Catalog> = LazyLock::new(Catalog::default);

fn request(now_ms: i64) -> RequestInfo {
    RequestInfo { now_ms, ..RequestInfo::default() }
}

fn select<'a>(request: &'a RequestInfo, filter: &str, sort: &str) -> Result<Selection<'a>, LogsError> {
    // Not as a superuser, who could ask for `@request` and `@collection`: neither is there.
    let query = SelectionQuery { rule: None, filter, sort, is_superuser: false };
    let selection = Selection::compile(&NO_COLLECTIONS, request, &TABLE, &query);
    selection.map_err(|error| LogsError::BadQuery(error.to_string()))
}

/// A page of entries as the JSON envelope.
pub(super) fn list(tx: &ReadTx<'_>, params: &ListParams, now_ms: i64) -> Result<Vec<u8>, LogsError> {
    let per_page = match params.per_page {
        1.. => params.per_page.min(i64::try_from(MAX_PER_PAGE).unwrap_or(i64::MAX)),
        _ => i64::try_from(DEFAULT_PER_PAGE).unwrap_or(i64::MAX),
    };
    let page = params.page.max(1);
    let request = request(now_ms);
    let selection = select(&request, &params.filter, &params.sort)?;
    let window = Window { limit: per_page, offset: (page - 1).saturating_mul(per_page), after: None };
    let mut out = Vec::with_capacity(16 * 1024);
    out.extend_from_slice(b"{\"items\":[");
    // One look at every entry for the page and the total; without a total the page alone may take less.
    let scanned = if params.skip_total { None } else { scan(tx, &selection, &window)? };
    let total = if let Some(Positions { total, rows }) = scanned {
        let mut query = tx.prepare_cached(TABLE.select_by_position())?;
        for (n, position) in rows.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            query.query_row([position], |row| Ok(write_entry(row, &mut out)))??;
        }
        total
    } else {
        let statement = selection.select_page(&window, false);
        let mut query = tx.prepare_cached(&statement.sql).map_err(of_statement)?;
        let mut rows = query.query(params_from_iter(&statement.values)).map_err(of_statement)?;
        let mut is_first = true;
        while let Some(row) = rows.next().map_err(of_statement)? {
            if !std::mem::take(&mut is_first) {
                out.push(b',');
            }
            write_entry(row, &mut out)?;
        }
        if params.skip_total {
            -1
        } else {
            let statement = selection.select_count(None);
            tx.query_row(&statement.sql, params_from_iter(&statement.values), |row| row.get(0)).map_err(of_statement)?
        }
    };
    let pages = if total < 0 { -1 } else { total / per_page + i64::from(total % per_page > 0) };
    let tail = format!("],\"page\":{page},\"perPage\":{per_page},\"totalItems\":{total},\"totalPages\":{pages}}}");
    out.extend_from_slice(tail.as_bytes());
    Ok(out)
}

/// One entry as JSON.
pub(super) fn view(tx: &ReadTx<'_>, id: &str) -> Result<Vec<u8>, LogsError> {
    let mut out = Vec::with_capacity(1024);
    let mut query = tx.prepare_cached(TABLE.select_by_id())?;
    let found = query.query_row([id], |row| Ok(write_entry(row, &mut out))).optional()?;
    found.ok_or(LogsError::NotFound)??;
    Ok(out)
}

/// The number of entries of each hour that has any.
pub(super) fn stats(tx: &ReadTx<'_>, filter: &str, now_ms: i64) -> Result<Vec<u8>, LogsError> {
    let request = request(now_ms);
    let selection = select(&request, filter, "")?;
    let statement = selection.select_positions();
    let condition =
        if selection.is_unconditional() { String::new() } else { format!("WHERE _rowid_ IN ({})", statement.sql) };
    // Up to the hour, as the text of dates has it.
    let sql = format!(
        "SELECT substr(created, 1, 13), COUNT(*) FROM _logs {condition} GROUP BY substr(created, 1, 13) ORDER BY 1"
    );
    let values = if condition.is_empty() { Vec::new() } else { statement.values };
    let mut query = tx.prepare_cached(&sql).map_err(of_statement)?;
    let mut rows = query.query(params_from_iter(&values)).map_err(of_statement)?;
    let mut out = vec![b'['];
    while let Some(row) = rows.next().map_err(of_statement)? {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"date\":");
        json_text::write_string(&mut out, &format!("{}:00:00.000Z", text(row, 0)?));
        let total: i64 = row.get(1)?;
        out.extend_from_slice(format!(",\"total\":{total}}}").as_bytes());
    }
    out.push(b']');
    Ok(out)
}

/// What SQLite cannot compute is the expression's fault.
fn of_statement(error: rusqlite::Error) -> LogsError {
    crate::records::RecordError::of_statement(error).into()
}

/// An entry of an imported file may hold anything.
fn text<'r>(row: &'r rusqlite::Row<'_>, at: usize) -> Result<std::borrow::Cow<'r, str>, DbError> {
    let value = row.get_ref(at)?;
    Ok(value.as_bytes_or_null().ok().flatten().map(String::from_utf8_lossy).unwrap_or_default())
}

/// Writes the row of an entry as an item, with the keys in the order of the reference.
fn write_entry(row: &rusqlite::Row<'_>, out: &mut Vec<u8>) -> Result<(), LogsError> {
    for (at, key) in [(0, "{\"id\":"), (1, ",\"created\":"), (2, ",\"data\":"), (3, ",\"message\":")] {
        out.extend_from_slice(key.as_bytes());
        let value = text(row, at)?;
        if at != 2 {
            json_text::write_string(out, &value);
        } else if !json_text::write_compact(out, &value) {
            out.extend_from_slice(b"{}");
        }
    }
    out.extend_from_slice(b",\"level\":");
    json_text::write_integer(out, row.get_ref(4).map_err(DbError::from)?.as_i64().unwrap_or(0));
    out.push(b'}');
    if out.len() > MAX_ANSWER_BYTES {
        return Err(LogsError::BadQuery("the answer would be too large: ask for fewer entries at a time".to_owned()));
    }
    Ok(())
}

//! Listing records.

use std::sync::Arc;

use rusqlite::params_from_iter;

use super::access::Access;
use super::cursor::{Cursor, ListKey};
use super::page::{Page, PageWriter, Total};
use super::positions::{Positions, scan};
use super::{Action, RecordError, Request, check_rule};
use crate::db::ReadTx;
use crate::query::{Plan, Selection, SelectionQuery, Statement, Window};

/// Longest filter that is compiled on the asking thread, in bytes.
const INLINE_FILTER_BYTES: usize = 500;

/// Most joins of a statement that is planned on the asking thread.
const INLINE_JOINS: usize = 16;

/// Parameters of a list as sent; absent ones are empty (reference part 2, section 8).
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the reference describes each")]
pub struct ListQuery<'a> {
    pub page: &'a str,
    pub per_page: &'a str,
    pub skip_total: &'a str,
    pub sort: &'a str,
    pub filter: &'a str,
    pub expand: &'a str,
    /// Present for paging by cursor: empty for the first page, else the `nextCursor` of the page before.
    pub cursor: Option<&'a str>,
    /// Most records counted.
    pub max_total: &'a str,
}

/// A list that is ready to be read: the caller may ask for it, and its parameters make sense.
pub(crate) struct PreparedList<'a> {
    pub(crate) plan: &'a Arc<Plan>,
    pub(crate) page: Page,
    /// The records the caller may list, filtered and sorted.
    pub(crate) selection: Selection<'a>,
}

/// Checks the list rule and compiles a list.
///
/// # Errors
/// As [`list`].
pub(crate) fn prepare<'a>(
    tx: &ReadTx<'_>,
    request: Request<'a>,
    collection: &str,
    query: &ListQuery<'_>,
) -> Result<PreparedList<'a>, RecordError> {
    let plan = request.catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    let access = check_rule(request, plan, Action::List)?;
    let is_superuser = request.caller.is_superuser();
    let names = |word: &str| query.filter.contains(word) || query.sort.contains(word);
    if !is_superuser && (names("@request.") || names("@collection.")) {
        return Err(RecordError::SuperuserQuery);
    }
    let page = Page::parse(query)?;
    let rule = match access {
        Access::All => None,
        Access::If(rule) => Some(rule),
    };
    let what = SelectionQuery { rule, filter: query.filter, sort: query.sort, is_superuser };
    // What takes long to compile or to plan is not for the asking thread, and no budget sees it there.
    if query.filter.len() > INLINE_FILTER_BYTES {
        tx.leave_worker()?;
    }
    let selection = Selection::compile(request.catalog, request.info, plan, &what)
        .map_err(|error| RecordError::BadQuery(error.to_string()))?;
    if selection.joins() > INLINE_JOINS {
        tx.leave_worker()?;
    }
    Ok(PreparedList { plan, page, selection })
}

/// A page of records as the JSON envelope.
///
/// # Errors
/// [`RecordError::BadQuery`] for parameters that make no sense, [`RecordError::SuperuserQuery`] for a filter or sort that
/// only superusers may use.
pub fn list(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    collection: &str,
    query: &ListQuery<'_>,
) -> Result<Vec<u8>, RecordError> {
    let PreparedList { plan, page, mut selection } = prepare(tx, request, collection, query)?;
    let mut writer = PageWriter::new(tx, request, query.expand);
    if let Some(cursor) = query.cursor {
        if selection.is_random() {
            return Err(RecordError::BadQuery("a random order has no next page".into()));
        }
        selection.order_completely();
        let list = ListKey { collection: &plan.collection().id, filter: query.filter, sort: query.sort };
        let next = writer.write_after(plan, &selection, Cursor::parse(cursor, &list)?, page.size, &list)?;
        let total = count(tx, plan, &selection, page)?;
        return Ok(writer.finish(page, total, &[("nextCursor", next)]));
    }
    let window = Window { limit: page.size, offset: page.offset(), after: None };
    // One look at every row serves both the page and the total.
    let one_scan = !page.skip_total && page.max_total.is_none() && !selection.is_unconditional() && !plan.is_view();
    let scanned = if one_scan { scan(tx, &selection, &window)? } else { None };
    let total = if let Some(Positions { total, rows }) = scanned {
        writer.write_positions(plan, &rows)?;
        Total { items: total, is_capped: false }
    } else {
        writer.write_rows(plan, &selection.select_page(&window, false), page.size, 0)?;
        count(tx, plan, &selection, page)?
    };
    Ok(writer.finish(page, total, &[]))
}

fn count(tx: &ReadTx<'_>, plan: &Plan, selection: &Selection<'_>, page: Page) -> Result<Total, RecordError> {
    if page.skip_total {
        return Ok(Total { items: -1, is_capped: false });
    }
    let cap = page.max_total.map(|max| max.saturating_add(1));
    let counted: i64 = if selection.is_unconditional() && cap.is_none() {
        tx.prepare_cached(plan.count())?.query_row([], |row| row.get(0))?
    } else {
        let Statement { sql, values } = selection.select_count(cap);
        let mut query = tx.prepare_cached(&sql).map_err(RecordError::of_statement)?;
        query.query_row(params_from_iter(values), |row| row.get(0)).map_err(RecordError::of_statement)?
    };
    let is_capped = page.max_total.is_some_and(|max| counted > max);
    Ok(Total { items: page.max_total.map_or(counted, |max| counted.min(max)), is_capped })
}

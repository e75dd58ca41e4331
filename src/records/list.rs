//! Listing records.

use rusqlite::params_from_iter;

use super::access::{Access, may_manage};
use super::cursor::{Cursor, ListKey};
use super::positions::{Positions, scan};
use super::serialize::{MAX_ANSWER_BYTES, write_expanded};
use super::show::expand_records;
use super::{Action, Record, RecordError, Request, Visibility, check_rule, write_stored};
use crate::db::ReadTx;
use crate::query::{Plan, Selection, SelectionQuery, SqlValue, Statement, Window};

/// Page size without `perPage`.
const DEFAULT_PER_PAGE: i64 = 30;

/// Largest page.
const MAX_PER_PAGE: i64 = 1000;

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

/// The page asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Page {
    number: i64,
    size: i64,
    skip_total: bool,
    max_total: Option<i64>,
}

impl Page {
    fn parse(query: &ListQuery<'_>) -> Result<Self, RecordError> {
        let number = |name: &str, text: &str, default: i64| match text {
            "" => Ok(default),
            text => text.parse().map_err(|_| RecordError::BadQuery(format!("`{name}` must be a whole number"))),
        };
        let page = number("page", query.page, 1)?;
        let size = number("perPage", query.per_page, DEFAULT_PER_PAGE)?;
        let skip_total = match query.skip_total {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => true,
            "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => false,
            _ => return Err(RecordError::BadQuery("`skipTotal` must be true or false".into())),
        };
        let size = if size <= 0 { DEFAULT_PER_PAGE } else { size.min(MAX_PER_PAGE) };
        let max_total = match query.max_total {
            "" => None,
            text => match text.parse() {
                Ok(max) if max > 0 => Some(max),
                _ => return Err(RecordError::BadQuery("`maxTotal` must be a whole number above 0".into())),
            },
        };
        Ok(Self { number: page.max(1), size, skip_total, max_total })
    }
}

/// How many records there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Total {
    /// -1 if not asked for.
    items: i64,
    /// Whether there are more than were counted.
    is_capped: bool,
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
    let mut selection = Selection::compile(request.catalog, request.info, plan, &what)
        .map_err(|error| RecordError::BadQuery(error.to_string()))?;
    if selection.joins() > INLINE_JOINS {
        tx.leave_worker()?;
    }
    let mut writer = PageWriter { tx, request, plan, expand: query.expand, out: Vec::with_capacity(16 * 1024) };
    writer.out.extend_from_slice(b"{\"items\":[");
    if let Some(cursor) = query.cursor {
        if selection.is_random() {
            return Err(RecordError::BadQuery("a random order has no next page".into()));
        }
        selection.order_completely();
        let list = ListKey { collection: &plan.collection().id, filter: query.filter, sort: query.sort };
        let next = writer.write_after(&selection, Cursor::parse(cursor, &list)?, page.size, &list)?;
        let total = count(tx, plan, &selection, page)?;
        return Ok(writer.finish(page, total, Some(&next)));
    }
    let offset = (page.number - 1).saturating_mul(page.size);
    let window = Window { limit: page.size, offset, after: None };
    // One look at every row serves both the page and the total.
    let one_scan = !page.skip_total && page.max_total.is_none() && !selection.is_unconditional() && !plan.is_view();
    let scanned = if one_scan { scan(tx, &selection, &window)? } else { None };
    let total = if let Some(Positions { total, rows }) = scanned {
        writer.write_positions(&rows)?;
        Total { items: total, is_capped: false }
    } else {
        writer.write_rows(&selection.select_page(&window, false), page.size, 0)?;
        count(tx, plan, &selection, page)?
    };
    Ok(writer.finish(page, total, None))
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

/// What was written of a statement's rows.
#[derive(Debug, Default)]
struct Written {
    /// The columns behind the fields of the last row of a full page.
    last_keys: Vec<SqlValue>,
    /// Whether there are rows behind the page.
    has_more: bool,
}

/// Writes the items of a page.
struct PageWriter<'a, 't> {
    tx: &'a ReadTx<'t>,
    request: Request<'a>,
    plan: &'a std::sync::Arc<Plan>,
    expand: &'a str,
    out: Vec<u8>,
}

impl PageWriter<'_, '_> {
    /// Rows are written as they come unless something has to be looked up for all of them together.
    fn writes_rows(&self) -> bool {
        self.expand.is_empty() && !may_manage(self.request, self.plan)
    }

    /// Writes the first rows of a statement, at most `size`; `keys` is the number of columns behind the fields.
    fn write_rows(&mut self, statement: &Statement, size: i64, keys: usize) -> Result<Written, RecordError> {
        self.tx.announce_statement(&statement.sql)?;
        let mut query = self.tx.prepare_cached(&statement.sql).map_err(RecordError::of_statement)?;
        let mut rows = query.query(params_from_iter(&statement.values)).map_err(RecordError::of_statement)?;
        let (mut records, mut count, mut written) = (Vec::new(), 0, Written::default());
        let fields = self.plan.collection().fields.len();
        while let Some(row) = rows.next().map_err(RecordError::of_statement)? {
            if count == size {
                written.has_more = true;
                break;
            }
            if self.writes_rows() {
                self.write_row(row, count == 0)?;
            } else {
                records.push(Record::from_row(self.plan, row)?);
            }
            count += 1;
            if count == size {
                let key = |at| Ok(row.get_ref(at)?.into());
                written.last_keys = (fields..fields + keys).map(key).collect::<Result<_, RecordError>>()?;
            }
        }
        self.write_records(records)?;
        Ok(written)
    }

    /// Writes a page behind a cursor; yields the cursor of the next page as JSON, `null` if there is none.
    fn write_after(
        &mut self,
        selection: &Selection<'_>,
        after: Option<Cursor>,
        size: i64,
        list: &ListKey<'_>,
    ) -> Result<String, RecordError> {
        let keys = selection.descending().len();
        let after = after.map(|cursor| cursor.values(keys)).transpose()?;
        // One more than asked for tells whether this page is the last.
        let window = Window { limit: size + 1, offset: 0, after };
        let written = self.write_rows(&selection.select_page(&window, true), size, keys)?;
        if !written.has_more {
            return Ok("null".to_owned());
        }
        Ok(format!("\"{}\"", Cursor::new(written.last_keys).to_text(list)?))
    }

    /// Writes the records at these positions of the table.
    fn write_positions(&mut self, positions: &[i64]) -> Result<(), RecordError> {
        let mut query = self.tx.prepare_cached(self.plan.select_by_position())?;
        let mut records = Vec::new();
        for (n, position) in positions.iter().enumerate() {
            let mut rows = query.query([position])?;
            let Some(row) = rows.next()? else { continue };
            if self.writes_rows() {
                self.write_row(row, n == 0)?;
            } else {
                records.push(Record::from_row(self.plan, row)?);
            }
        }
        self.write_records(records)
    }

    fn write_row(&mut self, row: &rusqlite::Row<'_>, is_first: bool) -> Result<(), RecordError> {
        if !is_first {
            self.out.push(b',');
        }
        write_stored(self.plan, row, Visibility::of(self.request.caller), &mut self.out)?;
        self.check_size()
    }

    fn write_records(&mut self, records: Vec<Record>) -> Result<(), RecordError> {
        for (n, record) in expand_records(self.tx, self.request, records, self.expand)?.iter().enumerate() {
            if n > 0 {
                self.out.push(b',');
            }
            write_expanded(self.tx, record, Visibility::of(self.request.caller), &mut self.out)?;
            self.check_size()?;
        }
        Ok(())
    }

    fn check_size(&self) -> Result<(), RecordError> {
        self.tx.announce_work(self.out.len())?;
        if self.out.len() > MAX_ANSWER_BYTES { Err(RecordError::TooLarge) } else { Ok(()) }
    }

    /// Closes the envelope. `next`: where paging is by cursor, that of the next page as JSON.
    fn finish(mut self, page: Page, total: Total, next: Option<&str>) -> Vec<u8> {
        let Total { items, is_capped } = total;
        let pages = if items < 0 { -1 } else { items / page.size + i64::from(items % page.size > 0) };
        self.out.push(b']');
        if let Some(next) = next {
            self.out.extend_from_slice(format!(",\"nextCursor\":{next}").as_bytes());
        }
        let (number, size) = (page.number, page.size);
        let tail = format!(",\"page\":{number},\"perPage\":{size},\"totalItems\":{items}");
        self.out.extend_from_slice(tail.as_bytes());
        if page.max_total.is_some() {
            self.out.extend_from_slice(format!(",\"totalIsCapped\":{is_capped}").as_bytes());
        }
        self.out.extend_from_slice(format!(",\"totalPages\":{pages}}}").as_bytes());
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_clamped_or_refused() {
        for (page, per_page, skip, want) in [
            ("", "", "", Some((1, 30, false))),
            ("-3", "0", "0", Some((1, 30, false))),
            ("+2", "5000", "T", Some((2, 1000, true))),
            ("9223372036854775807", "1", "", Some((i64::MAX, 1, false))),
            ("x", "", "", None),
            ("1.5", "", "", None),
            ("", "99999999999999999999", "", None),
            ("", "", "yes", None),
        ] {
            let query = ListQuery { page, per_page, skip_total: skip, ..ListQuery::default() };
            let got = Page::parse(&query).ok();
            assert_eq!(got.map(|p| (p.number, p.size, p.skip_total)), want, "{page} {per_page} {skip}");
        }
    }
}

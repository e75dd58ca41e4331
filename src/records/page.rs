//! A page of records: which one is asked for, and the envelope it is sent in.

use std::sync::Arc;

use rusqlite::params_from_iter;

use super::access::may_manage;
use super::cursor::{Cursor, ListKey};
use super::list::ListQuery;
use super::serialize::{MAX_ANSWER_BYTES, write_expanded};
use super::show::expand_records;
use super::{Record, RecordError, Request, Visibility, write_stored};
use crate::db::ReadTx;
use crate::query::{Plan, Selection, SqlValue, Statement, Window};

/// Page size without `perPage`.
const DEFAULT_PER_PAGE: i64 = 30;

/// Largest page.
const MAX_PER_PAGE: i64 = 1000;

/// The page asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// From 1 on.
    pub(crate) number: i64,
    /// Most records in it.
    pub(crate) size: i64,
    pub(crate) skip_total: bool,
    /// Most records counted.
    pub(crate) max_total: Option<i64>,
}

impl Page {
    pub(crate) fn parse(query: &ListQuery<'_>) -> Result<Self, RecordError> {
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

    /// Records before it.
    pub(crate) fn offset(&self) -> i64 {
        (self.number - 1).saturating_mul(self.size)
    }
}

/// How many records there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Total {
    /// -1 if not asked for.
    pub(crate) items: i64,
    /// Whether there are more than were counted.
    pub(crate) is_capped: bool,
}

/// What was written of a statement's rows.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The columns behind the fields of the last row of a full page.
    last_keys: Vec<SqlValue>,
    /// Whether there are rows behind the page.
    has_more: bool,
}

/// Writes the items of a page.
pub(crate) struct PageWriter<'a, 't> {
    tx: &'a ReadTx<'t>,
    request: Request<'a>,
    expand: &'a str,
    out: Vec<u8>,
}

impl<'a, 't> PageWriter<'a, 't> {
    /// Begins the envelope. `expand` is the parameter.
    pub(crate) fn new(tx: &'a ReadTx<'t>, request: Request<'a>, expand: &'a str) -> Self {
        let mut out = Vec::with_capacity(16 * 1024);
        out.extend_from_slice(b"{\"items\":[");
        Self { tx, request, expand, out }
    }

    /// Rows are written as they come unless something has to be looked up for all of them together.
    fn writes_rows(&self, plan: &Plan) -> bool {
        self.expand.is_empty() && !may_manage(self.request, plan)
    }

    /// Writes the first rows of a statement, at most `size`; `keys` is the number of columns behind the fields.
    pub(super) fn write_rows(
        &mut self,
        plan: &Arc<Plan>,
        statement: &Statement,
        size: i64,
        keys: usize,
    ) -> Result<Written, RecordError> {
        self.tx.announce_statement(&statement.sql)?;
        let mut query = self.tx.prepare_cached(&statement.sql).map_err(RecordError::of_statement)?;
        let mut rows = query.query(params_from_iter(&statement.values)).map_err(RecordError::of_statement)?;
        let (mut records, mut count, mut written) = (Vec::new(), 0, Written::default());
        let fields = plan.collection().fields.len();
        while let Some(row) = rows.next().map_err(RecordError::of_statement)? {
            if count == size {
                written.has_more = true;
                break;
            }
            if self.writes_rows(plan) {
                self.write_row(plan, row, count == 0)?;
            } else {
                records.push(Record::from_row(plan, row)?);
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
    pub(super) fn write_after(
        &mut self,
        plan: &Arc<Plan>,
        selection: &Selection<'_>,
        after: Option<Cursor>,
        size: i64,
        list: &ListKey<'_>,
    ) -> Result<String, RecordError> {
        let keys = selection.descending().len();
        let after = after.map(|cursor| cursor.values(keys)).transpose()?;
        // One more than asked for tells whether this page is the last.
        let window = Window { limit: size + 1, offset: 0, after };
        let written = self.write_rows(plan, &selection.select_page(&window, true), size, keys)?;
        if !written.has_more {
            return Ok("null".to_owned());
        }
        Ok(format!("\"{}\"", Cursor::new(written.last_keys).to_text(list)?))
    }

    /// Writes the records at these positions of the table.
    pub(super) fn write_positions(&mut self, plan: &Arc<Plan>, positions: &[i64]) -> Result<(), RecordError> {
        let mut query = self.tx.prepare_cached(plan.select_by_position())?;
        let mut records = Vec::new();
        for (n, position) in positions.iter().enumerate() {
            let mut rows = query.query([position])?;
            let Some(row) = rows.next()? else { continue };
            if self.writes_rows(plan) {
                self.write_row(plan, row, n == 0)?;
            } else {
                records.push(Record::from_row(plan, row)?);
            }
        }
        self.write_records(records)
    }

    fn write_row(&mut self, plan: &Plan, row: &rusqlite::Row<'_>, is_first: bool) -> Result<(), RecordError> {
        if !is_first {
            self.out.push(b',');
        }
        write_stored(plan, row, Visibility::of(self.request.caller), &mut self.out)?;
        self.check_size()
    }

    fn write_records(&mut self, records: Vec<Record>) -> Result<(), RecordError> {
        self.write_records_with(records, |_, _| Ok(()))
    }

    /// Writes records of one collection. What `lead` writes of a record, a member without comma, becomes its first.
    pub(crate) fn write_records_with<E: From<RecordError>>(
        &mut self,
        records: Vec<Record>,
        lead: impl Fn(&Record, &mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut member = Vec::new();
        for shown in &expand_records(self.tx, self.request, records, self.expand)? {
            if self.out.last() != Some(&b'[') {
                self.out.push(b',');
            }
            let start = self.out.len();
            write_expanded(self.tx, shown, Visibility::of(self.request.caller), &mut self.out)?;
            member.clear();
            lead(&shown.record, &mut member)?;
            if !member.is_empty() {
                // A record always has members of its own.
                member.push(b',');
                self.out.splice(start + 1..=start, member.iter().copied());
            }
            self.check_size()?;
        }
        Ok(())
    }

    fn check_size(&self) -> Result<(), RecordError> {
        self.tx.announce_work(self.out.len())?;
        if self.out.len() > MAX_ANSWER_BYTES { Err(RecordError::TooLarge) } else { Ok(()) }
    }

    /// Closes the envelope. `more`: members between the items and the number of the page, in JSON.
    pub(crate) fn finish(mut self, page: Page, total: Total, more: &[(&str, String)]) -> Vec<u8> {
        let Total { items, is_capped } = total;
        let pages = if items < 0 { -1 } else { items / page.size + i64::from(items % page.size > 0) };
        self.out.push(b']');
        for (key, json) in more {
            self.out.extend_from_slice(format!(",\"{key}\":{json}").as_bytes());
        }
        let (number, size) = (page.number, page.size);
        let tail = format!(",\"page\":{number},\"perPage\":{size},\"totalItems\":{items}");
        self.out.extend_from_slice(tail.as_bytes());
        if page.max_total.is_some() || is_capped {
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

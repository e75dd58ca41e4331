//! Listing records.

use crate::db::ReadTx;

use super::access::Access;
use super::{Action, RecordError, Visibility, check_rule, write_stored};
use crate::identity::Caller;
use crate::query::{Catalog, Plan, Sort};

/// Page size without `perPage`.
const DEFAULT_PER_PAGE: i64 = 30;

/// Largest page.
const MAX_PER_PAGE: i64 = 1000;

/// Largest answer, in bytes. A page of records with large fields would otherwise take all memory.
const MAX_ANSWER_BYTES: usize = 256 << 20;

/// Parameters of a list as sent; absent ones are empty (reference part 2, section 8).
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the reference describes each")]
pub struct ListQuery<'a> {
    pub page: &'a str,
    pub per_page: &'a str,
    pub skip_total: &'a str,
    pub sort: &'a str,
    pub filter: &'a str,
}

/// The page asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Page {
    number: i64,
    size: i64,
    skip_total: bool,
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
        Ok(Self { number: page.max(1), size, skip_total })
    }
}

/// A page of records as the JSON envelope.
///
/// # Errors
/// [`RecordError::BadQuery`] for an unknown sort field or any filter (its language is not there yet).
pub fn list(
    tx: &ReadTx<'_>,
    catalog: &Catalog,
    caller: &Caller,
    collection: &str,
    query: &ListQuery<'_>,
) -> Result<Vec<u8>, RecordError> {
    let plan = catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    let access = check_rule(&plan.collection().rules, Action::List, caller)?;
    let names = |word: &str| query.filter.contains(word) || query.sort.contains(word);
    if !caller.is_superuser() && (names("@request.") || names("@collection.")) {
        return Err(RecordError::SuperuserQuery);
    }
    let page = Page::parse(query)?;
    if !query.filter.is_empty() {
        return Err(RecordError::BadQuery("filters are not supported yet".into()));
    }
    let sort = Sort::parse(query.sort, plan, caller.is_superuser())
        .map_err(|error| RecordError::BadQuery(error.to_string()))?;
    let mut out = Vec::with_capacity(16 * 1024);
    out.extend_from_slice(b"{\"items\":[");
    if access == Access::All {
        write_items(tx, plan, caller, page, &sort, &mut out)?;
    }
    let total = match access {
        _ if page.skip_total => -1,
        Access::Nothing => 0,
        Access::All => tx.prepare_cached(plan.count())?.query_row([], |row| row.get(0))?,
    };
    let pages = if total < 0 { -1 } else { total / page.size + i64::from(total % page.size > 0) };
    let tail =
        format!("],\"page\":{},\"perPage\":{},\"totalItems\":{total},\"totalPages\":{pages}}}", page.number, page.size);
    out.extend_from_slice(tail.as_bytes());
    Ok(out)
}

fn write_items(
    tx: &ReadTx<'_>,
    plan: &Plan,
    caller: &Caller,
    page: Page,
    sort: &Sort,
    out: &mut Vec<u8>,
) -> Result<(), RecordError> {
    let offset = (page.number - 1).saturating_mul(page.size);
    let mut query = tx.prepare_cached(&plan.select_page(sort.order_by()))?;
    let mut rows = query.query([page.size, offset])?;
    let mut is_first = true;
    while let Some(row) = rows.next()? {
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        write_stored(plan, row, Visibility::of(caller), out)?;
        tx.announce_work(out.len())?;
        if out.len() > MAX_ANSWER_BYTES {
            return Err(RecordError::TooLarge);
        }
    }
    Ok(())
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

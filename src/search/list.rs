//! `search=` on the list of a collection: an ordinary list of the records that match, best first.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::find::{Finder, MAX_CANDIDATES, time_left};
use super::shown::{facets_json, write_member};
use super::sight::Sight;
use super::{Indexes, SearchFailure};
use crate::db::ReadTx;
use crate::query::Window;
use crate::records::{self, ListQuery, PageWriter, Record, RecordError, Request, Total};

/// Longest time a search may take, unless a superuser makes it.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// A list with a question.
#[derive(Debug, Clone, Copy, Default)]
pub struct SearchQuery<'a> {
    /// What was typed.
    pub text: &'a str,
    /// Names of fields that are shown with what matches marked, or `*`.
    pub highlight: &'a str,
    /// Names of facets to count.
    pub facets: &'a str,
    /// All else.
    pub list: ListQuery<'a>,
}

/// When a search has to be done. `patience` is what superusers have.
pub(super) fn deadline(request: Request<'_>, patience: Duration) -> Instant {
    Instant::now() + if request.caller.is_superuser() { patience } else { patience.min(TIME_LIMIT) }
}

/// A page of the records that match, as the JSON envelope. `patience`: longest time for superusers.
///
/// # Errors
/// Those of a list first: whoever may not list may not search.
pub fn list(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    indexes: &Indexes,
    collection: &str,
    query: &SearchQuery<'_>,
    patience: Duration,
) -> Result<Vec<u8>, SearchFailure> {
    let deadline = deadline(request, patience);
    let records::PreparedList { plan, page, mut selection } = records::prepare(tx, request, collection, &query.list)?;
    if query.list.cursor.is_some() {
        return Err(SearchFailure::bad_query("a search has no cursors, use `page`"));
    }
    let index = indexes.snapshot(&plan.collection().id)?;
    let sight = Sight::new(plan, &index, request.caller.is_superuser());
    let facets = sight.parse_facets(query.facets)?;
    let highlight = sight.parse_highlight(query.highlight)?;
    let offset = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    let question = sight.question(query.text, indexes.limits());
    let best = offset.saturating_add(size).min(MAX_CANDIDATES);
    let finder = Finder { plan, index: &index, sight: &sight, question, facets: &facets, deadline, best };
    let found = finder.find(tx, &mut selection, query.text)?;

    let scores: HashMap<&str, f32> = found.hits.iter().map(|hit| (hit.id.as_str(), hit.score)).collect();
    let records = if selection.is_sorted() {
        let ids: Vec<String> = found.hits.iter().map(|hit| hit.id.clone()).collect();
        selection.keep_only(&ids);
        let window = Window { limit: page.size, offset: page.offset(), after: None };
        let is_beyond = offset >= ids.len();
        let rows = if is_beyond { None } else { records::scan(tx, &selection, &window)? };
        let rows = match rows {
            Some(positions) => positions.rows,
            None if is_beyond => Vec::new(),
            None => return Err(RecordError::TooLarge.into()),
        };
        records::read_positions(tx, plan, &rows)?
    } else {
        let ids = found.hits.iter().skip(offset).take(size).map(|hit| hit.id.as_str());
        let records = ids.filter_map(|id| Record::find(tx, plan, id).transpose());
        records.collect::<Result<Vec<_>, _>>()?
    };
    tx.limit_time(time_left(deadline)?);

    let mut writer = PageWriter::new(tx, request, query.list.expand);
    writer.write_records_with(records, |record, out| {
        let score = scores.get(record.id()).copied().unwrap_or_default();
        write_member(score, record, &sight, &found.highlighter, &highlight, out);
    })?;
    let counted = i64::try_from(found.total).unwrap_or(i64::MAX);
    let total = if page.skip_total {
        Total { items: -1, is_capped: false }
    } else {
        let items = page.max_total.map_or(counted, |max| counted.min(max));
        Total { items, is_capped: found.is_capped || items < counted }
    };
    let facets = (!facets.is_empty()).then(|| ("facets", facets_json(&facets, &found.facets)));
    Ok(writer.finish(page, total, facets.as_slice()))
}

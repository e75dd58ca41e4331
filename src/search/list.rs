//! `search=` on the list of a collection: an ordinary list of the records that match, best first.

use std::collections::HashMap;
use std::time::Duration;

use super::find::{FEW, Finder, MAX_FOUND, SearchTime};
use super::shown::{Highlights, facets_json, write_member};
use super::sight::{Facet, Sight};
use super::standing::Standing;
use super::{Indexes, SearchFailure};
use crate::db::ReadTx;
use crate::query::Window;
use crate::records::{self, ListQuery, Page, PageWriter, Record, RecordError, Request, Total};

/// Longest time a search may take, unless a superuser makes it.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// Records that are in memory at a time: the size of the answer and the time are looked at in between.
const RECORDS_AT_ONCE: usize = 20;

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

/// How long a search may take. `patience` is what superusers have.
pub(super) fn time_of(request: Request<'_>, patience: Duration) -> SearchTime {
    SearchTime::of(if request.caller.is_superuser() { patience } else { patience.min(TIME_LIMIT) })
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
    let time = time_of(request, patience);
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
    let standing = Standing::new(tx, request, plan, &index, &sight)?;
    let finder = Finder {
        indexes,
        plan,
        index: &index,
        sight: &sight,
        standing: &standing,
        question,
        facets: &facets,
        time,
        best: offset.saturating_add(size).min(MAX_FOUND),
        counted: counted(page, &facets),
    };
    let found = finder.find(tx, &mut selection, query.text)?;

    // How well a record matches depends on how frequent words are in all records, also in those the caller may not list.
    let unit = if standing.is_guarded { found.best_score() } else { 1.0 };
    let scores: HashMap<&str, f32> = found.hits.iter().map(|hit| (hit.id.as_str(), hit.score / unit)).collect();
    let highlights = Highlights { sight: &sight, highlighter: &found.highlighter, texts: &highlight, time };
    let mut writer = PageWriter::new(tx, request, query.list.expand);
    let mut write = |records: Vec<Record>| {
        tx.limit_time(time.left()?);
        writer.write_records_with(records, |record, out| {
            let score = scores.get(record.id()).copied().unwrap_or_default();
            write_member(score, record, &highlights, out)
        })
    };
    let ends = found.hits.len().min(MAX_FOUND);
    if selection.is_sorted() && offset < ends {
        let ids: Vec<String> = found.hits.iter().map(|hit| hit.id.clone()).collect();
        selection.keep_only(&ids);
        tx.limit_time(time.left()?);
        let limit = page.size.min(i64::try_from(ends - offset).unwrap_or(i64::MAX));
        let window = Window { limit, offset: page.offset(), after: None };
        let positions = records::scan(tx, &selection, &window)?.ok_or(RecordError::TooLarge)?;
        for positions in positions.rows.chunks(RECORDS_AT_ONCE) {
            write(records::read_positions(tx, plan, positions)?)?;
        }
    } else if offset < ends {
        for hits in found.hits[offset..ends.min(offset.saturating_add(size))].chunks(RECORDS_AT_ONCE) {
            let records = hits.iter().filter_map(|hit| Record::find(tx, plan, &hit.id).transpose());
            write(records.collect::<Result<_, _>>()?)?;
        }
    }
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

/// How many of the records that are found have to be counted.
fn counted(page: Page, facets: &[Facet]) -> usize {
    let counted = match page.max_total {
        _ if !facets.is_empty() => MAX_FOUND,
        _ if page.skip_total => FEW,
        Some(most) => usize::try_from(most).unwrap_or(MAX_FOUND).saturating_add(1),
        None => MAX_FOUND,
    };
    counted.clamp(FEW, MAX_FOUND)
}

//! One question to several collections, each under its own list rule, merged into one page.
//!
//! Scores of different indexes cannot be compared. What is comparable is how a record does beside the best of its own
//! collection, and by that they are merged.

use std::sync::Arc;
use std::time::Duration;

use super::find::{Finder, Found, FoundRecord, MAX_CANDIDATES, is_few, time_left, ways};
use super::list::deadline;
use super::shown::write_member;
use super::sight::Sight;
use super::{Indexes, SearchFailure, Searchable};
use crate::db::ReadTx;
use crate::fulltext::Question;
use crate::query::{Plan, Selection};
use crate::records::{self, ListQuery, Page, PageWriter, Record, RecordError, Request, Total};

/// Most collections that are searched at once.
pub const MAX_COLLECTIONS: usize = 20;

/// A question to several collections.
#[derive(Debug, Clone, Copy, Default)]
pub struct AcrossQuery<'a> {
    /// What was typed.
    pub text: &'a str,
    /// Names or ids of collections, separated by commas; empty for all that the caller may search.
    pub collections: &'a str,
    /// Names of fields that are shown with what matches marked, or `*`. Collections need not have all of them.
    pub highlight: &'a str,
    /// Page and its size; the rest does not count.
    pub list: ListQuery<'a>,
}

/// A collection on its way to an answer.
struct Asked<'a> {
    plan: &'a Arc<Plan>,
    selection: Selection<'a>,
    index: Searchable,
    sight: Sight,
    question: Question,
    highlight: Vec<usize>,
}

/// A record on its way to an answer.
struct Ranked<'f> {
    /// Beside the best of its collection: from 0 to 1.
    score: f32,
    collection: usize,
    hit: &'f FoundRecord,
}

/// A page of the records that match, as the JSON envelope of lists. `patience`: longest time for superusers.
///
/// # Errors
/// For a collection that was named: what its list would fail with. Those that were not named are left out if the caller may
/// not list them.
pub fn across(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    indexes: &Indexes,
    query: &AcrossQuery<'_>,
    patience: Duration,
) -> Result<Vec<u8>, SearchFailure> {
    let deadline = deadline(request, patience);
    let list = ListQuery { page: query.list.page, per_page: query.list.per_page, ..ListQuery::default() };
    let page = Page::parse(&ListQuery { skip_total: query.list.skip_total, ..list })?;
    let mut asked = collect(tx, request, indexes, query, &list)?;
    let offset = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    let best = offset.saturating_add(size).min(MAX_CANDIDATES);

    // All of them go on to the next way together: a record that matches well in one is no reason to guess in another.
    let most_ways = asked.iter().map(|a| ways(&a.index, query.text).len()).max().unwrap_or(0);
    let mut found: Vec<Found> = Vec::new();
    for step in 0..most_ways {
        let mut stricter = std::mem::take(&mut found).into_iter();
        for Asked { plan, selection, index, sight, question, .. } in &mut asked {
            let ways = ways(index, query.text);
            let finder = Finder { plan, index, sight, question: question.clone(), facets: &[], deadline, best };
            let here = finder.find_as(tx, selection, ways[step.min(ways.len() - 1)])?;
            found.push(match stricter.next() {
                Some(stricter) => here.behind(stricter),
                None => here,
            });
        }
        if !is_few(found.iter().map(|found| found.total).sum()) {
            break;
        }
    }
    let ranked = rank(&found);

    let mut writer = PageWriter::new(tx, request, "");
    for Ranked { score, collection, hit } in ranked.into_iter().take(MAX_CANDIDATES).skip(offset).take(size) {
        time_left(deadline)?;
        let Asked { plan, sight, highlight, .. } = &asked[collection];
        let Some(record) = Record::find(tx, plan, &hit.id)? else { continue };
        let highlighter = &found[collection].highlighter;
        writer.write_records_with(vec![record], |record, out| {
            write_member(score, record, sight, highlighter, highlight, out);
        })?;
    }
    let total = found.iter().map(|found| found.total).sum::<u64>();
    let total = Total {
        items: if page.skip_total { -1 } else { i64::try_from(total).unwrap_or(i64::MAX) },
        is_capped: !page.skip_total && found.iter().any(|found| found.is_capped),
    };
    Ok(writer.finish(page, total, &[]))
}

/// The collections to be asked.
fn collect<'a>(
    tx: &ReadTx<'_>,
    request: Request<'a>,
    indexes: &Indexes,
    query: &AcrossQuery<'_>,
    list: &ListQuery<'_>,
) -> Result<Vec<Asked<'a>>, SearchFailure> {
    let mut asked: Vec<Asked<'a>> = Vec::new();
    let named: Vec<&str> = query.collections.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let too_many = || SearchFailure::bad_query(format!("name up to {MAX_COLLECTIONS} collections"));
    if named.len() > MAX_COLLECTIONS {
        return Err(too_many());
    }
    for name in &named {
        let one = ask(tx, request, indexes, query, list, name)?;
        if !asked.iter().any(|other| Arc::ptr_eq(other.plan, one.plan)) {
            asked.push(one);
        }
    }
    if named.is_empty() {
        let mut all: Vec<_> = request.catalog.schema().all().iter().filter(|c| c.search.is_some()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        for collection in all {
            match ask(tx, request, indexes, query, list, &collection.id) {
                Ok(one) => asked.push(one),
                // Not for this caller, or not yet.
                Err(
                    SearchFailure::Record(RecordError::SuperuserOnly(_) | RecordError::BadQuery(_))
                    | SearchFailure::NotSearchable(_),
                ) => {}
                Err(error) => return Err(error),
            }
        }
        if asked.len() > MAX_COLLECTIONS {
            return Err(too_many());
        }
    }
    Ok(asked)
}

fn ask<'a>(
    tx: &ReadTx<'_>,
    request: Request<'a>,
    indexes: &Indexes,
    query: &AcrossQuery<'_>,
    list: &ListQuery<'_>,
    collection: &str,
) -> Result<Asked<'a>, SearchFailure> {
    let records::PreparedList { plan, selection, .. } = records::prepare(tx, request, collection, list)?;
    let index = indexes.snapshot(&plan.collection().id)?;
    let sight = Sight::new(plan, &index, request.caller.is_superuser());
    let question = sight.question(query.text, indexes.limits());
    let highlight = sight.known_highlight(query.highlight)?;
    Ok(Asked { plan, selection, index, sight, question, highlight })
}

/// All that was found, best first; among equals by the order of the collections and the order in each.
fn rank<'f>(found: &'f [Found]) -> Vec<Ranked<'f>> {
    let mut ranked: Vec<Ranked<'f>> = Vec::new();
    for (collection, found) in found.iter().enumerate() {
        let best = found.hits.first().map_or(0.0, |hit| hit.score);
        let relative = |score: f32| if best > 0.0 { score / best } else { 0.0 };
        ranked.extend(found.hits.iter().map(|hit| Ranked { score: relative(hit.score), collection, hit }));
    }
    // Stable.
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    ranked
}

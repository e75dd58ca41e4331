//! One question to several collections, each under its own list rule, merged into one page.
//!
//! Scores of different indexes cannot be compared. What is comparable is how a record does beside the best of its own
//! collection, and by that they are merged.

use std::sync::Arc;
use std::time::Duration;

use super::find::{FEW, Finder, Found, FoundRecord, MAX_FOUND, SearchTime, are_few, ways};
use super::list::time_of;
use super::shown::{Highlights, write_member};
use super::sight::Sight;
use super::standing::Standing;
use super::{Indexes, NotSearchable, SearchFailure, Searchable};
use crate::db::ReadTx;
use crate::fulltext::Question;
use crate::query::{Plan, Selection};
use crate::records::{self, Action, ListQuery, Page, PageWriter, Record, RecordError, Request, Total, check_rule};

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
    standing: Standing,
    question: Question,
    highlight: Vec<usize>,
}

/// What is asked of each collection.
struct Demand<'q> {
    indexes: &'q Indexes,
    text: &'q str,
    /// As [`Finder`] has it.
    best: usize,
    counted: usize,
}

/// The collections of a question, and those that cannot be asked at the moment although they were not named: they are left
/// out, and the answer says so.
struct Collections<'a> {
    are_named: bool,
    asked: Vec<Asked<'a>>,
    left_out: Vec<&'a str>,
    /// Why the first of those was left out.
    failure: Option<SearchFailure>,
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
    let time = time_of(request, patience);
    let list = ListQuery { page: query.list.page, per_page: query.list.per_page, ..ListQuery::default() };
    let page = Page::parse(&ListQuery { skip_total: query.list.skip_total, ..list })?;
    let mut collections = collect(tx, request, indexes, query, &list)?;
    let offset = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    let best = offset.saturating_add(size).min(MAX_FOUND);
    let counted = if page.skip_total { FEW } else { MAX_FOUND };
    let found = collections.find(tx, &Demand { indexes, text: query.text, best, counted }, time)?;

    let mut writer = PageWriter::new(tx, request, "");
    for Ranked { score, collection, hit } in rank(&found).into_iter().take(MAX_FOUND).skip(offset).take(size) {
        tx.limit_time(time.left()?);
        let Asked { plan, sight, highlight, .. } = &collections.asked[collection];
        let Some(record) = Record::find(tx, plan, &hit.id)? else { continue };
        let highlights = Highlights { sight, highlighter: &found[collection].highlighter, texts: highlight, time };
        writer.write_records_with(vec![record], |record, out| write_member(score, record, &highlights, out))?;
    }
    let total = found.iter().map(|found| found.total).sum::<u64>();
    let total = Total {
        items: if page.skip_total { -1 } else { i64::try_from(total).unwrap_or(i64::MAX) },
        is_capped: !page.skip_total && found.iter().any(|found| found.is_capped),
    };
    let left_out = collections.left_out;
    let left_out = (!left_out.is_empty()).then(|| ("leftOut", serde_json::Value::from(left_out).to_string()));
    Ok(writer.finish(page, total, left_out.as_slice()))
}

impl<'a> Collections<'a> {
    /// Leaves a collection out for what it failed with, if that passes.
    fn leave_out(&mut self, name: &'a str, error: SearchFailure) -> Result<(), SearchFailure> {
        if self.are_named || !error.is_passing() {
            return Err(error);
        }
        self.left_out.push(name);
        self.failure.get_or_insert(error);
        Ok(())
    }

    /// Asks them; yields what was found in each that could answer.
    fn find(&mut self, tx: &ReadTx<'_>, demand: &Demand<'_>, time: SearchTime) -> Result<Vec<Found>, SearchFailure> {
        // All of them go on to the next way together: a record that matches well in one is no reason to guess in another.
        let most_ways = self.asked.iter().map(|a| ways(&a.index, demand.text).len()).max().unwrap_or(0);
        let mut found: Vec<Found> = Vec::new();
        for step in 0..most_ways {
            let mut stricter = std::mem::take(&mut found).into_iter();
            let asked = std::mem::take(&mut self.asked);
            let count = asked.len();
            for (n, mut one) in asked.into_iter().enumerate() {
                let stricter = stricter.next();
                // What is left for the page is as much as for a collection.
                match one.find(tx, demand, step, time.share(count - n + 1)) {
                    Ok(here) => {
                        found.push(match stricter {
                            Some(stricter) => here.behind(stricter),
                            None => here,
                        });
                        self.asked.push(one);
                    }
                    Err(error) => self.leave_out(&one.plan.collection().name, error)?,
                }
            }
            if !are_few(&found) {
                break;
            }
        }
        self.left_out.sort_unstable();
        match self.failure.take() {
            // Nothing at all is no answer.
            Some(error) if self.asked.is_empty() => Err(error),
            _ => Ok(found),
        }
    }
}

impl Asked<'_> {
    /// Asks one collection, in one way.
    fn find(
        &mut self,
        tx: &ReadTx<'_>,
        demand: &Demand<'_>,
        step: usize,
        time: SearchTime,
    ) -> Result<Found, SearchFailure> {
        let Self { plan, selection, index, sight, standing, question, .. } = self;
        let Demand { indexes, text, best, counted } = *demand;
        let ways = ways(index, text);
        let question = question.clone();
        let finder = Finder { indexes, plan, index, sight, standing, question, facets: &[], time, best, counted };
        let way = ways[step.min(ways.len() - 1)];
        tx.within(time.left()?, || finder.find_as(tx, selection, way))
    }
}

/// The collections to be asked.
fn collect<'a>(
    tx: &ReadTx<'_>,
    request: Request<'a>,
    indexes: &Indexes,
    query: &AcrossQuery<'_>,
    list: &ListQuery<'_>,
) -> Result<Collections<'a>, SearchFailure> {
    let named: Vec<&str> = query.collections.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let too_many = || SearchFailure::bad_query(format!("name up to {MAX_COLLECTIONS} collections"));
    let are_named = !named.is_empty();
    let mut collections = Collections { are_named, asked: Vec::new(), left_out: Vec::new(), failure: None };
    if named.len() > MAX_COLLECTIONS {
        return Err(too_many());
    }
    for name in &named {
        let one = ask(tx, request, indexes, query, list, name)?;
        if !collections.asked.iter().any(|other| Arc::ptr_eq(other.plan, one.plan)) {
            collections.asked.push(one);
        }
    }
    if are_named {
        return Ok(collections);
    }
    let all = request.catalog.schema().all().iter().filter(|c| c.search.is_some());
    let may_list =
        |id: &str| request.catalog.find(id).is_some_and(|plan| check_rule(request, plan, Action::List).is_ok());
    let mut all: Vec<_> = all.filter(|c| may_list(&c.id)).collect();
    if all.len() > MAX_COLLECTIONS {
        return Err(too_many());
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    for collection in all {
        match ask(tx, request, indexes, query, list, &collection.id) {
            Ok(one) => collections.asked.push(one),
            // Its rule cannot be evaluated, or it is not searched any more.
            Err(SearchFailure::Record(RecordError::BadQuery(_)) | SearchFailure::NotSearchable(NotSearchable::Off)) => {
            }
            Err(error) => collections.leave_out(&collection.name, error)?,
        }
    }
    Ok(collections)
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
    let standing = Standing::new(tx, request, plan, &index, &sight)?;
    Ok(Asked { plan, selection, index, sight, standing, question, highlight })
}

/// All that was found, best first; among equals by the order of the collections and the order in each.
fn rank<'f>(found: &'f [Found]) -> Vec<Ranked<'f>> {
    let mut ranked: Vec<Ranked<'f>> = Vec::new();
    for (collection, found) in found.iter().enumerate() {
        let best = found.best_score();
        ranked.extend(found.hits.iter().map(|hit| Ranked { score: hit.score / best, collection, hit }));
    }
    // Stable.
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    ranked
}

//! One look at every row of a list, for its page and its total at once.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use rusqlite::params_from_iter;

use super::{Record, RecordError};
use crate::db::ReadTx;
use crate::query::{Plan, Selection, SqlValue, Window};

/// Most rows kept in memory for a page: a page further back is read by a statement of its own.
const MAX_KEPT: i64 = 20_000;

/// Most memory their sort values may take, in bytes.
const MAX_KEPT_BYTES: usize = 32 << 20;

/// The records of a page by their position in the table, and the number of all.
#[derive(Debug, PartialEq, Eq)]
pub struct Positions {
    /// How many there are.
    pub total: i64,
    /// The positions of the page's.
    pub rows: Vec<i64>,
}

/// A row with what it is sorted by. The greatest is the one that comes last.
#[derive(Debug)]
struct Candidate<'d> {
    keys: Vec<SqlValue>,
    descending: &'d [bool],
    /// Position in the order of the scan: equal rows stay in it.
    seen: i64,
    row: i64,
}

impl Candidate<'_> {
    /// About the memory it takes, in bytes.
    fn size(&self) -> usize {
        let text = |key: &SqlValue| if let SqlValue::Text(text) = key { text.len() } else { 0 };
        size_of::<Self>() + self.keys.iter().map(|key| size_of::<SqlValue>() + text(key)).sum::<usize>()
    }
}

impl Ord for Candidate<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.keys, &other.keys, self.descending).then(self.seen.cmp(&other.seen))
    }
}

impl PartialOrd for Candidate<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate<'_> {}

fn compare(a: &[SqlValue], b: &[SqlValue], descending: &[bool]) -> Ordering {
    let orders = a.iter().zip(b).zip(descending).map(|((a, b), is_descending)| {
        let order = a.sort_order(b);
        if *is_descending { order.reverse() } else { order }
    });
    orders.fold(Ordering::Equal, Ordering::then)
}

/// Goes through all rows of a list; `None` if the page is too far back for that.
///
/// # Errors
/// [`RecordError::BadQuery`] for what SQLite cannot compute.
pub fn scan(tx: &ReadTx<'_>, selection: &Selection<'_>, window: &Window) -> Result<Option<Positions>, RecordError> {
    let kept = window.offset.saturating_add(window.limit);
    if kept > MAX_KEPT {
        return Ok(None);
    }
    let descending = selection.descending();
    let statement = selection.select_positions();
    tx.announce_statement(&statement.sql)?;
    let mut query = tx.prepare_cached(&statement.sql).map_err(RecordError::of_statement)?;
    let mut rows = query.query(params_from_iter(&statement.values)).map_err(RecordError::of_statement)?;
    let mut total = 0;
    let room = usize::try_from(kept).unwrap_or(usize::MAX);
    let mut bytes = 0;
    let mut first = Vec::new();
    let mut heap: BinaryHeap<Candidate<'_>> = BinaryHeap::new();
    while let Some(row) = rows.next().map_err(RecordError::of_statement)? {
        total += 1;
        if descending.is_empty() {
            if total > window.offset && total <= kept {
                first.push(row.get(0)?);
            }
            continue;
        }
        if total > kept
            && let Some(last) = heap.peek()
        {
            // Most rows of a long list end here, without a copy of their keys.
            let mut order = Ordering::Equal;
            for (at, is_descending) in descending.iter().enumerate() {
                let key = last.keys[at].sort_order_of(row.get_ref(at + 1)?);
                order = order.then(if *is_descending { key.reverse() } else { key });
            }
            if order != Ordering::Greater {
                continue;
            }
        }
        let keys = (1..=descending.len()).map(|at| Ok(row.get_ref(at)?.into())).collect::<Result<_, RecordError>>()?;
        let candidate = Candidate { keys, descending: &descending, seen: total, row: row.get(0)? };
        bytes += candidate.size();
        heap.push(candidate);
        if heap.len() > room
            && let Some(last) = heap.pop()
        {
            bytes -= last.size();
        }
        if bytes > MAX_KEPT_BYTES {
            return Ok(None);
        }
    }
    if !descending.is_empty() {
        let skip = usize::try_from(window.offset).unwrap_or(usize::MAX);
        first = heap.into_sorted_vec().into_iter().skip(skip).map(|candidate| candidate.row).collect();
    }
    Ok(Some(Positions { total, rows: first }))
}

/// The records at these positions of a table, in this order.
pub(crate) fn read_positions(tx: &ReadTx<'_>, plan: &Arc<Plan>, positions: &[i64]) -> Result<Vec<Record>, RecordError> {
    let mut query = tx.prepare_cached(plan.select_by_position())?;
    let mut records = Vec::with_capacity(positions.len());
    for position in positions {
        let mut rows = query.query([position])?;
        if let Some(row) = rows.next()? {
            records.push(Record::from_row(plan, row)?);
        }
    }
    Ok(records)
}

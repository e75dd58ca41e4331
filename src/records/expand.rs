//! Related records inside of records: the `expand` parameter (reference part 2, section 9).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::access::{load_visible, managed, may_manage};
use super::{Record, RecordError, Request};
use crate::db::ReadTx;
use crate::query::{Context, Plan, RequestInfo, find_back_relation, single_column_unique_index};
use crate::schema::FieldOptions;

/// Most relations in a row.
const MAX_DEPTH: usize = 6;

/// Most records that refer to one record.
const MAX_REFERRING: usize = 1000;

/// Most records of one answer: each is held in memory until the answer is written.
const MAX_RECORDS: usize = 100_000;

/// Most records expanded on the asking thread.
const INLINE_RECORDS: usize = 200;

/// Most relations of one request, each of them a statement of its own.
const MAX_BRANCHES: usize = 100;

/// What is to be expanded: relations by name, each with what is to be expanded below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ExpandTree(BTreeMap<String, Self>);

impl ExpandTree {
    /// Reads the parameter. Every text means something: what cannot be expanded is left out later.
    pub(super) fn parse(text: &str) -> Self {
        let mut tree = Self::default();
        let mut branches = 0;
        for path in text.split(',') {
            let path: String = path.chars().filter(|c| *c != ' ').collect();
            let path = path.trim_matches('.');
            if path.is_empty() {
                continue;
            }
            let mut node = &mut tree;
            for segment in path.split('.').take(MAX_DEPTH) {
                if !node.0.contains_key(segment) {
                    branches += 1;
                    if branches > MAX_BRANCHES {
                        return tree;
                    }
                }
                node = node.0.entry(segment.to_owned()).or_default();
            }
        }
        tree
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A record with what is expanded in it.
#[derive(Debug)]
pub(super) struct Expanded {
    pub(super) record: Record,
    /// Whether the caller manages it.
    pub(super) is_managed: bool,
    /// None if nothing was asked for, or nothing could be expanded.
    pub(super) expand: Option<BTreeMap<String, Expansion>>,
}

/// What stands behind a key of `expand`.
#[derive(Debug, Clone)]
pub(super) enum Expansion {
    One(Rc<Expanded>),
    Many(Vec<Rc<Expanded>>),
}

/// Loads what is to be expanded in records of one collection.
pub(super) fn expand(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    plan: &Arc<Plan>,
    records: Vec<Record>,
    tree: &ExpandTree,
) -> Result<Vec<Expanded>, RecordError> {
    let info = request.info.in_context(Context::Expand);
    let loader = Loader { tx, request: Request { info: &info, ..request }, loaded: std::cell::Cell::new(0) };
    let managed = loader.managed(request.info, plan, &records)?;
    let mut expanded: Vec<Expanded> = records
        .into_iter()
        .map(|record| Expanded { is_managed: managed.contains(record.id()), record, expand: None })
        .collect();
    loader.expand_all(plan, &mut expanded, tree)?;
    Ok(expanded)
}

struct Loader<'a, 't> {
    tx: &'a ReadTx<'t>,
    request: Request<'a>,
    loaded: std::cell::Cell<usize>,
}

/// Ids behind a relation for each record, and how they are shown.
struct Links {
    target: Arc<Plan>,
    /// For each record, in the order shown.
    ids: Vec<Vec<String>>,
    is_single: bool,
}

impl Loader<'_, '_> {
    /// Expands every branch of the tree in these records; false if there were branches and none could be.
    fn expand_all(&self, plan: &Arc<Plan>, records: &mut [Expanded], tree: &ExpandTree) -> Result<bool, RecordError> {
        if tree.is_empty() || records.is_empty() {
            return Ok(true);
        }
        let mut any = false;
        for (name, below) in &tree.0 {
            any |= self.expand_one(plan, records, name, below)?;
        }
        Ok(any)
    }

    /// Expands one relation; false if it cannot be, for whatever reason.
    fn expand_one(
        &self,
        plan: &Arc<Plan>,
        records: &mut [Expanded],
        name: &str,
        below: &ExpandTree,
    ) -> Result<bool, RecordError> {
        let Some(links) = self.links(plan, records, name)? else { return Ok(false) };
        let mut ids: Vec<&str> = links.ids.iter().flatten().map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        let Some(mut targets) = self.load(&links.target, &ids)? else { return Ok(false) };
        if !self.expand_all(&links.target, &mut targets, below)? {
            return Ok(false);
        }
        let targets: HashMap<String, Rc<Expanded>> =
            targets.into_iter().map(|target| (target.record.id().to_owned(), Rc::new(target))).collect();
        for (record, ids) in records.iter_mut().zip(&links.ids) {
            let mut found: Vec<Rc<Expanded>> = ids.iter().filter_map(|id| targets.get(id).cloned()).collect();
            let expand = record.expand.get_or_insert_default();
            if found.is_empty() {
                continue;
            }
            let value = if links.is_single { Expansion::One(found.swap_remove(0)) } else { Expansion::Many(found) };
            expand.insert(name.to_owned(), value);
        }
        Ok(true)
    }

    /// The records of these ids that the caller may view; none if it may view no record of the collection.
    fn load(&self, plan: &Arc<Plan>, ids: &[&str]) -> Result<Option<Vec<Expanded>>, RecordError> {
        let records = match load_visible(self.tx, self.request, plan, ids) {
            Ok(records) => records,
            Err(RecordError::SuperuserOnly(_) | RecordError::BadQuery(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        self.loaded.set(self.loaded.get() + records.len());
        if self.loaded.get() > MAX_RECORDS {
            return Err(RecordError::TooLarge);
        }
        if self.loaded.get() > INLINE_RECORDS {
            self.tx.leave_worker()?;
        }
        let managed = self.managed(self.request.info, plan, &records)?;
        let expanded = |record: Record| Expanded { is_managed: managed.contains(record.id()), record, expand: None };
        Ok(Some(records.into_iter().map(expanded).collect()))
    }

    fn managed(
        &self,
        info: &RequestInfo,
        plan: &Arc<Plan>,
        records: &[Record],
    ) -> Result<HashSet<String>, RecordError> {
        let request = Request { info, ..self.request };
        if !may_manage(request, plan) {
            return Ok(HashSet::new());
        }
        let ids: Vec<&str> = records.iter().map(Record::id).collect();
        managed(self.tx, request, plan, &ids)
    }

    /// What a name of the parameter leads to; none if it is no relation. A hidden one is: the reference does not look.
    fn links(&self, plan: &Arc<Plan>, records: &[Expanded], name: &str) -> Result<Option<Links>, RecordError> {
        let fields = &plan.collection().fields;
        if let Some(at) = fields.iter().position(|field| field.name == name) {
            let FieldOptions::Relation(options) = &fields[at].options else { return Ok(None) };
            let Some(target) = self.request.catalog.find(&options.collection_id) else { return Ok(None) };
            let ids = records.iter().map(|record| record.record.values()[at].entries().to_vec()).collect();
            let links = Links { target: Arc::clone(target), ids, is_single: !fields[at].is_multiple() };
            return Ok(Some(links));
        }
        // `posts(author)` is the old way to write `posts_via_author`.
        let old = name.strip_suffix(')').and_then(|name| name.split_once('('));
        let name = old.map_or_else(|| name.to_owned(), |(collection, field)| format!("{collection}_via_{field}"));
        let Some((target, field)) = find_back_relation(self.request.catalog, plan, &name) else { return Ok(None) };
        let definition = &target.collection().fields[field];
        let is_single = single_column_unique_index(target.collection(), &definition.name).is_some();
        let ids = self.referring(&target, field, records)?;
        Ok(Some(Links { target, ids, is_single }))
    }

    /// For each record the ids of those that refer to it, the first of them only if there are very many.
    fn referring(&self, plan: &Arc<Plan>, field: usize, records: &[Expanded]) -> Result<Vec<Vec<String>>, RecordError> {
        let ids: Vec<&str> = records.iter().map(|record| record.record.id()).collect();
        let mut query = self.tx.prepare_cached(&plan.select_references(field))?;
        let mut rows = query.query([serde_json::Value::from(ids.as_slice()).to_string()])?;
        let mut found: HashMap<String, Vec<String>> = HashMap::new();
        while let Some(row) = rows.next()? {
            let referring = found.entry(row.get(0)?).or_default();
            if referring.len() < MAX_REFERRING {
                referring.push(row.get(1)?);
            }
        }
        Ok(ids.into_iter().map(|id| found.get(id).cloned().unwrap_or_default()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(tree: &ExpandTree) -> String {
        let branch = |(name, below): (&String, &ExpandTree)| format!("{name}({})", print(below));
        tree.0.iter().map(branch).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn paths_are_cleaned_and_merged() {
        for (text, want) in [
            ("", ""),
            (" owner , .clubs. ", "clubs() owner()"),
            ("a.b,a.c,a", "a(b() c())"),
            ("a . b", "a(b())"),
            (",,.", ""),
            ("a.b.c.d.e.f.g.h", "a(b(c(d(e(f())))))"),
        ] {
            assert_eq!(print(&ExpandTree::parse(text)), want, "{text}");
        }
    }

    #[test]
    fn only_so_many_relations_are_read() {
        let text: Vec<String> = (0..500).map(|n| format!("a{n}.b")).collect();
        let tree = ExpandTree::parse(&text.join(","));
        assert_eq!(tree.0.len(), MAX_BRANCHES / 2);
        assert_eq!(ExpandTree::parse(&"a.b,".repeat(500)).0.len(), 1);
    }
}

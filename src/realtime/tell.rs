//! Making of a change what somebody hears of it.

use std::sync::Arc;
use std::time::Duration;

use super::people::Person;
use super::topic::Topic;
use crate::db::{Change, ChangeAction, Db, DbError, ReadTx, Snapshot, changes_after, deletion_after, last_seq};
use crate::query::{Catalog, Plan};
use crate::records::{Extent, Hearing, Record, RecordError, Stored, Watch};

/// How long the store may take to tell whether one group may hear of one change, and what.
const ASK_LIMIT: Duration = Duration::from_millis(100);

/// Changes looked at at a time for what they may have changed about another.
const OVERTAKEN_PAGE: i64 = 200;

/// A moment of the store with the collections of that moment.
pub(super) struct Stage {
    snapshot: Snapshot,
    pub(super) catalog: Arc<Catalog>,
    /// The last change of that moment.
    pub(super) last: i64,
}

impl Stage {
    /// This moment.
    pub(super) fn now(db: &Db, catalog: impl Fn() -> Arc<Catalog>) -> Result<Self, DbError> {
        let (snapshot, catalog) = db.snapshot(catalog)?;
        let last = last_seq(&snapshot.tx(None))?;
        Ok(Self { snapshot, catalog, last })
    }

    /// A transaction of that moment, for what is short.
    pub(super) fn tx(&self) -> ReadTx<'_> {
        self.snapshot.tx(None)
    }

    /// A transaction of that moment, for what somebody else thought up.
    pub(super) fn limited_tx(&self) -> ReadTx<'_> {
        self.snapshot.tx(Some(ASK_LIMIT))
    }
}

/// A change with the record it is about.
pub(super) struct Telling<'c> {
    change: &'c Change,
    stored: Stored,
    record: Record,
    /// Whether the store still has the record.
    is_there: bool,
    /// Payloads made so far.
    made: Vec<(Extent, Arc<[u8]>)>,
}

impl<'c> Telling<'c> {
    /// Looks up the record of a change. Nothing if there is nothing to tell: no such collection any more, or a record
    /// that nobody knows any more.
    pub(super) fn of(tx: &ReadTx<'_>, catalog: &Catalog, change: &'c Change) -> Result<Option<Self>, DbError> {
        let Some(plan) = catalog.find(&change.collection).filter(|plan| is_told(plan, change)) else {
            return Ok(None);
        };
        let is_deletion = change.action == ChangeAction::Delete;
        let mut stored = if is_deletion { None } else { Stored::find(tx, plan, &change.record)? };
        let is_there = stored.is_some();
        if !is_there {
            // It was last what its deletion keeps of it, be that this change or a later one.
            let after = change.seq - i64::from(is_deletion);
            let image = deletion_after(tx, after, &change.collection, &change.record)?;
            stored = image.and_then(|image| Stored::from_image(plan, &image));
        }
        let Some(stored) = stored else { return Ok(None) };
        let record = stored.record();
        Ok(Some(Self { change, stored, record, is_there, made: Vec::new() }))
    }

    /// What a person may hear by a topic, as far as the record and the person tell.
    pub(super) fn hear(&self, catalog: &Catalog, topic: &Topic, person: &Person, now_ms: i64) -> Hearing {
        let info = person.info(topic, now_ms);
        person.watch(topic, catalog, &info).hear(&self.stored, &self.record)
    }

    /// The payload for everybody who sees this much of the record; a topic with `fields` has its own.
    pub(super) fn payload(
        &mut self,
        catalog: &Catalog,
        topic: &Topic,
        person: &Person,
        extent: Extent,
    ) -> Result<Arc<[u8]>, RecordError> {
        if topic.fields.is_none()
            && let Some((_, made)) = self.made.iter().find(|(of, _)| *of == extent)
        {
            return Ok(Arc::clone(made));
        }
        let info = person.info(topic, 0);
        let mut json = Vec::with_capacity(1024);
        person.watch(topic, catalog, &info).write(&self.record, extent, &mut json)?;
        let payload = self.wrap(topic, json);
        if topic.fields.is_none() {
            self.made.push((extent, Arc::clone(&payload)));
        }
        Ok(payload)
    }

    /// What a person hears by a topic, asked of the store. What is about a record that is gone is judged beside what the
    /// store had before the change, if that is at hand.
    pub(super) fn ask(
        &self,
        stages: Stages<'_>,
        topic: &Topic,
        person: &Person,
        now_ms: i64,
    ) -> Result<Answer, RecordError> {
        let info = person.info(topic, now_ms);
        let before = match stages.before {
            Some(before) if !self.is_there && Arc::ptr_eq(&before.catalog, stages.catalog) => Some(before.limited_tx()),
            _ => None,
        };
        let tx = before.as_ref().unwrap_or(stages.now);
        // The record as it was then may not be the one that is told of: it may have been changed just before.
        let is_there = match &before {
            None => self.is_there,
            Some(tx) => {
                let then = Stored::find(tx, self.stored.plan(), self.record.id())?;
                then.is_some_and(|then| then.image() == self.stored.image())
            }
        };
        let watch = person.watch(topic, stages.catalog, &info);
        if !watch.may_hear(tx, &self.stored, is_there)? {
            let is_doubtful = !is_there && watch.is_doubtful(tx, &self.stored)?;
            return Ok(if is_doubtful { Answer::Unknown } else { Answer::Nothing });
        }
        if let (Some(_), Some(stage)) = (&before, stages.before)
            && self.is_overtaken(stages, stage, &watch)?
        {
            return Ok(Answer::Unknown);
        }
        let mut json = Vec::with_capacity(1024);
        watch.show(tx, self.record.clone(), &mut json)?;
        Ok(Answer::Payload(self.wrap(topic, json)))
    }

    /// Whether something that the answer depends on was changed between a moment and this change.
    fn is_overtaken(&self, stages: Stages<'_>, before: &Stage, watch: &Watch<'_>) -> Result<bool, RecordError> {
        let mut at = before.last;
        while at + 1 < self.change.seq {
            let mut changes = changes_after(stages.now, at, OVERTAKEN_PAGE)?;
            let Some(last) = changes.last().map(|change| change.seq) else { break };
            changes.retain(|change| change.seq < self.change.seq && change.record != self.change.record);
            if watch.may_depend_on(&self.stored, &changes) {
                return Ok(true);
            }
            at = last;
        }
        Ok(false)
    }

    /// `{"record":…,"action":…,"seq":…}`, the record reduced to the wanted fields.
    fn wrap(&self, topic: &Topic, mut json: Vec<u8>) -> Arc<[u8]> {
        if let Some(picker) = &topic.fields {
            json = picker.pick(&json).unwrap_or_else(|_| b"{}".to_vec());
        }
        let tail = format!(",\"action\":\"{}\",\"seq\":{}}}", self.change.action.as_str(), self.change.seq);
        [b"{\"record\":".as_slice(), &json, tail.as_bytes()].concat().into()
    }
}

/// What the store says that somebody hears of a change.
pub(super) enum Answer {
    Nothing,
    Payload(Arc<[u8]>),
    /// The record is gone, and so may be what the answer depends on.
    Unknown,
}

/// The moments a change is judged at.
#[derive(Clone, Copy)]
pub(super) struct Stages<'s> {
    /// After the change.
    pub(super) now: &'s ReadTx<'s>,
    /// The collections of now.
    pub(super) catalog: &'s Arc<Catalog>,
    /// Before the change.
    pub(super) before: Option<&'s Stage>,
}

/// Views have no records of their own. The id of a deleted collection may be the name of another.
fn is_told(plan: &Plan, change: &Change) -> bool {
    !plan.is_view() && plan.collection().id == change.collection
}

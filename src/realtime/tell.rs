//! Making of a change what somebody hears of it.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

use super::people::Person;
use super::topic::Topic;
use crate::db::{Change, ChangeAction, Db, DbError, Deletion, Interim, ReadTx, Snapshot, deletion_after, last_seq};
use crate::query::{Catalog, Plan};
use crate::records::{Extent, Hearing, Record, RecordError, Stored, Watch};

/// How long the store may take to tell whether one group may hear of one change, and what.
const ASK_LIMIT: Duration = Duration::from_millis(100);

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
    /// How it went, if the store does not have the record any more.
    deletion: Option<Deletion>,
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
        let stored = if is_deletion { None } else { Stored::find(tx, plan, &change.record)? };
        let (stored, deletion) = if let Some(stored) = stored {
            (stored, None)
        } else {
            // It was last what its deletion keeps of it, be that this change or a later one.
            let after = change.seq - i64::from(is_deletion);
            let deletion = deletion_after(tx, after, &change.collection, &change.record)?;
            let Some(deletion) = deletion else { return Ok(None) };
            let Some(stored) = Stored::from_image(plan, &deletion.image) else { return Ok(None) };
            (stored, Some(deletion))
        };
        let record = stored.record();
        Ok(Some(Self { change, stored, record, deletion, made: Vec::new() }))
    }

    /// Whether the store does not have the record any more.
    pub(super) fn is_gone(&self) -> bool {
        self.deletion.is_some()
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
    /// store had before the record went, if that is at hand and what matters stayed the same until then; else beside what it
    /// has now, if what matters was not deleted.
    pub(super) fn ask(
        &self,
        stages: Stages<'_>,
        topic: &Topic,
        person: &Person,
        now_ms: i64,
    ) -> Result<Answer, RecordError> {
        let info = person.info(topic, now_ms);
        let watch = person.watch(topic, stages.catalog, &info);
        let before_tx;
        let (tx, is_there) = match &self.deletion {
            None => (stages.now, true),
            Some(deletion) => match self.as_of_before(deletion, stages, &watch)? {
                Some((tx, is_same)) => {
                    before_tx = tx;
                    (&before_tx, is_same)
                }
                None if watch.is_doubtful(stages.now, &self.stored, deletion)? => return Ok(Answer::Unknown),
                None => (stages.now, false),
            },
        };
        if !watch.may_hear(tx, &self.stored, is_there)? {
            return Ok(Answer::Nothing);
        }
        let mut json = Vec::with_capacity(1024);
        watch.show(tx, self.record.clone(), &mut json)?;
        Ok(Answer::Payload(self.wrap(topic, json)))
    }

    /// The moment before the changes that are told, if a record that is gone can be judged there; and whether it was the same
    /// there as when it went.
    fn as_of_before<'b>(
        &self,
        deletion: &Deletion,
        stages: Stages<'b>,
        watch: &Watch<'_>,
    ) -> Result<Option<(ReadTx<'b>, bool)>, RecordError> {
        let Some(before) = stages.before.filter(|before| Arc::ptr_eq(&before.stage.catalog, stages.catalog)) else {
            return Ok(None);
        };
        let tx = before.stage.limited_tx();
        let then = Stored::find(&tx, self.stored.plan(), self.record.id())?;
        let is_same = then.is_some_and(|then| then.image() == self.stored.image());
        // Nobody saw the store in the middle of a write. But what nobody saw of the record before, only those may see who
        // could at its end.
        let (until, but) = if is_same {
            (deletion.since, Some((self.change.collection.as_str(), self.record.id())))
        } else {
            (deletion.seq - 1, None)
        };
        let is_overtaken = watch.depends_on(self.stored.plan(), before.interim(stages.now)?, until, but);
        Ok((!is_overtaken).then_some((tx, is_same)))
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
    /// The record is gone, and what the answer depends on may be another by now.
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
    pub(super) before: Option<&'s Before<'s>>,
}

/// A moment before some changes, with what changed since.
pub(super) struct Before<'s> {
    stage: &'s Stage,
    interim: OnceCell<Interim>,
}

impl<'s> Before<'s> {
    pub(super) fn new(stage: &'s Stage) -> Self {
        Self { stage, interim: OnceCell::new() }
    }

    /// What changed since, up to the moment of the transaction; read once.
    pub(super) fn interim(&self, now: &ReadTx<'_>) -> Result<&Interim, DbError> {
        if let Some(interim) = self.interim.get() {
            return Ok(interim);
        }
        let interim = Interim::read(now, self.stage.last)?;
        Ok(self.interim.get_or_init(|| interim))
    }
}

/// Views have no records of their own. The id of a deleted collection may be the name of another.
fn is_told(plan: &Plan, change: &Change) -> bool {
    !plan.is_view() && plan.collection().id == change.collection
}

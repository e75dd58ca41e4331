//! Records as JSON: the one place that decides what a caller gets to see of a record it may see.

use rusqlite::Row;

use super::expand::{Expanded, Expansion};
use super::{Record, RecordError};
use crate::db::{DbError, ReadTx};
use crate::identity::Caller;
use crate::query::{OutputKey, Plan};
use crate::schema::{CollectionKind, Field, Value, json_text};

/// Largest answer, in bytes. A page of records with large fields would otherwise take all memory.
pub(super) const MAX_ANSWER_BYTES: usize = 256 << 20;

/// Largest answer with expanded records, in bytes: the same record can be in it many times over.
const MAX_EXPANDED_BYTES: usize = 32 << 20;

/// How much of a record is shown.
#[derive(Debug, Clone, Copy)]
pub struct Visibility<'a> {
    caller: &'a Caller,
    own: bool,
    manages: bool,
}

impl<'a> Visibility<'a> {
    /// What this caller sees.
    pub fn of(caller: &'a Caller) -> Self {
        Self { caller, own: false, manages: false }
    }

    /// What a record sees of itself, just signed in.
    pub fn own(caller: &'a Caller) -> Self {
        Self { caller, own: true, manages: false }
    }

    /// As [`of`](Self::of), of records that the caller manages if `manages`.
    pub(super) fn managing(caller: &'a Caller, manages: bool) -> Self {
        Self { caller, own: false, manages }
    }

    /// How much of this record is seen: equal for callers who get the same JSON.
    pub(super) fn extent(self, record: &Record) -> Extent {
        let email_is_public = record.flag("emailVisibility");
        Extent { hidden: self.sees_hidden(), email: self.sees_email(record.plan(), record.id(), email_is_public) }
    }

    fn sees_hidden(self) -> bool {
        self.caller.is_superuser()
    }

    fn sees_email(self, plan: &Plan, id: &str, email_is_public: bool) -> bool {
        email_is_public || self.own || self.manages || self.sees_hidden() || self.caller.is(&plan.collection().id, id)
    }
}

/// What of a record's JSON depends on who sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extent {
    hidden: bool,
    email: bool,
}

/// The fields of auth collections that need care.
struct AuthFields {
    email: usize,
    email_visibility: usize,
    secret: [usize; 2],
}

impl AuthFields {
    fn of(plan: &Plan) -> Option<Self> {
        let collection = plan.collection();
        if !matches!(collection.kind, CollectionKind::Auth(_)) {
            return None;
        }
        let at = |name: &str| collection.fields.iter().position(|f| f.name == name).unwrap_or(usize::MAX);
        Some(Self {
            email: at("email"),
            email_visibility: at("emailVisibility"),
            secret: [at("password"), at("tokenKey")],
        })
    }
}

/// Where a record's values come from.
trait Source {
    fn write(&self, index: usize, field: &Field, out: &mut Vec<u8>) -> Result<(), DbError>;
    fn text(&self, index: usize) -> Result<String, DbError>;
    fn flag(&self, index: usize) -> Result<bool, DbError>;
}

/// A row of the plan's select list: written straight from SQLite's memory.
struct FromRow<'r, 's>(&'r Row<'s>, &'r Plan);

impl Source for FromRow<'_, '_> {
    fn write(&self, index: usize, field: &Field, out: &mut Vec<u8>) -> Result<(), DbError> {
        field.write_json(self.0.get_ref(index)?, out);
        Ok(())
    }

    fn text(&self, index: usize) -> Result<String, DbError> {
        match self.1.collection().fields[index].read(self.0.get_ref(index)?) {
            Value::Text(text) => Ok(text),
            _ => Ok(String::new()),
        }
    }

    fn flag(&self, index: usize) -> Result<bool, DbError> {
        Ok(self.1.collection().fields[index].read(self.0.get_ref(index)?) == Value::Bool(true))
    }
}

struct FromRecord<'r>(&'r Record);

impl Source for FromRecord<'_> {
    fn write(&self, index: usize, field: &Field, out: &mut Vec<u8>) -> Result<(), DbError> {
        field.write_value(&self.0.values()[index], out);
        Ok(())
    }

    fn text(&self, index: usize) -> Result<String, DbError> {
        match &self.0.values()[index] {
            Value::Text(text) => Ok(text.clone()),
            _ => Ok(String::new()),
        }
    }

    fn flag(&self, index: usize) -> Result<bool, DbError> {
        Ok(self.0.values()[index] == Value::Bool(true))
    }
}

/// Appends a stored row as a JSON object.
pub fn write_stored(
    plan: &Plan,
    row: &Row<'_>,
    visibility: Visibility<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RecordError> {
    write(plan, &FromRow(row, plan), visibility, None, out)
}

/// Appends a record as a JSON object.
pub fn write_record(record: &Record, visibility: Visibility<'_>, out: &mut Vec<u8>) -> Result<(), RecordError> {
    write(record.plan(), &FromRecord(record), visibility, None, out)
}

/// Appends a record as a JSON object, with what is expanded in it.
pub(super) fn write_expanded(
    tx: &ReadTx<'_>,
    shown: &Expanded,
    visibility: Visibility<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RecordError> {
    tx.announce_work(out.len())?;
    if out.len() > MAX_EXPANDED_BYTES {
        return Err(RecordError::TooLarge);
    }
    let visibility = Visibility { manages: shown.is_managed, ..visibility };
    let expand = |out: &mut Vec<u8>| {
        let Some(entries) = &shown.expand else { return Ok(false) };
        // What is expanded is not the record itself, even where that has just signed in.
        let visibility = Visibility { own: false, ..visibility };
        out.extend_from_slice(b"{");
        for (n, (name, value)) in entries.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            json_text::write_string(out, name);
            out.push(b':');
            match value {
                Expansion::One(record) => write_expanded(tx, record, visibility, out)?,
                Expansion::Many(records) => {
                    out.push(b'[');
                    for (n, record) in records.iter().enumerate() {
                        if n > 0 {
                            out.push(b',');
                        }
                        write_expanded(tx, record, visibility, out)?;
                    }
                    out.push(b']');
                }
            }
        }
        out.push(b'}');
        Ok(true)
    };
    let record = &shown.record;
    write(record.plan(), &FromRecord(record), visibility, Some(&expand), out)
}

/// Appends the value of `expand`; false if there is none.
type WriteExpand<'e> = &'e dyn Fn(&mut Vec<u8>) -> Result<bool, RecordError>;

fn write(
    plan: &Plan,
    source: &impl Source,
    visibility: Visibility<'_>,
    expand: Option<WriteExpand<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), RecordError> {
    let collection = plan.collection();
    let auth = AuthFields::of(plan);
    out.push(b'{');
    let mut is_first = true;
    for (key, text) in plan.output() {
        if *key == OutputKey::Expand && expand.is_none() {
            continue;
        }
        if let OutputKey::Field(index) = *key {
            if collection.fields[index].hidden && !visibility.sees_hidden() {
                continue;
            }
            if let Some(auth) = &auth {
                if auth.secret.contains(&index) {
                    continue;
                }
                if index == auth.email {
                    let is_public = auth.email_visibility != usize::MAX && source.flag(auth.email_visibility)?;
                    // The id is looked at only where it can matter.
                    let shown = is_public || visibility.sees_email(plan, &source.text(plan.id_field())?, is_public);
                    if !shown {
                        continue;
                    }
                }
            }
        }
        let before = out.len();
        if !is_first {
            out.push(b',');
        }
        out.extend_from_slice(text);
        match *key {
            OutputKey::Expand => {
                if !expand.map_or(Ok(false), |write| write(out))? {
                    out.truncate(before);
                    continue;
                }
            }
            OutputKey::CollectionId => json_text::write_string(out, &collection.id),
            OutputKey::CollectionName => json_text::write_string(out, &collection.name),
            OutputKey::Field(index) => source.write(index, &collection.fields[index], out)?,
        }
        is_first = false;
    }
    out.push(b'}');
    Ok(())
}

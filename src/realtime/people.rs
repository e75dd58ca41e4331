//! Who the clients are: known once for all connections of the same auth record.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;

use super::client::{Client, PersonKey};
use super::hub::Shared;
use super::topic::Topic;
use crate::identity::{Caller, Session};
use crate::query::{AuthInfo, Catalog, Context, RequestInfo};
use crate::records::{Action, RecordError, Request, Stored, Watch, auth_info, own_record};

/// An auth record that is connected, as the store had it when it was last looked at; a guest is nobody.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    session: Option<Session>,
    auth: Option<AuthInfo>,
    own: Option<Stored>,
}

impl Person {
    /// Whoever began a session.
    pub(super) fn of(conn: &Connection, catalog: &Catalog, session: Option<Session>) -> Result<Self, RecordError> {
        let mut person = Self { session, ..Self::default() };
        person.load(conn, catalog)?;
        Ok(person)
    }

    fn load(&mut self, conn: &Connection, catalog: &Catalog) -> Result<(), RecordError> {
        let caller = self.caller().clone();
        let info = RequestInfo::default();
        self.own = own_record(conn, Request { catalog, caller: &caller, info: &info })?;
        self.auth = auth_info(catalog, &caller);
        Ok(())
    }

    /// Looks at the record anew; false if the session is over.
    pub(super) fn renew(&mut self, conn: &Connection, catalog: &Catalog) -> Result<bool, RecordError> {
        if let Some(session) = &mut self.session
            && !session.renew(conn, catalog)?
        {
            *self = Self::default();
            return Ok(false);
        }
        self.load(conn, catalog)?;
        Ok(true)
    }

    /// Superusers are nobody where the settings do not let them come from.
    pub(super) fn be_where_allowed(&mut self, shared: &Shared, client: &Client) {
        if self.caller().is_superuser() && !(shared.may_be_superuser)(client.address) {
            *self = Self::default();
        }
    }

    pub(super) fn caller(&self) -> &Caller {
        self.session.as_ref().map_or(&Caller::Guest, Session::caller)
    }

    /// Its record; guests have none.
    pub(super) fn key(&self) -> Option<PersonKey> {
        let record = self.caller().record()?;
        Some(PersonKey { collection: record.collection.id.clone(), record: record.id.clone() })
    }

    /// What rules see when they are asked for this subscriber. `now_ms` is Unix time in milliseconds.
    pub(super) fn info(&self, topic: &Topic, now_ms: i64) -> RequestInfo {
        RequestInfo {
            head: Arc::clone(&topic.head),
            context: Context::Realtime,
            auth: self.auth.clone(),
            now_ms,
            ..RequestInfo::default()
        }
    }

    /// What this subscriber wants to hear of.
    pub(super) fn watch<'a>(&'a self, topic: &'a Topic, catalog: &'a Catalog, info: &'a RequestInfo) -> Watch<'a> {
        let is_one = topic.subject.as_ref().is_some_and(|subject| subject.record.is_some());
        Watch {
            request: Request { catalog, caller: self.caller(), info },
            action: if is_one { Action::View } else { Action::List },
            filter: topic.filter.as_ref(),
            expand: &topic.expand,
            own: self.own.as_ref(),
        }
    }

    /// Whether everything this topic asks of records can be told from the record and this person.
    pub(super) fn hears_locally(&self, topic: &Topic, catalog: &Catalog, now_ms: i64) -> bool {
        let Some(plan) = topic.subject.as_ref().and_then(|subject| catalog.find(&subject.collection)) else {
            return true;
        };
        self.watch(topic, catalog, &self.info(topic, now_ms)).is_local(plan)
    }
}

/// Everybody who is connected, by record, with the number of clients.
#[derive(Debug, Default)]
pub(super) struct People(HashMap<Arc<PersonKey>, (Person, usize)>);

static GUEST: std::sync::LazyLock<Person> = std::sync::LazyLock::new(Person::default);

impl People {
    /// Adds a client of this person; yields the key. What is known of the person is replaced.
    pub(super) fn enter(&mut self, person: Person) -> Option<Arc<PersonKey>> {
        let key = Arc::new(person.key()?);
        let count = self.0.get(&key).map_or(0, |(_, count)| *count);
        // The key in the map stays the one that clients have.
        let key = self.0.get_key_value(&key).map_or(key, |(known, _)| Arc::clone(known));
        self.0.insert(Arc::clone(&key), (person, count + 1));
        Some(key)
    }

    /// A client of this person is gone.
    pub(super) fn leave(&mut self, key: Option<&Arc<PersonKey>>) {
        let Some(key) = key else { return };
        if let Some((_, count)) = self.0.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(key);
            }
        }
    }

    /// The person of a key; guests have none.
    pub(super) fn get(&self, key: Option<&Arc<PersonKey>>) -> &Person {
        key.and_then(|key| self.0.get(key)).map_or(&GUEST, |(person, _)| person)
    }

    /// Collections that somebody is from.
    pub(super) fn collections(&self) -> Vec<String> {
        let mut collections: Vec<String> = self.0.keys().map(|key| key.collection.clone()).collect();
        collections.sort_unstable();
        collections.dedup();
        collections
    }

    /// Looks at these people anew; yields those whose sessions are over. They stay who they were until their clients have
    /// left.
    pub(super) fn renew(
        &mut self,
        conn: &Connection,
        catalog: &Catalog,
        is_concerned: impl Fn(&PersonKey) -> bool,
    ) -> Result<Vec<Arc<PersonKey>>, RecordError> {
        let mut gone = Vec::new();
        for (key, (person, _)) in self.0.iter_mut().filter(|(key, _)| is_concerned(key)) {
            let mut renewed = person.clone();
            if renewed.renew(conn, catalog)? {
                *person = renewed;
            } else {
                gone.push(Arc::clone(key));
            }
        }
        Ok(gone)
    }

    /// Superusers.
    pub(super) fn superusers(&self) -> Vec<Arc<PersonKey>> {
        let superusers = self.0.iter().filter(|(_, (person, _))| person.caller().is_superuser());
        superusers.map(|(key, _)| Arc::clone(key)).collect()
    }
}

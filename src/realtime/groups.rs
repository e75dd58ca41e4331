//! Who wants to hear of which records. Clients with the same topic and identity form a group: what one of them may hear,
//! all may, in the same words.

use std::collections::HashMap;
use std::sync::Arc;

use super::client::{Client, PersonKey};
use super::topic::Topic;
use crate::query::Catalog;

/// Position of a group.
pub(super) type GroupId = usize;

/// Clients that hear the same.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) topic: Arc<Topic>,
    /// Who they are; nobody knows guests.
    pub(super) person: Option<Arc<PersonKey>>,
    pub(super) clients: Vec<Arc<Client>>,
}

type GroupKey = (Arc<str>, Option<Arc<PersonKey>>);

/// Groups that a change of a collection may concern.
#[derive(Debug, Default)]
struct Audience {
    of_all: Vec<GroupId>,
    of_one: HashMap<String, Vec<GroupId>>,
}

/// A client with its groups.
#[derive(Debug)]
struct Member {
    client: Arc<Client>,
    person: Option<Arc<PersonKey>>,
    groups: Vec<GroupId>,
}

/// Who a client was that was taken out.
#[derive(Debug)]
pub(super) struct Removed {
    /// Guests are nobody.
    pub(super) person: Option<Arc<PersonKey>>,
}

/// All groups of some clients.
#[derive(Debug, Default)]
pub(super) struct Groups {
    slots: Vec<Option<Group>>,
    free: Vec<GroupId>,
    by_key: HashMap<GroupKey, GroupId>,
    /// By collection id.
    audiences: HashMap<String, Audience>,
    members: HashMap<u64, Member>,
}

impl Groups {
    /// Adds a client that is not in yet.
    pub(super) fn add(
        &mut self,
        client: &Arc<Client>,
        person: Option<Arc<PersonKey>>,
        topics: &[Arc<Topic>],
        catalog: &Catalog,
    ) {
        let mut groups = Vec::with_capacity(topics.len());
        for topic in topics.iter().filter(|topic| topic.subject.is_some()) {
            let key = (Arc::clone(&topic.text), person.clone());
            let id = match self.by_key.get(&key) {
                Some(id) => *id,
                None => self.open(key, topic, catalog),
            };
            // The same topic twice is heard once.
            if !groups.contains(&id)
                && let Some(group) = &mut self.slots[id]
            {
                group.clients.push(Arc::clone(client));
                groups.push(id);
            }
        }
        self.members.insert(client.number, Member { client: Arc::clone(client), person, groups });
    }

    fn open(&mut self, key: GroupKey, topic: &Arc<Topic>, catalog: &Catalog) -> GroupId {
        let group = Group { topic: Arc::clone(topic), person: key.1.clone(), clients: Vec::new() };
        let id = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.index(id, &group.topic, catalog);
        self.slots[id] = Some(group);
        self.by_key.insert(key, id);
        id
    }

    fn index(&mut self, id: GroupId, topic: &Topic, catalog: &Catalog) {
        let Some(subject) = &topic.subject else { return };
        let Some(plan) = catalog.find(&subject.collection) else { return };
        let audience = self.audiences.entry(plan.collection().id.clone()).or_default();
        match &subject.record {
            None => audience.of_all.push(id),
            Some(record) => audience.of_one.entry(record.clone()).or_default().push(id),
        }
    }

    /// Takes a client out, if it is in.
    pub(super) fn remove(&mut self, number: u64) -> Option<Removed> {
        let member = self.members.remove(&number)?;
        for id in member.groups {
            let Some(group) = &mut self.slots[id] else { continue };
            if let Some(at) = group.clients.iter().position(|client| client.number == number) {
                group.clients.swap_remove(at);
            }
            if group.clients.is_empty() {
                self.close(id);
            }
        }
        Some(Removed { person: member.person })
    }

    fn close(&mut self, id: GroupId) {
        let Some(group) = self.slots[id].take() else { return };
        self.by_key.remove(&(Arc::clone(&group.topic.text), group.person));
        self.free.push(id);
        // Under which collection it stands may have changed since; there are few.
        self.audiences.retain(|_, audience| {
            match group.topic.subject.as_ref().and_then(|subject| subject.record.as_ref()) {
                None => audience.of_all.retain(|other| *other != id),
                Some(record) => {
                    if let Some(groups) = audience.of_one.get_mut(record) {
                        groups.retain(|other| *other != id);
                        if groups.is_empty() {
                            audience.of_one.remove(record);
                        }
                    }
                }
            }
            !audience.of_all.is_empty() || !audience.of_one.is_empty()
        });
    }

    /// Collections changed: topics may mean others now.
    pub(super) fn index_all(&mut self, catalog: &Catalog) {
        self.audiences.clear();
        for id in 0..self.slots.len() {
            if let Some(topic) = self.slots[id].as_ref().map(|group| Arc::clone(&group.topic)) {
                self.index(id, &topic, catalog);
            }
        }
    }

    /// The groups that a change of this record may concern.
    pub(super) fn concerned(&self, collection_id: &str, record_id: &str) -> Vec<GroupId> {
        let Some(audience) = self.audiences.get(collection_id) else { return Vec::new() };
        let of_one = audience.of_one.get(record_id).map_or(&[][..], Vec::as_slice);
        [&audience.of_all, of_one].concat()
    }

    /// A group that is there.
    pub(super) fn get(&self, id: GroupId) -> Option<&Group> {
        self.slots.get(id)?.as_ref()
    }

    /// All clients with who they are.
    pub(super) fn clients(&self) -> impl Iterator<Item = (&Arc<Client>, Option<&Arc<PersonKey>>)> {
        self.members.values().map(|member| (&member.client, member.person.as_ref()))
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        self.members.contains_key(&number)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }
}

//! A thread that follows the feed and tells clients of each change, in order.
//!
//! There are two: one for clients about whom everything can be told in memory, and one for those whose rules, filters or
//! expands read other records. What the latter costs never holds up the former. A client is in one of them with all of its
//! topics, so that its events are in the order of the feed.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::backlog::Backlog;
use super::client::{Client, PersonKey};
use super::costs::Costs;
use super::doorbell::Wakes;
use super::groups::{Group, GroupId, Groups, Removed};
use super::hub::{LaneHandle, Shared};
use super::message::{Admission, Message};
use super::people::{People, Person};
use super::tell::{Answer, Before, Stage, Stages, Telling};
use crate::db::{Change, ChangeAction, changed_records, changes_after};
use crate::query::Catalog;
use crate::records::{Hearing, RecordError};

/// Changes read at a time.
const PAGE: i64 = 200;

/// How long a moment of the store is held when nothing happens. As long as it is, the write-ahead log cannot be begun anew.
const HOLD: Duration = Duration::from_millis(100);

/// Time after which a failed turn is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// What telling of one change may cost a client, and the costly clients of one address together. Beyond it they are told by
/// the other lane,
const FAST_LIMIT: Duration = Duration::from_millis(20);
/// and there told to load afresh.
const SLOW_LIMIT: Duration = Duration::from_millis(200);

/// Changes after which everybody is looked at anew, rather than those who changed.
const FAR: i64 = 50_000;

/// People whose records were deleted, by the number of that change.
type Departing = HashMap<i64, Arc<PersonKey>>;

pub(super) struct Lane {
    pub(super) shared: Arc<Shared>,
    /// Whether it may ask the store.
    pub(super) is_slow: bool,
    inbox: Receiver<Message>,
    /// Every change up to this one has been told.
    pub(super) position: i64,
    pub(super) groups: Groups,
    pub(super) people: People,
    /// The collections that groups and people were last looked at with.
    catalog: Option<Arc<Catalog>>,
    /// The moment of `position`: deletions are judged there.
    before: Option<Stage>,
    /// What this change cost so far.
    costs: Costs,
}

impl Lane {
    pub(super) fn new(shared: Arc<Shared>, is_slow: bool, inbox: Receiver<Message>) -> Self {
        Self {
            shared,
            is_slow,
            inbox,
            position: 0,
            groups: Groups::default(),
            people: People::default(),
            catalog: None,
            before: None,
            costs: Costs::default(),
        }
    }

    /// Runs until the hub is closed.
    pub(super) fn run(mut self) {
        while let Some(messages) = self.wait() {
            let waiting: Vec<Arc<Client>> = messages.iter().filter_map(Message::waiting_client).collect();
            if catch_unwind(AssertUnwindSafe(|| self.turn(messages))).is_err() {
                tracing::error!("telling clients of changes panicked; they have to connect again");
                self.start_over(&waiting);
            }
        }
    }

    /// Waits for something to do; `None` when it is time to end.
    fn wait(&mut self) -> Option<Vec<Message>> {
        let first = if self.before.is_some() {
            match self.inbox.recv_timeout(HOLD) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => Message::Committed,
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        } else {
            self.inbox.recv().ok()?
        };
        let messages: Vec<Message> = std::iter::once(first).chain(self.inbox.try_iter()).collect();
        // After the signal was taken and before the store is looked at: what is committed from here on signals again.
        self.handle().is_signalled.store(false, Ordering::SeqCst);
        if messages.iter().any(|message| matches!(message, Message::Stop)) { None } else { Some(messages) }
    }

    fn handle(&self) -> &LaneHandle {
        self.shared.lane(self.is_slow)
    }

    fn turn(&mut self, messages: Vec<Message>) {
        let mut others = Vec::new();
        for message in messages {
            match message {
                Message::Leave(client) => self.remove(&client),
                Message::Committed | Message::Stop => {}
                other => others.push(other),
            }
        }
        if self.groups.is_empty() && others.is_empty() {
            self.before = None;
            return self.report();
        }
        let shared = Arc::clone(&self.shared);
        let staged = Stage::now(&shared.db, || shared.catalog.load_full());
        let followed = staged.map_err(RecordError::from).and_then(|stage| self.follow(&stage).map(|()| stage));
        match followed {
            Ok(stage) => {
                for message in others {
                    self.take(&stage, message);
                }
                self.before = (self.is_slow && !self.groups.is_empty()).then_some(stage);
            }
            Err(error) => {
                tracing::warn!(%error, "the change feed could not be read");
                std::thread::sleep(RETRY);
                // Nothing is lost: the next turn begins where this one ended.
                for message in others {
                    self.handle().send(message);
                }
                self.handle().send(Message::Committed);
            }
        }
        self.report();
    }

    fn take(&mut self, stage: &Stage, message: Message) {
        match message {
            Message::Subscribe(subscribe) => self.subscribe(stage, *subscribe),
            Message::Admit(admission) => self.admit(stage, *admission),
            Message::Leave(_) | Message::Committed | Message::Stop => {}
        }
    }

    /// Tells of every change up to the moment of the stage.
    fn follow(&mut self, stage: &Stage) -> Result<(), RecordError> {
        if self.groups.is_empty() {
            self.position = stage.last;
            self.catalog = Some(Arc::clone(&stage.catalog));
            return Ok(());
        }
        let departing = self.renew_people(stage)?;
        let before = self.before.take();
        let told = self.tell_until(stage, before.as_ref().map(Before::new).as_ref(), &departing);
        if told.is_err() {
            // The next turn begins where this one ended.
            self.before = before;
        }
        told
    }

    fn tell_until(
        &mut self,
        stage: &Stage,
        before: Option<&Before<'_>>,
        departing: &Departing,
    ) -> Result<(), RecordError> {
        while self.position < stage.last {
            let changes = changes_after(&stage.tx(), self.position, PAGE)?;
            let Some(first) = changes.first() else { break };
            if first.seq > self.position + 1 {
                // Pruned before it was told: this thread is far behind.
                self.tell_all_to_resync();
            }
            for change in &changes {
                if self.shared.is_stopping.load(Ordering::Relaxed) {
                    return Ok(());
                }
                self.tell(stage, before, departing, change)?;
                self.position = change.seq;
                if let Some(key) = departing.get(&change.seq) {
                    self.make_guests(|person| person == key, &stage.catalog);
                }
            }
        }
        self.position = stage.last;
        Ok(())
    }

    /// Whoever is no longer who it was when it subscribed is a guest from here on, before anything else is told. Those whose
    /// records were deleted, and nothing else, hear of that first.
    fn renew_people(&mut self, stage: &Stage) -> Result<Departing, RecordError> {
        let (tx, catalog) = (stage.tx(), &stage.catalog);
        let is_same = self.catalog.as_ref().is_some_and(|known| Arc::ptr_eq(known, catalog));
        let mut departing = Departing::new();
        let mut gone = Vec::new();
        if is_same && stage.last - self.position < FAR {
            for collection in self.people.collections() {
                let mut changes: HashMap<String, Vec<Change>> = HashMap::new();
                for change in changed_records(&tx, self.position, &collection)? {
                    changes.entry(change.record.clone()).or_default().push(change);
                }
                let concerned = |key: &PersonKey| key.collection == collection && changes.contains_key(&key.record);
                for key in self.people.renew(&tx, catalog, concerned)? {
                    match changes.get(&key.record).map(Vec::as_slice) {
                        Some([change]) if change.action == ChangeAction::Delete => {
                            departing.insert(change.seq, key);
                        }
                        _ => gone.push(key),
                    }
                }
            }
        } else {
            gone = self.people.renew(&tx, catalog, |_| true)?;
            self.groups.index_all(catalog);
        }
        if !gone.is_empty() {
            self.make_guests(|person| gone.contains(person), catalog);
        }
        let superusers = self.people.superusers();
        if !superusers.is_empty() {
            let clients =
                self.groups.clients().filter(|(_, person)| person.is_some_and(|key| superusers.contains(key)));
            let is_outside = |client: &Client| !(self.shared.may_be_superuser)(client.address);
            let outside = clients.filter(|(client, _)| is_outside(client)).map(|(client, _)| Arc::clone(client));
            let outside: Vec<_> = outside.collect();
            for client in outside {
                self.make_guest(&client, catalog);
            }
        }
        if !is_same {
            self.catalog = Some(Arc::clone(catalog));
            self.move_those_who_need_the_store(catalog);
        }
        Ok(departing)
    }

    fn make_guests(&mut self, is_gone: impl Fn(&Arc<PersonKey>) -> bool, catalog: &Catalog) {
        let clients = self.groups.clients().filter(|(_, person)| person.is_some_and(&is_gone));
        let clients: Vec<Arc<Client>> = clients.map(|(client, _)| Arc::clone(client)).collect();
        for client in clients {
            self.make_guest(&client, catalog);
        }
    }

    fn make_guest(&mut self, client: &Arc<Client>, catalog: &Catalog) {
        self.remove(client);
        let topics = {
            let mut state = client.state.lock();
            state.person = None;
            state.topics.clone()
        };
        self.groups.add(client, None, &topics, catalog);
    }

    /// Rules changed: what could be told in memory may take the store now.
    fn move_those_who_need_the_store(&mut self, catalog: &Catalog) {
        if self.is_slow {
            return;
        }
        let now_ms = self.shared.db.clock().unix_millis();
        let needy: Vec<Arc<Client>> = self
            .groups
            .clients()
            .filter(|(client, person)| {
                let person = self.people.get(*person);
                !client.state.lock().topics.iter().all(|topic| person.hears_locally(topic, catalog, now_ms))
            })
            .map(|(client, _)| Arc::clone(client))
            .collect();
        for client in needy {
            self.hand_over(&client, self.position);
        }
    }

    /// Tells of one change.
    fn tell(
        &mut self,
        stage: &Stage,
        before: Option<&Before<'_>>,
        departing: &Departing,
        change: &Change,
    ) -> Result<(), RecordError> {
        let concerned = self.groups.concerned(&change.collection, &change.record);
        if concerned.is_empty() {
            return Ok(());
        }
        let Some(mut telling) = Telling::of(&stage.tx(), &stage.catalog, change)? else { return Ok(()) };
        let now_ms = self.shared.db.clock().unix_millis();
        self.costs.clear();
        let (mut heard, mut undecided) = (Vec::new(), Vec::new());
        for id in concerned {
            let Some(group) = self.groups.get(id) else { continue };
            // The store has records as they are after that: whoever is about to go hears of its own end alone.
            let is_leaving = group.person.as_ref().is_some_and(|key| departing.values().any(|leaving| leaving == key));
            if is_leaving && departing.get(&change.seq) != group.person.as_ref() {
                continue;
            }
            if self.costs.are_too_high(group, self.limit()) {
                undecided.push(id);
                continue;
            }
            let started = Instant::now();
            match telling.hear(&stage.catalog, &group.topic, self.people.get(group.person.as_ref()), now_ms) {
                Hearing::Nothing => {}
                Hearing::Record(extent) => heard.push((id, extent)),
                Hearing::AskStore => undecided.push(id),
            }
            self.costs.charge(group, started.elapsed());
        }
        if !self.is_slow {
            // With all of their topics, before anything of this change is told to them.
            let groups = undecided.drain(..).filter_map(|id| self.groups.get(id));
            let clients: Vec<Arc<Client>> = groups.flat_map(|group| group.clients.iter().cloned()).collect();
            for client in clients {
                self.hand_over(&client, change.seq - 1);
            }
        }
        if let Some(before) = before.filter(|_| telling.is_gone() && !undecided.is_empty()) {
            // However long that takes, nobody in particular is to blame.
            before.interim(&stage.tx())?;
        }
        let mut wakes = Wakes::default();
        for (id, extent) in heard {
            self.tell_group(id, change.seq, &mut wakes, |group, person| {
                telling.payload(&stage.catalog, &group.topic, person, extent).map(Answer::Payload)
            });
        }
        for id in undecided {
            let tx = stage.limited_tx();
            let stages = Stages { now: &tx, catalog: &stage.catalog, before };
            self.tell_group(id, change.seq, &mut wakes, |group, person| {
                telling.ask(stages, &group.topic, person, now_ms)
            });
        }
        Ok(())
    }

    /// What telling of a change may cost the clients of one address.
    fn limit(&self) -> Duration {
        if self.is_slow { SLOW_LIMIT } else { FAST_LIMIT }
    }

    /// Tells a group what it hears of a change, within what its clients may cost.
    fn tell_group(
        &mut self,
        id: GroupId,
        seq: i64,
        wakes: &mut Wakes,
        hear: impl FnOnce(&Group, &Person) -> Result<Answer, RecordError>,
    ) {
        let Some(group) = self.groups.get(id) else { return };
        if self.costs.are_too_high(group, self.limit()) || self.shared.is_stopping.load(Ordering::Relaxed) {
            return self.resync_group(id, seq, &"it costs too much");
        }
        let started = Instant::now();
        let answer = hear(group, self.people.get(group.person.as_ref()));
        self.costs.charge(group, started.elapsed());
        let payload = match answer {
            Ok(Answer::Nothing) => return,
            Ok(Answer::Payload(payload)) => payload,
            Ok(Answer::Unknown) => return self.resync_group(id, seq, &"what the rule depends on is gone"),
            Err(error) => return self.resync_group(id, seq, &error),
        };
        let mut sent = 0;
        for client in group.clients.iter().filter(|client| client.since() < seq) {
            self.shared.counts.note(client.push_with(&group.topic.text, &payload, seq, wakes));
            sent += 1;
        }
        self.shared.counts.events.fetch_add(sent, Ordering::Relaxed);
    }

    /// Whether these clients may hear of a change cannot be told in time.
    fn resync_group(&self, id: GroupId, seq: i64, reason: &dyn std::fmt::Display) {
        let Some(group) = self.groups.get(id) else { return };
        tracing::debug!(%reason, "a subscription cannot be told of a change");
        for client in group.clients.iter().filter(|client| client.since() < seq) {
            self.shared.counts.resyncs.fetch_add(1, Ordering::Relaxed);
            client.push_resync(seq);
        }
    }

    fn tell_all_to_resync(&self) {
        for (client, _) in self.groups.clients() {
            self.shared.counts.resyncs.fetch_add(1, Ordering::Relaxed);
            client.push_resync(self.position);
        }
    }

    /// After a panic nothing here is trusted.
    fn start_over(&mut self, waiting: &[Arc<Client>]) {
        let clients: Vec<Arc<Client>> = self.groups.clients().map(|(client, _)| Arc::clone(client)).collect();
        (self.groups, self.people, self.before) = (Groups::default(), People::default(), None);
        // Without a connection they subscribe again, which is all they need to know.
        for client in clients.iter().chain(waiting) {
            client.outbox.close();
        }
        self.report();
    }

    pub(super) fn remove(&mut self, client: &Client) {
        if let Some(removed) = self.groups.remove(client.number) {
            self.people.leave(removed.person.as_ref());
        }
    }

    /// Gives a client to the thread that may ask the store. It has been told of everything up to `since`.
    fn hand_over(&mut self, client: &Arc<Client>, since: i64) {
        let Some(Removed { person: key }) = self.groups.remove(client.number) else { return };
        let person = self.people.get(key.as_ref()).clone();
        self.people.leave(key.as_ref());
        let (topics, generation) = {
            let mut state = client.state.lock();
            state.is_slow = true;
            state.backlog = Some(Backlog::after(since));
            (state.topics.clone(), state.generation)
        };
        let admission = Admission::new(Arc::clone(client), generation, person, topics);
        self.shared.lane(true).send(Message::Admit(Box::new(admission)));
    }

    /// Lets others know how far it is.
    fn report(&self) {
        let handle = self.handle();
        handle.position.store(self.position, Ordering::Relaxed);
        let before = handle.members.swap(self.groups.len(), Ordering::SeqCst);
        if before == 0 && !self.groups.is_empty() {
            // What was committed while nobody was known to listen was not announced.
            handle.send(Message::Committed);
        }
    }
}

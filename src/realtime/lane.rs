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

use super::client::{Client, PersonKey};
use super::doorbell::Wakes;
use super::groups::{GroupId, Groups, Removed};
use super::hub::{LaneHandle, Shared};
use super::message::{Admission, Message};
use super::people::People;
use super::tell::{Answer, Heard, Stage, Stages, Telling};
use crate::db::{Change, changed_records, changes_after};
use crate::query::Catalog;
use crate::records::RecordError;

/// Changes read at a time.
const PAGE: i64 = 200;

/// How long a moment of the store is held when nothing happens. As long as it is, the write-ahead log cannot be begun anew.
const HOLD: Duration = Duration::from_millis(100);

/// Time after which a failed turn is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// What the store may be asked for one client in one turn; beyond it the client is told to load afresh.
const CLIENT_LIMIT: Duration = Duration::from_millis(200);

/// Payloads for groups.
type Payloads = Vec<(GroupId, Arc<[u8]>)>;

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
    /// What was spent on each client in this turn.
    spent: HashMap<u64, Duration>,
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
            spent: HashMap::new(),
        }
    }

    /// Runs until the hub is closed.
    pub(super) fn run(mut self) {
        while let Some(messages) = self.wait() {
            if catch_unwind(AssertUnwindSafe(|| self.turn(messages))).is_err() {
                tracing::error!("telling clients of changes panicked; they are told to load afresh");
                self.start_over();
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
            return;
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
        self.spent.clear();
        if self.groups.is_empty() {
            self.position = stage.last;
            self.catalog = Some(Arc::clone(&stage.catalog));
            return Ok(());
        }
        self.renew_people(stage)?;
        let before = self.before.take();
        while self.position < stage.last {
            let changes = changes_after(&stage.tx(), self.position, PAGE)?;
            let Some(last) = changes.last().map(|change| change.seq) else { break };
            if changes[0].seq > self.position + 1 {
                // Pruned before it was told: this thread is far behind.
                self.tell_all_to_resync();
            }
            for change in &changes {
                self.tell(stage, before.as_ref(), change)?;
                self.position = change.seq;
            }
            self.position = last;
        }
        self.position = stage.last;
        Ok(())
    }

    /// Whoever is no longer who it was when it subscribed is a guest from here on, before anything else is told.
    fn renew_people(&mut self, stage: &Stage) -> Result<(), RecordError> {
        let (tx, catalog) = (stage.tx(), &stage.catalog);
        let is_same = self.catalog.as_ref().is_some_and(|known| Arc::ptr_eq(known, catalog));
        let mut gone = Vec::new();
        if is_same {
            for collection in self.people.collections() {
                let changed = changed_records(&tx, self.position, &collection)?;
                let concerned = |key: &PersonKey| key.collection == collection && changed.contains(&key.record);
                gone.extend(self.people.renew(&tx, catalog, concerned)?);
            }
        } else {
            gone = self.people.renew(&tx, catalog, |_| true)?;
            self.groups.index_all(catalog);
        }
        let mut lost: Vec<Arc<Client>> = Vec::new();
        if !gone.is_empty() {
            let is_gone = |key: &Arc<PersonKey>| gone.contains(key);
            let clients = self.groups.clients().filter(|(_, person)| person.is_some_and(is_gone));
            lost.extend(clients.map(|(client, _)| Arc::clone(client)));
        }
        let superusers = self.people.superusers();
        if !superusers.is_empty() {
            let is_outside = |client: &Client| !(self.shared.may_be_superuser)(client.address);
            let clients =
                self.groups.clients().filter(|(_, person)| person.is_some_and(|key| superusers.contains(key)));
            lost.extend(clients.filter(|(client, _)| is_outside(client)).map(|(client, _)| Arc::clone(client)));
        }
        for client in lost {
            self.make_guest(&client, catalog);
        }
        if !is_same {
            self.catalog = Some(Arc::clone(catalog));
            self.move_those_who_need_the_store(catalog);
        }
        Ok(())
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
    fn tell(&mut self, stage: &Stage, before: Option<&Stage>, change: &Change) -> Result<(), RecordError> {
        let concerned = self.groups.concerned(&change.collection, &change.record);
        if concerned.is_empty() {
            return Ok(());
        }
        let Some(mut telling) = Telling::of(&stage.tx(), &stage.catalog, change)? else { return Ok(()) };
        let now_ms = self.shared.db.clock().unix_millis();
        let (mut payloads, mut undecided) = (Payloads::new(), Vec::new());
        for id in concerned {
            let Some(group) = self.groups.get(id) else { continue };
            let person = self.people.get(group.person.as_ref());
            match telling.tell(&stage.catalog, &group.topic, person, now_ms) {
                Ok(Heard::Nothing) => {}
                Ok(Heard::Payload(payload)) => payloads.push((id, payload)),
                Ok(Heard::AskStore) => undecided.push(id),
                Err(error) => self.resync_group(id, change.seq, &error),
            }
        }
        if self.is_slow {
            for id in undecided {
                payloads.extend(self.ask(stage, before, &telling, id, change.seq, now_ms).map(|payload| (id, payload)));
            }
        } else if !undecided.is_empty() {
            // With all of their topics, before anything of this change is told to them.
            let groups = undecided.iter().filter_map(|id| self.groups.get(*id));
            let clients: Vec<Arc<Client>> = groups.flat_map(|group| group.clients.iter().cloned()).collect();
            for client in clients {
                self.hand_over(&client, change.seq - 1);
            }
        }
        self.push(&payloads, change.seq);
        Ok(())
    }

    fn push(&self, payloads: &Payloads, seq: i64) {
        let (mut sent, mut wakes) = (0, Wakes::default());
        for (id, payload) in payloads {
            let Some(group) = self.groups.get(*id) else { continue };
            for client in &group.clients {
                if client.since() < seq {
                    self.shared.counts.note(client.push_with(&group.topic.text, payload, seq, &mut wakes));
                    sent += 1;
                }
            }
        }
        wakes.ring();
        self.shared.counts.events.fetch_add(sent, Ordering::Relaxed);
    }

    /// Asks the store what a group hears of a change, within what its clients may cost.
    fn ask(
        &mut self,
        stage: &Stage,
        before: Option<&Stage>,
        telling: &Telling<'_>,
        id: GroupId,
        seq: i64,
        now_ms: i64,
    ) -> Option<Arc<[u8]>> {
        let group = self.groups.get(id)?;
        let spent = |client: &Arc<Client>| self.spent.get(&client.number).copied().unwrap_or_default();
        if group.clients.iter().all(|client| spent(client) > CLIENT_LIMIT) {
            self.resync_group(id, seq, &"it costs too much");
            return None;
        }
        let started = Instant::now();
        let tx = stage.limited_tx();
        let stages = Stages { now: &tx, catalog: &stage.catalog, before };
        let heard = telling.ask(stages, &group.topic, self.people.get(group.person.as_ref()), now_ms);
        let share = started.elapsed() / u32::try_from(group.clients.len().max(1)).unwrap_or(u32::MAX);
        for client in &group.clients {
            *self.spent.entry(client.number).or_default() += share;
        }
        match heard {
            Ok(Answer::Nothing) => None,
            Ok(Answer::Payload(payload)) => Some(payload),
            Ok(Answer::Unknown) => {
                self.resync_group(id, seq, &"what the rule depends on is gone");
                None
            }
            Err(error) => {
                self.resync_group(id, seq, &error);
                None
            }
        }
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

    /// After a panic nothing here is trusted: clients begin anew at the next change.
    fn start_over(&mut self) {
        let clients: Vec<Arc<Client>> = self.groups.clients().map(|(client, _)| Arc::clone(client)).collect();
        (self.groups, self.people, self.before) = (Groups::default(), People::default(), None);
        // Without a connection they subscribe again, which is all they need to know.
        for client in clients {
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
            (state.topics.clone(), state.generation)
        };
        client.set_since(since);
        let client = Arc::clone(client);
        let admission = Admission { from: Some(since), ..Admission::new(client, generation, person, topics) };
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

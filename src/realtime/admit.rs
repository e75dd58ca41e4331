//! Taking in a client's subscriptions: who it is, which thread tells it, and what it missed first.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::hub::Shared;
use super::lane::Lane;
use super::message::{Admission, Message, Reply, Subscribe, SubscribeError};
use super::people::Person;
use super::replay::{Listener, is_kept, replay};
use super::tell::Stage;
use super::topic::OAUTH2_TOPIC;
use crate::db::{DbError, ReadTx};
use crate::identity::Session;
use crate::records::RecordError;

/// Changes that are looked at on the lane's own thread for a client that missed them. Who missed more is told in pages, by
/// readers that nobody waits for.
const INLINE: i64 = 50;

/// Changes of a page.
const PAGE: i64 = 500;

/// Pause before a page is tried again that there was no room for.
const RETRY: Duration = Duration::from_millis(200);

impl Lane {
    /// Gives a client another set of subscriptions.
    pub(super) fn subscribe(&mut self, now: &Stage, subscribe: Subscribe) {
        let Subscribe { client, token, topics, resume_from, reply } = subscribe;
        let now_ms = self.shared.db.clock().unix_millis();
        let (tx, catalog) = (now.tx(), &now.catalog);
        let session = token.map_or(Ok(None), |token| Session::open(&tx, catalog, &token, now_ms.div_euclid(1000)));
        let person = session.map_err(RecordError::from).and_then(|session| Person::of(&tx, catalog, session));
        let person = match person {
            Ok(person) => person,
            Err(error) => {
                tracing::warn!(%error, "the store cannot say who subscribes");
                return refuse(reply, SubscribeError::Busy);
            }
        };
        if client.outbox.is_closed() {
            return refuse(reply, SubscribeError::UnknownClient);
        }
        let key = person.key();
        let needs_store = !topics.iter().all(|topic| person.hears_locally(topic, catalog, now_ms));
        let is_told_here = self.groups.contains(client.number);
        let mut state = client.state.lock();
        if state.person.is_some() && state.person.as_deref() != key.as_ref() {
            drop(state);
            return refuse(reply, SubscribeError::OtherIdentity);
        }
        let asked = resume_from.or(state.resume_from);
        state.resume_from = None;
        // How far it has been told; nobody told one without topics of anything.
        let told = if is_told_here { self.position } else { client.since() };
        let from = Some(told).filter(|_| !state.topics.is_empty());
        state.is_slow |= needs_store;
        state.generation += 1;
        state.person = key.map(Arc::new);
        state.topics.clone_from(&topics);
        let (generation, is_slow) = (state.generation, state.is_slow);
        drop(state);
        let waits_for_code = topics.iter().any(|topic| &*topic.text == OAUTH2_TOPIC);
        client.waits_for_code.store(waits_for_code, Ordering::Release);
        let admission = Admission {
            from,
            asked,
            reply: Some(reply),
            ..Admission::new(Arc::clone(&client), generation, person, topics)
        };
        if is_slow && !self.is_slow {
            self.remove(&client);
            self.shared.lane(true).send(Message::Admit(Box::new(admission)));
        } else {
            self.admit(now, admission);
        }
    }

    /// Tells a client of changes from now on, after all it missed.
    pub(super) fn admit(&mut self, stage: &Stage, mut admission: Admission) {
        if !admission.is_current() {
            return admission.answer(Ok(()));
        }
        let tx = stage.tx();
        if self.groups.contains(admission.client.number) {
            self.remove(&admission.client);
            admission.from = Some(self.position);
        }
        if let Some(asked) = admission.asked.take() {
            admission.from = Some(admission.from.map_or(asked, |from| from.min(asked)));
            admission.announce = true;
        }
        match admission.person.renew(&tx, &stage.catalog) {
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "the store cannot say who subscribes");
                return admission.answer(Err(SubscribeError::Busy));
            }
        }
        let is_superuser = admission.person.caller().is_superuser();
        if is_superuser && !(self.shared.may_be_superuser)(admission.client.address) {
            admission.person = Person::default();
        }
        if let Some(from) = admission.from.filter(|from| *from != self.position) {
            match is_kept(&tx, from) {
                Ok(true) if self.position - from > INLINE => {
                    admission.answer(Ok(()));
                    let shared = Arc::clone(&self.shared);
                    self.shared.runtime.spawn(catch_up(shared, admission, self.is_slow));
                    return;
                }
                Ok(true) => self.catch_up_here(stage, &mut admission, from),
                Ok(false) => admission.doubts.something_is_missing(),
                Err(error) => {
                    tracing::warn!(%error, "the change feed could not be read");
                    admission.doubts.something_is_missing();
                }
            }
        }
        let Admission { client, person, topics, doubts, announce, .. } = &admission;
        client.set_since(self.position);
        if doubts.are_grave() {
            self.shared.counts.resyncs.fetch_add(1, Ordering::Relaxed);
            client.push_resync(self.position);
        } else if *announce {
            client.push_resumed(self.position);
        }
        let key = self.people.enter(person.clone());
        client.state.lock().person.clone_from(&key);
        self.groups.add(client, key, topics, &stage.catalog);
        admission.answer(Ok(()));
    }

    fn catch_up_here(&self, stage: &Stage, admission: &mut Admission, from: i64) {
        let now_ms = self.shared.db.clock().unix_millis();
        let listener = Listener { topics: &admission.topics, person: &admission.person };
        let mut from = from;
        loop {
            let page =
                replay(&stage.limited_tx(), &stage.catalog, now_ms, listener, (from, INLINE), &mut admission.doubts);
            match page {
                Ok(page) => {
                    self.shared.counts.sent(page.push_to(&admission.client));
                    if page.is_last {
                        return;
                    }
                    from = page.until;
                }
                Err(error) => {
                    tracing::debug!(%error, "what a client missed cannot be told");
                    return admission.doubts.something_is_missing();
                }
            }
        }
    }
}

fn refuse(reply: Reply, error: SubscribeError) {
    // Whoever asked may have gone away.
    let _ = reply.send(Err(error));
}

/// Tells a client of what it missed, as fast as it reads, then gives it to the lane.
async fn catch_up(shared: Arc<Shared>, mut admission: Admission, is_slow: bool) {
    while let Some(from) = admission.from {
        poll_fn(|context| admission.client.outbox.poll_room(context)).await;
        if !admission.is_current() {
            return;
        }
        match read_page(&shared, &admission, from).await {
            Ok((page, person, doubts)) => {
                (admission.person, admission.doubts) = (person, doubts);
                if !admission.is_current() {
                    return;
                }
                shared.counts.sent(page.push_to(&admission.client));
                admission.from = Some(page.until);
                if page.is_last {
                    break;
                }
            }
            Err(RecordError::Db(DbError::QueueFull)) => tokio::time::sleep(RETRY).await,
            Err(error) => {
                tracing::debug!(%error, "what a client missed cannot be told");
                admission.doubts.something_is_missing();
                admission.from = None;
            }
        }
    }
    shared.lane(is_slow).send(Message::Admit(Box::new(admission)));
}

type PageRead = (super::replay::Page, Person, super::replay::Doubts);

async fn read_page(shared: &Arc<Shared>, admission: &Admission, from: i64) -> Result<PageRead, RecordError> {
    // Few at a time: other slow reads are waited for by somebody.
    let _permit = shared.catching_up.acquire().await.map_err(|_| DbError::Closed)?;
    let (topics, person, doubts) = (admission.topics.clone(), admission.person.clone(), admission.doubts);
    let (catalog, now_ms) = (Arc::clone(&shared.catalog), shared.db.clock().unix_millis());
    let read = move |tx: &ReadTx<'_>| {
        let catalog = catalog.load_full();
        let (mut person, mut doubts) = (person.clone(), doubts);
        person.renew(tx, &catalog)?;
        let listener = Listener { topics: &topics, person: &person };
        let page = replay(tx, &catalog, now_ms, listener, (from, PAGE), &mut doubts)?;
        Ok((page, person, doubts))
    };
    shared.db.read_slow(read).await
}

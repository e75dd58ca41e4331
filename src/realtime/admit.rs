//! Taking in a client's subscriptions: who it is, which thread tells it, and what it missed first.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::hub::Shared;
use super::lane::Lane;
use super::message::{Admission, Message, Reply, Subscribe, SubscribeError};
use super::people::Person;
use super::replay::{Listener, Page, Span, replay};
use super::tell::Stage;
use super::topic::OAUTH2_TOPIC;
use crate::db::{DbError, ReadTx};
use crate::identity::Session;
use crate::records::RecordError;

/// Changes that are looked at on the lane's own thread for a client that missed them. Who missed more is told in pages, by
/// readers that nobody waits for.
const INLINE: i64 = 50;

/// Changes read at a time otherwise.
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
    pub(super) fn admit(&mut self, now: &Stage, mut admission: Admission) {
        if !admission.is_current() {
            return admission.answer(Ok(()));
        }
        let tx = now.tx();
        if self.groups.contains(admission.client.number) {
            self.remove(&admission.client);
            admission.from = Some(self.position);
        }
        let asked = admission.asked.take();
        if let Some(asked) = asked {
            admission.from = Some(admission.from.map_or(asked, |from| from.min(asked)));
            admission.announce = true;
        }
        match admission.person.renew(&tx, &now.catalog) {
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
        if let Some(from) = admission.from.filter(|from| asked.is_some() || *from != self.position) {
            let span = Span { from, limit: INLINE, is_asked: asked == Some(from) };
            let is_far = self.position.saturating_sub(from) > INLINE;
            if is_far || !self.catch_up_here(now, &mut admission, span) {
                admission.answer(Ok(()));
                let shared = Arc::clone(&self.shared);
                self.shared.runtime.spawn(catch_up(shared, admission, span, self.is_slow));
                return;
            }
        }
        let Admission { client, person, topics, is_lost, announce, .. } = &admission;
        client.set_since(self.position);
        if *is_lost {
            self.shared.counts.resyncs.fetch_add(1, Ordering::Relaxed);
            client.push_resync(self.position);
        } else if *announce {
            client.push_resumed(self.position);
        }
        let key = self.people.enter(person.clone());
        client.state.lock().person.clone_from(&key);
        self.groups.add(client, key, topics, &now.catalog);
        admission.answer(Ok(()));
    }

    /// Tells a client of the few changes it missed; false if that takes longer than others can wait.
    fn catch_up_here(&self, now: &Stage, admission: &mut Admission, span: Span) -> bool {
        let now_ms = self.shared.db.clock().unix_millis();
        let listener = Listener { topics: &admission.topics, person: &admission.person };
        // A limit above the number of changes: it is all or nothing.
        let span = Span { limit: INLINE + 1, ..span };
        match replay(&now.limited_tx(), &now.catalog, now_ms, listener, span) {
            Ok(Some(page)) if page.is_last => {
                self.shared.counts.sent(page.push_to(&admission.client));
                true
            }
            Ok(None) => {
                admission.is_lost = true;
                true
            }
            Ok(Some(_)) | Err(_) => false,
        }
    }
}

fn refuse(reply: Reply, error: SubscribeError) {
    // Whoever asked may have gone away.
    let _ = reply.send(Err(error));
}

/// Tells a client of what it missed, as fast as it reads, then gives it to the lane.
async fn catch_up(shared: Arc<Shared>, mut admission: Admission, span: Span, is_slow: bool) {
    let mut span = Span { limit: PAGE, ..span };
    loop {
        poll_fn(|context| admission.client.outbox.poll_room(context)).await;
        if !admission.is_current() {
            return;
        }
        let read = read_page(&shared, &admission, span).await;
        if !admission.is_current() {
            return;
        }
        match read {
            Ok((Some(page), person)) => {
                admission.person = person;
                shared.counts.sent(page.push_to(&admission.client));
                admission.from = Some(page.until);
                span = Span { from: page.until, is_asked: false, ..span };
                if page.is_last {
                    break;
                }
            }
            Ok((None, _)) => {
                admission.lose();
                break;
            }
            Err(RecordError::Db(DbError::QueueFull)) => tokio::time::sleep(RETRY).await,
            Err(error) => {
                tracing::warn!(%error, "what a client missed cannot be told");
                admission.lose();
                break;
            }
        }
    }
    shared.lane(is_slow).send(Message::Admit(Box::new(admission)));
}

async fn read_page(
    shared: &Arc<Shared>,
    admission: &Admission,
    span: Span,
) -> Result<(Option<Page>, Person), RecordError> {
    // Few at a time: other slow reads are waited for by somebody.
    let _permit = shared.catching_up.acquire().await.map_err(|_| DbError::Closed)?;
    let (topics, person) = (admission.topics.clone(), admission.person.clone());
    let (catalog, now_ms) = (Arc::clone(&shared.catalog), shared.db.clock().unix_millis());
    let read = move |tx: &ReadTx<'_>| {
        let (catalog, mut person) = (catalog.load_full(), person.clone());
        person.renew(tx, &catalog)?;
        let listener = Listener { topics: &topics, person: &person };
        let page = replay(tx, &catalog, now_ms, listener, span)?;
        Ok((page, person))
    };
    shared.db.read_slow(read).await
}

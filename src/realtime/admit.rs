//! Taking in a client's subscriptions: who it is, which thread tells it, and what it missed first.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::{Duration, Instant};

use super::backlog::Backlog;
use super::hub::Shared;
use super::lane::Lane;
use super::message::{Admission, Message, Reply, Subscribe, SubscribeError};
use super::people::Person;
use super::replay::{Effort, Listener, Page, replay};
use super::tell::Stage;
use super::topic::OAUTH2_TOPIC;
use crate::db::{DbError, ReadTx};
use crate::identity::Session;
use crate::records::RecordError;

/// Changes that are looked at on the lane's own thread for a client that missed them. Who missed more is told in pages, by
/// readers that nobody waits for.
const INLINE: i64 = 50;

/// How long that may take.
const INLINE_TIME: Duration = Duration::from_millis(5);

/// Changes read at a time otherwise.
const PAGE: i64 = 500;

/// How long that may take.
const PAGE_TIME: Duration = Duration::from_millis(50);

/// How long one change may take by all topics of a client; beyond it the client has to load afresh.
const CHANGE_TIME: Duration = Duration::from_millis(100);

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
        let told = is_told_here.then_some(self.position);
        state.backlog = Backlog::of(&state, &topics, asked, told, self.position);
        state.is_slow |= needs_store;
        state.generation += 1;
        state.person = key.map(Arc::new);
        state.topics.clone_from(&topics);
        let (generation, is_slow) = (state.generation, state.is_slow);
        drop(state);
        let waits_for_code = topics.iter().any(|topic| &*topic.text == OAUTH2_TOPIC);
        client.waits_for_code.store(waits_for_code, Ordering::Release);
        let admission =
            Admission { reply: Some(reply), ..Admission::new(Arc::clone(&client), generation, person, topics) };
        if is_slow && !self.is_slow {
            self.remove(&client);
            self.shared.lane(true).send(Message::Admit(Box::new(admission)));
        } else {
            self.admit(now, admission);
        }
    }

    /// Tells a client of changes from now on, after all it missed.
    pub(super) fn admit(&mut self, now: &Stage, mut admission: Admission) {
        let Ok(mut backlog) = admission.backlog() else { return admission.answer(Ok(())) };
        if self.groups.contains(admission.client.number) {
            let told = backlog.map_or(Backlog::after(self.position), |backlog| backlog.capped(self.position));
            // Kept with the client before it is taken out: whoever comes next has to know it.
            if !admission.update(|state| state.backlog = Some(told.clone())) {
                return admission.answer(Ok(()));
            }
            backlog = Some(told);
            self.remove(&admission.client);
        }
        if let Err(error) = admission.person.renew(&now.tx(), &now.catalog) {
            tracing::warn!(%error, "the store cannot say who subscribes");
            // Without an identity it would be told less than it may hear of.
            admission.client.outbox.close();
            return admission.answer(Err(SubscribeError::Busy));
        }
        admission.person.be_where_allowed(&self.shared, &admission.client);
        if let Some(backlog) = &mut backlog
            && !backlog.is_lost
            && (backlog.is_asked || backlog.from < self.position)
        {
            admission.update(|state| state.backlog = Some(backlog.clone()));
            let is_far = self.position.saturating_sub(backlog.from) > INLINE;
            if is_far || !self.catch_up_here(now, &admission, backlog) {
                admission.answer(Ok(()));
                self.shared.runtime.spawn(catch_up(Arc::clone(&self.shared), admission, self.is_slow));
                return;
            }
        }
        let key = admission.person.key().map(Arc::new);
        let is_current = admission.update(|state| (state.backlog, state.person) = (None, key));
        if is_current {
            self.settle(now, &admission, backlog.as_ref());
        }
        admission.answer(Ok(()));
    }

    fn settle(&mut self, now: &Stage, admission: &Admission, backlog: Option<&Backlog>) {
        let Admission { client, person, topics, .. } = admission;
        client.set_since(self.position);
        if backlog.is_some_and(|backlog| backlog.is_lost) {
            self.shared.counts.resyncs.fetch_add(1, Ordering::Relaxed);
            client.push_resync(self.position);
        } else if backlog.is_some_and(|backlog| backlog.is_awaited) {
            client.push_resumed(self.position);
        }
        let key = self.people.enter(person.clone());
        self.groups.add(client, key, topics, &now.catalog);
    }

    /// Tells a client of the few changes it missed; false if that takes longer than others can wait.
    fn catch_up_here(&self, now: &Stage, admission: &Admission, backlog: &mut Backlog) -> bool {
        let now_ms = self.shared.db.clock().unix_millis();
        let listener = Listener { topics: &admission.topics, person: &admission.person, backlog };
        // A limit above the number of changes: it is all or nothing.
        let effort = Effort::new(INLINE + 1, INLINE_TIME, INLINE_TIME, &self.shared.is_stopping);
        match replay(&now.limited_tx(), &now.catalog, now_ms, listener, effort) {
            Ok(Some(page)) if page.is_last && !page.has_doubts() => {
                push_page(&self.shared, admission, &page);
                true
            }
            Ok(None) => {
                backlog.is_lost = true;
                true
            }
            // Too much for here, or for a single change: there is more time elsewhere.
            Ok(Some(_)) | Err(_) => false,
        }
    }
}

/// Queues a page, unless the client has another set of topics by now.
fn push_page(shared: &Shared, admission: &Admission, page: &Page) -> bool {
    let key = admission.person.key().map(Arc::new);
    admission.update(|state| {
        shared.counts.sent(page.push_to(&admission.client));
        state.person = key;
        if let Some(backlog) = &mut state.backlog {
            backlog.advance(page.until);
        }
    })
}

fn refuse(reply: Reply, error: SubscribeError) {
    // Whoever asked may have gone away.
    let _ = reply.send(Err(error));
}

/// Tells a client of what it missed, as fast as it reads, then gives it to the lane.
async fn catch_up(shared: Arc<Shared>, mut admission: Admission, is_slow: bool) {
    loop {
        poll_fn(|context| match admission.backlog() {
            Ok(_) => admission.client.outbox.poll_room(context),
            Err(_) => Poll::Ready(()),
        })
        .await;
        let Ok(Some(backlog)) = admission.backlog() else { return };
        let started = Instant::now();
        let is_lost = match read_page(&shared, &admission, backlog).await {
            Ok((Some(page), person)) => {
                admission.person = person;
                if !push_page(&shared, &admission, &page) {
                    return;
                }
                if page.is_last {
                    break;
                }
                // Whoever asks for much waits for others in between.
                tokio::time::sleep(started.elapsed().min(RETRY)).await;
                false
            }
            Ok((None, _)) => true,
            Err(RecordError::Db(DbError::QueueFull)) => {
                tokio::time::sleep(RETRY).await;
                false
            }
            Err(error) => {
                tracing::warn!(%error, "what a client missed cannot be told");
                true
            }
        };
        if is_lost {
            admission.update(|state| state.backlog.iter_mut().for_each(|backlog| backlog.is_lost = true));
            break;
        }
    }
    shared.lane(is_slow).send(Message::Admit(Box::new(admission)));
}

async fn read_page(
    shared: &Arc<Shared>,
    admission: &Admission,
    backlog: Backlog,
) -> Result<(Option<Page>, Person), RecordError> {
    // Few at a time: other slow reads are waited for by somebody.
    let _permit = shared.catching_up.acquire().await.map_err(|_| DbError::Closed)?;
    let (topics, person, client) = (admission.topics.clone(), admission.person.clone(), Arc::clone(&admission.client));
    let (shared, now_ms) = (Arc::clone(shared), shared.db.clock().unix_millis());
    let db = shared.db.clone();
    let read = move |tx: &ReadTx<'_>| {
        let (catalog, mut person) = (shared.catalog.load_full(), person.clone());
        person.renew(tx, &catalog)?;
        person.be_where_allowed(&shared, &client);
        let listener = Listener { topics: &topics, person: &person, backlog: &backlog };
        let effort = Effort::new(PAGE, PAGE_TIME, CHANGE_TIME, &shared.is_stopping);
        let page = replay(tx, &catalog, now_ms, listener, effort)?;
        Ok((page, person))
    };
    db.read_slow(read).await
}

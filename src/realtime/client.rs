//! One connection that hears of changes.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::task::{Context, Poll};

use parking_lot::Mutex;

use super::backlog::Backlog;
use super::doorbell::{Doorbell, Wakes};
use super::outbox::{Frame, Outbox, Pushed, Total};
use super::topic::Topic;

/// Name of the first event.
const CONNECT_EVENT: &str = "PB_CONNECT";

/// Name of the event that says that changes may have been missed.
const RESYNC_EVENT: &str = "@resync";

/// Name of the event that says that all that was missed has been sent.
const RESUMED_EVENT: &str = "@resumed";

/// A connected client. Nobody knows its id but itself: whoever names it is it.
#[derive(Debug)]
pub struct Client {
    id: String,
    /// Tells clients apart, cheaper than the id.
    pub(super) number: u64,
    /// Where it connected from; requests from elsewhere are not its own.
    pub(super) address: IpAddr,
    /// Whose share of connections and subscriptions it takes.
    pub(super) account: IpAddr,
    pub(super) outbox: Outbox,
    /// Of the worker that has its connection.
    doorbell: Arc<Doorbell>,
    /// Whether it waits for an OAuth2 code; one at most is sent.
    pub(super) waits_for_code: AtomicBool,
    /// Whether telling it of a change took long once.
    pub(super) is_costly: AtomicBool,
    /// It has been told of every change up to this one, as far as it may hear of it.
    pub(super) since: AtomicI64,
    pub(super) state: Mutex<ClientState>,
}

/// What changes about a client.
#[derive(Debug)]
pub(super) struct ClientState {
    /// Who it is.
    pub(super) person: Option<Arc<PersonKey>>,
    /// Whether subscriptions of it take the store to decide.
    pub(super) is_slow: bool,
    /// Where it said it left off when it connected.
    pub(super) resume_from: Option<i64>,
    /// What it has not been told of, while nobody tells it of what comes.
    pub(super) backlog: Option<Backlog>,
    /// Counts its sets of subscriptions.
    pub(super) generation: u64,
    pub(super) topics: Vec<Arc<Topic>>,
    /// What its topics take, in bytes; for the limits.
    pub(super) weight: usize,
}

/// An auth record.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PersonKey {
    pub(super) collection: String,
    pub(super) record: String,
}

impl Client {
    /// A client to which nothing was sent yet but the first event.
    pub(super) fn new(id: String, number: u64, from: Origin, doorbell: Arc<Doorbell>, total: Total) -> Self {
        let seq = from.seq;
        let outbox = Outbox::new(total);
        let data = format!("{{\"clientId\":\"{id}\",\"seq\":{seq}}}");
        let connect = Frame { event: CONNECT_EVENT.into(), data: data.into_bytes().into() };
        outbox.push(connect, || resync(seq));
        let state = ClientState {
            person: None,
            is_slow: false,
            resume_from: from.resume_from,
            backlog: None,
            generation: 0,
            topics: Vec::new(),
            weight: 0,
        };
        Self {
            id,
            number,
            address: from.address,
            account: from.account,
            outbox,
            doorbell,
            waits_for_code: AtomicBool::new(false),
            is_costly: AtomicBool::new(false),
            since: AtomicI64::new(seq),
            state: Mutex::new(state),
        }
    }

    /// 40 random letters and digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The next bytes for its connection; `None` once it is to end.
    pub fn poll_bytes(&self, context: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        self.outbox.poll_bytes(&self.id, context)
    }

    /// Queues an event.
    pub(super) fn push(&self, event: &Arc<str>, data: &Arc<[u8]>, seq: i64) -> Pushed {
        self.outbox.push(Frame { event: Arc::clone(event), data: Arc::clone(data) }, || resync(seq))
    }

    /// As [`push`](Self::push), with its connection among those to be woken.
    pub(super) fn push_with(&self, event: &Arc<str>, data: &Arc<[u8]>, seq: i64, wakes: &mut Wakes) -> Pushed {
        let frame = Frame { event: Arc::clone(event), data: Arc::clone(data) };
        let (pushed, reader) = self.outbox.push_quietly(frame, || resync(seq));
        if let Some(reader) = reader {
            wakes.add(&self.doorbell, reader);
        }
        pushed
    }

    /// Tells it that changes up to this one may have been missed.
    pub(super) fn push_resync(&self, seq: i64) {
        self.outbox.push(resync(seq), || resync(seq));
    }

    /// Tells it that all that was missed up to this change has been sent.
    pub(super) fn push_resumed(&self, seq: i64) {
        self.outbox.push(control(RESUMED_EVENT, seq), || resync(seq));
    }

    pub(super) fn since(&self) -> i64 {
        self.since.load(Ordering::Acquire)
    }

    pub(super) fn set_since(&self, seq: i64) {
        self.since.store(seq, Ordering::Release);
    }
}

/// Where a client comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The client's address.
    pub address: IpAddr,
    /// Whose share of connections it takes.
    pub account: IpAddr,
    /// The feed's last change.
    pub seq: i64,
    /// The last change it heard of in an earlier connection.
    pub resume_from: Option<i64>,
}

fn resync(seq: i64) -> Frame {
    control(RESYNC_EVENT, seq)
}

fn control(event: &str, seq: i64) -> Frame {
    Frame { event: event.into(), data: format!("{{\"seq\":{seq}}}").into_bytes().into() }
}

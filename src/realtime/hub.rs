//! All connections: who is there, what they may take, and the way to the threads that tell them of changes.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};

use super::client::{Client, ClientState, Origin};
use super::counts::{Counts, Status};
use super::doorbell::Doorbell;
use super::lane::Lane;
use super::message::{Message, Subscribe, SubscribeError};
use super::outbox::Total;
use super::topic::{OAUTH2_TOPIC, Topic};
use crate::db::{Db, DbError};
use crate::query::Catalog;
use crate::schema::ids;

/// Length of a client id, as clients of the reference know it.
const CLIENT_ID_LENGTH: usize = 40;

/// Most memory that all subscriptions take, in bytes, roughly.
const MAX_WEIGHT: usize = 256 << 20;

/// Most memory that the subscriptions from one address take.
const MAX_ACCOUNT_WEIGHT: usize = 32 << 20;

/// Pages of missed changes that are read at the same time.
const CATCHING_UP: usize = 2;

/// How many connections there may be.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// All together.
    pub server: usize,
    /// From one address.
    pub per_address: usize,
}

/// Why a connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The server has as many as it may have.
    #[error("too many realtime connections")]
    ServerFull,
    /// The address has as many as it may have.
    #[error("too many realtime connections from this address")]
    AddressFull,
}

/// What realtime needs of the rest.
pub struct HubOptions {
    /// The store.
    pub db: Db,
    /// Collections with their plans.
    pub catalog: Arc<ArcSwap<Catalog>>,
    /// How many connections there may be.
    pub limits: ConnectionLimits,
    /// Whether a superuser may come from an address.
    pub may_be_superuser: Box<dyn Fn(IpAddr) -> bool + Send + Sync>,
    /// Where tasks run that belong to no request.
    pub runtime: Handle,
}

/// Realtime: connections and the threads that tell them of changes. Clones share it.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("counts", &self.shared.counts).finish_non_exhaustive()
    }
}

/// What connections and threads share.
pub(super) struct Shared {
    pub(super) db: Db,
    pub(super) catalog: Arc<ArcSwap<Catalog>>,
    pub(super) may_be_superuser: Box<dyn Fn(IpAddr) -> bool + Send + Sync>,
    pub(super) runtime: Handle,
    pub(super) counts: Counts,
    pub(super) catching_up: Semaphore,
    /// Whatever takes long ends early.
    pub(super) is_stopping: AtomicBool,
    limits: ConnectionLimits,
    registry: Mutex<Registry>,
    total: Total,
    numbers: AtomicUsize,
    fast: LaneHandle,
    slow: LaneHandle,
}

/// Who is connected.
#[derive(Debug, Default)]
struct Registry {
    clients: HashMap<String, Arc<Client>>,
    accounts: HashMap<IpAddr, Account>,
    weight: usize,
    is_closed: bool,
}

impl Registry {
    fn weigh(&mut self, client: &Client, state: &mut ClientState, weight: usize) -> Result<(), SubscribeError> {
        let account = self.accounts.get_mut(&client.account).filter(|_| self.clients.contains_key(client.id()));
        let account = account.ok_or(SubscribeError::UnknownClient)?;
        account.weight = account.weight - state.weight + weight;
        self.weight = self.weight - state.weight + weight;
        state.weight = weight;
        Ok(())
    }
}

/// What an address takes.
#[derive(Debug, Default)]
struct Account {
    connections: usize,
    weight: usize,
}

/// The way to a lane.
#[derive(Debug)]
pub(super) struct LaneHandle {
    inbox: Sender<Message>,
    /// Whether it knows already that there are new changes.
    pub(super) is_signalled: AtomicBool,
    /// Clients it tells of changes.
    pub(super) members: AtomicUsize,
    /// The last change it told them of.
    pub(super) position: AtomicI64,
}

impl LaneHandle {
    fn new() -> (Self, Receiver<Message>) {
        let (inbox, messages) = channel();
        let (is_signalled, members, position) = (AtomicBool::default(), AtomicUsize::default(), AtomicI64::default());
        (Self { inbox, is_signalled, members, position }, messages)
    }

    pub(super) fn send(&self, message: Message) {
        // Gone only at the end of the server.
        let _ = self.inbox.send(message);
    }

    /// Says that there are new changes. Cheap where nobody listens.
    fn signal(&self) {
        if self.members.load(Ordering::SeqCst) > 0 && !self.is_signalled.swap(true, Ordering::SeqCst) {
            self.send(Message::Committed);
        }
    }
}

impl Shared {
    pub(super) fn lane(&self, is_slow: bool) -> &LaneHandle {
        if is_slow { &self.slow } else { &self.fast }
    }
}

impl Hub {
    /// Starts the threads.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn start(options: HubOptions) -> Result<Self, DbError> {
        let HubOptions { db, catalog, limits, may_be_superuser, runtime } = options;
        let ((fast, fast_inbox), (slow, slow_inbox)) = (LaneHandle::new(), LaneHandle::new());
        let shared = Arc::new(Shared {
            db,
            catalog,
            may_be_superuser,
            runtime,
            counts: Counts::default(),
            catching_up: Semaphore::new(CATCHING_UP),
            is_stopping: AtomicBool::new(false),
            limits,
            registry: Mutex::default(),
            total: Total::default(),
            numbers: AtomicUsize::default(),
            fast,
            slow,
        });
        let mut threads = Vec::new();
        for (name, is_slow, inbox) in [("realtime", false, fast_inbox), ("realtime-slow", true, slow_inbox)] {
            let lane = Lane::new(Arc::clone(&shared), is_slow, inbox);
            let thread = std::thread::Builder::new().name(name.into()).spawn(move || lane.run());
            let context = "starting a realtime thread".to_owned();
            threads.push(thread.map_err(|source| DbError::Io { context, source })?);
        }
        // The store outlives this: it must not keep it alive.
        let listener: Weak<Shared> = Arc::downgrade(&shared);
        shared.db.on_commit(move || {
            if let Some(shared) = listener.upgrade() {
                shared.fast.signal();
                shared.slow.signal();
            }
        });
        Ok(Self { shared, threads: Arc::new(Mutex::new(threads)) })
    }

    /// Takes in a connection of the worker with this doorbell. The hub is to be told when it ends
    /// ([`leave`](Self::leave)).
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(&self, origin: Origin, doorbell: Arc<Doorbell>) -> Result<Arc<Client>, ConnectError> {
        let shared = &self.shared;
        let mut registry = shared.registry.lock();
        let refused = if registry.is_closed || registry.clients.len() >= shared.limits.server {
            Some(ConnectError::ServerFull)
        } else if registry.accounts.get(&origin.account).is_some_and(|a| a.connections >= shared.limits.per_address) {
            Some(ConnectError::AddressFull)
        } else {
            None
        };
        if let Some(error) = refused {
            shared.counts.refused.fetch_add(1, Ordering::Relaxed);
            return Err(error);
        }
        let number = shared.numbers.fetch_add(1, Ordering::Relaxed) as u64;
        let id = ids::random_string(CLIENT_ID_LENGTH, ids::ALPHANUMERIC);
        let client = Arc::new(Client::new(id.clone(), number, origin, doorbell, Arc::clone(&shared.total)));
        registry.accounts.entry(origin.account).or_default().connections += 1;
        registry.clients.insert(id, Arc::clone(&client));
        Ok(client)
    }

    /// A connection ended: the client and its subscriptions are gone at once.
    pub fn leave(&self, client: &Arc<Client>) {
        client.outbox.close();
        let mut registry = self.shared.registry.lock();
        let weight = std::mem::take(&mut client.state.lock().weight);
        if registry.clients.remove(client.id()).is_none() {
            return;
        }
        registry.weight -= weight;
        if let Some(account) = registry.accounts.get_mut(&client.account) {
            account.weight -= weight;
            account.connections -= 1;
            if account.connections == 0 {
                registry.accounts.remove(&client.account);
            }
        }
        drop(registry);
        for lane in [&self.shared.fast, &self.shared.slow] {
            lane.send(Message::Leave(Arc::clone(client)));
        }
    }

    /// Gives a client another set of subscriptions, and the identity of the request.
    ///
    /// # Errors
    /// [`SubscribeError`]; the client's earlier set stays.
    pub async fn subscribe(&self, request: SubscribeRequest<'_>) -> Result<(), SubscribeError> {
        let client = self.shared.registry.lock().clients.get(request.client_id).cloned();
        let client = client.ok_or(SubscribeError::UnknownClient)?;
        if client.address != request.address {
            return Err(SubscribeError::ForeignClient);
        }
        self.reserve(&client, request.topics.iter().map(|topic| Topic::weight(topic)).sum())?;
        let topics = request.topics.iter().map(|topic| Arc::new(Topic::parse(topic))).collect();
        let (reply, answer) = oneshot::channel();
        let subscribe = Subscribe {
            client: Arc::clone(&client),
            token: request.token.map(str::to_owned),
            topics,
            resume_from: request.resume_from,
            reply,
        };
        self.shared.fast.send(Message::Subscribe(Box::new(subscribe)));
        let result = answer.await.unwrap_or(Err(SubscribeError::Busy));
        self.settle(&client);
        result
    }

    /// Makes room for a client's new set of subscriptions beside its earlier one.
    fn reserve(&self, client: &Client, weight: usize) -> Result<(), SubscribeError> {
        let mut registry = self.shared.registry.lock();
        let mut state = client.state.lock();
        let more = weight.saturating_sub(state.weight);
        let account = registry.accounts.get(&client.account).map_or(0, |account| account.weight);
        if more > 0 && (registry.weight + more > MAX_WEIGHT || account + more > MAX_ACCOUNT_WEIGHT) {
            return Err(SubscribeError::TooMany);
        }
        let larger = state.weight + more;
        registry.weigh(client, &mut state, larger)
    }

    /// The client's set of subscriptions is what it is now, whether or not the new one was taken.
    fn settle(&self, client: &Client) {
        let mut registry = self.shared.registry.lock();
        let mut state = client.state.lock();
        let weight = state.topics.iter().map(|topic| Topic::weight(&topic.text)).sum();
        // Fails only if the client is gone, and what it took with it.
        let _ = registry.weigh(client, &mut state, weight);
    }

    /// Gives a client the code it waits for, once; false if there is no such client at this address.
    pub fn deliver_code(&self, client_id: &str, address: IpAddr, message: &serde_json::Value) -> bool {
        let client = self.shared.registry.lock().clients.get(client_id).cloned();
        let Some(client) = client.filter(|client| client.address == address) else { return false };
        if !client.waits_for_code.swap(false, Ordering::AcqRel) {
            return false;
        }
        let data = message.to_string().into_bytes().into();
        client.push(&OAUTH2_TOPIC.into(), &data, client.since()) != super::outbox::Pushed::Closed
    }

    /// What there is to know of how it goes; `last_seq` is the feed's last change.
    pub fn status(&self, last_seq: i64) -> Status {
        let (connections, subscriptions) = {
            let registry = self.shared.registry.lock();
            let topics = |client: &Arc<Client>| client.state.lock().topics.len();
            (registry.clients.len(), registry.clients.values().map(topics).sum())
        };
        let lanes = [&self.shared.fast, &self.shared.slow];
        let behind = |lane: &&LaneHandle| last_seq - lane.position.load(Ordering::Relaxed);
        let followed = lanes.iter().filter(|lane| lane.members.load(Ordering::SeqCst) > 0);
        let lag = followed.map(|lane| behind(lane).max(0)).max().unwrap_or(0);
        self.shared.counts.status(connections, subscriptions, lag)
    }

    /// Ends all connections and the threads.
    pub fn close(&self) {
        self.shared.is_stopping.store(true, Ordering::SeqCst);
        let clients: Vec<Arc<Client>> = {
            let mut registry = self.shared.registry.lock();
            registry.is_closed = true;
            registry.clients.values().cloned().collect()
        };
        for client in clients {
            client.outbox.close();
        }
        for lane in [&self.shared.fast, &self.shared.slow] {
            lane.send(Message::Stop);
        }
        for thread in self.threads.lock().drain(..) {
            let _ = thread.join();
        }
    }
}

/// A client's new set of subscriptions.
#[derive(Debug, Clone, Copy)]
pub struct SubscribeRequest<'r> {
    /// Whose.
    pub client_id: &'r str,
    /// Where the request comes from.
    pub address: IpAddr,
    /// The request's token; without a valid one the client is a guest.
    pub token: Option<&'r str>,
    /// The topics; whatever they mean.
    pub topics: &'r [String],
    /// The last change the client heard of: what came after it is sent first.
    pub resume_from: Option<i64>,
}

//! What lanes are asked to do.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::backlog::Backlog;
use super::client::{Client, ClientState};
use super::people::Person;
use super::topic::Topic;

/// Why a set of subscriptions is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscribeError {
    /// There is no such client, or it is gone.
    #[error("no such client")]
    UnknownClient,
    /// The client connected from another address.
    #[error("the client is somebody else's")]
    ForeignClient,
    /// The client is already somebody else.
    #[error("the client was authorized as somebody else")]
    OtherIdentity,
    /// All subscriptions together take as much memory as they may.
    #[error("too many subscriptions")]
    TooMany,
    /// The store cannot say who it is.
    #[error("the server is busy")]
    Busy,
}

/// Whom to tell how it went.
pub(super) type Reply = oneshot::Sender<Result<(), SubscribeError>>;

/// Something to do for a lane.
#[derive(Debug)]
pub(super) enum Message {
    /// There are new changes.
    Committed,
    /// A client wants another set of subscriptions.
    Subscribe(Box<Subscribe>),
    /// A client is to be told of changes from now on.
    Admit(Box<Admission>),
    /// A client is gone.
    Leave(Arc<Client>),
    /// The server ends.
    Stop,
}

impl Message {
    /// A client that is told of nothing until this is done.
    pub(super) fn waiting_client(&self) -> Option<Arc<Client>> {
        match self {
            Self::Admit(admission) => Some(Arc::clone(&admission.client)),
            Self::Subscribe(subscribe) => Some(Arc::clone(&subscribe.client)),
            Self::Committed | Self::Leave(_) | Self::Stop => None,
        }
    }
}

/// A new set of subscriptions.
#[derive(Debug)]
pub(super) struct Subscribe {
    pub(super) client: Arc<Client>,
    pub(super) token: Option<String>,
    pub(super) topics: Vec<Arc<Topic>>,
    /// The last change it heard of.
    pub(super) resume_from: Option<i64>,
    pub(super) reply: Reply,
}

/// A client with a set of subscriptions that nobody tells of changes yet.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) client: Arc<Client>,
    /// Of the set; a client may have another by now.
    pub(super) generation: u64,
    pub(super) person: Person,
    pub(super) topics: Vec<Arc<Topic>>,
    pub(super) reply: Option<Reply>,
}

/// The client is gone or has another set of subscriptions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outdated;

impl Admission {
    pub(super) fn new(client: Arc<Client>, generation: u64, person: Person, topics: Vec<Arc<Topic>>) -> Self {
        Self { client, generation, person, topics, reply: None }
    }

    /// What it has not been told of.
    ///
    /// # Errors
    /// [`Outdated`] if it is no longer what the client wants.
    pub(super) fn backlog(&self) -> Result<Option<Backlog>, Outdated> {
        let state = self.client.state.lock();
        let is_current = state.generation == self.generation && !self.client.outbox.is_closed();
        if is_current { Ok(state.backlog.clone()) } else { Err(Outdated) }
    }

    /// Changes what is known of the client if it is still what the client wants; false if not. Whoever gives the client
    /// another set of topics waits meanwhile.
    pub(super) fn update(&self, change: impl FnOnce(&mut ClientState)) -> bool {
        let mut state = self.client.state.lock();
        let is_current = state.generation == self.generation && !self.client.outbox.is_closed();
        if is_current {
            change(&mut state);
        }
        is_current
    }

    /// Answers the request that set the subscriptions.
    pub(super) fn answer(&mut self, result: Result<(), SubscribeError>) {
        if let Some(reply) = self.reply.take() {
            // Whoever asked may have gone away.
            let _ = reply.send(result);
        }
    }
}

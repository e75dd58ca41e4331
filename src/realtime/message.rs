//! What lanes are asked to do.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::client::Client;
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
    /// It has been told of everything up to this change; nothing if it only wants to hear of what comes.
    pub(super) from: Option<i64>,
    /// The last change it says it heard of, in this connection or an earlier one. Looked at once; then it is in `from`.
    pub(super) asked: Option<i64>,
    /// Whether it waits to be told that it has been told of all it missed.
    pub(super) announce: bool,
    /// Whether some of what it missed cannot be told any more.
    pub(super) is_lost: bool,
    pub(super) reply: Option<Reply>,
}

impl Admission {
    pub(super) fn new(client: Arc<Client>, generation: u64, person: Person, topics: Vec<Arc<Topic>>) -> Self {
        let (from, asked, announce, is_lost, reply) = (None, None, false, false, None);
        Self { client, generation, person, topics, from, asked, announce, is_lost, reply }
    }

    /// Whether it is still what the client wants.
    pub(super) fn is_current(&self) -> bool {
        !self.client.outbox.is_closed() && self.client.state.lock().generation == self.generation
    }

    /// Some of what it missed cannot be told any more: it goes on from now.
    pub(super) fn lose(&mut self) {
        (self.is_lost, self.from) = (true, None);
    }

    /// Answers the request that set the subscriptions.
    pub(super) fn answer(&mut self, result: Result<(), SubscribeError>) {
        if let Some(reply) = self.reply.take() {
            // Whoever asked may have gone away.
            let _ = reply.send(result);
        }
    }
}

//! Realtime: clients hear of every change of records they may see, in the order of the change feed.
//!
//! A [`Hub`] knows the connections. Two lanes, each a thread, follow the feed and put what a client may hear into its
//! outbox, a queue of bounded length that the connection empties. Whether somebody may hear of a change is decided by
//! `records::Watch`, by the same rules as any other read. Nothing here knows HTTP.

mod admit;
mod backlog;
mod client;
mod costs;
mod counts;
mod doorbell;
mod groups;
mod hub;
mod lane;
mod message;
mod outbox;
mod people;
mod replay;
mod tell;
mod topic;

pub use client::{Client, Origin};
pub use counts::Status;
pub use doorbell::{Doorbell, Ringing};
pub use hub::{ConnectError, ConnectionLimits, Hub, HubOptions, SubscribeRequest};
pub use message::SubscribeError;

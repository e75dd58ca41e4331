//! Request and application logs in `auxiliary.db` (reference part 3, section 13).
//!
//! Requests and messages go into a [`Queue`] of bounded length, which one thread empties into the database in batches; what a
//! request pays is a copy of a few texts. The thread also masks secrets, makes the JSON and removes what is too old or too
//! much. Bodies are never logged.

mod capture;
mod entry;
mod error;
mod mask;
mod queue;
mod read;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use capture::capture;
pub use entry::{Failure, Level, LoggedAuth, MessageEntry, RequestEntry, RequestTexts};
pub use error::LogsError;
pub use queue::Queue;
pub use service::{Logs, LogsOptions};
pub use store::LOGS_FILE;
